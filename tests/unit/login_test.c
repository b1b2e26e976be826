/* SPDX-License-Identifier: MIT */
/* Who a user is. */
#include "sys/login.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(login);

Test(login, root_is_known_by_name_and_number)
{
	static const char *const names[] = { "root", "0" };

	for (size_t i = 0; i < 2; i++) {
		struct login login;

		cr_assert_eq(login_find(names[i], NULL, &login), 0);
		cr_expect_eq(login.uid, 0);
		cr_expect_eq(login.gid, 0);
		cr_expect_str_eq(login.name, "root");
		cr_expect_eq(login.home[0], '/');
		cr_assert(login.groups_len >= 1);
		cr_expect_eq(login.groups[0], 0);
		login_release(&login);
		cr_expect_eq(login.groups, NULL);
	}
}

Test(login, a_group_replaces_all_others)
{
	struct login login;

	cr_assert_eq(login_find("root", "12345", &login), 0);
	cr_expect_eq(login.gid, 12345);
	cr_expect_eq(login.groups_len, 1);
	cr_expect_eq(login.groups[0], 12345);
	login_release(&login);
	cr_assert_eq(login_find("3999999999", "0", &login), 0);
	cr_expect_eq(login.uid, 3999999999u);
	cr_expect_eq(login.name, NULL);
	login_release(&login);
}

Test(login, says_what_is_missing)
{
	struct login login;

	cr_expect_eq(login_find("no such user", NULL, &login), -ENOENT);
	cr_expect_eq(login_find("", NULL, &login), -ENOENT);
	cr_expect_eq(login_find("-1", NULL, &login), -ENOENT);
	cr_expect_eq(login_find("4294967295", "0", &login), -ENOENT);
	cr_expect_eq(login_find("3999999999", NULL, &login), -EINVAL);
	cr_expect_eq(login_find("root", "no such group", &login), -ESRCH);
	cr_expect_eq(login_find("root", "", &login), -ESRCH);
}
