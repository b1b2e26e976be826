/* SPDX-License-Identifier: MIT */
/*
 * A process that stays the same one. A pid is given to another process soon after the end of
 * its first owner; a reference is to one process for good, and a signal through it reaches that
 * one or nobody. It is a pidfd where the kernel has those (5.3); else, or when descriptors run
 * out (some are always left for reading procfs), the pid together with the start time, which
 * leaves a gap of some instructions between looking and signalling.
 *
 * To act on processes that were found by their properties: open the reference, then look at
 * the properties (again). If they fit, they are those of the process that is referred to, or it
 * has ended meanwhile and nobody gets the signal.
 */
#pragma once

#include "base/strbuf.h"
#include "sys/proc_read.h"

struct proc_ref {
	pid_t pid;
	int pidfd;            /* -1: none */
	uint64_t inode;       /* of the pidfd, unique until the next boot (since 6.9); 0: unknown */
	uint64_t start_ticks; /* known when there is no pidfd or no inode, else 0 */
};

struct proc_refs {
	VEC_FIELDS(struct proc_ref);
};

/* Allows this process as many descriptors as it may have; before the first reference. */
void proc_ref_raise_limit(void);
/* 0, -ESRCH: there is no such process, a thread is none; or -errno. */
MUST_USE int proc_ref_open(struct proc_reader *r, pid_t pid, struct proc_ref *ret);
void proc_ref_close(struct proc_ref *ref);
/* Closes all and empties the list. */
void proc_refs_release(struct proc_refs *refs);

/*
 * Sends the signal; 0 only asks. 0, -ESRCH: gone (but not while it is a zombie); -EPERM; or
 * -errno.
 */
MUST_USE int proc_ref_signal(struct proc_reader *r, const struct proc_ref *ref, int signo);
/* The same with an integer, as sigqueue(3) does. */
MUST_USE int proc_ref_queue(struct proc_reader *r, const struct proc_ref *ref, int signo,
                            int value);
/* True when it has ended, a zombie included. */
bool proc_ref_is_gone(struct proc_reader *r, const struct proc_ref *ref);
/* Frees the memory of a process that is being killed. 0 or -errno. */
MUST_USE int proc_ref_release_memory(const struct proc_ref *ref);
/*
 * How it ended: a wait status. -ENODATA: it has not, or the kernel does not tell a stranger
 * (before 6.15).
 */
MUST_USE int proc_ref_exit_status(const struct proc_ref *ref, int *ret_status);

/* An id: PID, PID:INODE of a pidfd, PID@STARTTICKS. */
struct proc_id {
	pid_t pid;
	uint64_t inode;       /* 0: not given */
	uint64_t start_ticks; /* with has_start */
	bool has_start;
};

/* The whole text must be an id; pids are above 0. 0, -EINVAL or -ERANGE. */
MUST_USE int proc_id_parse(const char *text, struct proc_id *ret);
void proc_id_add(struct strbuf *b, const struct proc_ref *ref);
/* As proc_ref_open(); -ESRCH, too, when the pid now belongs to another process. */
MUST_USE int proc_ref_open_id(struct proc_reader *r, const struct proc_id *id,
                              struct proc_ref *ret);
