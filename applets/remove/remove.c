/* SPDX-License-Identifier: MIT */
/* remove - remove files and trees, behind guards; or move them to the trash. */
#include "remove.h"

#include "cli/shared_opts.h"

#include "base/sig.h"

enum {
	JOBS_MAX = 64,
	KNOWN_GUARDS =
		GUARD_ROOT | GUARD_HOME | GUARD_CWD | GUARD_MOUNT | GUARD_MANY | GUARD_LINK_SLASH,
};

static const struct opt remove_rows[] = {
	OPT_BOOL('r', "recursive", struct remove_opts, recursive,
	         "directories, with all that is in them"),
	OPT_BOOL('f', "force", struct remove_opts, force,
	         "what does not exist is no error; with -r, no --max"),
	OPT_BOOL(0, "ignore-errors", struct remove_opts, ignore_errors,
	         "what cannot be removed is passed over in silence"),
	OPT_BOOL('d', "empty-dir", struct remove_opts, empty_dir, "directories, if they are empty"),
	OPT_BOOL('p', "parents", struct remove_opts, parents,
	         "with -d: then those above it, while they are empty"),
	OPT_BOOL('t', "trash", struct remove_opts, trash, "move to the trash of the desktop"),
	OPT_INT(0, "max", "N", struct remove_opts, max, 0, INT64_MAX,
	        "not when it is more entries than this (100000)"),
	OPT_LIST(0, "allow", "GUARD", struct remove_opts, allow,
	         "pass guards: root, home, cwd, mount, many, link-slash"),
	OPT_BOOL('x', "one-file-system", struct remove_opts, one_file_system,
	         "leave what is mounted below, as --allow=mount"),
	OPT_BOOL('n', "dry-run", struct remove_opts, dry_run, "only print what would be removed"),
	OPT_BOOL('v', "verbose", struct remove_opts, verbose, "print what is removed"),
	OPT_INT('j', "jobs", "N", struct remove_opts, jobs, 1, JOBS_MAX,
	        "threads (as many as CPUs)"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", struct remove_opts, progress, "always",
	                    "show how far it is"),
	OPT_SHARED(struct remove_opts, filter),
	OPT_SHARED(struct remove_opts, out),
};

static const struct opt_link remove_links[] = {
	OPT_CHOICES(struct remove_opts, progress, progress_choices),
	OPT_SPLICE(struct remove_opts, filter, filter_opt_table),
	OPT_SPLICE(struct remove_opts, out, out_opt_table),
};

enum { SUM_REMOVED, SUM_TRASHED, SUM_KEPT, SUM_FAILED, SUM_STOPPED };

static const struct column summary_columns[] = {
	[SUM_REMOVED] = { "removed", COLUMN_COUNT, "entries that are gone (or would be)" },
	[SUM_TRASHED] = { "trashed", COLUMN_COUNT, "operands that are in the trash" },
	[SUM_KEPT] = { "kept", COLUMN_COUNT, "entries the filter kept" },
	[SUM_FAILED] = { "failed", COLUMN_COUNT, "entries that could not be removed" },
	[SUM_STOPPED] = { "interrupted", COLUMN_BOOL, "a signal ended it" },
};

static const struct column_table summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

static void summarize(struct removal *r)
{
	struct record record;

	record_begin(&record, "summary", &summary_table);
	record_u64(&record, SUM_REMOVED, atomic_load(&r->removed));
	record_u64(&record, SUM_TRASHED, atomic_load(&r->trashed));
	record_u64(&record, SUM_KEPT, atomic_load(&r->kept));
	record_u64(&record, SUM_FAILED, atomic_load(&r->failed));
	record_bool(&record, SUM_STOPPED, sig_stopped());
	out_emit(r->ctx->out, &record);
}

static const char *find_mistake(const struct remove_opts *opts)
{
	if (opts->parents && !opts->empty_dir)
		return "--parents needs --empty-dir";
	if (opts->empty_dir && (opts->recursive || opts->trash))
		return "--empty-dir goes with neither --recursive nor --trash";
	return NULL;
}

static int work(struct removal *r, char **operands)
{
	const struct progress_opts progress = { .when = (enum progress_when)r->opts->progress,
		                                .fd = STDERR_FILENO,
		                                .program = r->ctx->applet->name,
		                                .unit = "files" };
	int status;

	sig_install();
	r->filters = !filter_is_trivial(r->filter);
	if (r->filters && r->opts->trash)
		return diag_usage(r->ctx->diag, "--trash moves whole trees: no filters");
	status = plan(r, operands);
	if (status == 0) {
		r->progress = progress_new(&progress);
		act(r);
		r->progress = progress_free(r->progress);
	}
	if (status != EXIT_USAGE)
		summarize(r);
	plan_release(r);
	return status;
}

static int remove_run(struct ctx *ctx, const void *options, char **operands)
{
	struct removal r = { .ctx = ctx, .opts = options };
	const char *mistake = find_mistake(r.opts);
	int status;

	out_begin(ctx->out, &r.opts->out);
	if (mistake != NULL)
		return diag_usage(ctx->diag, "%s", mistake);
	status = guards_parse(ctx->diag, &r.opts->allow, KNOWN_GUARDS, &r.allowed);
	if (status == 0)
		status = filter_cli_compile(ctx->diag, &r.opts->filter, &r.filter);
	if (status == 0) {
		status = work(&r, operands);
		filter_cli_finish(ctx->diag, r.filter);
	}
	r.filter = filter_free(r.filter);
	return diag_status(ctx->diag, status);
}

static const struct remove_opts remove_defaults = { .max = MAX_NOT_GIVEN };

static const struct applet_schema remove_schemas[] = {
	{ "each entry", &remove_item_table },
	{ "a guard that stopped it", &guard_table },
	{ "the end", &summary_table },
	{ 0 },
};

const struct applet remove_applet = {
	.name = "remove",
	.group = "Files",
	.summary = "remove files and trees, behind guards",
	.operands = "PATH...",
	.says_no_when = "something could not be removed",
	.options = OPT_TABLE_LINKED(remove_rows, remove_links),
	.defaults = &remove_defaults,
	.options_size = sizeof(struct remove_opts),
	.schemas = remove_schemas,
	.run = remove_run,
};
