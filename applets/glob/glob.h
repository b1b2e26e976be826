/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. glob.c holds the options and one run; patterns.c reads
 * the patterns; select.c decides by type and metadata; found.c takes what the walk finds,
 * order.c sorts it; print.c shows it; by_name.c groups it; commands.c runs programs on
 * it; words.c answers without looking at the file system.
 */
#pragma once

#include "cli/applet.h"
#include "cli/color.h"
#include "cli/exec.h"
#include "cli/filter_opts.h"
#include "cli/template.h"
#include "fs/glob_walk.h"
#include "sys/users.h"

#include <sys/stat.h>

enum glob_time { GLOB_MTIME, GLOB_CTIME, GLOB_ATIME, GLOB_BIRTH };

enum glob_sort {
	GLOB_SORT_PATH,
	GLOB_SORT_NAME,
	GLOB_SORT_NATURAL,
	GLOB_SORT_SIZE,
	GLOB_SORT_MTIME,
	GLOB_SORT_CTIME,
	GLOB_SORT_NONE,
};

struct glob_opts {
	bool hidden, ignore_case, strict;
	struct strv patterns_from;
	const char *base;
	const char *explain; /* a path, or NULL */
	bool absolute;

	bool follow, one_file_system;
	int64_t min_depth, max_depth, exact_depth; /* 0: not given */
	struct filter_cli_opts filter;
	struct strv sizes;
	int time;
	const char *perm;
	bool empty;

	int sort;
	bool reverse;
	int64_t max_results; /* 0: all */
	bool first;
	int64_t keep;

	bool long_lines, no_stat, quiet, count, by_name, nullglob;
	const char *format;
	int color, hyperlink;
	struct out_opts out;

	struct strv exec, exec_batch;
	int64_t jobs;
	bool fail_fast;

	bool test, escape, accepted;
};

/* What is known of a path beyond its type. */
struct glob_meta {
	uint64_t size, ino, dev;
	int64_t nlink;
	struct timespec mtime, ctime;
	uint32_t mode, uid, gid;
	uint64_t rdev;
};

struct glob_item {
	const char *path; /* NUL-terminated */
	size_t len;
	const struct glob_meta *meta; /* NULL: not asked for */
	const char *target;           /* of a link; NULL: it is none, or not asked for */
	unsigned depth;
	uint32_t pattern;
	unsigned char type;
};

struct glob_items {
	VEC_FIELDS(struct glob_item);
};

struct glob_select {
	struct filter_opts limits; /* types, sizes, times, owner */
	bool executable, empty;
	bool any_perm, all_perm, same_perm; /* how `perm` is compared; none: not at all */
	mode_t perm;
	enum glob_time time;
	bool has_size;
	bool needs_stat;
};

struct glob_found;

/* One run. */
struct glob_run {
	struct ctx *ctx;
	const struct glob_opts *opts;
	struct glob_paths paths;
	struct strv patterns; /* as given; borrowed from argv or `texts` */
	struct {
		VEC_FIELDS(char *);
	} texts; /* owned: the lines of --patterns-from */
	struct glob_select select;
	struct filter *filter;
	struct strbuf prefix; /* --absolute-path: the working directory and a slash */
	bool wants_meta;      /* what is printed or sorted by needs it */
	bool wants_target;    /* the same */
	bool sorts;           /* all is collected before anything is printed */

	struct ls_colors *colors; /* NULL: none */
	bool hyperlinks;
	char *host;
	struct users *users;
	struct template *format;
	struct exec *exec;
};

/* patterns.c: reads operands and files into run->paths. 0, or the exit status. */
MUST_USE int glob_read_patterns(struct glob_run *run, char **operands);

/* select.c */
MUST_USE int glob_select_read(struct glob_run *run);
/* True: it is wanted. *ret_st is filled when anything needs it; *ret_known says so. */
bool glob_select_wants(const struct glob_run *run, const struct glob_match *match,
                       struct stat *ret_st, bool *ret_known);

/* found.c: searches, and prints or runs what is found. How many paths were found. */
uint64_t glob_search(struct glob_run *run);
/* Calls print.c or commands.c for one item. False: no more are wanted. */
bool glob_give(struct glob_run *run, const struct glob_item *item, struct strbuf *lines);

/* order.c: equal keys are ordered by path. */
void glob_sort(struct glob_items *all, enum glob_sort sort, bool reverse);

/* print.c */
MUST_USE int glob_print_init(struct glob_run *run);
/* Adds the lines of one item to `lines`; a record goes out at once. */
void glob_print(struct glob_run *run, const struct glob_item *item, struct strbuf *lines);
extern const struct applet_schema glob_schemas[];
extern const struct column_table glob_group_table; /* "name", "count" */
/* What is printed, or given to commands, beyond path and type: sets run->wants_*. */
void glob_print_wants(struct glob_run *run);
/* The item for a template; `st` is filled when it is known. */
struct template_entry glob_template_entry(struct glob_run *run, const struct glob_item *item,
                                          struct stat *st);

/* by_name.c: prints those whose name is there more than once; how many. */
uint64_t glob_print_by_name(struct glob_run *run, struct glob_item *items, size_t n);

/* commands.c */
MUST_USE int glob_commands_init(struct glob_run *run);

/* words.c: --test and --escape. The exit status. */
int glob_test_words(struct glob_run *run, char **operands);
int glob_escape_words(struct glob_run *run, char **operands);
