/* SPDX-License-Identifier: MIT */
/*
 * Which name in which directory a path leads to, symbolic links followed one by one, each from
 * its own directory: where a new file has to be put to replace what the path names. What is there
 * may not exist.
 */
#pragma once

#include "base/base.h"

#include <limits.h>
#include <sys/stat.h>

enum final_name_flags {
	FINAL_FOLLOW = 1 << 0,  /* the last component too; else it is what it is */
	FINAL_TRUSTED = 1 << 1, /* only links that root or the effective user owns: else -ELOOP */
};

struct final_name {
	int dirfd;               /* open for reading; owned */
	char name[NAME_MAX + 1]; /* a single name */
	bool exists;
	struct stat st; /* of what is there, not followed */
	/*
	 * It is a link of procfs that leads to an open file (/dev/stdout does): `st` is that
	 * file's, it has no name that could be replaced, and is opened through this one.
	 */
	bool is_open_file;
};

/* 0 or -errno; *ret is set on success only. A path that ends with a slash is -EISDIR. */
MUST_USE int final_name_find(const char *path, unsigned flags, struct final_name *ret);
void final_name_release(struct final_name *f);
