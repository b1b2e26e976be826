/* SPDX-License-Identifier: MIT */
/*
 * Directories of a tree, each opened by a single name in its parent, so that no path is too
 * long and no symbolic link leads elsewhere. Any number of them may exist; only so many are open
 * as RLIMIT_NOFILE allows. One that is not in use may be closed at any time and is opened
 * again when it is needed, from its nearest open ancestor, or from an open child by "..": then it
 * has to be the same (device, inode), else -ESTALE.
 *
 * All functions may run on many threads at once.
 */
#pragma once

#include "base/base.h"

#include <sys/stat.h>

struct held_dirs; /* what the directories of a job share */
struct held_dir;

/* `max_open` directories at most (at least 4); 0: what RLIMIT_NOFILE leaves. */
struct held_dirs *held_dirs_new(unsigned max_open);
/* After all its directories were let go of. */
struct held_dirs *held_dirs_free(struct held_dirs *all);
DEFINE_AUTO_FREE(held_dirs)

/* The root of a tree. Takes over the descriptor, which stays open. 0, or -errno of fstat(2). */
MUST_USE int held_dir_root(struct held_dirs *all, int fd, struct held_dir **ret);
/* The directory `name` in `parent`, which it keeps alive. Not opened yet. */
struct held_dir *held_dir_child(struct held_dir *parent, const char *name, size_t len);
struct held_dir *held_dir_ref(struct held_dir *d);
/* Lets go of it. Always NULL. */
struct held_dir *held_dir_free(struct held_dir *d);
DEFINE_AUTO_FREE(held_dir)

/* Its descriptor, good until held_dir_put(). 0 or -errno; then there is nothing to put. */
MUST_USE int held_dir_get(struct held_dir *d, int *ret);
void held_dir_put(struct held_dir *d);
/* While `d` is in use: its parent is opened by "..", when it is not open and still the same. */
void held_dir_open_parent(struct held_dir *d);
/* As it was when it was opened for the first time; after held_dir_get(). */
const struct stat *held_dir_stat(const struct held_dir *d);
struct held_dir *held_dir_parent(const struct held_dir *d);
/* Its name in its parent; "" for a root. */
const char *held_dir_name(const struct held_dir *d, size_t *ret_len);
