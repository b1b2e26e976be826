/* SPDX-License-Identifier: MIT */
/* One file system as programs get it: the same columns wherever there is a table of them. */
#pragma once

#include "cli/out.h"
#include "fs/mounts.h"
#include "fs/space.h"

enum fs_column {
	FS_MOUNT,
	FS_SOURCE,
	FS_FSTYPE,
	FS_TOTAL,
	FS_USED,
	FS_FREE,
	FS_AVAIL,
	FS_USED_PCT,
	FS_INODES_TOTAL,
	FS_INODES_USED,
	FS_INODES_FREE,
	FS_INODES_PCT,
	FS_READONLY,
	FS_REMOTE,
	FS_OPTIONS,
	FS_TIMED_OUT,
	FS_COLUMNS
};

extern const struct column_table fs_record_table;

/* Adds the options of the mount, then the file system's that are not among them. */
void fs_add_options(struct strbuf *b, const struct mount *mount);
/* Sets what is known of how full it is. */
void fs_record_space(struct record *r, const struct space *space);
