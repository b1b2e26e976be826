/* SPDX-License-Identifier: MIT */
/* dupes --dirs: whole trees that are equal. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(dupes_dirs, .init = sandbox_enter, .fini = sandbox_leave);

#define CHECK_RUN(call, code, out_text, err_text)           \
	do {                                                \
		struct run made = (call);                   \
		EXPECT_RUN(made, code, out_text, err_text); \
	} while (0)

static void level_times(const char *const *paths)
{
	for (; *paths != NULL; paths++)
		tree_time(*paths, (struct timespec){ 1000000, 0 });
}

Test(dupes_dirs, equal_trees_are_told_once_at_the_top)
{
	tree("t a/f one", "t a/sub/g two", "t a/sub/deep/h three", "t b/f one", "t b/sub/g two",
	     "t b/sub/deep/h three", "t c/other/f one");
	level_times(WORDS("a", "b"));
	CHECK_RUN(RUN("dupes", "--dirs"), 0, "./a\n./b\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "-f"), 0, "./b\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "-S"), 0, "11 bytes each:\n./a\n./b\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--keep=path:b"), 0, "./a\n./b\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "b", "a"), 0, "b\na\n", "");
	/* What is in the copy is not told again; a third one of the part that stays is. */
	tree("t c/sub/g two", "t c/sub/deep/h three");
	level_times(WORDS("a/sub", "c/sub"));
	CHECK_RUN(RUN("dupes", "--dirs"), 0, "./a\n./b\n\n./a/sub\n./c/sub\n", "");
	/* So are two parts that are equal inside of what stays. */
	tree("t a/two/h three", "t b/two/h three");
	level_times(WORDS("a", "b", "a/two", "a/sub/deep"));
	CHECK_RUN(RUN("dupes", "--dirs", "a", "b"), 0, "a\nb\n\na/sub/deep\na/two\n", "");
}

/* Each line is added to a tree beside one equal to it: equal still, or not any more? */
Test(dupes_dirs, names_types_and_contents_count_and_nothing_else)
{
	static const struct {
		const char *a;
		const char *b;
		bool equal;
	} cases[] = {
		{ "t a/x 1", "t b/x 1", true },
		{ "t a/x 1", "t b/x 2", false },
		{ "t a/x 1", "t b/y 1", false },
		{ "t a/x 1", "t b/x 11", false },
		{ "f a/x", "f b/x", true },
		{ "f a/x", "d b/x", false },
		{ "d a/x", "d b/x", true },
		/* One more, of no size. */
		{ "f a/x", "d b", false },
		{ "d a/x", "d b", false },
		{ "d a/x/y", "d b/x", false },
		{ "l a/x -> f", "l b/x -> f", true },
		{ "l a/x -> f", "l b/x -> g", false },
		{ "l a/x -> nowhere", "l b/x -> nowhere", true },
		{ "l a/x -> f", "t b/x same", false },
		{ "p a/x", "p b/x", true },
		{ "p a/x", "f b/x", false },
		{ "h a/x -> a/f", "t b/x same", true },
		{ "m a/f 0600", "m b/f 0640", true },
		{ "m a 0700", "m b 0755", true },
		/* The bytes of a name do not run into what follows it. */
		{ "t a/x 1", "t b/x1 1", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		(void)RUN_PEER("rm", "-rf", "a", "b");
		tree("t a/f same", "t b/f same");
		tree(cases[i].a, cases[i].b);
		level_times(WORDS("a", "b"));
		r = RUN("dupes", "--dirs");
		cr_expect_eq(r.status, 0, "case %zu: %s", i, r.err);
		cr_expect_str_eq(r.out, cases[i].equal ? "./a\n./b\n" : "", "case %zu", i);
	}
}

Test(dupes_dirs, records_tell_what_a_tree_takes)
{
	struct run r;
	struct json_lines lines;
	const struct json *g;

	/* Two names of one inode, and a third name outside of the trees. */
	tree("f a/f 5000", "h a/g -> a/f", "f b/f 5000", "h b/g -> b/f", "t a/s 1", "t b/s 1");
	level_times(WORDS("a", "b"));
	r = RUN("dupes", "--dirs", "--json", "--hash=sha256");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	g = json_record(&lines, "group", 0);
	cr_assert_not_null(g);
	cr_expect_str_eq(json_string(g, "by"), "dirs");
	cr_expect_eq(json_int(g, "size", -1), 10001);
	cr_expect_eq(json_int(g, "count", -1), 2);
	cr_expect_eq(json_int(g, "inodes", -1), 2);
	cr_expect(json_is_null(g, "hash"));
	cr_expect_str_eq(json_string(g, "verified"), "hash");
	cr_expect_str_eq(json_string(g, "files.0.path"), "./a");
	cr_expect(json_is_true(g, "files.0.keep"));
	cr_expect(json_is_false(g, "files.1.keep"));
	cr_expect_eq(json_int(g, "reclaim_bytes", -1), json_int(g, "files.1.disk_bytes", -2));
	/* As du counts it, the directory itself too. */
	char taken[64];
	(void)snprintf(taken, sizeof(taken), "%lld\tb\n",
	               (long long)json_int(g, "files.1.disk_bytes", -1));
	CHECK_RUN(RUN_PEER("du", "-s", "-B1", "b"), 0, taken, "");
	/* Of what has a name elsewhere nothing is freed. */
	tree("h elsewhere -> b/f");
	r = RUN("dupes", "--dirs", "--json");
	lines = JSON_LINES(r);
	g = json_record(&lines, "group", 0);
	cr_expect_eq(json_int(g, "reclaim_bytes", -1),
	             json_int(g, "files.1.disk_bytes", -1) - 8192);
	cr_expect_str_eq(json_string(g, "verified"), "bytes");
	g = json_record(&lines, "summary", 0);
	cr_expect_eq(json_int(g, "groups", -1), 1);
	cr_expect_eq(json_int(g, "redundant_files", -1), 1);
	cr_expect_eq(json_int(g, "scanned_files", -1), 7);
	/* A tree of links to the other one is equal, and takes only its directory. */
	tree("h c/f -> a/f", "h c/g -> a/g", "h c/s -> a/s");
	r = RUN("dupes", "--dirs", "--csv", "a", "c");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "1,10001,2,4096,yes,no,\"a\"\r\n1,10001,2,4096,no,no,\"c\"\r\n");
	CHECK_RUN(RUN("dupes", "--dirs", "-m", "a", "c"), 0,
	          "1 duplicate directory in 1 set, taking 4.0K\n", "");
}

Test(dupes_dirs, one_directory_reached_twice_is_one)
{
	tree("t d/a/f one", "t d/b/g two", "l way -> d");
	CHECK_RUN(RUN("dupes", "--dirs", "d", "d", "./d", "way", "d/a"), 0, "", "");
	tree("t e/a/f one", "t e/b/g two");
	level_times(WORDS("d", "e"));
	CHECK_RUN(RUN("dupes", "--dirs", "d", "way", "e"), 0, "d\ne\n", "");
	/* Its parts are not told by another way either, be it the copy or what stays. */
	CHECK_RUN(RUN("dupes", "--dirs", "d", "e", "d/a", "e/b"), 0, "d\ne\n", "");
}

Test(dupes_dirs, what_is_known_in_part_is_equal_to_none)
{
	struct run r;

	sandbox_drop_root();
	tree("t a/f same", "t a/sub/g same", "t b/f same", "t b/sub/g same", "t c/f same",
	     "t c/sub/g same", "d x/a/closed", "d x/b/closed", "t x/a/f same", "t x/b/f same");
	tree_mode("b/sub/g", 0);
	tree_mode("x/b/closed", 0);
	level_times(WORDS("a", "c", "a/sub", "c/sub"));
	r = RUN("dupes", "--dirs");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "./a\n./c\n");
	EXPECT_ERR_HAS(r, "b/sub/g");
	EXPECT_ERR_HAS(r, "x/b/closed");
	r = RUN("dupes", "--dirs", "--check", "x");
	EXPECT_STATUS(r, 3);
	tree_mode("x/b/closed", 0755);
	r = RUN("dupes", "--dirs", "--check", "x");
	EXPECT_STATUS(r, 1);
}

Test(dupes_dirs, sizes_are_of_the_whole)
{
	tree("d a/e1", "d a/e2", "f b/1/x 10", "f b/2/x 10", "f b/1/z", "f b/2/z", "f c/1/x 1000",
	     "f c/2/x 1000");
	level_times(WORDS("a/e1", "a/e2", "b/1", "b/2", "c/1", "c/2"));
	CHECK_RUN(RUN("dupes", "--dirs"), 0, "./b/1\n./b/2\n\n./c/1\n./c/2\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--min-size=0", "--max-size=10"), 0,
	          "./a/e1\n./a/e2\n\n./b/1\n./b/2\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--min-size=11"), 0, "./c/1\n./c/2\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--sort=size"), 0, "./c/1\n./c/2\n\n./b/1\n./b/2\n", "");
}

Test(dupes_dirs, what_is_left_out_is_not_compared)
{
	tree("t a/f same", "t a/x.o 1", "t b/f same", "t b/x.o 2", "t b/.hidden 3");
	level_times(WORDS("a", "b"));
	CHECK_RUN(RUN("dupes", "--dirs"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--exclude=*.o"), 0, "", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--exclude=*.o", "-A"), 0, "./a\n./b\n", "");
}

Test(dupes_dirs, references_and_rules_choose_what_stays)
{
	struct run r;

	tree("t a/f same", "t b/f same", "t c/1/g twice", "t c/2/g twice");
	tree_time("a", (struct timespec){ 1000, 0 });
	tree_time("b", (struct timespec){ 2000, 0 });
	level_times(WORDS("c/1", "c/2"));
	CHECK_RUN(RUN("dupes", "--dirs", "--keep=newest", "a", "b"), 0, "b\na\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--ref=b", "--ref-only", "a", "c"), 0, "b\na\n", "");
	CHECK_RUN(RUN("dupes", "--dirs", "--isolate", "a", "b", "c"), 0, "a\nb\n", "");
	r = RUN("dupes", "--dirs", "--json", "--ref=b", ".");
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "group"), 2);
	const struct json *g = json_find(&lines, "record", "group");
	cr_expect(json_is_true(g, "files.0.ref") ||
	          json_is_true(json_record(&lines, "group", 1), "files.0.ref"));
}

Test(dupes_dirs, what_makes_no_sense_with_it_is_refused)
{
	const char *const *const cases[] = {
		WORDS("dupes", "--dirs", "--delete", "--yes"),
		WORDS("dupes", "--dirs", "--hardlink"),
		WORDS("dupes", "--dirs", "--move=a"),
		WORDS("dupes", "--dirs", "--by=content"),
		WORDS("dupes", "--dirs", "--unique"),
		WORDS("dupes", "--dirs", "--count-links"),
		WORDS("dupes", "--dirs", "--follow"),
		WORDS("dupes", "--dirs", "--max-depth=3"),
		WORDS("dupes", "--dirs", "--no-recurse"),
		WORDS("dupes", "--dirs", "--format=sh"),
		WORDS("dupes", "--dirs", "--format=fclones"),
		WORDS("dupes", "--dirs", "--type=f"),
		WORDS("dupes", "--dirs", "--newer=1d"),
		WORDS("dupes", "--dirs", "--min-size=5", "--max-size=4"),
		WORDS("dupes", "--dirs", "--compare", "a", "b"),
	};
	struct run r;

	tree("t a/f same", "t b/f same");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = run_words(cases[i]);
		cr_expect_eq(r.status, 2, "case %zu: %d", i, r.status);
	}
	expect_names(".", "a", "b");
	/* Nor is such a report acted on. */
	r = RUN("dupes", "--dirs", "--json");
	tree_file("report", r.out, r.out_len);
	r = RUN("dupes", "--from=report", "--delete", "--yes");
	EXPECT_STATUS(r, 2);
	expect_names(".", "a", "b", "report");
}

Test(dupes_dirs, hostile_names_and_deep_trees)
{
	char path[4096];
	size_t n = 0;
	struct run r;
	size_t len;

	for (; hostile_names[n] != NULL; n++) {
		(void)snprintf(path, sizeof(path), "a/%s/f", hostile_names[n]);
		tree_text(path, "equal");
		(void)snprintf(path, sizeof(path), "b/%s/f", hostile_names[n]);
		tree_text(path, "equal");
	}
	level_times(WORDS("a", "b"));
	r = RUN("dupes", "--dirs", "-0", "a", "b");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(memcmp(r.out, "a\0b\0\0a/", 7), 0);
	for (const char *name = "xy"; *name != '\0'; name++) {
		len = 0;
		for (int i = 0; i < 1000; i++)
			len += (size_t)snprintf(path + len, sizeof(path) - len, "%c/", *name);
		path[0] = *name == 'x' ? 'x' : 'y';
		for (size_t at = 2; at < len; at += 2)
			path[at] = 'd';
		(void)snprintf(path + len, sizeof(path) - len, "file");
		tree_text(path, "deep");
	}
	level_times(WORDS("x", "y"));
	CHECK_RUN(RUN("dupes", "--dirs", "x", "y"), 0, "x\ny\n", "");
}
