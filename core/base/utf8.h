/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 without a locale: decoding, validity, width on a terminal. The tables are those
 * of Unicode 14.0. Pure functions.
 */
#pragma once

#include "base/base.h"

/*
 * The code point at the start of the `len` > 0 bytes at `s`; its length goes to
 * *ret_len. An invalid byte gives -1 and length 1 (RFC 3629: no surrogates, no
 * overlong forms, nothing above U+10FFFF).
 */
int32_t utf8_decode(const char *s, size_t len, size_t *ret_len);
/* Writes 1 to 4 bytes and returns how many; `cp` is a valid code point. */
size_t utf8_encode(int32_t cp, char *ret);
bool utf8_is_valid(const char *s, size_t len);
/* Columns on a terminal: 0 for combining marks, 2 for wide ones, 1 otherwise. */
int utf8_width(int32_t cp);
/* Columns of a string; an invalid byte counts 1. */
size_t utf8_columns(const char *s, size_t len);
/*
 * True for what must never reach a terminal: C0, DEL, C1, bidirectional controls,
 * line and paragraph separators, zero-width and other invisible format characters,
 * fillers, tags, noncharacters. Combining marks and variation selectors are safe.
 */
bool utf8_is_unsafe(int32_t cp);
