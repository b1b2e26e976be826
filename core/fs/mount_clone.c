/* SPDX-License-Identifier: MIT */
#include "fs/mount_clone.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

/* From the kernel's table for all architectures; older C libraries lack the name. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif

int mount_clone(const char *point)
{
	long fd = syscall(SYS_open_tree, AT_FDCWD, point, (unsigned)(OPEN_TREE_CLONE | O_CLOEXEC));

	return fd < 0 ? -errno : (int)fd;
}
