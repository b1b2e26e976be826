/* SPDX-License-Identifier: MIT */
/*
 * A read-only file system that a test makes up: inode numbers of any size, directories that do
 * not tell the types of their entries, others without end, and counts of what was asked for.
 * A child process serves it over /dev/fuse in the protocol of linux/fuse.h. To be mounted in a
 * mount namespace of the test's own; see cli/private_mounts.h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One file. The root's name is not used. */
struct fuse_node {
	const char *name;
	uint64_t ino;
	uint32_t mode; /* with the type */
	uint32_t uid, gid;
	const char *text;              /* what a file holds, or a link leads to; NULL: nothing */
	const struct fuse_node *nodes; /* what is in a directory; its end has no name */
	uint64_t generated;            /* in a directory: so many names more, which do not exist */
};

/* What was asked for so far. */
struct fuse_counts {
	uint64_t opened; /* files, not directories */
	uint64_t handed; /* entries of directories, . and .. too */
	uint64_t looked; /* names that were looked up */
};

struct fuse_fs {
	pid_t server;
	const char *point;
	volatile struct fuse_counts *counts; /* written by the server */
};

/* Makes the directory `point` and mounts `root` there; skips where that is not possible. */
void fuse_begin(struct fuse_fs *ret, const char *point, const struct fuse_node *root);
/* Before the test ends, or the sandbox cannot be removed. */
void fuse_end(struct fuse_fs *fs);
