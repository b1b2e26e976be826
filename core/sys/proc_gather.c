/* SPDX-License-Identifier: MIT */
#include "sys/proc_gather.h"

#include "sys/process_scan.h"

#include <errno.h>
#include <signal.h>

enum { PASSES_MAX = 200 }; /* a fork bomb without a limit never stands still */

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

int proc_gather_tree(struct proc_reader *r, pid_t self, bool stop, struct proc_refs *refs)
{
	struct process_refs scan = { 0 };
	struct pid_list members = { 0 };
	bool has_grown = true;
	int result = 0;

	for (size_t i = 0; stop && i < refs->len; i++)
		ignore(proc_ref_signal(r, &refs->items[i], SIGSTOP));
	for (int pass = 0; has_grown && result == 0; pass++) {
		has_grown = false;
		list_members(refs, &members);
		result = pass < PASSES_MAX ? process_scan(r->proc, &scan) : -EAGAIN;
		for (size_t i = 0; result == 0 && i < scan.len; i++) {
			const struct process_ref *p = &scan.items[i];

			if (p->pid != self && is_member(&members, p->parent) &&
			    !is_member(&members, p->pid) &&
			    add_child(r, p->pid, &members, stop, refs))
				has_grown = true;
		}
	}
	vec_release(&scan);
	vec_release(&members);
	return result;
}
