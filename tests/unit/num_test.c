/* SPDX-License-Identifier: MIT */
#include "base/num.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(num);

Test(num, unsigned_numbers_are_digits_only)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "007", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 99 },
		{ "99999999999999999999999", -ERANGE, 99 },
		{ "", -EINVAL, 99 },
		{ "-1", -EINVAL, 99 },
		{ "+1", -EINVAL, 99 },
		{ " 1", -EINVAL, 99 },
		{ "1 ", -EINVAL, 99 },
		{ "0x10", -EINVAL, 99 },
		/* Wrong beats too large: the message has to name the letter. */
		{ "99999999999999999999999x", -EINVAL, 99 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t value = 99;

		cr_expect_eq(num_parse_u64(cases[i].text, &value), cases[i].result, "'%s'",
		             cases[i].text);
		cr_expect_eq(value, cases[i].value, "'%s'", cases[i].text);
	}
}

Test(num, signed_numbers_reach_both_ends)
{
	static const struct {
		const char *text;
		int result;
		int64_t value;
	} cases[] = {
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "+5", 0, 5 },
		{ "-0", 0, 0 },
		{ "9223372036854775808", -ERANGE, 99 },
		{ "-9223372036854775809", -ERANGE, 99 },
		{ "-", -EINVAL, 99 },
		{ "+-1", -EINVAL, 99 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t value = 99;

		cr_expect_eq(num_parse_i64(cases[i].text, &value), cases[i].result, "'%s'",
		             cases[i].text);
		cr_expect_eq(value, cases[i].value, "'%s'", cases[i].text);
	}
}

Test(num, modes_are_octal)
{
	uint64_t value = 99;

	cr_expect_eq(num_parse_octal("4755", &value), 0);
	cr_expect_eq(value, 04755);
	cr_expect_eq(num_parse_octal("8", &value), -EINVAL);
	cr_expect_eq(value, 04755);
}

Test(num, c_integers_end_where_their_digits_end)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
		size_t len;
	} cases[] = {
		{ "10K", 0, 10, 2 },
		{ "0x1fG", 0, 31, 4 },
		{ "0X1F", 0, 31, 4 },
		{ "020", 0, 16, 3 },
		{ "08", 0, 0, 1 },
		{ "0x", 0, 0, 1 },
		{ "0xg", 0, 0, 1 },
		{ "", 0, 0, 0 },
		{ "-1", 0, 0, 0 },
		{ "0xffffffffffffffff", 0, UINT64_MAX, 18 },
		{ "0x10000000000000000", -ERANGE, 99, 99 },
		{ "18446744073709551616", -ERANGE, 99, 99 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t value = 99;
		size_t len = 99;

		cr_expect_eq(num_scan_c(cases[i].text, &value, &len), cases[i].result, "'%s'",
		             cases[i].text);
		cr_expect_eq(value, cases[i].value, "'%s'", cases[i].text);
		cr_expect_eq(len, cases[i].len, "'%s'", cases[i].text);
	}
}

Test(num, saturated_arithmetic_says_so)
{
	bool saturated = false;

	cr_expect_eq(num_add_sat(UINT64_MAX - 1, 1, &saturated), UINT64_MAX);
	cr_expect_eq(num_mul_sat(UINT64_MAX / 2, 2, &saturated), UINT64_MAX - 1);
	cr_expect_not(saturated);
	cr_expect_eq(num_add_sat(UINT64_MAX, 1, &saturated), UINT64_MAX);
	cr_expect(saturated);
	saturated = false;
	cr_expect_eq(num_mul_sat(UINT64_MAX / 2 + 1, 2, &saturated), UINT64_MAX);
	cr_expect(saturated);
	cr_expect_eq(num_mul_sat(UINT64_MAX, 2, NULL), UINT64_MAX);
}
