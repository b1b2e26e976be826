/* SPDX-License-Identifier: MIT */
/*
 * Who descends from whom: the processes of a procfs directory with what proc(5) says of them in
 * PID/stat, and signals to them that never reach another process that took over the number. A
 * scan is no snapshot; processes come and go meanwhile. One whose parent has ended belongs to
 * somebody else at once (init, or a subreaper), and is then not found from its former ancestors.
 */
#pragma once

#include "sys/proc_read.h"

struct process_ref {
	pid_t pid, parent, group, session;
	uint64_t start; /* clock ticks after boot: with the pid, who it is */
	char state;     /* R S D T Z ... */
};

/* Ascending by pid, as process_scan() leaves them. */
struct process_refs {
	VEC_FIELDS(struct process_ref);
};

/* One process. 0, -ESRCH when it is gone, -EBADMSG when its line makes no sense, or -errno. */
MUST_USE int process_look(int proc, pid_t pid, struct process_ref *ret);
/* Replaces `ret` with all processes; those that vanish meanwhile are left out. 0 or -errno. */
MUST_USE int process_scan(int proc, struct process_refs *ret);
/*
 * Keeps, of a scan, those that descend from `ancestor`, parents before their children, and
 * drops what has ended already (zombies).
 */
void process_keep_descendants(struct process_refs *refs, pid_t ancestor);

/* The one with this pid, NULL: there is none. */
const struct process_ref *process_find(const struct process_refs *scan, pid_t pid);
/* Is `pid` a child, grandchild, ... of `ancestor`? */
bool process_descends(const struct process_refs *scan, pid_t pid, pid_t ancestor);
/*
 * The process `pid`, its parent, and so on, as far as procfs shows them; read one by one, so that
 * it costs little. 0, -ESRCH or -errno.
 */
MUST_USE int process_ancestors(struct proc_reader *r, pid_t pid, struct pid_list *ret);

/* Sends the signal if it is still the same process. 0, -ESRCH, -EPERM or another -errno. */
MUST_USE int process_signal(int proc, const struct process_ref *ref, int signo);
