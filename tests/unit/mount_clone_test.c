/* SPDX-License-Identifier: MIT */
#include "fs/mount_clone.h"

#include "support/skip.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

TestSuite(mount_clone);

Test(mount_clone, shows_what_a_mount_hides)
{
	AUTO_CLOSE int clone = mount_clone("/");
	struct stat outside;
	struct stat inside;

	if (clone == -EPERM || clone == -ENOSYS)
		skip("not allowed to clone a mount");
	cr_assert(clone >= 0, "%d", clone);
	cr_assert_eq(stat("/", &outside), 0);
	cr_assert_eq(fstat(clone, &inside), 0);
	cr_expect_eq(inside.st_dev, outside.st_dev);
	cr_expect_eq(inside.st_ino, outside.st_ino);
	cr_assert_eq(stat("/proc", &outside), 0);
	cr_assert_eq(fstatat(clone, "proc", &inside, 0), 0);
	cr_expect_neq(inside.st_dev, outside.st_dev, "the directory below procfs");
	cr_expect_eq(inside.st_dev, (stat("/", &outside), outside.st_dev));
}

Test(mount_clone, says_why_not)
{
	int r = mount_clone("/nowhere/at/all");

	cr_expect(r == -ENOENT || r == -EPERM || r == -ENOSYS, "%d", r);
}
