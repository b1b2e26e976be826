/* SPDX-License-Identifier: MIT */
/*
 * Time: the monotonic clock for intervals, and points in time from and to text.
 * The local zone is TZ's, read by the C library on first use.
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"

/* Nanoseconds on CLOCK_MONOTONIC. */
int64_t clock_now(void);
struct timespec clock_wall(void);

/*
 * A point in time: @EPOCH[.frac] (may be negative), YYYY-MM-DD[(T| )HH:MM[:SS[.frac]][ZONE]]
 * with ZONE Z, +hh:mm or +hhmm, also after a blank as ls --full-time prints it, else local;
 * or a duration (human.h) meaning that long before `now`. A day that the month does not
 * have is refused; a local time that the clocks skipped moves on by as much. 0, -EINVAL or
 * -ERANGE with *reterr.
 */
MUST_USE int clock_parse(const char *text, struct timespec now, struct timespec *ret,
                         struct text_error *reterr);

/*
 * GNU's --time-style for du: "full-iso", "long-iso", "iso" (the date alone) or "+FORMAT":
 * strftime()'s conversions with C's names whatever the locale is, %N for nanoseconds (%3N
 * for the first three digits) and %:z. Adds the local time; one that no calendar date
 * can express, a format of more than 64 KiB and an unknown style give epoch seconds.
 */
void clock_add_time(struct strbuf *b, struct timespec t, const char *style);
/*
 * Local times of points that lie close together, as those of the files of a directory do: the
 * C library is asked once for a quarter of an hour. Zeroed at first; belongs to one thread.
 */
struct clock_cache {
	int64_t begin; /* of the stretch that is known */
	int64_t end;   /* begin == end: nothing is known */
	struct tm at_begin;
};
/* As localtime_r(): false when no calendar date can express it. */
bool clock_local(struct clock_cache *cache, int64_t seconds, struct tm *ret);

/* True when clock_add_time() knows the style. */
bool clock_style_is_known(const char *style);
