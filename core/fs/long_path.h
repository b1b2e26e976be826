/* SPDX-License-Identifier: MIT */
/* Paths that are longer than the kernel takes in one call (PATH_MAX). */
#pragma once

#include "base/base.h"

/*
 * A path for the *at() calls: *ret_dirfd is AT_FDCWD and *ret_name the path itself while it is
 * short; else a directory on the way, and the rest of the path behind it. AUTO_CLOSE
 * closes the one and leaves the other alone. 0 or -errno.
 */
MUST_USE int long_path_open(const char *path, int *ret_dirfd, const char **ret_name);
