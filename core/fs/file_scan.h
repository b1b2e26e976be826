/* SPDX-License-Identifier: MIT */
/*
 * Walks operands into a list of regular files (file_list.h), on several threads. Symbolic links
 * to files are never in it, whatever is followed.
 */
#pragma once

#include "fs/file_list.h"
#include "fs/filter.h"

/* What could not be looked at. Called from several threads at once. */
struct file_scan_trouble {
	const char *path;
	const char *verb; /* "access", "read directory"; NULL: `text` is a sentence */
	int err;          /* an errno value */
	const char *text;
};

/*
 * What is met besides regular files, for those who compare whole directories; and what could
 * not be met. Called from several threads at once.
 */
struct file_scan_other {
	uint32_t
		dir; /* the number in the list of the directory it is; FILE_LIST_NONE: it is none */
	uint32_t parent; /* that of the directory it is in; FILE_LIST_NONE for an operand */
	uint32_t root;   /* index of the operand */
	const char *name;
	size_t len;
	int dirfd; /* holds `name`, when it is no directory */
	unsigned char type;
	const struct stat *st; /* or NULL */
	bool unread;           /* `dir`, or without one `parent`, is known in part only */
};

struct file_scan_opts {
	const struct filter *filter; /* sizes, names, ignore files; or NULL */
	bool follow;                 /* symbolic links to directories */
	bool one_file_system;
	bool no_hidden;     /* leave names that begin with a dot out */
	unsigned max_depth; /* WALK_DEPTH_ANY: no limit */
	unsigned threads;   /* 0: chosen by the walk */
	void (*trouble)(const struct file_scan_trouble *trouble, void *user);
	/* A symbolic link below an operand, by its path; may be NULL. Likewise. */
	void (*link)(const char *path, const char *name, void *user);
	/* May be NULL. A directory comes before what is in it. */
	void (*other)(const struct file_scan_other *other, void *user);
	/* Called now and then with how many entries were met; false ends the scan. */
	bool (*tick)(uint64_t entries, void *user);
	void *user;
};

struct file_scan_result {
	struct file_list *list; /* the caller's to free */
	uint64_t bytes;         /* sizes of all files in it */
	uint64_t vanished;
	bool stopped;
};

/* 0, or -errno when the walk could not go on. `roots` must outlive the list. */
MUST_USE int file_scan(char *const *roots, const struct file_scan_opts *opts,
                       struct file_scan_result *ret);
