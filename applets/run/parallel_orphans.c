/* SPDX-License-Identifier: MIT */
/*
 * Processes that became children of the coordinator because their worker ended. Those of a worker
 * that was told to end were left running on purpose; those of one that was killed are ended.
 */
#include "parallel.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/wait.h>

enum { PAUSE_NS = 2 * 1000 * 1000 };

static const int64_t kill_limit_ns = INT64_C(3000000000);

static bool is_left(const struct parallel *p, const struct process_ref *ref)
{
	for (size_t i = 0; i < p->left.len; i++) {
		if (p->left.items[i].pid == ref->pid && p->left.items[i].start == ref->start)
			return true;
	}
	return false;
}

/* Replaces `ret` with our children that are no workers and were not left on purpose. */
static int list_orphans(const struct parallel *p, struct process_refs *ret)
{
	size_t kept = 0;
	int r;

	vec_clear(ret);
	r = process_scan(p->r->tree.proc, ret);
	for (size_t i = 0; i < ret->len; i++) {
		const struct process_ref *ref = &ret->items[i];

		if (ref->parent == getpid() && ref->state != 'Z' &&
		    !slots_have_worker(p, ref->pid) && !is_left(p, ref))
			ret->items[kept++] = *ref;
	}
	ret->len = kept;
	return r;
}

void orphans_leave(struct parallel *p)
{
	struct process_refs refs = { 0 };

	if (list_orphans(p, &refs) == 0) {
		for (size_t i = 0; i < refs.len; i++)
			vec_push(&p->left, refs.items[i]);
	}
	vec_release(&refs);
}

/* Each that ends hands its own children over to us: again, until there are none. */
void orphans_kill(struct parallel *p)
{
	static const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int64_t until = clock_now() + kill_limit_ns;
	struct process_refs refs = { 0 };

	while (list_orphans(p, &refs) == 0 && refs.len > 0 && clock_now() < until) {
		for (size_t i = 0; i < refs.len; i++)
			ignore(process_signal(p->r->tree.proc, &refs.items[i], SIGKILL));
		(void)nanosleep(&pause, NULL);
	}
	vec_release(&refs);
}
