/* SPDX-License-Identifier: MIT */
/* Hexadecimal digits and the bytes they stand for. Pure functions. */
#pragma once

#include "base/strbuf.h"

/* The value of one digit in either case, or -1. */
static inline int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* How many digits `text` of `len` bytes begins with. */
size_t hex_count(const char *text, size_t len);
/* Reads `n` bytes out of 2 * n digits, all of which are some. */
void hex_read(const char *digits, size_t n, unsigned char *ret);
/* Adds `n` bytes as lower-case digits. */
void hex_add(struct strbuf *b, const unsigned char *bytes, size_t n);
