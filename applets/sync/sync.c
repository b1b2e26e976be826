/* SPDX-License-Identifier: MIT */
/* sync - make one directory tree equal to another. */
#include "sync.h"

#include "base/clock.h"
#include "base/sig.h"
#include "cli/explain.h"
#include "cli/shared_opts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { JOBS_MAX = 64 };

static const struct opt_choice links_choices[] = {
	{ "keep", LINKS_KEEP },
	{ "safe", LINKS_SAFE },
	{ "", 0 },
};

static const struct opt_choice fsync_choices[] = {
	{ "end", SYNC_FSYNC_END },
	{ "each", SYNC_FSYNC_EACH },
	{ "none", SYNC_FSYNC_NONE },
	{ "", 0 },
};

static const struct opt_choice verify_choices[] = {
	{ "cached", SYNC_VERIFY_CACHED },
	{ "direct", SYNC_VERIFY_DIRECT },
	{ "", 0 },
};

/* clang-format off */
#define S struct sync_opts
static const struct opt sync_options[] = {
	OPT_BOOL('n', "dry-run", S, dry_run, "plan, guards and output, but no change"),
	OPT_BOOL(0, "into", S, into, "make DST/NAME equal to SRC, NAME being SRC's last part"),

	OPT_HEADING("What SRC does not have"),
	OPT_SET(0, "delete", S, delete, DELETE_AFTER, "remove it from DST, after all copies were made"),
	OPT_SET(0, "delete-before", S, delete, DELETE_BEFORE, "remove it before anything is copied"),
	OPT_SET(0, "delete-after", S, delete, DELETE_AFTER, "the same as --delete"),
	OPT_ALIAS("del", "delete"),
	OPT_ALIAS("delete-during", "delete"),
	OPT_ALIAS("delete-delay", "delete"),
	OPT_BOOL(0, "delete-excluded", S, delete_excluded,
	         "remove also what the filter leaves out"),

	OPT_HEADING("Guards: one that trips ends the run, nothing is changed"),
	OPT_STR(0, "max-delete", "N|P%", S, max_delete,
	        "at most N entries, or P percent of what DST has"),
	OPT_LIST(0, "allow", "GUARD,...", S, allow, "pass these guards"),
	OPT_LIST(0, "require-mount", "src|dst|PATH", S, require_mount,
	         "this has to be a mount point now"),
	OPT_STR_OPTIONAL(0, "check-access", "FILE", S, check_access, ".sync-check",
	                 "FILE has to be in SRC and DST"),

	OPT_HEADING("What is copied"),
	OPT_SET('c', "checksum", S, compare, SYNC_BY_CHECKSUM, "compare contents, not times"),
	OPT_SET(0, "size-only", S, compare, SYNC_BY_SIZE, "files of the same size are the same"),
	OPT_SET('I', "ignore-times", S, compare, SYNC_BY_NOTHING, "copy files that look the same too"),
	OPT_STR('@', "modify-window", "SECONDS", S, modify_window,
	        "times this far apart are the same; -1: exactly"),
	OPT_BOOL('u', "update", S, update, "leave what is newer in DST"),
	OPT_BOOL(0, "existing", S, existing, "only what is in DST already"),
	OPT_ALIAS("ignore-non-existing", "existing"),
	OPT_BOOL(0, "ignore-existing", S, ignore_existing, "only what is not in DST yet"),
	OPT_BOOL('x', "one-file-system", S, one_file_system, "skip what is on other file systems"),
	OPT_CHOICE(0, "links", "HOW", S, links,
	           "symbolic links: keep, or safe: not those that lead out of SRC"),
	OPT_SET(0, "safe-links", S, links, LINKS_SAFE, "the same as --links=safe"),
	OPT_SHARED(S, filter),
	OPT_STR(0, "explain", "PATH", S, explain, "tell which rule of the filter decides on PATH"),

	OPT_HEADING("What is kept: all of it, owner and group for root, but"),
	OPT_BOOL(0, "no-perms", S, no_perms, "modes are those of new files"),
	OPT_BOOL(0, "no-times", S, no_times, "modification times are now"),
	OPT_BOOL(0, "no-owner", S, no_owner, "files belong to whoever runs this"),
	OPT_BOOL(0, "no-group", S, no_group, "and to their group"),
	OPT_BOOL(0, "no-xattrs", S, no_xattrs, "no extended attributes"),
	OPT_BOOL(0, "no-acls", S, no_acls, "no access control lists"),
	OPT_BOOL(0, "no-hard-links", S, no_hard_links, "each name of a file becomes one of its own"),
	OPT_BOOL(0, "no-devices", S, no_devices, "no device files"),
	OPT_BOOL('A', "acls", S, acls, "it is an error when ACLs cannot be kept"),
	OPT_BOOL('X', "xattrs", S, xattrs, "it is an error when attributes cannot be kept"),

	OPT_HEADING("How"),
	OPT_INT('j', "jobs", "N", S, jobs, 1, JOBS_MAX, "work with N threads"),
	OPT_CHOICE(0, "fsync", "WHEN", S, fsync, "reach the disk: end (the default), each file, none"),
	OPT_CHOICE_OPTIONAL(0, "verify", "HOW", S, verify, "cached",
	                    "read copies again and compare; direct: not from the cache"),
	OPT_DURATION(0, "lock-wait", "TIME", S, lock_wait,
	             "wait this long for another run to the same DST"),
	OPT_BOOL(0, "no-lock", S, no_lock, "do not lock DST"),
	OPT_BOOL(0, "strict", S, strict, "exit 1 also when files vanished or grew meanwhile"),

	OPT_HEADING("What is shown"),
	OPT_BOOL('v', "verbose", S, verbose, "one line for each change, and the numbers"),
	OPT_BOOL('q', "quiet", S, quiet, "nothing but what went wrong"),
	OPT_BOOL('i', "itemize-changes", S, itemize, "the lines begin with rsync's letters"),
	OPT_BOOL(0, "stats", S, stats, "show the numbers"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", S, progress, "always",
	                    "show how far it is"),
	OPT_SET('P', "", S, progress, PROGRESS_ALWAYS,
	        "the same as --progress; no partial files are left"),
	OPT_SHARED(S, out),
	OPT_SHARED(S, job),

	OPT_HEADING("What is so already, accepted for rsync's sake"),
	OPT_BOOL('a', "archive", S, accepted, "all that is kept is kept"),
	OPT_BOOL('r', "recursive", S, accepted, "directories with what is in them"),
	OPT_BOOL('l', "", S, accepted, "symbolic links as such"),
	OPT_BOOL('p', "perms", S, accepted, "modes"),
	OPT_BOOL('t', "times", S, accepted, "modification times"),
	OPT_BOOL('g', "group", S, accepted, "groups, for root"),
	OPT_BOOL('o', "", S, accepted, "owners, for root"),
	OPT_BOOL('D', "devices", S, accepted, "devices and special files"),
	OPT_ALIAS("specials", "devices"),
	OPT_BOOL('H', "hard-links", S, accepted, "hard links"),
	OPT_BOOL('S', "sparse", S, accepted, "holes"),
	OPT_BOOL('W', "whole-file", S, accepted, "files are copied whole"),
	OPT_BOOL('z', "compress", S, accepted, "nothing goes through a network"),
	OPT_BOOL('h', "human-readable", S, accepted, "sizes are for people"),
	OPT_BOOL(0, "numeric-ids", S, accepted, "owners are kept as numbers"),
	OPT_BOOL(0, "mkpath", S, accepted, "missing directories above DST are made"),
};

static const struct opt_link links[] = {
	OPT_CHOICES(S, links, links_choices),
	OPT_CHOICES(S, fsync, fsync_choices),
	OPT_CHOICES(S, verify, verify_choices),
	OPT_CHOICES(S, progress, progress_choices),
	OPT_SPLICE(S, filter, filter_opt_table),
	OPT_SPLICE(S, out, out_opt_table),
	OPT_SPLICE(S, job, job_opt_table),
};
#undef S
/* clang-format on */

const struct opt_table sync_opt_table = OPT_TABLE_LINKED(sync_options, links);
const struct sync_opts sync_defaults = SYNC_DEFAULTS;

static bool stopped(void *user)
{
	(void)user;
	return sig_stopped();
}

static void on_progress(uint64_t bytes, const char *name, void *user)
{
	struct sync_run *run = user;
	uint64_t done = atomic_fetch_add_explicit(&run->done_bytes, bytes, memory_order_relaxed);

	progress_tick(run->progress, done + bytes, run->total_bytes, name);
}

static int make_engine(struct sync_run *run)
{
	const struct sync_opts *o = run->opts;
	struct tree_sync_opts opts = {
		.from_fd = fcntl(run->from_fd, F_DUPFD_CLOEXEC, 3),
		.to_fd = run->to_fd < 0 ? -1 : fcntl(run->to_fd, F_DUPFD_CLOEXEC, 3),
		.threads = sync_jobs(run),
		.keep = run->keep,
		.asked = run->asked,
		.hard_links = !o->no_hard_links,
		.devices = !o->no_devices,
		.umask = run->umask,
		.compare = (enum sync_compare)o->compare,
		.has_window = o->modify_window != NULL,
		.window_ns = run->window_ns,
		.update = o->update,
		.existing = o->existing,
		.ignore_existing = o->ignore_existing,
		.delete = run->delete != DELETE_NONE,
		.delete_excluded = o->delete_excluded,
		.one_file_system = o->one_file_system,
		.safe_links = o->links == LINKS_SAFE,
		.dry = o->dry_run,
		/* Else new directories are only looked at when they are copied. */
		.sizes = run->sizes || !sync_fits_surely(run),
		.fsync = (enum sync_fsync)o->fsync,
		.verify = (enum sync_verify)o->verify,
		.filter = run->filter,
		.item = sync_print_item,
		.trouble = sync_print_trouble,
		.progress = on_progress,
		.stopped = stopped,
		.user = run,
	};
	int err = 0;

	run->ts = tree_sync_new(&opts, &err);
	return run->ts != NULL ? 0 : diag_fail(run->ctx->diag, err, "look at", run->from);
}

static int plan(struct sync_run *run)
{
	tree_sync_plan(run->ts);
	run->counts = tree_sync_counts(run->ts);
	run->planned = true;
	if (atomic_load(&run->from_unreadable))
		return EXIT_FAIL;
	if (run->counts.overlaps)
		return diag_usage(run->ctx->diag, "one of SRC and DST is inside the other");
	if (sig_stopped())
		return EXIT_FAIL;
	run->total_bytes = run->counts.bytes;
	sync_emit_plan(run);
	return sync_guard_plan(run);
}

/* What could not be kept or made is told once. */
static void tell_lost(struct sync_run *run)
{
	const struct tree_sync_counts *c = &run->counts;
	struct diag *diag = run->ctx->diag;

	if (c->lost > 0 && !run->opts->quiet)
		diag_warn(diag, NULL,
		          "owners or attributes of %llu entries could not be kept in DST: %s",
		          (unsigned long long)c->lost, strerrordesc_np(c->lost_err));
	if (c->devices > 0)
		(void)diag_partial_text(diag, NULL,
		                        "%llu device files were left out: only root may make them",
		                        (unsigned long long)c->devices);
	if (c->suppressed > 0)
		(void)diag_partial_text(
			diag, NULL,
			"nothing was removed in %llu directories whose source could not be read",
			(unsigned long long)c->suppressed);
	if (run->opts->strict && c->vanished + c->grew > 0)
		(void)diag_partial_text(diag, NULL, "%llu files vanished, %llu grew meanwhile",
		                        (unsigned long long)c->vanished,
		                        (unsigned long long)c->grew);
}

static void finish(struct sync_run *run)
{
	struct diag *diag = run->ctx->diag;
	int r = tree_sync_flush(run->ts);

	run->counts = tree_sync_counts(run->ts);
	if (r < 0)
		(void)diag_fail(diag, -r, "write to the disk of", run->to);
	if (run->counts.fatal != 0)
		(void)diag_fail_text(diag, run->to, "ended before it was complete: %s",
		                     strerrordesc_np(run->counts.fatal));
	if (run->counts.damaged > 0)
		diag_raise(diag, EXIT_DAMAGED);
	tell_lost(run);
	if (run->filter != NULL)
		filter_cli_finish(diag, run->filter);
	if (r == 0 && run->counts.fatal == 0 && !run->opts->dry_run && !sig_stopped())
		sync_fs_remember(run);
}

static int work(struct sync_run *run)
{
	bool before = run->delete == DELETE_BEFORE;
	int status = sync_make_root(run);

	if (status != 0)
		return status;
	if (before && tree_sync_may_delete(run->ts))
		tree_sync_delete(run->ts);
	tree_sync_copy(run->ts);
	if (!before && tree_sync_may_delete(run->ts))
		tree_sync_delete(run->ts);
	finish(run);
	progress_clear(run->progress);
	sync_print_summary(run);
	return EXIT_YES;
}

static int run_guarded(struct sync_run *run)
{
	int status = sync_open_roots(run);

	if (status == 0)
		status = sync_guard_mounts(run);
	if (status == 0)
		status = sync_lock(run);
	if (status == 0)
		status = make_engine(run);
	if (status == 0)
		status = plan(run);
	return status == 0 ? work(run) : status;
}

static void tell_end(struct sync_run *run, struct job *job, int status)
{
	const struct tree_sync_counts *c = &run->counts;

	sync_emit_summary(run, status);
	job_gauge(job, "files", "Files of the source that were looked at.", c->files);
	job_gauge(job, "copied", "Entries that are new in the target.", c->copied);
	job_gauge(job, "updated", "Entries that were brought up to date.", c->updated + c->meta);
	job_gauge(job, "deleted", "Entries that were removed.", c->deleted);
	job_gauge(job, "skipped", "Entries that could not be copied.", c->skipped);
	job_gauge(job, "bytes", "Bytes that were copied.", c->bytes_copied + c->bytes_reflinked);
}

static int run_job(struct sync_run *run)
{
	struct job *job;
	int status = job_begin(run->ctx, &run->opts->job, &job);

	if (status != 0)
		return status;
	job_label(job, "dest", run->to);
	sig_install();
	/* Modes of new files are what they are made with. */
	run->umask = umask(0);
	status = run_guarded(run);
	(void)umask(run->umask);
	tell_end(run, job, status);
	return job_end(job, status);
}

int sync_trees(struct ctx *ctx, const struct sync_opts *opts, char **operands)
{
	struct sync_run run;
	int status;

	out_begin(ctx->out, &opts->out);
	status = sync_setup(&run, ctx, opts, operands);
	if (status == 0)
		status = opts->explain != NULL ? explain_path(ctx->diag, ctx->out, run.filter,
		                                              run.from, opts->explain)
		                               : run_job(&run);
	sync_release(&run);
	return status;
}

static int run_sync(struct ctx *ctx, const void *options, char **operands)
{
	return sync_trees(ctx, options, operands);
}

#define SAYS_NO_WHEN "some entries could not be copied or removed, or are doubtful"

const struct applet sync_applet = {
	.name = "sync",
	.group = "Files",
	.summary = "make one directory tree equal to another",
	.operands = "SRC DST",
	.says_no_when = SAYS_NO_WHEN,
	.options = OPT_TABLE_LINKED(sync_options, links),
	.defaults = &sync_defaults,
	.options_size = sizeof(struct sync_opts),
	.by_link = &sync_by_name_applet,
	.links_if_asked = true,
	.schemas = sync_schemas,
	.run = run_sync,
};

const struct applet mirror_applet = {
	.name = "mirror",
	.group = "Files",
	.summary = "make one directory tree equal to another, as sync",
	.operands = "SRC DST",
	.says_no_when = SAYS_NO_WHEN,
	.options = OPT_TABLE_LINKED(sync_options, links),
	.defaults = &sync_defaults,
	.options_size = sizeof(struct sync_opts),
	.schemas = sync_schemas,
	.run = run_sync,
};
