/* SPDX-License-Identifier: MIT */
/*
 * The half of sys/users.c that static binaries have, which read /etc/passwd and /etc/group
 * themselves: what it says must be what the C library says.
 */
#ifndef DUTYBOX_STATIC
#define DUTYBOX_STATIC
#endif
#include "sys/users.c" /* NOLINT(bugprone-suspicious-include): in place of the library's */

#include <criterion/criterion.h>
#include <grp.h>
#include <pwd.h>

TestSuite(users_static);

/* Of several lines with one number or name, the first counts, so only those are compared. */
Test(users_static, all_users_of_the_system)
{
	struct users *u = users_new();
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *row;
	size_t rows = 0;

	cr_assert_not_null(file);
	while ((row = fgetpwent(file)) != NULL) {
		const char *name = users_name(u, row->pw_uid);
		uid_t again = 0;

		rows++;
		cr_assert_not_null(name, "%u", row->pw_uid);
		cr_expect_eq(users_uid(u, name, &again), 0);
		cr_expect_eq(again, row->pw_uid, "%s", name);

		AUTO_RELEASE_STRBUF struct strbuf home = { 0 };

		cr_expect_eq(users_home(u, row->pw_name, 0, &home), 0);
		cr_expect_str_eq(strbuf_str(&home), getpwnam(row->pw_name)->pw_dir);
	}
	(void)fclose(file);
	cr_expect(rows > 0);
	cr_expect_str_eq(users_name(u, 0), "root");
	users_free(u);
}

Test(users_static, all_groups_of_the_system)
{
	struct users *u = users_new();
	FILE *file = fopen("/etc/group", "re");
	struct group *row;
	size_t rows = 0;

	cr_assert_not_null(file);
	while ((row = fgetgrent(file)) != NULL) {
		const char *name = users_group_name(u, row->gr_gid);
		gid_t again = 0;

		rows++;
		cr_assert_not_null(name, "%u", row->gr_gid);
		cr_expect_eq(users_gid(u, name, &again), 0);
		cr_expect_eq(again, row->gr_gid, "%s", name);
	}
	(void)fclose(file);
	cr_expect(rows > 0);
	users_free(u);
}

Test(users_static, what_has_no_name)
{
	struct users *u = users_new();
	uid_t uid = 77;

	cr_expect_null(users_name(u, 4294967294U));
	cr_expect_null(users_group_name(u, 4294967294U));
	cr_expect_eq(users_uid(u, "no such user", &uid), -ENOENT);
	cr_expect_eq(users_gid(u, "0", &uid), -ENOENT);
	cr_expect_eq(uid, 77);
	users_free(u);
}

/* The answers are kept: the same one twice is the same string. */
Test(users_static, answers_are_kept)
{
	struct users *u = users_new();
	const char *root = users_name(u, 0);

	for (uid_t uid = 5000000; uid < 5000200; uid++)
		cr_expect_null(users_name(u, uid));
	cr_expect_eq(users_name(u, 0), root);
	cr_expect_eq(u->users.len, 201);
	users_free(u);
}
