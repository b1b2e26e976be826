/* SPDX-License-Identifier: MIT */
/* glob, run as a user would: which results, in which order, in which form; and commands. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(glob_results, .init = sandbox_enter, .fini = sandbox_leave);

struct call {
	const char *words[6];
	const char *out;
};

static void expect_calls(const struct call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *words[8] = { "glob" };

		memcpy(words + 1, calls[i].words, sizeof(calls[i].words));
		struct run r = run_words(words);
		cr_expect_str_eq(r.out, calls[i].out, "call %zu printed %s", i, r.out);
		cr_expect_eq(r.status, calls[i].out[0] != '\0' ? 0 : 1, "call %zu: %d", i,
		             r.status);
		cr_expect_str_eq(r.err, "", "call %zu said %s", i, r.err);
	}
}

Test(glob_results, types)
{
	static const struct call calls[] = {
		{ { "-t", "f", "*" }, "empty\nfile\nrun\n" },
		{ { "-t", "d", "*" }, "dir\nfull\n" },
		{ { "-tl,p", "*" }, "fifo\nlink\n" },
		{ { "--type=file,symlink", "*" }, "empty\nfile\nlink\nrun\n" },
		{ { "-t", "x", "*" }, "run\n" },
		{ { "-t", "e", "*" }, "dir\nempty\n" },
		{ { "-t", "fe", "*" }, "empty\n" },
		{ { "--empty", "-t", "d", "*" }, "dir\n" },
		{ { "-t", "executable,file", "*" }, "run\n" },
		{ { "-L", "-t", "f", "*" }, "empty\nfile\nlink\nrun\n" },
		{ { "-L", "-t", "l", "*" }, "" },
		{ { "-t", "s", "*" }, "" },
	};

	tree("t file text", "f empty", "d dir", "f full/x", "l link -> file", "p fifo");
	tree_script("run", "#!/bin/sh\n");
	expect_calls(calls, LEN(calls));
}

Test(glob_results, sizes_are_inclusive_and_of_files)
{
	static const struct call calls[] = {
		{ { "-S", "+1K", "*" }, "big\nk\n" },
		{ { "-S", "-1024", "*" }, "k\nless\nnone\n" },
		{ { "-S", "1024", "*" }, "k\n" },
		{ { "--size=+1", "--size=-1023", "*" }, "less\n" },
		{ { "--min-size=1G", "*" }, "big\n" },
		{ { "--max-size=0", "*" }, "none\n" },
		{ { "--size=+6G", "*" }, "" },
	};

	tree("f none", "f less 1023", "f k 1024", "s big 5368709120", "d dir");
	expect_calls(calls, LEN(calls));
}

Test(glob_results, times_are_inclusive)
{
	static const struct call calls[] = {
		{ { "--newer=@1000000000", "*" }, "b\nc\nfuture\n" },
		{ { "--older=@1000000000", "*" }, "a\nb\nbefore\n" },
		{ { "--newer=@0", "--older=@999999999.5", "*" }, "a\n" },
		{ { "--changed-within=10y", "*" }, "future\n" },
		{ { "--newer=2001-09-09T01:46:41Z", "*" }, "c\nfuture\n" },
		{ { "--newer=b", "--older", "b", "*" }, "b\n" },
		{ { "--older=@-1", "*" }, "before\n" },
		{ { "--time=ctime", "--older=@1000000000", "*" }, "" },
		{ { "--time=atime", "--newer=@1000000001", "*" }, "c\nfuture\n" },
	};

	tree("f before", "f a", "f b", "f c", "f future");
	tree_time("before", (struct timespec){ -5, 0 });
	tree_time("a", (struct timespec){ 999999999, 0 });
	tree_time("b", (struct timespec){ 1000000000, 0 });
	tree_time("c", (struct timespec){ 1000000001, 0 });
	tree_time("future", (struct timespec){ 4000000000, 0 });
	expect_calls(calls, LEN(calls));
}

Test(glob_results, permissions)
{
	static const struct call calls[] = {
		{ { "--perm=644", "*" }, "a\n" },     { { "--perm=-600", "*" }, "a\nb\nc\n" },
		{ { "--perm=/111", "*" }, "b\nc\n" }, { { "--perm=u=rwx,go=", "*" }, "b\n" },
		{ { "--perm=-u+s", "*" }, "c\n" },    { { "--perm=/o+r", "*" }, "a\nc\n" },
		{ { "--perm=0", "*" }, "none\n" },
	};

	tree("f a", "f b", "f c", "f none", "m a 644", "m b 700", "m c 4755", "m none 0");
	expect_calls(calls, LEN(calls));
}

Test(glob_results, owners)
{
	static const struct call calls[] = {
		{ { "-o", "12345", "*" }, "b\n" },         { { "-o", "!12345", "*" }, "a\n" },
		{ { "--owner=root", "*" }, "a\n" },        { { "--owner=:54321", "*" }, "b\n" },
		{ { "--owner=root:!54321", "*" }, "a\n" }, { { "--owner=12345:0", "*" }, "" },
	};

	need_root();
	tree("f a", "f b");
	cr_assert_eq(chown("b", 12345, 54321), 0);
	expect_calls(calls, LEN(calls));
	struct run r = RUN("glob", "--owner=root:no such", "*");
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "no such group");
}

Test(glob_results, orders)
{
	static const struct call calls[] = {
		{ { "**" }, "a10\na2\nb\nb/a1\nc\n" },
		{ { "-r", "**" }, "c\nb/a1\nb\na2\na10\n" },
		{ { "--sort=name", "**" }, "b/a1\na10\na2\nb\nc\n" },
		{ { "--sort=natural", "a*" }, "a2\na10\n" },
		{ { "--sort=size", "-tf", "**" }, "a10\nc\na2\nb/a1\n" },
		{ { "--sort=mtime", "-r", "-n2", "-tf", "**" }, "c\na2\n" },
		{ { "--sort=mtime", "-1", "-tf", "**" }, "b/a1\n" },
		{ { "--keep=2", "-tf", "**" }, "a10\nb/a1\n" },
		{ { "--keep=9", "**" }, "" },
		{ { "-n", "1", "**" }, "a10\n" },
	};

	tree("f a10", "f a2 5", "f b/a1 9", "f c 3");
	tree_time("b/a1", (struct timespec){ 1, 0 });
	tree_time("a10", (struct timespec){ 2, 0 });
	tree_time("a2", (struct timespec){ 3, 0 });
	tree_time("c", (struct timespec){ 3, 1 });
	expect_calls(calls, LEN(calls));
}

Test(glob_results, of_equal_age_the_last_name_is_kept)
{
	struct run r;

	tree("f log-1", "f log-2", "f log-3");
	for (const char *const *name = WORDS("log-1", "log-2", "log-3"); *name != NULL; name++)
		tree_time(*name, (struct timespec){ 5, 0 });
	r = RUN("glob", "--keep=1", "log-*", "-X", "rm", "--");
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "log-3");
}

Test(glob_results, forms)
{
	struct run r;

	tree("t a.tar.gz text", "d d", "l l -> d", "f d/.x", "m a.tar.gz 640", "m d/.x 600");
	tree_time("d/.x", (struct timespec){ 7, 1 });
	tree_time("a.tar.gz", (struct timespec){ 1000000000, 500000000 });
	r = RUN("glob", "--format={}|{/}|{//}|{.}|{/.}|{size}|{mtime}|{mode}|{type}|{{}", "d/.x",
	        "a.*", "-H");
	EXPECT_RUN(r, 0,
	           "a.tar.gz|a.tar.gz|.|a.tar|a.tar|4|1000000000.5|0640|file|{}\n"
	           "d/.x|.x|d|d/.x|.x|0|7.000000001|0600|file|{}\n",
	           "");
	r = RUN("glob", "--count", "**");
	EXPECT_RUN(r, 0, "3\n", "");
	r = RUN("glob", "--count", "nope*");
	EXPECT_RUN(r, 1, "0\n", "");
	r = RUN("glob", "-q", "**");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("glob", "--nullglob", "nope*");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("glob", "-l", "a*");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "-rw-r-----  1 ");
	EXPECT_OUT_HAS(r, " 4 2001-09-09 01:46 a.tar.gz\n");
	r = RUN("glob", "-l", "l");
	EXPECT_OUT_HAS(r, " l -> d\n");
	r = RUN("glob", "--json", "*");
	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);
	const struct json *file = json_find(&lines, "path", "a.tar.gz");
	cr_expect_eq(lines.len, 3);
	cr_expect_eq(json_int(file, "size", -1), 4);
	cr_expect_str_eq(json_string(file, "mode"), "0640");
	cr_expect_str_eq(json_number(file, "mtime"), "1000000000.5");
	cr_expect(json_is_null(file, "target"));
	cr_expect_str_eq(json_string(json_find(&lines, "path", "l"), "target"), "d");
	r = RUN("glob", "--json", "--no-stat", "a*");
	EXPECT_RUN(r, 0,
	           "{\"record\":\"entry\",\"path\":\"a.tar.gz\",\"pattern\":\"a*\",\"depth\":1,"
	           "\"type\":\"file\",\"size\":null,\"mode\":null,\"mtime\":null,\"uid\":null,"
	           "\"gid\":null,\"ino\":null,\"dev\":null,\"nlink\":null,\"target\":null}\n",
	           "");
}

Test(glob_results, hostile_names)
{
	struct run r;
	size_t n = 0;
	size_t ends = 0;

	for (; hostile_names[n] != NULL; n++)
		tree_text(hostile_names[n], "");
	r = RUN("glob", "-H", "-0", "*");
	EXPECT_STATUS(r, 0);
	for (size_t i = 0; i < r.out_len; i++)
		ends += r.out[i] == '\0';
	cr_expect_eq(ends, n);
	r = RUN("glob", "-H", "--json", "*");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(JSON_LINES(r).len, n);
	r = run_argv(&(struct run_request){ .words = WORDS("glob", "-H", "*"),
	                                    .out_to = RUN_TO_TERMINAL });
	EXPECT_OUT_HARMLESS(r);
	/* Each name arrives as one argument and is no option. */
	r = RUN("glob", "-H", "*", "-X", "rm");
	EXPECT_RUN(r, 0, "", "");
	expect_empty_dir(".");
}

Test(glob_results, on_a_terminal_names_have_colours)
{
	struct run r;

	tree("f d/a.c");
	r = run_argv(&(struct run_request){
		.words = WORDS("glob", "d/*"),
		.out_to = RUN_TO_TERMINAL,
		.env = (const char *const[]){ "TERM=xterm", "LS_COLORS=di=34:*.c=31", NULL } });
	EXPECT_RUN(r, 0, "\033[34md/\033[0m\033[31ma.c\033[0m\n", "");
	r = RUN("glob", "--hyperlink", "--color=never", "d/*");
	EXPECT_OUT_HAS(r, "\033]8;;file://");
	EXPECT_OUT_HAS(r, "/d/a.c\033\\d/a.c\033]8;;\033\\\n");
}

Test(glob_results, names_at_several_paths)
{
	struct run r;

	tree("f a/x", "f b/x", "f b/y", "f c/X", "f z");
	r = RUN("glob", "--by-name", "**");
	EXPECT_RUN(r, 0, "a/x\nb/x\n", "");
	tree("f c/y");
	r = RUN("glob", "--by-name", "-i", "**");
	EXPECT_RUN(r, 0, "a/x\nb/x\nc/X\n\nb/y\nc/y\n", "");
	r = RUN("glob", "--by-name", "z", "b/*");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("glob", "--by-name", "--json", "--no-stat", "**/y");
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(lines.len, 3);
	cr_expect_eq(json_int(json_record(&lines, "group", 0), "count", -1), 2);
	cr_expect_str_eq(json_string(json_record(&lines, "group", 0), "name"), "y");
}

Test(glob_results, commands)
{
	struct run r;

	tree("f a.c", "f b.c", "f -n.c");
	r = RUN("glob", "*.c", "-x", "echo", "got", "{}", "{.}", ";", "-r");
	EXPECT_RUN(r, 0, "got b.c b\ngot a.c a\ngot ./-n.c ./-n\n", "");
	r = RUN("glob", "*.c", "-X", "echo", "all:", "{}", "end");
	EXPECT_RUN(r, 0, "all: ./-n.c a.c b.c end\n", "");
	r = RUN("glob", "*.c", "-x", "echo");
	EXPECT_RUN(r, 0, "./-n.c\na.c\nb.c\n", "");
	r = RUN("glob", "-x", "test", "a.c", "=", "{}", ";", "?.c");
	EXPECT_STATUS(r, 3);
	r = RUN("glob", "nope*", "-x", "false");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("glob", "*.c", "-x", "/no/such/program");
	EXPECT_STATUS(r, 127);
	tree("f plain");
	r = RUN("glob", "*.c", "-x", "./plain");
	EXPECT_STATUS(r, 126);
	r = RUN("glob", "a.c", "-x", "sh", "-c", "kill -9 $$");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "killed by signal 9");
	r = RUN("glob", "?.c", "--fail-fast", "-x", "sh", "-c", "echo $0; exit 1");
	EXPECT_RUN(r, 3, "a.c\n", "");
	r = RUN("glob", "*.c", "-x", "echo", ";", "-X", "echo");
	EXPECT_STATUS(r, 2);
	r = RUN("glob", "-C", "/", "etc", "-x", "pwd");
	EXPECT_STATUS(r, 0);
}

Test(glob_results, more_paths_than_fit_into_one_command)
{
	enum { FILES = 3000 };
	char name[240];
	struct run r;
	size_t lines = 0;

	memset(name, 'n', sizeof(name) - 1);
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(name + 200, 20, "%d", i);
		tree_text(name, "");
	}
	/* A small stack makes a small ARG_MAX: a quarter of it. */
	r = run_argv(&(struct run_request){
		.words = WORDS("glob", "n*", "-X", "sh", "-c", "echo $#", "sh"),
		.limits = { { RLIMIT_STACK, 1024 * 1024 } } });
	EXPECT_STATUS(r, 0);
	long total = 0;
	for (const char *at = r.out; *at != '\0'; at = strchr(at, '\n') + 1) {
		total += strtol(at, NULL, 10);
		lines++;
	}
	cr_expect_eq(total, FILES);
	cr_expect(lines > 1, "all fitted into one");
}

Test(glob_results, a_limit_ends_the_search)
{
	struct run r;

	tree("f a/x", "f b/x", "f c/x");
	r = RUN("glob", "--sort=none", "-n", "1", "**/x");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out_len, 4);
	/* The directory that cannot be read is never come to: the first pattern is looked up. */
	tree("d locked");
	tree_mode("locked", 0);
	sandbox_drop_root();
	r = RUN("glob", "--sort=none", "-1", "a/x", "locked/*");
	EXPECT_RUN(r, 0, "a/x\n", "");
}
