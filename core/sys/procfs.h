/* SPDX-License-Identifier: MIT */
/*
 * Small files of procfs and the like, read below a directory that is a parameter, so
 * that recorded trees do as well as the running kernel. Their contents are input: may be
 * missing, cut off, huge or hostile. A process may vanish between any two calls.
 */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"

#include <sys/types.h>

struct pid_list {
	VEC_FIELDS(pid_t);
};

bool pid_list_has(const struct pid_list *pids, pid_t pid);

/* Opens the running kernel's /proc. A descriptor, or -errno. */
MUST_USE int procfs_open(void);
/*
 * Adds the file `name`, relative to `proc`, to `ret`. 0, -errno, -ESRCH when the process
 * is gone, or -EFBIG when it is longer than `limit` bytes (what fits has been added).
 */
MUST_USE int procfs_read(int proc, const char *name, size_t limit, struct strbuf *ret);
/* The same on the file `name` of a process. */
MUST_USE int procfs_read_of(int proc, pid_t pid, const char *name, size_t limit,
                            struct strbuf *ret);

/*
 * Replaces `ret` with the name a process gave itself: at most 64 bytes, any but NUL, a
 * newline among them. 0, -errno or -ESRCH.
 */
MUST_USE int procfs_comm(int proc, pid_t pid, struct strbuf *ret);
/*
 * Who owns the directory of a process: its effective user, but root for a process that
 * may not be dumped. 0, -errno or -ESRCH.
 */
MUST_USE int procfs_uid(int proc, pid_t pid, uid_t *ret);
/* True when `name` is a process's directory: a decimal number without leading zeroes. */
bool procfs_is_pid(const char *name, pid_t *ret);
