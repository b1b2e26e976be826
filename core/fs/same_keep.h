/* SPDX-License-Identifier: MIT */
/*
 * Which member of a group of equal files stays, and in which order groups and members are
 * told. A choice is one of an inode: all its names in the group stay.
 */
#pragma once

#include "fs/glob.h"
#include "fs/same.h"

enum same_flags {
	SAME_KEEP = 1 << 0,
	SAME_REF = 1 << 1,  /* below a reference directory */
	SAME_LINK = 1 << 2, /* another name of the inode of a member before it */
	SAME_LEFTOVER =
		1 << 3, /* a temporary name of an interrupted action, and not the only name */
};

enum same_keep {
	SAME_KEEP_FIRST, /* operand, then oldest, then path */
	SAME_KEEP_OLDEST,
	SAME_KEEP_NEWEST,
	SAME_KEEP_SHORTEST_PATH,
	SAME_KEEP_LONGEST_PATH,
	SAME_KEEP_SHALLOWEST,
	SAME_KEEP_DEEPEST,
	SAME_KEEP_MOST_LINKS,
	SAME_KEEP_PATTERN, /* a path that matches `pattern` */
};

enum same_sort { SAME_SORT_PATH, SAME_SORT_SIZE, SAME_SORT_WASTE, SAME_SORT_COUNT, SAME_SORT_NONE };

struct same_keep_opts {
	enum same_keep keep;
	const struct glob *pattern;
	uint32_t first_ref; /* operands from this one on are reference directories */
	bool ref_only;      /* groups without a member below one are dropped */
	bool isolate;       /* files below one operand are no duplicates of each other */
	enum same_sort sort;
	bool reverse;
};

/*
 * Takes names out that lead to the same directory entry, sets enum same_flags in the members,
 * puts those that stay first and the rest in order, drops what is no group any more, and sorts
 * the groups. Dropped groups leave members behind that none refers to.
 */
void same_arrange(const struct file_list *list, struct same_result *result,
                  const struct same_keep_opts *opts);

/* The last part of it alone: sorts the groups. */
void same_sort(const struct file_list *list, struct same_result *result,
               const struct same_keep_opts *opts);
/*
 * For a group that comes from elsewhere, in the order it has: sets SAME_LINK in the further names
 * of an inode, what same_reclaim() goes by, and group->inodes.
 */
void same_tell_links(const struct file_list *list, struct same_result *result,
                     struct same_group *group);

/* Bytes that are freed when only what stays is left: of inodes all of whose names are in the group.
 */
uint64_t same_reclaim(const struct file_list *list, const struct same_result *result,
                      const struct same_group *group);

/* Does the name look like what an interrupted action leaves: ".NAME.dupes.<16 digits>~"? */
bool same_is_leftover(const char *name);
