/* SPDX-License-Identifier: MIT */
/* Commands that are told how a run ended, or that it got a signal. */
#include "attempt.h"

#include "base/clock.h"

#include <errno.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

struct variables {
	VEC_FIELDS(char *);
};

static void add_variable(struct variables *v, const char *name, const char *value)
{
	struct strbuf text = { 0 };

	strbuf_add_format(&text, "%s=%s", name, value);
	vec_push(v, strbuf_detach(&text));
}

static void add_number(struct variables *v, const char *name, int64_t value)
{
	struct strbuf text = { 0 };

	strbuf_add_format(&text, "%s=%lld", name, (long long)value);
	vec_push(v, strbuf_detach(&text));
}

/* What is known so far; the caller frees the strings. */
static void describe(const struct run *r, struct variables *v)
{
	const struct outcome *o = &r->outcome;
	char name[SIGNAL_NAME_SIZE];
	int64_t ms = (clock_now() - r->began) / NS_PER_MS;
	struct strbuf wall = { 0 };

	add_variable(v, "RUN_NAME", run_name(r));
	add_number(v, "RUN_STATUS", o->code);
	add_variable(v, "RUN_TIMED_OUT", o->timed_out ? "1" : "0");
	add_number(v, "RUN_ATTEMPTS", (int64_t)r->attempts);
	if (o->started && WIFSIGNALED(o->wait_status))
		add_variable(v, "RUN_SIGNAL", signal_name(WTERMSIG(o->wait_status), name));
	else if (r->stop_signal != 0)
		add_variable(v, "RUN_SIGNAL", signal_name(r->stop_signal, name));
	strbuf_add_format(&wall, "RUN_WALL_S=%lld.%03lld", (long long)(ms / MS_PER_S),
	                  (long long)(ms % MS_PER_S));
	vec_push(v, strbuf_detach(&wall));
}

/* The line with the command's environment and `v`, which is used up. */
static int start_line(struct run *r, const char *line, struct variables *v, struct spawn_child *ret)
{
	AUTO_FREE_STR char *sh = mem_strdup("sh");
	AUTO_FREE_STR char *option = mem_strdup("-c");
	AUTO_FREE_STR char *text = mem_strdup(line);
	char *argv[] = { sh, option, text, NULL };
	struct spawn_request request = { .file = "/bin/sh",
		                         .argv = argv,
		                         .dir = r->launch.dir,
		                         .fds = { SPAWN_NULL, SPAWN_INHERIT, SPAWN_INHERIT },
		                         .mask = &r->mask };
	struct spawn_setup setup = { .group = SPAWN_OWN_GROUP,
		                     .terminal = -1,
		                     .death_signal = SIGKILL,
		                     .cgroup = r->tree.cgroup.dir };
	size_t own = v->len;
	enum spawn_step step;
	int err;

	/* The record has standard output for itself. */
	if (r->opts->out.json)
		request.fds[1] = r->err_copy;
	for (char **at = r->launch.envp; *at != NULL; at++)
		vec_push(v, *at);
	vec_push(v, NULL);
	request.envp = v->items;
	err = spawn_start_with(&request, &setup, ret, &step);
	for (size_t i = 0; i < own; i++)
		free(v->items[i]);
	vec_release(v);
	if (err < 0)
		diag_warn(r->ctx->diag, NULL, "cannot run a command for what happened: %s",
		          strerrordesc_np(-err));
	return err;
}

/* Waits for it; a signal to the run ends it. Its failure is told and changes nothing. */
static void run_line(struct run *r, const char *option, const char *line)
{
	struct attempt a = { .r = r, .is_hook = true, .child = { .pidfd = -1 } };
	struct variables v = { 0 };
	int status;

	if (line == NULL || r->stop_signal != 0 || r->abandoned)
		return;
	describe(r, &v);
	if (start_line(r, line, &v, &a.child) < 0)
		return;
	status = keep_hook(r, &a);
	if (status != 0)
		diag_warn(r->ctx->diag, NULL, "the command of %s ended with status %d", option,
		          status);
}

static bool has_end_hooks(const struct run_opts *opts)
{
	return opts->on_success != NULL || opts->on_failure != NULL || opts->on_timeout != NULL ||
	       opts->on_exit != NULL;
}

void hooks_run(struct run *r)
{
	const struct run_opts *opts = r->opts;
	int stop_signal = r->stop_signal;
	bool failed = r->outcome.code != 0 || stop_signal != 0;
	int err;

	if (!has_end_hooks(opts) || r->abandoned)
		return;
	/* The one that ended the command is dealt with. */
	r->stop_signal = 0;
	err = keep_begin(r);
	if (err == 0) {
		if (r->outcome.timed_out)
			run_line(r, "--on-timeout", opts->on_timeout);
		if (failed)
			run_line(r, "--on-failure", opts->on_failure);
		else
			run_line(r, "--on-success", opts->on_success);
		run_line(r, "--on-exit", opts->on_exit);
	} else {
		diag_warn(r->ctx->diag, NULL, "cannot watch a command for the end: %s",
		          strerrordesc_np(-err));
	}
	keep_end(r);
	r->stop_signal = stop_signal != 0 ? stop_signal : r->stop_signal;
}

bool hooks_signal(struct run *r, int signo, pid_t command)
{
	struct spawn_child child = { .pidfd = -1 };
	struct variables v = { 0 };
	char name[SIGNAL_NAME_SIZE];

	if (r->on_signal[signo] == NULL)
		return false;
	add_variable(&v, "RUN_NAME", run_name(r));
	add_variable(&v, "RUN_SIGNAL", signal_name(signo, name));
	add_number(&v, "RUN_PID", command);
	/* It is collected with all the others that end. */
	if (start_line(r, r->on_signal[signo], &v, &child) == 0 && child.pidfd >= 0)
		(void)close(child.pidfd);
	return true;
}
