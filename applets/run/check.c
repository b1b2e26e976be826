/* SPDX-License-Identifier: MIT */
/* What of the options is more than a row of the table can check. */
#include "dialogue.h"
#include "parallel.h"

#include "base/human.h"
#include "base/num.h"

#include <errno.h>

enum { OLD_LOGS = 5, OLD_LOGS_MAX = 1000 };

/* SIZE[,N] */
static int parse_rotation(struct run *r)
{
	const char *text = r->opts->log_rotate;
	size_t len = strcspn(text, ",");
	AUTO_FREE_STR char *size = mem_strndup(text, len);
	struct text_error where = { 0 };
	uint64_t keep = OLD_LOGS;

	if (human_parse_size(size, &r->rotation.bytes, &where) < 0)
		return diag_caret(r->ctx->diag, "bad value for --log-rotate", text, &where);
	if (text[len] == ',' &&
	    (num_parse_u64(text + len + 1, &keep) < 0 || keep == 0 || keep > OLD_LOGS_MAX)) {
		where = (struct text_error){ .reason = "expected a number from 1 to 1000",
			                     .offset = len + 1,
			                     .len = strlen(text + len + 1) };
		return diag_caret(r->ctx->diag, "bad value for --log-rotate", text, &where);
	}
	if (r->rotation.bytes == 0)
		return diag_usage(r->ctx->diag, "--log-rotate needs a size");
	r->rotation.keep = (unsigned)keep;
	return 0;
}

static bool has_record(const struct run_opts *opts)
{
	return opts->out.json || opts->job.log_json != NULL || opts->status_file != NULL ||
	       opts->history != NULL;
}

/* What needs somebody who is there while the command runs, and afterwards. */
static bool is_watched(const struct run_opts *opts)
{
	return opts->timeout != NULL || opts->total_timeout != NULL || opts->retries > 0 ||
	       opts->quiet || has_record(opts) || opts->report || job_is_asked_for(&opts->job) ||
	       opts->tee != NULL || opts->stamp != NULL || opts->tag != NULL ||
	       opts->max_output > 0 || opts->line_buffered || opts->idle_timeout != NULL ||
	       opts->log != NULL || opts->pty;
}

static bool has_hooks(const struct run_opts *opts)
{
	return opts->on_success != NULL || opts->on_failure != NULL || opts->on_timeout != NULL ||
	       opts->on_exit != NULL || opts->on_signal.len > 0 || opts->map_exit.len > 0 ||
	       opts->rewrite.len > 0 || opts->init;
}

static bool has_stdin(const struct run_opts *opts)
{
	return opts->input != NULL || opts->input_text != NULL || opts->no_stdin ||
	       opts->replay_stdin;
}

/* Of --pipe, and of a dialogue. */
static const char *conflict_of_input(const struct run_opts *opts)
{
	if (opts->dialogue.len > 0 && has_stdin(opts))
		return "a dialogue is what the command reads: not with options about standard "
		       "input";
	if (!opts->pipe)
		return NULL;
	if (parallel_is_wanted(opts))
		return "--pipe is for one pipeline, not for many jobs";
	if (opts->isolate == TREE_LEADER)
		return "--pipe is more than one process: not with --isolate=none";
	if (opts->exec)
		return "--pipe and --exec exclude each other";
	return opts->argv0 != NULL ? "--pipe and --argv0 exclude each other" : NULL;
}

static const char *first_conflict(const struct run_opts *opts)
{
	bool one_file = opts->out_file != NULL || opts->err_file != NULL;
	bool not_ours = opts->as_cron || opts->background;
	const struct {
		bool is_there;
		const char *text;
	} conflicts[] = {
		{ opts->both_file != NULL && one_file, "--output excludes --stdout and --stderr" },
		{ opts->both_file != NULL && opts->stderr_fails,
		  "--stderr-fails and --output exclude each other" },
		{ opts->log_rotate != NULL && opts->log == NULL, "--log-rotate needs --log" },
		{ opts->capture && opts->quiet, "--capture and --quiet exclude each other" },
		{ opts->capture && !has_record(opts),
		  "--capture needs a record: --json, --log-json, --status-file or --history" },
		{ opts->pty && opts->isolate == TREE_LEADER,
		  "--pty makes a session: not with --isolate=none" },
		{ opts->pty && opts->isolate == TREE_GROUP,
		  "--pty makes a session: not with --isolate=group" },
		{ opts->pty && not_ours, "--pty excludes --background and --as-cron" },
		{ opts->pty && (opts->stderr_fails || opts->err_file != NULL),
		  "with --pty there is no standard error of its own" },
		{ opts->exec && (is_watched(opts) || has_hooks(opts)),
		  "with --exec nobody watches the command: no limits of time, retries, output "
		  "through us, reports and commands for its end" },
		{ opts->exec && (opts->isolate != TREE_AUTO || opts->as_cron ||
		                 opts->children != CHILDREN_DEFAULT),
		  "--exec excludes --isolate, --as-cron and options about children" },
		{ opts->foreground && (opts->pty || opts->as_cron),
		  "--foreground excludes --pty and --as-cron" },
		{ opts->foreground &&
		          (opts->isolate == TREE_SESSION || opts->isolate == TREE_GROUP),
		  "--foreground excludes --isolate=session and group" },
		{ opts->replay_stdin && not_ours,
		  "--replay-stdin excludes --as-cron and --background" },
	};

	for (size_t i = 0; i < ARRAY_LEN(conflicts); i++) {
		if (conflicts[i].is_there)
			return conflicts[i].text;
	}
	return conflict_of_input(opts);
}

static int check_more(struct run *r)
{
	const char *conflict = first_conflict(r->opts);

	if (conflict != NULL)
		return diag_usage(r->ctx->diag, "%s", conflict);
	return r->opts->log_rotate != NULL ? parse_rotation(r) : 0;
}

enum { KILL_AFTER_S = 10, NS_PER_S = 1000000000 };

/* A duration, where 0 and infinity stand for no limit; NULL leaves *ret as it is. */
static int parse_time(const struct run *r, const char *what, const char *text, int64_t *ret)
{
	struct text_error where;
	int err = 0;

	if (text == NULL)
		return 0;
	if (strcmp(text, "infinity") == 0 || strcmp(text, "inf") == 0)
		err = -ERANGE;
	else
		err = human_parse_duration(text, ret, &where);
	/* Centuries. */
	if (err == -ERANGE)
		*ret = 0;
	else if (err < 0)
		return diag_caret(r->ctx->diag, what, text, &where);
	return 0;
}

static int parse_times(struct run *r)
{
	int status = parse_time(r, "bad value for --timeout", r->opts->timeout, &r->timeout);

	r->kill_after = (int64_t)KILL_AFTER_S * NS_PER_S;
	if (status == 0)
		status = parse_time(r, "bad value for --kill-after", r->opts->kill_after,
		                    &r->kill_after);
	if (status == 0)
		status = parse_time(r, "bad value for --total-timeout", r->opts->total_timeout,
		                    &r->total_timeout);
	if (status == 0)
		status = parse_time(r, "bad value for --idle-timeout", r->opts->idle_timeout,
		                    &r->idle_timeout);
	return status;
}

static int parse_schedule(struct run *r)
{
	struct text_error where;
	int signo = SIGTERM;

	if (r->opts->escalate != NULL) {
		if (signal_schedule_parse(r->opts->escalate, &r->schedule, &where) < 0)
			return diag_caret(r->ctx->diag, "bad value for --escalate",
			                  r->opts->escalate, &where);
		return 0;
	}
	if (r->opts->signal != NULL && (signal_parse(r->opts->signal, &signo) < 0 || signo == 0))
		return diag_usage(r->ctx->diag, "invalid argument for --signal: no such signal");
	signal_schedule_set(&r->schedule, signo, r->kill_after);
	return 0;
}

static int parse_codes(struct run *r)
{
	const struct run_opts *opts = r->opts;
	struct text_error where;

	if (opts->retry_on != NULL && code_set_parse(opts->retry_on, &r->retry_on, &where) < 0)
		return diag_caret(r->ctx->diag, "bad value for --retry-on", opts->retry_on, &where);
	if (opts->no_retry_on != NULL &&
	    code_set_parse(opts->no_retry_on, &r->no_retry_on, &where) < 0)
		return diag_caret(r->ctx->diag, "bad value for --no-retry-on", opts->no_retry_on,
		                  &where);
	return 0;
}

/* 0, or the status of a command line that makes no sense. */
int check_options(struct run *r, char **words)
{
	const struct run_opts *opts = r->opts;
	int status;

	if (words[0] == NULL && !parallel_is_wanted(opts))
		return diag_usage(r->ctx->diag, "missing command");
	if (opts->stderr_fails && !opts->quiet)
		return diag_usage(r->ctx->diag, "--stderr-fails needs --quiet");
	if (opts->stderr_fails && opts->merge)
		return diag_usage(r->ctx->diag, "--stderr-fails and --merge exclude each other");
	if (opts->merge && opts->err_file != NULL)
		return diag_usage(r->ctx->diag, "--merge and --stderr exclude each other");
	if ((opts->input != NULL) + opts->no_stdin + (opts->input_text != NULL) +
	            opts->replay_stdin >
	    1)
		return diag_usage(r->ctx->diag, "--stdin, --no-stdin, --input and --replay-stdin "
		                                "exclude each other");
	if (opts->lock == NULL &&
	    (opts->shared || opts->lock_wait > 0 || opts->lock_inherit || opts->if_locked != NULL))
		return diag_usage(r->ctx->diag, "--shared, --lock-inherit, --lock-timeout and "
		                                "--if-locked need --lock");
	if (opts->as_cron && opts->isolate == TREE_LEADER)
		return diag_usage(r->ctx->diag,
		                  "--as-cron makes a session: not with --isolate=none");
	if (parallel_lost_option(opts) != NULL)
		return diag_usage(r->ctx->diag, "%s is for many jobs: see --max-procs",
		                  parallel_lost_option(opts));
	if (opts->escalate != NULL && opts->signal != NULL)
		return diag_usage(r->ctx->diag, "--escalate and --signal exclude each other");
	status = check_more(r);
	if (status == 0)
		status = dialogue_prepare(r);
	if (status == 0)
		status = signals_prepare(r);
	if (status == 0)
		status = run_lock_prepare(r);
	if (status == 0)
		status = parse_times(r);
	if (status == 0)
		status = parse_schedule(r);
	if (status == 0)
		status = retry_prepare(r);
	return status == 0 ? parse_codes(r) : status;
}
