/* SPDX-License-Identifier: MIT */
/* ls apart from GNU ls: its own options, records, hard cases and exit statuses. */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(ls, .init = sandbox_enter, .fini = sandbox_leave);

#define EXPECT_CALL(code, out_text, err_text, ...)                 \
	do {                                                       \
		struct run call_result = RUN("ls", __VA_ARGS__);   \
		EXPECT_RUN(call_result, code, out_text, err_text); \
	} while (0)

Test(ls, statuses_are_those_of_gnu_ls)
{
	struct run r;

	tree("d d", "f d/a", "l d/gone -> nowhere");
	EXPECT_CALL(0, "a\ngone\n", "", "d");
	EXPECT_CALL(2, "d/a\n", "ls: cannot access 'x': No such file or directory\n", "x", "d/a");
	EXPECT_CALL(2, "", "ls: cannot access '': No such file or directory\n", "");
	r = RUN("ls", "-goL", "d");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "l????????? ? ?            ? gone\n");
	EXPECT_ERR(r, "ls: cannot access 'd/gone': No such file or directory\n");
}

Test(ls, wrong_usage_lists_nothing)
{
	static const char *const words[] = { "--sort=bogus", "-wx",         "--block-size=x",
		                             "--format=x",   "--bogus",     "-D",
		                             "--dired",      "--level=2",   "--time-style=nix -l",
		                             "--newer=soon", "--min-size=x" };

	tree("f a");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct run r = i == 8 ? RUN("ls", "-l", "--time-style=nix") : RUN("ls", words[i]);

		EXPECT_STATUS(r, 2);
		EXPECT_OUT(r, "");
		EXPECT_ERR_HAS(r, "Try 'dutybox ls --help'");
	}
}

Test(ls, variables_that_make_no_sense_are_reported_only)
{
	struct run_request request = { .words = WORDS("ls", "-C"),
		                       .env = WORDS("COLUMNS=abc", "QUOTING_STYLE=x", "TABSIZE=y",
		                                    "CLICOLOR_FORCE=1", "LS_COLORS=bogus") };
	struct run r;

	tree("f a");
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "a\n");
	EXPECT_ERR_HAS(r, "COLUMNS");
	EXPECT_ERR_HAS(r, "QUOTING_STYLE");
	EXPECT_ERR_HAS(r, "TABSIZE");
	EXPECT_ERR_HAS(r, "LS_COLORS");
}

Test(ls, output_that_fails_is_an_error)
{
	struct run_request request = { .words = WORDS("ls"), .out_to = RUN_TO_FULL };
	struct run r;

	tree("f a");
	r = run_argv(&request);
	EXPECT_STATUS(r, 2);
	EXPECT_ERR(r, "ls: write error: No space left on device\n");
	request.out_to = RUN_TO_NOTHING;
	r = run_argv(&request);
	EXPECT_STATUS(r, 2);
	request.out_to = RUN_TO_NOBODY;
	r = run_argv(&request);
	EXPECT_STATUS(r, 141);
	request.ignore_sigpipe = true;
	r = run_argv(&request);
	EXPECT_STATUS(r, 2);
	request = (struct run_request){ .words = WORDS("ls", "x", "a"), .err_to = RUN_TO_FULL };
	r = run_argv(&request);
	EXPECT_STATUS(r, 2);
	EXPECT_OUT(r, "a\n");
}

Test(ls, newlines_are_masked_unless_asked_for)
{
	struct run r;

	tree_text("a\nb", "");
	EXPECT_CALL(0, "a?b\n", "", "-1");
	EXPECT_CALL(0, "a\nb\n", "", "-N");
	EXPECT_CALL(0, "a\nb\n", "", "--show-control-chars");
	EXPECT_CALL(0, "a\\nb\n", "", "-b");
	r = RUN("ls", "--zero");
	EXPECT_OUT_BYTES(r, "a\nb\0", 4);
}

Test(ls, hostile_names_never_reach_a_terminal)
{
	struct run_request request = { .out_to = RUN_TO_TERMINAL };
	static const char *const options[] = { "-l", "-C", "-m", "--tree", "-N", "-R" };

	for (size_t i = 0; hostile_names[i] != NULL; i++)
		tree_text(hostile_names[i], "");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct run r;

		request.words = WORDS("ls", "--color=never", "-T0", options[i]);
		r = run_argv(&request);
		EXPECT_STATUS(r, 0);
		for (char *p = r.out; *p != '\0'; p++)
			if (*p == '\r')
				*p = ' ';
		EXPECT_OUT_HARMLESS(r);
	}
}

Test(ls, records_are_exact)
{
	struct json_lines lines;
	struct run r;
	const struct json *a, *l;

	tree("d d", "f d/a 10", "l d/l -> a", "l d/x -> nowhere", "h d/b -> d/a", "m d/a 4711");
	for (size_t i = 0; hostile_names[i] != NULL; i++)
		tree_text(hostile_names[i], "");
	r = RUN("ls", "-a", "--json", "d");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_assert_eq(json_count(&lines, "entry"), 6);
	a = json_find(&lines, "name", "a");
	cr_assert(a != NULL);
	cr_expect_str_eq(json_string(a, "path"), "d/a");
	cr_expect_str_eq(json_string(a, "dir"), "d");
	cr_expect_str_eq(json_string(a, "type"), "file");
	cr_expect_str_eq(json_string(a, "mode"), "4711");
	cr_expect_str_eq(json_string(a, "perms"), "-rws--x--x");
	cr_expect_eq(json_int(a, "size", -1), 10);
	cr_expect_eq(json_int(a, "nlink", -1), 2);
	cr_expect(json_is_null(a, "target"));
	cr_expect(json_is_null(a, "rdev_major"));
	cr_expect(json_is_false(a, "hidden"));
	l = json_find(&lines, "name", "l");
	cr_assert(l != NULL);
	cr_expect_str_eq(json_string(l, "target"), "a");
	cr_expect_str_eq(json_string(l, "target_type"), "file");
	cr_expect(json_is_false(l, "broken"));
	cr_expect(json_is_true(json_find(&lines, "name", "x"), "broken"));
	cr_expect(json_is_true(json_find(&lines, "name", ".."), "hidden"));
	r = RUN("ls", "--json");
	lines = JSON_LINES(r);
	cr_expect(json_count(&lines, "entry") > 10);
	r = RUN("ls", "--json", "missing");
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "error"), 1);
	EXPECT_STATUS(r, 2);
}

Test(ls, filters_answer_by_the_status)
{
	struct timespec old = { .tv_sec = 1000000 };

	tree("d d", "f d/big 5000", "f d/small 5", "d d/sub", "f d/sub/deep 9000");
	tree_time("d/small", old);
	tree_time("d/sub", old);
	EXPECT_CALL(0, "big\n", "", "--newer=2000-01-01", "d");
	EXPECT_CALL(0, "small\nsub\n", "", "--older=2000-01-01", "d");
	EXPECT_CALL(1, "", "", "-a", "--newer=2100-01-01", "d");
	EXPECT_CALL(0, "big\n", "", "--min-size=1K", "d");
	EXPECT_CALL(0, "small\n", "", "--max-size=1K", "d");
	EXPECT_CALL(0, "d:\nbig\n\nd/sub:\ndeep\n", "", "-R", "--newer=2000-01-01", "d");
	EXPECT_CALL(0, "sub\n", "", "--only-dirs", "d");
	EXPECT_CALL(0, "d:\nbig\nsmall\n\nd/sub:\ndeep\n", "", "-R", "--only-files", "d");
	EXPECT_CALL(0, "big\nsmall\nsub\n", "", "--group-directories-last", "d");
}

Test(ls, ignore_files_are_obeyed_when_asked)
{
	tree("d d", "f d/a.o", "f d/a.c", "d d/out", "f d/out/x", "d d/sub", "f d/sub/b.o",
	     "f d/sub/k");
	tree_text("d/.gitignore", "*.o\nout/\n");
	EXPECT_CALL(0, "d:\na.c\nsub\n\nd/sub:\nk\n", "", "-R", "--gitignore", "d");
	EXPECT_CALL(0, "a.c\na.o\nout\nsub\n", "", "d");
	EXPECT_CALL(0, "a.c\nsub\n", "", "--git-ignore", "d");
}

Test(ls, trees)
{
	tree("d d", "f d/a", "d d/e", "d d/e/f", "f d/e/f/g", "f d/z", "f lone");
	EXPECT_CALL(0, "d\n├── a\n├── e\n│   └── f\n│       └── g\n└── z\nlone\n", "", "--tree",
	            "d", "lone");
	EXPECT_CALL(0, "d/\n├── a\n├── e/\n└── z\n", "", "--tree", "--level=1", "-F", "d");
	EXPECT_CALL(0, "d:\na\ne\nz\n\nd/e:\nf\n", "", "-R", "--level=2", "d");
}

Test(ls, totals_count_an_inode_once)
{
	struct json_lines lines;
	struct run r;

	tree("d d", "d d/s", "f d/s/a 1000", "h d/s/b -> d/s/a", "f d/c 7");
	r = RUN("ls", "--json", "--total-size", "d");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_find(&lines, "name", "s"), "total_bytes", -1), 1000);
	cr_expect(json_is_null(json_find(&lines, "name", "c"), "total_bytes"));
	r = RUN("ls", "-go", "--total-size", "--time-style=+", "d");
	EXPECT_OUT_HAS(r, " 1000  s\n");
}

Test(ls, octal_header_relative)
{
	tree("f a 3", "m a 640");
	EXPECT_CALL(0,
	            "total 4\nmode       bits links size time name\n"
	            "-rw-r----- 0640     1    3 now  a\n",
	            "", "-go", "--octal", "--header", "--time-style=+now ");
	tree_time("a", (struct timespec){ .tv_sec = 0 });
	EXPECT_CALL(0, "-rw-r----- 1 3 56 years ago  a\n", "", "-go", "--time-style=relative", "a");
}

Test(ls, operands_from_a_file)
{
	struct run_request request = { .words = WORDS("ls", "-d", "--files0-from=-"),
		                       .input = "b\0a b\0",
		                       .input_len = 6 };
	struct run r;

	tree("d b");
	tree_text("a b", "");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "a b\nb\n", "");
	EXPECT_CALL(2, "", "ls: cannot open 'gone': No such file or directory\n",
	            "--files0-from=gone");
	r = RUN("ls", "--files0-from=-", "b");
	EXPECT_STATUS(r, 2);
}

Test(ls, abbreviations_of_gnu_ls_keep_their_meaning)
{
	tree("d d", "f d/a", "f d/b", "m d/a 755");
	EXPECT_CALL(0, "a\nb\n", "", "--g", "d");
	EXPECT_CALL(0, "a\nb\n", "", "--group-directories", "d");
	EXPECT_CALL(0, "a\nb\n", "", "--fil", "d");
	EXPECT_CALL(0, "a*\nb\n", "", "--ind=cl", "d");
	EXPECT_CALL(0, "b\na\n", "", "--rev", "--sort=na", "d");
	EXPECT_CALL(0, "\"a\"\n\"b\"\n", "", "--quoti=c", "d");
}

/* 60 names of 100 bytes are longer than any path may be. */
Test(ls, no_path_is_too_long)
{
	char name[101];
	struct run r;
	int fd;

	memset(name, 'x', 100);
	name[100] = '\0';
	tree("d deep");
	fd = open("deep", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 60; i++) {
		int next;

		cr_assert_eq(mkdirat(fd, name, 0755), 0);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY);
		(void)close(fd);
		fd = next;
	}
	(void)close(openat(fd, "leaf", O_WRONLY | O_CREAT, 0644));
	(void)close(fd);
	r = RUN("ls", "-R", "deep");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "leaf\n");
	r = RUN("ls", "-l", "--tree", "deep");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "leaf\n");
	r = run_argv(&(struct run_request){ .words = WORDS("ls", "-R", "deep"),
	                                    .limits = { { RLIMIT_NOFILE, 16 } } });
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "leaf\n");
}

Test(ls, loops_of_links_end)
{
	struct run r;

	tree("d d", "l d/self -> ../d", "f d/a");
	r = RUN("ls", "-RL", "d");
	EXPECT_RUN(r, 2, "d:\na\nself\n", "ls: 'd/self': not listing already-listed directory\n");
	EXPECT_CALL(0, "d:\na\nself\n", "", "-R", "d");
}

Test(ls, unreadable_directories)
{
	struct run_request request = { .words = WORDS("ls", "d", "e"), .uid = RUN_NOBODY };
	struct run r;

	tree("d d", "d d/s", "d e", "f e/f", "m d/s 0", "m e 744");
	need_root();
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "d:\ns\n\ne:\nf\n", "");
	request.words = WORDS("ls", "-R", "d");
	r = run_argv(&request);
	EXPECT_RUN(r, 1, "d:\ns\n", "ls: cannot open directory 'd/s': Permission denied\n");
	request.words = WORDS("ls", "d/s");
	r = run_argv(&request);
	EXPECT_RUN(r, 2, "", "ls: cannot open directory 'd/s': Permission denied\n");
	request.words = WORDS("ls", "-l", "e");
	r = run_argv(&request);
	EXPECT_RUN(r, 1, "total 0\n-????????? ? ? ? ?            ? f\n",
	           "ls: cannot access 'e/f': Permission denied\n");
}

Test(ls, big_directories_are_learned_by_threads)
{
	char name[32];
	struct run a, b;

	tree("d d");
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "d/f%d", i * 7919 % 5000);
		tree_text(name, "");
	}
	a = RUN("ls", "-l", "d");
	EXPECT_STATUS(a, 0);
	need_program("ls");
	b = RUN_PEER("ls", "-l", "d");
	cr_expect(a.out_len == b.out_len && memcmp(a.out, b.out, a.out_len) == 0);
	a = RUN("ls", "-U", "d");
	b = RUN_PEER("ls", "-U", "d");
	cr_expect(a.out_len == b.out_len && memcmp(a.out, b.out, a.out_len) == 0);
}
