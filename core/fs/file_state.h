/* SPDX-License-Identifier: MIT */
/*
 * Which file it is and whether it may have changed: device, inode, size, and the times of
 * the last change of its contents and of its inode. The latter cannot be set back by a
 * program, which the former can.
 */
#pragma once

#include "base/base.h"

#include <sys/stat.h>

struct file_state {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	struct timespec mtime;
	struct timespec ctime;
};

struct file_state file_state_of(const struct stat *st);
/* Of the file that `fd` is open on. 0 or -errno. */
MUST_USE int file_state_read(int fd, struct file_state *ret);
bool file_state_equal(const struct file_state *a, const struct file_state *b);
