/* SPDX-License-Identifier: MIT */
#include "base/job_template.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(job_template);

enum { WORDS_MAX = 6 };

/* The words with | behind each. */
static char *expand(const char *const *words, unsigned flags, const struct job_values *values)
{
	static char text[512];
	struct strbuf b = { 0 };
	size_t n = 0, count, seen = 0;
	struct job_template *t;

	while (n < WORDS_MAX && words[n] != NULL)
		n++;
	t = job_template_new(words, n, flags);
	count = job_template_expand(t, values, &b);
	for (size_t i = 0; i < b.len; i++) {
		if (b.data[i] == '\0') {
			b.data[i] = '|';
			seen++;
		}
	}
	cr_expect_eq(count, seen);
	(void)snprintf(text, sizeof(text), "%s", strbuf_str(&b));
	strbuf_release(&b);
	(void)job_template_free(t);
	return text;
}

Test(job_template, fills_in_one_value)
{
	static const struct {
		const char *word, *value, *expected;
	} cases[] = {
		{ "{}", "a", "a|" },
		{ "x{}y{}", "a b", "xa bya b|" },
		{ "{.}", "d/a.tar.gz", "d/a.tar|" },
		{ "{.}", "d.x/a", "d.x/a|" },
		{ "{.}", ".profile", ".profile|" },
		{ "{.}", "d/.profile", "d/.profile|" },
		{ "{.}", "a.", "a|" },
		{ "{/}", "d/e/a.c", "a.c|" },
		{ "{/}", "a", "a|" },
		{ "{/}", "d/e//", "e|" },
		{ "{/}", "/", "/|" },
		{ "{//}", "d/e/a.c", "d/e|" },
		{ "{//}", "a", ".|" },
		{ "{//}", "/a", "/|" },
		{ "{//}", "/", "/|" },
		{ "{//}", "d//a", "d|" },
		{ "{/.}", "d/a.tar.gz", "a.tar|" },
		{ "{/.}", "d/.x", ".x|" },
		{ "{#}-{%}", "a", "7-3|a|" },
		{ "{1}{2}", "a", "a|" },
		{ "{1.}", "a.c", "a|" },
		{ "{1/}{1//}{1/.}", "d/a.c", "a.cda|" },
		{ "{0}", "a", "{0}|a|" },
		{ "{x}{", "a", "{x}{|a|" },
		{ "{}}{{}", "a", "a}{a|" },
		{ "{2#}", "a", "{2#}|a|" },
		{ "{10000}", "a", "{10000}|a|" },
		{ "{}", "", "|" },
		{ "{}", "-x", "-x|" },
		{ "{}", "{}", "{}|" },
		{ "{.}", "", "|" },
		{ "{//}", "", ".|" },
		{ "plain", "a\nb", "plain|a\nb|" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const words[WORDS_MAX + 1] = { cases[i].word };
		const struct job_values values = {
			.items = &cases[i].value, .len = 1, .seq = 7, .slot = 3
		};

		cr_expect_str_eq(expand(words, 0, &values), cases[i].expected, "%s of %s",
		                 cases[i].word, cases[i].value);
	}
}

Test(job_template, fills_in_several_values)
{
	static const struct {
		const char *words[WORDS_MAX + 1];
		const char *expected;
	} cases[] = {
		{ { "c" }, "c|a b|d.x|" },
		{ { "c", "{}" }, "c|a b|d.x|" },
		{ { "c", "<{}>" }, "c|<a b d.x>|" },
		{ { "c", "{.}" }, "c|a b|d|" },
		{ { "c", "{2}", "{1}" }, "c|d.x|a b|" },
		{ { "c", "{2.}{3}" }, "c|d|" },
		{ { "{}" }, "a b|d.x|" },
	};
	static const char *const items[] = { "a b", "d.x" };
	static const struct job_values values = { .items = items, .len = 2, .seq = 1, .slot = 1 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_str_eq(expand(cases[i].words, 0, &values), cases[i].expected, "%zu", i);
}

Test(job_template, quotes_in_lines_for_a_shell)
{
	static const char *const item = "it's $HOME\n";
	static const struct job_values values = { .items = &item, .len = 1, .seq = 1, .slot = 1 };
	static const char *const in_line[WORDS_MAX + 1] = { "echo {}" };
	static const char *const behind[WORDS_MAX + 1] = { "echo" };
	static const char *const more[WORDS_MAX + 1] = { "echo {}", "{}" };
	static const char *const apart[WORDS_MAX + 1] = { "echo $1", "x" };

	cr_expect_str_eq(expand(in_line, JOB_TEMPLATE_SHELL, &values), "echo 'it'\\''s $HOME\n'|");
	cr_expect_str_eq(expand(behind, JOB_TEMPLATE_SHELL, &values), "echo 'it'\\''s $HOME\n'|");
	cr_expect_str_eq(expand(more, JOB_TEMPLATE_SHELL, &values),
	                 "echo 'it'\\''s $HOME\n'|it's $HOME\n|");
	cr_expect_str_eq(expand(apart, JOB_TEMPLATE_SHELL, &values), "echo $1|x|it's $HOME\n|");
}

Test(job_template, may_leave_values_out)
{
	static const char *const item = "a";
	static const struct job_values values = { .items = &item, .len = 1, .seq = 4, .slot = 2 };
	static const char *const words[WORDS_MAX + 1] = { "job {#}:" };

	cr_expect_str_eq(expand(words, JOB_TEMPLATE_AS_IT_IS, &values), "job 4:|");
}
