/* SPDX-License-Identifier: MIT */
/* From options and environment to a run. */
#include "disk_usage.h"

#include "base/clock.h"
#include "base/num.h"
#include "cli/color.h"
#include "cli/term.h"
#include "fs/filter.h"

#include <errno.h>
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

/* GNU du takes from a variable what it can: the number before a unit that is none, the biggest
 * one when it is too big. 0 or a negative errno. */
static int parse_lenient_block_size(const char *value, struct human_format *ret)
{
	struct text_error where;
	uint64_t number;
	bool is_huge;
	size_t len;
	int r;

	value += strspn(value, " \t\n\v\f\r");
	if (value[0] == '-')
		return -EINVAL;
	value += value[0] == '+';
	r = human_parse_block_size(value, ret, &where);
	if (r == 0)
		return 0;
	is_huge = num_scan_c(value, &number, &len) < 0;
	if (!is_huge && (len == 0 || number == 0))
		return -EINVAL;
	if (is_huge || r == -ERANGE)
		number = UINT64_MAX;
	*ret = (struct human_format){ .block_size = number };
	return 0;
}

static int parse_variable(const struct du_run *run, const char *value, struct human_format *ret)
{
	struct text_error where;

	return run->opts->gnu ? parse_lenient_block_size(value, ret)
	                      : human_parse_block_size(value, ret, &where);
}

/* The first variable that is set decides; one that makes no sense counts as unset by GNU's rule. */
static void set_block_size_from_environment(struct du_run *run)
{
	static const char *const names[] = { "DU_BLOCK_SIZE", "BLOCK_SIZE", "BLOCKSIZE" };
	const bool posix = getenv("POSIXLY_CORRECT") != NULL;
	const char *value = NULL;

	for (size_t i = 0; value == NULL && i < ARRAY_LEN(names); i++)
		value = getenv(names[i]);
	if (value != NULL && parse_variable(run, value, &run->format) == 0)
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
	/* Inodes are counted one by one; of a unit GNU du leaves the B: -BKiB prints 2B. */
	if (run->opts->inodes && !run->format.autoscale) {
		run->format.block_size = 1;
		run->format.unit = 0;
		run->format.unit_si |= run->format.unit_iec;
		run->format.unit_iec = false;
	}
	return 0;
}

/* GNU du's numbers are those of C (0x10, 020), and a unit may stand alone: K. */
static int parse_threshold(const struct du_run *run, const char *text, uint64_t *ret,
                           struct text_error *reterr)
{
	struct human_format block;

	if (run->opts->gnu && human_parse_block_size(text, &block, reterr) == 0 &&
	    !block.autoscale && !block.group) {
		*ret = block.block_size;
		return 0;
	}
	return human_parse_size(text, ret, reterr);
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
	if (parse_threshold(run, text + sign, &run->threshold, &where) < 0) {
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
static char *style_from_environment(const char *style)
{
	if (strcmp(style, "locale") == 0)
		style = "long-iso";
	return style[0] == '+' ? mem_strndup(style, strcspn(style, "\n")) : mem_strdup(style);
}

/* A style, or what a shortened name stands for; NULL: none. */
static const char *full_style(const char *style)
{
	static const char *const names[] = { "full-iso", "long-iso", "iso" };

	if (clock_style_is_known(style))
		return style;
	for (size_t i = 0; style[0] != '\0' && i < ARRAY_LEN(names); i++)
		if (strncmp(names[i], style, strlen(style)) == 0)
			return names[i];
	return NULL;
}

static int set_time_style(struct du_run *run)
{
	static const char posix[] = "posix-";
	const char *variable = getenv("TIME_STYLE");
	const bool is_variable = run->opts->time_style == NULL && variable != NULL;
	const char *chosen;
	char *style;
	size_t skip = 0;

	if (run->opts->time == DU_TIME_NONE)
		return 0;
	style = is_variable                     ? style_from_environment(variable)
	        : run->opts->time_style != NULL ? mem_strdup(run->opts->time_style)
	                                        : mem_strdup("long-iso");
	while (strncmp(style + skip, posix, sizeof(posix) - 1) == 0)
		skip += sizeof(posix) - 1;
	chosen = full_style(style + skip);
	if (chosen != NULL)
		run->time_style = mem_strdup(chosen);
	else
		(void)diag_usage(run->ctx->diag,
		                 "%sinvalid time style '%s': full-iso, long-iso, iso or +FORMAT",
		                 is_variable ? "TIME_STYLE: " : "", style + skip);
	free(style);
	return run->time_style != NULL ? 0 : diag_status(run->ctx->diag, EXIT_USAGE);
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
	files0_release(&run->files0);
	run->filter = filter_free(run->filter);
	run->colors = ls_colors_free(run->colors);
}
