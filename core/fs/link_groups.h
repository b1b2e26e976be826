/* SPDX-License-Identifier: MIT */
/*
 * Names of the same file, in a tree that is copied: the first that is met leads, is copied like
 * any other file, and the others become links to its copy in the end. Memory: the paths of files
 * with several names. Functions that take a lock say so; the others are for one thread.
 */
#pragma once

#include "base/strv.h"

#include <sys/stat.h>

struct link_group {
	char *leader; /* its path below the root */
	/* Its copy in the target, as far as it is known to be one; 0: there is none (yet). */
	uint64_t to_ino, to_dev;
	struct {
		VEC_FIELDS(char *);
	} members;
	bool dirty;  /* some member is no link to the leader's copy, or that is made anew */
	bool remade; /* the leader is */
	bool failed; /* the leader could not be copied */
	bool late;   /* some name only replaces a directory in the last pass */
};

enum link_role { LINK_LEADER, LINK_MEMBER };

struct link_groups;

struct link_groups *link_groups_new(void);
struct link_groups *link_groups_free(struct link_groups *g);
DEFINE_AUTO_FREE(link_groups)

/*
 * A file with several names was met at `path`; `to_st` is what the target has there, or NULL.
 * `again`: this path was met before. Locked.
 */
enum link_role link_groups_meet(struct link_groups *g, const struct stat *st, const char *path,
                                const struct stat *to_st, bool again);
/* If `path` leads: its copy will be another inode than before. Locked. */
void link_groups_mark(struct link_groups *g, const struct stat *st, const char *path);
/* If `path` leads: its copy is `to_st` now; NULL: it could not be made. Locked. */
void link_groups_made(struct link_groups *g, const struct stat *st, const char *path,
                      const struct stat *to_st);
/* Some name of this file replaces a directory in the last pass. Locked. */
void link_groups_mark_late(struct link_groups *g, const struct stat *st);
/*
 * Two different files must not become one: is the target's inode, which has several names, the
 * counterpart of another file already? If not, it is this one's from now on. Locked.
 */
bool link_groups_is_taken(struct link_groups *g, const struct stat *st, const struct stat *to_st);

size_t link_groups_len(const struct link_groups *g);
struct link_group *link_groups_at(struct link_groups *g, size_t n);
