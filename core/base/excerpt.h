/* SPDX-License-Identifier: MIT */
/*
 * The beginning and the end of a text that may be long, in memory that is bounded: the first half
 * of the limit passes at once, the rest is kept until the end is known, and of what is more
 * than the limit only how much it was. A zeroed struct is no excerpt; excerpt_begin() first.
 */
#pragma once

#include "base/strbuf.h"

struct excerpt {
	uint64_t head_left; /* bytes that still pass */
	size_t tail_max;
	struct strbuf tail; /* its last tail_max bytes count */
	uint64_t dropped;
	bool inside_line; /* the head does not end with a newline */
};

/* `limit` bytes of both together; 0: all of it passes. */
void excerpt_begin(struct excerpt *e, uint64_t limit);
/* How many of the first bytes pass now; the rest is kept, or counted. */
MUST_USE size_t excerpt_add(struct excerpt *e, const char *bytes, size_t len);
/*
 * Adds what follows the head, and releases it: where something was left out, a line that says how
 * much, and then the last whole lines. True: something was.
 */
bool excerpt_end(struct excerpt *e, struct strbuf *ret);
