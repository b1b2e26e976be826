/* SPDX-License-Identifier: MIT */
/* All processes, or those of a list, and which of them match. */
#include "pgrep.h"

#include <errno.h>

/* -n and -o leave one; of those of one clock tick the pid decides. */
static bool is_better(const struct pgrep *p, const struct match *new, const struct match *old)
{
	pid_t a = new->tid != 0 ? new->tid : new->pid;
	pid_t b = old->tid != 0 ? old->tid : old->pid;

	if (new->start_ticks != old->start_ticks)
		return (new->start_ticks > old->start_ticks) == p->opts->newest;
	return (a > b) == p->opts->newest;
}

static void consider(struct pgrep *p, pid_t pid, pid_t tid)
{
	struct candidate *c = &p->candidate;
	struct match match = { .pid = pid, .tid = tid };

	candidate_begin(c, pid, tid);
	if (!pgrep_fits(p, c))
		return;
	if (!p->opts->newest && !p->opts->oldest) {
		vec_push(&p->matches, match);
		return;
	}
	match.start_ticks = c->stat.start_ticks;
	if (p->matches.len == 0)
		vec_push(&p->matches, match);
	else if (is_better(p, &match, &p->matches.items[0]))
		p->matches.items[0] = match;
}

static void consider_threads(struct pgrep *p, pid_t pid)
{
	if (proc_list_threads(&p->reader, pid, &p->tids) < 0)
		return;
	for (size_t i = 0; i < p->tids.len; i++)
		consider(p, pid, p->tids.items[i]);
}

static int compare(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a;
	pid_t y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* The processes to look at: ascending, each once. */
static int list(struct pgrep *p)
{
	const struct id_list *wanted = &p->want.pids;
	size_t len = 0;

	if (!wanted->given)
		return proc_list(&p->reader, &p->pids);
	vec_clear(&p->pids);
	for (size_t i = 0; i < wanted->len; i++)
		vec_push(&p->pids, (pid_t)wanted->items[i]);
	if (p->pids.len > 0)
		qsort(p->pids.items, p->pids.len, sizeof(p->pids.items[0]), compare);
	for (size_t i = 0; i < p->pids.len; i++) {
		if (i == 0 || p->pids.items[i] != p->pids.items[i - 1])
			p->pids.items[len++] = p->pids.items[i];
	}
	p->pids.len = len;
	return 0;
}

int pgrep_find(struct pgrep *p)
{
	int r = list(p);

	if (r < 0)
		return diag_fail(p->ctx->diag, -r, "read", "/proc");
	vec_clear(&p->matches);
	for (size_t i = 0; i < p->pids.len; i++) {
		pid_t pid = p->pids.items[i];

		if (pid == p->self || pid == 0 ||
		    (p->opts->ignore_ancestors && pgrep_is_ancestor(p, pid)))
			continue;
		if (p->opts->threads)
			consider_threads(p, pid);
		else
			consider(p, pid, 0);
	}
	return 0;
}

/* Do the ids that -F and -p gave refer to the one that is held? */
static bool is_recorded(const struct pgrep *p, const struct proc_ref *ref)
{
	for (size_t i = 0; i < p->want.ids.len; i++) {
		const struct proc_id *id = &p->want.ids.items[i];

		if (id->pid == ref->pid && id->inode != 0 && id->inode != ref->inode)
			return false;
	}
	return true;
}

/* The table of parents is from before the process was held. */
static bool still_descends(struct pgrep *p, pid_t pid)
{
	if (p->want.descendants_of == 0 || p->opts->inverse)
		return true;
	if (process_ancestors(&p->reader, pid, &p->tids) < 0)
		return false;
	for (size_t i = 1; i < p->tids.len; i++) {
		if (p->tids.items[i] == p->want.descendants_of)
			return true;
	}
	return false;
}

int pgrep_hold(struct pgrep *p, const struct match *match, struct proc_ref *ret)
{
	struct candidate *c = &p->candidate;
	struct proc_ref ref;

	if (proc_ref_open(&p->reader, match->pid, &ref) < 0)
		return -ESRCH;
	candidate_begin(c, match->pid, 0);
	if (!pgrep_fits(p, c) || !is_recorded(p, &ref) || !still_descends(p, match->pid)) {
		proc_ref_close(&ref);
		return -ESRCH;
	}
	*ret = ref;
	return 0;
}
