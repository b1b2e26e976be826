/* SPDX-License-Identifier: MIT */
/*
 * Ending processes in steps: a signal, some patience, a stronger signal to those that are
 * left. Everything goes through references, so that nobody but the processes that were meant
 * gets a signal, however long it takes.
 */
#pragma once

#include "sys/cgroup.h"
#include "sys/proc_wait.h"
#include "sys/signal_schedule.h"

/* The process will get the signal now: who wants to describe it does that before. */
typedef void proc_sending(size_t index, int signo, void *user);
/* What became of a signal: 0, -ESRCH, -EPERM or another -errno. */
typedef void proc_sent(size_t index, int signo, int result, void *user);

struct proc_end_request {
	const struct proc_refs *refs;
	const struct signal_schedule *schedule; /* a last wait of 0: it is not waited */
	bool resume;         /* CONT follows each signal that does not stop or kill */
	bool queue;          /* with `value`, as sigqueue(3) */
	bool release_memory; /* of processes that got KILL */
	int value;
	const struct cgroup *cgroup; /* KILL is for all that is in it, newcomers too; may be NULL */
	proc_sending *sending;       /* may be NULL */
	proc_sent *sent;             /* called for each process and step; may be NULL */
	proc_gone *gone;             /* called when an end was waited for; may be NULL */
	void *user;
};

/*
 * 0: all steps are done, and where the last one waits, all that could be signalled have ended.
 * Steps end early when all have. -ETIMEDOUT: some are left; -EINTR: sig_stopped(); or -errno.
 */
MUST_USE int proc_end(struct proc_reader *r, const struct proc_end_request *request);
