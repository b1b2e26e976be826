/* SPDX-License-Identifier: MIT */
/*
 * Waiting for the end of processes, of strangers' too: on pidfds, and for references without one
 * by looking at them some times a second.
 */
#pragma once

#include "sys/proc_ref.h"

#define PROC_WAIT_FOREVER INT64_MAX

/* The process `index` of the list has ended; called once for each. */
typedef void proc_gone(size_t index, void *user);

struct proc_wait_request {
	const struct proc_refs *refs;
	size_t wanted;      /* ends to wait for; at most as many as there are references */
	int64_t timeout_ns; /* PROC_WAIT_FOREVER; 0 only looks */
	proc_gone *gone;    /* may be NULL */
	void *user;
};

/*
 * 0: as many as wanted have ended; -ETIMEDOUT; -EINTR: sig_stopped(), or -errno. References that
 * had ended before count.
 */
MUST_USE int proc_wait(struct proc_reader *r, const struct proc_wait_request *request);

/*
 * The wait status of a process that has ended, -ENODATA when the kernel does not tell. It is
 * told when the parent has collected it; until then this waits, at most `patience_ns`.
 */
MUST_USE int proc_wait_status(const struct proc_ref *ref, int64_t patience_ns, int *ret_status);
