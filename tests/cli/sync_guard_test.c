/* SPDX-License-Identifier: MIT */
/* sync: each guard stops the run before anything is changed, and is passed only by its name. */
#include "private_mounts.h"
#include "sync_run.h"

#include "support/sandbox.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

TestSuite(sync_guard, .init = sandbox_enter, .fini = sandbox_leave);

static void make_many(const char *dir, int n, int64_t time)
{
	char path[64];

	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/file%02d", dir, i);
		tree_text(path, dir);
		tree_time(path, (struct timespec){ time, 0 });
	}
}

/* The peer empties the target (R12). */
Test(sync_guard, an_empty_source)
{
	struct run r;

	tree("d src", "t dst/f x", "t dst/sub/g y");
	r = RUN("sync", "--delete", "src", "dst");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=empty-source");
	EXPECT_OUT(r, "");
	expect_file("dst/f", "x");
	expect_file("dst/sub/g", "y");
	r = RUN("sync", "--delete", "--json", "src", "dst");
	EXPECT_STATUS(r, 4);
	EXPECT_OUT_HAS(
		r, "{\"record\":\"guard\",\"guard\":\"empty-source\",\"limit\":null,\"count\":3,"
		   "\"of\":3,\"allow\":\"--allow=empty-source\",\"passed\":false}\n");
	EXPECT_OUT_HAS(r, "\"exit_code\":4,\"interrupted\":false,\"guard\":\"empty-source\"");
	EXPECT_SYNC(0, "src", "dst");
	expect_file("dst/f", "x");
	EXPECT_SYNC(4, "--delete", "--allow=max-delete", "src", "dst");
	EXPECT_SYNC(4, "--delete", "-n", "src", "dst");
	EXPECT_SYNC(0, "--delete", "--allow=max-delete,empty-source", "src", "dst");
	expect_empty_dir("dst");
}

Test(sync_guard, a_missing_source_removes_nothing)
{
	tree("t dst/f x");
	EXPECT_SYNC(3, "--delete", "src", "dst");
	expect_file("dst/f", "x");
}

/* The peer removes five and stops half way (R15). */
Test(sync_guard, too_many_deletions)
{
	struct run r;

	tree("t src/new x");
	make_many("dst", 20, 1000000000);
	r = RUN("sync", "--delete", "src", "dst");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "20 of 20");
	expect_no_file("dst/new");
	expect_is_file("dst/file19");
	EXPECT_SYNC(4, "--delete", "--max-delete=19", "src", "dst");
	EXPECT_SYNC(4, "--delete", "--max-delete=0", "src", "dst");
	EXPECT_SYNC(4, "--delete", "--max-delete=99%", "src", "dst");
	expect_no_file("dst/new");
	EXPECT_SYNC(0, "--delete", "--max-delete=20", "src", "dst");
	expect_names("dst", "new");
	/* Few are no reason. */
	make_many("dst", 10, 1000000000);
	EXPECT_SYNC(0, "--delete", "src", "dst");
	expect_names("dst", "new");
	make_many("dst", 20, 1000000000);
	EXPECT_SYNC(0, "--delete", "--allow=max-delete", "src", "dst");
	expect_names("dst", "new");
}

/* The peer overwrites what is newer without a word (R14). */
Test(sync_guard, swapped_operands)
{
	struct run r;

	make_many("src", 12, 1000000000);
	make_many("dst", 12, 1000000005);
	r = RUN("sync", "src", "dst");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=reversed");
	expect_file("dst/file00", "dst");
	EXPECT_SYNC(0, "-u", "src", "dst");
	expect_file("dst/file00", "dst");
	EXPECT_SYNC(0, "--allow=reversed", "src", "dst");
	expect_file("dst/file00", "src");
}

/* The peer makes backup/backup/backup... (R16). */
Test(sync_guard, one_inside_the_other)
{
	static const char *const pairs[][2] = {
		{ "src", "src" },           { "src", "src/a" },      { "src/a", "src" },
		{ "src", "src/new/x" },     { "src", "to_src" },     { "to_src/a", "src" },
		{ "src", "src/../src/a/" }, { "src", "to_src/new" },
	};

	tree("t src/a/f x", "l to_src -> src");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct run r = RUN("sync", "--delete", pairs[i][0], pairs[i][1]);

		cr_expect_eq(r.status, 2, "%s %s: %d", pairs[i][0], pairs[i][1], r.status);
	}
	expect_names("src", "a");
	expect_names("src/a", "f");
}

Test(sync_guard, one_inside_the_other_by_a_bind_mount)
{
	enter_private_mounts();
	tree("t src/a/f x", "d src/b", "d dst", "t dst/mine x", "d other");
	cr_assert_eq(mount("dst", "src/b", NULL, MS_BIND, NULL), 0);
	EXPECT_SYNC(2, "--delete", "src", "dst");
	expect_names("dst", "mine");
	cr_assert_eq(mount("src/a", "other", NULL, MS_BIND, NULL), 0);
	EXPECT_SYNC(2, "--delete", "src/a", "other");
	expect_file("other/f", "x");
	cr_assert_eq(umount("other") | umount("src/b"), 0);
}

Test(sync_guard, what_has_to_be_mounted)
{
	tree("t src/f x", "t dst/g y");
	EXPECT_SYNC(4, "--require-mount=dst", "src", "dst");
	EXPECT_SYNC(4, "--require-mount=src", "src", "dst");
	EXPECT_SYNC(4, "--require-mount=./nowhere", "src", "dst");
	expect_names("dst", "g");
	EXPECT_SYNC(0, "--require-mount=/proc", "src", "dst");
	expect_names("dst", "f", "g");
	enter_private_mounts();
	mount_tmpfs("dst", "size=1m");
	EXPECT_SYNC(0, "--require-mount=dst", "src", "dst");
	expect_names("dst", "f");
	cr_assert_eq(umount("dst"), 0);
}

Test(sync_guard, a_file_that_has_to_be_on_both_sides)
{
	struct run r;

	tree("t src/f x", "t dst/g y");
	r = RUN("sync", "--check-access", "src", "dst");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, ".sync-check");
	tree("t src/.sync-check x");
	EXPECT_SYNC(4, "--check-access", "src", "dst");
	EXPECT_SYNC(4, "--check-access", "src", "new");
	expect_names("dst", "g");
	expect_no_file("new");
	tree("t dst/.sync-check x");
	EXPECT_SYNC(0, "--check-access", "src", "dst");
	expect_names("dst", ".sync-check", "f", "g");
	EXPECT_SYNC(0, "--check-access=f", "--allow=mount", "src", "dst");
}

Test(sync_guard, a_source_on_another_file_system_than_before)
{
	struct run r;

	enter_private_mounts();
	tree("d src", "d dst");
	mount_tmpfs("src", "size=1m");
	tree("t src/f x", "t src/g y");
	EXPECT_SYNC(0, "--delete", "src", "dst");
	EXPECT_SYNC(0, "--delete", "src", "dst");
	if (umount("src") != 0)
		skip("cannot unmount");
	/* The directory below is not empty: only the file system tells. */
	tree("t src/f x");
	r = RUN("sync", "--delete", "src", "dst");
	expect_file("dst/g", "y");
	if (r.status == 0)
		skip("no attributes on this file system");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "new-filesystem");
	EXPECT_SYNC(0, "src", "dst");
	tree("t dst/more z");
	EXPECT_SYNC(0, "--delete", "--allow=new-filesystem", "src", "dst");
	expect_names("dst", "f");
}

Test(sync_guard, no_room)
{
	struct run r;

	enter_private_mounts();
	tree("f src/big 3000000", "d dst");
	mount_tmpfs("dst", "size=1m");
	tree("t dst/old x");
	r = RUN("sync", "--delete", "src", "dst");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "are free");
	expect_names("dst", "old");
	r = RUN("sync", "--delete", "--allow=space", "src", "dst");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "No space left on device");
	/* Nothing half, nothing removed. */
	expect_names("dst", "old");
	cr_assert_eq(umount("dst"), 0);
}

Test(sync_guard, homes)
{
	struct run r;

	enter_private_mounts();
	tree("t src/f x", "d here");
	cr_assert_eq(mount("here", "/home", NULL, MS_BIND, NULL), 0);
	tree("t here/somebody/f y", "t here/somebody/g y");
	r = RUN("sync", "--delete", "src", "/home/somebody");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=home");
	EXPECT_SYNC(4, "--delete", "src", "/home");
	EXPECT_SYNC(4, "--delete", "-n", "src", "/root");
	expect_names("here/somebody", "f", "g");
	EXPECT_SYNC(0, "--delete", "--allow=home", "src", "/home/somebody");
	expect_names("here/somebody", "f");
	cr_assert_eq(umount("/home"), 0);
}

Test(sync_guard, another_run_holds_the_lock)
{
	struct run_child child;
	struct run_request waiting = { .words = WORDS("sync", "-v", "--lock-wait=30s", "src",
		                                      "dst") };
	struct run r;
	int fd;

	tree("t src/f x", "d dst");
	fd = open("dst", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_eq(flock(fd, LOCK_EX), 0);
	r = RUN("sync", "src", "dst");
	EXPECT_STATUS(r, 5);
	EXPECT_ERR_HAS(r, "holds the lock");
	expect_empty_dir("dst");
	r = RUN("sync", "--lock-wait=1ms", "src", "dst");
	EXPECT_STATUS(r, 5);
	EXPECT_SYNC(0, "--no-lock", "src", "dst");
	expect_names("dst", "f");
	EXPECT_SYNC(0, "-n", "src", "dst");
	run_start(&waiting, &child);
	cr_assert_eq(close(fd), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 0);
}
