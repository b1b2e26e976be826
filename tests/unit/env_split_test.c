/* SPDX-License-Identifier: MIT */
#include "base/env_split.h"

#include "base/strbuf.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(env_split);

static const char *lookup(const char *name, void *user)
{
	(void)user;
	if (strcmp(name, "E") == 0)
		return "";
	return strcmp(name, "_A1") == 0 ? "x  y'\"\\" : NULL;
}

/* The words with | behind each. */
static const char *const cases[][2] = {
	{ "", "" },
	{ " \t\n\v\f\r", "" },
	{ "a b\tc\nd\ve\ff\rg", "a|b|c|d|e|f|g|" },
	{ "'a b'c\"d e\"", "a bcd e|" },
	{ "'' \"\"", "||" },
	{ "a#b #c d", "a#b|" },
	{ "'#' \\#x", "#|#x|" },
	{ "a\\_b \"c\\_d\"", "a|b|c d|" },
	{ "\\_\\_", "" },
	{ "a\\cb c", "a|" },
	{ "\\f\\n\\r\\t\\v\\$\\\"\\'\\\\", "\f\n\r\t\v$\"'\\|" },
	{ "\"\\f\\n\\$\\'\"", "\f\n$'|" },
	{ "'a\\n\\\\\\'\\x'", "a\\n\\'\\x|" },
	{ "${_A1}", "x  y'\"\\|" },
	{ "\"${_A1}\" '${_A1}'", "x  y'\"\\|${_A1}|" },
	{ "a${NO}b ${NO} ${E} \"${NO}\"", "ab|||" },
	{ "\xff\xfe", "\xff\xfe|" },
};

Test(env_split, words)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct env_words words = { 0 };
		struct env_split_error err;
		AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

		cr_expect_eq(env_split(cases[i][0], lookup, NULL, &words, &err), 0, "%s",
		             cases[i][0]);
		for (size_t k = 0; k < words.len; k++)
			strbuf_add_format(&got, "%s|", words.items[k]);
		cr_expect_str_eq(strbuf_str(&got), cases[i][1], "%s: %s", cases[i][0],
		                 strbuf_str(&got));
		env_words_release(&words);
	}
}

Test(env_split, trouble_points_into_the_text)
{
	static const struct {
		const char *text;
		enum env_split_trouble trouble;
		size_t at;
	} wrong[] = {
		{ "a\\", ENV_SPLIT_LAST_BACKSLASH, 2 }, { "\"\\", ENV_SPLIT_LAST_BACKSLASH, 2 },
		{ "'a", ENV_SPLIT_NO_QUOTE, 2 },        { "a \"b", ENV_SPLIT_NO_QUOTE, 4 },
		{ "'\\'", ENV_SPLIT_NO_QUOTE, 3 },      { "'\\", ENV_SPLIT_NO_QUOTE, 2 },
		{ "a \\q", ENV_SPLIT_BAD_ESCAPE, 3 },   { "\"\\c\"", ENV_SPLIT_QUOTED_END, 2 },
		{ "a $", ENV_SPLIT_BAD_VARIABLE, 2 },   { "$A", ENV_SPLIT_BAD_VARIABLE, 0 },
		{ "${}", ENV_SPLIT_BAD_VARIABLE, 0 },   { "${1}", ENV_SPLIT_BAD_VARIABLE, 0 },
		{ "${A", ENV_SPLIT_BAD_VARIABLE, 0 },   { "${A b}", ENV_SPLIT_BAD_VARIABLE, 0 },
		{ "\"$\"", ENV_SPLIT_BAD_VARIABLE, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct env_words words = { 0 };
		struct env_split_error err = { 0 };

		cr_expect_eq(env_split(wrong[i].text, lookup, NULL, &words, &err), -EINVAL, "%s",
		             wrong[i].text);
		cr_expect_eq(err.trouble, wrong[i].trouble, "%s: %d", wrong[i].text,
		             (int)err.trouble);
		cr_expect_eq((size_t)(err.at - wrong[i].text), wrong[i].at, "%s", wrong[i].text);
		env_words_release(&words);
	}
}
