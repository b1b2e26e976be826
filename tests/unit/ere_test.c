/* SPDX-License-Identifier: MIT */
#include "base/ere.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(ere);

static bool matches(const char *pattern, unsigned flags, const char *text)
{
	AUTO_RELEASE_STRBUF struct strbuf reason = { 0 };
	AUTO_FREE(ere) struct ere *e = NULL;

	cr_assert_eq(ere_new(pattern, flags, &e, &reason), 0, "%s: %s", pattern,
	             strbuf_str(&reason));
	return ere_matches(e, text, strlen(text));
}

Test(ere, plain_texts_and_expressions_mean_the_same)
{
	static const struct {
		char pattern[16];
		unsigned flags;
		char text[32];
		bool expected;
	} cases[] = {
		{ "bc", 0, "abcd", true },
		{ "bc", ERE_WHOLE, "abcd", false },
		{ "abcd", ERE_WHOLE, "abcd", true },
		{ "BC", 0, "abcd", false },
		{ "BC", ERE_FOLD_CASE, "abcd", true },
		{ "ABCD", ERE_FOLD_CASE | ERE_WHOLE, "abcd", true },
		{ "ABCD", ERE_FOLD_CASE | ERE_WHOLE, "abcde", false },
		{ "", 0, "", true },
		{ "", 0, "abc", true },
		{ "", ERE_WHOLE, "", true },
		{ "", ERE_WHOLE, "abc", false },
		{ "^b", 0, "abc", false },
		{ "^$", 0, "", true },
		{ "^$", 0, "abc", false },
		{ "a|bc", ERE_WHOLE, "bc", true },
		{ "a|bc", ERE_WHOLE, "ab", false },
		{ "a|bc", 0, "xbcx", true },
		{ "a.b", 0, "a\nb", true },
		{ "^b", 0, "a\nb", false },
		{ "x(y)?z", 0, "xz", true },
		{ "[A-B]+", ERE_FOLD_CASE | ERE_WHOLE, "abba", true },
		{ "a\\.b", 0, "acb", false },
		{ "\xff", 0, "x\xffy", true },
		{ "caf\xc3\xa9", 0, "caf\xc3\xa9!", true },
		{ "-x", 0, "a-xb", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(matches(cases[i].pattern, cases[i].flags, cases[i].text),
		             cases[i].expected, "case %zu: '%s'", i, cases[i].pattern);
}

/* Each text compared directly and, wrapped in parentheses, by the C library. */
Test(ere, the_short_way_agrees_with_the_long_one)
{
	static const char words[][8] = { "", "a", "ab", "b", "aab", "AB", "ba b", "abab" };

	for (size_t p = 0; p < ARRAY_LEN(words); p++) {
		for (size_t t = 0; t < ARRAY_LEN(words); t++) {
			for (unsigned flags = 0; flags < 4; flags++) {
				char wrapped[80];

				(void)snprintf(wrapped, sizeof(wrapped), "(%s)", words[p]);
				cr_expect_eq(matches(words[p], flags, words[t]),
				             matches(wrapped, flags, words[t]), "'%s' in '%s', %u",
				             words[p], words[t], flags);
			}
		}
	}
}

Test(ere, what_is_no_expression_is_refused_with_a_reason)
{
	static const char bad[][8] = { "(", "[", "a{2", "*a\\", "[[:x:]]" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct strbuf reason = { 0 };
		struct ere *e = NULL;

		cr_expect_eq(ere_new(bad[i], 0, &e, &reason), -EINVAL, "%s", bad[i]);
		cr_expect_null(e);
		cr_expect(reason.len > 0);
		strbuf_release(&reason);
	}
}
