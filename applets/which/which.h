/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. which.c holds the options and one run; report.c
 * prints matches; why.c says why there are none; definitions.c speaks for the aliases and
 * functions of a shell.
 */
#pragma once

#include "base/shell_text.h"
#include "cli/applet.h"
#include "sys/command_path.h"

struct which_opts {
	bool all, quiet, unique, absolute, resolve, why, shadowed, default_path;
	bool read_alias, skip_alias, read_functions, skip_functions;
	const char *path;
	const char *mode;
	struct tagged_strv marks; /* the dot, tilde and tty options of GNU which, in order */
	struct out_opts out;
};

/* One run. */
struct search {
	struct ctx *ctx;
	const struct which_opts *opts;
	struct command_path *path;
	int access;           /* for access(2) */
	bool is_default_path; /* neither PATH nor an option said where to search */
	bool show_dot, show_tilde, skip_dot, skip_tilde;
	char *cwd;           /* owned; NULL when it is not needed or not known */
	const char *home;    /* may be NULL */
	struct strbuf input; /* what `defs` borrows from */
	struct shell_defs defs;
	struct command_matches matches; /* of the name at hand */
	struct strbuf line;             /* in the making */
};

extern const struct column_table which_entry_table;
extern const struct column_table which_verdict_table;

/* Fills s->matches with what is to be reported about the name. */
void which_find(struct search *s, const char *name);
/* Adds the path of a match in the form that was asked for. */
void which_add_shown(const struct search *s, size_t dir, const char *name, struct strbuf *ret);
/* Adds the path as the system calls get it. */
void which_add_raw(const struct search *s, size_t dir, const char *name, struct strbuf *ret);
bool which_is_same_file(const struct stat *a, const struct stat *b);

/* Each of these prints what it is about, unless --silent, and says whether there was anything. */
bool which_report(struct search *s, const char *name, const char *indent);
bool which_explain(struct search *s, const char *name);
bool which_report_shadowed(struct search *s, const char *name);
bool which_report_all_shadowed(struct search *s);

/* Reads aliases and functions from standard input. */
void which_read_definitions(struct search *s);
/* Aliases and functions first, then files, as GNU which. */
bool which_report_defined(struct search *s, const char *name);
