/* SPDX-License-Identifier: MIT */
/* path: the functions of os.path and pathlib; see path_peer_test.c for Python itself. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

TestSuite(path, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 8 };

/* Words behind "path", and what is printed. */
struct row {
	const char *words[WORDS_MAX];
	const char *out;
};

static void expect_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *words[WORDS_MAX + 2] = { "path" };
		struct run r;

		for (size_t k = 0; k < WORDS_MAX && rows[i].words[k] != NULL; k++)
			words[k + 1] = rows[i].words[k];
		r = run_words(words);
		EXPECT_RUN(r, 0, rows[i].out, "");
	}
}

#define EXPECT_ROWS(rows) expect_rows((rows), sizeof(rows) / sizeof((rows)[0]))

/* ---- seed-inventory, functions of text ---- */

Test(path, a2_1_split)
{
	static const struct row rows[] = {
		{ { "split", "/home/user/file.txt" }, "/home/user\nfile.txt\n" },
		{ { "split", "a/b/", "", "/" }, "a/b\n\n\n\n/\n\n" },
	};

	EXPECT_ROWS(rows);
}

Test(path, a2_2_splitext)
{
	static const struct row rows[] = {
		{ { "splitext", "/a/file.tar.gz" }, "/a/file.tar\n.gz\n" },
		{ { "splitext", ".bashrc", "a.b/c" }, ".bashrc\n\na.b/c\n\n" },
	};

	EXPECT_ROWS(rows);
}

Test(path, a2_3_dir_and_base)
{
	static const struct row rows[] = {
		{ { "dir", "/a/b.txt", "b", "/", "a/b/" }, "/a\n\n/\na/b\n" },
		{ { "base", "/a/b.txt", "b", "/", "a/b/", "" }, "b.txt\nb\n\n\n\n" },
		{ { "base", "--", "-n", "--" }, "-n\n--\n" },
	};

	EXPECT_ROWS(rows);
}

Test(path, a2_4_join)
{
	static const struct row rows[] = {
		{ { "join", "a", "b", "c.txt" }, "a/b/c.txt\n" },
		{ { "join", "a", "/b", "c" }, "/b/c\n" },
		{ { "join", "a", "" }, "a/\n" },
		{ { "join", "" }, "\n" },
	};

	EXPECT_ROWS(rows);
}

Test(path, a2_5_abs)
{
	char want[PATH_MAX + 16];
	struct run r;

	(void)snprintf(want, sizeof(want), "%s/b\n/x\n%s\n//y\n", sandbox_path(), sandbox_path());
	r = RUN("path", "abs", "a/../b", "/x/.", "", "//y");
	EXPECT_RUN(r, 0, want, "");
}

Test(path, a2_6_real)
{
	char want[PATH_MAX + 16];
	struct run r;

	tree("d a/b", "l link -> a/b", "l no -> gone", "l self -> self");
	(void)snprintf(want, sizeof(want), "%s/a/c\n", sandbox_path());
	r = RUN("path", "real", "link/../c");
	EXPECT_RUN(r, 0, want, "");
	r = RUN("path", "real", "--strict", "--missing-ok", "link/../c");
	EXPECT_RUN(r, 0, want, "");
	r = RUN("path", "real", "--strict", "link/../c", "no", "self", "link");
	(void)snprintf(want, sizeof(want), "%s/a/b\n", sandbox_path());
	EXPECT_RUN(r, 3, want,
	           "path real: cannot resolve 'link/../c': No such file or directory\n"
	           "path real: cannot resolve 'no': No such file or directory\n"
	           "path real: cannot resolve 'self': Too many levels of symbolic links\n");
}

Test(path, a2_7_rel)
{
	static const struct row rows[] = {
		{ { "rel", "--from", "/a/b", "/a/c/d", "/a/b", "/" }, "../c/d\n.\n../..\n" },
		{ { "rel", "a/../b" }, "b\n" },
		{ { "rel", "--from=x", "x/y" }, "y\n" },
	};
	struct run r = RUN("path", "rel", "a", "", "b");

	EXPECT_RUN(r, 3, "a\nb\n", "path rel: '': an empty path is nowhere\n");
	EXPECT_ROWS(rows);
}

Test(path, a2_8_common)
{
	static const struct row rows[] = {
		{ { "common", "/usr/lib/a", "/usr/local", "/usr/lib" }, "/usr\n" },
		{ { "common", "--chars", "/usr/lib/a", "/usr/local" }, "/usr/l\n" },
		{ { "common", "a", "b" }, "\n" },
	};
	struct run r = RUN("path", "common", "/a", "b");

	EXPECT_STATUS(r, 3);
	EXPECT_OUT(r, "");
	EXPECT_ERR_HAS(r, "nothing in common");
	EXPECT_ROWS(rows);
}

Test(path, a2_9_separators)
{
	static const struct row rows[] = {
		{ { "sep" }, "/\n" },
		{ { "sep", "--list" }, ":\n" },
		{ { "list", "/a:b::", "" }, "/a\nb\n\n\n\n" },
	};
	struct run r = RUN("path", "sep", "--alt");

	EXPECT_RUN(r, 1, "", "");
	EXPECT_ROWS(rows);
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "list"),
	                                          .env = WORDS("PATH=/x:/y z") });
	EXPECT_RUN(r, 0, "/x\n/y z\n", "");
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "list"),
	                                          .env = WORDS("PATH") });
	EXPECT_RUN(r, 0, "/bin\n/usr/bin\n", "");
	r = RUN("path", "sep", "--list", "--alt");
	EXPECT_STATUS(r, 2);
}

static struct run at_home(const char *const *words)
{
	return run_argv(&(const struct run_request){
		.words = words, .env = WORDS("HOME=/home/me/", "A=one", "EMPTY=", "B=$A") });
}

Test(path, a3_5_expands_variables)
{
	struct run r = at_home(WORDS("path", "expand", "$HOME/documents", "${A}x$EMPTY", "$NOPE/$B",
	                             "$", "${", "$A$A"));

	EXPECT_RUN(r, 0, "/home/me//documents\nonex\n$NOPE/$A\n$\n${\noneone\n", "");
}

Test(path, a3_6_expands_users)
{
	struct run r =
		at_home(WORDS("path", "expand", "~/x", "~", "a~", "~no-such-user/x", "~/$A"));

	EXPECT_RUN(r, 0, "/home/me/x\n/home/me\na~\n~no-such-user/x\n/home/me/one\n", "");
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "expand", "~", "~/x"),
	                                          .env = WORDS("HOME=/") });
	EXPECT_RUN(r, 0, "/\n/x\n", "");
	r = RUN("path", "expand", "~root");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out[0], '/');
}

Test(path, a3_7_and_a9_1_home_and_cwd)
{
	char want[PATH_MAX + 16];
	struct run r = at_home(WORDS("path", "home"));

	EXPECT_RUN(r, 0, "/home/me\n", "");
	r = RUN("path", "home", "root");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out[0], '/');
	r = RUN("path", "home", "no-such-user");
	EXPECT_RUN(r, 3, "", "path home: 'no-such-user': no such user\n");
	/* Without HOME the user database knows. */
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "home"),
	                                          .env = WORDS("HOME") });
	if (getpwuid(getuid()) != NULL) {
		EXPECT_STATUS(r, 0);
		cr_expect_eq(r.out[0], '/');
	} else {
		EXPECT_RUN(r, 3, "", "path home: this user has no home directory\n");
	}
	r = RUN("path", "cwd");
	(void)snprintf(want, sizeof(want), "%s\n", sandbox_path());
	EXPECT_RUN(r, 0, want, "");
}

Test(path, a1_1_cwd_logical_and_physical)
{
	char physical[PATH_MAX + 16], logical[PATH_MAX + 16], pwd[PATH_MAX + 16];
	const char *const odd[] = { "PWD=relative", "PWD=/", "PWD=/..", "PWD" };
	struct run r;

	tree("d sub", "l link -> sub");
	(void)snprintf(physical, sizeof(physical), "%s/sub\n", sandbox_path());
	(void)snprintf(logical, sizeof(logical), "%s/link\n", sandbox_path());
	(void)snprintf(pwd, sizeof(pwd), "PWD=%s/link", sandbox_path());
	r = run_argv(&(const struct run_request){
		.words = WORDS("path", "cwd", "-L"), .cwd = "sub", .env = WORDS(pwd) });
	EXPECT_RUN(r, 0, logical, "");
	r = run_argv(&(const struct run_request){
		.words = WORDS("path", "cwd", "-L", "-P"), .cwd = "sub", .env = WORDS(pwd) });
	EXPECT_RUN(r, 0, physical, "");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		r = run_argv(&(const struct run_request){
			.words = WORDS("path", "cwd", "-L"), .cwd = "sub", .env = WORDS(odd[i]) });
		EXPECT_RUN(r, 0, physical, "");
	}
}

Test(path, a9_2_name_stem_suffix_suffixes)
{
	static const struct row rows[] = {
		{ { "name", "/a/b.tar.gz", "a/b/", "/", "." }, "b.tar.gz\nb\n\n\n" },
		{ { "stem", "/a/b.tar.gz", ".bashrc", "a." }, "b.tar\n.bashrc\na.\n" },
		{ { "suffix", "/a/b.tar.gz", ".bashrc", "a." }, ".gz\n\n\n" },
		{ { "suffixes", "/a/b.tar.gz", ".bashrc" }, ".tar\n.gz\n" },
	};

	EXPECT_ROWS(rows);
}

Test(path, a9_3_parent_and_parents)
{
	static const struct row rows[] = {
		{ { "parent", "/a/b/c", "a", "/", "a/b/" }, "/a/b\n.\n/\na\n" },
		{ { "parent", "-n", "2", "/a/b/c", "a" }, "/a\n.\n" },
		{ { "parent", "-n0", "/a//./b/" }, "/a/b\n" },
		{ { "parent", "--levels=9223372036854775807", "/a/b" }, "/\n" },
		{ { "parents", "/a/b", "a/b" }, "/a\n/\na\n.\n" },
		{ { "parents", "/", "." }, "" },
	};

	EXPECT_ROWS(rows);
}

Test(path, a9_4_with_suffix_name_stem)
{
	static const struct row rows[] = {
		{ { "with-suffix", ".md", "a/b.txt", "c" }, "a/b.md\nc.md\n" },
		{ { "with-suffix", "", "a/b.tar.gz" }, "a/b.tar\n" },
		{ { "with-name", "c.x", "a/b.txt" }, "a/c.x\n" },
		{ { "with-stem", "c", "a/b.txt" }, "a/c.txt\n" },
	};
	struct run r = RUN("path", "with-suffix", "md", "a.b");

	EXPECT_RUN(r, 3, "", "path with-suffix: 'md': not a suffix\n");
	r = RUN("path", "with-name", "a/b", "x");
	EXPECT_RUN(r, 3, "", "path with-name: 'a/b': not a name\n");
	r = RUN("path", "with-stem", "x", "/", "b.c");
	EXPECT_RUN(r, 3, "x.c\n", "path with-stem: '/': a path without a name\n");
	EXPECT_ROWS(rows);
}

Test(path, a9_5_joining_is_join)
{
	struct run r = RUN("path", "join", "home", "user", "file.txt");

	EXPECT_RUN(r, 0, "home/user/file.txt\n", "");
}

Test(path, a9_6_resolve)
{
	char want[PATH_MAX + 16];
	struct run r;

	tree("d sub");
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "real", "../x"),
	                                          .cwd = "sub" });
	(void)snprintf(want, sizeof(want), "%s/x\n", sandbox_path());
	EXPECT_RUN(r, 0, want, "");
}

/* ---- seed-inventory, functions of files ---- */

static void expect_test(int status, const char *test, const char *path)
{
	struct run r = RUN("path", "test", test, "--", path);

	cr_expect_eq(r.status, status, "test %s %s: %d", test, path, r.status);
	EXPECT_OUT(r, "");
}

Test(path, a1_9_and_a1_10_tests)
{
	static const struct {
		const char *test, *yes, *no;
	} rows[] = {
		{ "-e", "file", "gone" },
		{ "-e", "link", "dangling" },
		{ "-f", "file", "dir" },
		{ "-f", "link", "fifo" },
		{ "-d", "dir", "file" },
		{ "-L", "dangling", "file" },
		{ "-L", "link", "gone" },
		{ "-p", "fifo", "file" },
		{ "-s", "file", "empty" },
		{ "-c", "/dev/null", "dir" },
		{ "-x", "script", "file" },
		{ "-r", "file", "gone" },
		{ "-w", "file", "gone" },
		{ "-b", "file", "gone" },
		{ "-e", "dir", "" },
		{ "-e", "dir/.", "file/." },
		{ "-e", "dir", "self" },
		{ "-S", "socket", "fifo" },
		{ "--exists", "dir", "dir/x" },
	};
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	tree("f file 10", "f empty", "d dir", "l link -> file", "l dangling -> gone",
	     "l self -> self", "p fifo", "x script");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is_block = strcmp(rows[i].test, "-b") == 0;

		expect_test(is_block ? 1 : 0, rows[i].test, rows[i].yes);
		expect_test(1, rows[i].test, rows[i].no);
	}
	(void)close(fd);
}

Test(path, all_tests_for_all_paths)
{
	struct run r;

	tree("f a 1", "f b 1", "d d");
	r = RUN("path", "test", "-f", "-s", "-r", "a", "b");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("path", "test", "-e", "-f", "a", "d", "b");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("path", "test", "a");
	EXPECT_STATUS(r, 2);
	r = RUN("path", "test", "-e");
	EXPECT_STATUS(r, 2);
	r = RUN("path", "test", "--json", "-f", "a", "d");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "{\"record\":\"entry\",\"path\":\"a\",\"result\":true}\n"
	              "{\"record\":\"entry\",\"path\":\"d\",\"result\":false}\n");
}

Test(path, trouble_is_no_answer)
{
	struct run r;

	tree("f closed/file 1", "m closed 0");
	sandbox_drop_root();
	r = RUN("path", "test", "-e", "closed/file");
	EXPECT_RUN(r, 3, "", "path test: cannot access 'closed/file': Permission denied\n");
	/* It wins over a no. */
	r = RUN("path", "test", "-e", "closed/file", "gone");
	EXPECT_STATUS(r, 3);
	r = RUN("path", "test", "-r", "closed/file");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("path", "real", "--strict", "closed/file");
	EXPECT_STATUS(r, 3);
	r = RUN("path", "read", "closed/file");
	EXPECT_STATUS(r, 3);
}

Test(path, a1_10_type)
{
	struct run r;

	tree("f file 1", "d dir", "l link -> file", "l dangling -> gone", "p fifo");
	r = RUN("path", "type", "file", "dir", "link", "dangling", "fifo", "/dev/null");
	EXPECT_RUN(r, 0, "file\ndir\nsymlink\nsymlink\nfifo\nchardev\n", "");
	r = RUN("path", "type", "--follow", "link", "dangling", "dir");
	EXPECT_RUN(r, 3, "file\ndir\n",
	           "path type: cannot access 'dangling': No such file or directory\n");
}

Test(path, a1_11_and_a9_10_stat)
{
	const struct json *line;
	struct json_lines lines;
	struct run r;

	tree("f file 10", "l link -> file");
	tree_mode("file", 0640);
	tree_time("file", (struct timespec){ .tv_sec = 100, .tv_nsec = 5 });
	r = RUN("path", "stat", "file", "link");
	EXPECT_RUN(r, 0,
	           "file 0640 10 100.000000005 file\n"
	           "file 0640 10 100.000000005 link\n",
	           "");
	r = RUN("path", "stat", "--format", "{size} {mtime} {mode} {/}", "file");
	EXPECT_RUN(r, 0, "10 100.000000005 0640 file\n", "");
	r = RUN("path", "stat", "--no-follow", "--format={type} {target}", "link");
	EXPECT_RUN(r, 0, "symlink file\n", "");
	r = RUN("path", "stat", "--json", "file");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 1);
	line = lines.items[0];
	cr_expect_eq(json_int(line, "size", -1), 10);
	cr_expect_str_eq(json_number(line, "mtime"), "100.000000005");
	cr_expect_str_eq(json_string(line, "mode"), "0640");
	cr_expect_str_eq(json_string(line, "type"), "file");
	cr_expect_eq(json_int(line, "nlink", -1), 1);
	cr_expect_eq(json_int(line, "uid", -1), (int64_t)getuid());
	cr_expect(json_is_null(line, "target"));
	r = RUN("path", "stat", "--format={nope}", "file");
	EXPECT_STATUS(r, 2);
	r = RUN("path", "stat", "--format={}", "--json", "file");
	EXPECT_STATUS(r, 2);
	r = RUN("path", "stat", "gone", "file");
	EXPECT_STATUS(r, 3);
	EXPECT_OUT_HAS(r, "file 0640");
}

Test(path, a9_7_is_absolute)
{
	expect_test(0, "--absolute", "/no/such/path");
	expect_test(1, "--absolute", "a/b");
	expect_test(1, "--absolute", "");
}

Test(path, a9_9_read)
{
	struct run r;

	tree_text("text", "h\xc3\xa9llo\r\n");
	tree_file("bytes", "a\0\xff", 3);
	r = RUN("path", "read", "text", "bytes");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_BYTES(r, "h\xc3\xa9llo\r\na\0\xff", 11);
	r = RUN("path", "read", "--text", "text");
	EXPECT_RUN(r, 0, "h\xc3\xa9llo\r\n", "");
	r = RUN("path", "read", "--text", "bytes", "text");
	EXPECT_STATUS(r, 3);
	EXPECT_OUT_BYTES(r, "a\0h\xc3\xa9llo\r\n", 10);
	EXPECT_ERR(r, "path read: 'bytes': not UTF-8 at byte 2: 0xff\n");
	r = RUN("path", "read", "--base64", "bytes", "text");
	EXPECT_RUN(r, 0, "YQD/\naMOpbGxvDQo=\n", "");
	r = RUN("path", "read", "--hex", "bytes");
	EXPECT_RUN(r, 0, "6100ff\n", "");
	r = RUN("path", "read", "-0", "text", "text");
	EXPECT_OUT_BYTES(r, "h\xc3\xa9llo\r\n\0h\xc3\xa9llo\r\n\0", 18);
	r = RUN("path", "read", "--json", "bytes");
	EXPECT_RUN(r, 0,
	           "{\"record\":\"entry\",\"path\":\"bytes\",\"size\":3,"
	           "\"content\":\"a\\u0000\xef\xbf\xbd\",\"content_b64\":\"YQD/\"}\n",
	           "");
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "read", "-", "gone"),
	                                          .input = "in" });
	EXPECT_RUN(r, 3, "in", "path read: cannot open 'gone': No such file or directory\n");
	r = RUN("path", "read", ".");
	EXPECT_RUN(r, 3, "", "path read: cannot read '.': Is a directory\n");
	r = RUN("path", "read", "--json", "--hex", "bytes");
	EXPECT_STATUS(r, 2);
}

/* Characters across the borders of what is read at once, and one that never ends. */
Test(path, reads_long_texts)
{
	enum { TIMES = 200000 };
	char *text = malloc(3 * (size_t)TIMES + 2);
	struct run r;

	text[0] = 'x';
	for (size_t i = 0; i < TIMES; i++)
		memcpy(text + 1 + 3 * i, "\xe2\x82\xac", 3);
	tree_file("euro", text, 3 * (size_t)TIMES + 1);
	r = RUN("path", "read", "--text", "euro");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_BYTES(r, text, 3 * (size_t)TIMES + 1);
	tree_file("cut", text, 3 * (size_t)TIMES - 1);
	r = RUN("path", "read", "--text", "cut");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "not UTF-8 at byte 599998: 0xe2");
	r = RUN("path", "read", "--hex", "euro");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out_len, 2 * (3 * (size_t)TIMES + 1) + 1);
	free(text);
}

Test(path, a13_6_tempdir)
{
	char variable[PATH_MAX + 16], want[PATH_MAX + 16];
	struct run r;

	tree("d tmp", "d other");
	(void)snprintf(variable, sizeof(variable), "TMPDIR=%s/x/../tmp", sandbox_path());
	(void)snprintf(want, sizeof(want), "%s/tmp\n", sandbox_path());
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "tempdir"),
	                                          .env = WORDS(variable) });
	EXPECT_RUN(r, 0, want, "");
	expect_empty_dir("tmp");
	(void)snprintf(want, sizeof(want), "%s/other\n", sandbox_path());
	r = run_argv(&(const struct run_request){
		.words = WORDS("path", "tempdir"),
		.env = WORDS("TMPDIR=/no/such", "TEMP=", "TMP=other") });
	EXPECT_RUN(r, 0, want, "");
	expect_empty_dir("other");
}

/* ---- operands and output ---- */

static struct run from_input(const char *const *words, const char *input, size_t len)
{
	return run_argv(&(const struct run_request){
		.words = words, .input = input, .input_len = len, .from = RUN_FROM_PIPE });
}

Test(path, operands_from_standard_input)
{
	struct run r = from_input(WORDS("path", "base", "-0"), "a/b\0\0c\nd/\xff\n\0last", 17);

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_BYTES(r, "b\0\0\xff\n\0last\0", 11);
	r = from_input(WORDS("path", "base", "--lines"), "a/b\n\nc/\xff\nd", 10);
	EXPECT_RUN(r, 0, "b\n\n\xff\nd\n", "");
	r = from_input(WORDS("path", "join", "--lines"), "a\nb\nc\n", 6);
	EXPECT_RUN(r, 0, "a/b/c\n", "");
	r = from_input(WORDS("path", "common", "-0"), "/a/b\0/a/c", 9);
	EXPECT_OUT_BYTES(r, "/a\0", 3);
	r = from_input(WORDS("path", "with-suffix", ".x", "--lines"), "a\nb.c\n", 6);
	EXPECT_RUN(r, 0, "a.x\nb.x\n", "");
	r = from_input(WORDS("path", "base", "--lines"), "a\0b\nc\n", 6);
	EXPECT_RUN(r, 3, "c\n", "path base: 'a': a line with a NUL is no path\n");
	r = RUN("path", "base", "--lines");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("path", "join", "--lines");
	EXPECT_RUN(r, 3, "", "path join: no path on standard input\n");
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "base", "-0"),
	                                          .from = RUN_FROM_NOTHING });
	EXPECT_STATUS(r, 3);
}

/* The input goes on only when the answer to its first line has arrived. */
Test(path, answers_before_its_input_ends)
{
	static const char *const commands[][2] = {
		{ "path base --lines", "y" },
		{ "path read -", "x/y" },
		{ "path read - -", "x/y" },
		{ "env --expand", "x/y" },
	};

	tree("p go");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char script[PATH_MAX + 256], want[32];
		struct run r;

		(void)snprintf(script, sizeof(script),
		               "{ echo x/y; cat go; } | %s %s | "
		               "{ read line; echo $line; echo end >go; cat; }",
		               run_binary(), commands[i][0]);
		(void)snprintf(want, sizeof(want), "%s\nend\n", commands[i][1]);
		r = RUN_PEER("sh", "-c", script);
		EXPECT_RUN(r, 0, want, "");
	}
}

Test(path, wrong_operands)
{
	static const char *const wrong[][WORDS_MAX] = {
		{ "path" },
		{ "path", "bse", "x" },
		{ "path", "base" },
		{ "path", "with-name" },
		{ "path", "with-name", "x" },
		{ "path", "cwd", "x" },
		{ "path", "sep", "x" },
		{ "path", "tempdir", "x" },
		{ "path", "base", "--lines", "x" },
		{ "path", "base", "--lines", "-0" },
		{ "path", "base", "--from", "x", "y" },
		{ "path", "parent", "-n", "-1", "x" },
		{ "path", "--json", "base", "x" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct run r = run_words(wrong[i]);

		EXPECT_STATUS(r, 2);
		EXPECT_ERR_HAS(r, "--help");
	}
	struct run r = RUN("path", "bse", "x");
	EXPECT_ERR_HAS(r, "did you mean 'base'?");
}

Test(path, hostile_names_come_out_as_they_are)
{
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		char path[PATH_MAX], want[PATH_MAX];
		struct run r;

		(void)snprintf(path, sizeof(path), "dir/%s", hostile_names[i]);
		(void)snprintf(want, sizeof(want), "%s", hostile_names[i]);
		r = RUN("path", "base", "-0", path);
		EXPECT_STATUS(r, 0);
		EXPECT_OUT_BYTES(r, want, strlen(want) + 1);
		r = RUN("path", "stat", path);
		EXPECT_STATUS(r, 3);
		EXPECT_ERR_HARMLESS(r);
		r = RUN("path", "base", "--json", path);
		EXPECT_STATUS(r, 0);
		(void)JSON_LINES(r);
	}
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("path", "base", "d/\033[31m", "d/a b", "d/plain"),
		.out_to = RUN_TO_TERMINAL });
	EXPECT_OUT(r, "''$'\\033''[31m'\n'a b'\nplain\n");
}

Test(path, records)
{
	static const struct row rows[] = {
		{ { "base", "--json", "a/\xff" },
		  "{\"record\":\"entry\",\"path\":\"a/\xef\xbf\xbd\",\"path_b64\":\"YS//\","
		  "\"result\":\"\xef\xbf\xbd\",\"result_b64\":\"/w==\"}\n" },
		{ { "split", "--json", "a/b" },
		  "{\"record\":\"entry\",\"path\":\"a/b\",\"head\":\"a\",\"tail\":\"b\"}\n" },
		{ { "splitext", "--json", "a.b" },
		  "{\"record\":\"entry\",\"path\":\"a.b\",\"root\":\"a\",\"ext\":\".b\"}\n" },
		{ { "join", "--json", "a", "b" },
		  "{\"record\":\"entry\",\"path\":null,\"result\":\"a/b\"}\n" },
		{ { "suffixes", "--json", "a.b.c", "d" },
		  "{\"record\":\"entry\",\"path\":\"a.b.c\",\"results\":[{\"result\":\".b\"},"
		  "{\"result\":\".c\"}]}\n{\"record\":\"entry\",\"path\":\"d\",\"results\":[]}\n" },
	};
	struct run r = RUN("path", "sep", "--alt", "--json");
	struct json_lines lines;

	EXPECT_RUN(r, 1, "{\"record\":\"entry\",\"path\":null,\"result\":null}\n", "");
	EXPECT_ROWS(rows);
	r = RUN("path", "type", "--json", "gone");
	EXPECT_STATUS(r, 3);
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "error"), 1);
}

Test(path, output_that_is_lost_is_an_error)
{
	struct run r = run_argv(&(const struct run_request){ .words = WORDS("path", "base", "a"),
	                                                     .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 3);
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "read", "/dev/zero"),
	                                          .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
	r = run_argv(&(const struct run_request){ .words = WORDS("path", "cwd"),
	                                          .out_to = RUN_TO_NOTHING });
	EXPECT_STATUS(r, 3);
}

/* All directories of a path that is too long for one call. */
static void make_deep(const char *path)
{
	char *copy = strdup(path), *rest = copy;
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (const char *name = strsep(&rest, "/"); name != NULL; name = strsep(&rest, "/")) {
		int next;

		cr_assert_eq(mkdirat(dir, name, 0755), 0);
		next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		cr_assert(next >= 0);
		(void)close(dir);
		dir = next;
	}
	(void)close(dir);
	free(copy);
}

Test(path, paths_longer_than_the_kernel_takes)
{
	enum { NAME_LEN = 200, LEVELS = 45 };
	char *path = calloc(LEVELS, NAME_LEN + 1),
	     *want = malloc(LEVELS * (NAME_LEN + 1) + PATH_MAX);
	struct run r;

	for (size_t i = 0; i < LEVELS; i++) {
		memset(path + i * (NAME_LEN + 1), 'n', NAME_LEN);
		path[i * (NAME_LEN + 1) + NAME_LEN] = i + 1 < LEVELS ? '/' : '\0';
	}
	make_deep(path);
	r = RUN("path", "test", "-d", "-x", path);
	EXPECT_RUN(r, 0, "", "");
	r = RUN("path", "type", path);
	EXPECT_RUN(r, 0, "dir\n", "");
	r = RUN("path", "real", "--strict", path);
	(void)snprintf(want, LEVELS * (NAME_LEN + 1) + PATH_MAX, "%s/%s\n", sandbox_path(), path);
	EXPECT_RUN(r, 0, want, "");
	free(path);
	free(want);
}

Test(path, a_working_directory_that_is_gone)
{
	struct run r;

	tree("d gone");
	tree_script("script", "#!/bin/sh\ncd gone && rmdir ../gone && exec \"$@\"\n");
	r = run_argv(&(const struct run_request){
		.program = "./script", .words = WORDS(run_binary(), "path", "abs", "x", "/y") });
	EXPECT_RUN(r, 3, "/y\n",
	           "path abs: cannot find the working directory: No such file or directory\n");
}
