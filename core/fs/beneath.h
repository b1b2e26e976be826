/* SPDX-License-Identifier: MIT */
/* Opens directories below an open one by longer paths, which may not lead out of it, nor through
 * a symbolic link. */
#pragma once

#include "base/base.h"

/*
 * The directory `path` ("a/b"; "" is `dirfd` itself) of any length. A descriptor for the
 * caller, or -errno. openat2(2) where it works, else one name after the other.
 */
MUST_USE int beneath_open_dir(int dirfd, const char *path, size_t len);
