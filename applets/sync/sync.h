/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share: its options, one run of it, and the entry points. sync.c
 * holds the options and the order of things: roots, lock, plan, guards, then the work.
 */
#pragma once

#include "cli/applet.h"
#include "cli/filter_opts.h"
#include "cli/job.h"
#include "cli/progress.h"
#include "fs/tree_sync.h"

#include <stdatomic.h>

enum sync_delete { DELETE_NONE, DELETE_AFTER, DELETE_BEFORE };
enum sync_links { LINKS_KEEP, LINKS_SAFE };

/* Guards that --allow passes. */
enum sync_guard {
	GUARD_MOUNT,
	GUARD_ROOT,
	GUARD_HOME,
	GUARD_EMPTY_SOURCE,
	GUARD_NEW_FILESYSTEM,
	GUARD_MAX_DELETE,
	GUARD_REVERSED,
	GUARD_SPACE,
	GUARDS,
};

struct sync_opts {
	/* What is done. */
	bool dry_run;
	bool accepted; /* -a and others that are the default */
	bool into;
	bool update;
	bool existing;
	bool ignore_existing;
	int compare; /* enum sync_compare */
	const char *modify_window;
	int links; /* enum sync_links */
	bool one_file_system;

	/* Deleting, and what guards it. */
	int delete; /* enum sync_delete */
	bool delete_excluded;
	const char *max_delete;
	struct strv allow;
	struct strv require_mount;
	const char *check_access;

	/* What is kept. */
	bool no_perms, no_times, no_owner, no_group, no_xattrs, no_acls, no_hard_links, no_devices;
	bool acls, xattrs; /* asked for: an error when they cannot be kept */

	struct filter_cli_opts filter;
	const char *explain;

	/* How. */
	int64_t jobs; /* 0: chosen */
	int fsync;    /* enum sync_fsync */
	int verify;   /* enum sync_verify */
	int64_t lock_wait;
	bool no_lock;
	bool strict;

	/* What is shown. */
	bool verbose;
	bool quiet;
	bool itemize;
	bool stats;
	int progress; /* enum progress_when */
	bool progress_given;
	struct out_opts out;
	struct job_opts job;
};

/* --max-delete: a number of entries, or a percentage of what DST has. */
struct sync_limit {
	bool is_given;
	bool is_percent;
	uint64_t value;
};

/* One run: everything checked. */
struct sync_run {
	struct ctx *ctx;
	const struct sync_opts *opts;
	const char *from;
	const char *to;       /* with --into: SRC's name below it */
	struct strbuf to_own; /* owned: what `to` points into then */
	int from_fd, to_fd;   /* to_fd -1: not there yet; else it holds the lock */
	struct filter *filter;
	enum sync_delete delete;
	unsigned allowed; /* bits 1 << enum sync_guard */
	struct sync_limit max_delete;
	int64_t window_ns;
	unsigned keep, asked; /* enum meta_part */
	bool sizes;           /* the plan counts everything */
	bool shows_items;
	mode_t umask;
	struct tree_sync *ts;
	struct tree_sync_counts counts;
	struct progress *progress;
	uint64_t total_bytes;
	atomic_uint_fast64_t done_bytes;
	atomic_bool from_unreadable; /* SRC itself */
	bool planned;
	int guard; /* the enum sync_guard that stopped it, or -1 */
	int64_t began;
};

/* setup.c: 0, or the status to leave with. */
MUST_USE int sync_setup(struct sync_run *run, struct ctx *ctx, const struct sync_opts *opts,
                        char **operands);
void sync_release(struct sync_run *run);
/* Threads, once the roots are open. */
unsigned sync_jobs(const struct sync_run *run);

/* roots.c: SRC and DST are opened and apart, DST is locked. 0, or the status. */
MUST_USE int sync_open_roots(struct sync_run *run);
MUST_USE int sync_lock(struct sync_run *run);
/* DST with what is missing above it; opened and locked. 0, or the status. */
MUST_USE int sync_make_root(struct sync_run *run);
/* The nearest directory above `path` that is there, open; or -errno. */
MUST_USE int sync_open_above(const char *path);

/* guard.c: 0, or the status. */
MUST_USE int sync_guard_mounts(struct sync_run *run);
MUST_USE int sync_guard_plan(struct sync_run *run);
/* All of SRC is smaller than what is free: nothing need be counted to know that. */
bool sync_fits_surely(const struct sync_run *run);
bool sync_guard_find(const char *word, size_t len, enum sync_guard *ret);
const char *sync_guard_word(enum sync_guard guard);
/* Reports it, unless it is allowed. `limit` in words; numbers are what was seen, of how many. */
struct sync_seen {
	const char *limit;
	uint64_t count, of;
};
MUST_USE int sync_guard_trip(struct sync_run *run, enum sync_guard guard,
                             const struct sync_seen *seen, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* known_fs.c: what the last run to this DST met. */
/* 1: another file system now; 0: the same, or not known. *ret_side is "SRC" or "DST" then. */
int sync_fs_is_new(const struct sync_run *run, const char **ret_side);
void sync_fs_remember(const struct sync_run *run);

/* print.c */
/* "1.5K", "11 bytes". */
void sync_add_size(struct strbuf *line, uint64_t bytes);
void sync_print_item(const struct sync_item *item, void *user);
void sync_print_trouble(const struct sync_trouble *trouble, void *user);
extern const struct column_table sync_item_table;
/* rsync_code.c: rsync's eleven letters, and a blank. */
void sync_add_code(struct strbuf *line, const struct sync_item *item);
/* report.c: records of plan, guard and summary, and the numbers for people. */
struct sync_guard_report {
	enum sync_guard guard;
	const struct sync_seen *seen;
	bool passed;
};
void sync_emit_plan(struct sync_run *run);
void sync_emit_guard(struct sync_run *run, const struct sync_guard_report *report);
void sync_emit_summary(struct sync_run *run, int status);
void sync_print_summary(struct sync_run *run);
extern const struct applet_schema sync_schemas[];

/* caches.c: the applet that bears coreutils' name. */
extern const struct applet sync_by_name_applet;
/* sync.c: the whole of the work. */
int sync_trees(struct ctx *ctx, const struct sync_opts *opts, char **operands);
extern const struct opt_table sync_opt_table;
/* clang-format off */
#define SYNC_DEFAULTS { .lock_wait = -1 }
/* clang-format on */
extern const struct sync_opts sync_defaults;
