/* SPDX-License-Identifier: MIT */
/*
 * Reads the processes below a procfs directory with as few system calls as there are files to
 * read: three each (open, read, close), for directories one for some thousand names. What it
 * returns lies in the reader's own buffer, which is used again. A reader belongs to one thread;
 * the directory is the caller's and stays open. Recorded trees do as well as the kernel's.
 */
#pragma once

#include "sys/proc_stat.h"
#include "sys/procfs.h"

struct proc_reader {
	int proc; /* borrowed: the procfs directory */
	char *buffer;
	size_t cap;
	int fd_limit; /* of this process, 0: not asked for yet; see proc_ref.h */
};

/* Bytes in a reader's buffer, a NUL behind them; good until the next call on the reader. */
struct proc_text {
	char *data;
	size_t len;
};

enum {
	PROC_FILE_MAX = 16 << 20, /* bytes of one file that are read: more is cut off */
	PROC_LINK_MAX = 4096      /* PATH_MAX; the kernel gives no more */
};

void proc_reader_init(struct proc_reader *ret, int proc);
void proc_reader_release(struct proc_reader *r);

/* All processes, ascending. 0 or -errno. */
MUST_USE int proc_list(struct proc_reader *r, struct pid_list *ret);
/* The threads of a process, ascending. 0, -ESRCH or -errno. */
MUST_USE int proc_list_threads(struct proc_reader *r, pid_t pid, struct pid_list *ret);
/* The open descriptors of a process. 0, -ESRCH or -errno. */
MUST_USE int proc_list_fds(struct proc_reader *r, pid_t pid, struct pid_list *ret);

/*
 * The functions below are about the process `pid`, or about its thread `tid` when that is not
 * 0. They return 0, -errno, or -ESRCH: it is gone.
 */
MUST_USE int proc_read(struct proc_reader *r, pid_t pid, pid_t tid, const char *file,
                       struct proc_text *ret);
/* The target of a symbolic link, "exe" or "fd/3" say. */
MUST_USE int proc_read_link(struct proc_reader *r, pid_t pid, const char *link,
                            struct proc_text *ret);
/* -EBADMSG, too, when it makes no sense. */
MUST_USE int proc_read_stat(struct proc_reader *r, pid_t pid, pid_t tid, struct proc_stat *ret);
MUST_USE int proc_read_status(struct proc_reader *r, pid_t pid, struct proc_status *ret);
/* The name the process gave itself, without the newline behind it. */
MUST_USE int proc_read_comm(struct proc_reader *r, pid_t pid, pid_t tid, struct proc_text *ret);
/* The device and inode behind a link: "exe", "cwd", "root", "fd/3". */
MUST_USE int proc_stat_link(const struct proc_reader *r, pid_t pid, const char *link,
                            uint64_t *ret_device, uint64_t *ret_inode);
/*
 * The effective user: from the owner of the directory, and where that is root, as it is for all
 * processes that may not be dumped, from its status.
 */
MUST_USE int proc_read_euid(struct proc_reader *r, pid_t pid, uid_t *ret);
/*
 * The own pid as the procfs shows it, which is another one than getpid() says when it was mounted
 * in an outer namespace. -errno when it does not say.
 */
MUST_USE int proc_self(struct proc_reader *r, pid_t *ret);
