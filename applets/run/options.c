/* SPDX-License-Identifier: MIT */
/* Parts of the option table, and what of their values is more than a row can check. */
#include "run.h"

#include "base/human.h"
#include "base/num.h"

#include <errno.h>

/* clang-format off */
#define S struct run_opts
static const struct opt output_rows[] = {
	OPT_STR(0, "output", "FILE", S, both_file, "send both to FILE"),
	OPT_STR(0, "tee", "FILE", S, tee, "copy both to FILE"),
	OPT_STR_OPTIONAL(0, "stamp", "FORMAT", S, stamp, "%Y-%m-%dT%H:%M:%S%:z",
	                 "put the time before each line; or elapsed, delta"),
	OPT_STR(0, "tag", "TEXT", S, tag, "put TEXT before each line"),
	OPT_BOOL(0, "line-buffered", S, line_buffered, "pass on whole lines, as soon as they are there"),
	OPT_SIZE(0, "max-output", "SIZE", S, max_output, "of more than SIZE pass on the beginning and the end"),
	OPT_BOOL(0, "capture", S, capture, "put the output into the record instead"),
	OPT_BOOL(0, "pty", S, pty, "give it a terminal of its own"),

	OPT_HEADING("Log"),
	OPT_STR(0, "log", "FILE", S, log, "append its lines to FILE too"),
	OPT_STR(0, "log-rotate", "SIZE[,N]", S, log_rotate, "put FILE aside before it is longer than SIZE, keep N"),
};

static const struct opt report_rows[] = {
	OPT_HEADING("Report"),
	OPT_BOOL(0, "report", S, report, "say at the end what it was, how it ended and what it took"),
	OPT_STR(0, "status-file", "FILE", S, status_file, "replace FILE with the record of the run"),
	OPT_STR(0, "history", "FILE", S, history, "append the record of the run to FILE"),
	OPT_STR(0, "on-success", "COMMAND", S, on_success, "then run this line with /bin/sh"),
	OPT_STR(0, "on-failure", "COMMAND", S, on_failure, "the same when the status is not 0"),
	OPT_STR(0, "on-timeout", "COMMAND", S, on_timeout, "the same when a time limit was hit"),
	OPT_STR(0, "on-exit", "COMMAND", S, on_exit, "the same in any case"),
	OPT_LIST(0, "on-signal", "SIG=COMMAND", S, on_signal, "run this line when run gets the signal"),
};

static const struct opt start_rows[] = {
	OPT_STR(0, "name", "NAME", S, name, "what it is called in messages, reports and records"),
	OPT_BOOL(0, "init", S, init, "pass signals on and go by the command, as PID 1 does"),
	OPT_LIST(0, "map-exit", "N=M", S, map_exit, "exit with M instead of N"),
	OPT_LIST(0, "rewrite", "SIG=SIG", S, rewrite, "take one signal to run for another; =0 drops it"),
};
#undef S
/* clang-format on */

const struct opt_table run_report_table = OPT_TABLE(report_rows);
const struct opt_table run_start_table = OPT_TABLE(start_rows);

const struct opt_table run_output_table = OPT_TABLE(output_rows);

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
	if (text[len] == ',' && (num_parse_u64(text + len + 1, &keep) < 0 || keep == 0 ||
	                         keep > OLD_LOGS_MAX)) {
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

static const char *output_conflict(const struct run_opts *opts)
{
	if (opts->both_file != NULL && (opts->out_file != NULL || opts->err_file != NULL))
		return "--output excludes --stdout and --stderr";
	if (opts->both_file != NULL && opts->stderr_fails)
		return "--stderr-fails and --output exclude each other";
	if (opts->log_rotate != NULL && opts->log == NULL)
		return "--log-rotate needs --log";
	if (opts->capture && opts->quiet)
		return "--capture and --quiet exclude each other";
	if (opts->capture && !opts->out.json && opts->job.log_json == NULL &&
	    opts->status_file == NULL && opts->history == NULL)
		return "--capture needs a record: --json, --log-json, --status-file or --history";
	if (opts->pty && opts->isolate == TREE_LEADER)
		return "--pty makes a session: not with --isolate=none";
	if (opts->pty && opts->isolate == TREE_GROUP)
		return "--pty makes a session: not with --isolate=group";
	if (opts->foreground && (opts->pty || opts->as_cron || opts->isolate == TREE_SESSION ||
	                         opts->isolate == TREE_GROUP))
		return "--foreground excludes --pty, --as-cron, --isolate=session and group";
	if (opts->replay_stdin && (opts->as_cron || opts->background))
		return "--replay-stdin excludes --as-cron and --background";
	if (opts->pty && (opts->background || opts->as_cron))
		return "--pty excludes --background and --as-cron";
	if (opts->pty && (opts->stderr_fails || opts->err_file != NULL))
		return "with --pty there is no standard error of its own";
	return NULL;
}

int options_check(struct run *r)
{
	const char *conflict = output_conflict(r->opts);

	if (conflict != NULL)
		return diag_usage(r->ctx->diag, "%s", conflict);
	if (r->opts->log_rotate != NULL) {
		int status = parse_rotation(r);

		if (status != 0)
			return status;
	}
	return signals_prepare(r);
}
