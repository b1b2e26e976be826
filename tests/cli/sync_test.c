/* SPDX-License-Identifier: MIT */
/* sync as its user meets it: contents to contents, options, output, records, the two names. */
#include "sync_run.h"

#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(sync, .init = sandbox_enter, .fini = sandbox_leave);

static const struct timespec old = { 1000000000, 123456789 };
static const struct timespec older = { 999999999, 5 };

Test(sync, contents_become_contents_with_or_without_a_slash)
{
	static const char *const operands[][2] = {
		{ "src", "d1" },   { "src/", "d2/" }, { "./src", "new/below/d3" },
		{ "src/.", "d4" }, { "src", "n/x" },
	};

	tree("t src/a/f text", "l src/l -> a/f", "d src/empty 750");
	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		struct run r = RUN("sync", operands[i][0], operands[i][1]);

		EXPECT_RUN(r, 0, "", "");
		expect_names(operands[i][1], "a", "empty", "l");
	}
	expect_file("new/below/d3/a/f", "text");
	expect_mode("d2/empty", 0750);
	expect_link("d1/l", "a/f");
}

Test(sync, into_uses_the_name_of_the_source)
{
	struct run r;

	tree("t src/f x", "d dst");
	r = RUN("sync", "--into", "src/", "dst");
	EXPECT_RUN(r, 0, "", "");
	expect_names("dst", "src");
	expect_file("dst/src/f", "x");
	r = RUN("sync", "--into", ".", "dst");
	EXPECT_STATUS(r, 2);
	r = RUN("sync", "--into", "src/..", "dst");
	EXPECT_STATUS(r, 2);
	expect_names("dst", "src");
}

Test(sync, mirror_is_another_name)
{
	struct run r;

	tree("t src/f x");
	r = RUN("mirror", "src", "dst");
	EXPECT_RUN(r, 0, "", "");
	expect_file("dst/f", "x");
}

Test(sync, a_second_run_has_nothing_to_do)
{
	struct run r;

	tree("t src/a/f text", "p src/fifo", "l src/l -> x", "h src/g -> src/a/f",
	     "s src/s 100000");
	r = RUN("sync", "src", "dst");
	EXPECT_STATUS(r, 0);
	r = RUN("sync", "-v", "--delete", "src", "dst");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "6 unchanged");
	EXPECT_OUT_LACKS(r, "copied");
	EXPECT_OUT_LACKS(r, "updated");
}

Test(sync, lines_say_what_was_done)
{
	struct run r;

	tree("t src/new x", "t src/longer xyz", "t dst/longer x", "t src/mode x", "t dst/mode x",
	     "m src/mode 600", "m dst/mode 644", "t dst/gone/in y", "d src/dir");
	tree_time("src/mode", old);
	tree_time("dst/mode", old);
	r = RUN("sync", "-v", "--delete", "src", "dst");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "copied   new (new, 1 byte)\n");
	EXPECT_OUT_HAS(r, "updated  longer (size, 3 bytes)\n");
	EXPECT_OUT_HAS(r, "updated  mode (attributes)\n");
	EXPECT_OUT_HAS(r, "created  dir/ (new)\n");
	EXPECT_OUT_HAS(r, "removed  gone/in\nremoved  gone/\n");
	expect_names("dst", "dir", "longer", "mode", "new");
	expect_mode("dst/mode", 0600);
}

Test(sync, letters_are_those_of_rsync)
{
	struct run r;

	tree("t src/new x", "t src/longer xyz", "t dst/longer x", "t src/mode x", "t dst/mode x",
	     "m src/mode 600", "m dst/mode 644", "t dst/gone y", "d src/dir", "l src/link -> to",
	     "t src/time x", "t dst/time x", "h src/second -> src/new");
	tree_time("src/longer", old);
	tree_time("src/mode", old);
	tree_time("dst/mode", old);
	tree_time("src/time", old);
	tree_time("dst/time", older);
	r = RUN("sync", "-i", "--delete", "src", "dst");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, ">f+++++++++ new\n");
	EXPECT_OUT_HAS(r, "hf+++++++++ second => new\n");
	EXPECT_OUT_HAS(r, ">f.st...... longer\n");
	EXPECT_OUT_HAS(r, ".f...p..... mode\n");
	EXPECT_OUT_HAS(r, ">f..t...... time\n");
	EXPECT_OUT_HAS(r, "cd+++++++++ dir/\n");
	EXPECT_OUT_HAS(r, "cL+++++++++ link -> to\n");
	EXPECT_OUT_HAS(r, "*deleting   gone\n");
}

Test(sync, a_dry_run_tells_the_same_and_changes_nothing)
{
	struct run dry;
	struct run wet;

	tree("t src/a/f text", "h src/a/g -> src/a/f", "l src/l -> x", "t src/full z",
	     "t dst/full/in y", "t dst/extra y");
	dry = RUN("sync", "-ni", "--delete", "src", "dst");
	EXPECT_STATUS(dry, 0);
	expect_names("dst", "extra", "full");
	expect_file("dst/full/in", "y");
	EXPECT_OUT_HAS(dry, "nothing was changed (dry run)\n");
	wet = RUN("sync", "-i", "--delete", "src", "dst");
	EXPECT_STATUS(wet, 0);
	cr_expect_eq(strncmp(wet.out, dry.out, wet.out_len), 0, "wet:\n%sdry:\n%s", wet.out,
	             dry.out);
	expect_file("dst/full", "z");
}

Test(sync, a_dry_run_makes_no_target)
{
	struct run r;

	tree("t src/a/f text");
	r = RUN("sync", "-n", "src", "new/dst");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "copied   a/f");
	expect_no_file("new");
}

Test(sync, update_leaves_what_is_newer)
{
	struct run r;

	tree("t src/f old", "t dst/f newer", "t src/g newer", "t dst/g old");
	tree_time("src/f", older);
	tree_time("dst/f", old);
	tree_time("src/g", old);
	tree_time("dst/g", older);
	r = RUN("sync", "-uv", "src", "dst");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "kept     f (newer here)\n");
	expect_file("dst/f", "newer");
	expect_file("dst/g", "newer");
}

Test(sync, existing_and_ignore_existing)
{
	tree("t src/both a", "t src/new/f b", "t dst/both abc");
	EXPECT_SYNC(0, "--existing", "src", "dst");
	expect_names("dst", "both");
	expect_file("dst/both", "a");
	tree("t src/both changed");
	EXPECT_SYNC(0, "--ignore-existing", "src", "dst");
	expect_names("dst", "both", "new");
	expect_file("dst/both", "a");
	EXPECT_SYNC(2, "--ignore-existing", "--existing", "src", "dst");
}

Test(sync, ways_to_compare)
{
	struct run r;

	tree("t src/f new", "t dst/f old");
	tree_time("src/f", old);
	tree_time("dst/f", old);
	EXPECT_SYNC(0, "src", "dst");
	expect_file("dst/f", "old");
	EXPECT_SYNC(0, "-c", "src", "dst");
	expect_file("dst/f", "new");
	tree("t src/f 123", "t dst/f 456");
	tree_time("src/f", old);
	tree_time("dst/f", older);
	EXPECT_SYNC(0, "--size-only", "--no-times", "src", "dst");
	expect_file("dst/f", "456");
	EXPECT_SYNC(0, "--modify-window=2s", "src", "dst");
	expect_file("dst/f", "456");
	EXPECT_SYNC(0, "-@", "-1", "src", "dst");
	expect_file("dst/f", "123");
	tree("t dst/f 789");
	tree_time("dst/f", old);
	EXPECT_SYNC(0, "-I", "src", "dst");
	expect_file("dst/f", "123");
	r = RUN("sync", "--modify-window=soon", "src", "dst");
	EXPECT_STATUS(r, 2);
}

Test(sync, filters_protect_what_they_leave_out)
{
	tree("t src/a.c x", "t src/a.o x", "t src/sub/b.o x", "t dst/old.o y", "t dst/old.c y",
	     "t dst/gone/keep.o y", "t dst/gone/other y");
	EXPECT_SYNC(0, "--delete", "--max-delete=9", "--exclude=*.o", "src", "dst");
	expect_names("dst", "a.c", "gone", "old.o", "sub");
	expect_names("dst/gone", "keep.o");
	EXPECT_SYNC(0, "--delete-excluded", "--max-delete=9", "--exclude=*.o", "src", "dst");
	expect_names("dst", "a.c", "sub");
	EXPECT_SYNC(1, "--explain=a.o", "--exclude=*.o", "src", "dst");
}

Test(sync, links_out_of_the_tree_are_left_out_on_demand)
{
	tree("l src/in -> f", "l src/out -> ../secret", "l src/abs -> /etc/passwd", "t src/f x");
	EXPECT_SYNC(0, "--links=safe", "src", "dst");
	expect_names("dst", "f", "in");
	EXPECT_SYNC(0, "src", "dst");
	expect_link("dst/out", "../secret");
}

Test(sync, parts_can_be_left_out)
{
	tree("t src/f x", "m src/f 600", "h src/g -> src/f");
	tree_time("src/f", old);
	EXPECT_SYNC(0, "--no-perms", "--no-times", "--no-hard-links", "src", "dst");
	expect_mode("dst/f", 0600);
	expect_other_file("dst/f", "dst/g");
	cr_expect(!check_mtime("dst/f", old));
	tree("m src/f 640");
	EXPECT_SYNC(0, "--no-perms", "--no-times", "--no-hard-links", "src", "dst");
	expect_mode("dst/f", 0600);
}

Test(sync, rsyncs_flags_are_understood_or_refused)
{
	struct run r;

	tree("t src/f x");
	EXPECT_SYNC(2, "-aHAXS", "--del", "--numeric-ids", "--partial-dir=x", "src", "dst");
	expect_no_file("dst");
	r = RUN("sync", "-aHSWzh", "--delete-during", "--numeric-ids", "--mkpath", "src", "dst");
	EXPECT_RUN(r, 0, "", "");
	expect_names("dst", "f");
	r = RUN("sync", "--inplace", "src", "dst");
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "--inplace");
	EXPECT_SYNC(2, "--chmod=go-w", "src", "dst");
	EXPECT_SYNC(2, "-b", "src", "dst");
}

Test(sync, operands_that_make_no_sense)
{
	struct run r;

	tree("t src/f x", "t file x", "d dst");
	EXPECT_SYNC(2, "src");
	EXPECT_SYNC(2, "src", "dst", "more");
	EXPECT_SYNC(2, "src", "");
	EXPECT_SYNC(3, "nowhere", "dst");
	EXPECT_SYNC(3, "file", "dst");
	EXPECT_SYNC(3, "src", "file");
	r = RUN("sync", "src", "host:dst");
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "./");
	EXPECT_SYNC(0, "src", "./host:dst");
	expect_file("host:dst/f", "x");
	expect_empty_dir("dst");
	EXPECT_SYNC(2, "--allow=everything", "src", "dst");
	EXPECT_SYNC(2, "--delete", "--max-delete=x", "src", "dst");
	EXPECT_SYNC(2, "--delete", "--max-delete=101%", "src", "dst");
	EXPECT_SYNC(2, "--max-delete=1", "src", "dst");
	expect_empty_dir("dst");
}

Test(sync, hostile_names)
{
	struct run r;
	char path[512];

	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "src/%s", hostile_names[i]);
		tree_text(path, "x");
		(void)snprintf(path, sizeof(path), "dst/extra%s", hostile_names[i]);
		if (strlen(hostile_names[i]) < 200)
			tree_text(path, "y");
	}
	tree_text("src/.dutybox.0123456.part", "a look-alike");
	r = RUN("sync", "-v", "--delete", "--max-delete=100%", "src", "dst");
	EXPECT_STATUS(r, 0);
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "dst/%s", hostile_names[i]);
		expect_file(path, "x");
		(void)snprintf(path, sizeof(path), "dst/extra%s", hostile_names[i]);
		expect_no_file(path);
	}
	expect_file("dst/.dutybox.0123456.part", "a look-alike");
	r = RUN("sync", "--json", "-I", "src", "dst");
	EXPECT_STATUS(r, 0);
	(void)JSON_LINES(r);
}

Test(sync, records)
{
	struct run r;

	tree("t src/f text", "l src/l -> f", "h src/g -> src/f", "t dst/extra x");
	r = RUN("sync", "--json", "--delete", "src", "dst");
	EXPECT_STATUS(r, 0);
	(void)JSON_LINES(r);
	EXPECT_OUT_HAS(r,
	               "{\"record\":\"plan\",\"src\":\"src\",\"dst\":\"dst\",\"dry_run\":false,");
	EXPECT_OUT_HAS(r,
	               "{\"record\":\"item\",\"action\":\"copy\",\"type\":\"file\",\"path\":\"f\","
	               "\"from\":null,\"size\":4,\"reason\":\"new\",\"method\":\"");
	EXPECT_OUT_HAS(r,
	               "\"action\":\"symlink\",\"type\":\"symlink\",\"path\":\"l\",\"from\":\"f\"");
	EXPECT_OUT_HAS(r,
	               "\"action\":\"hardlink\",\"type\":\"file\",\"path\":\"g\",\"from\":\"f\"");
	EXPECT_OUT_HAS(r, "\"action\":\"delete\",\"type\":\"file\",\"path\":\"extra\"");
	EXPECT_OUT_HAS(r, "\"exit_code\":0,\"interrupted\":false,\"guard\":null,");
	EXPECT_OUT_HAS(r, "\"copied\":3,\"updated\":0,");
	EXPECT_OUT_HAS(r, "\"deleted\":1,");
}

Test(sync, reports_for_machines)
{
	struct run r;

	tree("t src/f text");
	r = RUN("sync", "--metrics-file=m.prom", "--log-json=log", "src", "dst");
	EXPECT_RUN(r, 0, "", "");
	r = RUN_PEER("cat", "m.prom");
	EXPECT_OUT_HAS(r, "\ndutybox_sync_copied{dest=\"dst\"} 1\n");
	EXPECT_OUT_HAS(r, "\ndutybox_sync_last_exit_code{dest=\"dst\"} 0\n");
	r = RUN_PEER("cat", "log");
	EXPECT_OUT_HAS(r, "\"event\":\"start\",\"applet\":\"sync\"");
	EXPECT_OUT_HAS(r, "\"record\":\"summary\"");
	expect_mode("log", 0644);
	r = RUN("sync", "--log-json=log2", "nowhere", "dst");
	EXPECT_STATUS(r, 3);
	r = RUN_PEER("cat", "log2");
	EXPECT_OUT_HAS(r, "\"record\":\"error\"");
	EXPECT_OUT_HAS(r, "\"exit_code\":3");
}

Test(sync, output_that_cannot_be_written)
{
	struct run r;
	const struct run_request full = { .words = WORDS("sync", "-v", "src", "d1"),
		                          .out_to = RUN_TO_FULL };
	const struct run_request closed = { .words = WORDS("sync", "-v", "src", "d2"),
		                            .out_to = RUN_TO_NOTHING };

	tree("t src/f text");
	r = run_argv(&full);
	EXPECT_STATUS(r, 3);
	r = run_argv(&closed);
	EXPECT_STATUS(r, 3);
	expect_file("d1/f", "text");
	expect_file("d2/f", "text");
}

Test(sync, quiet_when_nothing_is_wrong_and_a_terminal_is_told)
{
	struct run r;
	const struct run_request terminal = { .words = WORDS("sync", "src", "dst"),
		                              .err_to = RUN_TO_TERMINAL };
	const struct run_request quiet = { .words = WORDS("sync", "-q", "-I", "src", "dst"),
		                           .err_to = RUN_TO_TERMINAL };

	tree("t src/f text");
	r = run_argv(&terminal);
	EXPECT_OUT_HAS(r, "1 copied");
	r = run_argv(&quiet);
	EXPECT_RUN(r, 0, "", "");
	EXPECT_SYNC(2, "-qv", "src", "dst");
}

static struct run by_name(const char *const *words)
{
	const struct run_request request = { .argv0 = "sync", .words = words };

	return run_argv(&request);
}

Test(sync, the_bare_name_flushes_or_asks)
{
	struct run r;

	tree("t a/f x", "t b/g y", "t file x", "p fifo");
	r = by_name(WORDS("a", "b"));
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "sync -a A B");
	expect_names("b", "g");
	r = by_name(NULL);
	EXPECT_RUN(r, 0, "", "");
	r = by_name(WORDS("file"));
	EXPECT_RUN(r, 0, "", "");
	r = by_name(WORDS("a", "b", "file"));
	EXPECT_RUN(r, 0, "", "");
	r = by_name(WORDS("-d", "file", "a/f"));
	EXPECT_RUN(r, 0, "", "");
	r = by_name(WORDS("-f", "a", "b"));
	EXPECT_RUN(r, 0, "", "");
	expect_names("b", "g");
	r = by_name(WORDS("nowhere", "file", "a"));
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "nowhere");
	r = by_name(WORDS("-d"));
	EXPECT_STATUS(r, 2);
	r = by_name(WORDS("-df", "file"));
	EXPECT_STATUS(r, 2);
	r = by_name(WORDS("-da", "a", "b"));
	EXPECT_STATUS(r, 2);
	expect_names("b", "g");
	r = by_name(WORDS("-a", "a", "b"));
	EXPECT_RUN(r, 0, "", "");
	expect_names("b", "f", "g");
	r = by_name(WORDS("--delete", "a", "b"));
	EXPECT_RUN(r, 0, "", "");
	expect_names("b", "f");
}

Test(sync, no_link_is_made_of_the_name_unless_asked)
{
	struct run r;

	tree("d bin", "d own");
	r = RUN("--install", "--force", "bin");
	EXPECT_STATUS(r, 0);
	expect_no_file("bin/sync");
	cr_expect_eq(access("bin/mirror", X_OK), 0);
	r = RUN("--install", "--force", "own", "sync");
	EXPECT_STATUS(r, 0);
	expect_names("own", "sync");
}

Test(sync, copies_are_read_again)
{
	static const char *const ways[] = { "--verify", "--verify=direct" };

	tree("t src/f text", "f src/big 300000", "t src/empty ", "l src/l -> f",
	     "s src/hole 100000");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct run r = RUN("sync", ways[i], "-I", "--json", "src", "dst");

		EXPECT_STATUS(r, 0);
		EXPECT_OUT_HAS(r, "\"verified\":3,\"damaged\":0}");
		expect_file("dst/f", "text");
		expect_size("dst/big", 300000);
	}
}
