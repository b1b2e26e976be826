/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. atomic_write.c holds the options and says in which order
 * things happen; sponge.c is the same under that name; source.c brings the bytes; place.c is where
 * they are kept until all is there, and how they get their name; keep.c sees to the old file's
 * metadata and its backup.
 */
#pragma once

#include "cli/applet.h"
#include "cli/shared_opts.h"
#include "fs/file_mode.h"
#include "fs/final_name.h"
#include "fs/put_file.h"

struct atomic_opts {
	bool append, allow_empty, if_changed, is_new, no_fsync, tee, in_place, no_owner;
	bool no_dereference, verbose;
	const char *mode, *check, *backup, *text;
	uint64_t max_size; /* 0: any */
	bool is_sponge;    /* no guard, no notes */
	struct out_opts out;
};

/* One run. */
struct atomic {
	struct ctx *ctx;
	const struct atomic_opts *opts;
	const char *path;       /* as it was given */
	char *const *command;   /* whose output it is; NULL: standard input's */
	struct file_mode *mode; /* of --mode, or NULL */
	mode_t mask;            /* the umask */

	struct final_name target;
	int old;          /* the file that is replaced, for reading, or O_PATH; -1: none */
	bool old_is_path; /* it could not be opened for reading */

	/* Where the bytes are: beside the target, or without a name when it is written in place. */
	bool beside;
	struct put put;
	int fd; /* of either */
	uint64_t bytes;
};

/* source.c: everything that is to be in the file. 0, or the exit status, which was reported. */
MUST_USE int read_source(struct atomic *a);

/* place.c. All: 0, or the exit status after the trouble was reported. */
MUST_USE int open_target(struct atomic *a);
MUST_USE int open_place(struct atomic *a);
/* The bytes get the name. */
MUST_USE int commit(struct atomic *a);
/* Forgets what was not committed, and closes everything. */
void close_place(struct atomic *a);
/* 1: the old file holds the same bytes; 0: it does not; -errno. */
MUST_USE int is_unchanged(const struct atomic *a);

/* keep.c */
/* The mode it gets: the old one's, or a new file's, changed as --mode says. */
mode_t chosen_mode(const struct atomic *a);
/* All: 0, or the exit status after the trouble was reported. */
MUST_USE int keep_metadata(const struct atomic *a);
MUST_USE int make_backup(const struct atomic *a);
MUST_USE int run_check(const struct atomic *a);

/* atomic_write.c: the whole of it. The exit status. */
int atomic_write(struct atomic *a);
extern const struct applet_schema atomic_schemas[];
