/* SPDX-License-Identifier: MIT */
/* Facts about the terminal behind a descriptor. */
#pragma once

#include "base/base.h"

enum { TERM_COLUMNS_DEFAULT = 80, TERM_COLUMNS_MAX = 65535 };

/* errno is kept. */
bool term_is_tty(int fd);
/*
 * Columns of the terminal on `fd`; where it does not say, the number in `columns_text`
 * (the value of COLUMNS, may be NULL), else 80. Never 0.
 */
unsigned term_columns(int fd, const char *columns_text);

/* What the environment says about output; strings are borrowed, NULL when unset. */
struct term_env {
	const char *columns;        /* COLUMNS */
	const char *term;           /* TERM */
	const char *no_color;       /* NO_COLOR */
	const char *clicolor;       /* CLICOLOR */
	const char *clicolor_force; /* CLICOLOR_FORCE */
	const char *force_color;    /* FORCE_COLOR */
	const char *ls_colors;      /* LS_COLORS */
};

/* The one place that reads these variables. */
struct term_env term_env(void);
