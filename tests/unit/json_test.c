/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/json.h"

TestSuite(json);

Test(json, strings)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
		bool exact;
	} cases[] = {
		{ "", 0, "\"\"", true },
		{ "abc", 3, "\"abc\"", true },
		{ "a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"", true },
		{ "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"", true },
		{ "\0\x01\x1b\x7f", 4, "\"\\u0000\\u0001\\u001b\\u007f\"", true },
		{ "caf\xC3\xA9 \xF0\x9F\x98\x80", 10, "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"", true },
		{ "\xC2\x9B", 2, "\"\\u009b\"", true },
		{ "\xE2\x80\xAE\xE2\x80\xA8\xE2\x80\xA9", 9, "\"\\u202e\\u2028\\u2029\"", true },
		{ "\xF3\xA0\x80\x81", 4, "\"\\udb40\\udc01\"", true },
		{ "a\xFF"
		  "b",
		  3,
		  "\"a\xEF\xBF\xBD"
		  "b\"",
		  false },
		{ "\xE6\x97", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", false },
		{ "\xEF\xBF\xBD", 3, "\"\xEF\xBF\xBD\"", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		cr_expect_eq(json_add_string(&b, cases[i].in, cases[i].len), cases[i].exact,
		             "case %zu", i);
		cr_expect_str_eq(strbuf_str(&b), cases[i].out, "case %zu", i);
	}
}

Test(json, names_that_are_not_utf8_come_with_their_bytes)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	json_add_name(&b, "path", "a b", 3);
	cr_expect_str_eq(strbuf_str(&b), "\"path\":\"a b\"");
	strbuf_clear(&b);
	json_add_name(&b, "path", "\xFF/x", 3);
	cr_expect_str_eq(strbuf_str(&b), "\"path\":\"\xEF\xBF\xBD/x\",\"path_b64\":\"/y94\"");
}

Test(json, times_are_exact)
{
	static const struct {
		int64_t s;
		uint32_t ns;
		const char *out;
	} cases[] = {
		{ 0, 0, "0" },
		{ 1795332623, 500000000, "1795332623.5" },
		{ 1795332623, 123456789, "1795332623.123456789" },
		{ 1, 1, "1.000000001" },
		{ -2, 750000000, "-1.25" },
		{ -1, 999999999, "-0.000000001" },
		{ -1, 0, "-1" },
		{ INT64_MAX, 0, "9223372036854775807" },
		{ INT64_MIN, 0, "-9223372036854775808" },
		{ INT64_MIN, 1, "-9223372036854775807.999999999" },
		{ 7, 10, "7.00000001" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		json_add_time(&b, cases[i].s, cases[i].ns);
		cr_expect_str_eq(strbuf_str(&b), cases[i].out, "case %zu", i);
	}
}

/* The vectors of RFC 4648, section 10, and the two letters beyond the alphanumerics. */
Test(json, base64)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xFB\xFF\xBF", "+/+/" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		json_add_base64(&b, cases[i][0], strlen(cases[i][0]));
		cr_expect_str_eq(strbuf_str(&b), cases[i][1], "case %zu", i);
	}
}
