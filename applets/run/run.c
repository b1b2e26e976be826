/* SPDX-License-Identifier: MIT */
/* run - run a command with limits, retries, a lock, and nothing left behind */
#include "dialogue.h"
#include "output.h"
#include "parallel.h"
#include "pipeline.h"

#include "base/clock.h"
#include "base/sig.h"
#include "cli/shared_opts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const struct opt_choice isolate_choices[] = {
	{ "auto", TREE_AUTO },
	{ "cgroup", TREE_CGROUP },
	{ "subreaper", TREE_DESCENDANTS },
	{ "pidns", ISOLATE_PIDNS },
	{ "session", TREE_SESSION },
	{ "group", TREE_GROUP },
	{ "none", TREE_LEADER },
	{ "", 0 },
};

static const struct opt_choice backoff_choices[] = {
	{ "exp", BACKOFF_EXP },
	{ "linear", BACKOFF_LINEAR },
	{ "none", BACKOFF_NONE },
	{ "", 0 },
};

enum { PART_OUTPUT = 1, PART_REPORT, PART_START, PART_LOCK, PART_GIVEN, PART_PARALLEL };

/* clang-format off */
#define S struct run_opts
static const struct opt run_rows[] = {
	OPT_BOOL('c', "command", S, shell, "the command is a line for /bin/sh"),
	OPT_BOOL(0, "pipe", S, pipe, "each word is a command that reads what the one before writes"),
	OPT_BOOL('v', "verbose", S, verbose, "say what was ended, retried or left running"),
	OPT_BOOL(0, "json", S, out.json, "write a record of the run to standard output"),

	OPT_BOOL('d', "background", S, background, "let it run on in the background"),
	OPT_STR(0, "pidfile", "FILE", S, pidfile, "keep the number of the run's process in FILE"),
	OPT_PART(PART_START),

	OPT_HEADING("Time"),
	OPT_STR('t', "timeout", "DURATION", S, timeout, "end each attempt after that long; 0, infinity: never"),
	OPT_STR('k', "kill-after", "DURATION", S, kill_after,
	             "send KILL that long after the first signal; 0: never"),
	OPT_STR('s', "signal", "SIGNAL", S, signal, "the first signal, instead of TERM"),
	OPT_STR(0, "escalate", "SCHEDULE", S, escalate, "signals and times: TERM/10s/INT/5s/KILL"),
	OPT_STR(0, "total-timeout", "DURATION", S, total_timeout,
	             "the limit for all attempts together"),
	OPT_STR(0, "idle-timeout", "DURATION", S, idle_timeout,
	        "end it when it has written nothing for that long"),
	OPT_BOOL(0, "preserve-status", S, preserve_status,
	         "exit with the command's status even when time was over"),
	OPT_LIST(0, "limit", "NAME=N", S, limits, "limit cpu, memory, file-size, files, processes and more"),

	OPT_HEADING("Processes"),
	OPT_CHOICE(0, "isolate", "HOW", S, isolate, "how its processes are held together"),
	OPT_BOOL(0, "foreground", S, foreground, "leave it in the process group of run"),
	OPT_SET(0, "leave-children", S, children, CHILDREN_LEAVE,
	        "let its processes run on when the command has ended"),
	OPT_SET(0, "kill-children", S, children, CHILDREN_KILL,
	        "end its processes when the command has ended"),
	OPT_SET(0, "wait-children", S, children, CHILDREN_WAIT, "wait for its processes too"),

	OPT_HEADING("Retry"),
	OPT_INT('r', "retries", "N", S, retries, 0, INT64_MAX - 1, "try up to N times more after a failure"),
	OPT_STR(0, "delay", "DURATION[,...]", S, delay,
	        "wait before the second attempt, the third ... (default: 1s)"),
	OPT_CHOICE(0, "backoff", "HOW", S, backoff, "how that grows"),
	OPT_DURATION(0, "max-delay", "DURATION", S, max_delay, "the longest wait (default: 1h)"),
	OPT_STR(0, "jitter", "F", S, jitter, "make it longer or shorter by up to F of it: 0.3, 30%"),
	OPT_BOOL(0, "replay-stdin", S, replay_stdin, "give each attempt all of standard input"),
	OPT_STR(0, "retry-on", "LIST", S, retry_on, "only after these: 1,101-103,SIGSEGV,timeout"),
	OPT_STR(0, "no-retry-on", "LIST", S, no_retry_on, "not after these"),

	OPT_HEADING("Output"),
	OPT_BOOL('q', "quiet", S, quiet, "hold the output back; print it when the command fails"),
	OPT_BOOL('e', "stderr-fails", S, stderr_fails, "with --quiet: output on standard error is a failure"),
	OPT_STR('o', "stdout", "FILE", S, out_file, "send its standard output to FILE"),
	OPT_STR(0, "stderr", "FILE", S, err_file, "send its standard error to FILE"),
	OPT_BOOL(0, "append", S, append, "add to these files, do not empty them"),
	OPT_BOOL(0, "merge", S, merge, "send its standard error where its output goes"),
	OPT_PART(PART_OUTPUT),
	OPT_PART(PART_REPORT),
	OPT_SHARED(S, job),

	OPT_PART(PART_LOCK),
	OPT_PART(PART_GIVEN),
	OPT_PART(PART_PARALLEL),
};

static const struct opt_link links[] = {
	OPT_SPLICE_PART(PART_OUTPUT, run_output_table),
	OPT_SPLICE_PART(PART_REPORT, run_report_table),
	OPT_SPLICE_PART(PART_START, run_start_table),
	OPT_SPLICE_PART(PART_LOCK, run_lock_options),
	OPT_SPLICE_PART(PART_GIVEN, run_given_table),
	OPT_SPLICE_PART(PART_PARALLEL, parallel_option_table),
	OPT_SPLICE(S, job, job_opt_table),
	OPT_CHOICES(S, isolate, isolate_choices),
	OPT_CHOICES(S, backoff, backoff_choices),
};
#undef S
/* clang-format on */

static const struct run_opts defaults = {
	.children = CHILDREN_DEFAULT,
	.max_delay = INT64_C(3600000000000),
	.lock_exit = CODE_LOCKED,
};

static const struct applet_schema run_schemas[] = {
	{ "the run, after its end", &run_result_table },
	{ "each job of many, after its end", &parallel_job_table },
	{ "many jobs, after their end", &parallel_summary_table },
	{ "its start, with --log-json", &job_event_table },
	{ "in a lock file, who holds it", &run_lock_table },
	{ NULL, NULL },
};

static int copy_above_2(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return copy < 0 ? SPAWN_INHERIT : copy;
}

static void look_at_outputs(struct run *r)
{
	struct stat out, err;

	r->one_output = fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
	                out.st_dev == err.st_dev && out.st_ino == err.st_ino;
	r->out_copy = r->opts->merge ? copy_above_2(STDOUT_FILENO) : SPAWN_INHERIT;
	r->err_copy = r->opts->out.json ? copy_above_2(STDERR_FILENO) : SPAWN_INHERIT;
}

/* The status to leave with; a signal that stopped the run ends it, unless it is mapped. */
static int end_of(const struct run *r)
{
	int code = r->stop_signal != 0 ? CODE_SIGNAL + r->stop_signal : r->outcome.code;

	if (r->map_exit[code] != code)
		return r->map_exit[code];
	if (r->stop_signal != 0)
		sig_stop(r->stop_signal);
	return r->outcome.code;
}

/*
 * Whoever takes long to read what is said now can be interrupted. The signal that stopped the
 * run may come twice, from the terminal and from the guard, and is no news.
 */
static void let_signals_through(const struct run *r)
{
	sigset_t mask = r->mask;

	if (r->stop_signal != 0)
		(void)sigaddset(&mask, r->stop_signal);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* In the keeper: the command, and what is said about it. */
static int keep_watched(struct run *r)
{
	int err;

	r->began = clock_now();
	r->began_wall = clock_wall();
	if (r->total_timeout > 0 && r->total_timeout < INT64_MAX - r->began)
		r->total_at = r->began + r->total_timeout;
	(void)getrusage(RUSAGE_CHILDREN, &r->before);
	err = keep_begin(r);
	if (err == 0)
		err = run_attempts(r);
	keep_end(r);
	r->ended = clock_now();
	if (err < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot keep the command: %s",
		                      strerrordesc_np(-err));
	if (r->abandoned)
		return CODE_FAILED;
	let_signals_through(r);
	if (r->outcome.code == 0 && r->output_failed)
		r->outcome.code = CODE_FAILED;
	if (r->opts->quiet && (r->outcome.code != 0 || r->stop_signal != 0))
		report_spool(r);
	report_outcome(r);
	hooks_run(r);
	return end_of(r);
}

static int keep(struct run *r)
{
	int status = job_begin(r->ctx, &r->opts->job, &r->job);

	if (status != 0)
		return status;
	if (r->parallel != NULL) {
		status = parallel_keep(r->parallel);
	} else {
		status = output_open(r);
		if (status == 0)
			status = keep_watched(r);
		output_close(r);
	}
	/* What the command left with is worth more than a complaint about a report. */
	if (status != 0)
		diag_raise(r->ctx->diag, status);
	return job_end(r->job, status);
}

static int run_locked(struct run *r, char **words)
{
	struct spawn_collect collect;
	bool is_guard = false, is_caller;
	int status = launch_prepare(r, r->parallel != NULL ? NULL : words);
	int err;

	if (status == 0)
		status = background_begin(r, &is_caller);
	if (status != 0 || is_caller)
		return status;
	look_at_outputs(r);
	if (r->opts->exec)
		return start_become(r);
	terminal_look(r);
	spawn_collect_begin(&collect);
	err = guard_fork(r, &is_guard, &status);
	if (err < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot %s: %s",
		                      r->opts->isolate == ISOLATE_PIDNS ? "make a pid namespace"
		                                                        : "start a process",
		                      strerrordesc_np(-err));
	if (is_guard)
		background_end(r);
	else
		status = keep(r);
	spawn_collect_end(&collect);
	return status;
}

static void release(struct run *r)
{
	int *fds[] = { &r->lock, &r->pidfile,  &r->spool[0], &r->spool[1],
		       &r->life, &r->out_copy, &r->err_copy, &r->tee };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			(void)close(*fds[i]);
	}
	r->dialogue = dialogue_free(r->dialogue);
	r->pipeline = pipeline_free(r->pipeline);
	launch_release(&r->launch);
	vec_release(&r->delays);
}

/* What options mean for others. */
static struct run_opts complete(const struct run_opts *given)
{
	struct run_opts opts = *given;

	/* A dialogue is held on a terminal. */
	opts.pty = opts.pty || opts.dialogue.len > 0;
	return opts;
}

static int run_run(struct ctx *ctx, const void *options, char **operands)
{
	const struct run_opts opts = complete(options);
	struct run r = { .ctx = ctx,
		         .opts = &opts,
		         .life = -1,
		         .lock = -1,
		         .pidfile = -1,
		         .tee = -1,
		         .terminal = -1,
		         .spool = { -1, -1 },
		         .attempt_out = { -1, -1 },
		         .out_copy = SPAWN_INHERIT,
		         .err_copy = SPAWN_INHERIT,
		         .launch = { .dir = SPAWN_INHERIT,
		                     .fds = { SPAWN_INHERIT, SPAWN_INHERIT, SPAWN_INHERIT },
		                     .setup = { .terminal = -1, .cgroup = -1 } },
		         .tree = { .proc = -1, .cgroup = CGROUP_NONE } };
	bool skip = false;
	int status;

	out_begin(ctx->out, &r.opts->out);
	status = check_options(&r, operands);
	if (status == 0 && parallel_is_wanted(r.opts))
		status = parallel_new(&r, operands, &r.parallel);
	if (status == 0 && r.opts->parallel.dry_run)
		status = parallel_show(r.parallel);
	else if (status == 0)
		status = run_lock(&r, &skip, operands);
	if (status == 0 && !skip && !r.opts->parallel.dry_run)
		status = run_locked(&r, operands);
	r.parallel = parallel_free(r.parallel);
	release(&r);
	return status;
}

const struct applet run_applet = {
	.name = "run",
	.group = "Processes",
	.summary = "run a command with limits, retries and a lock, leaving nothing behind",
	.operands = "COMMAND [ARG]...",
	.options = OPT_TABLE_LINKED(run_rows, links),
	.options_size = sizeof(struct run_opts),
	.defaults = &defaults,
	.schemas = run_schemas,
	.codes = { .usage = CODE_FAILED, .fail = CODE_FAILED },
	.stop_at_operand = true,
	.takes = OPERANDS_COMMAND_LINE,
	.run = run_run,
};
