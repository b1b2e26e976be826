/* SPDX-License-Identifier: MIT */
/*
 * A command with everything that comes from it, wherever those processes went: own groups,
 * own sessions, parents that have ended. This process becomes their subreaper and, where it may,
 * puts them into a control group too. It must have no other children; its caller collects the
 * ends of all children, and nobody is left when there are none (waitpid() says ECHILD).
 *
 * Out of reach are processes that another daemon starts on behalf of the command, and those
 * of another user, which are counted as denied.
 */
#pragma once

#include "sys/cgroup.h"
#include "sys/process_scan.h"

enum tree_reach {
	TREE_AUTO,        /* a control group when there can be one, descendants in any case */
	TREE_CGROUP,      /* the same, but refused without a control group */
	TREE_DESCENDANTS, /* by subreaper and procfs */
	TREE_SESSION,     /* the leader's session; the leader has made one */
	TREE_GROUP,       /* the leader's process group; the leader has made one */
	TREE_LEADER,      /* the command alone */
};

struct process_tree {
	enum tree_reach reach; /* what it came to: never TREE_AUTO */
	pid_t leader;          /* set by the caller after the start; 0: none so far */
	int proc;
	struct cgroup cgroup;
};

struct tree_count {
	unsigned reached;
	unsigned denied;
};

/* 0, or -errno: no procfs, no control group. */
MUST_USE int process_tree_begin(enum tree_reach wanted, struct process_tree *ret);
/* Releases what begin took; what still runs is let go. */
void process_tree_end(struct process_tree *tree);

/* The control group of a process that was killed before process_tree_end(), when it is empty. */
void process_tree_clean_up(pid_t owner);

/* Does nobody being left show by waitpid() saying ECHILD? Else by process_tree_list(). */
bool process_tree_holds_orphans(const struct process_tree *tree);
/* Replaces `ret` with those that run now. 0 or -errno. */
MUST_USE int process_tree_list(const struct process_tree *tree, struct process_refs *ret);
/* Sends the signal to each of them once, and CONT behind it, so that a stopped one hears it. */
struct tree_count process_tree_signal(const struct process_tree *tree, int signo);
/* One round of KILL: more may be born meanwhile, so it is repeated until nobody is left. */
struct tree_count process_tree_kill(const struct process_tree *tree);
