/* SPDX-License-Identifier: MIT */
/*
 * Columns of a line, put together in place: there is room once for all that a column takes, and
 * no call for each character. Listings are made of a dozen such columns for each file. The
 * buffers have no limit.
 */
#pragma once

#include "base/strbuf.h"

enum { CELL_BLANKS = 24, CELL_DIGITS = 20 };

/* Where the next `size` bytes can be written. */
static inline char *cell_begin(struct strbuf *b, size_t size)
{
	if (UNLIKELY(b->cap - b->len <= size)) {
		size_t len = b->len;

		strbuf_add_fill(b, ' ', size + 1);
		strbuf_truncate(b, len);
	}
	return b->data + b->len;
}

/* All in front of `at` is part of the text now. */
static inline void cell_end(struct strbuf *b, char *at)
{
	*at = '\0';
	b->len = (size_t)(at - b->data);
}

static inline void cell_add_char(struct strbuf *b, char c)
{
	char *at = cell_begin(b, 1);

	*at = c;
	cell_end(b, at + 1);
}

static inline size_t cell_digits(uint64_t value)
{
	size_t n = 1;

	for (; value >= 10; value /= 10)
		n++;
	return n;
}

/* A number at the right of `width` columns, then a blank. */
static inline void cell_add_number(struct strbuf *b, uint64_t value, size_t width)
{
	const size_t n = cell_digits(value);
	const size_t fill = n < width ? width - n : 0;
	char *at = cell_begin(b, fill + CELL_BLANKS + CELL_DIGITS + 1);
	char *digit;

	if (fill <= CELL_BLANKS)
		memset(at, ' ', CELL_BLANKS);
	else
		memset(at, ' ', fill);
	at += fill + n;
	digit = at;
	do {
		*--digit = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	*at++ = ' ';
	cell_end(b, at);
}

/* Two digits, of which `fill` stands for a leading zero. */
static inline char *cell_put_two(char *at, int value, char fill)
{
	at[0] = value < 10 ? fill : (char)('0' + value / 10);
	at[1] = (char)('0' + value % 10);
	return at + 2;
}
