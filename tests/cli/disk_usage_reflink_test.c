/* SPDX-License-Identifier: MIT */
/* disk-usage --reflink: blocks that files share, on file systems made for the test. */
#include "private_mounts.h"

#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(disk_usage_reflink, .init = sandbox_enter, .fini = sandbox_leave);

static uint64_t blocks(const char *path)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0, "%s", path);
	return (uint64_t)st.st_blocks * 512;
}

/* False: the file system cannot share blocks. */
static bool share(const char *of, const char *with)
{
	int from = open(of, O_RDONLY | O_CLOEXEC);
	int to = open(with, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	bool done;

	cr_assert(from >= 0 && to >= 0);
	done = ioctl(to, FICLONE, from) == 0;
	cr_assert_eq(fsync(to), 0);
	cr_assert_eq(close(from), 0);
	cr_assert_eq(close(to), 0);
	return done;
}

/* A file of 1 MiB and clones of it. False: there can be none. */
static bool make_clones(void)
{
	tree("f t/a 1048576", "f t/own 65536", "d t/d");
	return share("t/a", "t/b") && share("t/a", "t/d/c");
}

static void expect_shared_once(void)
{
	struct run r;

	cr_assert_eq(blocks("t/a"), 1048576);
	cr_assert_eq(blocks("t/d/c"), 1048576);
	r = RUN("disk-usage", "--reflink", "-B1", "--sort=name", "--no-total", "t/a", "t/b");
	EXPECT_OUT(r, "1048576\tt/a\n0\tt/b\n");
	r = RUN("disk-usage", "-B1", "--sort=name", "--no-total", "t/a", "t/b");
	EXPECT_OUT(r, "1048576\tt/a\n1048576\tt/b\n");
	/* Below a directory too, and in a summary. */
	r = RUN("disk-usage", "--reflink", "-B1", "-s", "--no-total", "t");
	cr_expect_eq(strtoull(r.out, NULL, 10), 1048576 + 65536 + blocks("t") + blocks("t/d"), "%s",
	             r.out);
	r = RUN("disk-usage", "--reflink", "-aB1", "-d9", "--no-total", "--sort=name", "t/d");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "1048576\tt/d/c\n");
}

/* A part that is written anew is no longer shared; XFS reserves some blocks more for it. */
static void expect_own_part_counts(void)
{
	int fd = open("t/b", O_WRONLY | O_CLOEXEC);
	static const char block[65536] = { 1 };
	char expected[80];
	struct run r;

	cr_assert(fd >= 0);
	cr_assert_eq(pwrite(fd, block, sizeof(block), 0), (ssize_t)sizeof(block));
	cr_assert_eq(fsync(fd), 0);
	cr_assert_eq(close(fd), 0);
	r = RUN("disk-usage", "--reflink", "-B1", "--sort=name", "--no-total", "t/a", "t/b");
	(void)snprintf(expected, sizeof(expected), "1048576\tt/a\n%llu\tt/b\n",
	               (unsigned long long)(blocks("t/b") - (1048576 - 65536)));
	EXPECT_OUT(r, expected);
}

Test(disk_usage_reflink, where_nothing_is_shared_nothing_changes)
{
	struct run r;

	tree("f a 1048576");
	r = RUN("disk-usage", "--reflink", "-B1", "-s", "--no-total", "a");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(strtoull(r.out, NULL, 10), blocks("a"));
}

static void test_on(const char *type, const char *maker)
{
	mount_image(type, maker, "disk");
	cr_assert_eq(chdir("disk"), 0);
	if (make_clones()) {
		expect_shared_once();
		expect_own_part_counts();
	} else {
		cr_expect(false, "%s has no reflinks", type);
	}
	cr_assert_eq(chdir(".."), 0);
	/* Also lets the loop device go. */
	cr_expect_eq(umount("disk"), 0);
}

Test(disk_usage_reflink, counts_shared_extents_once_on_xfs)
{
	test_on("xfs", "mkfs.xfs");
}

Test(disk_usage_reflink, counts_shared_extents_once_on_btrfs)
{
	test_on("btrfs", "mkfs.btrfs");
}
