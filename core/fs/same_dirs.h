/* SPDX-License-Identifier: MIT */
/*
 * Finds equal directories: whole trees with the same names, of the same types, with the same
 * contents; symbolic links are equal by their targets, devices by their numbers. Permissions,
 * owners and times do not count. A directory that could not be listed whole, or with anything
 * below it that could not be read or changed meanwhile, is equal to none.
 *
 * What lies in a copy is not told again: of equal directories only those are in groups that are
 * not below one that some group takes for a copy. So two equal trees are one group, whatever is
 * twice inside them.
 *
 * It is done in two steps: names, types and sizes bottom up, hashed with BLAKE2b, tell which
 * directories may be equal at all; only the files of those are searched (same.h), and then the
 * same is done with what the search found. Memory: that of the list, and about 100 bytes a
 * directory.
 */
#pragma once

#include "fs/file_scan.h"
#include "fs/same_keep.h"

struct same_dirs;

struct same_dirs *same_dirs_new(void);
struct same_dirs *same_dirs_free(struct same_dirs *d);
DEFINE_AUTO_FREE(same_dirs)

/* Collects; the `other` of a scan, with the struct same_dirs as its user. */
void same_dirs_met(const struct file_scan_other *other, struct same_dirs *d);

struct same_dirs_opts {
	const struct same_opts *search;    /* by, count_links and skip are not looked at */
	const struct same_keep_opts *keep; /* same_arrange() is called with it for each group */
	/* Bytes of all files below: only such directories are told. */
	uint64_t min_size;
	uint64_t max_size;
};

/*
 * After the scan of `list`, without a filter for sizes. Members of the groups are directories,
 * which are added to the list as if they were files: their size is that of the files below,
 * member.disk what all below takes, each inode counted once. Groups are arranged; `ret` is
 * to be released.
 */
void same_dirs_find(struct same_dirs *d, struct file_list *list, const struct same_dirs_opts *opts,
                    struct same_result *ret);
