/* SPDX-License-Identifier: MIT */
/*
 * Two directory trees, a source and a target, walked together: in each directory the names of
 * both are merged, in bytewise order, and the caller decides which directories are entered.
 * Directories are looked at by several threads; one of them is one thread's, from `enter` through
 * all its entries. `leave` comes after that of every directory below, on any thread. With one
 * thread the order is always the same: a directory's entries, then its directories, by name.
 *
 * Everything is reached by single names in held directories (held_dir.h), links are never followed.
 * Memory grows with the directories that wait, and the names of those being looked at.
 */
#pragma once

#include "base/pool.h"
#include "base/strbuf.h"
#include "fs/filter.h"
#include "fs/held_dir.h"

struct tree_pair;

struct tree_pair_dir {
	struct pool_job job;
	struct tree_pair *pair;
	struct tree_pair_dir *parent; /* NULL: the roots */
	struct held_dir *from;        /* in the source */
	struct held_dir *to;       /* in the target; may be missing there until `enter` made it */
	struct filter_dir *filter; /* owned; NULL without a filter */
	_Atomic unsigned pending;  /* it itself, and directories below that are not left yet */
	_Atomic unsigned marks;    /* the caller's */
	bool has_to;               /* there is such a directory in the target */
	bool from_failed;          /* the source could not be opened, or read to its end */
	bool from_gone;            /* because it is not there any more */
	bool to_failed;
	bool to_is_empty;   /* set by `enter`: it was just made, and need not be read */
	unsigned worker;    /* the thread that looked at it */
	int from_fd, to_fd; /* from `enter` to the last `entry`; -1: not open */
};

enum { TREE_ABSENT = 0xff };

struct tree_pair_entry {
	const char *name;
	size_t len;
	unsigned char from_type; /* DT_REG and so on, or TREE_ABSENT */
	unsigned char to_type;
	bool excluded; /* by a name rule of the filter, whichever side it is on */
};

enum tree_side { TREE_FROM, TREE_TO };

/* All may be called from several threads at once. */
struct tree_pair_hooks {
	/*
	 * Both are open as far as they are there. May make the target's. False: nothing in it is
	 * looked at; `leave` comes all the same. *from_st is that of the source.
	 */
	bool (*enter)(struct tree_pair_dir *dir, const struct stat *from_st, unsigned worker,
	              void *user);
	/* True: it is a directory in the source, and to be entered. */
	bool (*entry)(struct tree_pair_dir *dir, const struct tree_pair_entry *entry,
	              unsigned worker, void *user);
	/* May be NULL. */
	void (*leave)(struct tree_pair_dir *dir, unsigned worker, void *user);
	/* What the directory lacks is marked in it already. */
	void (*trouble)(struct tree_pair_dir *dir, enum tree_side side, const char *verb, int err,
	                void *user);
	bool (*stopped)(void *user);
	void *user;
};

struct tree_pair_opts {
	struct held_dir *from, *to;  /* roots; `to` may be NULL: nothing is there */
	const struct filter *filter; /* may be NULL */
	unsigned threads;
	struct tree_pair_hooks hooks;
};

void tree_pair_walk(const struct tree_pair_opts *opts);

/* From within `enter`: the target's directory exists now. 0 or -errno. */
MUST_USE int tree_pair_open_to(struct tree_pair_dir *dir);
/* The path below the roots of `name` (may be NULL) in `dir`: "a/b"; of the roots "". */
void tree_pair_add_path(const struct tree_pair_dir *dir, const char *name, struct strbuf *ret);
