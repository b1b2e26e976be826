/* SPDX-License-Identifier: MIT */
/* dupes: the actions. Each safety rule is a test; state is what is looked at. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(dupes_act, .init = sandbox_enter, .fini = sandbox_leave);

static const struct timespec old = { 1000000000, 5 };

static void make_pair(void)
{
	tree("t a/1 same", "t b/2 same", "t b/3 alone");
	tree_time("a/1", old);
	tree_time("b/2", old);
}

static void expect_untouched(void)
{
	expect_file("a/1", "same");
	expect_file("b/2", "same");
	expect_names("a", "1");
	expect_names("b", "2", "3");
	expect_other_file("a/1", "b/2");
	expect_is_file("b/2");
}

Test(dupes_act, without_yes_it_is_a_plan)
{
	static const char *const actions[] = { "--delete", "--hardlink", "--symlink", "--reflink",
		                               "--move=a" };

	make_pair();
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct run r = RUN("dupes", actions[i], "a", "b");

		EXPECT_STATUS(r, 0);
		EXPECT_OUT_HAS(r, "keep      a/1\n");
		EXPECT_OUT_HAS(r, "  b/2\n");
		EXPECT_ERR_HAS(r, "--yes");
		r = RUN("dupes", actions[i], "--yes", "-n", "a", "b");
		EXPECT_STATUS(r, 0);
		EXPECT_ERR(r, "");
		expect_untouched();
	}
}

Test(dupes_act, delete)
{
	struct run r;

	make_pair();
	r = RUN("dupes", "--delete", "--yes", "a", "b");
	EXPECT_RUN(r, 0, "keep      a/1\ndelete    b/2\n", "");
	expect_names("a", "1");
	expect_names("b", "3");
	expect_file("a/1", "same");
}

Test(dupes_act, hardlink)
{
	struct run r;

	make_pair();
	r = RUN("dupes", "--hardlink", "--yes", "a", "b");
	EXPECT_STATUS(r, 0);
	expect_same_file("a/1", "b/2");
	expect_links("a/1", 2);
	expect_names("b", "2", "3");
	/* Nothing is left to do. */
	r = RUN("dupes", "--hardlink", "--yes", "a", "b");
	EXPECT_RUN(r, 0, "", "");
}

Test(dupes_act, symlink_is_relative)
{
	struct run r;

	tree("t x/y/1 same", "t x/z/w/2 same", "l way -> x");
	tree_time("x/y/1", old);
	/* By another way in: the link goes by where things really are. */
	r = RUN("dupes", "--symlink", "--yes", "way/y", "x");
	EXPECT_STATUS(r, 0);
	expect_link("x/z/w/2", "../../y/1");
	expect_names("x/z/w", "2");
	r = RUN("dupes", "--delete", "--yes", "x");
	EXPECT_RUN(r, 0, "", "");
	expect_file("x/y/1", "same");
}

Test(dupes_act, move_keeps_the_path_and_replaces_nothing)
{
	struct run r;

	make_pair();
	tree("d away", "t away/b/4 other");
	tree("t b/4 same");
	r = RUN("dupes", "--move=away", "--yes", "a", "b");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "b/4");
	expect_file("away/b/2", "same");
	expect_file("away/b/4", "other");
	expect_names("b", "3", "4");
	EXPECT_STATUS(r, 1);
	r = RUN("dupes", "--move=missing", "--yes", "a", "b");
	EXPECT_STATUS(r, 3);
}

Test(dupes_act, move_never_leads_out)
{
	struct run r;

	tree("d in", "d to", "t 1 same", "t in/2 same");
	tree_time("1", old);
	r = run_argv(&(struct run_request){
		.words = WORDS("dupes", "--move=../to", "--yes", "--keep=path:2", "../1", "."),
		.cwd = "in" });
	EXPECT_STATUS(r, 0);
	cr_expect(check_names("to", (const char *const[]){ "2", NULL }) ||
	                  check_names("to", (const char *const[]){ "1", NULL }),
	          "%s", check_why());
}

Test(dupes_act, all_names_of_a_copy_go_and_none_of_the_kept)
{
	struct run r;

	tree("t a/1 same", "h a/2 -> a/1", "t b/3 same", "h b/4 -> b/3");
	r = RUN("dupes", "--delete", "--yes", "a", "b");
	EXPECT_STATUS(r, 0);
	expect_names("a", "1", "2");
	expect_empty_dir("b");
}

Test(dupes_act, hard_links_alone_are_left_alone)
{
	struct run r;

	tree("t a/1 same", "h b/2 -> a/1");
	r = RUN("dupes", "--delete", "--yes", "a", "b");
	EXPECT_RUN(r, 0, "", "");
	expect_links("a/1", 2);
}

Test(dupes_act, one_entry_reached_twice_is_not_its_own_copy)
{
	struct run r;

	tree("t d/1 same", "l way -> d");
	r = RUN("dupes", "--delete", "--yes", "d", "d", "way", "d/1", "./d/1");
	EXPECT_STATUS(r, 0);
	r = RUN("dupes", "-L", "--delete", "--yes", ".", "d");
	EXPECT_STATUS(r, 0);
	expect_file("d/1", "same");
	tree("t d/2 same");
	r = RUN("dupes", "-L", "--delete", "--yes", ".", "way", "d");
	EXPECT_STATUS(r, 0);
	cr_expect(check_names("d", (const char *const[]){ "1", NULL }) ||
	                  check_names("d", (const char *const[]){ "2", NULL }),
	          "%s", check_why());
}

Test(dupes_act, a_link_to_the_only_copy_is_no_copy)
{
	struct run r;

	tree("t d/1 same", "l e/link -> ../d/1");
	r = RUN("dupes", "-L", "--delete", "--yes", "d", "e");
	EXPECT_STATUS(r, 0);
	expect_file("d/1", "same");
	expect_link("e/link", "../d/1");
}

Test(dupes_act, reference_files_always_stay)
{
	struct run r;

	tree("t ref/1 same", "t ref/2 same", "t new/3 same");
	r = RUN("dupes", "--delete", "--yes", "--ref=ref", ".");
	EXPECT_STATUS(r, 0);
	expect_names("ref", "1", "2");
	expect_empty_dir("new");
}

Test(dupes_act, other_metadata_is_not_merged)
{
	struct run r;

	make_pair();
	tree_mode("b/2", 0600);
	r = RUN("dupes", "--hardlink", "--yes", "a", "b");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "permissions");
	expect_untouched();
	r = RUN("dupes", "--hardlink", "--yes", "--json", "a", "b");
	struct json_lines lines = JSON_LINES(r);
	const struct json *g = json_record(&lines, "group", 0);
	cr_assert_not_null(g);
	cr_expect_str_eq(json_string(g, "files.0.action"), "keep");
	cr_expect_str_eq(json_string(g, "files.1.action"), "hardlink");
	cr_expect_str_eq(json_string(g, "files.1.result"), "skipped");
	cr_expect_not_null(json_string(g, "files.1.reason"));
}

Test(dupes_act, immutable_files_are_left_with_a_reason)
{
	int flags = FS_IMMUTABLE_FL;
	int fd;
	struct run r;

	need_root();
	make_pair();
	fd = open("b/2", O_RDONLY | O_CLOEXEC);
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) != 0) {
		(void)close(fd);
		skip("files cannot be made immutable here");
	}
	r = RUN("dupes", "--delete", "--yes", "a", "b");
	flags = 0;
	cr_expect_eq(ioctl(fd, FS_IOC_SETFLAGS, &flags), 0);
	(void)close(fd);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "immutable");
	expect_untouched();
}

Test(dupes_act, a_directory_that_cannot_be_written)
{
	struct run r;

	make_pair();
	tree_mode("b", 0555);
	sandbox_drop_root();
	r = RUN("dupes", "--delete", "--yes", "a", "b");
	EXPECT_STATUS(r, 1);
	cr_expect(r.err_len > 0);
	expect_untouched();
}

Test(dupes_act, reflink_without_support_is_skipped)
{
	struct run r;

	make_pair();
	r = RUN("dupes", "--reflink", "--yes", "a", "b");
	cr_expect(r.status == 0 || r.status == 1, "%d", r.status);
	if (r.status == 1)
		EXPECT_ERR_HAS(r, "cannot share extents");
	expect_untouched();
	expect_mtime("b/2", old);
}

Test(dupes_act, young_files_are_left)
{
	struct run r;

	make_pair();
	tree("t b/4 same");
	r = RUN("dupes", "--delete", "--yes", "--older-than=1h", "a", "b");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "lately");
	expect_names("b", "3", "4");
}

Test(dupes_act, what_an_interrupted_run_left_goes_with_the_next)
{
	struct run r;

	tree("t d/1 same", "t d/2 same", "h d/.1.dupes.0123456789abcdef~ -> d/1",
	     "h d/.2.dupes.0123456789abcde0~ -> d/2", "t d/.3.dupes.0123456789abcde1~ same",
	     "l d/.4.dupes.0123456789abcde2~ -> 1");
	r = RUN("dupes", "--hardlink", "--yes", "d");
	EXPECT_STATUS(r, 0);
	expect_names("d", "1", "2");
	expect_same_file("d/1", "d/2");
}

Test(dupes_act, report_is_acted_on_and_checked)
{
	struct run r;

	make_pair();
	r = RUN("dupes", "--json", "a", "b");
	EXPECT_STATUS(r, 0);
	tree_file("report", r.out, r.out_len);
	r = RUN("dupes", "--delete", "--from=report", "a");
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "b/2");
	r = RUN("dupes", "--delete", "--from=report", "--yes", "a");
	EXPECT_STATUS(r, 2);
	expect_untouched();
	/* Other contents of the same size, other inode: the report is not believed. */
	tree_text("b/new", "SAME");
	cr_assert_eq(rename("b/new", "b/2"), 0);
	r = RUN("dupes", "--delete", "--from=report", "--yes");
	EXPECT_STATUS(r, 1);
	expect_file("b/2", "SAME");
	/* The same inode, other contents. */
	tree_text("b/2", "same");
	r = RUN("dupes", "--json", "a", "b");
	tree_file("report", r.out, r.out_len);
	tree_text("b/2", "SAME");
	r = RUN("dupes", "--hardlink", "--from=report", "--yes");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "not equal any more");
	expect_file("b/2", "SAME");
	tree_text("b/2", "same");
	r = RUN("dupes", "--delete", "--from=report", "--yes");
	EXPECT_RUN(r, 0, "keep      a/1\ndelete    b/2\n", "");
	expect_names("b", "3");
}

Test(dupes_act, malformed_reports_touch_nothing)
{
	static const char *const reports[] = {
		"not json\n",
		"{\"group\":1}\n",
		"{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"files\":[{\"path\":\"a/1\"}]}\n",
		"{\"record\":\"group\",\"by\":\"name\",\"size\":4,\"files\":[]}\n",
		"{\"record\":\"group\",\"by\":\"content\",\"files\":[]}\n",
		"{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"files\":[{\"path\":\"a/1\","
		"\"keep\":false,\"ino\":1,\"dev\":1}]}\n",
		"{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"files\":[{\"path\":"
		"\"/etc/passwd\",\"keep\":true,\"ino\":1,\"dev\":1}]}\n",
		"{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"files\":[{\"path\":"
		"\"a/../../x\",\"keep\":true,\"ino\":1,\"dev\":1}]}\n",
		"{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"fi",
	};

	make_pair();
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		tree_text("report", reports[i]);
		struct run r = RUN("dupes", "--delete", "--yes", "--from=report");

		cr_expect_eq(r.status, 2, "case %zu: %d %s", i, r.status, r.err);
		expect_untouched();
	}
	struct run r = RUN("dupes", "--delete", "--yes", "--from=none");
	EXPECT_STATUS(r, 3);
}

Test(dupes_act, hostile_names_are_acted_on)
{
	char path[600];
	size_t n = 0;
	struct run r;

	tree_text("0", "equal");
	tree_time("0", old);
	for (; hostile_names[n] != NULL; n++) {
		(void)snprintf(path, sizeof(path), "d/%s", hostile_names[n]);
		tree_text(path, "equal");
	}
	/* Through a report and back, every byte of every name. */
	r = RUN("dupes", "--json", "0", "d");
	tree_file("report", r.out, r.out_len);
	r = RUN("dupes", "--hardlink", "--yes", "--from=report", "0", "d");
	EXPECT_STATUS(r, 0);
	expect_links("0", n + 1);
	r = RUN("dupes", "--json", "--count-links", "0", "d");
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "group", 0), "count", -1), (int64_t)n + 1);
}

/* A group of three of which one is in trouble is left whole; the next group is not. */
Test(dupes_act, nothing_is_done_in_a_group_with_a_member_in_trouble)
{
	struct run r;
	struct json_lines lines;
	const struct json *g;

	tree("t a/1 same", "t a/2 same", "t a/3 same", "t b/1 more", "t b/2 more");
	r = RUN("dupes", "--json", ".");
	tree_file("report", r.out, r.out_len);
	/* The last of the group, so that others would be gone by then. */
	tree_text("a/3", "SAME");
	r = RUN("dupes", "--delete", "--yes", "--from=report", "--json");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "'./a/3': left as it is: it is not equal any more");
	EXPECT_ERR_HAS(r, "'./a/1': 1 more of its group left alone: one is in trouble");
	expect_names("a", "1", "2", "3");
	expect_names("b", "1");
	lines = JSON_LINES(r);
	g = json_record(&lines, "group", 0);
	cr_expect_str_eq(json_string(g, "files.0.action"), "keep");
	cr_expect_str_eq(json_string(g, "files.1.result"), "skipped");
	cr_expect_str_eq(json_string(g, "files.1.reason"),
	                 "another file of its group is in trouble");
	cr_expect_str_eq(json_string(g, "files.2.result"), "skipped");
	g = json_record(&lines, "group", 1);
	cr_expect_str_eq(json_string(g, "files.1.result"), "done");
	g = json_record(&lines, "summary", 0);
	cr_expect_eq(json_int(g, "done", -1), 1);
	cr_expect_eq(json_int(g, "skipped", -1), 2);
	cr_expect_eq(json_int(g, "failed", -1), 0);
	cr_expect_eq(json_int(g, "freed_bytes", -1), 4096);
	/* One that is gone is trouble too, and so is a new file by its name. */
	tree_text("a/3", "same");
	cr_assert_eq(unlink("a/2"), 0);
	r = RUN("dupes", "--hardlink", "--yes", "--from=report");
	EXPECT_STATUS(r, 1);
	expect_other_file("a/1", "a/3");
	tree_text("a/new1", "same");
	tree_text("a/new2", "same");
	cr_assert_eq(rename("a/new2", "a/2"), 0);
	r = RUN("dupes", "--hardlink", "--yes", "--from=report");
	EXPECT_STATUS(r, 1);
	expect_other_file("a/1", "a/3");
	expect_other_file("a/1", "a/2");
}

/* What is left for what it is does not keep the others from being acted on. */
Test(dupes_act, one_that_is_skipped_is_no_trouble_for_the_others)
{
	struct run r;

	sandbox_drop_root();
	tree("t a/1 same", "t a/2 same", "t a/3 same", "t ro/4 same");
	tree_mode("a/2", 0600);
	tree_mode("ro", 0555);
	r = RUN("dupes", "--hardlink", "--yes", ".");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "'./a/2': left as it is: it has other permissions");
	EXPECT_ERR_HAS(r, "'./ro/4': left as it is: its directory may not be written to");
	expect_same_file("a/1", "a/3");
	expect_other_file("a/1", "a/2");
	expect_other_file("a/1", "ro/4");
}

/* The plan says what the run would say. */
Test(dupes_act, a_plan_tells_what_would_be_skipped)
{
	struct run plan;
	struct run run;

	tree("t a/1 same", "t a/2 same", "t a/3 same");
	tree_mode("a/2", 0600);
	plan = RUN("dupes", "--hardlink", "-n", "a");
	EXPECT_RUN(plan, 1, "keep      a/1\nhardlink  a/3\n",
	           "dupes: 'a/2': left as it is: it has other permissions than the file that "
	           "stays\n");
	expect_other_file("a/1", "a/3");
	run = RUN("dupes", "--hardlink", "--yes", "a");
	EXPECT_RUN(run, plan.status, plan.out, plan.err);
	expect_same_file("a/1", "a/3");
}

Test(dupes_act, files_of_others_are_left_with_a_reason)
{
	struct run r;

	need_root();
	tree("t theirs same");
	sandbox_drop_root();
	tree("t mine same");
	r = RUN("dupes", "--delete", "--yes", "mine", "theirs");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "'theirs': left as it is: it belongs to another user");
	expect_names(".", "mine", "theirs");
}

/* Names of a file are in two groups: what was done with one of them is no trouble for the other. */
Test(dupes_act, one_file_may_be_in_several_groups_by_name)
{
	struct run r;

	tree("t a/x same", "h a/y -> a/x", "t b/x same", "t b/y same");
	r = RUN("dupes", "--by=name,content", "--hardlink", "--yes", "a", "b");
	EXPECT_RUN(r, 0, "keep      a/x\nhardlink  b/x\nkeep      a/y\nhardlink  b/y\n", "");
	expect_links("a/x", 4);
	expect_same_file("a/x", "b/y");
}

/* Each would keep what the other deletes: whoever wins, of no pair both are gone. */
Test(dupes_act, two_runs_at_once_leave_one_of_each)
{
	enum { ROUNDS = 10, PAIRS = 40 };
	const struct run_request requests[] = {
		{ .words = WORDS("dupes", "--delete", "--yes", "a", "b") },
		{ .words = WORDS("dupes", "--delete", "--yes", "b", "a") },
	};

	for (int round = 0; round < ROUNDS; round++) {
		struct run_child children[2];
		char text[32];
		char path[2][32];

		for (int i = 0; i < PAIRS; i++) {
			(void)snprintf(text, sizeof(text), "pair %04d", i);
			(void)snprintf(path[0], sizeof(path[0]), "a/%d", i);
			(void)snprintf(path[1], sizeof(path[1]), "b/%d", i);
			tree_text(path[0], text);
			tree_text(path[1], text);
		}
		for (int i = 0; i < 2; i++)
			run_start(&requests[i], &children[i]);
		for (int i = 0; i < 2; i++) {
			struct run r = run_finish(&children[i]);

			cr_expect(r.status == 0 || r.status == 1, "%d: %s", r.status, r.err);
		}
		for (int i = 0; i < PAIRS; i++) {
			(void)snprintf(text, sizeof(text), "pair %04d", i);
			(void)snprintf(path[0], sizeof(path[0]), "a/%d", i);
			(void)snprintf(path[1], sizeof(path[1]), "b/%d", i);
			cr_assert(check_content(path[0], text, SIZE_MAX) ||
			                  check_content(path[1], text, SIZE_MAX),
			          "round %d: both of %d are gone", round, i);
		}
	}
}
