/* SPDX-License-Identifier: MIT */
/*
 * Sizes and durations for people, in both directions. Sizes follow GNU: K and
 * KiB are 1024, KB is 1000; printed sizes round up as GNU's human_readable().
 * All functions are pure.
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"

/*
 * N[.N][unit] in bytes; the unit in either case: none, b, K M G T P E Z Y R Q (powers of
 * 1024, as are Ki and KiB ...), kB ... (powers of 1000). Up to 16 digits after the point;
 * what is less than a byte is dropped, but 1.5 without a unit is refused. 0, -EINVAL or
 * -ERANGE with *reterr saying what and where.
 */
MUST_USE int human_parse_size(const char *text, uint64_t *ret, struct text_error *reterr);

/*
 * A duration in nanoseconds: 90s 10min 2h 1d 2w 3mo 1y 250ms 1h30m 1.5s; a single number
 * without a unit means seconds. Units (ns us ms s m h d w mo y, and sec min hour day week
 * month year with their plurals) are in lower case and become smaller from left to right;
 * M is refused: month or minute? Months are 30 days, years 365. Up to nine digits after a
 * point; below a nanosecond is dropped. 0, -EINVAL or -ERANGE with *reterr.
 */
MUST_USE int human_parse_duration(const char *text, int64_t *ret_ns, struct text_error *reterr);

/* How du, df and ls print sizes: what --block-size, -h, --si and -k choose. */
struct human_format {
	bool autoscale;      /* -h, --si: 1.5K, 12M */
	bool si;             /* powers of 1000; with autoscale */
	bool suffix;         /* print the block's suffix: -B K, but not -B 1K */
	bool group;          /* thousands separators: -B "'1" (none in the C locale) */
	uint64_t block_size; /* bytes in a block, >= 1; unused with autoscale */
	char unit;           /* with suffix: K M G ... or 0 for bytes */
	bool unit_si;        /* with suffix: kB, MB ... instead of K, M */
	bool unit_iec;       /* with suffix: KiB, MiB ... */
};

/*
 * GNU's --block-size grammar: human-readable and si or a prefix of them, N[unit], unit
 * alone, a leading '. N may be 0x10 or 020 as in C; units are K, KiB (1024) and KB, KD
 * (1000) and so on, the first letter in either case. 0, -EINVAL or -ERANGE (also for 0)
 * with *reterr.
 */
MUST_USE int human_parse_block_size(const char *text, struct human_format *ret,
                                    struct text_error *reterr);

/*
 * Adds `amount` (bytes) as GNU's du and ls print it (gnulib's human_readable() with
 * human_ceiling): whole blocks, or one decimal below 10 and none above, rounded up.
 */
void human_add_size(struct strbuf *b, uint64_t amount, const struct human_format *format);
/* As -h prints it: "1.5K". */
void human_add_bytes(struct strbuf *b, uint64_t bytes);
/* A duration for a status line, two units rounded down: "4s", "3min12s", "2h05min", "3d04h". */
void human_add_duration(struct strbuf *b, int64_t ns);
