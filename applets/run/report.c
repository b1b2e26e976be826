/* SPDX-License-Identifier: MIT */
/* What a run says: why it could not start, how it ended, what it took. */
#include "output.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/human.h"
#include "base/quote.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>

enum {
	COPY_SIZE = 64 * 1024,
	MS_PER_S = 1000,
	NS_PER_MS = 1000000,
	US_PER_S = 1000000,
	US_PER_MS = 1000
};

static const char *const step_words[] = {
	[SPAWN_STEP_PROCESS] = "start",
	[SPAWN_STEP_GROUP] = "make a process group for",
	[SPAWN_STEP_DESCRIPTORS] = "set the descriptors of",
	[SPAWN_STEP_LIMIT] = "set the limits of",
	[SPAWN_STEP_NICE] = "set the priority of",
	[SPAWN_STEP_USER] = "set the user of",
	[SPAWN_STEP_DIRECTORY] = "set the directory of",
	[SPAWN_STEP_EXEC] = "run",
};

int report_start_failure(struct run *r, int err, enum spawn_step step)
{
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };
	int code = step == SPAWN_STEP_EXEC ? spawn_failure_code(err) : CODE_FAILED;

	quote_shell_always(&name, r->launch.argv[0], strlen(r->launch.argv[0]));
	diag_warn(r->ctx->diag, NULL, "cannot %s %s: %s%s", step_words[step], strbuf_str(&name),
	          strerrordesc_np(-err),
	          code == SPAWN_CODE_NOT_FOUND ? " (for functions of a shell: run -c)" : "");
	return code;
}

static void copy_spool(struct run *r, int from, int to)
{
	char *buffer = mem_alloc(COPY_SIZE);
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, buffer, COPY_SIZE, at)) > 0) {
		if (to == STDOUT_FILENO)
			out_text(r->ctx->out, buffer, (size_t)n);
		else
			ignore(fdio_write_all(to, buffer, (size_t)n));
		at += n;
	}
	free(buffer);
	if (to == STDOUT_FILENO)
		out_flush(r->ctx->out);
}

void report_spool(struct run *r)
{
	copy_spool(r, r->spool[0], r->opts->out.json ? STDERR_FILENO : STDOUT_FILENO);
	if (r->spool[1] >= 0)
		copy_spool(r, r->spool[1], STDERR_FILENO);
}

static void say_end(const struct run *r)
{
	const struct outcome *o = &r->outcome;
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

	quote_shell_always(&name, run_name(r), strlen(run_name(r)));
	if (o->timed_out)
		diag_warn(r->ctx->diag, NULL,
		          "%s: timed out; processes signalled: %u, in need of KILL: %u",
		          strbuf_str(&name), o->signalled, o->killed);
	if (o->left_running > 0)
		diag_warn(r->ctx->diag, NULL, "%s: processes left running: %u", strbuf_str(&name),
		          o->left_running);
}

static void add_words(const struct run *r, struct strbuf *ret)
{
	for (char **at = r->launch.argv; *at != NULL; at++) {
		if (at != r->launch.argv)
			strbuf_add_char(ret, ' ');
		quote_shell(ret, *at, strlen(*at));
	}
}

static void add_end(const struct run *r, struct strbuf *ret)
{
	const struct outcome *o = &r->outcome;
	char name[SIGNAL_NAME_SIZE];

	if (o->idle_over)
		strbuf_add_str(ret, "silent for too long, ");
	else if (o->timed_out)
		strbuf_add_str(ret, "out of time, ");
	if (r->stop_signal != 0)
		strbuf_add_format(ret, "stopped by %s, ", signal_name(r->stop_signal, name));
	if (!o->started)
		strbuf_add_str(ret, "not started");
	else if (WIFSIGNALED(o->wait_status))
		strbuf_add_format(ret, "ended by signal %s%s",
		                  signal_name(WTERMSIG(o->wait_status), name),
		                  WCOREDUMP(o->wait_status) ? ", core dumped" : "");
	else
		strbuf_add_format(ret, "status %d", WEXITSTATUS(o->wait_status));
	if (r->attempts > 1)
		strbuf_add_format(ret, " after %llu attempts", (unsigned long long)r->attempts);
}

static void add_seconds(struct strbuf *ret, struct timeval t, struct timeval before)
{
	int64_t us = (int64_t)(t.tv_sec - before.tv_sec) * US_PER_S + (t.tv_usec - before.tv_usec);

	strbuf_add_format(ret, "%lld.%03llds", (long long)(us / US_PER_S),
	                  (long long)(us % US_PER_S / US_PER_MS));
}

static void add_cost(const struct run *r, struct strbuf *ret)
{
	int64_t ms = (r->ended - r->began) / NS_PER_MS;
	struct rusage usage;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	strbuf_add_format(ret, "%lld.%03llds, processor ", (long long)(ms / MS_PER_S),
	                  (long long)(ms % MS_PER_S));
	add_seconds(ret, usage.ru_utime, r->before.ru_utime);
	strbuf_add_str(ret, " + ");
	add_seconds(ret, usage.ru_stime, r->before.ru_stime);
	strbuf_add_str(ret, ", memory ");
	human_add_bytes(ret, (uint64_t)usage.ru_maxrss * 1024);
}

/* --report: one paragraph, as a mail from cron should have. */
static void say_all(const struct run *r)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	char host[HOST_NAME_MAX + 1];

	if (gethostname(host, sizeof(host)) < 0)
		host[0] = '\0';
	strbuf_add_str(&text, "run: ");
	quote_shell(&text, run_name(r), strlen(run_name(r)));
	strbuf_add_str(&text,
	               r->outcome.code == 0 && r->stop_signal == 0 ? " succeeded" : " failed");
	strbuf_add_str(&text, "\n  command  ");
	add_words(r, &text);
	strbuf_add_str(&text, "\n  host     ");
	quote_add_masked(&text, host, strlen(host));
	strbuf_add_str(&text, "\n  started  ");
	clock_add_time(&text, r->began_wall, "+%Y-%m-%d %H:%M:%S %z");
	strbuf_add_str(&text, "\n  ended    ");
	add_end(r, &text);
	strbuf_add_str(&text, "\n  took     ");
	add_cost(r, &text);
	if (r->outcome.left_running + r->outcome.killed + r->outcome.denied > 0)
		strbuf_add_format(&text, "\n  left     %u running, %u needed KILL, %u out of reach",
		                  r->outcome.left_running, r->outcome.killed, r->outcome.denied);
	strbuf_add_char(&text, '\n');
	ignore(fdio_write_all(STDERR_FILENO, text.data, text.len));
}

const char *run_name(const struct run *r)
{
	if (r->opts->name != NULL)
		return r->opts->name;
	/* Many jobs have no one command. */
	return r->launch.argv != NULL ? r->launch.argv[0] : "jobs";
}

void report_outcome(struct run *r)
{
	if (r->opts->verbose)
		say_end(r);
	if (r->outcome.denied > 0)
		diag_warn(r->ctx->diag, NULL, "processes that could not be signalled: %u",
		          r->outcome.denied);
	if (r->opts->report && (!r->opts->quiet || r->outcome.code != 0 || r->stop_signal != 0))
		say_all(r);
	record_outcome(r);
}
