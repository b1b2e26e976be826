/* SPDX-License-Identifier: MIT */
/* What is put before each line of an output: the time, a tag. */
#pragma once

#include "base/strbuf.h"

enum line_stamp { LINE_STAMP_NONE, LINE_STAMP_TIME, LINE_STAMP_ELAPSED, LINE_STAMP_DELTA };

struct line_prefix {
	enum line_stamp stamp;
	char *style;     /* of clock_add_time(); owned */
	const char *tag; /* borrowed; NULL: none */
	int64_t began;   /* clock_now() that LINE_STAMP_ELAPSED counts from */
};

/* Where in a stream of lines one is. Zeroed at first. */
struct line_place {
	bool inside;
	int64_t last; /* when the line before began; 0: there was none */
};

/*
 * `text` is a format of strftime(3), with %N and %:z of GNU's and the %.S %.s %.T of ts(1),
 * which have microseconds; "elapsed" is the time since the start, "delta" since the line
 * before. 0, or -EINVAL: a format that gives nothing.
 */
MUST_USE int line_prefix_set_stamp(struct line_prefix *p, const char *text);
void line_prefix_release(struct line_prefix *p);
/* Adds the bytes, which may be any part of lines, with the prefix before each line. */
void line_prefix_add(const struct line_prefix *p, struct line_place *place, const char *bytes,
                     size_t len, struct strbuf *ret);
