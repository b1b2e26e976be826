/* SPDX-License-Identifier: MIT */
/* The styles of quote_add(); what they print is what GNU ls 9.1 prints. */
#include "base/quote.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(quote_style);

static void expect(enum quote_style style, const char *also, const char *name, const char *wanted)
{
	struct strbuf b = { 0 };

	quote_add(&b, name, strlen(name), &(struct quote_form){ style, also });
	cr_expect_str_eq(strbuf_str(&b), wanted, "style %d of %s: %s", (int)style, name,
	                 strbuf_str(&b));
	strbuf_release(&b);
}

Test(quote_style, all_of_them)
{
	static const char odd[] = "a b\t'\"\\\033";

	expect(QUOTE_LITERAL, "", odd, odd);
	expect(QUOTE_C, "", odd, "\"a b\\t'\\\"\\\\\\033\"");
	expect(QUOTE_CLOCALE, "", odd, "\"a b\\t'\\\"\\\\\\033\"");
	expect(QUOTE_LOCALE, "", odd, "'a b\\t\\'\"\\\\\\033'");
	expect(QUOTE_ESCAPE, " ", odd, "a\\ b\\t'\"\\\\\\033");
	expect(QUOTE_SHELL_ESCAPE, "", "a\tb", "'a'$'\\t''b'");
	expect(QUOTE_SHELL, "", "a\tb", "'a\tb'");
	expect(QUOTE_SHELL, "", "a\033b", "a\033b");
	expect(QUOTE_SHELL, "", "it's", "\"it's\"");
	expect(QUOTE_SHELL_ALWAYS, "", "ab", "'ab'");
	expect(QUOTE_SHELL_ESCAPE_ALWAYS, "", "ab", "'ab'");
	expect(QUOTE_SHELL, "", "", "''");
	expect(QUOTE_C, "", "", "\"\"");
}

Test(quote_style, further_characters)
{
	expect(QUOTE_SHELL_ESCAPE, ":", "a:b", "'a:b'");
	expect(QUOTE_SHELL_ESCAPE, "", "a:b", "a:b");
	expect(QUOTE_SHELL, "@", "a@b", "'a@b'");
	expect(QUOTE_C, "*", "a*b", "\"a\\*b\"");
	expect(QUOTE_ESCAPE, ":", "a:b", "a\\:b");
	expect(QUOTE_SHELL_ALWAYS, ":", "a:b", "'a:b'");
}

Test(quote_style, masks)
{
	struct strbuf b = { 0 };
	static const char name[] = "a\nb\xff\xc3\xa9\033";

	quote_add_masked(&b, name, sizeof(name) - 1);
	cr_expect_str_eq(strbuf_str(&b), "a?b?\xc3\xa9?");
	strbuf_release(&b);
}

Test(quote_style, need_is_whether_it_changes)
{
	for (int c = 1; c < 256; c++) {
		const char name[3] = { 'x', (char)c, '\0' };
		struct strbuf b = { 0 };

		quote_shell(&b, name, 2);
		cr_expect_eq(quote_shell_is_needed(name, 2), strcmp(strbuf_str(&b), name) != 0,
		             "byte %d", c);
		strbuf_release(&b);
	}
}
