/* SPDX-License-Identifier: MIT */
/* Options that have a text, and the variables that stand in for them. */
#include "ls.h"

#include "base/num.h"
#include "cli/term.h"

#include <stdlib.h>

enum { BLOCK_DEFAULT = 1024, BLOCK_POSIX = 512, TAB_DEFAULT = 8, LENGTH_MAX = 1 << 30 };

/* In C's notation: 0x10, 020. False when it is none; too big a number is `too_big`. */
static bool read_length(const char *text, size_t too_big, size_t *ret)
{
	unsigned base = 10;
	size_t value = 0;
	const char *p = text;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && p[2] != '\0') {
		base = 16;
		p += 2;
	} else if (p[0] == '0') {
		base = 8;
	}
	if (*p == '\0')
		return false;
	for (; *p != '\0'; p++) {
		unsigned digit = *p >= '0' && *p <= '9'   ? (unsigned)(*p - '0')
		                 : *p >= 'a' && *p <= 'f' ? (unsigned)(*p - 'a') + 10
		                 : *p >= 'A' && *p <= 'F' ? (unsigned)(*p - 'A') + 10
		                                          : 16;

		if (digit >= base)
			return false;
		if (value <= LENGTH_MAX)
			value = value * base + digit;
	}
	*ret = value > LENGTH_MAX ? too_big : value;
	return true;
}

/* The last text of a kind; NULL: none. */
static const char *last_text(const struct ls_run *run, enum ls_other kind)
{
	const struct tagged_strv *marks = &run->opts->marks;
	const char *text = NULL;

	for (size_t i = 0; i < marks->len; i++) {
		if (marks->items[i].tag == LS_MARK_OTHER + (int)kind)
			text = marks->items[i].text;
	}
	return text;
}

static int set_width(struct ls_run *run)
{
	const char *text = last_text(run, LS_TEXT_WIDTH);
	const char *columns = term_env().columns;
	size_t width;

	if (text != NULL) {
		if (!read_length(text, 0, &run->width))
			return diag_usage(run->ctx->diag, "invalid line width: '%s'", text);
		return 0;
	}
	run->width = term_columns(STDOUT_FILENO, NULL);
	if (run->width != TERM_COLUMNS_DEFAULT || columns == NULL || columns[0] == '\0' ||
	    term_is_tty(STDOUT_FILENO))
		return 0;
	if (read_length(columns, 0, &width))
		run->width = width;
	else if (run->format != LS_LONG && run->format != LS_ONE)
		diag_warn(run->ctx->diag, NULL,
		          "ignoring invalid width in environment variable COLUMNS: '%s'", columns);
	return 0;
}

static int set_tab(struct ls_run *run)
{
	const char *text = last_text(run, LS_TEXT_TAB);

	run->tab = TAB_DEFAULT;
	if (text != NULL && !read_length(text, LENGTH_MAX, &run->tab))
		return diag_usage(run->ctx->diag, "invalid tab size: '%s'", text);
	text = text == NULL ? getenv("TABSIZE") : NULL;
	if (text != NULL && !read_length(text, LENGTH_MAX, &run->tab))
		diag_warn(run->ctx->diag, NULL,
		          "ignoring invalid tab size in environment variable TABSIZE: '%s'", text);
	return 0;
}

static void set_sizes_from_environment(struct ls_run *run)
{
	static const char *const names[] = { "LS_BLOCK_SIZE", "BLOCK_SIZE", "BLOCKSIZE" };
	const bool posix = getenv("POSIXLY_CORRECT") != NULL;
	const char *value = NULL;
	struct text_error where;
	size_t which = 0;

	for (; value == NULL && which < ARRAY_LEN(names); which++)
		value = getenv(names[which]);
	run->block_format =
		(struct human_format){ .block_size = posix ? BLOCK_POSIX : BLOCK_DEFAULT };
	run->size_format = (struct human_format){ .block_size = 1 };
	if (value != NULL && human_parse_block_size(value, &run->block_format, &where) == 0 &&
	    which < ARRAY_LEN(names))
		run->size_format = run->block_format;
	if (run->opts->kibibytes)
		run->block_format = (struct human_format){ .block_size = BLOCK_DEFAULT };
}

static int set_sizes(struct ls_run *run)
{
	const struct tagged_strv *marks = &run->opts->marks;
	struct text_error where;
	bool given = false;

	for (size_t i = 0; i < marks->len; i++) {
		struct human_format format = { .autoscale = true };
		int tag = marks->items[i].tag - LS_MARK_OTHER;
		const char *text = marks->items[i].text;

		if (tag != LS_HUMAN && tag != LS_SI && tag != LS_TEXT_BLOCK_SIZE)
			continue;
		format.si = tag == LS_SI;
		if (tag == LS_TEXT_BLOCK_SIZE && human_parse_block_size(text, &format, &where) < 0)
			return diag_caret(run->ctx->diag, "invalid block size", text, &where);
		run->block_format = run->size_format = format;
		given = true;
	}
	if (!given)
		set_sizes_from_environment(run);
	return 0;
}

static const struct {
	const char *name, *old, *recent;
} styles[] = {
	{ "full-iso", "+%Y-%m-%d %H:%M:%S.%N %z", NULL },
	{ "long-iso", "+%Y-%m-%d %H:%M", NULL },
	{ "iso", "+%Y-%m-%d ", "+%m-%d %H:%M" },
	{ "locale", "+%b %e  %Y", "+%b %e %H:%M" },
	{ "relative", "+%Y-%m-%d", NULL },
};

enum { STYLE_LOCALE = 3, STYLE_RELATIVE = 4 };

static int find_style(const char *text)
{
	int found = -1;
	size_t len = strlen(text);

	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		if (strcmp(styles[i].name, text) == 0)
			return (int)i;
		if (len != 0 && strncmp(styles[i].name, text, len) == 0) {
			if (found >= 0)
				return -1;
			found = (int)i;
		}
	}
	return found;
}

static void use_style(struct ls_run *run, int style)
{
	run->default_style = style == STYLE_LOCALE;
	run->relative = style == STYLE_RELATIVE;
	run->old_style = mem_strdup(styles[style].old);
	run->recent_style =
		mem_strdup(styles[style].recent != NULL ? styles[style].recent : styles[style].old);
}

/* +FORMAT, or +FORMAT for old times, a newline, FORMAT for recent ones. */
static int use_format(struct ls_run *run, const char *text)
{
	const char *newline = strchr(text, '\n');
	struct strbuf recent = { 0 };

	if (newline == NULL) {
		run->old_style = mem_strdup(text);
		run->recent_style = mem_strdup(text);
		return 0;
	}
	if (strchr(newline + 1, '\n') != NULL)
		return diag_usage(run->ctx->diag, "invalid time style format '%s'", text);
	strbuf_add_char(&recent, '+');
	strbuf_add_str(&recent, newline + 1);
	run->old_style = mem_strndup(text, (size_t)(newline - text));
	run->recent_style = strbuf_detach(&recent);
	return 0;
}

/* The text of the last --time-style or --full-time. */
static const char *style_from_options(const struct ls_run *run)
{
	const struct tagged_strv *marks = &run->opts->marks;
	const char *text = NULL;

	for (size_t i = 0; i < marks->len; i++) {
		if (marks->items[i].tag == LS_MARK_OTHER + LS_TEXT_STYLE)
			text = marks->items[i].text;
		else if (marks->items[i].tag == LS_MARK_OTHER + LS_FULL_TIME)
			text = "full-iso";
	}
	return text;
}

static int set_time_style(struct ls_run *run)
{
	static const char posix[] = "posix-";
	const char *text = style_from_options(run);
	const char *variable = getenv("TIME_STYLE");
	bool given = text != NULL;
	int style;

	if (run->format != LS_LONG)
		return 0;
	if (!given)
		text = variable != NULL ? variable : "locale";
	/* posix- leaves the style to locales that are not POSIX; there is none here. */
	if (strncmp(text, posix, sizeof(posix) - 1) == 0)
		text = "locale";
	if (text[0] == '+')
		return use_format(run, text);
	style = find_style(text);
	if (style < 0 && given)
		return diag_usage(run->ctx->diag,
		                  "invalid time style '%s': "
		                  "full-iso, long-iso, iso, locale, relative or +FORMAT",
		                  text);
	if (style < 0)
		diag_warn(run->ctx->diag, NULL,
		          "ignoring invalid value of environment variable TIME_STYLE: '%s'", text);
	use_style(run, style < 0 ? STYLE_LOCALE : style);
	return 0;
}

int ls_set_texts(struct ls_run *run)
{
	int status;

	if ((status = set_width(run)) != 0 || (status = set_tab(run)) != 0 ||
	    (status = set_sizes(run)) != 0)
		return status;
	return set_time_style(run);
}
