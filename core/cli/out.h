/* SPDX-License-Identifier: MIT */
/*
 * Results, on standard output. Text is written by the applet through out_text()
 * and out_name_text(), or as an aligned table; records for programs are described
 * once by a column table and rendered here as NDJSON: `"record"` first, every
 * column present, null when it was not set. Every write is checked; the first
 * failure sticks, later output is dropped, and out_finish() reports it.
 *
 * A struct record belongs to one thread; out_emit() and the text functions are
 * locked, each call is one unit. Lines that are made of several calls are put
 * together in a strbuf first.
 */
#pragma once

#include "base/strbuf.h"

#include <time.h>

enum out_format { OUT_TEXT, OUT_NUL, OUT_JSON };

enum column_type {
	COLUMN_NAME,  /* bytes: a path, a name; JSON adds <key>_b64 when they are not UTF-8 */
	COLUMN_TEXT,  /* a word of ours */
	COLUMN_SIZE,  /* bytes */
	COLUMN_COUNT, /* an unsigned number */
	COLUMN_INT,   /* a signed number */
	COLUMN_TIME,  /* epoch seconds with nanoseconds */
	COLUMN_FIXED, /* a decimal number with given decimals: percentages, durations */
	COLUMN_BOOL,
	COLUMN_NAMES,  /* an array of byte strings; JSON adds <key>_b64 when one is not UTF-8 */
	COLUMN_COUNTS, /* an array of unsigned numbers; null: not known */
	COLUMN_OBJECT, /* an object with columns of its own */
	COLUMN_ITEMS,  /* an array of objects with columns of their own */
};

/* No pointers, for the same reason as in struct opt. */
struct column {
	char name[28]; /* JSON key */
	uint8_t type;  /* enum column_type */
	char help[71]; /* for the manual's schema */
};

struct column_table {
	const struct column *columns;
	size_t len;
};

enum { RECORD_COLUMNS_MAX = 40 };

struct record_value {
	enum {
		VALUE_NULL,
		VALUE_BYTES,
		VALUE_U64,
		VALUE_I64,
		VALUE_TIME,
		VALUE_FIXED,
		VALUE_BOOL,
		VALUE_NAMES,
		VALUE_OBJECT,
		VALUE_ITEMS
	} kind;
	union {
		struct {
			const char *bytes; /* of a name or of items; borrowed until out_emit() */
			size_t len;
		};
		uint64_t u64;
		int64_t i64;
		struct timespec time;
		struct {
			int64_t scaled; /* value * 10^decimals */
			int decimals;
		};
		bool boolean;
	};
};

struct record {
	const struct column_table *table;
	const char *kind; /* "entry", "summary", ... */
	struct record_value values[RECORD_COLUMNS_MAX];
};

void record_begin(struct record *r, const char *kind, const struct column_table *table);
void record_name(struct record *r, int column, const char *name);
void record_bytes(struct record *r, int column, const char *bytes, size_t len);
void record_u64(struct record *r, int column, uint64_t value);
void record_i64(struct record *r, int column, int64_t value);
void record_bool(struct record *r, int column, bool value);
void record_time(struct record *r, int column, struct timespec value);
/* `len` bytes, each name ends with a NUL but perhaps the last; borrowed until out_emit(). */
void record_names(struct record *r, int column, const char *names, size_t len);
/* Decimal numbers with commas between, borrowed until out_emit(). */
void record_counts(struct record *r, int column, const struct strbuf *counts);
/* Borrowed until out_emit(); NULL items are an empty array. */
void record_items(struct record *r, int column, const struct strbuf *items);
/* What record_add_item() has added to an empty `object`; borrowed until out_emit(). */
void record_object(struct record *r, int column, const struct strbuf *object);
/* Adds `item` (its kind is not shown) to what becomes a column of type COLUMN_ITEMS. */
void record_add_item(struct strbuf *items, const struct record *item);
/* value = scaled / 10^decimals */
void record_fixed(struct record *r, int column, int64_t scaled, int decimals);

/* What the shared options choose; see shared_opts.h. */
struct out_opts {
	bool json;
	bool zero;
};

/* Writes to descriptor `fd`, which stays the caller's. */
struct out *out_new(int fd);
struct out *out_free(struct out *o);
/* Chooses the format; before any output, and before other threads use `o`. */
void out_begin(struct out *o, const struct out_opts *opts);
enum out_format out_format(const struct out *o);
/* Names are quoted for people: standard output is a terminal and the format is text. */
bool out_quotes(const struct out *o);

/*
 * Records go to `log` too, whatever the format of `o`, each line written at once so that a
 * killed run leaves whole ones; NULL ends that. `log` stays the caller's. Before other
 * threads use `o`.
 */
void out_tee(struct out *o, struct out *log);
/* Records are of use: the format is NDJSON, or there is a log. */
bool out_wants_records(const struct out *o);
/* Adds the record as it is in NDJSON, without the newline. */
void out_add_record(struct strbuf *b, const struct record *r);
/* One NDJSON line, when the format is that; and one in the log, when there is one. */
void out_emit(struct out *o, const struct record *r);
/* Bytes as they are. */
void out_text(struct out *o, const void *bytes, size_t len);
/*
 * Adds a name to a line in the making as it goes to this output: quoted on a terminal,
 * raw elsewhere, with ./ in front of a leading dash under -0.
 */
void out_add_name(const struct out *o, struct strbuf *line, const char *name, size_t len);
/* Ends and writes a line in the making: newline, or NUL under -0. Clears it. */
void out_line(struct out *o, struct strbuf *line);
/* Pushes what is buffered to the descriptor. */
void out_flush(struct out *o);
/* True once a write failed: long jobs stop early. */
bool out_failed(const struct out *o);
/* Flushes and closes the descriptor. 0, or the first -errno. */
MUST_USE int out_finish(struct out *o);
