/* SPDX-License-Identifier: MIT */
/* What --explain finds on one file system, and the two files that find and show it. */
#pragma once

#include "disk_usage.h"
#include "fs_devices.h"
#include "fs/mounts.h"
#include "fs/space.h"

enum { EXPLAIN_NAMES_MAX = 5 }; /* unreadable directories and processes that are named */

/* A share of the used bytes. */
struct share {
	uint64_t disk_bytes;
	uint64_t count;
	bool examined; /* all of it */
};

/* A mount point on the file system, and what lies below the mount. */
struct covered {
	const struct mount *mount;
	uint64_t device, inode; /* of the directory or file under the mount; 0, 0: unknown */
	struct share share;
};

struct holder {
	int pid;
	char *comm; /* owned */
	struct share share;
};

struct explanation {
	const struct mount *mount; /* that shows most of the file system */
	struct space space;
	uint64_t used_before;      /* the walk */
	bool whole;                /* the mount shows the file system from its root */
	struct share files;
	struct share hidden;
	struct share deleted;
	struct {
		VEC_FIELDS(struct covered);
	} covered; /* by inode once the walk began */
	struct {
		VEC_FIELDS(struct holder);
	} holders; /* biggest first */
	struct {
		VEC_FIELDS(char *);
	} unreadable; /* the first few paths, owned */
	uint64_t unreadable_count;
	uint64_t processes_denied;
	struct fs_devices devices; /* that belong to it */
};

/*
 * explain_walk.c: adds up all files, those under mounts apart where the kernel lets us see
 * them. Fills files, hidden, covered, unreadable and devices. 0 or -errno.
 */
MUST_USE int explain_walk(struct explanation *e, const struct mounts *m, unsigned threads);

/* explain_print.c */
void explain_print(const struct du_run *run, const struct explanation *e);
