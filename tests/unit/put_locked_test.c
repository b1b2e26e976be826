/* SPDX-License-Identifier: MIT */
#include "fs/put_locked.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>

static char directory[] = "/tmp/put-locked-test.XXXXXX";
static int dirfd = -1;

static void enter(void)
{
	cr_assert_not_null(mkdtemp(directory));
	dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void leave(void)
{
	(void)close(dirfd);
	cr_expect_eq(rmdir(directory), 0);
}

TestSuite(put_locked, .init = enter, .fini = leave);

static bool exists(const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Test(put_locked, what_a_killed_run_left_is_taken_away)
{
	struct put left, next;

	cr_assert_eq(put_regular_locked(dirfd, "f", 0600, &left), 0);
	/* The lock goes with the descriptor, as it does with the process. */
	cr_assert_eq(close(left.fd), 0);
	cr_expect(exists(left.name));
	cr_assert_eq(put_regular_locked(dirfd, "f", 0600, &next), 0);
	cr_expect_str_eq(left.name, next.name);
	put_abort(&next);
	cr_expect(!exists(next.name));
}

Test(put_locked, what_somebody_works_on_is_not)
{
	struct put first, second;

	cr_assert_eq(put_regular_locked(dirfd, "f", 0600, &first), 0);
	cr_assert_eq(put_regular_locked(dirfd, "f", 0600, &second), 0);
	cr_expect(strcmp(first.name, second.name) != 0);
	cr_expect(put_is_temporary(first.name) && put_is_temporary(second.name));
	cr_expect(exists(first.name));
	cr_assert_eq(put_commit(&first, "f", PUT_OVER), 0);
	cr_assert_eq(put_commit(&second, "f", PUT_OVER), 0);
	cr_expect_eq(unlinkat(dirfd, "f", 0), 0);
}

Test(put_locked, what_is_no_file_of_ours_is_left)
{
	struct put first, second;

	cr_assert_eq(put_regular_locked(dirfd, "f", 0600, &first), 0);
	put_abort(&first);
	cr_assert_eq(symlinkat("elsewhere", dirfd, first.name), 0);
	cr_assert_eq(put_regular_locked(dirfd, "f", 0600, &second), 0);
	cr_expect(strcmp(first.name, second.name) != 0);
	put_abort(&second);
	cr_expect(exists(first.name));
	cr_expect_eq(unlinkat(dirfd, first.name, 0), 0);
}
