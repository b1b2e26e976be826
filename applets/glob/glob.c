/* SPDX-License-Identifier: MIT */
/* glob - find the paths that patterns match, by the rules of shells */
#include "glob.h"

#include "cli/explain.h"
#include "cli/shared_opts.h"

#include <errno.h>
#include <fcntl.h>

#define S struct glob_opts

enum { DEPTH_MAX = 1000000, JOBS_MAX = 1024 };

static const struct opt_choice sort_choices[] = {
	{ "path", GLOB_SORT_PATH },       { "name", GLOB_SORT_NAME },
	{ "natural", GLOB_SORT_NATURAL }, { "size", GLOB_SORT_SIZE },
	{ "mtime", GLOB_SORT_MTIME },     { "ctime", GLOB_SORT_CTIME },
	{ "none", GLOB_SORT_NONE },       { "", 0 },
};

static const struct opt_choice time_choices[] = {
	{ "mtime", GLOB_MTIME },
	{ "ctime", GLOB_CTIME },
	{ "atime", GLOB_ATIME },
	{ "birth", GLOB_BIRTH },
	{ "", 0 },
};

static const struct opt_choice when_choices[] = {
	{ "auto", COLOR_AUTO },
	{ "always", COLOR_ALWAYS },
	{ "never", COLOR_NEVER },
	{ "", 0 },
};

/* clang-format off */
static const struct opt pattern_rows[] = {
	OPT_HEADING("Patterns"),
	OPT_BOOL('H', "hidden", S, hidden, "let * and ? match a leading dot, and ** enter such directories"),
	OPT_BOOL('i', "ignore-case", S, ignore_case, "take upper and lower case as the same"),
	OPT_BOOL(0, "strict", S, strict, "refuse a [ or { that is not closed, warn of empty ranges"),
	OPT_LIST(0, "patterns-from", "FILE", S, patterns_from,
	         "read patterns from FILE (-: standard input); ! takes back"),
	OPT_STR('C', "base-directory", "DIR", S, base, "search in DIR, and run commands there"),
	OPT_BOOL('L', "follow", S, follow, "follow links, ** too; never into a loop"),
	OPT_BOOL(0, "one-file-system", S, one_file_system, "stay on one file system"),
	OPT_ALIAS("xdev", "one-file-system"),
	OPT_INT('d', "max-depth", "N", S, max_depth, 1, DEPTH_MAX, "paths of at most N names"),
	OPT_INT(0, "min-depth", "N", S, min_depth, 1, DEPTH_MAX, "paths of at least N names"),
	OPT_INT(0, "exact-depth", "N", S, exact_depth, 1, DEPTH_MAX, "paths of N names"),
	OPT_BOOL('g', "glob", S, accepted, "for compatibility with fd; patterns are globs anyway"),
};

static const struct opt select_rows[] = {
	OPT_TAGGED('E', "", "PATTERN", S, filter.rules, FILTER_EXCLUDE, "the same as --exclude"),
	OPT_LIST('t', "", "TYPES", S, filter.types,
	         "the same as --type; also x (executable) and e (empty)"),
	OPT_LIST('S', "size", "SIZE", S, sizes,
	         "only files of +SIZE or more, -SIZE or less, or just SIZE"),
	OPT_CHOICE(0, "time", "WHICH", S, time,
	           "what --newer and --older look at"),
	OPT_ALIAS("changed-within", "newer"),
	OPT_ALIAS("changed-before", "older"),
	OPT_STR('o', "", "USER[:GROUP]", S, filter.owner, "the same as --owner"),
	OPT_STR(0, "perm", "MODE", S, perm,
	        "only this mode; with - all of its bits, with / any of them"),
	OPT_BOOL(0, "empty", S, empty, "only empty files and directories"),
	OPT_STR(0, "explain", "PATH", S, explain, "tell which rule of the filter decides about PATH"),
};

static const struct opt output_rows[] = {
	OPT_HEADING("Results"),
	OPT_CHOICE(0, "sort", "KEY", S, sort,
	           "the order, ascending"),
	OPT_BOOL('r', "reverse", S, reverse, "the other way round: newest, largest first"),
	OPT_INT('n', "max-results", "N", S, max_results, 1, INT64_MAX, "the first N only"),
	OPT_BOOL('1', "", S, first, "the first only"),
	OPT_INT(0, "keep", "N", S, keep, 1, INT64_MAX, "all but the N newest"),
	OPT_BOOL('a', "absolute-path", S, absolute, "make relative paths absolute"),
	OPT_BOOL('l', "long", S, long_lines, "print mode, owner, size and time too, as ls -ld"),
	OPT_STR(0, "format", "TEMPLATE", S, format,
	        "print TEMPLATE, where {} is the path, {size} its size ..."),
	OPT_BOOL(0, "count", S, count, "print how many there are"),
	OPT_BOOL(0, "by-name", S, by_name, "only names that are there at several paths, in groups"),
	OPT_BOOL('q', "quiet", S, quiet, "print nothing, only set the exit status"),
	OPT_BOOL(0, "nullglob", S, nullglob, "succeed when nothing matches"),
	OPT_BOOL(0, "no-stat", S, no_stat, "with --json: path, pattern, depth and type only"),
	OPT_CHOICE_OPTIONAL(0, "color", "WHEN", S, color, "always",
	                    "color paths as LS_COLORS says"),
	OPT_CHOICE_OPTIONAL(0, "hyperlink", "WHEN", S, hyperlink, "always",
	                    "paths that a terminal can open"),
	OPT_SHARED(S, out),
	OPT_HEADING("Commands"),
	OPT_WORDS('x', "exec", "CMD", S, exec, "run CMD for each path; it ends with ; or the line"),
	OPT_WORDS('X', "exec-batch", "CMD", S, exec_batch, "run CMD with as many paths as fit"),
	OPT_INT('j', "jobs", "N", S, jobs, 1, JOBS_MAX, "run N commands at a time"),
	OPT_BOOL(0, "fail-fast", S, fail_fast, "start no command after one that fails"),
	OPT_HEADING("Without a look at files"),
	OPT_BOOL(0, "test", S, test, "print the STRINGs that PATTERN matches"),
	OPT_BOOL(0, "escape", S, escape, "print patterns that match the STRINGs only"),
};
/* clang-format on */

static const struct opt_link select_links[] = { OPT_CHOICES(S, time, time_choices) };
static const struct opt_link output_links[] = {
	OPT_CHOICES(S, sort, sort_choices),
	OPT_CHOICES(S, color, when_choices),
	OPT_CHOICES(S, hyperlink, when_choices),
	OPT_SPLICE(S, out, out_opt_table),
};
static const struct opt_table pattern_table = OPT_TABLE(pattern_rows);
static const struct opt_table select_table = OPT_TABLE_LINKED(select_rows, select_links);
static const struct opt_table output_table = OPT_TABLE_LINKED(output_rows, output_links);

enum part { PATTERN, SELECT, OUTPUT };

static const struct opt glob_options[] = {
	OPT_PART(PATTERN),
	OPT_SHARED(S, filter),
	OPT_PART(SELECT),
	OPT_PART(OUTPUT),
};
static const struct opt_link parts[] = {
	OPT_SPLICE_PART(PATTERN, pattern_table),
	OPT_SPLICE(S, filter, filter_opt_table),
	OPT_SPLICE_PART(SELECT, select_table),
	OPT_SPLICE_PART(OUTPUT, output_table),
};

#undef S

/* 0, or the status of what makes no sense together. */
static int check_options(const struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	struct diag *d = run->ctx->diag;

	if (opts->test && opts->escape)
		return diag_usage(d, "--test and --escape exclude each other");
	if ((opts->test || opts->escape) && opts->out.json)
		return diag_usage(d, "--test and --escape have no records");
	if (opts->sort == GLOB_SORT_NONE && opts->reverse)
		return diag_usage(d, "--reverse needs an order, but --sort=none has none");
	if (opts->by_name && (opts->max_results > 0 || opts->reverse))
		return diag_usage(d, "--by-name has an order of its own, in whole groups");
	if (opts->max_depth > 0 && opts->min_depth > opts->max_depth)
		return diag_usage(d, "--min-depth is above --max-depth");
	if (opts->exact_depth > 0 && (opts->max_depth > 0 || opts->min_depth > 0))
		return diag_usage(d, "--exact-depth stands for both of the other limits");
	if (opts->format != NULL && (opts->out.json || opts->long_lines))
		return diag_usage(d, "--format excludes --json and --long");
	if (opts->keep > 0 && opts->time != GLOB_MTIME && opts->time != GLOB_CTIME)
		return diag_usage(d, "--keep goes by mtime or ctime");
	return 0;
}

/* -C and -a, after the files that options name were read. */
static int enter_base(struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	AUTO_FREE_STR char *here = NULL;

	if (opts->base != NULL) {
		AUTO_CLOSE int fd = open(opts->base, O_PATH | O_DIRECTORY | O_CLOEXEC);

		/* No thread is there yet; commands inherit it. */
		if (fd < 0 || fchdir(fd) != 0)
			return diag_fail(run->ctx->diag, errno, "enter", opts->base);
	}
	here = getcwd(NULL, 0);
	if (here == NULL && (opts->absolute || errno == ENOENT))
		return diag_fail(run->ctx->diag, errno, "find the path of", ".");
	if (opts->absolute) {
		strbuf_add_str(&run->prefix, here);
		if (run->prefix.data[run->prefix.len - 1] != '/')
			strbuf_add_char(&run->prefix, '/');
	}
	return 0;
}

static int prepare(struct glob_run *run, char **operands)
{
	const struct glob_opts *opts = run->opts;
	int status = check_options(run);

	if (status == 0)
		status = glob_read_patterns(run, operands);
	if (status == 0)
		status = glob_select_read(run);
	if (status == 0)
		status = glob_commands_init(run);
	if (status == 0)
		status = glob_print_init(run);
	if (status == 0)
		status = enter_base(run);
	if (status != 0)
		return status;
	glob_print_wants(run);
	run->wants_meta = run->wants_meta || opts->keep > 0 || opts->sort == GLOB_SORT_SIZE ||
	                  opts->sort == GLOB_SORT_MTIME || opts->sort == GLOB_SORT_CTIME;
	/* Without an order, a limit ends the search; so does the first for --quiet. */
	run->sorts = run->exec != NULL || opts->keep > 0 || opts->by_name ||
	             (opts->sort != GLOB_SORT_NONE && !opts->quiet && !opts->count);
	run->users = users_new();
	return 0;
}

/* The status of the search, or of the commands. */
static int answer(struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	uint64_t n = glob_search(run);
	int status = n > 0 || opts->nullglob ? EXIT_YES : EXIT_NO;
	if (run->exec != NULL) {
		int code = exec_finish(run->exec);

		/* 1 is the answer no; a command that could not be run has its own codes. */
		if (code != 0)
			diag_raise(run->ctx->diag, code == EXIT_NO ? EXIT_FAIL : code);
	} else if (opts->count && !opts->quiet) {
		AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

		strbuf_add_u64(&line, n);
		out_line(run->ctx->out, &line);
	}
	filter_cli_finish(run->ctx->diag, run->filter);
	return diag_status(run->ctx->diag, status);
}

static void release(struct glob_run *run)
{
	(void)exec_free(run->exec);
	(void)template_free(run->format);
	(void)users_free(run->users);
	(void)ls_colors_free(run->colors);
	(void)filter_free(run->filter);
	free(run->host);
	strbuf_release(&run->prefix);
	vec_release(&run->patterns);
	for (size_t i = 0; i < run->texts.len; i++)
		free(run->texts.items[i]);
	vec_release(&run->texts);
	glob_paths_release(&run->paths);
}

/* Which names are left out, whatever the patterns are. */
static int explain(struct glob_run *run, char *const *operands)
{
	int status = check_options(run);

	if (status == 0 && operands[0] != NULL)
		status =
			diag_usage(run->ctx->diag, "--explain is about a path, not about patterns");
	if (status == 0)
		status = glob_select_read(run);
	if (status == 0)
		status = enter_base(run);
	if (status == 0)
		status = explain_path(run->ctx->diag, run->ctx->out, run->filter, ".",
		                      run->opts->explain);
	return status;
}

static int glob_run(struct ctx *ctx, const void *options, char **operands)
{
	struct glob_opts opts = *(const struct glob_opts *)options;
	struct glob_run run = { .ctx = ctx, .opts = &opts };
	int status;

	if (opts.first)
		opts.max_results = 1;
	out_begin(ctx->out, &opts.out);
	if (opts.test || opts.escape) {
		status = check_options(&run);
		if (status == 0)
			status = opts.test ? glob_test_words(&run, operands)
			                   : glob_escape_words(&run, operands);
	} else if (opts.explain != NULL) {
		status = explain(&run, operands);
	} else {
		status = prepare(&run, operands);
		if (status == 0)
			status = answer(&run);
	}
	release(&run);
	return status;
}

static const struct glob_opts defaults = { .hyperlink = COLOR_NEVER };

const struct applet glob_applet = {
	.name = "glob",
	.group = "Files",
	.summary = "find the paths that patterns match, by the rules of shells",
	.operands = "PATTERN...",
	.says_no_when = "nothing matches",
	.options = OPT_TABLE_LINKED(glob_options, parts),
	.options_size = sizeof(struct glob_opts),
	.defaults = &defaults,
	.schemas = glob_schemas,
	.run = glob_run,
};
