/* SPDX-License-Identifier: MIT */
/* What the files of the search for equal directories share; see same_dirs.h. */
#pragma once

#include "fs/same_dirs.h"

#include <pthread.h>

enum { SAME_DIRS_DIGEST = 32 }; /* bytes of BLAKE2b */

#define SAME_DIRS_NONE UINT32_MAX

/* A directory. `Index` is its place in same_dirs.dirs. */
struct same_dir {
	uint32_t number; /* in the list */
	uint32_t up;     /* the number, later the index, of the one it is in; or NONE */
	uint32_t root;
	uint32_t name;  /* offset in same_dirs.names */
	uint32_t first; /* its children: same_dirs.children[first .. first + len) */
	uint32_t len;
	uint32_t height; /* 0: no directories in it */
	uint32_t depth;
	uint64_t bytes; /* of all files below */
	struct stat st;
	bool failed; /* equal to none */
	bool wanted; /* its files are searched */
	bool copy;   /* of a group, and not what stays */
	unsigned char digest[SAME_DIRS_DIGEST];
};

/* What is neither a directory nor a regular file. */
struct same_other {
	uint32_t up; /* as above */
	uint32_t name;
	uint32_t payload; /* offset in names: type and target, or type and number */
	uint32_t payload_len;
};

enum same_child_kind { SAME_CHILD_FILE, SAME_CHILD_DIR, SAME_CHILD_OTHER };

struct same_child {
	uint32_t ref; /* a file's number, an index of dirs or others */
	enum same_child_kind kind;
};

struct same_dirs {
	pthread_mutex_t lock; /* while it collects */
	struct {
		VEC_FIELDS(struct same_dir);
	} dirs;
	struct {
		VEC_FIELDS(struct same_other);
	} others;
	struct strbuf names;
	struct {
		VEC_FIELDS(uint32_t);
	} unread; /* numbers of directories that are known in part */

	/* From here on for the search. */
	struct file_list *list;
	uint32_t *index; /* by a directory's number */
	size_t index_len;
	struct same_child *children;
	size_t children_len;
	uint32_t *order;          /* indices, deepest first */
	struct same_result files; /* what the search found */
	uint32_t *group_of;       /* by a file's number: 0, or its group in `files` and one */
	uint32_t *member_of;      /* by a file's number, when it has a group */
	size_t files_end;
};

/* same_dirs.c: the tree of what was collected. */
void same_dirs_build(struct same_dirs *d, struct file_list *list);
/* The index of the directory with this number, or NONE. */
uint32_t same_dirs_index(const struct same_dirs *d, uint32_t number);
const char *same_dirs_child_name(const struct same_dirs *d, const struct same_child *c);

/* same_dirs_tell.c: groups, from the top, after all digests are made. */
void same_dirs_tell(struct same_dirs *d, const struct same_dirs_opts *opts,
                    struct same_result *ret);
/* By digest; those that failed behind all others. For indices. */
int same_dirs_compare(const void *a, const void *b, void *dirs);
bool same_dirs_equal(const struct same_dirs *d, uint32_t a, uint32_t b);
