/* SPDX-License-Identifier: MIT */
/* Private to usage*.c: which entries count, and what is known about one. */
#pragma once

#include "fs/inode_set.h"
#include "fs/usage.h"

/* What has been counted in this run; safe on several threads when made `shared`. */
struct usage_count {
	const struct usage_opts *opts;
	struct inode_set *seen;  /* NULL: every name counts */
	struct inode_set *named; /* roots that are no directories; NULL: none can be met again */
	bool dirs;               /* directories can be met twice */
	bool files;              /* files with one name can be met twice */
};

void usage_count_init(struct usage_count *count, const struct usage_opts *opts, char *const *roots);
void usage_count_release(struct usage_count *count);
/* True when the inode is met for the first time, or names count. */
bool usage_count_is_first(const struct usage_count *count, const struct stat *st);

/* Fills what stat knows; name, place and `counted` are the caller's. */
void usage_entry_set_stat(struct usage_entry *entry, const struct stat *st,
                          const struct usage_opts *opts);

/*
 * The root as fts (and so du) sees it: of several trailing slashes one remains,
 * and a root of slashes alone is "/". The caller frees the array and its strings.
 */
char **usage_roots_trimmed(char *const *roots);
void usage_roots_free(char **roots);

/* usage_roots.c: usage_scan() for `roots_only`; roots are trimmed already. */
int usage_scan_roots(char *const *roots, const struct usage_opts *opts,
                     const struct usage_sink *sink, struct usage_result *ret);

/* The words du uses for what the walker did. */
const char *usage_verb(const char *walk_verb);
