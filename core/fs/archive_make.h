/* SPDX-License-Identifier: MIT */
/*
 * Stores the entries of a list (source_list.h) as members: small files are read ahead by all
 * threads, each whole, so that its header tells its true size, and once more when it changed
 * meanwhile; large ones as they are written. What could not be read is left out and told.
 */
#pragma once

#include "fs/member_write.h"
#include "fs/source_list.h"

struct archive_make_opts {
	struct source_list *list;
	struct member_writer *writer;
	struct crew *crew;
	bool hard_links, sparse, xattrs; /* what the format and the user want */
	unsigned retries;
	/* Metadata that are not the files' own. */
	bool has_mtime; /* all get this one; with `clamp` only those that are newer */
	bool clamp;
	struct timespec mtime;
	bool has_uid, has_gid;
	uint64_t uid, gid;
	const char *uid_name, *gid_name;                 /* the names then, or NULL */
	bool plain_modes;                                /* 0644 and 0755 */
	const char *(*user_name)(uid_t uid, void *user); /* NULL: no names */
	const char *(*group_name)(gid_t gid, void *user);
	/* The entry is not, or not as it should be, in the archive. `err` 0: `text` is a sentence.
	 */
	void (*trouble)(const char *path, const char *text, int err, void *user);
	/* Worth a word, but nothing is wrong. */
	void (*note)(const char *path, const char *text, void *user);
	/* A member was written; its name is without the slash of a directory. */
	void (*member)(const struct new_member *m, void *user);
	bool (*go_on)(uint64_t bytes, const char *name, void *user);
	void *user;
};

struct archive_made {
	uint64_t entries, bytes;
	uint64_t failed;   /* told by `trouble` */
	uint64_t vanished; /* files that were gone when they were to be read */
	uint64_t grew;     /* while they were read; stored as they were in the beginning */
};

/* 0, -ECANCELED, or -errno of writing. */
MUST_USE int archive_make(const struct archive_make_opts *opts, struct archive_made *ret);
