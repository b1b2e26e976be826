/* SPDX-License-Identifier: MIT */
/* disk-usage: the plain mode: what is counted, in which order, as text and as records. */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(disk_usage, .init = sandbox_enter, .fini = sandbox_leave);

/* Sizes of contents, so that the numbers do not depend on the file system. */
static void sample(void)
{
	tree("d t/big/deep", "d t/small", "f t/big/a 3000", "f t/big/deep/b 4000",
	     "f t/small/c 500", "f t/top 100");
}

static int64_t blocks(const char *path)
{
	struct stat st;

	cr_assert_eq(lstat(path, &st), 0, "%s", path);
	return (int64_t)st.st_blocks * 512;
}

Test(disk_usage, biggest_first_one_level_and_a_total)
{
	struct run r;

	sample();
	r = RUN("disk-usage", "-b", "t");
	EXPECT_RUN(r, 0, "7600\tt\n7000\tt/big\n500\tt/small\n7600\ttotal\n", "");
	r = RUN("disk-usage", "-A", "t");
	EXPECT_RUN(r, 0, "7.5K\tt\n6.9K\tt/big\n500\tt/small\n7.5K\ttotal\n", "");
	r = RUN("disk-usage", "-b", "-s", "--no-total", "t");
	EXPECT_RUN(r, 0, "7600\tt\n", "");
	r = RUN("disk-usage", "-b", "-a", "-d9", "-r", "--no-total", "t/big");
	EXPECT_RUN(r, 0, "3000\tt/big/a\n4000\tt/big/deep/b\n4000\tt/big/deep\n7000\tt/big\n", "");
}

Test(disk_usage, sorts_by_what_is_asked_for)
{
	struct run r;

	sample();
	tree_time("t/small/c", (struct timespec){ 2000000000, 0 });
	r = RUN("disk-usage", "-b", "--no-total", "--sort=name", "t");
	EXPECT_OUT(r, "7600\tt\n7000\tt/big\n500\tt/small\n");
	r = RUN("disk-usage", "-b", "--no-total", "--sort=name", "-r", "t");
	EXPECT_OUT(r, "500\tt/small\n7000\tt/big\n7600\tt\n");
	r = RUN("disk-usage", "--inodes", "--no-total", "--sort=count", "t");
	EXPECT_OUT(r, "8\tt\n4\tt/big\n2\tt/small\n");
	r = RUN("disk-usage", "-b", "--no-total", "--sort=mtime", "t/big", "t/small");
	cr_expect(strncmp(r.out, "500\tt/small\n", 12) == 0, "%s", r.out);
	r = RUN("disk-usage", "-b", "--no-total", "--sort=none", "t");
	EXPECT_OUT(r, "7000\tt/big\n500\tt/small\n7600\tt\n");
}

Test(disk_usage, keeps_the_biggest_of_all_levels)
{
	char name[32];
	struct run r;

	sample();
	r = RUN("disk-usage", "-b", "-a", "--top=3", "--no-total", "t");
	EXPECT_RUN(r, 0, "7600\tt\n7000\tt/big\n4000\tt/big/deep\n", "");
	r = RUN("disk-usage", "-b", "-a", "--top=3", "-r", "--no-total", "t");
	EXPECT_OUT(r, "4000\tt/big/deep\n7000\tt/big\n7600\tt\n");
	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "many/%03d", (i * 37) % 200);
		tree_sparse(name, (uint64_t)((i * 37) % 200) + 1);
	}
	r = RUN("disk-usage", "-b", "-a", "--top=4", "--no-total", "many");
	EXPECT_OUT(r, "20100\tmany\n200\tmany/199\n199\tmany/198\n198\tmany/197\n");
}

Test(disk_usage, draws_a_tree)
{
	struct run r;

	sample();
	r = RUN("disk-usage", "-b", "-a", "--tree", "t");
	EXPECT_RUN(r, 0,
	           "7600  t\n"
	           "7000  \u251c\u2500\u2500 big\n"
	           "4000  \u2502   \u251c\u2500\u2500 deep\n"
	           "4000  \u2502   \u2502   \u2514\u2500\u2500 b\n"
	           "3000  \u2502   \u2514\u2500\u2500 a\n"
	           " 500  \u251c\u2500\u2500 small\n"
	           " 500  \u2502   \u2514\u2500\u2500 c\n"
	           " 100  \u2514\u2500\u2500 top\n"
	           "7600  total\n",
	           "");
	/* What is too small goes, but not the way to something that is shown. */
	r = RUN("disk-usage", "-b", "-a", "--tree", "--no-total", "-t", "-3500", "-d", "2",
	        "t/big");
	EXPECT_RUN(r, 0, "7000  t/big\n3000  \u2514\u2500\u2500 a\n", "");
}

Test(disk_usage, draws_bars_on_a_terminal)
{
	struct run_request request = {
		.words = WORDS("disk-usage", "-b", "t"),
		.out_to = RUN_TO_TERMINAL,
		.env = WORDS("TERM=dumb"),
	};
	struct run r;

	sample();
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "7600  \u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588");
	EXPECT_OUT_HAS(r, "  92%  t/big");
	r = RUN("disk-usage", "-b", "--bars", "t");
	EXPECT_OUT_HAS(r, " 500  \u2588\u258e                     6%  t/small\n");
	request.words = WORDS("disk-usage", "-b", "--bars=never", "t");
	r = run_argv(&request);
	EXPECT_OUT_HAS(r, "7600\tt\n");
}

Test(disk_usage, terminals_get_harmless_names_and_colours)
{
	struct run_request request = {
		.words = WORDS("disk-usage", "-a", "--bars=never", "t"),
		.out_to = RUN_TO_TERMINAL,
		.env = WORDS("TERM=xterm", "LS_COLORS=di=01;36:fi=00:*.c=33"),
	};
	struct run r;

	tree_text("t/esc\033[31m", "x");
	tree_text("t/new\nline", "x");
	tree_text("t/m.c", "x");
	r = run_argv(&request);
	EXPECT_OUT_HAS(r, "\033[01;36mt\033[0m");
	EXPECT_OUT_HAS(r, "\033[33mt/m.c\033[0m");
	EXPECT_OUT_HAS(r, "'t/esc'$'\\033''[31m'");
	EXPECT_OUT_HAS(r, "'t/new'$'\\n''line'");
	request.words = WORDS("disk-usage", "-a", "--bars=never", "--color=never", "t");
	r = run_argv(&request);
	EXPECT_OUT_LACKS(r, "\033");
	r = RUN("disk-usage", "-a", "t");
	EXPECT_OUT_HAS(r, "\tt/esc\033[31m\n");
	EXPECT_OUT_HAS(r, "\tt/new\nline\n");
}

Test(disk_usage, hostile_names_are_exact_with_null)
{
	tree_text("-x", "");
	for (const char *const *name = hostile_names; *name != NULL; name++) {
		struct run r;
		char expected[300];
		int len;

		tree_text(*name, "");
		r = RUN("disk-usage", "-0", "--no-total", "--", *name);
		len = snprintf(expected, sizeof(expected), "0\t%s%s", (*name)[0] == '-' ? "./" : "",
		               *name);
		EXPECT_STATUS(r, 0);
		EXPECT_OUT_BYTES(r, expected, (size_t)len + 1);
	}
}

Test(disk_usage, records_are_complete)
{
	static const char *const keys[] = {
		"record",         "path",           "depth", "type",   "disk_bytes",
		"apparent_bytes", "own_disk_bytes", "files", "dirs",   "other",
		"hardlink_bytes", "reclaim_bytes",  "mtime", "errors", "mount",
	};
	struct run r;
	struct json_lines lines;
	const struct json *root, *total;

	sample();
	tree("l t/link -> top", "h t/small/again -> t/big/a");
	tree_time("t/top", (struct timespec){ 2000000000, 500000000 });
	r = RUN("disk-usage", "--json", "-a", "-d9", "-h", "t");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 10, "%s", r.out);
	root = json_find(&lines, "path", "t");
	cr_assert_not_null(root);
	cr_assert_eq(root->len, sizeof(keys) / sizeof(keys[0]));
	for (size_t i = 0; i < root->len; i++)
		cr_expect_str_eq(root->keys[i], keys[i]);
	cr_expect_eq(json_int(root, "depth", -1), 0);
	cr_expect_str_eq(json_string(root, "type"), "dir");
	cr_expect_eq(json_int(root, "apparent_bytes", -1), 7603);
	cr_expect_eq(json_int(root, "disk_bytes", -1),
	             blocks("t") + blocks("t/big") + blocks("t/big/deep") + blocks("t/small") +
	                     blocks("t/big/a") + blocks("t/big/deep/b") + blocks("t/small/c") +
	                     blocks("t/top") + blocks("t/link"));
	cr_expect_eq(json_int(root, "own_disk_bytes", -1),
	             blocks("t") + blocks("t/top") + blocks("t/link"));
	cr_expect_eq(json_int(root, "files", -1), 4);
	cr_expect_eq(json_int(root, "dirs", -1), 4);
	cr_expect_eq(json_int(root, "other", -1), 1);
	cr_expect_eq(json_int(root, "hardlink_bytes", -1), blocks("t/big/a"));
	cr_expect(json_is_null(root, "reclaim_bytes"));
	cr_expect_str_eq(json_number(root, "mtime"), "2000000000.5");
	cr_expect_eq(json_int(root, "errors", -1), 0);
	cr_expect(json_is_false(root, "mount"));
	cr_expect_str_eq(json_string(json_find(&lines, "path", "t/link"), "type"), "symlink");
	/* A directory comes after what is in it; the total comes last. */
	cr_expect_str_eq(json_string(lines.items[0], "path"), "t/big/a");
	cr_expect_eq(lines.items[8], root);
	total = lines.items[9];
	cr_expect_str_eq(json_string(total, "record"), "summary");
	cr_expect(json_is_null(total, "path"));
	cr_expect(json_is_true(total, "total"));
	cr_expect_eq(json_int(total, "disk_bytes", -1), json_int(root, "disk_bytes", -2));
}

Test(disk_usage, records_hold_names_that_are_not_text)
{
	struct run r;
	struct json_lines lines;

	tree_text("t/bad\xff", "");
	r = RUN("disk-usage", "--json", "-a", "t");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(lines.items[0], "path"), "t/bad\xef\xbf\xbd");
	cr_expect_str_eq(json_string(lines.items[0], "path_b64"), "dC9iYWT/");
}

Test(disk_usage, tells_what_deleting_would_free)
{
	struct run r;
	struct json_lines lines;
	int64_t dir;

	tree("d t/in/sub", "d t/out", "f t/in/one 10000", "h t/in/sub/two -> t/in/one",
	     "f t/in/shared 20000", "h t/out/elsewhere -> t/in/shared", "f outside 30000",
	     "h t/in/sub/kept -> outside");
	r = RUN("disk-usage", "--json", "--reclaim", "-d9", "t");
	lines = JSON_LINES(r);
	dir = blocks("t/in/sub");
	/* One name here and one above: the lowest directory with both frees it. */
	cr_expect_eq(json_int(json_find(&lines, "path", "t/in/sub"), "reclaim_bytes", -1), dir);
	cr_expect_eq(json_int(json_find(&lines, "path", "t/in"), "reclaim_bytes", -1),
	             2 * dir + blocks("t/in/one"));
	cr_expect_eq(json_int(json_find(&lines, "path", "t/out"), "reclaim_bytes", -1), dir);
	/* A name outside of the tree keeps the blocks alive. */
	cr_expect_eq(json_int(json_find(&lines, "path", "t"), "reclaim_bytes", -1),
	             4 * dir + blocks("t/in/one") + blocks("t/in/shared"));
	r = RUN("disk-usage", "--reclaim", "-B1", "-s", "--no-total", "t/out");
	cr_expect_eq(atoll(strchr(r.out, '\t') + 1), dir, "%s", r.out);
}

Test(disk_usage, hard_links_belong_to_the_first_name)
{
	struct run r;

	tree("d t/b", "d t/a", "f t/b/x 50000", "h t/a/y -> t/b/x");
	for (int i = 0; i < 5; i++) {
		r = RUN("disk-usage", "-b", "--no-total", "--sort=name", "t");
		EXPECT_OUT(r, "50000\tt\n50000\tt/a\n0\tt/b\n");
	}
	r = RUN("disk-usage", "-b", "-l", "--no-total", "--sort=name", "t");
	EXPECT_OUT(r, "100000\tt\n50000\tt/a\n50000\tt/b\n");
	r = RUN("disk-usage", "-b", "-s", "--no-total", "--sort=none", "t", "t/b");
	EXPECT_OUT(r, "50000\tt\n");
}

Test(disk_usage, limits_are_about_operands)
{
	struct run r;

	sample();
	r = RUN("disk-usage", "-b", "-s", "--no-total", "--max=7600", "t");
	EXPECT_RUN(r, 0, "7600\tt\n", "");
	r = RUN("disk-usage", "-b", "-s", "--no-total", "--max=7599", "t", "t/small");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR(r, "disk-usage: 't': 7600 (7600) is more than the limit of 7599 (7599)\n");
	r = RUN("disk-usage", "--inodes", "-s", "--no-total", "--max=7", "t");
	EXPECT_RUN(r, 1, "8\tt\n", "disk-usage: 't': 8 (8) is more than the limit of 7 (7)\n");
	r = RUN("disk-usage", "--max=lots", "t");
	EXPECT_STATUS(r, 2);
	EXPECT_OUT(r, "");
}

Test(disk_usage, unreadable_directories_are_told)
{
	struct run_request request = { .words = WORDS("disk-usage", "--no-total", "-b", "t"),
		                       .uid = RUN_NOBODY };
	struct run r;
	struct json_lines lines;

	need_root();
	sample();
	tree_mode("t/big", 0);
	r = run_argv(&request);
	EXPECT_RUN(r, 1, "600\tt\n500\tt/small\n0\tt/big\n",
	           "disk-usage: cannot read directory 't/big': Permission denied\n");
	request.words = WORDS("disk-usage", "--no-total", "-b", "-s", "--max=1G", "t");
	r = run_argv(&request);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "1 of its entries could not be read");
	request.words = WORDS("disk-usage", "--json", "t");
	r = run_argv(&request);
	EXPECT_STATUS(r, 1);
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_record(&lines, "entry", 0), "path"), "t/big");
	cr_expect_eq(json_int(json_record(&lines, "entry", 0), "errors", -1), 1);
	cr_expect_str_eq(json_string(json_record(&lines, "error", 0), "errno"), "EACCES");
}

Test(disk_usage, missing_operands_are_3)
{
	struct run r;

	sample();
	r = RUN("disk-usage", "-b", "--no-total", "missing", "t/small");
	EXPECT_RUN(r, 3, "500\tt/small\n",
	           "disk-usage: cannot access 'missing': No such file or directory\n");
	tree_file("names", "t/small\0\0t/big", 14);
	r = RUN("disk-usage", "-b", "-s", "--no-total", "--files0-from=names");
	EXPECT_RUN(r, 3, "7000\tt/big\n500\tt/small\n",
	           "disk-usage: names:2: invalid zero-length file name\n");
}

Test(disk_usage, dangling_links_are_trouble_when_followed)
{
	struct run r;

	tree("d t", "l t/dang -> nowhere", "l t/loop -> ..", "f t/f 10");
	r = RUN("disk-usage", "-b", "-L", "-s", "--no-total", "t");
	EXPECT_RUN(r, 1, "10\tt\n",
	           "disk-usage: cannot access 't/dang': No such file or directory\n");
	r = RUN("disk-usage", "-b", "-s", "--no-total", "t");
	EXPECT_RUN(r, 0, "19\tt\n", "");
}

Test(disk_usage, refuses_what_makes_no_sense)
{
	static const char *const bad[][6] = {
		{ "-s", "-a" },
		{ "-s", "-d1" },
		{ "-d", "-1" },
		{ "-B", "x" },
		{ "-B", "0" },
		{ "-t", "x" },
		{ "-t", "-0" },
		{ "--sort=x" },
		{ "--time=x" },
		{ "--time", "--time-style=x" },
		{ "--top=0" },
		{ "--top=3", "--sort=none" },
		{ "--tree", "--top=3" },
		{ "--tree", "--json" },
		{ "--tree", "-0" },
		{ "--bars=always", "--json" },
		{ "--json", "-0" },
		{ "--json", "--time=atime" },
		{ "--reclaim", "-L" },
		{ "--reclaim", "-l" },
		{ "--fs", "--deleted" },
		{ "--fs", "--top=3" },
		{ "--fs", "-s" },
		{ "--fs", "--explain" },
		{ "--deleted", "--explain=x" },
		{ "--deleted", "-o", "f" },
		{ "--posix" },
		{ "--local" },
		{ "--exclude-type=tmpfs" },
		{ "--min-free=1" },
		{ "--timeout=1s" },
		{ "-o", "f", "--max=1" },
		{ "-o", "f", "--diff=x" },
		{ "-f", "x", "--reflink" },
		{ "-f", "x", "--files0-from=x" },
		{ "-f", "x", "-o", "f" },
		{ "-f", "x", "t" },
		{ "-f", "x", "--exclude=a" },
		{ "-f", "x", "--type=d" },
		{ "-f", "x", "--min-size=1" },
		{ "-f", "x", "-x" },
		{ "-f", "x", "-L" },
		{ "-f", "x", "-D" },
		{ "-f", "x", "--exclude-kernfs" },
		{ "-f", "x", "--time=atime" },
		{ "-f", "x", "--explain=a" },
		{ "--diff=x", "-f", "x", "t" },
		{ "--files0-from=/dev/null", "-o", "f" },
		{ "--files0-from=/dev/null", "--diff=x" },
		{ "--fs", "--timeout=0" },
		{ "--files0-from=x", "t" },
		{ "--exclude=[" },
	};

	sample();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *words[8] = { "disk-usage" };
		bool json = false;
		struct run r;

		for (size_t n = 0; n < 6 && bad[i][n] != NULL; n++) {
			words[n + 1] = bad[i][n];
			json = json || strcmp(bad[i][n], "--json") == 0;
		}
		r = run_words(words);
		cr_expect_eq(r.status, 2, "%s %s: %d\n%s", words[1], words[2] ? words[2] : "",
		             r.status, r.err);
		if (json) {
			struct json_lines lines = JSON_LINES(r);

			/* The message as a record, and nothing else. */
			cr_expect_eq(lines.len, 1, "%s", words[1]);
			cr_expect_eq(json_count(&lines, "error"), 1, "%s", words[1]);
		} else {
			cr_expect_str_eq(r.out, "", "%s", words[1]);
		}
		cr_expect(strncmp(r.err, "disk-usage: ", 12) == 0, "%s: %s", words[1], r.err);
	}
	expect_no_file("f");
}

Test(disk_usage, write_errors_are_told)
{
	struct run_request request = { .words = WORDS("disk-usage", "t"), .out_to = RUN_TO_FULL };
	struct run r;

	sample();
	r = run_argv(&request);
	EXPECT_RUN(r, 3, "", "disk-usage: write error: No space left on device\n");
	request.out_to = RUN_TO_NOTHING;
	r = run_argv(&request);
	EXPECT_STATUS(r, 3);
	request.out_to = RUN_TO_NOBODY;
	r = run_argv(&request);
	EXPECT_STATUS(r, 128 + 13);
	request.words = WORDS("du", "t");
	request.out_to = RUN_TO_FULL;
	r = run_argv(&request);
	EXPECT_RUN(r, 1, "", "du: write error: No space left on device\n");
	/* A message that cannot be written changes nothing. */
	request = (struct run_request){ .words = WORDS("disk-usage", "-b", "missing", "t/small"),
		                        .err_to = RUN_TO_FULL };
	r = run_argv(&request);
	EXPECT_STATUS(r, 3);
	EXPECT_OUT(r, "500\tt/small\n500\ttotal\n");
}

Test(disk_usage, filters_before_it_counts)
{
	struct run r;

	sample();
	tree_text("t/x.o", "object");
	tree_text("t/.gitignore", "*.o\n");
	tree_text("t/small/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
	r = RUN("disk-usage", "-b", "--no-total", "-s", "--exclude=deep/", "--exclude=.*",
	        "--exclude=CACHEDIR.TAG", "t");
	EXPECT_OUT(r, "3606\tt\n");
	r = RUN("disk-usage", "-b", "--no-total", "-a", "--gitignore", "t");
	EXPECT_OUT_LACKS(r, "x.o");
	r = RUN("disk-usage", "-b", "--no-total", "--exclude-caches", "t");
	EXPECT_OUT_HAS(r, "0\tt/small\n");
	r = RUN("disk-usage", "-b", "--no-total", "-s", "--min-size=3000", "t");
	EXPECT_OUT(r, "7000\tt\n");
	r = RUN("disk-usage", "--inodes", "--no-total", "-s", "--type=f", "t/big");
	EXPECT_OUT(r, "2\tt/big\n");
	r = RUN("disk-usage", "--inodes", "--no-total", "-s", "--type=d", "t/big");
	EXPECT_OUT(r, "2\tt/big\n");
	r = RUN("disk-usage", "-b", "--no-total", "-s", "-X", "t/.gitignore", "t");
	EXPECT_OUT(r, "7647\tt\n");
}

Test(disk_usage, explains_the_filter)
{
	struct run r;

	sample();
	r = RUN("disk-usage", "--exclude=deep/", "--explain=big/deep", "t");
	EXPECT_RUN(r, 1, "big/deep: --exclude=deep/: excluded\n", "");
	r = RUN("disk-usage", "--exclude=deep/", "--explain=t/big/a", "t");
	EXPECT_RUN(r, 0, "t/big/a: no rule matches: included\n", "");
	r = RUN("disk-usage", "--exclude=deep/", "--explain=big/deep", "--json", "t");
	EXPECT_RUN(r, 1,
	           "{\"record\":\"verdict\",\"path\":\"big/deep\",\"included\":false,"
	           "\"reason\":\"--exclude=deep/: excluded\"}\n",
	           "");
	r = RUN("disk-usage", "--explain=x", "t", "t/big");
	EXPECT_STATUS(r, 2);
}

Test(disk_usage, leaves_the_kernels_file_systems_unread)
{
	struct run r;
	struct json_lines lines;

	if (access("/proc/self", F_OK) != 0)
		skip("/proc is not mounted");
	r = RUN("disk-usage", "--json", "-s", "--exclude-kernfs", "/proc");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_find(&lines, "path", "/proc"), "dirs", -1), 1);
	cr_expect_eq(json_int(json_find(&lines, "path", "/proc"), "files", -1), 0);
}

Test(disk_usage, counts_blocks_and_holes)
{
	struct run r;
	struct json_lines lines;
	int fd;

	tree_sparse("hole", UINT64_C(5) << 30);
	tree_text("pre", "");
	fd = open("pre", O_WRONLY | O_CLOEXEC);
	cr_assert(fd >= 0);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 65536) < 0)
		skip("the file system cannot preallocate");
	cr_assert_eq(close(fd), 0);
	r = RUN("disk-usage", "--json", "hole", "pre");
	lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_find(&lines, "path", "hole"), "disk_bytes", -1), 0);
	cr_expect_eq(json_int(json_find(&lines, "path", "hole"), "apparent_bytes", -1),
	             INT64_C(5) << 30);
	cr_expect_eq(json_int(json_find(&lines, "path", "pre"), "disk_bytes", -1), 65536);
	cr_expect_eq(json_int(json_find(&lines, "path", "pre"), "apparent_bytes", -1), 0);
}

/* Levels are made from the inside of each other: no path to the last one would be short enough. */
static void make_deep_tree(const char *base, unsigned levels)
{
	int dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (unsigned i = 0; i < levels; i++) {
		int next;

		cr_assert_eq(mkdirat(dir, "d", 0755), 0, "level %u", i);
		next = openat(dir, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		cr_assert(next >= 0);
		cr_assert_eq(close(dir), 0);
		dir = next;
	}
	cr_assert_eq(close(dir), 0);
}

static size_t count_lines(const struct run *r)
{
	size_t lines = 0;

	for (const char *at = r->out; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	return lines;
}

Test(disk_usage, no_tree_is_too_deep)
{
	enum { LEVELS = 10000 };
	/* In memory: removing so deep a tree from a disk can take half a minute. */
	char memory[] = "/dev/shm/dutybox-deep.XXXXXX";
	const char *base = mkdtemp(memory) != NULL ? memory : ".";
	struct run_request request = { .cwd = base, .limits = { { RLIMIT_NOFILE, 40 } } };
	struct run r;

	make_deep_tree(base, LEVELS);
	request.words = WORDS("disk-usage", "--inodes", "-B1", "-s", "--no-total", "d");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "10000\td\n", "");
	request.words = WORDS("du", "--inodes", "-s", "d", ".");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "10000\td\n1\t.\n", "");
	request.words = WORDS("du", "--inodes", "d");
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	cr_expect_eq(count_lines(&r), LEVELS);
	request.words =
		WORDS("disk-usage", "--tree", "--inodes", "-B1", "--no-total", "-t", "9999", "d");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "10000  d\n 9999  \u2514\u2500\u2500 d\n", "");
	r = run_argv(
		&(struct run_request){ .program = "rm", .words = WORDS("-r", "d"), .cwd = base });
	EXPECT_STATUS(r, 0);
	if (base == memory)
		cr_expect_eq(rmdir(memory), 0);
}

Test(disk_usage, sums_stop_at_the_top)
{
	char memory[] = "/dev/shm/dutybox-huge.XXXXXX";
	char path[64];
	struct run r;
	struct json_lines lines;

	if (mkdtemp(memory) == NULL)
		skip("/dev/shm is missing");
	for (int i = 0; i < 3; i++) {
		int fd;

		(void)snprintf(path, sizeof(path), "%s/%d", memory, i);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		cr_assert(fd >= 0 && ftruncate(fd, INT64_MAX) == 0 && close(fd) == 0);
	}
	r = RUN("disk-usage", "-b", "-s", "--no-total", memory);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "Infinity\t/dev/shm/");
	EXPECT_ERR_HAS(r, "beyond 2^64-1");
	r = RUN("disk-usage", "--json", "-s", memory);
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_number(lines.items[0], "apparent_bytes"), "18446744073709551615");
	r = RUN("du", "-sb", memory);
	EXPECT_OUT_HAS(r, "Infinity\t/dev/shm/");
	EXPECT_ERR(r, "");
	r = run_argv(&(struct run_request){ .program = "rm", .words = WORDS("-r", memory) });
	EXPECT_STATUS(r, 0);
}

Test(disk_usage, a_long_scan_tells_how_far_it_is)
{
	struct run_request request = {
		.words = WORDS("disk-usage", "--progress=always", "-s", "t"),
		.err_to = RUN_TO_TERMINAL,
		.env = WORDS("TERM=xterm"),
	};
	char name[32];
	struct run r;

	for (int i = 0; i < 600; i++) {
		(void)snprintf(name, sizeof(name), "t/%d", i);
		tree_text(name, "");
	}
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "256 files");
	request.words = WORDS("du", "-s", "t");
	r = run_argv(&request);
	EXPECT_OUT_LACKS(r, "files");
}

Test(disk_usage, mount_points_are_told)
{
	struct run r;
	struct json_lines lines;

	need_root();
	tree("d t/mnt", "f t/a 100");
	if (mount("none", "t/mnt", "tmpfs", 0, "size=1m") < 0)
		skip("cannot mount a tmpfs here");
	tree("f t/mnt/b 1000");
	r = RUN("disk-usage", "--json", "t");
	lines = JSON_LINES(r);
	cr_expect(json_is_true(json_find(&lines, "path", "t/mnt"), "mount"));
	cr_expect(json_is_false(json_find(&lines, "path", "t"), "mount"));
	r = RUN("disk-usage", "-b", "-x", "--no-total", "t");
	EXPECT_OUT(r, "100\tt\n");
	r = RUN("disk-usage", "-b", "--no-total", "t");
	EXPECT_OUT(r, "1100\tt\n1000\tt/mnt\n");
	cr_assert_eq(umount("t/mnt"), 0);
}

Test(disk_usage, the_working_directory_is_the_default)
{
	struct run r;

	sample();
	r = RUN("disk-usage", "-b", "-d0");
	EXPECT_RUN(r, 0, "7600\t.\n7600\ttotal\n", "");
}
