/* SPDX-License-Identifier: MIT */
/* verify A B: two files, two trees. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

TestSuite(verify_trees, .init = sandbox_enter, .fini = sandbox_leave);

Test(verify_trees, two_files_in_the_words_of_cmp)
{
	static const struct {
		const char *a, *b, *out;
	} cases[] = {
		{ "same\n", "same\n", "" },
		{ "", "", "" },
		{ "one\ntwo\n", "one\ntwx\n", "a b differ: byte 7, line 2\n" },
		{ "x", "y", "a b differ: byte 1, line 1\n" },
		{ "one\ntwo\n", "one\n", "EOF on b after byte 4, line 1\n" },
		{ "one\ntw", "one\ntwo\n", "EOF on a after byte 6, in line 2\n" },
		{ "", "x", "EOF on a which is empty\n" },
	};
	struct run r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_text("a", cases[i].a);
		tree_text("b", cases[i].b);
		r = RUN("verify", "a", "b");
		EXPECT_RUN(r, cases[i].out[0] == '\0' ? 0 : 6, cases[i].out, "");
		r = RUN("verify", "--status", "a", "b");
		EXPECT_RUN(r, cases[i].out[0] == '\0' ? 0 : 6, "", "");
	}
}

Test(verify_trees, large_and_sparse_files)
{
	struct run r;

	tree_size("a", 3 << 20);
	tree_size("b", 3 << 20);
	r = RUN("verify", "--direct", "a", "b");
	EXPECT_RUN(r, 0, "", "");
	FILE *f = fopen("b", "r+");
	cr_assert(f != NULL && fseek(f, 2 << 20, SEEK_SET) == 0 && fputc(1, f) == 1 &&
	          fclose(f) == 0);
	r = RUN("verify", "--json", "a", "b");
	EXPECT_STATUS(r, 6);
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "item", 0), "offset", -1), 2 << 20);
	cr_expect_str_eq(json_string(json_record(&lines, "item", 0), "other"), "b");

	/* Nobody reads a terabyte of holes. */
	tree_sparse("c", UINT64_C(1) << 40);
	tree_sparse("d", UINT64_C(1) << 40);
	r = RUN("verify", "c", "d");
	EXPECT_RUN(r, 0, "", "");
}

Test(verify_trees, operands_that_cannot_be_compared)
{
	struct run r;

	tree("f a", "d d", "p p", "h b -> a");
	r = RUN("verify", "a", "nowhere");
	EXPECT_RUN(r, 3, "", "verify: cannot access 'nowhere': No such file or directory\n");
	r = RUN("verify", "a", "d");
	EXPECT_RUN(r, 3, "", "verify: 'd': is a directory, the other is not\n");
	r = RUN("verify", "a", "p");
	EXPECT_RUN(r, 3, "", "verify: 'p': is not a regular file\n");
	r = RUN("verify", "a", "b");
	EXPECT_RUN(r, 0, "", "verify: 'b': is the same file as the first\n");
}

Test(verify_trees, names_types_links_and_contents)
{
	struct run r;

	tree("d a/s", "t a/s/same 1", "t a/differ 123", "t a/longer 1", "f a/gone", "d a/type",
	     "l a/link -> x", "l a/loop -> .", "p a/fifo", "t a/empty-dir/x 1");
	cr_assert_eq(RUN_PEER("cp", "-a", "a", "b").status, 0);
	r = RUN("verify", "a", "b");
	EXPECT_RUN(r, 0, "", "");
	tree_text("b/differ", "124");
	tree_text("b/longer", "12");
	cr_assert_eq(unlink("b/gone") + rmdir("b/type") + unlink("b/link"), 0);
	tree("f b/type", "l b/link -> y", "t b/s/new 1");
	r = RUN("verify", "a", "b");
	EXPECT_RUN(r, 6,
	           "differ: differ: byte 3\nmissing: gone\ndiffer: link: x became y\n"
	           "differ: longer: 1 byte became 2 bytes\nextra: s/new\n"
	           "type: type: dir became file\n",
	           "");
	r = RUN("verify", "--quiet", "--exclude=s", "--type=l,d", "a", "b");
	EXPECT_RUN(r, 6, "differ: link: x became y\nmissing: type\n", "");
	r = RUN("verify", "b", "b");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("verify", "--json", "a", "b");
	struct json_lines lines = JSON_LINES(r);
	const struct json *summary = json_record(&lines, "summary", 0);
	cr_expect_eq(json_int(summary, "differ", -1), 3);
	cr_expect_eq(json_int(summary, "missing", -1), 1);
	cr_expect_eq(json_int(summary, "extra", -1), 1);
	cr_expect_eq(json_int(summary, "type", -1), 1);
	cr_expect_eq(json_int(summary, "same", -1), 7);
	cr_expect_str_eq(json_string(json_find(&lines, "path", "link"), "expected"), "x");
	cr_expect_str_eq(json_string(json_find(&lines, "path", "type"), "actual"), "file");
}

Test(verify_trees, hostile_names)
{
	struct run r;

	tree("d a", "d b");
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "a/%s", hostile_names[i]);
		tree_text(path, "1");
		(void)snprintf(path, sizeof(path), "b/%s", hostile_names[i]);
		tree_text(path, "1");
	}
	r = RUN("verify", "a", "b");
	EXPECT_RUN(r, 0, "", "");
	tree_text("b/x\nsame: y", "1");
	r = RUN("verify", "a", "b");
	EXPECT_RUN(r, 6, "\\extra: x\\nsame: y\n", "");
	r = RUN("verify", "-0", "a", "b");
	EXPECT_OUT_BYTES(r, "extra: x\nsame: y", 17);
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-v", "a", "b"),
	                                    .out_to = RUN_TO_TERMINAL });
	EXPECT_OUT_HARMLESS(r);
}

Test(verify_trees, moved_files)
{
	struct run r;

	tree("d a", "t a/one first", "t a/two secon", "t a/three third", "f a/empty", "d b",
	     "t b/1 first", "t b/2 secon", "t b/x other", "f b/none");
	r = RUN("verify", "--moved", "a", "b");
	EXPECT_RUN(r, 6,
	           "moved: one -> 1\nmoved: two -> 2\nmissing: empty\nmissing: three\n"
	           "extra: none\nextra: x\n",
	           "");
	/* Each name goes with one other. */
	tree("d c", "d d", "t c/1 same", "t c/2 same", "t d/3 same");
	r = RUN("verify", "--moved", "c", "d");
	EXPECT_RUN(r, 6, "moved: 1 -> 3\nmissing: 2\n", "");
}

Test(verify_trees, metadata)
{
	struct run r;

	tree("d a", "t a/f 1", "t a/g 1", "d b", "t b/f 1", "t b/g 1", "m a/f 0644", "m b/f 0600",
	     "m a/g 0644", "m b/g 0644", "m a 0755", "m b 0755");
	tree_time("a/f", (struct timespec){ 100, 0 });
	tree_time("b/f", (struct timespec){ 100, 0 });
	tree_time("a/g", (struct timespec){ 100, 5 });
	tree_time("b/g", (struct timespec){ 101, 5 });
	tree_time("a", (struct timespec){ 1, 0 });
	tree_time("b", (struct timespec){ 2, 0 });
	r = RUN("verify", "a", "b");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("verify", "--meta=basic", "a", "b");
	EXPECT_RUN(r, 6,
	           "meta: f: mode 0644 became mode 0600\n"
	           "meta: g: mtime 100.000000005 became mtime 101.000000005\n",
	           "");
	r = RUN("verify", "--meta=all", "a", "b");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT_HAS(r, "meta: .: mtime 1 became mtime 2\n");
	/* Where fractions are not kept on one side, they are not compared. */
	tree_time("b/g", (struct timespec){ 100, 0 });
	r = RUN("verify", "--meta=basic", "--include=/g", "--exclude=*", "a", "b");
	EXPECT_RUN(r, 0, "", "");
}

Test(verify_trees, extended_attributes)
{
	struct run r;

	tree("d a", "t a/f 1");
	if (setxattr("a/f", "user.x", "1", 1, 0) != 0)
		skip("no extended attributes of users here");
	cr_assert_eq(setxattr("a/f", "user.y", "1", 1, 0), 0);
	cr_assert_eq(RUN_PEER("cp", "-a", "a", "b").status, 0);
	r = RUN("verify", "--meta=all", "a", "b");
	EXPECT_RUN(r, 0, "", "");
	cr_assert_eq(setxattr("b/f", "user.x", "2", 1, 0), 0);
	cr_assert_eq(removexattr("b/f", "user.y"), 0);
	cr_assert_eq(setxattr("b/f", "user.z", "2", 1, 0), 0);
	r = RUN("verify", "--meta=all", "a", "b");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT_HAS(r, "xattr user.x");
	EXPECT_OUT_HAS(r, "other xattr user.x");
	EXPECT_OUT_HAS(r, "no xattr user.y");
	EXPECT_OUT_HAS(r, "no xattr user.z");
}

Test(verify_trees, what_cannot_be_read_is_not_missing)
{
	struct run r;

	tree("d a/closed", "t a/closed/x 1", "t a/file 1");
	cr_assert_eq(RUN_PEER("cp", "-a", "a", "b").status, 0);
	tree_mode("b/closed", 0);
	tree_mode("b/file", 0);
	sandbox_drop_root();
	r = RUN("verify", "a", "b");
	EXPECT_RUN(r, 1, "unreadable: file\n",
	           "verify: cannot read directory 'b/closed': Permission denied\n"
	           "verify: 'b/file': Permission denied\n");
	r = RUN("verify", "--json", "a", "b");
	EXPECT_STATUS(r, 1);
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "missing", -1), 0);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "unreadable", -1), 2);
}

Test(verify_trees, hard_links_are_not_read)
{
	struct run r;

	tree("d a", "d b");
	tree_sparse("a/f", 0);
	tree_size("a/g", 5000);
	tree_link("b/f", "a/f");
	tree_link("b/g", "a/g");
	r = RUN("verify", "--json", "a", "b");
	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "read_bytes", -1), 0);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "same", -1), 3);
}

Test(verify_trees, paths_of_any_length)
{
	static const char *const tops[] = { "a", "b" };
	const size_t depth = 30;
	char name[251];
	struct run r;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(mkdir(tops[i], 0755) + chdir(tops[i]), 0);
		for (size_t k = 0; k < depth; k++)
			cr_assert_eq(mkdir(name, 0755) + chdir(name), 0);
		tree_text("f", i == 0 ? "12" : "13");
		tree_symlink("l", i == 0 ? "x" : "y");
		cr_assert_eq(chdir(sandbox_path()), 0);
	}
	r = RUN("verify", "a", "b");
	EXPECT_STATUS(r, 6);
	EXPECT_ERR(r, "");
	EXPECT_OUT_HAS(r, "/f: byte 2\n");
	EXPECT_OUT_HAS(r, "/l: x became y\n");
	r = RUN("verify", "--create=LIST", "a");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("verify", "-cq", "LIST");
	EXPECT_RUN(r, 0, "", "");
}
