/* SPDX-License-Identifier: MIT */
#include "base/pure_path.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(pure_path);

Test(pure_path, read_and_look)
{
	static const char *const cases[][5] = {
		/* text, path, name, suffix, suffixes */
		{ "", ".", "", "", "" },
		{ "./", ".", "", "", "" },
		{ "/", "/", "", "", "" },
		{ "//", "//", "", "", "" },
		{ "///a", "/a", "a", "", "" },
		{ "//a/./b//c/", "//a/b/c", "c", "", "" },
		{ "a/..", "a/..", "..", "", "" },
		{ "x.tar.gz", "x.tar.gz", "x.tar.gz", ".gz", ".tar.gz" },
		{ ".bashrc", ".bashrc", ".bashrc", "", "" },
		{ ".a.b", ".a.b", ".a.b", ".b", ".b" },
		{ "a.", "a.", "a.", "", "" },
		{ "a..", "a..", "a..", "", "" },
		{ "a.b.", "a.b.", "a.b.", "", "" },
		{ "..x", "..x", "..x", ".x", "" },
		{ "a..b", "a..b", "a..b", ".b", "..b" },
	};
	struct pure_path p = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *name;

		pure_path_read(&p, cases[i][0]);
		name = pure_path_name(&p);
		cr_expect_str_eq(pure_path_str(&p), cases[i][1], "%s", cases[i][0]);
		cr_expect_str_eq(name, cases[i][2], "%s", cases[i][0]);
		cr_expect_str_eq(pure_path_suffix(name), cases[i][3], "%s", cases[i][0]);
		cr_expect_str_eq(pure_path_suffixes(name), cases[i][4], "%s", cases[i][0]);
	}
	strbuf_release(&p.text);
}

Test(pure_path, parents)
{
	static const char *const steps[] = { "//a/b", "//a", "//" };
	struct pure_path p = { 0 };

	pure_path_read(&p, "//a//b/./c");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		cr_expect(pure_path_to_parent(&p));
		cr_expect_str_eq(pure_path_str(&p), steps[i]);
	}
	cr_expect(!pure_path_to_parent(&p));
	cr_expect_str_eq(pure_path_str(&p), "//");
	pure_path_read(&p, "a");
	cr_expect(pure_path_to_parent(&p));
	cr_expect_str_eq(pure_path_str(&p), ".");
	cr_expect(!pure_path_to_parent(&p));
	strbuf_release(&p.text);
}

typedef int change(struct pure_path *p, const char *text);

static void expect_change(change *act, const char *path, const char *text, int status,
                          const char *want)
{
	struct pure_path p = { 0 };

	pure_path_read(&p, path);
	cr_expect_eq(act(&p, text), status, "%s, %s", path, text);
	cr_expect_str_eq(pure_path_str(&p), want, "%s, %s: %s", path, text, pure_path_str(&p));
	strbuf_release(&p.text);
}

Test(pure_path, changes)
{
	expect_change(pure_path_set_suffix, "a/b.txt", ".md", 0, "a/b.md");
	expect_change(pure_path_set_suffix, "a/b", ".md", 0, "a/b.md");
	expect_change(pure_path_set_suffix, "a/b.tar.gz", "", 0, "a/b.tar");
	expect_change(pure_path_set_suffix, "..x", "", 0, ".");
	expect_change(pure_path_set_name, "a/b.txt", "c", 0, "a/c");
	expect_change(pure_path_set_name, "/b", "..", 0, "/..");
	expect_change(pure_path_set_stem, "a/b.txt", "c", 0, "a/c.txt");
	expect_change(pure_path_set_stem, "b.txt", "", 0, ".txt");
}

Test(pure_path, changes_that_are_refused_change_nothing)
{
	expect_change(pure_path_set_suffix, "/", ".x", -ENOENT, "/");
	expect_change(pure_path_set_suffix, "a.b", "x", -EINVAL, "a.b");
	expect_change(pure_path_set_suffix, "a.b", ".", -EINVAL, "a.b");
	expect_change(pure_path_set_suffix, "a.b", ".x/y", -EINVAL, "a.b");
	expect_change(pure_path_set_name, ".", "x", -ENOENT, ".");
	expect_change(pure_path_set_name, "a", "", -EINVAL, "a");
	expect_change(pure_path_set_name, "a", ".", -EINVAL, "a");
	expect_change(pure_path_set_name, "a", "b/c", -EINVAL, "a");
	expect_change(pure_path_set_stem, "a", "", -EINVAL, "a");
	expect_change(pure_path_set_stem, "a", "b/c", -EINVAL, "a");
}
