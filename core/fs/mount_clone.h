/* SPDX-License-Identifier: MIT */
/* A private look at a mount without what is mounted on it. */
#pragma once

#include "base/base.h"

/*
 * A descriptor (O_PATH) of the root of a detached copy of the mount at `point`: the same
 * files, but no other mounts in it, so that what those hide can be seen. Nobody else sees
 * it, nothing is attached anywhere, and it is gone when it is closed. -EPERM without
 * CAP_SYS_ADMIN, -ENOSYS before Linux 5.2, or another -errno.
 */
MUST_USE int mount_clone(const char *point);
