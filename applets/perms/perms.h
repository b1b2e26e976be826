/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. perms.c holds the options and guards; tree.c walks and
 * decides; change.c changes one entry, through a descriptor of it; save.c and restore.c write and
 * read lists of what there was.
 */
#pragma once

#include "cli/applet.h"
#include "cli/filter_opts.h"
#include "cli/guards.h"
#include "cli/progress.h"
#include "cli/shared_opts.h"
#include "fs/file_mode.h"

#include <pthread.h>
#include <stdatomic.h>

enum perms_exec { EXEC_DROP, EXEC_KEEP, EXEC_AUTO };

struct perms_opts {
	const char *files, *dirs;
	int exec; /* enum perms_exec */
	const char *chown;
	bool recursive, contents_only, show, dry_run, verbose, one_file_system;
	const char *save, *restore;
	struct strv allow;
	int64_t jobs;
	int progress;
	struct filter_cli_opts filter;
	struct out_opts out;
};

/* A directory that gets its mode when all below it is done: it would bar the way. */
struct late_dir {
	char *path; /* owned; below the root operand, "" for it */
	unsigned root;
	dev_t dev;
	ino_t ino;
	mode_t mode;
};

struct perms {
	struct ctx *ctx;
	const struct perms_opts *opts;
	struct file_mode *files, *dirs; /* NULL: modes stay */
	bool recursive;
	unsigned allowed; /* guards */
	bool has_uid, has_gid;
	uid_t uid;
	gid_t gid;
	uid_t euid;
	bool is_root; /* whom permissions do not stop */
	mode_t mask;  /* the umask */
	struct filter *filter;
	struct progress *progress;
	char *const *roots;

	pthread_mutex_t lock; /* of: */
	struct {
		VEC_FIELDS(struct late_dir);
	} late;

	atomic_uint_fast64_t seen, changed, unchanged, links, failed, vanished;
};

/* One entry that was looked at, and what it is to become. */
struct entry {
	int dirfd;
	const char *name;
	const char *path; /* for messages */
	const struct stat *st;
	bool is_steady; /* nobody else can put another file in its place */
	mode_t mode;    /* wanted */
	uid_t uid;
	gid_t gid;
};

/* change.c. True: it is as wanted now, or was, or would be (--dry-run). From any thread. */
bool change_entry(struct perms *p, const struct entry *e);
/* The mode wanted for the entry, by --files, --dirs and --exec. */
mode_t wanted_mode(const struct perms *p, const struct entry *e);
/* Emits its record and line. */
void tell_entry(struct perms *p, const struct entry *e, const char *status);
/*
 * Must this directory get its mode only in the end? Then *ret is the mode for now. For users
 * whom permissions stop.
 */
bool is_late(const struct perms *p, mode_t old, mode_t wanted, mode_t *ret);
void add_late(struct perms *p, const struct late_dir *dir);
/* Gives those directories their modes, the deepest first. */
void finish_late(struct perms *p);

/* tree.c: all operands. 0, or the exit status after the trouble was reported. */
MUST_USE int change_trees(struct perms *p);

/* save.c, restore.c: the same, of the one operand. */
MUST_USE int save_modes(struct perms *p);
MUST_USE int restore_modes(struct perms *p);

extern const struct column_table perms_item_table;
