/* SPDX-License-Identifier: MIT */
/*
 * Removes an entry of a directory with all that is below it, or only counts it: by single names in
 * held directories, never through a link, never beyond a mount point. What a filter excludes
 * stays, and so do the directories that hold it.
 */
#pragma once

#include "base/strbuf.h"
#include "fs/filter.h"
#include "fs/held_dir.h"

struct tree_remove {
	bool dry;                    /* only count, and tell */
	const struct filter *filter; /* may be NULL */
	/* All may be NULL. Paths begin with what the caller gave. */
	void (*item)(const char *path, unsigned char type, void *user);
	void (*trouble)(const char *path, const char *verb, int err, void *user);
	bool (*stopped)(void *user);
	void *user;
};

struct tree_victim {
	struct held_dir *dir; /* it is in there */
	struct filter_dir *filter;
	const char *name;
	size_t len;
	unsigned char type;
	struct strbuf *path; /* of the entry, for the callbacks; the same in the end */
};

struct tree_removed {
	uint64_t removed; /* entries; with `dry` those that would be */
	uint64_t kept;    /* by the filter */
	uint64_t failed;
};

/* Adds to *ret. */
void tree_remove(const struct tree_remove *how, const struct tree_victim *victim,
                 struct tree_removed *ret);
