/* SPDX-License-Identifier: MIT */
#include "cli/metrics.h"

#include "base/fdio.h"
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/stat.h>

TestSuite(metrics, .init = sandbox_enter, .fini = sandbox_leave);

Test(metrics, is_what_the_collector_reads)
{
	AUTO_FREE(metrics) struct metrics *m = metrics_new("dutybox_x");

	metrics_label(m, "dest", "a\"b\\c\nd\xff");
	metrics_label(m, "set", "home");
	metrics_gauge(m, "files", "Files.", UINT64_MAX);
	metrics_gauge_fixed(m, "duration_seconds", "Time.", 1500000007, 9);
	cr_expect_str_eq(
		metrics_text(m),
		"# HELP dutybox_x_files Files.\n"
		"# TYPE dutybox_x_files gauge\n"
		"dutybox_x_files{dest=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\",set=\"home\"} "
		"18446744073709551615\n"
		"# HELP dutybox_x_duration_seconds Time.\n"
		"# TYPE dutybox_x_duration_seconds gauge\n"
		"dutybox_x_duration_seconds{dest=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\",set=\"home\"} "
		"1.500000007\n");
}

Test(metrics, without_labels_there_are_no_braces)
{
	AUTO_FREE(metrics) struct metrics *m = metrics_new("p");

	metrics_gauge(m, "n", "N.", 0);
	cr_expect_str_eq(metrics_text(m), "# HELP p_n N.\n# TYPE p_n gauge\np_n 0\n");
}

Test(metrics, a_kept_value_is_that_of_the_same_labels_or_nothing)
{
	static const struct {
		const char *old;
		const char *kept; /* NULL: nothing */
	} cases[] = {
		{ "p_n{l=\"a\"} 17\n", "17" },
		{ "# HELP p_n N.\np_n{l=\"b\"} 3\np_n{l=\"a\"} 1.5\nmore 4\n", "1.5" },
		{ "p_n{l=\"a\"} 17", "17" },
		{ "p_n{l=\"a\"} 17 1000\n", NULL },
		{ "p_n{l=\"a\"} NaN\n", NULL },
		{ "p_n{l=\"a\"} -1\n", NULL },
		{ "p_n{l=\"a\"} 1.\n", NULL },
		{ "p_n{l=\"a\"} .1\n", NULL },
		{ "p_n{l=\"a\"} 1.2.3\n", NULL },
		{ "p_n{l=\"a\"} \n", NULL },
		{ "p_n{l=\"a\"}\n", NULL },
		{ "p_n 17\n", NULL },
		{ "x p_n{l=\"a\"} 17\n", NULL },
		{ "p_n{l=\"a\"} 11111111111111111111111111111111111111111\n", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(metrics) struct metrics *m = metrics_new("p");
		AUTO_RELEASE_STRBUF struct strbuf old = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf want = { 0 };

		strbuf_add_str(&old, cases[i].old);
		metrics_label(m, "l", "a");
		metrics_gauge_kept(m, "n", "N.", &old);
		if (cases[i].kept != NULL)
			strbuf_add_format(&want,
			                  "# HELP p_n N.\n# TYPE p_n gauge\np_n{l=\"a\"} %s\n",
			                  cases[i].kept);
		cr_expect_str_eq(metrics_text(m), strbuf_str(&want), "case %zu", i);
	}
}

Test(metrics, the_file_is_replaced_whole_and_can_be_read_by_all)
{
	AUTO_FREE(metrics) struct metrics *m = metrics_new("p");
	AUTO_RELEASE_STRBUF struct strbuf back = { 0 };

	(void)umask(077);
	metrics_gauge(m, "n", "N.", 1);
	cr_assert_eq(metrics_save(m, "new.prom"), 0);
	expect_mode("new.prom", 0644);
	tree_text("old.prom", "something else\n");
	tree_mode("old.prom", 0600);
	tree_link("witness", "old.prom");
	cr_assert_eq(metrics_save(m, "old.prom"), 0);
	expect_mode("old.prom", 0644);
	expect_file("old.prom", metrics_text(m));
	/* Replaced, not written into. */
	expect_file("witness", "something else\n");
	expect_names(".", "new.prom", "old.prom", "witness");
	cr_assert_eq(metrics_load("old.prom", &back), 0);
	cr_expect_str_eq(strbuf_str(&back), metrics_text(m));
	cr_expect_eq(metrics_save(m, "missing/x.prom"), -ENOENT);
}

Test(metrics, only_regular_files_are_read)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	tree("p pipe", "d dir", "s huge 1048577");
	cr_expect_eq(metrics_load("pipe", &text), 0);
	cr_expect_eq(metrics_load("dir", &text), 0);
	cr_expect_eq(text.len, 0);
	cr_expect_eq(metrics_load("missing", &text), -ENOENT);
	cr_expect_eq(metrics_load("huge", &text), -EFBIG);
}
