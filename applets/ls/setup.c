/* SPDX-License-Identifier: MIT */
/* From options and environment to a run. */
#include "ls.h"

#include "cli/term.h"

#include <stdlib.h>

/* What the marks say, while they are read from left to right. */
struct choice {
	int format, sort, time, quote, indicator, color, hyperlink, follow, show, control;
};

static bool is_wanted(int when, bool terminal)
{
	return when == LS_ALWAYS || (when == LS_AUTO && terminal);
}

static void read_other(struct ls_run *run, struct choice *c, int other)
{
	switch (other) {
	case LS_ONE_LINE:
		if (c->format != LS_LONG)
			c->format = LS_ONE;
		break;
	case LS_ZERO:
		run->end = '\0';
		c->control = 0;
		c->color = LS_NEVER;
		c->quote = QUOTE_LITERAL;
		if (c->format != LS_LONG)
			c->format = LS_ONE;
		break;
	case LS_NO_SORT:
		c->show = LS_SHOW_ALL;
		c->sort = LS_SORT_NONE;
		break;
	case LS_NUMERIC:
		run->numeric = true;
		c->format = LS_LONG;
		break;
	case LS_NO_OWNER:
		run->shows_owner = false;
		c->format = LS_LONG;
		break;
	case LS_NO_GROUP:
		run->shows_group = false;
		c->format = LS_LONG;
		break;
	case LS_FULL_TIME:
		c->format = LS_LONG;
		break;
	default:
		break;
	}
}

static void read_mark(struct ls_run *run, struct choice *c, int tag, bool terminal)
{
	int word = tag & ~LS_MARK_KIND;

	switch (tag & LS_MARK_KIND) {
	case LS_MARK_FORMAT:
		c->format = word;
		break;
	case LS_MARK_SORT:
		c->sort = word;
		break;
	case LS_MARK_TIME:
		c->time = word;
		break;
	case LS_MARK_QUOTE:
		c->quote = word;
		break;
	case LS_MARK_INDICATOR:
		c->indicator = word;
		break;
	case LS_MARK_CLASSIFY:
		if (is_wanted(word, terminal))
			c->indicator = LS_CLASSIFY;
		break;
	case LS_MARK_COLOR:
		c->color = word;
		break;
	case LS_MARK_HYPERLINK:
		c->hyperlink = word;
		break;
	case LS_MARK_FOLLOW:
		c->follow = word;
		break;
	case LS_MARK_SHOW:
		c->show = word;
		break;
	case LS_MARK_CONTROL:
		c->control = word;
		break;
	default:
		read_other(run, c, word);
		break;
	}
}

/* The style QUOTING_STYLE asks for; -1: none. */
static int quoting_from_environment(const struct ls_run *run)
{
	const char *text = getenv("QUOTING_STYLE");

	if (text == NULL)
		return -1;
	for (const struct opt_choice *c = ls_quoting_choices; c->name[0] != '\0'; c++) {
		if (strcmp(c->name, text) == 0)
			return c->value;
	}
	diag_warn(run->ctx->diag, NULL,
	          "ignoring invalid value of environment variable QUOTING_STYLE: '%s'", text);
	return -1;
}

static void set_quoting(struct ls_run *run, const struct choice *c, bool terminal)
{
	static const char types[] = "*=>@|";
	int style = c->quote;

	if (style < 0)
		style = quoting_from_environment(run);
	if (style < 0)
		style = terminal && run->end == '\n' ? QUOTE_SHELL_ESCAPE : QUOTE_LITERAL;
	run->names = (struct quote_form){ (enum quote_style)style, "" };
	run->dir_names = (struct quote_form){ (enum quote_style)style, ":" };
	if (run->indicator >= LS_FILE_TYPE)
		run->names.also = types + (run->indicator - LS_FILE_TYPE);
	if (style == QUOTE_ESCAPE)
		run->names.also = run->indicator == LS_FILE_TYPE  ? " *=>@|"
		                  : run->indicator == LS_CLASSIFY ? " =>@|"
		                                                  : " ";
	/* A raw newline would make two lines of one name; whoever wants it asks for it. */
	run->masks_newline =
		style == QUOTE_LITERAL && c->quote < 0 && c->control < 0 && run->end == '\n';
	run->masks =
		(c->control < 0 ? terminal : c->control == 1) &&
		(style == QUOTE_LITERAL || style == QUOTE_SHELL || style == QUOTE_SHELL_ALWAYS);
	run->aligns_quotes =
		(style == QUOTE_SHELL || style == QUOTE_SHELL_ESCAPE) &&
		(run->format == LS_LONG ||
	         ((run->format == LS_MANY || run->format == LS_ACROSS) && run->width != 0));
}

static void set_colors(struct ls_run *run, int when)
{
	static const enum color_when whens[] = { COLOR_NEVER, COLOR_AUTO, COLOR_ALWAYS };
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };
	struct text_error where;

	if (!color_enabled(whens[when], STDOUT_FILENO))
		return;
	if (ls_colors_new(term_env().ls_colors, &run->colors, &where) < 0) {
		diag_warn(run->ctx->diag, NULL, LS_COLORS_UNPARSABLE);
		return;
	}
	ls_colors_add_normal(run->colors, &normal);
	run->has_normal_color = normal.len > 0;
	run->wants_link_mode = ls_colors_wants_target(run->colors);
	run->tab = 0;
}

/* What has to be found out about each file. */
static void set_wants(struct ls_run *run)
{
	const struct ls_opts *o = run->opts;

	run->filters =
		o->newer != NULL || o->older != NULL || o->min_size != NULL || o->max_size != NULL;
	run->wants_extra = o->json || o->total_size;
	run->wants_stat = run->sort == LS_SORT_TIME || run->sort == LS_SORT_SIZE ||
	                  run->format == LS_LONG || o->context || o->blocks || run->filters ||
	                  run->wants_extra;
	run->wants_type =
		!run->wants_stat &&
		(o->recursive || o->tree || run->colors != NULL || run->indicator != LS_PLAIN ||
	         o->group_dirs != LS_GROUP_NONE || o->only_dirs || o->only_files || o->gitignore);
	if (o->group_dirs != LS_GROUP_NONE)
		run->wants_link_mode = true;
	run->streams =
		run->sort == LS_SORT_NONE && !o->tree &&
		(o->json || (run->format == LS_ONE && !o->blocks && !o->context && !o->inode));
}

static void set_layout(struct ls_run *run, const struct choice *c, bool terminal)
{
	const bool dated = c->time == LS_ATIME || c->time == LS_CTIME || c->time == LS_BTIME;
	const struct ls_opts *o = run->opts;

	run->format = (enum ls_format)c->format;
	if (c->format < 0)
		run->format = terminal && !o->tree ? LS_MANY : LS_ONE;
	if (o->json || (o->tree && run->format != LS_LONG))
		run->format = LS_ONE;
	run->sort = (enum ls_sort)c->sort;
	if (c->sort < 0)
		run->sort = dated && run->format != LS_LONG ? LS_SORT_TIME : LS_SORT_NAME;
	run->time = c->time < 0 ? LS_MTIME : (enum ls_time)c->time;
	run->indicator = (enum ls_indicator)c->indicator;
	run->show = (enum ls_show)c->show;
	run->hyperlinks = !o->json && is_wanted(c->hyperlink, terminal);
	run->follow = (enum ls_follow)c->follow;
	if (c->follow < 0)
		run->follow =
			o->directory || run->indicator == LS_CLASSIFY || run->format == LS_LONG
				? LS_FOLLOW_NEVER
				: LS_FOLLOW_DIR_ARGS;
}

static int check(const struct ls_run *run)
{
	const struct ls_opts *o = run->opts;

	for (size_t i = 0; i < o->marks.len; i++) {
		if (o->marks.items[i].tag == LS_MARK_OTHER + LS_DIRED)
			return diag_usage(run->ctx->diag, "--dired is not offered; use --json");
	}
	if (o->only_dirs && o->only_files)
		return diag_usage(run->ctx->diag, "--only-dirs and --only-files leave nothing");
	if (o->level != 0 && !o->tree && !o->recursive)
		return diag_usage(run->ctx->diag, "--level needs --tree or -R");
	return 0;
}

int ls_run_init(struct ls_run *ret, struct ctx *ctx, const struct ls_opts *opts)
{
	const bool terminal = term_is_tty(STDOUT_FILENO);
	struct choice c = { -1, -1, -1, -1, LS_PLAIN, LS_AUTO, LS_NEVER, -1, LS_SHOW_VISIBLE, -1 };
	int status;

	*ret = (struct ls_run){ .ctx = ctx,
		                .opts = opts,
		                .end = '\n',
		                .shows_owner = true,
		                .shows_group = !opts->no_group,
		                .prints_dir_name = true };
	status = check(ret);
	if (status != 0)
		return status;
	for (size_t i = 0; i < opts->marks.len; i++)
		read_mark(ret, &c, opts->marks.items[i].tag, terminal);
	set_layout(ret, &c, terminal);
	status = ls_set_texts(ret);
	if (status != 0)
		return status;
	if (!opts->json)
		set_colors(ret, c.color);
	set_quoting(ret, &c, terminal);
	set_wants(ret);
	ret->users = users_new();
	ret->now = clock_wall();
	if (ret->hyperlinks) {
		ret->host = mem_alloc_zeroed(256);
		if (gethostname(ret->host, 255) != 0)
			ret->host[0] = '\0';
	}
	return ls_rules_new(ret, &ret->rules);
}

void ls_run_release(struct ls_run *run)
{
	run->users = users_free(run->users);
	run->colors = ls_colors_free(run->colors);
	run->rules = ls_rules_free(run->rules);
	run->totals = ls_totals_free(run->totals);
	strbuf_release(&run->out);
	strbuf_release(&run->ids.text);
	strbuf_release(&run->letters.text);
	free(run->old_style);
	free(run->recent_style);
	free(run->attributes);
	free(run->host);
}
