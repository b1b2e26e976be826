/* SPDX-License-Identifier: MIT */
/*
 * What /proc/PID/stat and /proc/PID/status say (proc(5)). A process names itself as it likes:
 * the name in stat may hold any byte but NUL, parentheses and newlines among them, and is what
 * stands between the first ( and the last ). Pure functions; any thread may call them.
 */
#pragma once

#include "base/base.h"

#include <sys/types.h>

enum {
	PROC_COMM_MAX = 64, /* bytes of a name; more than 15 only for kernel threads */
	PROC_COMM_CUT = 15, /* a name of this length may have been cut off */
};

struct proc_stat {
	pid_t pid;
	char comm[PROC_COMM_MAX + 1];
	size_t comm_len;
	char state; /* R S D Z T t X I ... */
	pid_t parent;
	pid_t group;
	pid_t session;
	uint64_t terminal; /* device as the kernel numbers it; 0: none */
	uint64_t flags;    /* PF_* of the kernel */
	uint64_t user_ticks;
	uint64_t system_ticks;
	int nice; /* -20 to 19 */
	uint64_t threads;
	uint64_t start_ticks; /* since boot, in 1/sysconf(_SC_CLK_TCK) s */
	uint64_t rss_pages;
};

/* 0, or -EBADMSG: a field is missing or no number. */
MUST_USE int proc_stat_parse(const char *text, size_t len, struct proc_stat *ret);
/* Has the process ended, though its parent has not collected it yet? */
static inline bool proc_state_is_dead(char state)
{
	return state == 'Z' || state == 'X' || state == 'x';
}
static inline bool proc_stat_is_dead(const struct proc_stat *s)
{
	return proc_state_is_dead(s->state);
}
/* PF_KTHREAD of the kernel's include/linux/sched.h. */
static inline bool proc_stat_is_kernel_thread(const struct proc_stat *s)
{
	return (s->flags & 0x00200000) != 0;
}

struct proc_status {
	uid_t uid, euid;
	gid_t gid, egid;
	unsigned namespaces; /* how deep in pid namespaces, seen from the mount; 0: not said */
	uint64_t blocked;    /* masks of signals: bit N-1 stands for N */
	uint64_t ignored;
	uint64_t caught;
	uint64_t pending; /* of the thread and of the process */
};

/* 0, or -EBADMSG when there are no user and group ids. Lines that are missing read as 0. */
MUST_USE int proc_status_parse(const char *text, size_t len, struct proc_status *ret);

/*
 * The name of a process beyond the 15 bytes that the kernel keeps: the base name of one of
 * the first arguments (a script's is behind its interpreter's) or of the executable (NULL: not
 * known) that begins with `comm`. Points into its arguments; NULL: there is none.
 */
const char *proc_full_name(const char *comm, const char *cmdline, size_t cmdline_len,
                           const char *exe, size_t *ret_len);
