/* SPDX-License-Identifier: MIT */
/* dupes: what is found, and how it is shown. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For runs that nothing else is asked of. */
#define CHECK_RUN(call, code, out_text, err_text)           \
	do {                                                \
		struct run made = (call);                   \
		EXPECT_RUN(made, code, out_text, err_text); \
	} while (0)
#define CHECK_STATUS(call, code)           \
	do {                               \
		struct run made = (call);  \
		EXPECT_STATUS(made, code); \
	} while (0)
#define CHECK_OUT(call, text)             \
	do {                              \
		struct run made = (call); \
		EXPECT_OUT(made, text);   \
	} while (0)

TestSuite(dupes, .init = sandbox_enter, .fini = sandbox_leave);

static void edit(const char *path, long at, const char *bytes)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	cr_assert(fd >= 0, "%s", path);
	cr_assert_eq(pwrite(fd, bytes, strlen(bytes), at), (ssize_t)strlen(bytes));
	(void)close(fd);
}

/* Made in the same moment, so that the order of the paths decides. */
static void level_times(const char *const *paths)
{
	for (; *paths != NULL; paths++)
		tree_time(*paths, (struct timespec){ 1000000, 0 });
}

Test(dupes, finds_groups_and_nothing_else)
{
	tree("t a/1 same", "t b/2 same", "t .hidden same", "t c/3 other", "f e1", "f e2",
	     "l link -> a/1", "p pipe", "l dangling -> nowhere", "l loop -> loop");
	level_times(WORDS("a/1", "b/2", ".hidden", "e1", "e2"));
	CHECK_RUN(RUN("dupes", "a", "b", ".hidden"), 0, "a/1\nb/2\n.hidden\n", "");
	CHECK_RUN(RUN("dupes"), 0, "./.hidden\n./a/1\n./b/2\n", "");
	CHECK_RUN(RUN("dupes", "-A"), 0, "./a/1\n./b/2\n", "");
	CHECK_RUN(RUN("dupes", "-L"), 0, "./.hidden\n./a/1\n./b/2\n", "");
	CHECK_RUN(RUN("dupes", "--no-recurse"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--max-depth=1"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--min-size=0", "-A"), 0, "./a/1\n./b/2\n\n./e1\n./e2\n", "");
	CHECK_RUN(RUN("dupes", "--exclude=b", "-A"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--max-size=3"), 0, "", "");
	CHECK_RUN(RUN("dupes", "-A", "-S"), 0, "4 bytes each:\n./a/1\n./b/2\n", "");
	CHECK_RUN(RUN("dupes", "-A", "-f"), 0, "./b/2\n", "");
	CHECK_RUN(RUN("dupes", "-Am"), 0, "1 duplicate file in 1 set, taking 4.0K\n", "");
	CHECK_RUN(RUN("dupes", "-A", "--unique"), 0, "./c/3\n", "");
}

Test(dupes, sizes_around_the_blocks)
{
	static const long sizes[] = {
		1, 4095, 4096, 4097, 65536, 65537, 1048575, 1048576, 1048577
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		tree_size("a", (uint64_t)sizes[i]);
		tree_size("b", (uint64_t)sizes[i]);
		CHECK_RUN(RUN("dupes", "a", "b"), 0, "a\nb\n", "");
		CHECK_STATUS(RUN("dupes", "--compare", "a", "b"), 0);
		/* Equal at both ends, different in the middle; then only in the last byte. */
		edit("b", sizes[i] / 2, "!");
		CHECK_RUN(RUN("dupes", "a", "b"), 0, "", "");
		CHECK_RUN(RUN("dupes", "--hash=sha256", "a", "b"), 0, "", "");
		tree_size("b", (uint64_t)sizes[i]);
		edit("b", sizes[i] - 1, "!");
		CHECK_RUN(RUN("dupes", "a", "b"), 0, "", "");
		CHECK_RUN(RUN("dupes", "--compare", "a", "b"), 1, "", "");
	}
}

Test(dupes, holes_are_zeroes_and_sizes_may_be_huge)
{
	static char zeroes[3 << 20];

	tree_file("written", zeroes, sizeof(zeroes));
	tree_sparse("hole", sizeof(zeroes));
	level_times(WORDS("written", "hole"));
	CHECK_RUN(RUN("dupes"), 0, "./hole\n./written\n", "");
	tree("s big1 5000000000", "s big2 5000000000", "s big3 5000000000");
	edit("big3", 4999999999, "x");
	CHECK_RUN(RUN("dupes", "--min-size=1G"), 0, "./big1\n./big2\n", "");
}

Test(dupes, names_of_one_inode_are_one_file)
{
	tree("t a/1 text", "h a/2 -> a/1", "h b/3 -> a/1");
	CHECK_RUN(RUN("dupes"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--count-links"), 0, "./a/1\n./a/2\n./b/3\n", "");
	tree("t b/4 text");

	struct run r = RUN("dupes", "--json");
	struct json_lines lines = JSON_LINES(r);
	const struct json *g = json_record(&lines, "group", 0);

	cr_assert_not_null(g);
	cr_expect_eq(json_int(g, "count", -1), 4);
	cr_expect_eq(json_int(g, "inodes", -1), 2);
	cr_expect_eq(json_int(g, "reclaim_bytes", -1), 4096);
	cr_expect_str_eq(json_string(g, "files.1.same_inode_as"), "./a/1");
	cr_expect(json_is_null(g, "files.3.same_inode_as"));
	CHECK_RUN(RUN("dupes"), 0, "./a/1\n./b/4\n", "");
}

Test(dupes, one_entry_reached_twice_is_one)
{
	tree("t dir/a text", "t dir/sub/b other", "l way -> dir");
	CHECK_RUN(RUN("dupes", "dir", "dir"), 0, "", "");
	CHECK_RUN(RUN("dupes", "dir", "dir/a", "./dir/a"), 0, "", "");
	CHECK_RUN(RUN("dupes", "dir", "way"), 0, "", "");
	CHECK_RUN(RUN("dupes", "dir", "dir/sub", "--count-links"), 0, "", "");
	CHECK_RUN(RUN("dupes", "-L", "."), 0, "", "");
	tree("t dir/c text");
	CHECK_RUN(RUN("dupes", "-L", "way", "dir"), 0, "way/a\nway/c\n", "");
}

/* The two blocks that Wang and others published in 2004. */
Test(dupes, colliding_md5_is_no_proof)
{
	static const char hex[] =
		"d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f8955ad340609f4b302"
		"83e488832571415a085125e8f7cdc99fd91dbdf280373c5bd8823e3156348f5bae6dacd436c919c6"
		"dd53e2b487da03fd02396306d248cda0e99f33420f577ee8ce54b67080a80d1ec69821bcb6a88393"
		"96f9652b6ff72a70";
	static const int flipped[] = { 19, 45, 59, 83, 109, 123 };
	unsigned char block[128];

	for (size_t i = 0; i < sizeof(block); i++) {
		unsigned byte;

		cr_assert_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		block[i] = (unsigned char)byte;
	}
	tree_file("a", block, sizeof(block));
	for (size_t i = 0; i < sizeof(flipped) / sizeof(flipped[0]); i++)
		block[flipped[i]] ^= 0x80;
	tree_file("b", block, sizeof(block));
	if (run_find("md5sum") != NULL) {
		struct run a = RUN_PEER("md5sum", "a");
		struct run b = RUN_PEER("md5sum", "b");

		cr_assert_eq(strncmp(a.out, b.out, 32), 0);
	}
	CHECK_RUN(RUN("dupes"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--hash=md5"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--hash=md5", "--cache=cache", "a", "b"), 0, "", "");
	tree_file("c", block, sizeof(block));
	CHECK_RUN(RUN("dupes", "--hash=md5", "a", "b", "c"), 0, "b\nc\n", "");
}

Test(dupes, by_name_and_size)
{
	tree("t a/name one", "t b/name three", "t b/NAME three", "t c/name one", "t d/x abc");
	level_times(WORDS("a/name", "b/name", "b/NAME", "c/name", "d/x"));
	CHECK_RUN(RUN("dupes", "--by=name"), 0, "./a/name\n./b/name\n./c/name\n", "");
	CHECK_RUN(RUN("dupes", "--by=name", "--ignore-case"), 0,
	          "./a/name\n./b/NAME\n./b/name\n./c/name\n", "");
	CHECK_RUN(RUN("dupes", "--by=name,content"), 0, "./a/name\n./c/name\n", "");
	CHECK_RUN(RUN("dupes", "--by=name,size"), 0, "./a/name\n./c/name\n", "");
	CHECK_RUN(RUN("dupes", "--by=size"), 0, "./a/name\n./c/name\n./d/x\n\n./b/NAME\n./b/name\n",
	          "");
	CHECK_STATUS(RUN("dupes", "--by=name", "--delete"), 2);
	CHECK_STATUS(RUN("dupes", "--by=size", "--hardlink", "--yes"), 2);
	expect_is_file("c/name");
}

Test(dupes, keep_rules_decide_what_comes_first)
{
	static const struct {
		const char *rule;
		const char *first;
	} cases[] = {
		{ "first", "b/longest-name" },
		{ "oldest", "a/deep/er/x" },
		{ "newest", "a/middle" },
		{ "shortest-path", "a/middle" },
		{ "longest-path", "b/longest-name" },
		{ "shallowest", "b/longest-name" },
		{ "deepest", "a/deep/er/x" },
		{ "most-links", "a/middle" },
		{ "path:a/deep/**", "a/deep/er/x" },
	};

	tree("t b/longest-name text", "t a/deep/er/x text", "t a/middle text",
	     "h other/link -> a/middle");
	tree_time("b/longest-name", (struct timespec){ 2000, 0 });
	tree_time("a/deep/er/x", (struct timespec){ 1000, 0 });
	tree_time("a/middle", (struct timespec){ 3000, 0 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char option[64];

		(void)snprintf(option, sizeof(option), "--keep=%s", cases[i].rule);
		struct run r = RUN("dupes", option, "b", "a");
		cr_expect_eq(strncmp(r.out, cases[i].first, strlen(cases[i].first)), 0, "%s: %s",
		             cases[i].rule, r.out);
	}
}

Test(dupes, reference_directories)
{
	tree("t ref/a text", "t ref/b alone", "t new/1 text", "t new/2 fresh", "t new/3 fresh");
	CHECK_RUN(RUN("dupes", "--ref=ref", "new"), 0, "new/2\nnew/3\n\nref/a\nnew/1\n", "");
	CHECK_RUN(RUN("dupes", "--ref=ref", "--ref-only", "new"), 0, "ref/a\nnew/1\n", "");
	/* Inside an operand, its files stay all the same. */
	CHECK_RUN(RUN("dupes", "--ref=ref", "--ref-only", "."), 0, "ref/a\n./new/1\n", "");
	CHECK_STATUS(RUN("dupes", "--ref-only", "new"), 2);
	CHECK_RUN(RUN("dupes", "--isolate", "new", "ref"), 0, "new/1\nref/a\n", "");
}

Test(dupes, check_and_compare_answer)
{
	tree("t a one", "t b two", "t c one");
	CHECK_RUN(RUN("dupes", "--check", "a", "b"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--check"), 1, "", "");
	CHECK_STATUS(RUN("dupes", "--check", "missing", "a", "c"), 3);
	CHECK_RUN(RUN("dupes", "--compare", "a", "c"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--compare", "a", "b"), 1, "", "");
	CHECK_STATUS(RUN("dupes", "--compare", "a", "missing"), 3);
	CHECK_STATUS(RUN("dupes", "--compare", "a"), 2);
	CHECK_STATUS(RUN("dupes", "--compare", "a", "."), 3);
	tree_mode("c", 0);
	sandbox_drop_root();
	CHECK_STATUS(RUN("dupes", "--check"), 3);
	CHECK_STATUS(RUN("dupes"), 1);
	CHECK_STATUS(RUN("dupes", "--compare", "a", "c"), 3);
}

Test(dupes, wrong_words_touch_nothing)
{
	const char *const *const cases[] = {
		WORDS("dupes", "-d"),
		WORDS("dupes", "-N"),
		WORDS("dupes", "-D"),
		WORDS("dupes", "-I"),
		WORDS("dupes", "-dN", "--yes"),
		WORDS("dupes", "--by=inode"),
		WORDS("dupes", "--keep=best"),
		WORDS("dupes", "--hash=crc32"),
		WORDS("dupes", "--min-size=5", "--max-size=4"),
		WORDS("dupes", "--delete", "--hardlink", "--yes"),
		WORDS("dupes", "--move=d", "--delete", "--yes"),
		WORDS("dupes", "--delete", "--yes", "--unique"),
		WORDS("dupes", "--yes"),
		WORDS("dupes", "--from=report"),
		WORDS("dupes", "-0", "--csv"),
		WORDS("dupes", "--pairs", "--omit-first"),
		WORDS("dupes", "--pairs", "--delete"),
		WORDS("dupes", "--ignore-case"),
		WORDS("dupes", "--files0-from=a", "b"),
		WORDS("dupes", "--keep=path:[a"),
	};

	tree("t a same", "t b same", "d d");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 2, "case %zu: %d", i, r.status);
		cr_expect_str_eq(r.out, "", "case %zu", i);
		cr_expect(r.err_len > 0, "case %zu", i);
	}
	expect_names(".", "a", "b", "d");
}

Test(dupes, operands_that_are_no_files)
{
	struct run r;

	tree("t a same", "t b same", "p pipe", "l link -> a");
	r = RUN("dupes", "missing", "a", "b");
	EXPECT_STATUS(r, 3);
	EXPECT_OUT(r, "a\nb\n");
	r = RUN("dupes", "pipe", "a", "b");
	EXPECT_STATUS(r, 3);
	EXPECT_OUT(r, "a\nb\n");
	r = RUN("dupes", "link", "a");
	EXPECT_STATUS(r, 3);
	EXPECT_OUT(r, "");
	r = RUN("dupes", "/dev/null", "a", "b");
	EXPECT_STATUS(r, 3);
	/* Files of /proc say that they are empty. */
	r = RUN("dupes", "--min-size=0", "/proc/version", "/proc/uptime");
	EXPECT_OUT(r, "");
}

Test(dupes, hostile_names_come_out_whole)
{
	char path[600];
	size_t n = 0;

	for (; hostile_names[n] != NULL; n++) {
		(void)snprintf(path, sizeof(path), "d/%s", hostile_names[n]);
		tree_text(path, "equal");
	}
	struct run r = RUN("dupes", "-0", "d");
	size_t records = 0;

	for (size_t at = 0; at < r.out_len; at += strlen(r.out + at) + 1, records++)
		expect_is_file(r.out + at);
	cr_expect_eq(records, n);

	r = RUN("dupes", "--json", "d");
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "group", 0), "count", -1), (int64_t)n);

	/* The script, run by a shell, leaves one. */
	r = RUN("dupes", "--format=sh", "--delete", "d");
	tree_file("script", r.out, r.out_len);
	r = RUN_PEER("sh", "script");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("dupes", "--unique", "-0", "d");
	cr_expect_eq(strlen(r.out) + 1, r.out_len);
}

Test(dupes, csv_and_files0_from)
{
	tree("t a\"b same", "t c same");
	CHECK_RUN(RUN("dupes", "--csv"), 0,
	          "group,size,inodes,reclaim_bytes,keep,ref,path\r\n"
	          "1,4,2,4096,yes,no,\"./a\"\"b\"\r\n"
	          "1,4,2,4096,no,no,\"./c\"\r\n",
	          "");
	tree_file("list", "a\"b\0c\0", 6);
	CHECK_RUN(RUN("dupes", "--files0-from=list"), 0, "a\"b\nc\n", "");
	CHECK_RUN(run_argv(&(struct run_request){ .words = WORDS("dupes", "--files0-from=-"),
	                                          .input = "c\0a\"b",
	                                          .input_len = 5 }),
	          0, "c\na\"b\n", "");
	CHECK_STATUS(RUN("dupes", "--files0-from=none"), 3);
	tree_file("list", "c\0\0", 3);
	CHECK_STATUS(RUN("dupes", "--files0-from=list"), 3);
}

Test(dupes, records_are_whole)
{
	struct run r;

	tree("t a text", "t b text", "t c more", "d e");
	tree_time("a", (struct timespec){ 1000, 5 });
	r = RUN("dupes", "--json", "--hash=sha256");
	struct json_lines lines = JSON_LINES(r);
	const struct json *g = json_record(&lines, "group", 0);
	const struct json *sum = json_record(&lines, "summary", 0);

	cr_assert_not_null(g);
	cr_assert_not_null(sum);
	cr_expect_str_eq(json_string(g, "hash"),
	                 "sha256:982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1");
	cr_expect_str_eq(json_string(g, "verified"), "hash");
	cr_expect_str_eq(json_string(g, "by"), "content");
	cr_expect_str_eq(json_string(g, "files.0.path"), "./a");
	cr_expect(json_is_true(g, "files.0.keep"));
	cr_expect(json_is_false(g, "files.1.keep"));
	cr_expect_str_eq(json_number(g, "files.0.mtime"), "1000.000000005");
	cr_expect(json_is_null(g, "files.0.action"));
	cr_expect_eq(json_int(sum, "groups", -1), 1);
	cr_expect_eq(json_int(sum, "scanned_files", -1), 3);
	cr_expect_eq(json_int(sum, "scanned_bytes", -1), 12);
	cr_expect_eq(json_int(sum, "errors", -1), 0);
	cr_expect(json_is_false(sum, "interrupted"));
	CHECK_RUN(RUN("dupes", "--hash=sha256", "--paranoid"), 0, "./a\n./b\n", "");
	r = RUN("dupes", "--json", "--unique");
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "entry"), 1);
}

Test(dupes, order_of_the_groups)
{
	tree("f a/1 5000", "f a/2 5000", "t b/1 xx", "t b/2 xx", "t b/3 xx");
	CHECK_RUN(RUN("dupes", "--sort=count"), 0, "./b/1\n./b/2\n./b/3\n\n./a/1\n./a/2\n", "");
	CHECK_RUN(RUN("dupes", "--sort=size"), 0, "./a/1\n./a/2\n\n./b/1\n./b/2\n./b/3\n", "");
	CHECK_RUN(RUN("dupes", "--sort=path"), 0, "./a/1\n./a/2\n\n./b/1\n./b/2\n./b/3\n", "");
	/* Two blocks each, and one. */
	CHECK_RUN(RUN("dupes", "--sort=waste"), 0, "./a/1\n./a/2\n\n./b/1\n./b/2\n./b/3\n", "");
	CHECK_RUN(RUN("dupes", "--sort=waste", "--reverse"), 0,
	          "./b/1\n./b/2\n./b/3\n\n./a/1\n./a/2\n", "");
	CHECK_RUN(RUN("dupes", "--reverse"), 0, "./b/1\n./b/2\n./b/3\n\n./a/1\n./a/2\n", "");
}

/* The cache is used only for what did not change: contents that were dated back are read again. */
Test(dupes, a_cache_saves_reading_and_is_never_believed_too_much)
{
	struct timespec old = { 1000000, 0 };
	struct run r;
	struct json_lines lines;

	tree("t d/a same", "t d/b same");
	tree_time("d/a", old);
	tree_time("d/b", old);
	r = RUN("dupes", "--cache=cache", "d");
	EXPECT_RUN(r, 0, "d/a\nd/b\n", "");
	/* Just made: not kept, since it may change within the same tick. */
	expect_no_file("cache");
	tree_text("cache", "this is no cache");
	r = RUN("dupes", "--cache=cache", "--json", "d");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "made anew");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_record(&lines, "group", 0), "verified"), "hash");
	tree_text("d/b", "diff");
	tree_time("d/b", old);
	CHECK_OUT(RUN("dupes", "--cache=cache", "d"), "");
	CHECK_STATUS(RUN("dupes", "--cache=none/cache", "d"), 0);
}

Test(dupes, output_that_cannot_be_written)
{
	tree("t a same", "t b same");
	CHECK_STATUS(
		run_argv(&(struct run_request){ .words = WORDS("dupes"), .out_to = RUN_TO_FULL }),
		3);
	CHECK_STATUS(run_argv(&(struct run_request){ .words = WORDS("dupes", "--json"),
	                                             .out_to = RUN_TO_FULL }),
	             3);
	CHECK_STATUS(run_argv(&(struct run_request){ .words = WORDS("dupes"),
	                                             .out_to = RUN_TO_NOTHING }),
	             3);
}

Test(dupes, few_descriptors_and_many_files)
{
	char name[32];

	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "d/%d", i);
		tree_size(name, 70000);
	}
	CHECK_STATUS(run_argv(&(struct run_request){ .words = WORDS("dupes", "-m", "d"),
	                                             .limits = { { RLIMIT_NOFILE, 20 } } }),
	             0);
	CHECK_OUT(run_argv(&(struct run_request){ .words = WORDS("dupes", "-m", "d"),
	                                          .limits = { { RLIMIT_NOFILE, 20 } } }),
	          "199 duplicate files in 1 set, taking 14M\n");
}

/* With one pair the question is answered; the rest need not be read. */
Test(dupes, check_stops_at_the_first_pair)
{
	struct run r;
	struct json_lines lines;
	const struct json *sum;
	char name[32];

	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "d/%d", i);
		tree_size(name, (uint64_t)(2000000 + i / 2));
	}
	r = RUN("dupes", "--check", "--json", "-j1", "d");
	EXPECT_STATUS(r, 1);
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "group"), 1);
	sum = json_record(&lines, "summary", 0);
	cr_assert_not_null(sum);
	cr_expect_eq(json_int(sum, "scanned_files", -1), 40);
	cr_expect(json_int(sum, "read_bytes", INT64_MAX) <= 3 * 2000019, "%lld bytes were read",
	          (long long)json_int(sum, "read_bytes", -1));
}

Test(dupes, many_equal_files_are_one_group)
{
	enum { FILES = 10000 };
	char name[32];
	char text[80];

	tree_dir("d");
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "d/%d", i);
		tree_text(name, "the same in all");
	}
	(void)snprintf(text, sizeof(text), "%d duplicate files in 1 set, taking 40M\n", FILES - 1);
	CHECK_RUN(RUN("dupes", "-m", "d"), 0, text, "");
	CHECK_RUN(RUN("dupes", "-m", "--hash=blake2b", "d"), 0, text, "");
}

Test(dupes, ignore_files_and_patterns_are_obeyed_when_asked_for)
{
	tree("t .gitignore *.o", "t a.c same", "t b.c same", "t a.o twice", "t b.o twice");
	level_times(WORDS("a.c", "b.c", "a.o", "b.o"));
	CHECK_RUN(RUN("dupes", "-A"), 0, "./a.c\n./b.c\n\n./a.o\n./b.o\n", "");
	CHECK_RUN(RUN("dupes", "-A", "--gitignore"), 0, "./a.c\n./b.c\n", "");
	CHECK_RUN(RUN("dupes", "-A", "--include=*.o", "--exclude=*"), 0, "./a.o\n./b.o\n", "");
}

Test(dupes, pairs_name_what_stays_with_each_copy)
{
	struct run r;

	tree("t a same", "t b same", "h c -> b", "t d same", "t x/1 more", "t x/2 more");
	level_times(WORDS("a", "b", "d", "x/1", "x/2"));
	CHECK_RUN(RUN("dupes", "--pairs"), 0, "./a\t./b\n./a\t./d\n./x/1\t./x/2\n", "");
	CHECK_RUN(RUN("dupes", "--format=pairs", "--keep=path:**/d", "a", "b", "d"), 0,
	          "d\ta\nd\tb\n", "");
	r = RUN("dupes", "--pairs", "-0", "x");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_BYTES(r, "x/1\0x/2\0", 8);
	CHECK_RUN(RUN("dupes", "--pairs", "--dirs"), 0, "", "");
	CHECK_STATUS(RUN("dupes", "--pairs", "--json"), 2);
}
