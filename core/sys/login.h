/* SPDX-License-Identifier: MIT */
/*
 * Who a user is to the kernel and to programs: numbers, all groups, home and shell, as login(1)
 * has them. From the C library's name services; in a static binary, which cannot load those, from
 * /etc/passwd and /etc/group. For the main thread.
 */
#pragma once

#include "base/base.h"

#include <sys/types.h>

struct login {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned; the supplementary ones, `gid` among them */
	size_t groups_len;
	char *name, *home, *shell; /* owned; NULL for a number without an entry */
};

/*
 * `user` is a name or a number, `group` the same, or NULL for the user's own and all others that
 * it is a member of; with a group given, the others do not count. 0; -ENOENT: no such user;
 * -ESRCH: no such group; -EINVAL: a number without an entry, and no group was given; or -errno.
 */
MUST_USE int login_find(const char *user, const char *group, struct login *ret);
void login_release(struct login *login);
