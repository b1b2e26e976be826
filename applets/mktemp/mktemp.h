/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. mktemp.c holds the options and says what is made; make.c
 * makes it, under a name nobody can guess; layout.c fills a directory; run.c runs a command and
 * removes what was made; gc.c removes what runs that were killed have left.
 */
#pragma once

#include "cli/applet.h"
#include "cli/shared_opts.h"
#include "fs/file_mode.h"

enum { CODE_TROUBLE = 1, FD_NONE = -1, MADE_RANDOM = 12 };

struct mktemp_opts {
	bool directory, dry_run, quiet, in_tmpdir;
	const char *dir; /* -p, --tmpdir; "": TMPDIR's; NULL: not given */
	const char *suffix;

	const char *prefix, *mode, *content, *layout;
	bool workspace;
	struct strv set; /* KEY=VALUE */
	bool run, keep_on_failure;
	int64_t fd; /* FD_NONE: none */
	bool gc;
	int64_t older; /* nanoseconds */
	struct out_opts out;
};

/* The name to be: `path` with random letters in it. */
struct pattern {
	struct strbuf path;
	size_t random_at, random_len;
};

/* What was made. */
struct made {
	struct strbuf path;
	const char *name; /* in `path`: the last component */
	int dirfd;        /* O_PATH: what it is in */
	int fd;           /* of itself, with an exclusive flock(2); -1 after a dry run */
	bool is_dir;
};

struct mktemp_run {
	struct ctx *ctx;
	const struct mktemp_opts *opts;
	struct file_mode *mode; /* of --mode, or NULL */
	mode_t mask;            /* the umask */
	struct made made;
};

/* make.c */
/* 0, or the exit status after the trouble was reported. */
MUST_USE int make_temporary(struct mktemp_run *m, const struct pattern *pattern);
/* Removes it with all that is in it; false when something stays, which was reported. */
bool remove_made(const struct mktemp_run *m);
void made_release(struct made *made);
/* The letters that names are made of. */
extern const char random_letters[];

/* layout.c: 0, or the exit status after the trouble was reported. */
MUST_USE int check_layout(const struct mktemp_run *m);
MUST_USE int fill_layout(const struct mktemp_run *m);

/* run.c: the exit status. */
int run_with(const struct mktemp_run *m, char **operands);
/* So that nothing of ours gets the number of --fd. 0, or the exit status. */
MUST_USE int reserve_fd(const struct mktemp_run *m);

/* gc.c: the exit status. */
int collect(const struct mktemp_run *m, const char *dir);
extern const struct column_table gc_table;
