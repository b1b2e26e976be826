/* SPDX-License-Identifier: MIT */
/* Opening and reading the files of a list; the half of archive_make.h that runs on all threads. */
#pragma once

#include "fs/archive_make.h"

enum { READ_WHOLE_MAX = 8 << 20 };

/* Where one thread is: the directory it opened last. */
struct source_place {
	uint32_t dir;
	int fd; /* -1: none */
};

/* A file that was read whole. */
struct source_read {
	struct stat st;
	char *bytes; /* owned; NULL: it was not read */
	int err;     /* an errno value; 0 */
	bool changed;
	struct strbuf xattrs;
};

/* The entry, opened for reading. A descriptor or -errno. */
MUST_USE int source_open_entry(const struct source_list *l, const struct source_entry *e,
                               struct source_place *place);
/* The directory that holds it: a descriptor of the place's, or AT_FDCWD; with the name in it. */
MUST_USE int source_open_parent(const struct source_list *l, const struct source_entry *e,
                                struct source_place *place, int *ret_fd, const char **ret_name);
void source_place_release(struct source_place *place);
/* Adds the attributes of an open file as struct new_member has them. */
void source_read_xattrs(int fd, struct strbuf *ret);
/* Reads the file, at most READ_WHOLE_MAX bytes of it, again when it changed meanwhile. */
void source_read_whole(const struct archive_make_opts *opts, const struct source_entry *e,
                       struct source_place *place, struct source_read *ret);
/* Did it change in another way than by growing? */
bool source_has_changed(const struct stat *before, const struct stat *after);
