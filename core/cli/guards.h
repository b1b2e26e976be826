/* SPDX-License-Identifier: MIT */
/*
 * Guards of applets that change or remove whole trees (common.md 7): each has a name, is told when
 * it stops something, and is let pass by --allow=NAME alone.
 */
#pragma once

#include "base/strv.h"
#include "cli/diag.h"
#include "cli/out.h"

#include <sys/stat.h>

enum guard {
	GUARD_ROOT = 1 << 0,       /* the root directory, and file systems mounted in it */
	GUARD_HOME = 1 << 1,       /* the user's home directory, or one above it */
	GUARD_CWD = 1 << 2,        /* the working directory, or one above it */
	GUARD_MOUNT = 1 << 3,      /* what is mounted below */
	GUARD_MANY = 1 << 4,       /* more than --max */
	GUARD_LINK_SLASH = 1 << 5, /* a symbolic link with a slash behind it */
	GUARD_HARDLINKS = 1 << 6,  /* files that have other names */
	GUARD_SUID = 1 << 7,       /* set-id bits that are set */
};

/*
 * The words of --allow, each a list divided by commas, as bits; only those of `known` make sense.
 * 0, or the status after the usage error was reported.
 */
MUST_USE int guards_parse(struct diag *d, const struct strv *words, unsigned known, unsigned *ret);

extern const struct column_table guard_table;

/*
 * Tells that the guard stopped it, with --allow=NAME as the way out, as a message and a record;
 * returns EXIT_GUARD.
 */
int guard_stop(struct diag *d, struct out *out, enum guard guard, const char *path);

/*
 * Which of ROOT, HOME and CWD in `asked` the directory `st` is a case of; 0: none. By device and
 * inode, walking up, so that no spelling of the path matters.
 */
unsigned guard_of_directory(const struct stat *st, unsigned asked);
