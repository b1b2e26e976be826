/* SPDX-License-Identifier: MIT */
/* dupes where several file systems are, and on those that can share extents. */
#include "private_mounts.h"

#include "support/expect.h"
#include "support/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

TestSuite(dupes_mounts, .init = sandbox_enter, .fini = sandbox_leave);

static const struct timespec old = { 1000000000, 5 };

static uint64_t number(struct run r)
{
	EXPECT_STATUS(r, 0);
	return strtoull(r.out, NULL, 10);
}

/* Bytes of blocks that a and b take together, what they share counted once. */
static uint64_t taken(void)
{
	cr_assert_eq(RUN_PEER("sync", "-f", "disk").status, 0);
	return number(RUN("disk-usage", "--reflink", "-B1", "-s", "--no-total", "disk"));
}

static void share_on(const char *type, const char *maker)
{
	uint64_t before;
	char note[8];
	struct run r;

	mount_image(type, maker, "disk");
	tree("f disk/a 1048576", "f disk/b 1048576", "f disk/c 1000001", "f disk/d 1000001");
	cr_assert_eq(chmod("disk/b", 0640), 0);
	cr_assert_eq(chown("disk/b", 12345, 54321), 0);
	tree_time("disk/b", old);
	cr_assert_eq(setxattr("disk/b", "user.note", "kept", 4, 0), 0);
	before = taken();
	r = RUN("dupes", "--reflink", "--yes", "disk");
	EXPECT_STATUS(r, 0);
	cr_expect(taken() + 2 * 1000000 <= before, "%llu bytes are taken, %llu were",
	          (unsigned long long)taken(), (unsigned long long)before);
	/* The copy is still itself. */
	expect_other_file("disk/a", "disk/b");
	expect_mode("disk/b", 0640);
	expect_mtime("disk/b", old);
	expect_size("disk/b", 1048576);
	cr_expect_eq(getxattr("disk/b", "user.note", note, sizeof(note)), 4);
	cr_expect_eq(memcmp(note, "kept", 4), 0);
	r = RUN("dupes", "--compare", "disk/a", "disk/b");
	EXPECT_STATUS(r, 0);
	expect_names("disk", "a", "b", "c", "d");
	cr_expect_eq(umount("disk"), 0);
}

Test(dupes_mounts, extents_are_shared_on_xfs)
{
	share_on("xfs", "mkfs.xfs");
}

Test(dupes_mounts, extents_are_shared_on_btrfs)
{
	share_on("btrfs", "mkfs.btrfs");
}

Test(dupes_mounts, nothing_is_linked_across_file_systems)
{
	struct run r;

	enter_private_mounts();
	mount_tmpfs("other", NULL);
	tree("t here same", "t other/there same");
	r = RUN("dupes", "--hardlink", "--yes", "here", "other");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "on another file system");
	expect_file("here", "same");
	expect_file("other/there", "same");
	expect_other_file("here", "other/there");
	expect_names("other", "there");
	(void)umount("other");
}

Test(dupes_mounts, other_file_systems_are_skipped_when_asked)
{
	struct run r;

	enter_private_mounts();
	tree("t d/here same");
	mount_tmpfs("d/other", NULL);
	tree("t d/other/there same");
	tree_time("d/here", old);
	r = RUN("dupes", "d");
	EXPECT_RUN(r, 0, "d/here\nd/other/there\n", "");
	r = RUN("dupes", "-x", "d");
	EXPECT_RUN(r, 0, "", "");
	(void)umount("d/other");
}

/* The same files seen twice are no copies of themselves. */
Test(dupes_mounts, a_bind_mount_makes_no_copies)
{
	struct run r;

	enter_private_mounts();
	tree("t d/a same", "d again");
	cr_assert_eq(mount("d", "again", NULL, MS_BIND, NULL), 0);
	r = RUN("dupes", "--delete", "--yes", "d", "again");
	EXPECT_RUN(r, 0, "", "");
	expect_file("d/a", "same");
	r = RUN("dupes", "--dirs", "d", "again");
	EXPECT_RUN(r, 0, "", "");
	(void)umount("again");
}
