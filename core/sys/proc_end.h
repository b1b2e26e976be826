/* SPDX-License-Identifier: MIT */
/*
 * Ending processes in steps: a signal, some patience, a stronger signal to those that are
 * left. Everything goes through references, so that nobody but the processes that were meant
 * gets a signal, however long it takes.
 */
#pragma once

#include "base/text.h"
#include "sys/proc_wait.h"

struct proc_step {
	int signo;
	int64_t wait_ns; /* PROC_WAIT_FOREVER; 0: none */
};

struct proc_steps {
	VEC_FIELDS(struct proc_step);
};

/*
 * A schedule as start-stop-daemon's --retry has it: TERM/10/KILL/5, signals and durations
 * (human.h, infinity, forever) in turn, the last duration may be left out. 0 or -EINVAL with
 * *reterr; *ret is released by the caller in any case.
 */
MUST_USE int proc_steps_parse(const char *text, struct proc_steps *ret, struct text_error *reterr);

/* What became of a signal: 0, -ESRCH, -EPERM or another -errno. */
typedef void proc_sent(size_t index, int signo, int result, void *user);

struct proc_end_request {
	const struct proc_refs *refs;
	const struct proc_step *steps;
	size_t step_count;
	bool resume;         /* CONT follows each signal that does not stop or kill */
	bool queue;          /* with `value`, as sigqueue(3) */
	bool release_memory; /* of processes that got KILL */
	int value;
	proc_sent *sent; /* called for each process and step; may be NULL */
	proc_gone *gone; /* called when an end was waited for; may be NULL */
	void *user;
};

/*
 * 0: all steps are done, and where the last one waits, all that could be signalled have ended.
 * Steps end early when all have. -ETIMEDOUT: some are left; -EINTR: sig_stopped(); or -errno.
 */
MUST_USE int proc_end(struct proc_reader *r, const struct proc_end_request *request);
