/* SPDX-License-Identifier: MIT */
/* What the parts of env share. */
#pragma once

#include "base/env_split.h"
#include "cli/applet.h"

enum env_signal_option { ENV_SIGNAL_DEFAULT, ENV_SIGNAL_IGNORE, ENV_SIGNAL_BLOCK };

struct env_opts {
	struct out_opts out;
	bool ignore_environment;
	bool verbose;
	bool list_signals;
	bool expand;
	bool sort;
	const char *chdir;
	const char *split;
	const char *argv0;
	const char *otherwise; /* in place of variables that are not set */
	struct strv unset;
	struct strv get;
	struct tagged_strv signals; /* the tags are enum env_signal_option */
};

/* What stands in the option table for a list of signals that is missing. */
#define ENV_ALL_SIGNALS "all"

/* One run. */
struct env_run {
	struct ctx *ctx;
	struct env_opts opts;   /* with what -S added; its lists are this run's own */
	char **operands;        /* NULL at the end; an array of this run's own */
	struct env_words words; /* those that came from -S */
	struct {
		VEC_FIELDS(char *);
	} vars; /* the environment in the making, borrowed; NULL at the end */
};

extern const struct column_table env_variable_table;

/* The value of a variable in the making, or NULL; the name has `len` bytes. */
const char *env_value(const struct env_run *e, const char *name, size_t len);

/* Puts the words of -S in its place, as often as there is one. 0, or the exit status. */
MUST_USE int env_split_words(struct env_run *e, bool *ret_done);

/* Do the options name signals? 0, or the exit status. */
MUST_USE int env_check_signals(struct env_run *e);
/* Actions and mask of signals, as the options say. 0, or the exit status. */
MUST_USE int env_set_signals(struct env_run *e);

/* Without a command. The exit status. */
int env_print(struct env_run *e);

/* Each writes one line on standard error, where --verbose was given. */
void env_debug(const struct env_run *e, const char *what, const char *text);
void env_debug_quoted(const struct env_run *e, const char *what, const char *text);
/* In quotes as GNU's messages have them. */
void env_add_quoted(struct strbuf *b, const char *text);
