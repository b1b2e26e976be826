/* SPDX-License-Identifier: MIT */
/* Which options go together. */
#include "disk_usage.h"

/* Two options that were both given, and should not. */
struct clash {
	bool first, second;
	const char *first_name, *second_name;
};

static int refuse_clashes(struct ctx *ctx, const struct clash *clashes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (clashes[i].first && clashes[i].second)
			return diag_usage(ctx->diag, "%s and %s exclude each other",
			                  clashes[i].first_name, clashes[i].second_name);
	return 0;
}

/* The option that chooses a mode, or NULL for a plain scan. */
static const char *mode_name(const struct du_opts *o)
{
	if (o->fs)
		return "--fs";
	if (o->deleted)
		return "--deleted";
	if (o->explain != NULL && o->explain[0] == '\0')
		return "--explain";
	if (o->output != NULL)
		return "--output";
	return o->diff != NULL ? "--diff" : NULL;
}

static int check_modes(struct ctx *ctx, const struct du_opts *o)
{
	const char *mode = mode_name(o);
	const bool answers = o->fs || o->deleted || (o->explain != NULL && o->explain[0] == '\0');
	const bool writes = o->output != NULL;
	const struct clash clashes[] = {
		{ o->deleted, o->fs, "--deleted", mode },
		{ o->explain != NULL, o->fs || o->deleted, "--explain", mode },
		{ writes, answers, "--output", mode },
		{ o->input != NULL, answers, "--input", mode },
		{ o->diff != NULL, answers || writes, "--diff", mode },
		{ o->max != NULL, answers || writes, "--max", mode },
		{ o->top > 0, answers || writes, "--top", mode },
		{ o->tree, answers || writes || o->diff != NULL, "--tree", mode },
		{ o->bars == DU_WHEN_ALWAYS, answers || writes, "--bars", mode },
		{ o->reclaim, answers || writes || o->diff != NULL, "--reclaim", mode },
		{ o->reflink, answers, "--reflink", mode },
		{ o->files0_from != NULL, answers, "--files0-from", mode },
		{ o->summarize, answers, "--summarize", mode },
		{ o->threshold != NULL, answers || writes, "--threshold", mode },
		{ o->input != NULL, writes, "--input", "--output" },
		{ o->input != NULL, o->explain != NULL, "--input", "--explain" },
		{ o->input != NULL, o->reflink, "--input", "--reflink" },
		{ o->input != NULL, o->one_file_system, "--input", "--one-file-system" },
		{ o->input != NULL, o->follow == WALK_FOLLOW_ALWAYS, "--input", "--dereference" },
		{ o->input != NULL, o->follow == WALK_FOLLOW_ROOTS, "--input",
		  "--dereference-args" },
		{ o->input != NULL, o->exclude_kernfs, "--input", "--exclude-kernfs" },
		{ o->input != NULL, o->time > DU_TIME_MTIME, "--input", "--time=atime or ctime" },
		{ o->input != NULL, o->files0_from != NULL, "--input", "--files0-from" },
	};

	return refuse_clashes(ctx, clashes, ARRAY_LEN(clashes));
}

static int check_fs_options(struct ctx *ctx, const struct du_opts *o)
{
	const char *stray = o->local                   ? "--local"
	                    : o->posix                 ? "--posix"
	                    : o->exclude_types.len > 0 ? "--exclude-type"
	                    : o->min_free != NULL      ? "--min-free"
	                    : o->timeout >= 0          ? "--timeout"
	                                               : NULL;

	if (o->fs && o->timeout == 0)
		return diag_usage(ctx->diag, "--timeout must be longer than nothing");
	if (o->fs || stray == NULL)
		return 0;
	return diag_usage(ctx->diag, "%s goes with --fs", stray);
}

static int check_view(struct ctx *ctx, const struct du_opts *o)
{
	const bool machine = o->out.json || o->out.zero;
	const char *format = o->out.json ? "--json" : "--null";
	const struct clash clashes[] = {
		{ o->out.json, o->out.zero, "--json", "--null" },
		{ o->tree, machine, "--tree", format },
		{ o->bars == DU_WHEN_ALWAYS, machine, "--bars", format },
		{ o->tree, o->top > 0, "--tree", "--top" },
		{ o->top > 0, o->sort == DU_SORT_NONE, "--top", "--sort=none" },
		{ o->reclaim, o->follow == WALK_FOLLOW_ALWAYS, "--reclaim", "--dereference" },
		{ o->reclaim, o->count_links, "--reclaim", "--count-links" },
		{ o->out.json, o->time > DU_TIME_MTIME, "--json", "--time=atime or ctime" },
	};

	return refuse_clashes(ctx, clashes, ARRAY_LEN(clashes));
}

static int check_summarize(struct ctx *ctx, const struct du_opts *o)
{
	if (!o->summarize)
		return 0;
	if (o->all)
		return diag_usage(ctx->diag, "cannot both summarize and show all entries");
	if (o->max_depth == 0)
		diag_warn(ctx->diag, NULL,
		          "warning: summarizing is the same as using --max-depth=0");
	if (o->max_depth > 0)
		return diag_usage(ctx->diag, "summarizing conflicts with --max-depth=%lld",
		                  (long long)o->max_depth);
	return 0;
}

int du_check_options(struct ctx *ctx, const struct du_opts *opts, char **operands)
{
	int status;

	if ((status = check_modes(ctx, opts)) != 0 || (status = check_fs_options(ctx, opts)) != 0 ||
	    (status = check_view(ctx, opts)) != 0 || (status = check_summarize(ctx, opts)) != 0)
		return status;
	if (opts->files0_from != NULL && operands[0] != NULL)
		return diag_usage(ctx->diag,
		                  "extra operand '%s': names cannot be given here and with "
		                  "--files0-from",
		                  operands[0]);
	if (opts->input != NULL && operands[0] != NULL)
		return diag_usage(ctx->diag, "extra operand '%s': nothing is scanned with --input",
		                  operands[0]);
	if (opts->inodes && opts->apparent)
		diag_warn(ctx->diag, NULL,
		          "warning: options --apparent-size and -b are ineffective with --inodes");
	return 0;
}
