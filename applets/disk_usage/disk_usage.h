/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share: its options, one run of it, and the
 * entry points of its modes. disk_usage.c parses and checks, then calls one
 * mode; each mode prints its answer and returns the exit status.
 */
#pragma once

#include "base/human.h"
#include "cli/applet.h"
#include "cli/files0.h"
#include "cli/filter_opts.h"
#include "fs/usage.h"

struct du_opts {
	/* What is counted. */
	bool all; /* with --fs: every mount */
	bool summarize;
	bool separate_dirs;
	bool count_links;
	bool apparent;
	bool inodes; /* with --fs: inodes instead of blocks */
	bool one_file_system;
	int follow;                    /* enum walk_follow */
	int64_t max_depth;             /* -1: not given */
	int64_t jobs;                  /* 0: chosen by the walker */
	struct filter_cli_opts filter; /* its `types` are file system types with --fs */
	bool exclude_kernfs;

	/* How it is shown. */
	struct strv block_sizes; /* every -B, -h, --si, -k, -m, -b in order; the last holds */
	const char *threshold;
	int total; /* -c: 1; --no-total: 0; or DU_TOTAL_UNSET, where trees get one */
	int time;  /* enum du_time */
	const char *time_style;
	int sort; /* enum du_sort */
	bool reverse;
	int64_t top; /* 0: no limit */
	bool tree;
	int bars;     /* enum du_when */
	int color;    /* enum color_when */
	int progress; /* enum progress_when */
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
	struct strv exclude_types; /* --exclude-type=T; --type=T is filter.types */
	const char *min_free;      /* SIZE or N% */
	int64_t timeout;           /* nanoseconds; -1: not given */

	bool gnu; /* called as du: GNU's defaults and exit statuses; set by .defaults only */
};

enum { DU_TOTAL_UNSET = 2 };
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
	/*
	 * Ends with NULL. "." stands in when none was given, but not with --fs, --deleted
	 * and --explain; a file of names or --exclude may leave none.
	 */
	char **operands;
	struct human_format format; /* how sizes print in text; records are always in bytes */
	uint32_t max_depth;         /* of what is shown */
	bool total;
	bool bars;
	enum du_sort sort;      /* never DU_SORT_UNSET */
	uint64_t threshold;     /* bytes, or inodes with --inodes */
	bool threshold_is_high; /* only what is at most so big is shown, else at least */
	bool has_max;
	uint64_t max;
	char *time_style;         /* owned; for clock_add_time(), NULL unless times are shown */
	struct filter *filter;    /* owned; NULL with --fs */
	struct ls_colors *colors; /* owned; NULL: no colour */
	struct files0 files0;     /* owned: the operands of --files0-from */
};

/* setup.c: fills `ret` from the options and the environment. 0, or the status to leave with. */
MUST_USE int du_run_init(struct du_run *ret, struct ctx *ctx, const struct du_opts *opts,
                         char **operands);
void du_run_release(struct du_run *run);
/* operands.c: takes them from --files0-from. 0, or the status to leave with. */
MUST_USE int du_read_operands(struct du_run *run);
/* Forgets the operands that GNU's --exclude leaves out. */
void du_drop_excluded(struct du_run *run);
/* For modes that look at one directory: 0, or the status after a message that begins with `mode`.
 */
MUST_USE int du_check_single(const struct du_run *run, const char *mode);
/* why.c: --explain=PATH; the exit status says whether it is included. */
MUST_USE int du_explain_filter(const struct du_run *run);
/* check.c: options that make no sense together. 0, or the status after a message. */
MUST_USE int du_check_options(struct ctx *ctx, const struct du_opts *opts, char **operands);

/* scan.c: scans the operands into a sink; roots_only as in usage_opts. The exit status. */
MUST_USE int du_scan(const struct du_run *run, const struct usage_sink *sink, bool roots_only);

/*
 * show.c: a sink that prints what the options ask for, from a scan or from an imported file:
 * lines as they come, or sorted, the biggest, or a tree in the end; the total; --max.
 */
struct du_show;
struct du_show *du_show_new(const struct du_run *run);
struct du_show *du_show_free(struct du_show *show);
DEFINE_AUTO_FREE(du_show)
const struct usage_sink *du_show_sink(struct du_show *show);
/* Prints what was kept and the total. */
void du_show_finish(struct du_show *show);

/*
 * watch.c: a sink in front of another that shows a status line and ends the scan when a signal
 * asks for it (sig.h); the caller cleans up and dies by the signal then.
 */
struct du_watch;
struct du_watch *du_watch_begin(const struct du_run *run, const struct usage_sink *inner);
const struct usage_sink *du_watch_sink(const struct du_watch *watch);
void du_watch_end(struct du_watch *watch);

/* What is printed about one entry. */
struct du_row {
	const char *path; /* NULL: the total */
	size_t path_len;
	unsigned depth;
	unsigned char type; /* DT_* */
	bool mount;
	bool has_many_links;
	uint32_t mode;        /* st_mode */
	struct usage_sum sum; /* as shown: with -S without the directories below */
	uint64_t own_disk;    /* the entry itself and the files directly in it */
	uint64_t reclaim;
};

/* clang-format off */
/* The columns of a sum, and of an entry's record. */
#define DU_SUM_COLUMNS                                                                             \
	{ "disk_bytes", COLUMN_SIZE, "allocated bytes of all that is in it" },                     \
	{ "apparent_bytes", COLUMN_SIZE, "bytes of contents" },                                    \
	{ "own_disk_bytes", COLUMN_SIZE,                                                           \
	  "allocated bytes of the entry and the files directly in it" },                           \
	{ "files", COLUMN_COUNT, "regular files" },                                                \
	{ "dirs", COLUMN_COUNT, "directories, itself included" },                                  \
	{ "other", COLUMN_COUNT, "entries of other types" },                                       \
	{ "hardlink_bytes", COLUMN_SIZE,                                                           \
	  "allocated bytes of further names of what was counted before" },                         \
	{ "reclaim_bytes", COLUMN_SIZE,                                                            \
	  "bytes freed if it were deleted; null without --reclaim" },                              \
	{ "mtime", COLUMN_TIME, "newest modification in it" },                                     \
	{ "errors", COLUMN_COUNT, "entries that could not be read" }
#define DU_ENTRY_COLUMNS                                                                           \
	{ "path", COLUMN_NAME, "the operand, then names" },                                        \
	{ "depth", COLUMN_COUNT, "0 for an operand" },                                             \
	{ "type", COLUMN_TEXT, "file, dir, symlink, ..." },                                        \
	DU_SUM_COLUMNS,                                                                            \
	{ "mount", COLUMN_BOOL, "on another device than the directory it is in" }
enum { DU_ENTRY_COLUMNS_LEN = 14 };
/* clang-format on */

/* print.c: fills the columns of an entry. */
void du_record_row(struct record *r, const struct du_run *run, const struct du_row *row);
/* diff.c: DU_ENTRY_COLUMNS and what changed. */
extern const struct column_table du_change_table;
/* show.c: what is shown about a directory or another file. */
void du_row_of_dir(const struct du_run *run, const struct usage_entry *dir,
                   const struct usage_totals *totals, struct du_row *ret);
void du_row_of_item(const struct usage_entry *item, struct du_row *ret);

/* print.c: the number that is shown, compared and sorted by: bytes of a kind, or inodes. */
uint64_t du_row_value(const struct du_run *run, const struct du_row *row);
/* One line, or one record. */
void du_print_row(const struct du_run *run, const struct du_row *row, struct strbuf *line);
void du_print_total(const struct du_run *run, const struct du_row *total, struct strbuf *line);
/* Adds a number as it is shown; "Infinity" for one that was cut at 2^64-1. */
void du_add_value(const struct du_run *run, struct strbuf *line, uint64_t value);
/* The columns between the number and the name: reclaimable bytes, time. Each ends with `gap`. */
void du_add_columns(const struct du_run *run, struct strbuf *line, const struct du_row *row,
                    const char *gap);
void du_add_path(const struct du_run *run, struct strbuf *line, const struct du_row *row);
extern const struct applet_schema du_schemas[];

/* rows.c: rows kept for sorting, with a copy of their paths. */
struct du_rows {
	VEC_FIELDS(struct du_row);
};
/* Keeps a copy; with --top only while it is among the first so many. */
void du_rows_add(struct du_rows *rows, const struct du_run *run, const struct du_row *row);
/* Orders them by --sort and --reverse. */
void du_rows_sort(struct du_rows *rows, const struct du_run *run);
void du_rows_release(struct du_rows *rows);
/* Frees the path of a kept row. */
void du_row_release(struct du_row *row);
/* Negative: `a` is shown before `b`. Big, many and new come first; a name decides in the end. */
int du_row_compare(const struct du_row *a, const struct du_row *b, const struct du_run *run);

/* bars.c: how wide the numbers are, and what a full bar stands for. */
struct du_layout {
	size_t width;
	uint64_t whole;
};
/* Adds a bar and a percentage: `value` of `whole`. */
void du_add_bar(struct strbuf *line, uint64_t value, uint64_t whole);
/* The width of a number as it is shown, or `at_least`. */
size_t du_value_width(const struct du_run *run, uint64_t value, size_t at_least);
/* Adds everything that stands before the name. */
void du_add_aligned(const struct du_run *run, struct strbuf *line, const struct du_row *row,
                    const struct du_layout *layout);
/* Prints the rows in aligned columns, with bars when asked. */
void du_print_aligned(const struct du_run *run, const struct du_rows *rows,
                      const struct du_row *total);

/* tree.c: directories and files under each other. */
struct du_tree;
struct du_tree *du_tree_new(const struct du_run *run);
struct du_tree *du_tree_free(struct du_tree *tree);
/* In post-order: a directory comes after what is in it. Unwanted ones stay for their children. */
void du_tree_add(struct du_tree *tree, const struct du_row *row, bool wanted);
void du_tree_print(struct du_tree *tree, const struct du_row *total);

/* The records of --fs, --deleted and --explain. */
extern const struct column_table du_deleted_table;
extern const struct column_table du_explain_table;
extern const struct column_table du_explain_summary_table;

/* space.c: the file systems (--fs), with --min-free. */
MUST_USE int disk_usage_fs(const struct du_run *run);
/* deleted.c: files that are deleted but still open, on the operands' file systems. */
MUST_USE int disk_usage_deleted(const struct du_run *run);
/* explain.c: why used blocks and walked blocks differ, for each operand's file system. */
MUST_USE int disk_usage_explain(const struct du_run *run);
/* show.c: the message for what could not be read. */
void du_report_trouble(const struct du_run *run, const struct usage_trouble *trouble);
/* ncdu.c: feeds the export in `path` ("-": standard input) into a sink. EXIT_YES, or the status. */
MUST_USE int du_import(const struct du_run *run, const char *path, const struct usage_sink *sink);

/* ncdu.c: scans the operand into an ncdu export. */
MUST_USE int disk_usage_export(const struct du_run *run);
/* ncdu.c: shows an export as if it had been scanned; feeds the same sinks as a scan. */
MUST_USE int disk_usage_import(const struct du_run *run);
/* diff.c: a scan (or -f FILE) against an earlier export. */
MUST_USE int disk_usage_diff(const struct du_run *run);
