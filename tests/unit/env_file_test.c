/* SPDX-License-Identifier: MIT */
/* Files of variables. */
#include "base/env_file.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(env_file);

static void add(const char *variable, void *user)
{
	struct strbuf *b = user;

	strbuf_add_format(b, "%s|", variable);
}

Test(env_file, takes_what_is_written)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "A=1", "A=1|" },
		{ "A=1\nB=2\n", "A=1|B=2|" },
		{ "# no\n\n  A=1\r\n", "A=1|" },
		{ "A= x y \t\nB=", "A=x y|B=|" },
		{ "export A=1\nexport=2", "A=1|export=2|" },
		{ "A='x y' # said\nB=2", "A=x y|B=2|" },
		{ "A='it\\n'", "A=it\\n|" },
		{ "A=\"x\\n\\t\\\"\\\\\\$\\q\"", "A=x\n\t\"\\$\\q|" },
		{ "A=\"two\nlines\"\nB='a\nb'", "A=two\nlines|B=a\nb|" },
		{ "A=\"one \\\nline\"", "A=one line|" },
		{ "A=x#y # z\nB=a\"b\"", "A=x#y # z|B=a\"b\"|" },
		{ "A_1.b-c=$HOME", "A_1.b-c=$HOME|" },
		{ "A=1\nA=2", "A=1|A=2|" },
		{ "A==", "A==|" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf b = { 0 };
		struct text_error where;

		cr_expect_eq(env_file_parse(cases[i].text, strlen(cases[i].text), add, &b, &where),
		             0, "case %zu", i);
		cr_expect_str_eq(strbuf_str(&b), cases[i].expected, "case %zu", i);
		strbuf_release(&b);
	}
}

Test(env_file, says_where_it_is_wrong)
{
	static const struct {
		const char *text;
		size_t offset;
	} cases[] = {
		{ "A", 1 },        { "=1", 0 },   { "1A=2", 0 },           { "A =1", 1 },
		{ "A=1\nB 2", 5 }, { "A='x", 2 }, { "A=\"x\\\"", 2 },      { "A='x'y", 5 },
		{ "export A", 8 }, { "-A=1", 0 }, { "A=\"1\"\nB=\"2", 8 }, { "A\n=1", 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf b = { 0 };
		struct text_error where = { 0 };

		cr_expect_eq(env_file_parse(cases[i].text, strlen(cases[i].text), add, &b, &where),
		             -EINVAL, "case %zu", i);
		cr_expect_eq(where.offset, cases[i].offset, "case %zu: %zu", i, where.offset);
		cr_expect_not_null(where.reason, "case %zu", i);
		strbuf_release(&b);
	}
}

Test(env_file, a_nul_byte_is_wrong)
{
	struct text_error where = { 0 };

	cr_expect_eq(env_file_parse("A=1\0B", 5, add, NULL, &where), -EINVAL);
	cr_expect_eq(where.offset, 3);
}
