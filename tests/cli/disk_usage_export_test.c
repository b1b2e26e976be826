/* SPDX-License-Identifier: MIT */
/* disk-usage: exports in ncdu's format (-o, -f) and what changed since one (--diff). */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(disk_usage_export, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_ncdu, .init = sandbox_enter, .fini = sandbox_leave);

static void succeed(struct run r)
{
	EXPECT_STATUS(r, 0);
}

static void build_tree(void)
{
	tree("d t/sub/deep", "f t/a 5000", "f t/sub/b 10", "h t/sub/again -> t/a", "l t/link -> a",
	     "p t/fifo", "f t/sub/deep/c 70000");
	for (const char *const *name = hostile_names; *name != NULL; name++) {
		char path[300];

		(void)snprintf(path, sizeof(path), "t/sub/%s", *name);
		tree_file(path, *name, strlen(*name));
	}
}

static struct run run_input(const char *const *words, const char *input, size_t len)
{
	return run_argv(&(struct run_request){ .words = words, .input = input, .input_len = len });
}

Test(disk_usage_export, shows_what_the_scan_shows)
{
	static const char *const forms[][8] = {
		{ "du", "-a" },
		{ "du", "-s" },
		{ "du", "-b", "-a" },
		{ "du", "-S" },
		{ "du", "--inodes" },
		{ "du", "-l", "-a" },
		{ "disk-usage" },
		{ "disk-usage", "-a", "-d9", "--sort=name" },
		{ "disk-usage", "-b" },
		{ "disk-usage", "--json", "-a", "-d9" },
		{ "disk-usage", "--reclaim", "-d9" },
	};
	char absolute[4200];

	build_tree();
	(void)snprintf(absolute, sizeof(absolute), "%s/t", sandbox_path());
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *scan[10] = { 0 };
		const char *file[10] = { 0 };
		struct run expected, got;
		size_t n = 0;

		/* The order decides which of two links counts: it is the name's own in both. */
		expected = RUN(forms[i][0], "-o", "export", absolute);
		EXPECT_RUN(expected, 0, "", "");
		for (; forms[i][n] != NULL; n++)
			scan[n] = file[n] = forms[i][n];
		scan[n] = absolute;
		file[n] = "--input=export";
		expected = run_words(scan);
		got = run_words(file);
		EXPECT_STATUS(expected, 0);
		if (strstr(expected.out, "\"mtime\"") == NULL) {
			EXPECT_RUN(got, 0, expected.out, "");
		} else {
			EXPECT_STATUS(got, 0);
			cr_expect_eq(JSON_LINES(got).len, JSON_LINES(expected).len);
		}
	}
}

Test(disk_usage_export, goes_through_pipes)
{
	struct run out, in;

	build_tree();
	out = RUN("disk-usage", "-o", "-", "t");
	EXPECT_STATUS(out, 0);
	EXPECT_OUT_HAS(out, "[1,2,{\"progname\":\"dutybox\",\"progver\":\"" DUTYBOX_VERSION "\"");
	in = run_argv(&(struct run_request){ .words = WORDS("du", "-s", "-f", "-"),
	                                     .from = RUN_FROM_PIPE,
	                                     .input = out.out,
	                                     .input_len = out.out_len });
	EXPECT_STATUS(in, 0);
	EXPECT_OUT_HAS(in, sandbox_path());
}

Test(disk_usage_export, reads_packed_files)
{
	struct run shown, packed;

	build_tree();
	need_program("gzip");
	succeed(RUN("disk-usage", "-o", "export", "t"));
	shown = RUN("disk-usage", "-f", "export");
	succeed(RUN_PEER("gzip", "export"));
	packed = RUN("disk-usage", "-f", "export.gz");
	EXPECT_RUN(packed, 0, shown.out, "");
}

Test(disk_usage_export, damage_in_a_packed_file_is_told)
{
	struct run r;
	struct stat st;

	build_tree();
	need_program("gzip");
	succeed(RUN("disk-usage", "-o", "export", "t"));
	succeed(RUN_PEER("gzip", "export"));
	cr_assert_eq(stat("export.gz", &st), 0);
	cr_assert_eq(truncate("export.gz", st.st_size / 2), 0);
	r = RUN("disk-usage", "-f", "export.gz");
	EXPECT_STATUS(r, 3);
	EXPECT_OUT(r, "");
	EXPECT_ERR_HAS(r, "disk-usage: 'export.gz': damaged: truncated gzip input");
}

Test(disk_usage_export, broken_files_get_the_byte_offset)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{ "hello", "'standard input': at byte 0: " },
		{ "", "'standard input': at byte 0: " },
		{ "[1,2,{},[{\"name\":\"/r\"}", "'standard input': at byte 22: " },
		{ "[1,2,{},[{\"name\":\"/r\"},{\"name\":\"a/b\"}]]",
		  "'standard input': at byte 31: a name with a slash in it\n" },
		{ "[1,2,{},[{\"name\":\"/r\",\"asize\":-5}]]",
		  "'standard input': at byte 30: a negative number where none can be\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_input(WORDS("disk-usage", "-f", "-"), cases[i].text,
		                         strlen(cases[i].text));

		EXPECT_STATUS(r, 3);
		EXPECT_OUT(r, "");
		EXPECT_ERR_HAS(r, cases[i].message);
		r = run_input(WORDS("du", "-f", "-"), cases[i].text, strlen(cases[i].text));
		EXPECT_STATUS(r, 1);
	}
}

Test(disk_usage_export, ten_thousand_levels_are_refused)
{
	static const char level[] = "[{\"name\":\"d\"},";
	size_t step = sizeof(level) - 1;
	char *text = malloc(20000 * step);
	size_t len = (size_t)sprintf(text, "[1,2,{},");
	struct run r;

	for (int i = 0; i < 10000; i++, len += step)
		memcpy(text + len, level, step);
	r = run_input(WORDS("disk-usage", "-f", "-"), text, len);
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, ": too many directories in each other\n");
	free(text);
}

Test(disk_usage_export, what_could_not_be_read_then_is_told_now)
{
	static const char text[] = "[1,2,{},[{\"name\":\"/r\",\"dsize\":4096},"
				   "[{\"name\":\"d\",\"read_error\":true,\"dsize\":512}]]]";
	struct run r = run_input(WORDS("disk-usage", "-B1", "-f", "-"), text, strlen(text));

	EXPECT_RUN(r, 1, "4608\t/r\n512\t/r/d\n4608\ttotal\n",
	           "disk-usage: '/r/d': could not be read when the export was made\n");
}

Test(disk_usage_export, unreadable_directories_are_marked)
{
	struct run r;

	tree("d t/secret", "m t/secret 000");
	r = run_argv(&(struct run_request){ .words = WORDS("disk-usage", "-o", "-", "t"),
	                                    .uid = RUN_NOBODY });
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "{\"name\":\"secret\",");
	EXPECT_OUT_HAS(r, ",\"read_error\":true}");
	EXPECT_ERR(r, "disk-usage: cannot read directory 't/secret': Permission denied\n");
}

Test(disk_usage_export, an_old_file_stays_when_the_new_one_fails)
{
	struct run file, missing, two;

	tree("t old text", "f plain 10", "d a", "d b");
	file = RUN("disk-usage", "-o", "old", "plain");
	EXPECT_RUN(file, 3, "", "disk-usage: 'plain': not a directory; an export needs one\n");
	missing = RUN("disk-usage", "-o", "old", "nowhere");
	EXPECT_RUN(missing, 3, "",
	           "disk-usage: cannot access 'nowhere': No such file or directory\n");
	two = RUN("disk-usage", "-o", "old", "a", "b");
	EXPECT_STATUS(two, 2);
	EXPECT_ERR_HAS(two, "an export holds one directory; name only one\n");
	expect_file("old", "text");
	expect_names(".", "old", "plain", "a", "b");
}

Test(disk_usage_export, failing_outputs_are_errors)
{
	struct run full, device, nowhere;

	tree("d t");
	full = run_argv(&(struct run_request){ .words = WORDS("disk-usage", "-o", "-", "t"),
	                                       .out_to = RUN_TO_FULL });
	EXPECT_RUN(full, 3, "",
	           "disk-usage: cannot write 'standard output': No space left on device\n");
	device = RUN("disk-usage", "-o", "/dev/full", "t");
	EXPECT_RUN(device, 3, "",
	           "disk-usage: cannot write '/dev/full': No space left on device\n");
	nowhere = RUN("disk-usage", "-o", "no/such/place", "t");
	EXPECT_RUN(nowhere, 3, "",
	           "disk-usage: cannot create 'no/such/place': No such file or directory\n");
}

Test(disk_usage_export, a_full_disk_leaves_the_old_file)
{
	struct run r;

	need_root();
	build_tree();
	tree("d disk");
	if (mount("tmpfs", "disk", "tmpfs", 0, "size=8k,nr_inodes=10") != 0)
		skip("no tmpfs can be mounted here");
	tree("t disk/export old", "f t/many 1");
	for (int i = 0; i < 300; i++) {
		char path[40];

		(void)snprintf(path, sizeof(path), "t/file-with-a-long-name-%d", i);
		tree_size(path, 0);
	}
	r = RUN("disk-usage", "-o", "disk/export", "t");
	EXPECT_RUN(r, 3, "", "disk-usage: cannot write 'disk/export': No space left on device\n");
	expect_file("disk/export", "old");
	expect_names("disk", "export");
	cr_expect_eq(umount("disk"), 0);
}

Test(disk_usage_export, missing_input_is_told)
{
	struct run r = RUN("disk-usage", "-f", "nowhere");
	struct run dir = RUN("disk-usage", "-f", ".");

	EXPECT_RUN(r, 3, "", "disk-usage: cannot open 'nowhere': No such file or directory\n");
	EXPECT_RUN(dir, 3, "", "disk-usage: cannot read '.': Is a directory\n");
}

Test(disk_usage_export, differences_are_sorted_by_size)
{
	struct run r;

	tree("d t/same", "f t/grows/a 4096", "f t/goes/b 40960", "f t/shrinks/c 20480");
	succeed(RUN("disk-usage", "-o", "old", "t"));
	tree("f t/grows/a2 8192", "f t/comes/d 100");
	cr_assert_eq(truncate("t/shrinks/c", 4096), 0);
	succeed(RUN_PEER("rm", "-r", "t/goes"));
	r = RUN("disk-usage", "-b", "--diff=old", "t");
	EXPECT_RUN(r, 0,
	           "-49052\t16484\tchanged\tt\n"
	           "-40960\t0\tremoved\tt/goes\n"
	           "-16384\t4096\tchanged\tt/shrinks\n"
	           "+8192\t12288\tchanged\tt/grows\n"
	           "+100\t100\tadded\tt/comes\n",
	           "");
	r = RUN("disk-usage", "-b", "--diff=old", "--top=1", "-r", "t");
	EXPECT_RUN(r, 0, "+100\t100\tadded\tt/comes\n", "");
	r = RUN("disk-usage", "-b", "--diff=old", "-t", "10000", "--sort=name", "t");
	EXPECT_RUN(r, 0,
	           "-49052\t16484\tchanged\tt\n"
	           "-40960\t0\tremoved\tt/goes\n"
	           "-16384\t4096\tchanged\tt/shrinks\n",
	           "");
}

Test(disk_usage_export, differences_as_records)
{
	struct json_lines lines;
	const struct json *gone;
	struct run r;

	tree("f t/goes/b 40960", "d t/same");
	succeed(RUN("disk-usage", "-o", "old", "t"));
	succeed(RUN_PEER("rm", "-r", "t/goes"));
	r = RUN("disk-usage", "--diff=old", "--json", "t");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 3);
	gone = json_find(&lines, "path", "t/goes");
	cr_expect_str_eq(json_string(gone, "state"), "removed");
	cr_expect_eq(json_int(gone, "disk_bytes", -1), 0);
	cr_expect_eq(json_int(gone, "delta_bytes", 0), -json_int(gone, "old_disk_bytes", 1));
	cr_expect_str_eq(json_string(json_find(&lines, "path", "t/same"), "state"), "same");
}

Test(disk_usage_export, two_files_can_be_compared)
{
	struct run r;

	tree("f t/a 100");
	succeed(RUN("disk-usage", "-o", "old", "t"));
	tree("f t/b 50");
	succeed(RUN("disk-usage", "-o", "new", "t"));
	r = RUN("disk-usage", "-ab", "--diff=old", "--input=new");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "+50\t50\tadded\t");
	EXPECT_OUT_HAS(r, "/t/b\n");
}

Test(disk_usage_export, a_scan_that_failed_is_not_a_difference)
{
	struct run r, broken;

	tree("f t/a 100", "t broken [1,2,{},[{\"name\":\"/r\"}");
	succeed(RUN("disk-usage", "-o", "old", "t"));
	r = RUN("disk-usage", "--diff=old", "nowhere");
	EXPECT_RUN(r, 3, "", "disk-usage: cannot access 'nowhere': No such file or directory\n");
	broken = RUN("disk-usage", "--diff=broken", "t");
	EXPECT_STATUS(broken, 3);
	EXPECT_OUT(broken, "");
	EXPECT_ERR_HAS(broken, "'broken': at byte ");
}

Test(peer_ncdu, opens_what_we_write)
{
	struct run ours, theirs;

	need_program("ncdu");
	build_tree();
	succeed(RUN("disk-usage", "-o", "ours", "t"));
	succeed(RUN_PEER("ncdu", "-0", "-f", "ours", "-o", "theirs"));
	ours = RUN("du", "-a", "-f", "ours");
	theirs = RUN("du", "-a", "-f", "theirs");
	EXPECT_STATUS(ours, 0);
	EXPECT_STATUS(theirs, 0);
	cr_expect_eq(theirs.out_len, ours.out_len, "%s\n%s", ours.out, theirs.out);
}

Test(peer_ncdu, is_read_as_it_writes)
{
	static const char *const forms[][3] = { { "-s" }, { "-s", "-b" }, { "-s", "--inodes" } };

	need_program("ncdu");
	build_tree();
	succeed(RUN_PEER("ncdu", "-0", "-o", "theirs", "t"));
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct run scan = RUN("du", forms[i][0], forms[i][1] ? forms[i][1] : "-s", "t");
		struct run file =
			RUN("du", forms[i][0], forms[i][1] ? forms[i][1] : "-s", "--input=theirs");

		EXPECT_STATUS(scan, 0);
		EXPECT_STATUS(file, 0);
		cr_expect_eq(strtoull(scan.out, NULL, 10), strtoull(file.out, NULL, 10), "%s %s",
		             scan.out, file.out);
	}
}

Test(peer_ncdu, gdu_opens_what_we_write)
{
	struct run r;

	need_program("gdu");
	build_tree();
	succeed(RUN("disk-usage", "-o", "ours", "t"));
	r = RUN_PEER("gdu", "-npf", "ours");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "/sub");
}

Test(disk_usage_export, a_signal_leaves_the_old_file_or_the_new_one)
{
	struct run_request request = { .words = WORDS("disk-usage", "-o", "out/export", "t") };
	struct run_child child;
	struct run r;

	tree("t out/export old");
	for (int i = 0; i < 400; i++) {
		char path[60];

		(void)snprintf(path, sizeof(path), "t/%d/%d/f", i, i);
		tree_size(path, 0);
	}
	run_start(&request, &child);
	cr_expect_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	expect_names("out", "export");
	if (r.status == 128 + SIGTERM) {
		EXPECT_OUT(r, "");
		EXPECT_ERR(r, "");
		expect_file("out/export", "old");
	} else {
		/* It was quicker than the signal. */
		EXPECT_STATUS(r, 0);
		succeed(RUN("du", "-f", "out/export"));
	}
}

Test(disk_usage_export, a_stopped_scan_is_no_difference)
{
	struct run_request request = { .words = WORDS("disk-usage", "-L", "--diff=old", "t"),
		                       .err_to = RUN_TO_PIPE };
	struct run_child child;
	struct run r;

	tree("d t/z");
	succeed(RUN("disk-usage", "-o", "old", "t"));
	/* The first entry is said to be broken; many are still to come then. */
	tree("l t/a -> nowhere");
	for (int i = 0; i < 400; i++) {
		char path[60];

		(void)snprintf(path, sizeof(path), "t/b%d/%d/f", i, i);
		tree_size(path, 0);
	}
	run_start(&request, &child);
	run_wait_for(&child, "cannot access 't/a'");
	cr_expect_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	if (r.status == 128 + SIGTERM)
		EXPECT_OUT(r, "");
	else
		EXPECT_STATUS(r, 1); /* it was quicker than the signal */
}
