/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share: its options, one run of it, and the entry points.
 * dupes.c holds the options and calls one mode; each prints its answer and returns the
 * exit status.
 */
#pragma once

#include "cli/applet.h"
#include "cli/files0.h"
#include "cli/filter_opts.h"
#include "cli/job.h"
#include "cli/progress.h"
#include "fs/dupe_act.h"
#include "fs/file_scan.h"
#include "fs/same_dirs.h"
#include "fs/same_keep.h"

#include <pthread.h>
#include <stdatomic.h>

enum dupes_format { DUPES_FDUPES, DUPES_CSV, DUPES_SH, DUPES_FCLONES, DUPES_PAIRS };

struct dupes_opts {
	/* What is looked for. */
	const char *by;
	bool ignore_case;
	bool unique;
	bool count_links;
	bool dirs;
	bool check;
	bool compare;

	/* Where. */
	int no_recurse;
	int64_t max_depth; /* -1: no limit */
	bool no_hidden;
	bool follow;
	bool one_file_system;
	struct strv refs;
	bool ref_only;
	bool isolate;
	const char *files0_from;
	const char *explain; /* a path, or NULL */
	int64_t jobs;        /* 0: chosen */
	struct filter_cli_opts filter;

	/* How equality is proved. */
	int hash; /* enum hash_algo, or DUPES_NO_HASH */
	bool paranoid;
	const char *cache; /* NULL: none; "": the usual place */
	bool no_cache;

	/* What is shown. */
	const char *keep;
	bool show_size;
	bool omit_first;
	bool summarize;
	bool quiet;
	int sort; /* enum same_sort */
	bool reverse;
	int format;   /* enum dupes_format */
	int progress; /* enum progress_when */
	struct out_opts out;

	/* What is done. */
	struct tagged_strv actions; /* enum dupe_action */
	const char *move_to;
	bool yes;
	bool dry_run;
	const char *from;
	int64_t older_than; /* nanoseconds; -1: not given */
	struct job_opts job;
	int refused; /* a letter of other programs */
};

enum { DUPES_NO_HASH = -1 };

/* One run: everything checked. */
struct dupes_run {
	struct ctx *ctx;
	const struct dupes_opts *opts;
	char **roots; /* operands, then reference directories; owned, ends with NULL */
	size_t roots_len;
	size_t refs_at;       /* index of the first reference directory */
	struct files0 files0; /* owned: the operands of --files0-from */
	char here[2];         /* ".", the operand that stands in for none */
	struct filter *filter;
	uint64_t min_size; /* of directories, with --dirs; bytes of the files below */
	uint64_t max_size;
	struct glob *pattern; /* owned; of --keep=path:PATTERN */
	struct same_keep_opts keep;
	unsigned by; /* enum same_by */
	bool hashed; /* whole files are */
	enum dupe_action action;
	bool answers; /* --check: the exit status is the answer, trouble is no "no" */
	struct progress *progress;
	pthread_mutex_t lock; /* of `stale` */
	struct stale_links {
		VEC_FIELDS(char *);
	} stale; /* symbolic links that an interrupted run left */
	struct file_list *list;
	struct same_dirs *dirs; /* with --dirs */
	struct same_result result;
	struct timespec began;   /* the scan */
	struct strbuf here_path; /* owned: the working directory, for --format=fclones */
	uint64_t scanned_files;
	uint64_t scanned_bytes;
	uint64_t vanished;
	atomic_uint_fast64_t errors;
	atomic_uint_fast64_t done_bytes;
	uint64_t acted[DUPE_FAILED + 1]; /* what became of the copies: enum dupe_result */
	uint64_t freed_bytes;
};

/* Over all groups. */
struct dupes_totals {
	uint64_t names;
	uint64_t redundant; /* files that do not stay */
	uint64_t reclaim;   /* bytes */
};

/* setup.c: checks the options. 0, or the status to leave with. */
MUST_USE int dupes_setup(struct dupes_run *run, struct ctx *ctx, const struct dupes_opts *opts,
                         char **operands);
void dupes_release(struct dupes_run *run);

/* find.c: fills list and result. 0, or the status. */
MUST_USE int dupes_scan(struct dupes_run *run);
MUST_USE int dupes_search(struct dupes_run *run, bool first_only);
/* A failure that the answer suffers from: reported, and counted by what the mode makes of it. */
void dupes_trouble(struct dupes_run *run, const char *verb, int err, const char *path);

/* print.c */
/* 0, or the status. */
MUST_USE int dupes_print_groups(struct dupes_run *run);
/* unique.c, and its records. */
void dupes_print_unique(struct dupes_run *run);
extern const struct column_table dupes_entry_table;
/* The record of a group; `outcomes` (may be NULL) go with its members. */
void dupes_emit_group(struct dupes_run *run, size_t index, const struct dupe_outcome *outcomes);
/* The last record. */
void dupes_emit_summary(struct dupes_run *run);
struct dupes_totals dupes_totals(const struct dupes_run *run);
/* print.c: what becomes of the member, in a word: "kept", "planned", "done" ... */
const char *dupes_result_word(enum dupe_result result);
extern const struct applet_schema dupes_schemas[];
/* text.c: the group as lines. */
void dupes_text_group(struct dupes_run *run, size_t index);
void dupes_text_summary(struct dupes_run *run);
void dupes_script_begin(struct dupes_run *run);

/* print.c: the checksum in hexadecimal; nothing without one. */
void dupes_add_digest(const struct dupes_run *run, const struct same_group *g, struct strbuf *ret);
/* fclones.c: begin gives 0, or -errno when the working directory has no path. */
MUST_USE int dupes_fclones_begin(struct dupes_run *run);
void dupes_fclones_group(struct dupes_run *run, size_t index);
void dupes_fclones_end(struct dupes_run *run);

/* act.c: does, or plans, the action for all groups. The status. */
MUST_USE int dupes_act(struct dupes_run *run);
/* from.c: fills list and result from a report. 0, or the status. */
MUST_USE int dupes_read_report(struct dupes_run *run);
/* compare.c: --compare A B. The status. */
MUST_USE int dupes_compare(struct ctx *ctx, const struct dupes_opts *opts, char **operands);
/* "delete", "hardlink" ... */
const char *dupes_action_word(enum dupe_action action);
