/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. remove.c holds the options; plan.c finds what the operands
 * are and asks the guards about all of them; act.c then removes them one by one, and tree.c one
 * tree, on several threads.
 */
#pragma once

#include "cli/applet.h"
#include "cli/filter_opts.h"
#include "cli/guards.h"
#include "cli/progress.h"
#include "cli/shared_opts.h"
#include "fs/final_name.h"
#include "fs/tree_remove.h"

#include <stdatomic.h>

enum { MAX_DEFAULT = 100000, MAX_NOT_GIVEN = -1 };

struct remove_opts {
	bool recursive, force, ignore_errors, trash, empty_dir, parents, one_file_system;
	bool dry_run, verbose;
	int64_t max; /* MAX_NOT_GIVEN */
	int64_t jobs;
	int progress;
	struct strv allow;
	struct filter_cli_opts filter;
	struct out_opts out;
};

struct victim {
	const char *path;     /* as it was given */
	struct final_name at; /* where it is */
	unsigned char type;
};

struct removal {
	struct ctx *ctx;
	const struct remove_opts *opts;
	unsigned allowed; /* guards */
	struct filter *filter;
	bool filters; /* it keeps something */
	struct progress *progress;
	struct {
		VEC_FIELDS(struct victim);
	} victims;
	atomic_uint_fast64_t removed, trashed, kept, failed;
};

/*
 * plan.c: looks at the operands, and asks the guards. 0: there is something to do, or nothing;
 * else the exit status, and nothing may be done.
 */
MUST_USE int plan(struct removal *r, char **operands);
void plan_release(struct removal *r);

/* act.c */
void act(struct removal *r);
/* Emits the record and line of an entry. From any thread. */
void tell(struct removal *r, const char *path, unsigned char type, const char *status);
/* Something could not be done, which is told unless nobody wants to know. From any thread. */
void trouble(struct removal *r, const char *path, const char *verb, int err);
extern const struct column_table remove_item_table;

/* tree.c: the directory `name` in `dirfd`, called v->path by the user. */
void remove_tree(struct removal *r, const struct victim *v, const char *name);
/* How many entries that would be, the directory included; no more than a few above `max`. */
uint64_t count_tree(struct removal *r, const struct victim *v, uint64_t max);
