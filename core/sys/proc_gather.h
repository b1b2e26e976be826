/* SPDX-License-Identifier: MIT */
/*
 * The tree below processes that are strangers: nobody here is their parent or subreaper, so that
 * only who still has a living parent in the tree is found.
 */
#pragma once

#include "sys/proc_ref.h"

/*
 * Adds all descendants to `refs`. With `stop`, each process, those that are there already too,
 * is stopped before its children are looked for, so that none is missed; the caller resumes them,
 * also on failure. `self`, the caller, is neither stopped nor added. Processes that may not be
 * signalled are added all the same; who has ended is not. 0; -EAGAIN: they multiply faster than
 * they are stopped; or -errno.
 */
MUST_USE int proc_gather_tree(struct proc_reader *r, pid_t self, bool stop, struct proc_refs *refs);
