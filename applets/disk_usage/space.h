/* SPDX-License-Identifier: MIT */
/* One line of --fs, between space.c, which finds it out, and space_print.c, which shows it. */
#pragma once

#include "disk_usage.h"
#include "fs/mounts.h"
#include "fs/space.h"

struct fs_row {
	const struct mount *mount; /* NULL: the total */
	const char *path;          /* what is asked about: the operand, or the mount point */
	bool named;                /* by an operand */
	bool known;                /* `space` holds the truth */
	bool timed_out;
	struct space space;
};

struct fs_rows {
	VEC_FIELDS(struct fs_row);
};

/* A table for people, or records. `total` may be NULL. */
void fs_print(const struct du_run *run, const struct fs_rows *rows, const struct fs_row *total);
