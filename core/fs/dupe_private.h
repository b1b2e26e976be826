/* SPDX-License-Identifier: MIT */
/* What the files of the actions share; see dupe_act.h. */
#pragma once

#include "fs/dupe_act.h"
#include "fs/inode_set.h"

#include <limits.h>

/* A file with its directory, both open. */
struct dupe_file {
	uint32_t number;
	int dirfd;
	int fd;
	const char *name; /* in dirfd */
	struct stat st;   /* of fd */
};

struct dupe_actor {
	struct file_list *list;
	struct dupe_opts opts;
	struct file_opener *opener;
	int move_fd;               /* -1 */
	struct inode_set *touched; /* what it has linked or unlinked: their change times are new */
};

/* One victim's turn. */
struct dupe_turn {
	struct dupe_actor *actor;
	struct dupe_file kept;
	struct dupe_file victim;
	char temporary[NAME_MAX + 1];
	struct dupe_outcome outcome;
};

/* All set the outcome and return false. */
bool dupe_skip(struct dupe_turn *t, const char *reason);
/* Skipped too, for it, or the one that stays, is not what was found. */
bool dupe_changed(struct dupe_turn *t, const char *reason);
bool dupe_fail(struct dupe_turn *t, const char *verb, int err);

/* dupe_check.c: may this be done to the victim at all? */
bool dupe_is_allowed(struct dupe_turn *t);
/* The bytes of both are the same, now. */
bool dupe_is_equal(struct dupe_turn *t);
/* Neither has changed since it was opened; the kept one still has its name. */
bool dupe_kept_stands(struct dupe_turn *t);
/* Is the entry `name` the victim, unchanged since it was opened? */
bool dupe_is_victim(const struct dupe_turn *t, int dirfd, const char *name);

/* dupe_replace.c: these do it. */
bool dupe_delete(struct dupe_turn *t);
bool dupe_move(struct dupe_turn *t);
bool dupe_hardlink(struct dupe_turn *t);
bool dupe_symlink(struct dupe_turn *t);
bool dupe_reflink(struct dupe_turn *t);
