/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share: its options, one run of it, and the
 * entry points of its modes. disk_usage.c parses and checks, then calls one
 * mode; each mode prints its answer and returns the exit status.
 */
#pragma once

#include "cli/applet.h"

#include "base/human.h"

struct du_opts {
	/* What is counted. */
	bool all; /* with --fs: every mount */
	bool summarize;
	bool separate_dirs;
	bool count_links;
	bool apparent;
	bool inodes; /* with --fs: inodes instead of blocks */
	bool one_file_system;
	int follow;        /* enum walk_follow */
	int64_t max_depth; /* -1: not given */
	int64_t jobs;      /* 0: chosen by the walker */

	/* How it is shown. */
	struct strv block_sizes; /* every -B, -h, --si, -k, -m, -b in order; the last holds */
	const char *threshold;
	int total;             /* -c */
	int time;              /* enum du_time */
	const char *time_style;
	int sort;              /* enum du_sort */
	bool reverse;
	int64_t top; /* 0: no limit */
	bool tree;
	int bars; /* enum du_when */
	bool reclaim;
	bool reflink;
	const char *max; /* --max=SIZE */
	const char *files0_from;
	struct out_opts out;

	/* Other modes. */
	const char *output;  /* -o FILE: ncdu export, "-" is standard output */
	const char *input;   /* -f FILE: ncdu export instead of a scan, "-" is standard input */
	const char *diff;    /* --diff=FILE: an earlier export to compare with */
	bool deleted;        /* --deleted */
	const char *explain; /* --explain: "" is the accounting mode, a path asks the filter */
	bool fs;             /* --fs */
	bool local;
	bool posix;
	struct strv exclude_types; /* --exclude-type=T; --type=T is the filter's list */
	const char *min_free;      /* SIZE or N% */
	int64_t timeout;           /* nanoseconds; 0: the mode's own default */

	bool gnu; /* called as du: GNU's defaults and exit statuses; set by .defaults only */
};

enum du_time { DU_TIME_NONE, DU_TIME_MTIME, DU_TIME_ATIME, DU_TIME_CTIME };
enum du_sort {
	DU_SORT_UNSET,
	DU_SORT_NONE,
	DU_SORT_SIZE,
	DU_SORT_NAME,
	DU_SORT_COUNT,
	DU_SORT_MTIME,
};
enum du_when { DU_WHEN_UNSET, DU_WHEN_NEVER, DU_WHEN_AUTO, DU_WHEN_ALWAYS };

/* One run: everything checked, defaults resolved. Borrowed by the modes, never changed by them. */
struct du_run {
	struct ctx *ctx;
	const struct du_opts *opts;
	char **operands; /* ends with NULL; never empty, "." stands in; --fs: empty means all mounts */
	struct human_format format; /* how sizes print in text; records are always in bytes */
};

/* space.c: the file systems (--fs), with --min-free. */
MUST_USE int disk_usage_fs(const struct du_run *run);
/* deleted.c: files that are deleted but still open, on the operands' file systems. */
MUST_USE int disk_usage_deleted(const struct du_run *run);
/* explain.c: why used blocks and walked blocks differ, for each operand's file system. */
MUST_USE int disk_usage_explain(const struct du_run *run);
/* ncdu.c: scans the operands into an ncdu export. */
MUST_USE int disk_usage_export(const struct du_run *run);
/* ncdu.c: shows an export as if it had been scanned; feeds the same sinks as a scan. */
MUST_USE int disk_usage_import(const struct du_run *run);
/* diff.c: a scan (or -f FILE) against an earlier export. */
MUST_USE int disk_usage_diff(const struct du_run *run);
