/* SPDX-License-Identifier: MIT */
/* The plain mode's source: a scan of the operands. */
#include "disk_usage.h"

#include "cli/progress.h"

/* As GNU's du does, `du` shows no status line; signals do what they always do then. */
static int watched_scan(const struct du_run *run, const struct usage_opts *opts,
                        const struct usage_sink *sink)
{
	struct du_watch *watch;
	int r;

	if (run->opts->progress == PROGRESS_NEVER)
		return usage_scan(run->operands, opts, sink, NULL);
	watch = du_watch_begin(run, sink);
	r = usage_scan(run->operands, opts, du_watch_sink(watch), NULL);
	du_watch_end(watch);
	return r;
}

int du_scan(const struct du_run *run, const struct usage_sink *sink, bool roots_only)
{
	const struct du_opts *o = run->opts;
	const struct usage_opts opts = {
		.order = o->gnu ? WALK_READDIR : WALK_SORTED,
		.follow = (enum walk_follow)o->follow,
		.one_file_system = o->one_file_system,
		.threads = (unsigned)o->jobs,
		.filter = run->filter,
		.exclude_kernfs = o->exclude_kernfs,
		.time = o->time == DU_TIME_ATIME   ? USAGE_ATIME
		        : o->time == DU_TIME_CTIME ? USAGE_CTIME
		                                   : USAGE_MTIME,
		.count_links = o->count_links,
		.all_sizes = o->gnu ||
		             o->output != NULL, /* an export has the sizes of directories too */
		.hash_all = o->files0_from != NULL,
		.roots_only = roots_only && !o->reclaim && !o->reflink,
		.reclaim = o->reclaim,
		.reflink = o->reflink,
	};
	int r = watched_scan(run, &opts, sink);

	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "walk",
		                 run->operands[0] != NULL ? run->operands[0] : ".");
	filter_cli_finish(run->ctx->diag, run->filter);
	return diag_status(run->ctx->diag, EXIT_YES);
}
