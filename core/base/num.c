/* SPDX-License-Identifier: MIT */
#include "base/num.h"

#include <errno.h>
#include <string.h>

static int parse_digits(const char *text, unsigned base, uint64_t *ret)
{
	uint64_t value = 0;

	if (*text == '\0')
		return -EINVAL;
	for (const char *p = text; *p != '\0'; p++) {
		unsigned digit = (unsigned)(unsigned char)*p - '0';

		if (digit >= base)
			return -EINVAL;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}

int num_parse_u64(const char *text, uint64_t *ret)
{
	return parse_digits(text, 10, ret);
}

int num_parse_octal(const char *text, uint64_t *ret)
{
	return parse_digits(text, 8, ret);
}

int num_parse_i64(const char *text, int64_t *ret)
{
	bool negative = *text == '-';
	uint64_t magnitude;
	int r = parse_digits(text + (*text == '-' || *text == '+'), 10, &magnitude);

	if (r < 0)
		return r;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*ret = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

int num_scan_c(const char *text, uint64_t *ret, size_t *ret_len)
{
	const char *p = text;
	uint64_t base = 10;
	uint64_t value = 0;
	const char *const digits = "0123456789abcdef";

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X') &&
	    strspn(p + 2, "0123456789abcdefABCDEF") != 0) {
		base = 16;
		p += 2;
	} else if (p[0] == '0') {
		base = 8;
	}
	for (;; p++) {
		char lower = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;
		const char *at = lower != '\0' ? strchr(digits, lower) : NULL;

		if (at == NULL || (uint64_t)(at - digits) >= base)
			break;
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(at - digits), &value))
			return -ERANGE;
	}
	*ret = value;
	*ret_len = (size_t)(p - text);
	return 0;
}

int num_scan_real(const char *text, double *ret, size_t *ret_len)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text)
		return -EINVAL;
	*ret = value;
	*ret_len = (size_t)(end - text);
	return 0;
}

uint64_t num_add_sat(uint64_t a, uint64_t b, bool *saturated)
{
	uint64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	if (saturated != NULL)
		*saturated = true;
	return UINT64_MAX;
}

uint64_t num_mul_sat(uint64_t a, uint64_t b, bool *saturated)
{
	uint64_t product;

	if (!__builtin_mul_overflow(a, b, &product))
		return product;
	if (saturated != NULL)
		*saturated = true;
	return UINT64_MAX;
}
