/* SPDX-License-Identifier: MIT */
/* From the options as typed to a run: what makes no sense together ends here. */
#include "sync.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/num.h"
#include "base/path.h"
#include "fs/disk_kind.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOBS_CHOSEN_MAX = 4 };

/* host:path and host::module are not local; ./a:b is. */
static bool is_remote(const char *operand)
{
	size_t len = strcspn(operand, ":/");

	return len > 0 && operand[len] == ':';
}

static int check_operands(struct ctx *ctx, char **operands)
{
	size_t n = 0;

	for (; operands[n] != NULL; n++) {
		if (is_remote(operands[n]))
			return diag_usage(ctx->diag,
			                  "'%s' is on another host, which is not supported; write "
			                  "./ in front of a local name",
			                  operands[n]);
		if (operands[n][0] == '\0')
			return diag_usage(ctx->diag, "an operand is empty");
	}
	if (n == 2)
		return 0;
	return diag_usage(ctx->diag, n < 2 ? "expected two operands, SRC and DST"
	                                   : "expected only two operands, SRC and DST: the "
	                                     "contents of one become those of the other");
}

/* DST/NAME. */
static int add_name(struct sync_run *run)
{
	const char *name = path_base_name(run->from);
	size_t len = path_trimmed_len(name);

	if (name[0] == '/' || (len == 1 && name[0] == '.') ||
	    (len == 2 && name[0] == '.' && name[1] == '.'))
		return diag_usage(run->ctx->diag, "--into: '%s' has no name of its own", run->from);
	path_add_join(&run->to_own, run->to, name);
	strbuf_truncate(&run->to_own, run->to_own.len - (strlen(name) - len));
	run->to = strbuf_str(&run->to_own);
	return 0;
}

static int read_limit(struct sync_run *run)
{
	const char *text = run->opts->max_delete;
	struct sync_limit *limit = &run->max_delete;
	AUTO_FREE_STR char *number = NULL;
	size_t len;

	*limit = (struct sync_limit){ .is_percent = true, .value = 50 };
	if (text == NULL)
		return 0;
	len = strlen(text);
	limit->is_given = true;
	limit->is_percent = len > 0 && text[len - 1] == '%';
	number = mem_strndup(text, limit->is_percent ? len - 1 : len);
	if (num_parse_u64(number, &limit->value) < 0 || (limit->is_percent && limit->value > 100))
		return diag_usage(run->ctx->diag,
		                  "invalid --max-delete '%s': a number of entries, or a "
		                  "percentage as 20%%",
		                  text);
	return 0;
}

static int read_window(struct sync_run *run)
{
	const char *text = run->opts->modify_window;
	struct text_error where;

	if (text == NULL)
		return 0;
	/* rsync's word for nanoseconds. */
	if (strcmp(text, "-1") == 0) {
		run->window_ns = 0;
		return 0;
	}
	if (human_parse_duration(text, &run->window_ns, &where) < 0)
		return diag_caret(run->ctx->diag, "--modify-window", text, &where);
	return 0;
}

static int read_allowed(struct sync_run *run)
{
	const struct strv *list = &run->opts->allow;

	for (size_t i = 0; i < list->len; i++) {
		for (const char *word = list->items[i];;) {
			size_t len = strcspn(word, ",");
			enum sync_guard guard;

			if (!sync_guard_find(word, len, &guard))
				return diag_usage(run->ctx->diag,
				                  "no guard is called '%.*s': mount, root, home, "
				                  "empty-source, new-filesystem, max-delete, "
				                  "reversed, space",
				                  (int)len, word);
			run->allowed |= 1U << guard;
			if (word[len] == '\0')
				break;
			word += len + 1;
		}
	}
	return 0;
}

static void choose_parts(struct sync_run *run)
{
	const struct sync_opts *o = run->opts;
	bool is_root = geteuid() == 0;

	run->keep = (o->no_perms ? 0 : META_MODE) | (o->no_times ? 0 : META_TIMES) |
	            (o->no_xattrs ? 0 : META_XATTRS) | (o->no_acls ? 0 : META_ACLS) |
	            (o->no_owner || !is_root ? 0 : META_OWNER) |
	            (o->no_group || !is_root ? 0 : META_GROUP);
	run->asked = (o->acls ? META_ACLS : 0) | (o->xattrs ? META_XATTRS : 0);
}

/* What excludes each other. */
static int check_together(const struct sync_run *run)
{
	const struct sync_opts *o = run->opts;
	struct diag *d = run->ctx->diag;

	if (o->existing && o->ignore_existing)
		return diag_usage(d, "--existing and --ignore-existing leave nothing to do");
	if ((o->acls && o->no_acls) || (o->xattrs && o->no_xattrs))
		return diag_usage(d, "%s excludes %s",
		                  o->acls && o->no_acls ? "--acls" : "--xattrs",
		                  o->acls && o->no_acls ? "--no-acls" : "--no-xattrs");
	if (o->no_lock && o->lock_wait >= 0)
		return diag_usage(d, "--no-lock excludes --lock-wait");
	if (o->max_delete != NULL && run->delete == DELETE_NONE)
		return diag_usage(d, "--max-delete goes with --delete");
	if (o->quiet && (o->verbose || o->itemize || o->stats))
		return diag_usage(d, "--quiet excludes --verbose, --itemize-changes and --stats");
	if (o->out.zero)
		return diag_usage(d,
		                  "-0 has no meaning here: lines hold more than names; see --json");
	return 0;
}

static int compile_filter(struct sync_run *run)
{
	int status = filter_cli_compile(run->ctx->diag, &run->opts->filter, &run->filter);

	if (status != 0)
		return status;
	/* One that lets everything through costs nothing when it is not there. */
	if (filter_is_trivial(run->filter) && run->opts->explain == NULL)
		run->filter = filter_free(run->filter);
	return 0;
}

static void choose_output(struct sync_run *run)
{
	const struct sync_opts *o = run->opts;
	struct progress_opts progress = { .when = (enum progress_when)o->progress,
		                          .fd = STDERR_FILENO,
		                          .program = run->ctx->applet->name };

	if (o->quiet || (o->progress == PROGRESS_AUTO && out_format(run->ctx->out) == OUT_JSON))
		progress.when = PROGRESS_NEVER;
	run->progress = progress_new(&progress);
	run->shows_items = out_format(run->ctx->out) == OUT_TEXT && !o->quiet &&
	                   (o->verbose || o->dry_run || o->itemize);
	/* Who shows numbers, or how much is left, has to know them before. */
	run->sizes = o->dry_run || o->stats || o->out.json || o->job.log_json != NULL ||
	             progress.when == PROGRESS_ALWAYS ||
	             (progress.when == PROGRESS_AUTO && isatty(STDERR_FILENO));
}

unsigned sync_jobs(const struct sync_run *run)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct stat from;
	struct stat to;

	if (run->opts->jobs > 0)
		return (unsigned)run->opts->jobs;
	/* Threads would only move its arm about. */
	if ((fstat(run->from_fd, &from) == 0 && disk_rotates("/sys", from.st_dev)) ||
	    (run->to_fd >= 0 && fstat(run->to_fd, &to) == 0 && disk_rotates("/sys", to.st_dev)))
		return 1;
	return cores < 1 ? 1 : cores > JOBS_CHOSEN_MAX ? JOBS_CHOSEN_MAX : (unsigned)cores;
}

int sync_setup(struct sync_run *run, struct ctx *ctx, const struct sync_opts *opts, char **operands)
{
	int status;

	*run = (struct sync_run){
		.ctx = ctx, .opts = opts, .from_fd = -1, .to_fd = -1, .guard = -1
	};
	run->delete = (enum sync_delete)opts->delete;
	if (run->delete == DELETE_NONE && opts->delete_excluded)
		run->delete = DELETE_AFTER;
	status = check_together(run);
	if (status == 0)
		status = check_operands(ctx, operands);
	if (status != 0)
		return status;
	run->from = operands[0];
	run->to = operands[1];
	status = opts->into ? add_name(run) : 0;
	if (status == 0)
		status = read_limit(run);
	if (status == 0)
		status = read_window(run);
	if (status == 0)
		status = read_allowed(run);
	if (status == 0)
		status = compile_filter(run);
	if (status != 0)
		return status;
	choose_parts(run);
	choose_output(run);
	run->began = clock_now();
	return 0;
}

void sync_release(struct sync_run *run)
{
	(void)tree_sync_free(run->ts);
	if (run->from_fd >= 0)
		(void)close(run->from_fd);
	if (run->to_fd >= 0)
		(void)close(run->to_fd);
	(void)filter_free(run->filter);
	(void)progress_free(run->progress);
	strbuf_release(&run->to_own);
}
