/* SPDX-License-Identifier: MIT */
#include "sys/os_release.h"

#include "support/machine_tree.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(os_release, .init = sandbox_enter, .fini = sandbox_leave);

Test(os_release, unquotes_as_a_shell_does)
{
	static const struct {
		const char *line;
		const char *value; /* of A; NULL: the line is refused */
	} cases[] = {
		{ "A=b", "b" },
		{ "A=", "" },
		{ "A=\"b c\"", "b c" },
		{ "A='b c'", "b c" },
		{ "A=\"\\\"\\$\\`\\\\\\x\"", "\"$`\\\\x" },
		{ "A='\\\"'", "\\\"" },
		{ "A=a\\ b", "a b" },
		{ "A=\"a\"'b'c", "abc" },
		{ "A=b   # comment", "b" },
		{ "A=b\r", "b" },
		{ "  A=b  ", "b" },
		{ "\xef\xbb\xbf"
		  "A=b",
		  "b" },
		{ "# x\nA=b\n", "b" },
		{ "A=1\nA=2", "2" },
		{ "A=\"caf\xc3\xa9\"", "caf\xc3\xa9" },
		{ "A=\"bad\xff\"", "bad\xff" },
		{ "A=b c", NULL },
		{ "A=\"b", NULL },
		{ "A='b", NULL },
		{ "A=$HOME", NULL },
		{ "A=`id`", NULL },
		{ "A", NULL },
		{ "=b", NULL },
		{ "1A=b", NULL },
		{ "A B=c", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct os_release r = { 0 };
		const char *value;

		os_release_parse(cases[i].line, strlen(cases[i].line), &r);
		value = os_release_get(&r, "A");
		if (cases[i].value == NULL) {
			cr_expect_null(value, "case %zu: %s", i, value);
		} else {
			cr_assert_not_null(value, "case %zu", i);
			cr_expect_str_eq(value, cases[i].value, "case %zu", i);
			cr_expect_eq(r.malformed, 0, "case %zu", i);
		}
		os_release_release(&r);
	}
}

Test(os_release, a_line_of_a_mebibyte)
{
	const size_t len = 1 << 20;
	char *line = malloc(len + 8);
	struct os_release r = { 0 };

	memcpy(line, "A=", 2);
	memset(line + 2, 'x', len);
	memcpy(line + 2 + len, "\nB=y", 4);
	os_release_parse(line, len + 6, &r);
	cr_expect_eq(strlen(os_release_get(&r, "A")), len);
	cr_expect_str_eq(os_release_get(&r, "B"), "y");
	os_release_release(&r);
	free(line);
}

/* One of the two files, never a mixture. */
Test(os_release, the_second_file_only_without_the_first)
{
	static const struct {
		const char *tree;
		const char *id, *name;
		const char *source;
	} cases[] = {
		{ "== etc/os-release\nID=a\n== usr/lib/os-release\nID=b\nNAME=b\n", "a", NULL,
		  "/etc/os-release" },
		{ "== usr/lib/os-release\nID=b\n", "b", NULL, "/usr/lib/os-release" },
		{ "== etc/os-release -> nowhere\n== usr/lib/os-release\nID=b\n", "b", NULL,
		  "/usr/lib/os-release" },
		{ "== etc/os-release\n== usr/lib/os-release\nID=b\n", NULL, NULL,
		  "/etc/os-release" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct os_release r = { 0 };
		struct machine m;
		char dir[16];

		(void)snprintf(dir, sizeof(dir), "m%zu", i);
		machine_tree_text(cases[i].tree, dir);
		cr_assert_eq(machine_open(dir, &m), 0);
		cr_assert_eq(os_release_read(&m, &r), 0, "case %zu", i);
		cr_expect_str_eq(r.source, cases[i].source, "case %zu", i);
		if (cases[i].id != NULL)
			cr_expect_str_eq(os_release_get(&r, "ID"), cases[i].id, "case %zu", i);
		else
			cr_expect_null(os_release_get(&r, "ID"), "case %zu", i);
		cr_expect_null(os_release_get(&r, "NAME"), "case %zu", i);
		os_release_release(&r);
		machine_close(&m);
	}
}

Test(os_release, there_is_none)
{
	struct os_release r = { 0 };
	struct machine m;

	tree("d m");
	cr_assert_eq(machine_open("m", &m), 0);
	cr_expect_eq(os_release_read(&m, &r), -ENOENT);
	cr_expect_null(r.source);
	machine_close(&m);
}
