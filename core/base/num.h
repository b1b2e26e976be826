/* SPDX-License-Identifier: MIT */
/*
 * Integers from text, strictly: the whole text is the number, no blanks, no
 * sign on unsigned ones, no wrapping. And arithmetic that says when it left
 * the range, for values from outside.
 */
#pragma once

#include "base/base.h"

/* 0, -EINVAL (not a number) or -ERANGE. *ret is untouched on failure. */
MUST_USE int num_parse_u64(const char *text, uint64_t *ret);
/* The same with an optional leading - or +. */
MUST_USE int num_parse_i64(const char *text, int64_t *ret);
/* Octal digits only, as in a file mode. */
MUST_USE int num_parse_octal(const char *text, uint64_t *ret);

/*
 * The digits at the start of `text`, as C reads an integer: 0x is hexadecimal, a leading 0
 * octal. *ret_len is how many characters they are; none is the number 0. 0 or -ERANGE.
 */
MUST_USE int num_scan_c(const char *text, uint64_t *ret, size_t *ret_len);

/*
 * The number at the start of `text`, as C's strtod() reads it: blanks, a sign, hexadecimal and
 * exponents, inf and nan. What is too large or too small is infinite or next to 0, as there.
 * 0 with how many characters they are, or -EINVAL when it does not begin with a number.
 */
MUST_USE int num_scan_real(const char *text, double *ret, size_t *ret_len);

/* The sum or product, or UINT64_MAX when it does not fit (and *saturated set; may be NULL). */
uint64_t num_add_sat(uint64_t a, uint64_t b, bool *saturated);
uint64_t num_mul_sat(uint64_t a, uint64_t b, bool *saturated);
