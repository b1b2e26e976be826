/* SPDX-License-Identifier: MIT */
/* From options and environment to a run. */
#include "disk_usage.h"

#include "base/clock.h"
#include "cli/color.h"
#include "cli/term.h"
#include "fs/filter.h"

#include <stdlib.h>

enum { BLOCK_DEFAULT = 1024, BLOCK_POSIX = 512 };

static int set_block_size(struct du_run *run)
{
	const struct strv *given = &run->opts->block_sizes;
	struct text_error where;

	for (size_t i = 0; i < given->len; i++)
		if (human_parse_block_size(given->items[i], &run->format, &where) < 0)
			return diag_caret(run->ctx->diag, "invalid block size", given->items[i],
			                  &where);
	return 0;
}

/* The first variable that is set decides; one that makes no sense counts as unset by GNU's rule. */
static void set_block_size_from_environment(struct du_run *run)
{
	static const char *const names[] = { "DU_BLOCK_SIZE", "BLOCK_SIZE", "BLOCKSIZE" };
	const bool posix = getenv("POSIXLY_CORRECT") != NULL;
	const char *value = NULL;
	struct text_error where;

	for (size_t i = 0; value == NULL && i < ARRAY_LEN(names); i++)
		value = getenv(names[i]);
	if (value != NULL && human_parse_block_size(value, &run->format, &where) == 0)
		return;
	if (value == NULL && !posix && !run->opts->gnu)
		run->format = (struct human_format){ .autoscale = true };
	else
		run->format =
			(struct human_format){ .block_size = posix ? BLOCK_POSIX : BLOCK_DEFAULT };
}

static int set_format(struct du_run *run)
{
	int status = set_block_size(run);

	if (status != 0)
		return status;
	if (run->opts->block_sizes.len == 0)
		set_block_size_from_environment(run);
	if (run->opts->inodes && !run->format.autoscale)
		run->format = (struct human_format){ .block_size = 1 };
	return 0;
}

static int set_threshold(struct du_run *run)
{
	const char *text = run->opts->threshold;
	struct text_error where;
	size_t sign;

	if (text == NULL)
		return 0;
	run->threshold_is_high = text[0] == '-';
	sign = text[0] == '-' || text[0] == '+';
	if (human_parse_size(text + sign, &run->threshold, &where) < 0) {
		where.offset += sign;
		return diag_caret(run->ctx->diag, "invalid threshold", text, &where);
	}
	if (run->threshold == 0 && run->threshold_is_high)
		return diag_usage(run->ctx->diag, "invalid --threshold argument '%s'", text);
	return 0;
}

static int set_max(struct du_run *run)
{
	const char *text = run->opts->max;
	struct text_error where;

	if (text == NULL)
		return 0;
	if (human_parse_size(text, &run->max, &where) < 0)
		return diag_caret(run->ctx->diag, "invalid limit", text, &where);
	run->has_max = true;
	return 0;
}

/* TIME_STYLE is shared with ls: its "locale" and what follows a newline mean nothing here. */
static char *style_from_environment(void)
{
	const char *style = getenv("TIME_STYLE");

	if (style == NULL || strcmp(style, "locale") == 0)
		style = "long-iso";
	return style[0] == '+' ? mem_strndup(style, strcspn(style, "\n")) : mem_strdup(style);
}

static int set_time_style(struct du_run *run)
{
	static const char posix[] = "posix-";
	char *style;
	size_t skip = 0;

	if (run->opts->time == DU_TIME_NONE)
		return 0;
	style = run->opts->time_style != NULL ? mem_strdup(run->opts->time_style)
	                                      : style_from_environment();
	while (strncmp(style + skip, posix, sizeof(posix) - 1) == 0)
		skip += sizeof(posix) - 1;
	run->time_style = mem_strdup(style + skip);
	free(style);
	if (clock_style_is_known(run->time_style))
		return 0;
	return diag_usage(run->ctx->diag,
	                  "invalid time style '%s': full-iso, long-iso, iso or +FORMAT",
	                  run->time_style);
}

static void set_view(struct du_run *run)
{
	const struct du_opts *opts = run->opts;
	const bool text = !opts->out.json && !opts->out.zero;
	const bool whole_tree = opts->gnu || opts->top > 0 || opts->tree;

	run->max_depth = whole_tree ? UINT32_MAX : 1;
	if (opts->max_depth >= 0)
		run->max_depth =
			opts->max_depth < UINT32_MAX ? (uint32_t)opts->max_depth : UINT32_MAX;
	if (opts->summarize)
		run->max_depth = 0;
	run->total = opts->total != 0;
	run->bars = text && (opts->bars == DU_WHEN_ALWAYS ||
	                     (opts->bars == DU_WHEN_AUTO && out_quotes(run->ctx->out)));
	run->sort = (enum du_sort)opts->sort;
	if (run->sort == DU_SORT_UNSET)
		run->sort = opts->top > 0 || (!opts->gnu && !opts->out.json) ? DU_SORT_SIZE
		                                                             : DU_SORT_NONE;
}

static int set_filter(struct du_run *run)
{
	if (run->opts->fs)
		return 0;

	int status = filter_cli_compile(run->ctx->diag, &run->opts->filter, &run->filter);

	if (status == 0 && run->opts->input != NULL && !filter_is_trivial(run->filter))
		return diag_usage(run->ctx->diag,
		                  "--input shows an export as it is; filter when it is written");
	return status;
}

static void set_colors(struct du_run *run)
{
	struct text_error where;

	if (out_format(run->ctx->out) != OUT_TEXT ||
	    !color_enabled((enum color_when)run->opts->color, STDOUT_FILENO))
		return;
	if (ls_colors_new(term_env().ls_colors, &run->colors, &where) < 0)
		diag_warn(run->ctx->diag, NULL, LS_COLORS_UNPARSABLE);
}

int du_run_init(struct du_run *ret, struct ctx *ctx, const struct du_opts *opts, char **operands)
{
	int status;

	*ret = (struct du_run){ .ctx = ctx, .opts = opts, .operands = operands };
	if ((status = set_format(ret)) != 0 || (status = set_threshold(ret)) != 0 ||
	    (status = set_max(ret)) != 0 || (status = set_time_style(ret)) != 0 ||
	    (status = set_filter(ret)) != 0)
		return status;
	set_view(ret);
	set_colors(ret);
	return du_read_operands(ret);
}

void du_run_release(struct du_run *run)
{
	free(run->time_style);
	free(run->list);
	strbuf_release(&run->names);
	run->filter = filter_free(run->filter);
	run->colors = ls_colors_free(run->colors);
}
