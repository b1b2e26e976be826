/* SPDX-License-Identifier: MIT */
#include "fs/link_target.h"

#include <errno.h>
#include <limits.h>

int link_target(int dirfd, const char *name, struct strbuf *ret)
{
	/* The kernel has no longer ones; their size in stat() is wrong in procfs. */
	char target[PATH_MAX + 1];
	ssize_t n = readlinkat(dirfd, name, target, sizeof(target));

	if (n < 0)
		return -errno;
	strbuf_add(ret, target, (size_t)n);
	return 0;
}
