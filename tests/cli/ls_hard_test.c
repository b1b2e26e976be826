/* SPDX-License-Identifier: MIT */
/* Hard cases of ls: extreme numbers, times and sizes of directories, odd file systems. */
#include "private_mounts.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

TestSuite(ls_hard, .init = sandbox_enter, .fini = sandbox_leave);

static struct run ls_in_zone(const char *zone, const char *path)
{
	struct run_request request = { .words = WORDS("ls", "-go", path), .env = WORDS(zone) };

	return run_argv(&request);
}

/* A time, and how the default style shows it in UTC. */
Test(ls_hard, times)
{
	static const struct {
		int64_t seconds;
		const char *utc, *kathmandu;
	} times[] = {
		{ -315619200, "Jan  1  1960", "Jan  1  1960" },
		{ 2177452800, "Jan  1  2039", "Jan  1  2039" },
		{ 9999999999, "Nov 20  2286", "Nov 20  2286" },
		{ 946684799, "Dec 31  1999", "Jan  1  2000" },
	};
	char want[64];
	struct run r;

	tree("f a");
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		tree_time("a", (struct timespec){ .tv_sec = times[i].seconds });
		(void)snprintf(want, sizeof(want), "-rw-r--r-- 1 0 %s a\n", times[i].utc);
		r = ls_in_zone("TZ=UTC", "a");
		EXPECT_RUN(r, 0, want, "");
		r = ls_in_zone("TZ=", "a");
		EXPECT_RUN(r, 0, want, "");
		r = ls_in_zone("TZ=garbage", "a");
		EXPECT_RUN(r, 0, want, "");
		(void)snprintf(want, sizeof(want), "-rw-r--r-- 1 0 %s a\n", times[i].kathmandu);
		/* The zone in full, so that no database is needed. */
		r = ls_in_zone("TZ=NPT-5:45", "a");
		EXPECT_RUN(r, 0, want, "");
	}
}

/* Year 10000 and later, where the file system keeps it. */
Test(ls_hard, years_of_five_digits)
{
	const struct timespec t[2] = { { .tv_sec = 253402300800 }, { .tv_sec = 253402300800 } };
	struct stat st;
	struct run r;

	enter_private_mounts();
	mount_tmpfs("m", NULL);
	tree("f m/a");
	cr_assert_eq(utimensat(AT_FDCWD, "m/a", t, 0), 0);
	cr_assert_eq(stat("m/a", &st), 0);
	if (st.st_mtime != t[1].tv_sec)
		skip("no file system here keeps the year 10000");
	r = ls_in_zone("TZ=UTC", "m/a");
	EXPECT_RUN(r, 0, "-rw-r--r-- 1 0 Jan  1  10000 m/a\n", "");
	r = RUN("ls", "--json", "m");
	EXPECT_OUT_HAS(r, "\"mtime\":253402300800");
}

/* Half a year ago is the border between a time of day and a year: a day to both sides of it. */
Test(ls_hard, half_a_year)
{
	enum { HALF = 31556952 / 2, DAY = 86400 };
	const time_t now = time(NULL);
	struct run r;

	tree("f a");
	tree_time("a", (struct timespec){ .tv_sec = now - HALF + DAY });
	r = ls_in_zone("TZ=UTC", "a");
	cr_expect(strchr(r.out, ':') != NULL, "%s", r.out);
	tree_time("a", (struct timespec){ .tv_sec = now - HALF - DAY });
	r = ls_in_zone("TZ=UTC", "a");
	cr_expect(strchr(r.out, ':') == NULL, "%s", r.out);
	tree_time("a", (struct timespec){ .tv_sec = now + DAY });
	r = ls_in_zone("TZ=UTC", "a");
	cr_expect(strchr(r.out, ':') == NULL, "%s", r.out);
}

Test(ls_hard, numbers)
{
	struct json_lines lines;
	const struct json *e;
	struct run r;

	tree("s sparse 5368709120");
	r = RUN("ls", "-s", "sparse");
	EXPECT_RUN(r, 0, "0 sparse\n", "");
	r = RUN("ls", "-lh", "--time-style=+", "sparse");
	EXPECT_OUT_HAS(r, " 5.0G  sparse\n");
	r = RUN("ls", "--json", "sparse");
	lines = JSON_LINES(r);
	e = json_find(&lines, "name", "sparse");
	cr_assert(e != NULL);
	cr_expect_eq(json_int(e, "size", -1), 5368709120);
	cr_expect_eq(json_int(e, "disk_bytes", -1), 0);
}

Test(ls_hard, owners_and_devices)
{
	struct run r;

	need_root();
	tree("f a");
	cr_assert_eq(chown("a", 4294967294U, 4294967293U), 0);
	r = RUN("ls", "-l", "--time-style=+", "a");
	EXPECT_RUN(r, 0, "-rw-r--r-- 1 4294967294 4294967293 0  a\n", "");
	r = RUN("ls", "--json", "a");
	EXPECT_OUT_HAS(r, "\"uid\":4294967294,\"gid\":4294967293,\"user\":null,\"group\":null");
	if (mknod("dev", S_IFCHR | 0600, makedev(4095, 1048575)) != 0)
		skip("no devices may be made here");
	r = RUN("ls", "-l", "--time-style=+", "dev");
	EXPECT_RUN(r, 0, "crw------- 1 root root 4095, 1048575  dev\n", "");
	r = RUN("ls", "--json", "dev");
	EXPECT_OUT_HAS(r, "\"rdev_major\":4095,\"rdev_minor\":1048575");
}

/* Sizes and numbers of links that few file systems have. */
Test(ls_hard, extremes)
{
	enum { LINKS = 65600 };
	char name[32];
	struct run r;
	int dir;

	enter_private_mounts();
	mount_tmpfs("m", "nr_inodes=0");
	tree("f m/linked", "d m/links", "f m/vast");
	if (truncate("m/vast", INT64_MAX - 4095) != 0)
		skip("no file may be so big here");
	r = RUN("ls", "-go", "--time-style=+", "m/vast");
	EXPECT_RUN(r, 0, "-rw-r--r-- 1 9223372036854771712  m/vast\n", "");
	r = RUN("ls", "-goh", "--time-style=+", "m/vast");
	EXPECT_RUN(r, 0, "-rw-r--r-- 1 8.0E  m/vast\n", "");
	r = RUN("ls", "--json", "m/vast");
	EXPECT_OUT_HAS(r, "\"size\":9223372036854771712,");
	dir = open("m/links", O_RDONLY | O_DIRECTORY);
	for (int i = 1; i < LINKS; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		cr_assert_eq(linkat(AT_FDCWD, "m/linked", dir, name, 0), 0);
	}
	(void)close(dir);
	r = RUN("ls", "-go", "--time-style=+", "m/linked");
	EXPECT_RUN(r, 0, "-rw-r--r-- 65600 0  m/linked\n", "");
}

/* The directory one stands in cannot be read, or read but not searched. */
Test(ls_hard, unreadable_working_directory)
{
	struct run_request request = { .words = WORDS("ls"), .uid = RUN_NOBODY, .cwd = "d" };
	struct run r;

	need_root();
	tree("d d", "f d/a", "m d 711");
	r = run_argv(&request);
	EXPECT_RUN(r, 2, "", "ls: cannot open directory '.': Permission denied\n");
	request.words = WORDS("ls", "a");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "a\n", "");
}

/* What is in a big directory is streamed in little memory, and a reader may leave early. */
Test(ls_hard, many_entries_are_streamed)
{
	enum { MANY = 100000 };
	struct run_request request = { .words = WORDS("ls", "-U", "d"),
		                       .limits = { { RLIMIT_DATA, 8U << 20 } } };
	char name[32];
	struct run r;
	size_t lines = 0;
	int dir;

	need_no_sanitizer();
	tree("d d");
	dir = open("d", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "a-name-of-some-length-%06d", i);
		cr_assert_eq(mknodat(dir, name, S_IFREG | 0644, 0), 0);
	}
	(void)close(dir);
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	for (const char *p = r.out; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	cr_expect_eq(lines, MANY);
	request.words = WORDS("ls", "d");
	request.limits[0] = (struct run_limit){ RLIMIT_DATA, 24U << 20 };
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out_len, lines * strlen("a-name-of-some-length-000000\n"));
	request.out_to = RUN_TO_NOBODY;
	r = run_argv(&request);
	EXPECT_STATUS(r, 141);
}

/* Mount points show what is mounted, in all that tells an inode. */
Test(ls_hard, mount_points)
{
	char want[64];
	struct stat st;
	struct run r;

	enter_private_mounts();
	tree("d d", "d d/m");
	mount_tmpfs("d/m", "mode=1711");
	cr_assert_eq(stat("d/m", &st), 0);
	(void)snprintf(want, sizeof(want), "%ju m\n", (uintmax_t)st.st_ino);
	r = RUN("ls", "-i", "d");
	EXPECT_RUN(r, 0, want, "");
	r = RUN("ls", "-ld", "d/m");
	EXPECT_OUT_HAS(r, "drwx--x--t ");
	tree("f d/m/inside");
	r = RUN("ls", "-R", "d");
	EXPECT_RUN(r, 0, "d:\nm\n\nd/m:\ninside\n", "");
}

/* Inodes beyond 32 bits, sizes of zero and entries that come and go. */
Test(ls_hard, proc)
{
	struct run r = RUN("ls", "-l", "/proc/self/");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, " exe -> ");
	EXPECT_OUT_HAS(r, " cmdline\n");
	r = RUN("ls", "--json", "/proc/self/fd/");
	cr_expect(JSON_LINES(r).len > 0);
	r = RUN("ls", "/proc/self/ns/");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "mnt\n");
}

Test(ls_hard, removed_working_directory)
{
	struct run_request request = { .program = "sh",
		                       .words = WORDS("-c",
		                                      "mkdir gone && cd gone && rmdir ../gone && "
		                                      "exec \"$0\" ls",
		                                      DUTYBOX_BINARY) };
	struct run r = run_argv(&request);

	EXPECT_RUN(r, 0, "", "");
}

Test(ls_hard, links)
{
	char from[16], to[16];
	struct run r;

	tree("d dir", "f dir/in", "l self -> self", "l one -> two", "l two -> one", "l gone -> no",
	     "l todir -> dir", "l chain0 -> dir");
	for (int i = 1; i <= 45; i++) {
		(void)snprintf(from, sizeof(from), "chain%d", i);
		(void)snprintf(to, sizeof(to), "chain%d", i - 1);
		tree_symlink(from, to);
	}
	r = RUN("ls", "self", "one");
	EXPECT_RUN(r, 0, "one\nself\n", "");
	r = RUN("ls", "-L", "self");
	EXPECT_RUN(r, 2, "", "ls: cannot access 'self': Too many levels of symbolic links\n");
	r = RUN("ls", "self/");
	EXPECT_STATUS(r, 2);
	r = RUN("ls", "todir");
	EXPECT_RUN(r, 0, "in\n", "");
	r = RUN("ls", "-d", "todir");
	EXPECT_RUN(r, 0, "todir\n", "");
	r = RUN("ls", "-F", "todir");
	EXPECT_RUN(r, 0, "todir@\n", "");
	r = RUN("ls", "-FH", "todir");
	EXPECT_RUN(r, 0, "in\n", "");
	r = RUN("ls", "-go", "--time-style=+", "todir", "gone");
	EXPECT_RUN(r, 0, "lrwxrwxrwx 1 2  gone -> no\nlrwxrwxrwx 1 3  todir -> dir\n", "");
	r = RUN("ls", "-l", "todir/");
	EXPECT_OUT_HAS(r, " in\n");
	r = RUN("ls", "-dL", "-F", "todir");
	EXPECT_RUN(r, 0, "todir/\n", "");
	r = RUN("ls", "chain30");
	EXPECT_RUN(r, 0, "in\n", "");
	r = RUN("ls", "chain45");
	EXPECT_RUN(r, 0, "chain45\n", "");
}

/* Quotes that align a name are no part of its link; a target has one too. */
Test(ls_hard, names_that_are_links)
{
	struct run_request request = { .program = "sh",
		                       .words = WORDS("-c",
		                                      "\"$0\" ls -go --hyperlink=always "
		                                      "--time-style=+ --quoting-style=shell-escape "
		                                      "| sed \"s,file://[^/]*$PWD,HERE,g\"",
		                                      DUTYBOX_BINARY) };
	struct run r;

	tree("l gone -> no", "l todir -> sub", "d sub", "f sub/a");
	tree_text("b c", "");
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, " '\033]8;;HERE/b%20c\033\\b c\033]8;;\033\\'\n");
	EXPECT_OUT_HAS(r, "  \033]8;;HERE/gone\033\\gone\033]8;;\033\\ -> "
	                  "\033]8;;HERE/gone\033\\no\033]8;;\033\\\n");
	EXPECT_OUT_HAS(r, "  \033]8;;HERE/sub\033\\todir\033]8;;\033\\ -> "
	                  "\033]8;;HERE/sub\033\\sub\033]8;;\033\\\n");
}

/* In the working directory messages name the file alone, below it the path. */
Test(ls_hard, messages_name_what_was_listed)
{
	struct run r;

	tree("l gone -> no", "d d", "l d/lost -> no");
	r = RUN("ls", "-lL");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR(r, "ls: cannot access 'gone': No such file or directory\n");
	r = RUN("ls", "-LF", "d", ".");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR(r, "ls: cannot access 'gone': No such file or directory\n"
	              "ls: cannot access 'd/lost': No such file or directory\n");
}

/* A colour that reaches the next line is cleared to the end; bytes of links do not count. */
Test(ls_hard, colors_at_the_edge)
{
	struct run_request request = { .words = WORDS("ls", "-Cw5", "--color=always",
		                                      "--quoting-style=shell-escape"),
		                       .env = WORDS("LS_COLORS=*.TAR=31") };
	struct run r;

	tree("f A.TAR", "f B.TAR");
	tree_text("b c", "");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, " \033[0m\033[31mA.TAR\033[0m\033[K\n \033[31mB.TAR\033[0m\033[K\n'b c'\n",
	           "");
	request.words = WORDS("ls", "-w80", "-C", "--color=always", "--hyperlink=always");
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_LACKS(r, "\033[K");
}

Test(ls_hard, columns_of_any_width)
{
	static const char *const widths[] = { "COLUMNS=0", "COLUMNS=1", "COLUMNS=2",
		                              "COLUMNS=99999999999999999999" };
	struct run_request request = { .words = WORDS("ls", "-C") };
	struct run r;

	tree("f a", "f bbbbbbbbbbbbbbbbbbbbbbbb", "f c");
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		const bool one_line = i == 0 || i == 3;

		request.env = WORDS(widths[i]);
		r = run_argv(&request);
		EXPECT_RUN(r, 0,
		           one_line ? "a  bbbbbbbbbbbbbbbbbbbbbbbb  c\n"
		                    : "a\nbbbbbbbbbbbbbbbbbbbbbbbb\nc\n",
		           "");
	}
	request = (struct run_request){ .words = WORDS("ls", "-C", "--color=never"),
		                        .out_to = RUN_TO_TERMINAL,
		                        .columns = 1 };
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "a\nbbbbbbbbbbbbbbbbbbbbbbbb\nc\n", "");
}

Test(ls_hard, colors)
{
	static const struct {
		const char *colors, *word, *text;
	} cases[] = {
		{ "LS_COLORS=*.tar=38;2;1;2;3", "a.tar", "\033[0m\033[38;2;1;2;3ma.tar\033[0m\n" },
		{ "LS_COLORS=*.tar=38;5;200", "a.tar", "\033[0m\033[38;5;200ma.tar\033[0m\n" },
		{ "LS_COLORS=*.TAR=31", "a.tar", "\033[0m\033[31ma.tar\033[0m\n" },
		{ "LS_COLORS=*.TAR=31:*.tar=32", "a.tar", "\033[0m\033[32ma.tar\033[0m\n" },
		{ "LS_COLORS=ln=target:di=35", "todir", "\033[0m\033[35mtodir\033[0m\n" },
		{ "LS_COLORS=ln=target:or=36", "gone", "\033[0m\033[36mgone\033[0m\n" },
	};
	struct run r;

	tree("f a.tar", "d dir", "l todir -> dir", "l gone -> no");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = run_argv(&(struct run_request){
			.words = WORDS("ls", "-d", "--color=always", cases[i].word),
			.env = WORDS(cases[i].colors) });
		EXPECT_RUN(r, 0, cases[i].text, "");
	}
	r = run_argv(&(struct run_request){ .words = WORDS("ls", "--color=always", "a.tar"),
	                                    .env = WORDS("LS_COLORS=") });
	EXPECT_RUN(r, 0, "a.tar\n", "");
}
