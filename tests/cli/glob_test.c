/* SPDX-License-Identifier: MIT */
/* glob, run as a user would: what patterns find. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(glob, .init = sandbox_enter, .fini = sandbox_leave);

struct expected {
	const char *pattern;
	const char *out; /* "": nothing matches */
};

static void expect_all(const struct expected *cases, size_t n, const char *option)
{
	for (size_t i = 0; i < n; i++) {
		struct run r = RUN("glob", option, "--", cases[i].pattern);

		cr_expect_str_eq(r.out, cases[i].out, "'%s' printed %s", cases[i].pattern, r.out);
		cr_expect_eq(r.status, cases[i].out[0] != '\0' ? 0 : 1, "'%s'", cases[i].pattern);
		cr_expect_str_eq(r.err, "", "'%s' said %s", cases[i].pattern, r.err);
	}
}

Test(glob, wildcards_and_sets)
{
	static const struct expected cases[] = {
		{ "*.py", "B.py\na.py\n" },
		{ "*config*", "myconfig.ini\n" },
		{ "file[0-9].txt", "file1.txt\nfile2.txt\n" },
		{ "file[[]1].txt", "file[1].txt\n" },
		{ "file\\[1\\].txt", "file[1].txt\n" },
		{ "*[aeiou]*.txt", "file1.txt\nfile2.txt\nfile[1].txt\n" },
		{ "*[!~]", "B.py\n[\na.py\nd\nfile1.txt\nfile2.txt\nfile[1].txt\nmyconfig.ini\n" },
		{ "[]a]*", "a.py\n" },
		{ "[!]]", "[\nd\n" },
		{ "[", "[\n" },
		{ "[a", "" },
		{ "[z-a]*", "" },
		{ "?", "[\nd\n" },
		{ "nope*", "" },
		{ "[[:upper:]]*", "B.py\n" },
	};

	tree("f a.py", "f B.py", "f myconfig.ini", "f file1.txt", "f file2.txt", "f file[1].txt",
	     "f back~", "f [", "d d");
	expect_all(cases, LEN(cases), "--sort=path");
}

Test(glob, dots)
{
	static const struct expected cases[] = {
		{ "*", "a\nv\n" },       { ".*", ".g\n.x\n" }, { "**/.x", ".x\na/.x\n" },
		{ ".g/**", ".g/c\n" },   { "*/.x", "a/.x\n" }, { "**/c", "" },
		{ ".[gx]", ".g\n.x\n" },
	};
	static const struct expected hidden[] = {
		{ "*", ".g\n.x\na\nv\n" },
		{ "**/c", ".g/c\n" },
		{ "?x", ".x\n" },
	};

	tree("f .x", "f a/.x", "f .g/c", "f .g/.d", "f v");
	expect_all(cases, LEN(cases), "--sort=path");
	expect_all(hidden, LEN(hidden), "-H");
}

Test(glob, any_number_of_directories)
{
	static const struct expected cases[] = {
		{ "**/x", "a/b/x\na/x\nx\n" },
		{ "a/**/x", "a/b/x\na/x\n" },
		{ "a/**", "a/b\na/b/x\na/x\n" },
		{ "**/**/x", "a/b/x\na/x\nx\n" },
		{ "**/", "a/\na/b/\n" },
		{ "a/**/", "a/b/\n" },
		{ "**x", "x\n" },
		{ "**/b/**", "a/b/x\n" },
		{ "a/", "a/\n" },
		{ "x/", "" },
		{ "*/", "a/\n" },
		{ "./**/b", "./a/b\n" },
		{ "a//x", "a/x\n" },
		{ "a/../*", "a/../a\na/../x\n" },
		{ "*/../x", "a/../x\n" },
	};

	tree("f x", "f a/x", "f a/b/x");
	expect_all(cases, LEN(cases), "--sort=path");
}

Test(glob, braces)
{
	static const struct expected cases[] = {
		{ "{a,b}c{1,2}", "ac1\nbc2\n" },
		{ "{}", "{}\n" },
		{ "{a}", "{a}\n" },
		{ "{ac1,{bc2,x}}", "ac1\nbc2\n" },
		{ "\\{a,b\\}", "{a,b}\n" },
		{ "[{,]a*", "{a,b}\n{a}\n" },
		{ "{d/x,d/y,ac1}", "ac1\nd/x\nd/y\n" },
		{ "{**,d}/x", "d/x\n" },
		{ "d/{x,y,z}", "d/x\nd/y\n" },
		{ "{ac1", "" },
	};

	tree("f ac1", "f bc2", "f {}", "f {a}", "f {a,b}", "f d/x", "f d/y");
	expect_all(cases, LEN(cases), "--sort=path");
}

Test(glob, links_are_followed_where_they_are_named)
{
	static const struct expected cases[] = {
		{ "*/f", "d/f\nto-d/f\n" },
		{ "**/f", "d/f\n" },
		{ "loop/loop/d/f", "loop/loop/d/f\n" },
		{ "*/*/f", "loop/d/f\nloop/to-d/f\n" },
		{ "l*/d/*", "loop/d/f\n" },
		{ "nowhere", "nowhere\n" },
		{ "n*", "nowhere\n" },
		{ "n*/", "" },
		{ "to-*/", "to-d/\n" },
		{ "one/*", "" },
	};
	static const struct expected follow[] = {
		{ "**/f", "d/f\nto-d/f\n" },
	};

	tree("f d/f", "l to-d -> d", "l loop -> .", "l nowhere -> missing", "l one -> two",
	     "l two -> one");
	expect_all(cases, LEN(cases), "--sort=path");
	expect_all(follow, LEN(follow), "-L");
}

Test(glob, each_path_once)
{
	struct run r;

	tree("f a.c", "f b.c", "f d/c.c");
	r = RUN("glob", "*.c", "a.*", "a.c", "**/a.c", "b.c");
	EXPECT_RUN(r, 0, "a.c\nb.c\n", "");
	r = RUN("glob", "--sort=none", "--json", "--no-stat", "**/*.c", "a*", "a.c");
	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(lines.len, 3);
	cr_expect_str_eq(json_string(json_find(&lines, "path", "a.c"), "pattern"), "**/*.c");
	cr_expect_eq(json_int(json_find(&lines, "path", "d/c.c"), "depth", -1), 2);
}

Test(glob, case_is_folded_when_asked)
{
	struct run r;

	tree("f B.PY", "f b.py", "f c.Py", "f \xc3\x89T\xc3\x89",
	     "f stra\xc3\x9f"
	     "e");
	r = RUN("glob", "*.py");
	EXPECT_RUN(r, 0, "b.py\n", "");
	r = RUN("glob", "-i", "*.py", "\xc3\xa9t\xc3\xa9", "STRA\xc3\x9f*");
	EXPECT_RUN(r, 0,
	           "B.PY\nb.py\nc.Py\nstra\xc3\x9f"
	           "e\n\xc3\x89T\xc3\x89\n",
	           "");
}

Test(glob, invalid_bytes_are_one_character)
{
	struct run r;

	tree_text("a\xff"
	          "b",
	          "");
	tree_text("a\xc3\xa9"
	          "b",
	          "");
	tree_text("a\nb", "");
	r = RUN("glob", "-0", "a?b");
	cr_expect_eq(r.out_len, 4 + 5 + 4);
	EXPECT_OUT_BYTES(r,
	                 "a\nb\0a\xc3\xa9"
	                 "b\0a\xff"
	                 "b\0",
	                 13);
	r = RUN("glob", "--json", "a*b");
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(lines.len, 3);
	cr_expect_str_eq(json_string(json_record(&lines, "entry", 2), "path_b64"), "Yf9i");
	r = RUN("glob", "a[\xff-\xff]b", "x");
	EXPECT_STATUS(r, 0);
}

Test(glob, excluded_directories_are_not_entered)
{
	struct run r;

	tree("f a/x.c", "f a/skip/y.c", "f skip/z.c", "f b/skip.c", "f w.c");
	tree_mode("a/skip", 0);
	r = RUN("glob", "**/*.c", "-E", "skip");
	EXPECT_RUN(r, 0, "a/x.c\nb/skip.c\nw.c\n", "");
	r = RUN("glob", "**/*.c", "--exclude=a/skip", "--exclude=*/skip.c");
	EXPECT_RUN(r, 0, "a/x.c\nskip/z.c\nw.c\n", "");
	/* Also when the pattern spells them. */
	r = RUN("glob", "skip/*.c", "-E", "skip");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("glob", "skip/z.c", "w.c", "-E", "skip");
	EXPECT_RUN(r, 0, "w.c\n", "");
	tree_mode("a/skip", 0755);
}

Test(glob, limits_of_depth)
{
	struct run r;

	tree("f a", "f d/b", "f d/e/c");
	r = RUN("glob", "-d", "2", "**");
	EXPECT_RUN(r, 0, "a\nd\nd/b\nd/e\n", "");
	r = RUN("glob", "--min-depth=3", "**");
	EXPECT_RUN(r, 0, "d/e/c\n", "");
	r = RUN("glob", "--exact-depth=2", "**", "d/e/c");
	EXPECT_RUN(r, 0, "d/b\nd/e\n", "");
	r = RUN("glob", "--min-depth=3", "--max-depth=2", "**");
	EXPECT_STATUS(r, 2);
}

Test(glob, another_base)
{
	struct run r;
	char *absolute = NULL;

	tree("f in/a.c", "f in/d/b.c", "t list *.c");
	r = RUN("glob", "-C", "in", "**/*.c");
	EXPECT_RUN(r, 0, "a.c\nd/b.c\n", "");
	r = RUN("glob", "-C", "in", "--patterns-from=list");
	EXPECT_RUN(r, 0, "a.c\n", "");
	r = RUN("glob", "-C", "in", "-a", "*.c");
	cr_assert(asprintf(&absolute, "%s/in/a.c\n", sandbox_path()) > 0);
	EXPECT_RUN(r, 0, absolute, "");
	free(absolute);
	r = RUN("glob", "-C", "missing", "*");
	EXPECT_RUN(r, 3, "", "glob: cannot enter 'missing': No such file or directory\n");
}

Test(glob, patterns_from_files)
{
	struct run r;

	tree("f a.c", "f b.c", "f c.h");
	tree_text("list", "*.c\n\n!b.c\n*.h\n");
	r = RUN("glob", "--patterns-from", "list");
	EXPECT_RUN(r, 0, "a.c\nc.h\n", "");
	tree_text("again", "*.c\n!*\nb.c\n");
	r = RUN("glob", "--patterns-from=again");
	EXPECT_RUN(r, 0, "b.c\n", "");
	r = run_argv(&(struct run_request){ .words = WORDS("glob", "-0", "--patterns-from=-"),
	                                    .input = "*.h\0b.c",
	                                    .input_len = 7 });
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_BYTES(r, "b.c\0c.h\0", 8);
	r = RUN("glob", "--patterns-from=missing");
	EXPECT_RUN(r, 3, "", "glob: cannot read 'missing': No such file or directory\n");
}

Test(glob, strings_are_tested_without_files)
{
	struct run r =
		RUN("glob", "--test", "src/**/*.[ch]", "src/a.c", "src/x/b.h", "a.c", "src/.c/d.c");

	EXPECT_RUN(r, 0, "src/a.c\nsrc/x/b.h\n", "");
	r = RUN("glob", "--test", "*.c", "a.h");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("glob", "--test", "-q", "[ab]", "a");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("glob", "--test", "*.c");
	EXPECT_STATUS(r, 2);
	r = RUN("glob", "--escape", "a*[b]?{c,d}\\");
	EXPECT_STATUS(r, 0);
	r.out[r.out_len - 1] = '\0';
	r = RUN("glob", "--test", r.out, "a*[b]?{c,d}\\", "axb");
	EXPECT_RUN(r, 0, "a*[b]?{c,d}\\\n", "");
}

Test(glob, what_is_wrong_is_named)
{
	static const struct {
		const char *words[4];
		const char *err;
	} cases[] = {
		{ { NULL }, "missing PATTERN" },
		{ { "" }, "a pattern is empty" },
		{ { "--strict", "[a" }, "bad pattern: no ] for this [" },
		{ { "--strict", "{a,b" }, "bad pattern: no } for this {" },
		{ { "--size=+5X", "*" }, "--size: not a unit of size" },
		{ { "--newer=yesterdayish", "*" }, "expected an age (2h, 7d), a time" },
		{ { "*", "-x" }, "requires an argument" },
		{ { "*", "-x", ";" }, "requires a command" },
		{ { "*", "-x", "{}" }, "cannot be a placeholder" },
		{ { "--perm=9", "*" }, "expected MODE, -MODE or /MODE" },
		{ { "--type=q", "*" }, "--type" },
		{ { "--format={nope}", "*" }, "--format" },
		{ { "--sort=none", "-r", "*" }, "--reverse needs an order" },
		{ { "*/../*/x" }, "a wildcard follows . or .. behind a wildcard" },
		{ { "--max-results=0", "*" }, "it must be 1 or more" },
		{ { "--min-size=2", "--max-size=1", "*" },
		  "the smallest size is above the largest" },
		{ { "--colour", "*" }, "unrecognized option" },
	};

	tree("f a");
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *words[6] = { "glob" };

		memcpy(words + 1, cases[i].words, sizeof(cases[i].words));
		struct run r = run_words(words);
		cr_expect_eq(r.status, 2, "case %zu: status %d", i, r.status);
		cr_expect_str_eq(r.out, "", "case %zu", i);
		cr_expect(strstr(r.err, cases[i].err) != NULL, "case %zu: %s", i, r.err);
	}
	struct run r = RUN("glob", "--strict", "[z-a]");
	EXPECT_RUN(r, 1, "", "glob: '[z-a]': the range [z-a] matches nothing\n");
}

Test(glob, huge_patterns_end_soon)
{
	enum { STARS = 20000, ALTERNATIVES = 100000, MEGA = 1 << 20 };
	char *stars = calloc(2 * STARS + 2, 1);
	char *braces = calloc(2 * ALTERNATIVES + 3, 1);
	char *mega = calloc(MEGA + 1, 1);
	char name[201];
	struct run r;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	tree_text(name, "");
	for (size_t i = 0; i < STARS; i++)
		memcpy(stars + 2 * i, "a*", 2);
	stars[2 * STARS / 4] = '\0'; /* a pattern of 5000 stars is still compiled */
	strcat(stars, "b");
	r = RUN("glob", "-q", stars);
	EXPECT_RUN(r, 1, "", "");
	braces[0] = '{';
	for (size_t i = 0; i < ALTERNATIVES; i++)
		memcpy(braces + 1 + 2 * i, "a,", 2);
	braces[2 * ALTERNATIVES] = '}';
	tree_text("list", braces);
	r = RUN("glob", "--patterns-from=list");
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "the pattern is too l");
	memset(mega, '?', MEGA);
	tree_text("list", mega);
	r = RUN("glob", "--patterns-from=list");
	EXPECT_STATUS(r, 2);
	free(stars);
	free(braces);
	free(mega);
}

Test(glob, unreadable_directories_are_told)
{
	struct run r;

	tree("f a/x", "f b/x", "f c/x");
	tree_mode("b", 0);
	sandbox_drop_root();
	r = RUN("glob", "**/x");
	EXPECT_RUN(r, 3, "a/x\nc/x\n", "glob: cannot read directory 'b': Permission denied\n");
	/* What need not be read is not missed. */
	r = RUN("glob", "a/*");
	EXPECT_RUN(r, 0, "a/x\n", "");
	r = RUN("glob", "**/x", "-E", "b");
	EXPECT_RUN(r, 0, "a/x\nc/x\n", "");
	r = RUN("glob", "b/x");
	EXPECT_RUN(r, 3, "", "glob: cannot access 'b/x': Permission denied\n");
}

Test(glob, a_working_directory_that_is_gone)
{
	tree("d gone");
	cr_assert_eq(chdir("gone"), 0);
	cr_assert_eq(rmdir("../gone"), 0);
	struct run r = RUN("glob", "*");
	EXPECT_RUN(r, 3, "", "glob: cannot find the path of '.': No such file or directory\n");
}

Test(glob, paths_longer_than_the_kernel_takes)
{
	char name[251];
	struct run r;
	int fd;

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 20; i++) {
		cr_assert_eq(mkdir(name, 0755), 0);
		cr_assert_eq(chdir(name), 0);
	}
	fd = open("end", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	cr_assert(fd >= 0);
	(void)close(fd);
	cr_assert_eq(chdir(sandbox_path()), 0);
	r = RUN("glob", "--size=0", "**/end");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out_len, 20 * 251 + 4);
}

Test(glob, output_that_fails)
{
	struct run r;

	tree("f a", "f b");
	r = run_argv(&(struct run_request){ .words = WORDS("glob", "*"), .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
	EXPECT_ERR(r, "glob: write error: No space left on device\n");
	r = run_argv(
		&(struct run_request){ .words = WORDS("glob", "*"), .out_to = RUN_TO_NOTHING });
	EXPECT_STATUS(r, 3);
	r = run_argv(&(struct run_request){ .words = WORDS("glob", "--sort=none", "*"),
	                                    .out_to = RUN_TO_NOBODY });
	EXPECT_STATUS(r, 128 + 13);
}
