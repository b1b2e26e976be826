/* SPDX-License-Identifier: MIT */
/*
 * Starting programs with what only the new process can do for itself: its group or session, the
 * terminal, limits, another user, a control group. As cheap as spawn_start(), no copy of the
 * address space, but for a child that is born in a control group; the process must have one
 * thread.
 */
#pragma once

#include "sys/spawn.h"

#include <sys/resource.h>

struct spawn_limit {
	int resource; /* RLIMIT_* */
	struct rlimit limit;
};

struct spawn_user {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* the supplementary ones */
	size_t groups_len;
};

enum spawn_group { SPAWN_SAME_GROUP, SPAWN_OWN_GROUP, SPAWN_OWN_SESSION };

/* What is done, in this order, before the program starts. */
enum spawn_step {
	SPAWN_STEP_PROCESS, /* there is no process, or it was ended before it could report */
	SPAWN_STEP_GROUP,
	SPAWN_STEP_DESCRIPTORS,
	SPAWN_STEP_LIMIT,
	SPAWN_STEP_NICE,
	SPAWN_STEP_USER,
	SPAWN_STEP_DIRECTORY,
	SPAWN_STEP_EXEC,
};

struct spawn_setup {
	enum spawn_group group;
	/* Its foreground is the new group from now on, or it becomes the new session's; -1: none.
	 */
	int terminal;
	int death_signal; /* what it gets when this process dies; 0: nothing */
	int cgroup;       /* directory of a control group it is born in; -1: ours */
	const struct spawn_limit *limits;
	size_t limits_len;
	bool sets_nice;
	int nice; /* the new value, -20 to 19 */
	bool sets_io_priority;
	int io_priority; /* as ioprio_set(2) has it: class << 13 | level */
	bool sets_umask;
	mode_t umask;
	const struct spawn_user *user; /* NULL: ours */
	int inherited;                 /* one above 2 that the program gets too; 0: none */
	bool keeps_descriptors;        /* those above 2 that the box was started with */
};

/*
 * This process becomes the program: returns only on failure, -errno with *reterr. Some of the
 * setup may have been done by then.
 */
int spawn_become(const struct spawn_request *request, const struct spawn_setup *setup,
                 enum spawn_step *reterr);

/* As spawn_start(); on failure *reterr says what could not be done. */
MUST_USE int spawn_start_with(const struct spawn_request *request, const struct spawn_setup *setup,
                              struct spawn_child *ret, enum spawn_step *reterr);
/*
 * As fork(), for a process of the box that is what a program would be: in its group or session, at
 * the terminal, in the control group, with the death signal; of `setup` nothing else. 0 in both,
 * ret->pid is 0 in the child, or -errno. In the child signals are blocked as they are here, and
 * when its group could not be made it ends with SPAWN_CODE_FAILED.
 */
MUST_USE int spawn_fork_with(const struct spawn_setup *setup, struct spawn_child *ret,
                             enum spawn_step *reterr);
