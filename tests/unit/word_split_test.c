/* SPDX-License-Identifier: MIT */
#include "base/word_split.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(word_split);

Test(word_split, splits_as_a_shell_does)
{
	/* Words with | behind each. */
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "", "" },
		{ " \t ", "" },
		{ "a", "a|" },
		{ " a  b\tc\n", "a|b|c|" },
		{ "'a b' \"c d\"", "a b|c d|" },
		{ "a'b c'd\"e f\"g", "ab cde fg|" },
		{ "''", "|" },
		{ "\"\" ''", "||" },
		{ "a\\ b \\'", "a b|'|" },
		{ "'a\\n$x`|'", "a\\n$x`||" },
		{ "\"a\\\"b\\\\c\\$d\\`e\\f\"", "a\"b\\c$d`e\\f|" },
		{ "\"a\\\nb\"", "ab|" },
		{ "a\\\nb", "ab|" },
		{ "a \\\n b", "a|b|" },
		{ "a\\\n", "a|" },
		{ "a # b 'c", "a|" },
		{ "# all of it", "" },
		{ "a#b 'x'#y", "a#b|x#y|" },
		{ "a~ b=~ {x} !y ]", "a~|b=~|{x}|!y|]|" },
		{ "\\~ \\# '*' \"?\" \\$HOME", "~|#|*|?|$HOME|" },
		{ "\xff \x80", "\xff|\x80|" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct strbuf b = { 0 };
		struct text_error error = { 0 };
		size_t n = 99, seen = 0;

		cr_assert_eq(word_split(cases[i].line, strlen(cases[i].line), &b, &n, &error), 0,
		             "%s", cases[i].line);
		for (size_t k = 0; k < b.len; k++) {
			if (b.data[k] == '\0') {
				b.data[k] = '|';
				seen++;
			}
		}
		cr_expect_str_eq(strbuf_str(&b), cases[i].words, "%s", cases[i].line);
		cr_expect_eq(n, seen, "%s", cases[i].line);
		strbuf_release(&b);
	}
}

Test(word_split, refuses_what_only_a_shell_knows)
{
	static const struct {
		const char *line;
		size_t len, offset;
	} cases[] = {
		{ "a | b", 5, 2 },  { "a|b", 3, 1 },     { "a & b", 5, 2 },  { "a; b", 4, 1 },
		{ "a < b", 5, 2 },  { "a >b", 4, 2 },    { "(a)", 3, 0 },    { "a $B", 4, 2 },
		{ "`a`", 3, 0 },    { "a *.c", 5, 2 },   { "a b?", 4, 3 },   { "a [b]", 5, 2 },
		{ "~/a", 3, 0 },    { "a ~", 3, 2 },     { "\"$a\"", 4, 1 }, { "\"a`b\"", 5, 2 },
		{ "a 'b", 4, 2 },   { "a \"b", 4, 2 },   { "a\\", 2, 1 },    { "a\0b", 3, 1 },
		{ "'a\0b'", 5, 2 }, { "\"a\0\"", 4, 2 }, { "a\\\0", 3, 2 },  { "\"a\\", 3, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct strbuf b = { 0 };
		struct text_error error = { 0 };
		size_t n = 99;

		cr_expect_eq(word_split(cases[i].line, cases[i].len, &b, &n, &error), -EINVAL, "%s",
		             cases[i].line);
		cr_expect_eq(error.offset, cases[i].offset, "%s: %zu", cases[i].line, error.offset);
		cr_expect_not_null(error.reason);
		cr_expect_eq(n, 99);
		strbuf_release(&b);
	}
}
