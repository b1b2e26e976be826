/* SPDX-License-Identifier: MIT */
/*
 * Whether to use colour, which colour a file has (LS_COLORS, as GNU ls reads it), and
 * links that a terminal can open (OSC 8).
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"

#include <sys/types.h>

struct term_env;

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/*
 * The first that says something decides: --color=always|never, NO_COLOR, CLICOLOR_FORCE
 * or FORCE_COLOR, CLICOLOR=0, TERM unset or dumb, whether `fd` is a terminal.
 */
bool color_enabled(enum color_when when, int fd);
/* The same without looking at the world. */
bool color_decide(enum color_when when, const struct term_env *env, bool is_tty);

struct ls_colors;

/* What GNU says before it goes on without colour. */
#define LS_COLORS_UNPARSABLE "unparsable value for LS_COLORS environment variable"

/*
 * Reads the value of LS_COLORS on top of GNU's defaults; NULL and "" are the defaults
 * alone. Sequences are copied, never interpreted. 0, or -EINVAL with *reterr saying what
 * is wrong where: warn with LS_COLORS_UNPARSABLE once and go on without colour.
 */
MUST_USE int ls_colors_new(const char *text, struct ls_colors **ret, struct text_error *reterr);
struct ls_colors *ls_colors_free(struct ls_colors *c);
DEFINE_AUTO_FREE(ls_colors)

/* What the colour of a file depends on. */
struct ls_color_file {
	const char *name; /* its suffix counts for regular files */
	size_t len;
	mode_t mode;         /* st_mode; the type bits alone where nothing else is known, else 0 */
	mode_t target_mode;  /* of a symbolic link whose target exists, for ln=target; else 0 */
	bool has_many_links; /* more than one name; for mh */
	bool has_capability; /* ask only when ls_colors_wants_capability() */
	bool is_dangling;    /* a symbolic link without a target */
	bool is_missing;     /* the target of such a link, or an operand that is not there */
};

/* A sequence without the introducer and the m: "01;34". Borrowed from the ls_colors. */
struct ls_color {
	const char *bytes;
	size_t len;
};

/* NULL: the file has no colour. */
const struct ls_color *ls_colors_for(const struct ls_colors *c, const struct ls_color_file *file);

/* What a listing has to find out about files for ls_colors_for() to be right. */
bool ls_colors_wants_capability(const struct ls_colors *c); /* ca */
bool ls_colors_wants_stat(const struct ls_colors *c);       /* ex su sg ca mh tw ow st */
bool ls_colors_wants_target(const struct ls_colors *c);     /* or, mi, ln=target */

/*
 * The bytes around a coloured name: begin (which first goes back to normal where the
 * colour of ordinary text, no, is set), the name, end.
 */
void ls_colors_add_begin(const struct ls_colors *c, const struct ls_color *color, struct strbuf *b);
void ls_colors_add_end(const struct ls_colors *c, struct strbuf *b);
/* Starts ordinary text; nothing without a colour for it. */
void ls_colors_add_normal(const struct ls_colors *c, struct strbuf *b);
/* Behind a coloured name that went over the end of a terminal's line: clears the rest (cl). */
void ls_colors_add_clear_line(const struct ls_colors *c, struct strbuf *b);
/* At the very end of an output that used colour; nothing for sequences of the usual form. */
void ls_colors_add_farewell(const struct ls_colors *c, struct strbuf *b);

/*
 * OSC 8 with ST as terminator: file://HOST/PATH, percent-encoded. `path` is absolute and
 * may hold any bytes; `host` may be "".
 */
void hyperlink_add_begin(struct strbuf *b, const char *host, const char *path);
void hyperlink_add_end(struct strbuf *b);
