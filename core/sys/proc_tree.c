/* SPDX-License-Identifier: MIT */
#include "sys/proc_tree.h"

#include <errno.h>
#include <signal.h>

enum { PASSES_MAX = 200 }; /* a fork bomb without a limit never stands still */

int proc_parents_load(struct proc_reader *r, struct proc_parents *ret)
{
	struct pid_list pids = { 0 };
	struct proc_stat stat;
	int result = proc_list(r, &pids);

	vec_clear(ret);
	for (size_t i = 0; result == 0 && i < pids.len; i++) {
		if (proc_read_stat(r, pids.items[i], 0, &stat) == 0)
			vec_push(ret, (struct proc_family){ pids.items[i], stat.parent });
	}
	vec_release(&pids);
	return result;
}

static int compare_family(const void *a, const void *b)
{
	const struct proc_family *x = a;
	const struct proc_family *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

pid_t proc_parents_of(const struct proc_parents *parents, pid_t pid)
{
	struct proc_family wanted = { .pid = pid };
	const struct proc_family *found =
		parents->len == 0 ? NULL
				  : bsearch(&wanted, parents->items, parents->len,
	                                    sizeof(parents->items[0]), compare_family);

	return found != NULL ? found->parent : 0;
}

bool proc_parents_descends(const struct proc_parents *parents, pid_t pid, pid_t ancestor)
{
	/* The table was not read at one moment, so it may hold circles. */
	for (size_t steps = 0; steps <= parents->len; steps++) {
		pid = proc_parents_of(parents, pid);
		if (pid == ancestor)
			return true;
		if (pid == 0)
			return false;
	}
	return false;
}

static bool has_pid(const struct pid_list *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->len; i++) {
		if (pids->items[i] == pid)
			return true;
	}
	return false;
}

int proc_ancestors(struct proc_reader *r, pid_t pid, struct pid_list *ret)
{
	struct proc_stat stat;

	vec_clear(ret);
	while (pid != 0 && !has_pid(ret, pid)) {
		int result = proc_read_stat(r, pid, 0, &stat);

		/* The rest is out of sight (hidepid) or has just ended. */
		if (result < 0)
			return ret->len > 0 ? 0 : result;
		vec_push(ret, pid);
		pid = stat.parent;
	}
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a;
	pid_t y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* The pids of a tree in the making, ascending. */
static void list_members(const struct proc_refs *refs, struct pid_list *ret)
{
	vec_clear(ret);
	for (size_t i = 0; i < refs->len; i++)
		vec_push(ret, refs->items[i].pid);
	if (ret->len > 0)
		qsort(ret->items, ret->len, sizeof(ret->items[0]), compare_pids);
}

static bool is_member(const struct pid_list *members, pid_t pid)
{
	return members->len > 0 && bsearch(&pid, members->items, members->len,
	                                   sizeof(members->items[0]), compare_pids) != NULL;
}

/* Adds the process, if it still is the child of a member now that it is held. */
static bool add_child(struct proc_reader *r, pid_t pid, const struct pid_list *members, bool stop,
                      struct proc_refs *refs)
{
	struct proc_ref ref;
	struct proc_stat stat;

	if (proc_ref_open(r, pid, &ref) < 0)
		return false;
	if (proc_read_stat(r, pid, 0, &stat) < 0 || !is_member(members, stat.parent) ||
	    proc_stat_is_dead(&stat)) {
		proc_ref_close(&ref);
		return false;
	}
	if (stop)
		ignore(proc_ref_signal(r, &ref, SIGSTOP));
	vec_push(refs, ref);
	return true;
}

int proc_tree_gather(struct proc_reader *r, bool stop, struct proc_refs *refs)
{
	struct proc_parents parents = { 0 };
	struct pid_list members = { 0 };
	bool has_grown = true;
	int result = 0;

	for (size_t i = 0; stop && i < refs->len; i++)
		ignore(proc_ref_signal(r, &refs->items[i], SIGSTOP));
	for (int pass = 0; has_grown && result == 0; pass++) {
		has_grown = false;
		list_members(refs, &members);
		result = pass < PASSES_MAX ? proc_parents_load(r, &parents) : -EAGAIN;
		for (size_t i = 0; result == 0 && i < parents.len; i++) {
			const struct proc_family *p = &parents.items[i];

			if (is_member(&members, p->parent) && !is_member(&members, p->pid) &&
			    add_child(r, p->pid, &members, stop, refs))
				has_grown = true;
		}
	}
	vec_release(&parents);
	vec_release(&members);
	return result;
}
