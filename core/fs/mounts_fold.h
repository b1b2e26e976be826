/* SPDX-License-Identifier: MIT */
/* Which rows of a mount table say nothing new. The private half of mounts.h. */
#pragma once

#include "fs/mounts.h"

typedef int mount_order(const void *a, const void *b);

/* Pointers to all rows in the given order; the caller frees the array. */
const struct mount **mounts_sorted(const struct mounts *m, mount_order *order);
/* Bytewise by mount point; of equal ones the earlier row first. */
int mounts_by_point(const void *a, const void *b);

/* Compares the first `len` bytes of `path` with a mount point. */
int mounts_compare_path(const char *path, size_t len, const char *point);
/* Length of the directory above the first `len` bytes of `path`: "/a/b" -> "/a" -> "/". */
size_t mounts_parent_len(const char *path, size_t len);
/* The visible mount at exactly these `len` bytes; needs by_point. */
const struct mount *mounts_visible_at(const struct mounts *m, const char *path, size_t len);

/* Sets `hidden`. */
void mounts_mark_hidden(struct mounts *m);
/* Sets `repeats` for bind mounts and file systems that are mounted twice; needs `hidden`. */
void mounts_mark_same_device(struct mounts *m);
/* Sets `repeats` of overlays and `overlay_lower`; needs by_point. */
void mounts_mark_overlays(struct mounts *m);
