/* SPDX-License-Identifier: MIT */
/*
 * The mount table, from the text of /proc/self/mountinfo (proc(5)): which file
 * systems there are, which of them tell the same story twice, and which one a path
 * is on. Nothing here touches a mounted file system, so a dead server cannot hang
 * it. A table does not change once it is made; reading it is safe from any thread.
 */
#pragma once

#include "base/vec.h"

struct mount {
	uint64_t id;               /* statx(2)'s stx_mnt_id */
	uint64_t parent;           /* id of the mount it is attached to */
	uint64_t device;           /* as st_dev; some file systems (btrfs) show others inside */
	const char *root;          /* the directory of the file system that is mounted here */
	const char *point;         /* where; any bytes but NUL */
	const char *fstype;        /* "ext4", "fuse.sshfs" */
	const char *source;        /* "/dev/sda1", "server:/export", "" */
	const char *options;       /* of this mount: "rw,relatime" */
	const char *super_options; /* of the file system: "rw,errors=remount-ro" */
	bool readonly;             /* the mount or the file system is */
	bool remote;               /* a network or a user-space network file system */
	bool pseudo;               /* stores nothing: proc, cgroup, autofs ... */
	bool kernel;               /* pseudo, and its files are made up by the kernel */
	bool deleted;              /* the directory that is mounted was removed */
	bool hidden;               /* a later mount covers the path */
	bool repeats;              /* another row shows the same file system: bind mounts, and
	                              overlays whose upper layer is on a mounted file system */
	bool overlay_lower;        /* a layer of an overlay that is mounted elsewhere */
};

struct mounts {
	VEC_FIELDS(struct mount); /* in the order of the text */
	size_t malformed;         /* lines that made no sense and were left out */
	/* Private. */
	char *text;                    /* what the strings point into */
	const struct mount **by_point; /* visible ones, by mount point */
	size_t by_point_len;
	uint64_t *kernel_devices; /* ascending */
	size_t kernel_devices_len;
};

/* Parses `len` bytes. The strings are copied. */
struct mounts *mounts_parse(const char *text, size_t len);
/*
 * Reads proc/self/mountinfo below the directory `root`; AT_FDCWD means the machine's
 * own. 0, -errno, or -EFBIG when it is beyond 64 MiB.
 */
MUST_USE int mounts_load(int root, struct mounts **ret);
struct mounts *mounts_free(struct mounts *m);
DEFINE_AUTO_FREE(mounts)

/* True for what a table for people leaves out: pseudo, deleted, hidden, repeats, overlay_lower. */
bool mount_is_folded(const struct mount *mount);
/*
 * The value of `name` in a comma-separated option list ("" for an option without one), its
 * length in *ret_len; NULL when it is not there. A backslash keeps a comma in the value.
 */
const char *mount_option(const char *options, const char *name, size_t *ret_len);

/* The mount an absolute path without . .. and symbolic links is on; NULL for an empty table. */
const struct mount *mounts_find_path(const struct mounts *m, const char *path);
const struct mount *mounts_find_id(const struct mounts *m, uint64_t id);
/* The mount that stands for this device: visible, and not a repetition where there is a choice. */
const struct mount *mounts_find_device(const struct mounts *m, uint64_t device);
/*
 * The visible mounts strictly below the absolute path `directory`, bytewise by mount point:
 * start with `after` NULL, then give what the last call returned. NULL when there are no more.
 */
const struct mount *mounts_next_below(const struct mounts *m, const char *directory,
                                      const struct mount *after);
/* Is this the device of a kernel file system (proc, sysfs, cgroup ...)? */
bool mounts_is_kernel_device(const struct mounts *m, uint64_t device);
