/* SPDX-License-Identifier: MIT */
/* What the files of the filter share. */
#pragma once

#include "fs/filter.h"
#include "fs/gitignore.h"
#include "fs/ignore_rules.h"

#include <stdatomic.h>

/* One option of the command line. */
struct filter_source {
	enum filter_tag tag;
	bool gnu;         /* the rules' globs are compared as GNU du does */
	const char *text; /* the pattern or the file, borrowed from the options */
	struct ignore_rules rules;
};

struct filter_sources {
	VEC_FIELDS(struct filter_source);
};

struct filter {
	struct filter_opts opts; /* `rules` is not used any more */
	struct filter_sources sources;
	bool compares_paths; /* somewhere, not only base names */
	bool compares_types; /* whether it is a directory matters */
	bool has_gnu;
	atomic_uint_fast64_t *unusable; /* owned; counts while the filter is constant */
};

/* A directory on the way to an entry: its name and what it adds to the rules. */
struct filter_dir {
	atomic_uint users;
	struct filter_dir *parent;         /* NULL: a root */
	struct gitignore *ignore;          /* NULL: none here */
	struct filter_outer *outer;        /* the root's, which owns it; or NULL */
	const struct filter_dir *ignoring; /* the nearest with one: this, or above; or NULL */
	size_t printed_len;                /* of the path as printed */
	size_t below_len;                  /* the same, and the slash that follows it */
	size_t root_len;                   /* how much of that is the root's */
	size_t name_len;
	char name[];
};

enum filter_reason { FILTER_BY_NOTHING, FILTER_BY_SOURCE, FILTER_BY_IGNORE_FILE, FILTER_BY_TYPE };

/* A directory above a root whose ignore files count, and then those further out. */
struct filter_outer {
	struct filter_outer *next;
	struct gitignore *ignore;
	char *dir;   /* its path */
	char *below; /* from there to the root, with a slash at the end */
	size_t below_len;
};

/* What was decided, and by what. */
struct filter_verdict {
	bool included;
	enum filter_reason reason;
	const struct filter_source *source; /* FILTER_BY_SOURCE */
	const struct filter_dir *dir;       /* FILTER_BY_IGNORE_FILE: where the file is */
	const struct filter_outer *outer;   /* or, with NULL there, where it is */
	const struct ignore_rule *rule;     /* both */
};

/*
 * An entry that is asked about. `dir` is NULL for a root, and when the filter does not
 * follow directories; `dirfd` may be -1.
 */
struct filter_entry {
	const struct filter_dir *dir;
	bool is_root;
	const char *name;
	size_t name_len;
	unsigned char type;
	int dirfd;
};

struct filter_verdict filter_decide(const struct filter *f, const struct filter_entry *entry);
/* Of a root that is open as `fd`; adds to *ret_unusable as gitignore_read() does. */
struct filter_outer *filter_outer_read(int fd, unsigned *ret_unusable);
struct filter_outer *filter_outer_free(struct filter_outer *o);
/* The rule that decides on something below the root; NULL when none does. */
const struct ignore_rule *filter_outer_find(const struct filter_outer *o,
                                            const struct ignore_subject *below_root,
                                            const struct filter_outer **ret_where);
/* The reason for leaving a directory unread: the option's name, or NULL. */
const char *filter_unread_because(const struct filter *f, int fd, const char **ret_file);
/* Directories have to be looked into, or their names remembered. */
bool filter_follows_directories(const struct filter *f);
/* Writes the path of `dir` as it is printed, `printed_len` bytes. */
void filter_dir_path(const struct filter_dir *dir, char *ret);
/* "--exclude" for FILTER_EXCLUDE. */
const char *filter_tag_name(enum filter_tag tag);
