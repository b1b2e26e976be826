/* SPDX-License-Identifier: MIT */
#include "sys/proc_stat.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(proc_stat);

#define REST " S 1 2 3 34816 -1 2097152 7 8 9 10 11 12 13 14 15 16 5 0 999 20 21"

Test(proc_stat, the_name_ends_at_the_last_parenthesis)
{
	static const char text[] = "42 (a) R 1 (\n b))" REST " 22 23\n";
	struct proc_stat s;

	cr_assert_eq(proc_stat_parse(text, sizeof(text) - 1, &s), 0);
	cr_expect_str_eq(s.comm, "a) R 1 (\n b)");
	cr_expect_eq(s.pid, 42);
	cr_expect_eq(s.state, 'S');
	cr_expect_eq(s.parent, 1);
	cr_expect_eq(s.group, 2);
	cr_expect_eq(s.session, 3);
	cr_expect_eq(s.terminal, 34816);
	cr_expect(proc_stat_is_kernel_thread(&s));
	cr_expect_eq(s.user_ticks, 11);
	cr_expect_eq(s.system_ticks, 12);
	cr_expect_eq(s.nice, 16);
	cr_expect_eq(s.threads, 5);
	cr_expect_eq(s.start_ticks, 999);
	cr_expect_eq(s.rss_pages, 21);
}

Test(proc_stat, refuses_what_is_no_line)
{
	static const char cases[][80] = {
		"",          "42",          "42 (a",      "42 (a)",
		"42 (a) ",   "42 (a) S",    "x (a)" REST, "42 (a) S" REST,
		"42 a" REST, "42 )a(" REST, "-" REST,     "( )" REST,
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct proc_stat s = { .pid = 7, .state = '?' };

		cr_expect_eq(proc_stat_parse(cases[i], strlen(cases[i]), &s), -EBADMSG, "%s",
		             cases[i]);
		cr_expect_eq(s.pid, 7);
		cr_expect_eq(s.state, '?');
	}
}

Test(proc_stat, what_is_cut_off_is_refused)
{
	static const char text[] = "42 (x)" REST;
	struct proc_stat s;

	for (size_t len = 0; len < sizeof(text) - 3; len++)
		cr_expect_eq(proc_stat_parse(text, len, &s), -EBADMSG, "%zu bytes", len);
}

Test(proc_stat, full_names_come_from_arguments_or_the_executable)
{
	static const char argv[] = "/bin/sh\0-e\0/opt/a_very_long_script_name";
	size_t len = 0;
	const char *name = proc_full_name("a_very_long_scr", argv, sizeof(argv), NULL, &len);

	cr_assert_not_null(name);
	cr_expect_eq(len, strlen("a_very_long_script_name"));
	name = proc_full_name("abcdefghijklmno", "", 0, "/x/abcdefghijklmnopq (deleted)", &len);
	cr_assert_not_null(name);
	cr_expect_eq(len, strlen("abcdefghijklmnopq"));
	cr_expect_null(proc_full_name("abcdefghijklmno", "title", 5, "/bin/sh", &len));
}
