/* SPDX-License-Identifier: MIT */
/*
 * What the kernel offers programs: system calls that not every kernel, sandbox or emulation has,
 * asked for with arguments that make them fail, and file systems it knows. Nothing is changed.
 */
#pragma once

#include "sys/machine.h"

enum feature_state { FEATURE_UNKNOWN, FEATURE_NO, FEATURE_YES };

enum kernel_feature {
	FEATURE_CHMOD,
	FEATURE_SYMLINK,
	FEATURE_HARD_LINK,
	FEATURE_FIFO,
	FEATURE_XATTR,
	FEATURE_STATX,
	FEATURE_OPENAT2,
	FEATURE_RENAME_EXCHANGE,
	FEATURE_COPY_FILE_RANGE,
	FEATURE_MEMFD,
	FEATURE_INOTIFY,
	FEATURE_FANOTIFY,
	FEATURE_PIDFD,
	FEATURE_CLONE3,
	FEATURE_CLOSE_RANGE,
	FEATURE_IO_URING,
	FEATURE_SECCOMP,
	FEATURE_LANDLOCK,
	FEATURE_USER_NAMESPACES,
	FEATURE_CGROUP2,
	FEATURE_FUSE,
	FEATURE_OVERLAY,
	FEATURE_PRESSURE,
	KERNEL_FEATURES
};

/* In a recorded tree only what files tell is known. */
void kernel_features_read(const struct machine *m, enum feature_state ret[KERNEL_FEATURES]);
