/* SPDX-License-Identifier: MIT */
/*
 * archive: one file a verb. options.c has the options, archive.c what is around each verb, bundle.c
 * understands "czf A DIR", open.c opens archives and tells what was wrong with them, select.c
 * decides which members are meant.
 */
#pragma once

#include "cli/applet.h"
#include "cli/filter_opts.h"
#include "cli/job.h"
#include "cli/progress.h"
#include "fs/extract.h"
#include "fs/member_limits.h"
#include "fs/member_name.h"
#include "fs/members.h"

enum archive_verb {
	VERB_NONE,
	VERB_CREATE,
	VERB_EXTRACT,
	VERB_LIST,
	VERB_TEST,
	VERB_INFO,
	VERB_FORMATS,
};

enum { RETRIES_DEFAULT = 3 };

enum charset { CHARSET_AUTO, CHARSET_RAW };

struct archive_opts {
	/* The options of all verbs. */
	int bundle; /* enum archive_verb: -c, -x, -t */
	const char *file;
	const char *directory;
	bool verbose;
	bool quiet;
	bool problems;
	/* Of create. */
	const char *format;
	int packing; /* enum packing */
	int64_t level;
	bool overwrite;
	bool contents;
	bool dereference;
	bool hard_dereference;
	bool one_file_system;
	const char *mtime;
	bool clamp_mtime;
	const char *owner;
	const char *group;
	bool reproducible;
	bool no_sparse;
	int64_t retries;
	bool verify;
	/* Of extract. */
	bool here;
	int existing; /* enum extract_existing */
	int policy;   /* enum extract_policy */
	bool keep_modes;
	bool same_owner;
	bool numeric_owner;
	bool no_mtime;
	bool no_xattrs;
	int64_t strip;
	bool to_stdout;
	bool strict;
	bool no_fsync;
	const char *limit_size;
	int64_t limit_entries;
	int64_t limit_ratio;
	int64_t limit_depth;
	bool no_limits;
	int64_t threads;
	int progress; /* enum progress_when */
	int charset;  /* enum charset */
	const char *passphrase_file;
	struct out_opts out;
	struct filter_cli_opts filter;
	struct job_opts job;
};

struct archive_run {
	struct ctx *ctx;
	struct archive_opts opts;
	bool is_bundle;
	char *passphrase; /* owned, or NULL */
	struct filter *filter;
	struct progress *progress;
	struct job *job;
	uint64_t limit_size; /* 0: not given */
};

unsigned archive_threads(const struct archive_run *run);

/* bundle.c */

/* Is the first operand a bundle of letters, as in "czf"? */
bool bundle_fits(const char *word);
/*
 * Does what the letters say: sets options, and takes their values from the operands, which it
 * moves on. 0, or the exit status after the trouble was reported.
 */
MUST_USE int bundle_apply(struct archive_run *run, char ***operands);

/* What was given makes sense with the letter c, x or t. 0 or the exit status. */
MUST_USE int bundle_check(struct archive_run *run);

/* open.c */

struct source {
	const char *name; /* as given; "-" is standard input */
	int fd;
	struct members *members;
};

/* 0, or the exit status after the trouble was reported. */
MUST_USE int source_open(struct archive_run *run, const char *name, struct source *ret);
/* The same with `fd` and `name` set. */
MUST_USE int source_attach(struct archive_run *run, struct source *s);
void source_close(struct source *s);
/* Reports what members_next() and so on said. The exit status. */
int source_trouble(struct archive_run *run, const struct source *s, int err);
/* The same about one member's content. */
int source_member_trouble(struct archive_run *run, const struct source *s, const char *path,
                          int err);
/* Reports what makes an archive doubtful that was read to its end. */
void source_tell_end(struct archive_run *run, const struct source *s,
                     const struct members_end *end);
/* At the end: what makes the whole doubtful is reported. 0 or the exit status. */
int source_finish(struct archive_run *run, struct source *s, struct members_end *ret);
/* test.c: opens `s->fd`, reads all of it, and closes it. 0 or the exit status of the trouble. */
MUST_USE int source_verify(struct archive_run *run, struct source *s, uint64_t *ret_entries);
/* The lines of the file, without its newline. 0 or the exit status. */
MUST_USE int passphrase_read(struct archive_run *run);

/* select.c */

struct selection {
	struct archive_run *run;
	char **names; /* ends with NULL */
	bool *found;
	struct strbuf clean;
	struct strbuf other;
	bool no_filter;
};

void selection_begin(struct selection *s, struct archive_run *run, char **names);
bool selection_wants(struct selection *s, const struct member *m);
/* Reports the names that no member had, when all members were seen. */
void selection_end(struct selection *s, bool all_seen);

/* extract_name.c: "dir/a.tar.gz" is extracted into "a". To be freed. */
char *extract_name(const char *archive);

/* list.c: a record of the member. */
void list_emit(struct archive_run *run, const struct member *m, unsigned troubles);

/* limits.c: what the options say makes sense. 0 or the exit status. */
MUST_USE int limits_check(struct archive_run *run);
/* Limits as the options say, below `dirfd`. */
void limits_read(const struct archive_run *run, int dirfd, struct member_limits *ret);
/* Reports which limit was passed. EXIT_GUARD. */
int limits_trouble(struct archive_run *run, enum limit_hit hit);

/* archive.c: what the tables of options.c call. */
int archive_run_create(struct ctx *ctx, const void *options, char **operands);
int archive_run_extract(struct ctx *ctx, const void *options, char **operands);
int archive_run_list(struct ctx *ctx, const void *options, char **operands);
int archive_run_test(struct ctx *ctx, const void *options, char **operands);
int archive_run_info(struct ctx *ctx, const void *options, char **operands);
int archive_run_formats(struct ctx *ctx, const void *options, char **operands);
int archive_run_bundle(struct ctx *ctx, const void *options, char **operands);

/* The verbs: the exit status. */
int archive_create(struct archive_run *run, char **operands);
int archive_extract(struct archive_run *run, char **operands);
int archive_list(struct archive_run *run, char **operands);
int archive_test(struct archive_run *run, char **operands);
int archive_info(struct archive_run *run, char **operands);
int archive_formats(struct archive_run *run, char **operands);
extern const struct column_table create_summary_table, extract_summary_table, list_entry_table,
	list_summary_table, test_verdict_table, test_summary_table, info_table, formats_table;
