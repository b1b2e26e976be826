/* SPDX-License-Identifier: MIT */
#include "sys/process_scan.h"

#include "sys/proc_ref.h"

#include <errno.h>

static struct process_ref place_of(const struct proc_stat *stat)
{
	return (struct process_ref){ .pid = stat->pid,
		                     .parent = stat->parent,
		                     .group = stat->group,
		                     .session = stat->session,
		                     .start = stat->start_ticks,
		                     .state = stat->state };
}

int process_look(int proc, pid_t pid, struct process_ref *ret)
{
	struct proc_reader reader;
	struct proc_stat stat;
	int r;

	proc_reader_init(&reader, proc);
	r = proc_read_stat(&reader, pid, 0, &stat);
	proc_reader_release(&reader);
	if (r == 0)
		*ret = place_of(&stat);
	return r;
}

int process_scan(int proc, struct process_refs *ret)
{
	struct proc_reader reader;
	struct pid_list pids = { 0 };
	struct proc_stat stat;
	int r;

	proc_reader_init(&reader, proc);
	r = proc_list(&reader, &pids);
	vec_clear(ret);
	for (size_t i = 0; r == 0 && i < pids.len; i++) {
		if (proc_read_stat(&reader, pids.items[i], 0, &stat) < 0)
			continue;
		stat.pid = pids.items[i];
		vec_push(ret, place_of(&stat));
	}
	vec_release(&pids);
	proc_reader_release(&reader);
	return r;
}

static bool has_pid(const struct process_refs *refs, size_t len, pid_t pid)
{
	for (size_t i = 0; i < len; i++) {
		if (refs->items[i].pid == pid)
			return true;
	}
	return false;
}

void process_keep_descendants(struct process_refs *refs, pid_t ancestor)
{
	size_t kept = 0;
	bool found = true;

	/* Those that are kept stand in front; each round finds children of them. */
	while (found) {
		found = false;
		for (size_t i = kept; i < refs->len; i++) {
			struct process_ref ref = refs->items[i];

			if (ref.parent != ancestor && !has_pid(refs, kept, ref.parent))
				continue;
			refs->items[i] = refs->items[kept];
			refs->items[kept++] = ref;
			found = true;
		}
	}
	refs->len = 0;
	for (size_t i = 0; i < kept; i++) {
		if (!proc_state_is_dead(refs->items[i].state))
			refs->items[refs->len++] = refs->items[i];
	}
}

static int compare_pids(const void *a, const void *b)
{
	const struct process_ref *x = a;
	const struct process_ref *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

const struct process_ref *process_find(const struct process_refs *scan, pid_t pid)
{
	struct process_ref wanted = { .pid = pid };

	if (scan->len == 0)
		return NULL;
	return bsearch(&wanted, scan->items, scan->len, sizeof(*scan->items), compare_pids);
}

bool process_descends(const struct process_refs *scan, pid_t pid, pid_t ancestor)
{
	/* The table was not read at one moment, so it may hold circles. */
	for (size_t steps = 0; steps <= scan->len; steps++) {
		const struct process_ref *ref = process_find(scan, pid);

		if (ref == NULL || ref->parent == 0)
			return false;
		pid = ref->parent;
		if (pid == ancestor)
			return true;
	}
	return false;
}

int process_ancestors(struct proc_reader *r, pid_t pid, struct pid_list *ret)
{
	struct proc_stat stat;

	vec_clear(ret);
	while (pid != 0 && !pid_list_has(ret, pid)) {
		int result = proc_read_stat(r, pid, 0, &stat);

		/* The rest is out of sight (hidepid) or has just ended. */
		if (result < 0)
			return ret->len > 0 ? 0 : result;
		vec_push(ret, pid);
		pid = stat.parent;
	}
	return 0;
}

int process_signal(int proc, const struct process_ref *ref, int signo)
{
	struct proc_reader reader;
	struct proc_ref held;
	struct proc_stat now;
	int r;

	proc_reader_init(&reader, proc);
	r = proc_ref_open(&reader, ref->pid, &held);
	/* Held by a descriptor, the number can no more change hands: now it is worth looking. */
	if (r == 0) {
		r = proc_read_stat(&reader, ref->pid, 0, &now);
		if (r == 0 && now.start_ticks != ref->start)
			r = -ESRCH;
		if (r == 0)
			r = proc_ref_signal(&reader, &held, signo);
		proc_ref_close(&held);
	}
	proc_reader_release(&reader);
	return r;
}
