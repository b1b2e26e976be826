/* SPDX-License-Identifier: MIT */
/*
 * Who descends from whom. A process whose parent has ended belongs to somebody else at once
 * (init, or a subreaper), and is then not found from its former ancestors.
 */
#pragma once

#include "sys/proc_ref.h"

struct proc_family {
	pid_t pid;
	pid_t parent;
};

/* Ascending by pid. */
struct proc_parents {
	VEC_FIELDS(struct proc_family);
};

/* Reads the stat of every process. 0 or -errno; processes that vanish meanwhile are left out. */
MUST_USE int proc_parents_load(struct proc_reader *r, struct proc_parents *ret);
/* The parent, 0 when it is not known. */
pid_t proc_parents_of(const struct proc_parents *parents, pid_t pid);
/* Is `pid` a child, grandchild, ... of `ancestor`? */
bool proc_parents_descends(const struct proc_parents *parents, pid_t pid, pid_t ancestor);

/* The process `pid`, its parent, and so on, as far as procfs shows them; read one by one. */
MUST_USE int proc_ancestors(struct proc_reader *r, pid_t pid, struct pid_list *ret);

/*
 * Adds all descendants to `refs`. With `stop`, each process, those that are there already too,
 * is stopped before its children are looked for, so that none is missed; the caller resumes them,
 * also on failure. Processes that may not be signalled are added all the same. 0; -EAGAIN: they
 * multiply faster than they are stopped; or -errno.
 */
MUST_USE int proc_tree_gather(struct proc_reader *r, bool stop, struct proc_refs *refs);
