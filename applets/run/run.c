/* SPDX-License-Identifier: MIT */
/* run - run a command with limits, retries, a lock, and nothing left behind */
#include "run.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/sig.h"
#include "cli/shared_opts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const struct opt_choice isolate_choices[] = {
	{ "auto", TREE_AUTO },
	{ "cgroup", TREE_CGROUP },
	{ "subreaper", TREE_DESCENDANTS },
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

static const struct opt_choice locked_choices[] = {
	{ "fail", LOCKED_FAIL },
	{ "skip", LOCKED_SKIP },
	{ "wait", LOCKED_WAIT },
	{ "", 0 },
};

/* clang-format off */
#define S struct run_opts
static const struct opt run_rows[] = {
	OPT_BOOL('c', "command", S, shell, "the command is a line for /bin/sh"),
	OPT_BOOL('v', "verbose", S, verbose, "say what was ended, retried or left running"),
	OPT_BOOL(0, "json", S, out.json, "write a record of the run to standard output"),

	OPT_BOOL('d', "background", S, background, "let it run on in the background"),
	OPT_STR(0, "pidfile", "FILE", S, pidfile, "keep the number of the run's process in FILE"),

	OPT_HEADING("Time"),
	OPT_STR('t', "timeout", "DURATION", S, timeout, "end each attempt after that long; 0, infinity: never"),
	OPT_STR('k', "kill-after", "DURATION", S, kill_after,
	             "send KILL that long after the first signal; 0: never"),
	OPT_STR('s', "signal", "SIGNAL", S, signal, "the first signal, instead of TERM"),
	OPT_STR(0, "escalate", "SCHEDULE", S, escalate, "signals and times: TERM/10s/INT/5s/KILL"),
	OPT_STR(0, "total-timeout", "DURATION", S, total_timeout,
	             "the limit for all attempts together"),
	OPT_BOOL(0, "preserve-status", S, preserve_status,
	         "exit with the command's status even when time was over"),
	OPT_LIST(0, "limit", "NAME=N", S, limits, "limit cpu, memory, file-size, files, processes and more"),

	OPT_HEADING("Processes"),
	OPT_CHOICE(0, "isolate", "HOW", S, isolate, "how its processes are held together"),
	OPT_SET(0, "leave-children", S, children, CHILDREN_LEAVE,
	        "let its processes run on when the command has ended"),
	OPT_SET(0, "kill-children", S, children, CHILDREN_KILL,
	        "end its processes when the command has ended"),
	OPT_SET(0, "wait-children", S, children, CHILDREN_WAIT, "wait for its processes too"),

	OPT_HEADING("Retry"),
	OPT_INT('r', "retries", "N", S, retries, 0, INT64_MAX - 1, "try up to N times more after a failure"),
	OPT_DURATION(0, "delay", "DURATION", S, delay, "wait before the second attempt (default: 1s)"),
	OPT_CHOICE(0, "backoff", "HOW", S, backoff, "how that grows"),
	OPT_DURATION(0, "max-delay", "DURATION", S, max_delay, "the longest wait (default: 1h)"),
	OPT_STR(0, "retry-on", "LIST", S, retry_on, "only after these: 1,101-103,SIGSEGV,timeout"),
	OPT_STR(0, "no-retry-on", "LIST", S, no_retry_on, "not after these"),

	OPT_HEADING("Output"),
	OPT_BOOL('q', "quiet", S, quiet, "hold the output back; print it when the command fails"),
	OPT_BOOL('e', "stderr-fails", S, stderr_fails, "with --quiet: output on standard error is a failure"),
	OPT_STR('o', "stdout", "FILE", S, out_file, "send its standard output to FILE"),
	OPT_STR(0, "stderr", "FILE", S, err_file, "send its standard error to FILE"),
	OPT_BOOL(0, "append", S, append, "add to these files, do not empty them"),
	OPT_BOOL(0, "merge", S, merge, "send its standard error where its output goes"),

	OPT_HEADING("Lock"),
	OPT_STR('l', "lock", "FILE", S, lock, "run only while no other run holds FILE"),
	OPT_CHOICE(0, "if-locked", "WHAT", S, if_locked, "what to do when it is held"),
	OPT_DURATION(0, "lock-timeout", "DURATION", S, lock_wait, "wait no longer than that"),
	OPT_INT(0, "lock-exit", "N", S, lock_exit, 0, 255, "the exit status when it is held (default: 75)"),
	OPT_BOOL(0, "shared", S, shared, "several runs may hold it at once"),

	OPT_HEADING("What the command gets"),
	OPT_STR('C', "chdir", "DIR", S, chdir, "start it in DIR"),
	OPT_LIST('E', "env", "NAME=VALUE", S, env, "set a variable"),
	OPT_LIST('u', "unset", "NAME", S, unset, "remove a variable"),
	OPT_BOOL('i', "clean-env", S, clean_env, "give it no variables but those of --env"),
	OPT_BOOL(0, "as-cron", S, as_cron, "give it what cron would: few variables, no terminal"),
	OPT_STR(0, "umask", "MODE", S, umask, "its file mode creation mask, octal"),
	OPT_STR(0, "nice", "N", S, nice, "its priority, from -20 to 19"),
	OPT_STR(0, "argv0", "NAME", S, argv0, "what it is told to be its name"),
	OPT_STR(0, "stdin", "FILE", S, input, "read its standard input from FILE"),
	OPT_BOOL(0, "no-stdin", S, no_stdin, "give it an empty standard input"),
};

static const struct opt_link links[] = {
	OPT_CHOICES(S, isolate, isolate_choices),
	OPT_CHOICES(S, backoff, backoff_choices),
	OPT_CHOICES(S, if_locked, locked_choices),
};
#undef S
/* clang-format on */

static const struct run_opts defaults = {
	.children = CHILDREN_DEFAULT,
	.delay = INT64_C(1000000000),
	.max_delay = INT64_C(3600000000000),
	.lock_exit = CODE_LOCKED,
};

static const struct applet_schema run_schemas[] = {
	{ "the run, after its end", &run_result_table },
	{ NULL, NULL },
};

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
static int check_options(struct run *r, char **words)
{
	const struct run_opts *opts = r->opts;
	int status;

	if (words[0] == NULL)
		return diag_usage(r->ctx->diag, "missing command");
	if (opts->stderr_fails && !opts->quiet)
		return diag_usage(r->ctx->diag, "--stderr-fails needs --quiet");
	if (opts->stderr_fails && opts->merge)
		return diag_usage(r->ctx->diag, "--stderr-fails and --merge exclude each other");
	if (opts->merge && opts->err_file != NULL)
		return diag_usage(r->ctx->diag, "--merge and --stderr exclude each other");
	if (opts->input != NULL && opts->no_stdin)
		return diag_usage(r->ctx->diag, "--stdin and --no-stdin exclude each other");
	if (opts->lock == NULL && (opts->shared || opts->lock_wait > 0))
		return diag_usage(r->ctx->diag, "--shared and --lock-timeout need --lock");
	if (opts->as_cron && opts->isolate == TREE_LEADER)
		return diag_usage(r->ctx->diag,
		                  "--as-cron makes a session: not with --isolate=none");
	if (opts->escalate != NULL && opts->signal != NULL)
		return diag_usage(r->ctx->diag, "--escalate and --signal exclude each other");
	status = parse_times(r);
	if (status == 0)
		status = parse_schedule(r);
	return status == 0 ? parse_codes(r) : status;
}

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

/* In the keeper: the command, and what is said about it. */
static int keep(struct run *r)
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
	if (err < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot keep the command: %s",
		                      strerrordesc_np(-err));
	if (r->abandoned)
		return CODE_FAILED;
	if (r->opts->quiet && (r->outcome.code != 0 || r->stop_signal != 0))
		report_spool(r);
	report_outcome(r);
	if (r->stop_signal != 0)
		sig_stop(r->stop_signal);
	return r->outcome.code;
}

static int run_locked(struct run *r, char **words)
{
	struct spawn_collect collect;
	bool is_guard = false, is_caller;
	int status = launch_prepare(r, words);
	int err;

	if (status == 0)
		status = background_begin(r, &is_caller);
	if (status != 0 || is_caller)
		return status;
	look_at_outputs(r);
	spawn_collect_begin(&collect);
	err = guard_fork(r, &is_guard, &status);
	if (err < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot start a process: %s",
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
		       &r->life, &r->out_copy, &r->err_copy };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			(void)close(*fds[i]);
	}
	launch_release(&r->launch);
}

static int run_run(struct ctx *ctx, const void *options, char **operands)
{
	struct run r = { .ctx = ctx,
		         .opts = options,
		         .life = -1,
		         .lock = -1,
		         .pidfile = -1,
		         .terminal = -1,
		         .spool = { -1, -1 },
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
	if (status != 0)
		return status;
	status = run_lock(&r, &skip);
	if (status == 0 && !skip)
		status = run_locked(&r, operands);
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
