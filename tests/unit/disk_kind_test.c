/* SPDX-License-Identifier: MIT */
#include "fs/disk_kind.h"

#include "fs/extents.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/sysmacros.h>

TestSuite(disk_kind, .init = sandbox_enter, .fini = sandbox_leave);

/* As sysfs has it: links by number lead to directories; a partition is in its disk. */
static void make_sys(void)
{
	tree("d sys/dev/block", "t sys/devices/pci/sda/queue/rotational 1",
	     "d sys/devices/pci/sda/sda1", "t sys/devices/pci/nvme0n1/queue/rotational 0",
	     "d sys/devices/pci/nvme0n1/nvme0n1p2", "t sys/devices/virtual/dm-0/queue/rotational 1",
	     "d sys/devices/virtual/none", "t sys/devices/virtual/odd/queue/rotational maybe",
	     "l sys/dev/block/8:0 -> ../../devices/pci/sda",
	     "l sys/dev/block/8:1 -> ../../devices/pci/sda/sda1",
	     "l sys/dev/block/259:0 -> ../../devices/pci/nvme0n1",
	     "l sys/dev/block/259:2 -> ../../devices/pci/nvme0n1/nvme0n1p2",
	     "l sys/dev/block/254:0 -> ../../devices/virtual/dm-0",
	     "l sys/dev/block/7:0 -> ../../devices/virtual/none",
	     "l sys/dev/block/7:1 -> ../../devices/virtual/odd", "l sys/dev/block/7:2 -> nowhere");
}

Test(disk_kind, disks_are_known_by_number_and_partitions_by_their_disk)
{
	static const struct {
		unsigned major, minor;
		bool rotates;
	} cases[] = {
		{ 8, 0, true },    { 8, 1, true },    { 254, 0, true },
		{ 259, 0, false }, { 259, 2, false }, { 7, 0, false },
		{ 7, 1, false },   { 7, 2, false },   { 0, 45, false },
	};

	make_sys();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(disk_rotates("sys", makedev(cases[i].major, cases[i].minor)),
		             cases[i].rotates, "%u:%u", cases[i].major, cases[i].minor);
	cr_expect(!disk_rotates("none", makedev(8, 0)));
}

static int first_of(const struct extent *extent, void *user)
{
	*(struct extent *)user = *extent;
	return 1;
}

Test(disk_kind, the_first_byte_is_where_the_first_extent_is)
{
	struct extent extent = { .flags = EXTENT_UNKNOWN };
	int fd;

	tree("f full 100000", "f empty", "s hole 100000");
	fd = open("full", O_RDONLY | O_CLOEXEC);
	cr_assert_eq(fsync(fd), 0);
	if (extents_read(fd, first_of, &extent) == 1 &&
	    (extent.flags & (EXTENT_UNKNOWN | EXTENT_INLINE)) == 0)
		cr_expect_eq(disk_first_byte(fd), extent.physical);
	else
		cr_expect_eq(disk_first_byte(fd), UINT64_MAX);
	(void)close(fd);
	fd = open("empty", O_RDONLY | O_CLOEXEC);
	cr_expect_eq(disk_first_byte(fd), UINT64_MAX);
	(void)close(fd);
	fd = open("hole", O_RDONLY | O_CLOEXEC);
	cr_expect_eq(disk_first_byte(fd), UINT64_MAX);
	(void)close(fd);
	cr_expect_eq(disk_first_byte(-1), UINT64_MAX);
}
