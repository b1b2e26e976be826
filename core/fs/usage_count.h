/* SPDX-License-Identifier: MIT */
/* Private to usage*.c: which entries count, and what is known about one. */
#pragma once

#include "fs/inode_set.h"
#include "fs/usage.h"

/* What has been counted in this run; safe on several threads when made `shared`. */
enum { USAGE_TICK = 256 }; /* entries between two calls of sink->tick */

struct usage_count {
	const struct usage_opts *opts;
	const struct filter *filter; /* NULL when it asks nothing of stat */
	struct inode_set *seen;      /* NULL: every name counts */
	struct inode_set *named; /* roots that are no directories; NULL: none can be met again */
	bool dirs;               /* directories can be met twice */
	bool files;              /* files with one name can be met twice */
};

void usage_count_init(struct usage_count *count, const struct usage_opts *opts, char *const *roots);
void usage_count_release(struct usage_count *count);

/*
 * What becomes of an entry: false, it is as if it did not exist; else `counted` and
 * `passed_over` are set.
 */
bool usage_count_entry(const struct usage_count *count, const struct stat *st,
                       struct usage_entry *entry);

/* Fills what stat knows; name and place are the caller's. */
void usage_entry_set_stat(struct usage_entry *entry, const struct stat *st,
                          const struct usage_opts *opts);

/* usage_roots.c: usage_scan() for `roots_only`. */
int usage_scan_roots(char *const *roots, const struct usage_opts *opts,
                     const struct usage_sink *sink, struct usage_result *ret);
