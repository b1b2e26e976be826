/* SPDX-License-Identifier: MIT */
/*
 * Who descends from whom: the processes of a procfs directory with what proc(5) says of them in
 * PID/stat, and signals to them that never reach another process that took over the number. A
 * scan is no snapshot; processes come and go meanwhile.
 */
#pragma once

#include "base/vec.h"

struct process_ref {
	pid_t pid, parent, group, session;
	uint64_t start; /* clock ticks after boot: with the pid, who it is */
	char state;     /* R S D T Z ... */
};

struct process_refs {
	VEC_FIELDS(struct process_ref);
};

/* The text of PID/stat; hostile in that the name may hold anything. 0 or -EINVAL. Pure. */
MUST_USE int process_parse_stat(const char *text, struct process_ref *ret);
/* One process. 0, -ESRCH when it is gone, or -errno. */
MUST_USE int process_look(int proc, pid_t pid, struct process_ref *ret);
/* Adds all processes by ascending pid. 0 or -errno. */
MUST_USE int process_scan(int proc, struct process_refs *ret);
/*
 * Keeps, of a scan, those that descend from `ancestor`, parents before their children, and
 * drops what has ended already (zombies).
 */
void process_keep_descendants(struct process_refs *refs, pid_t ancestor);

/* Sends the signal if it is still the same process. 0, -ESRCH, -EPERM or another -errno. */
MUST_USE int process_signal(int proc, const struct process_ref *ref, int signo);
