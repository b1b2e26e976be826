/* SPDX-License-Identifier: MIT */
/*
 * How full a file system is. The question is asked in child processes, because
 * statfs(2) on a dead server sleeps where no signal reaches: a child that does not
 * answer in time is left alone, and neither the caller nor its end wait for it.
 */
#pragma once

#include "base/base.h"

/* Percentages where there is nothing to divide by. */
enum { SPACE_PCT_NONE = -1 };

struct space {
	uint64_t total_bytes;
	uint64_t used_bytes;  /* total - free */
	uint64_t free_bytes;  /* with what is reserved for root */
	uint64_t avail_bytes; /* for everybody */
	int used_pct;         /* as df: used of used + avail, rounded up; or SPACE_PCT_NONE */
	uint64_t inodes_total;
	uint64_t inodes_used;
	uint64_t inodes_free;
	int inodes_pct;
	uint64_t fs_type;      /* statfs(2)'s f_type */
	uint64_t device;       /* st_dev of the path */
	uint64_t mount_id;     /* statx(2)'s stx_mnt_id; 0 when the kernel does not say */
	uint64_t block_device; /* st_rdev when the path is a block device, else 0 */
};

enum space_outcome { SPACE_KNOWN, SPACE_TIMED_OUT, SPACE_FAILED };

struct space_answer {
	enum space_outcome outcome;
	int err;            /* SPACE_FAILED: an errno value */
	struct space space; /* SPACE_KNOWN */
};

/*
 * Asks for the file systems that hold the `n` paths; symbolic links are followed, an
 * automount is not triggered. A path is given up `limit_ns` after it was begun. Paths
 * that answer at once are served by one child, one behind the other; whatever comes
 * after a path that makes it wait goes to another child, up to a small number at once.
 * `ret` has room for n answers. 0, or -errno when no child could be started; then what
 * was not asked for has failed with EAGAIN.
 */
MUST_USE int space_ask(const char *const *paths, size_t n, int64_t limit_ns,
                       struct space_answer *ret);

/*
 * The same for one path, asked here and now: only for a file system that answers at once, and a
 * path on such ones. 0 or -errno.
 */
MUST_USE int space_ask_here(const char *path, struct space *ret);

/* ceil(100 * used / (used + rest)), or SPACE_PCT_NONE for 0 of 0. No value overflows it. */
int space_percent(uint64_t used, uint64_t rest);
