/* SPDX-License-Identifier: MIT */
/*
 * Writes a whole new file, then gives it its name in one step: at every moment
 * the name leads to the old file or to the whole new one. The new file is made
 * beside the target, mode 0600, without a name where the file system can do that (then even
 * SIGKILL leaves nothing behind but in the moment of the renaming), else under one that
 * nobody can guess: ".NAME.dutybox.<16 digits>~". It takes over the
 * mode and, where allowed, the owner of the file it replaces (a new one gets 0666
 * less the umask). A target that exists and is not a regular file (a device, a
 * FIFO) is written to as it is. A symbolic link is followed to the file it names,
 * which is what is replaced. For the main thread: the umask is read by setting it.
 */
#pragma once

#include "base/base.h"

#include <limits.h>

struct replace {
	int fd;                  /* write here; owned */
	int dirfd;               /* where the file is; -1 when it is written in place */
	char name[NAME_MAX + 1]; /* the target's last component */
	char *temporary;         /* what it is called meanwhile; NULL when it has no name */
	bool in_place;
	bool unnamed; /* made without a name */
	/*
	 * Set by the caller before the commit: the mode the file gets whatever the old one's and
	 * the umask are; 0, which replace_begin() sets: it does not matter.
	 */
	mode_t mode;
};

/* 0 or -errno. On success replace_commit() or replace_abort() must follow. */
MUST_USE int replace_begin(const char *path, struct replace *ret);
/*
 * Data to disk, mode and owner, rename, directory to disk. 0 or -errno; on failure
 * the old file is untouched and no trace is left, but for the last step: when only that
 * fails the new file is there, and may be gone after a power failure. Releases `r` either way.
 */
MUST_USE int replace_commit(struct replace *r);
/* Forgets the new file. */
void replace_abort(struct replace *r);
