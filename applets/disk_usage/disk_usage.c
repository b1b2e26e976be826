/* SPDX-License-Identifier: MIT */
/* disk-usage, du - show where the space went. */
#include "disk_usage.h"

#include "base/sig.h"
#include "cli/color.h"
#include "cli/progress.h"
#include "cli/shared_opts.h"

enum { TOP_MAX = 1000000, JOBS_MAX = 256 };

static const struct opt_choice time_choices[] = {
	{ "mtime", DU_TIME_MTIME },
	{ "atime", DU_TIME_ATIME },
	{ "access", DU_TIME_ATIME },
	{ "use", DU_TIME_ATIME },
	{ "ctime", DU_TIME_CTIME },
	{ "status", DU_TIME_CTIME },
	{ "", 0 },
};

static const struct opt_choice sort_choices[] = {
	{ "size", DU_SORT_SIZE },   { "name", DU_SORT_NAME }, { "count", DU_SORT_COUNT },
	{ "mtime", DU_SORT_MTIME }, { "none", DU_SORT_NONE }, { "", 0 },
};

static const struct opt_choice when_choices[] = {
	{ "always", DU_WHEN_ALWAYS },
	{ "never", DU_WHEN_NEVER },
	{ "auto", DU_WHEN_AUTO },
	{ "", 0 },
};

static const struct opt_choice color_choices[] = {
	{ "always", COLOR_ALWAYS },
	{ "never", COLOR_NEVER },
	{ "auto", COLOR_AUTO },
	{ "", 0 },
};

/* clang-format off */
#define S struct du_opts
/*
 * GNU du's options, and behind them our own, which yield: a shortened name that means
 * one of GNU's goes on meaning it.
 */
static const struct opt counted_options[] = {
	OPT_HEADING("What is counted"),
	OPT_BOOL('A', "apparent-size", S, apparent, "count bytes of contents instead of blocks"),
	OPT_BOOL('l', "count-links", S, count_links, "count a hard-linked file once per name"),
	OPT_SET('D', "dereference-args", S, follow, WALK_FOLLOW_ROOTS,
	        "follow symbolic links that are operands"),
	OPT_SET('H', "", S, follow, WALK_FOLLOW_ROOTS, "the same as -D"),
	OPT_SET('L', "dereference", S, follow, WALK_FOLLOW_ALWAYS, "follow all symbolic links"),
	OPT_SET('P', "no-dereference", S, follow, WALK_FOLLOW_NEVER, "follow no symbolic links"),
	OPT_BOOL('x', "one-file-system", S, one_file_system, "skip what is on other file systems"),
	OPT_BOOL(0, "inodes", S, inodes, "count inodes instead of blocks"),
	OPT_STR(0, "files0-from", "FILE", S, files0_from,
	        "take the operands from FILE, each ends with a NUL"),
};
static const struct opt_table counted_table = OPT_TABLE(counted_options);

static const struct opt own_counted_options[] = {
	OPT_BOOL(0, "reflink", S, reflink, "count extents that files share once"),
	OPT_INT('j', "jobs", "N", S, jobs, 1, JOBS_MAX, "read with N threads"),
};
static const struct opt_table own_counted_table = OPT_TABLE_YIELDING(own_counted_options);

static const struct opt shown_options[] = {
	OPT_HEADING("What is shown"),
	OPT_BOOL('a', "all", S, all, "show files too; with --fs every mount"),
	OPT_BOOL('s', "summarize", S, summarize, "show only operands"),
	OPT_INT('d', "max-depth", "N", S, max_depth, 0, INT64_MAX, "show at most N levels below"),
	OPT_SET('c', "total", S, total, 1, "add a total"),
	OPT_BOOL('S', "separate-dirs", S, separate_dirs, "leave subdirectories out of the sizes"),
	OPT_STR('t', "threshold", "[-]SIZE", S, threshold,
	        "show what is at least SIZE, with - at most"),
	OPT_CHOICE_OPTIONAL(0, "time", "WORD", S, time, "mtime",
	                    "show the newest time in it"),
	OPT_STR(0, "time-style", "STYLE", S, time_style, "full-iso, long-iso, iso or +FORMAT"),
};
static const struct opt_link shown_links[] = { OPT_CHOICES(S, time, time_choices) };
static const struct opt_table shown_table = OPT_TABLE_LINKED(shown_options, shown_links);

static const struct opt own_shown_options[] = {
	OPT_SET(0, "no-total", S, total, 0, "add no total"),
	OPT_CHOICE(0, "sort", "KEY", S, sort, "order of the lines, biggest first"),
	OPT_BOOL('r', "reverse", S, reverse, "turn the order around"),
	OPT_INT(0, "top", "N", S, top, 1, TOP_MAX, "show the N biggest of all levels"),
	OPT_BOOL(0, "tree", S, tree, "draw a tree"),
	OPT_CHOICE_OPTIONAL(0, "bars", "WHEN", S, bars, "always",
	                    "draw bars and percentages"),
	OPT_BOOL(0, "reclaim", S, reclaim, "show what deleting it would free"),
};
static const struct opt_link own_shown_links[] = {
	OPT_CHOICES(S, sort, sort_choices),
	OPT_CHOICES(S, bars, when_choices),
};
static const struct opt_table own_shown_table =
	OPT_TABLE_LINKED_YIELDING(own_shown_options, own_shown_links);

static const struct opt unit_options[] = {
	OPT_HEADING("Units"),
	OPT_EXPAND('h', "human-readable", "powers of 1024 as needed: 1.5K", "--block-size=human-readable"),
	OPT_EXPAND(0, "si", "powers of 1000 as needed: 1.5k", "--block-size=si"),
	OPT_EXPAND('k', "", "blocks of 1024 bytes", "--block-size=1024"),
	OPT_EXPAND('m', "", "blocks of 1048576 bytes", "--block-size=1048576"),
	OPT_EXPAND('b', "bytes", "bytes of contents", "--apparent-size\0--block-size=1"),
	OPT_LIST('B', "block-size", "SIZE", S, block_sizes, "blocks of SIZE, or a unit: K, MB, GiB"),
};
static const struct opt_table unit_table = OPT_TABLE(unit_options);

static const struct opt own_answer_options[] = {
	OPT_HEADING("Other answers"),
	OPT_STR('o', "output", "FILE", S, output, "write the scan to FILE in ncdu's format"),
	OPT_STR('f', "input", "FILE", S, input, "show the scan in FILE, written by ncdu or -o"),
	OPT_STR(0, "diff", "FILE", S, diff, "show what changed since the scan in FILE"),
	OPT_BOOL(0, "deleted", S, deleted, "list files that are deleted but still open"),
	OPT_STR_OPTIONAL(0, "explain", "PATH", S, explain, "",
	                 "tell used from found; with PATH which filter decides"),
	OPT_BOOL(0, "fs", S, fs, "show file systems instead of directories"),
	OPT_BOOL(0, "local", S, local, "with --fs: no network file systems"),
	OPT_LIST(0, "exclude-type", "TYPE", S, exclude_types, "with --fs: no file systems of TYPE"),
	OPT_BOOL(0, "posix", S, posix, "with --fs: the POSIX format"),
	OPT_STR(0, "min-free", "SIZE|N%", S, min_free, "with --fs: exit 1 when less is available"),
	OPT_DURATION(0, "timeout", "TIME", S, timeout, "with --fs: give up on a mount after TIME"),
};
static const struct opt_table own_answer_table = OPT_TABLE_YIELDING(own_answer_options);

static const struct opt own_output_options[] = {
	OPT_HEADING("Output"),
	OPT_SHARED(S, out),
	OPT_CHOICE_OPTIONAL(0, "color", "WHEN", S, color, "always",
	                    "color names as LS_COLORS says"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", S, progress, "always",
	                    "show how far the scan is"),
	OPT_SHARED(S, filter),
	OPT_TAGGED('X', "", "FILE", S, filter.rules, FILTER_EXCLUDE_FROM,
	           "the same as --exclude-from=FILE"),
	OPT_BOOL(0, "exclude-kernfs", S, exclude_kernfs,
	         "leave /proc, /sys and the like unread"),
};
static const struct opt_link own_output_links[] = {
	OPT_CHOICES(S, color, color_choices),
	OPT_CHOICES(S, progress, progress_choices),
	OPT_SPLICE(S, out, out_opt_table),
	OPT_SPLICE(S, filter, filter_opt_table),
};
static const struct opt_table own_output_table =
	OPT_TABLE_LINKED_YIELDING(own_output_options, own_output_links);

enum part { COUNTED, OWN_COUNTED, SHOWN, OWN_SHOWN, UNIT, OWN_ANSWER, OWN_OUTPUT };

static const struct opt_link parts[] = {
	OPT_SPLICE_PART(COUNTED, counted_table),
	OPT_SPLICE_PART(OWN_COUNTED, own_counted_table),
	OPT_SPLICE_PART(SHOWN, shown_table),
	OPT_SPLICE_PART(OWN_SHOWN, own_shown_table),
	OPT_SPLICE_PART(UNIT, unit_table),
	OPT_SPLICE_PART(OWN_ANSWER, own_answer_table),
	OPT_SPLICE_PART(OWN_OUTPUT, own_output_table),
};

#define COMMON_OPTIONS \
	OPT_PART(COUNTED), \
	OPT_PART(OWN_COUNTED), \
	OPT_PART(SHOWN), \
	OPT_PART(OWN_SHOWN), \
	OPT_PART(UNIT), \
	OPT_PART(OWN_ANSWER), \
	OPT_PART(OWN_OUTPUT)

static const struct opt disk_usage_options[] = {
	COMMON_OPTIONS,
	OPT_STR(0, "max", "SIZE", S, max, "exit 1 when an operand takes more than SIZE"),
};

/* Scripts say `du --max=1`: the whole name of an option of ours must not stand in their way. */
static const struct opt du_options[] = {
	COMMON_OPTIONS,
	OPT_ALIAS("max", "max-depth"),
	OPT_STR(0, "limit", "SIZE", S, max, "exit 1 when an operand takes more than SIZE"),
};
#undef S
/* clang-format on */

static int run_scan(const struct du_run *run)
{
	AUTO_FREE(du_show) struct du_show *show = du_show_new(run);
	int status = du_scan(run, du_show_sink(show), run->max_depth == 0);

	if (!sig_stopped())
		du_show_finish(show);
	return diag_status(run->ctx->diag, status);
}

static bool explains(const struct du_opts *opts)
{
	return opts->explain != NULL && opts->explain[0] == '\0';
}

static int run_mode(const struct du_run *run)
{
	const struct du_opts *o = run->opts;

	if (o->fs)
		return disk_usage_fs(run);
	if (o->deleted)
		return disk_usage_deleted(run);
	if (explains(o))
		return disk_usage_explain(run);
	if (o->output != NULL)
		return disk_usage_export(run);
	if (o->diff != NULL)
		return disk_usage_diff(run);
	if (o->input != NULL)
		return disk_usage_import(run);
	if (o->explain != NULL)
		return du_explain_filter(run);
	return run_scan(run);
}

static int disk_usage_run(struct ctx *ctx, const void *options, char **operands)
{
	char here[] = ".";
	char *fallback[] = { here, NULL };
	const struct du_opts *opts = options;
	struct du_run run;
	int status;

	out_begin(ctx->out, &opts->out);
	status = du_check_options(ctx, opts, operands);
	if (status != 0)
		return status;
	if (operands[0] == NULL && !opts->fs && !opts->deleted && !explains(opts))
		operands = fallback;
	status = du_run_init(&run, ctx, opts, operands);
	if (status == 0) {
		du_drop_excluded(&run);
		status = run_mode(&run);
	}
	du_run_release(&run);
	return status;
}

#define SAYS_NO_WHEN "something could not be read, or a limit was crossed"

const struct applet disk_usage_applet = {
	.name = "disk-usage",
	.group = "Files",
	.summary = "show where the space went",
	.operands = "[path ...]",
	.says_no_when = SAYS_NO_WHEN,
	.options = OPT_TABLE_LINKED(disk_usage_options, parts),
	.defaults = &(const struct du_opts){ .max_depth = -1,
	                                     .total = DU_TOTAL_UNSET,
	                                     .timeout = -1,
	                                     .bars = DU_WHEN_AUTO },
	.options_size = sizeof(struct du_opts),
	.schemas = du_schemas,
	.run = disk_usage_run,
};

const struct applet du_applet = {
	.name = "du",
	.group = "Files",
	.summary = "show how much space directories take, as GNU du",
	.operands = "[path ...]",
	.says_no_when = SAYS_NO_WHEN,
	.options = OPT_TABLE_LINKED(du_options, parts),
	.defaults = &(const struct du_opts){ .max_depth = -1,
	                                     .gnu = true,
	                                     .progress = PROGRESS_NEVER,
	                                     .timeout = -1,
	                                     .filter.gnu_exclude = true },
	.options_size = sizeof(struct du_opts),
	.codes = { 1, 1 },
	.schemas = du_schemas,
	.run = disk_usage_run,
};
