/* SPDX-License-Identifier: MIT */
/*
 * Files without a name that still take space, because a process has them open or mapped.
 * Found through a procfs directory that is a parameter; no file is ever opened, and a
 * file server is not asked about them.
 */
#pragma once

#include "base/base.h"

#include <sys/types.h>

enum { OPEN_FILE_MAPPED = -1 };

struct open_file {
	pid_t pid;
	const char *comm; /* hostile bytes; "" when it could not be read */
	uid_t uid;        /* of the process's directory, see procfs_uid() */
	int fd;           /* OPEN_FILE_MAPPED: mapped, but not open in this process */
	uint64_t device;  /* st_dev */
	uint64_t inode;
	uint64_t disk_bytes;
	uint64_t apparent_bytes;
	const char *path; /* where it was, as seen by its process */
	bool again;       /* (device, inode) came before: leave it out of sums */
};

/* False ends the search. What `file` points to is valid during the call. */
typedef bool open_file_visit(const struct open_file *file, void *user);

struct open_files_result {
	uint64_t processes; /* that were looked at */
	uint64_t denied;    /* of them, ones whose descriptors may not be seen */
};

/*
 * Calls `visit` for each regular file with no links left, by ascending pid as procfs lists
 * them and at most once per descriptor; one that a process only maps comes once per process.
 * Left out is memory that was never a file of a mounted file system: memfd, System V segments,
 * shared anonymous memory. A process that vanishes meanwhile is skipped silently.
 * 0, or -errno when `proc` cannot be read.
 */
MUST_USE int open_files_deleted(int proc, open_file_visit *visit, void *user,
                                struct open_files_result *ret);
