/* SPDX-License-Identifier: MIT */
/* The record of a run: for standard output, and for files that tell how it went. */
#include "output.h"
#include "pipeline.h"

#include "base/clock.h"
#include "fs/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/wait.h>

enum { MS_PER_S = 1000, US_PER_MS = 1000, NS_PER_MS = 1000000 };

enum {
	RESULT_NAME,
	RESULT_ARGV,
	RESULT_CWD,
	RESULT_HOST,
	RESULT_EXIT,
	RESULT_TERM_SIGNAL,
	RESULT_STATUS,
	RESULT_PIPESTATUS,
	RESULT_TIMED_OUT,
	RESULT_IDLE,
	RESULT_CORE,
	RESULT_ATTEMPTS,
	RESULT_STARTED,
	RESULT_WALL,
	RESULT_USER,
	RESULT_SYS,
	RESULT_MAX_RSS,
	RESULT_LEFT,
	RESULT_KILLED,
	RESULT_DENIED,
	RESULT_MEMORY_LIMIT,
	RESULT_OOM,
	RESULT_STDOUT,
	RESULT_STDERR,
	RESULT_STDOUT_BYTES,
	RESULT_STDERR_BYTES,
	RESULT_TRUNCATED,
};

static const struct column result_columns[] = {
	[RESULT_NAME] = { "name", COLUMN_NAME, "what it is called" },
	[RESULT_ARGV] = { "argv", COLUMN_NAMES, "the words of the command" },
	[RESULT_CWD] = { "cwd", COLUMN_NAME, "the directory it was started in" },
	[RESULT_HOST] = { "host", COLUMN_NAME, "the machine" },
	[RESULT_EXIT] = { "exit", COLUMN_COUNT, "its own exit status; null when it has none" },
	[RESULT_TERM_SIGNAL] = { "term_signal", COLUMN_TEXT, "the signal that ended it, or null" },
	[RESULT_STATUS] = { "status", COLUMN_COUNT, "the exit status of run" },
	[RESULT_PIPESTATUS] = { "pipestatus", COLUMN_COUNTS,
	                        "the status of each stage of --pipe, or its own" },
	[RESULT_TIMED_OUT] = { "timed_out", COLUMN_BOOL, "a time limit was hit" },
	[RESULT_IDLE] = { "idle_timed_out", COLUMN_BOOL, "it was silent for too long" },
	[RESULT_CORE] = { "core", COLUMN_BOOL, "it dumped core" },
	[RESULT_ATTEMPTS] = { "attempts", COLUMN_COUNT, "how often it was started" },
	[RESULT_STARTED] = { "started", COLUMN_TIME, "when the first attempt began" },
	[RESULT_WALL] = { "wall_s", COLUMN_FIXED, "seconds that all attempts took" },
	[RESULT_USER] = { "user_s", COLUMN_FIXED, "seconds on the processor" },
	[RESULT_SYS] = { "sys_s", COLUMN_FIXED, "seconds in the kernel" },
	[RESULT_MAX_RSS] = { "max_rss", COLUMN_SIZE, "memory of its largest process, bytes" },
	[RESULT_LEFT] = { "left_running", COLUMN_COUNT, "processes of its that still run" },
	[RESULT_KILLED] = { "killed", COLUMN_COUNT, "processes that needed KILL" },
	[RESULT_DENIED] = { "denied", COLUMN_COUNT, "processes that could not be signalled" },
	[RESULT_MEMORY_LIMIT] = { "memory_limit", COLUMN_TEXT,
	                          "of --memory: group, process; or null" },
	[RESULT_OOM] = { "oom_killed", COLUMN_BOOL, "memory was short; null: nobody knows" },
	[RESULT_STDOUT] = { "stdout", COLUMN_NAME, "with --capture: what it wrote" },
	[RESULT_STDERR] = { "stderr", COLUMN_NAME, "the same of standard error" },
	[RESULT_STDOUT_BYTES] = { "stdout_bytes", COLUMN_SIZE,
	                          "how much that was, where it is known" },
	[RESULT_STDERR_BYTES] = { "stderr_bytes", COLUMN_SIZE,
	                          "the same; null when both were one stream" },
	[RESULT_TRUNCATED] = { "truncated", COLUMN_BOOL, "something was left out of it" },
};

const struct column_table run_result_table = { result_columns, ARRAY_LEN(result_columns) };

static int64_t milliseconds(struct timeval a, struct timeval b)
{
	return (int64_t)(a.tv_sec - b.tv_sec) * MS_PER_S + (a.tv_usec - b.tv_usec) / US_PER_MS;
}

static void add_words(const struct run *r, struct strbuf *ret)
{
	for (char **at = r->launch.argv; *at != NULL; at++)
		strbuf_add(ret, *at, strlen(*at) + 1);
}

static void add_end(const struct outcome *o, struct record *record, char *name)
{
	if (!o->started)
		return;
	if (WIFSIGNALED(o->wait_status))
		record_name(record, RESULT_TERM_SIGNAL,
		            signal_name(WTERMSIG(o->wait_status), name));
	else
		record_u64(record, RESULT_EXIT, (uint64_t)WEXITSTATUS(o->wait_status));
	record_bool(record, RESULT_CORE, WIFSIGNALED(o->wait_status) && WCOREDUMP(o->wait_status));
}

static void add_output(const struct run *r, struct record *record)
{
	const struct output *output = r->output;

	record_bool(record, RESULT_TRUNCATED, false);
	for (int i = 0; output != NULL && i < 2; i++) {
		const struct stream *s = &output->streams[i];

		if (s->output == NULL || (i == 1 && output->single))
			continue;
		if (r->opts->capture)
			record_bytes(record, RESULT_STDOUT + i, strbuf_str(&s->text), s->text.len);
		record_u64(record, RESULT_STDOUT_BYTES + i, s->bytes);
		if (s->cut)
			record_bool(record, RESULT_TRUNCATED, true);
	}
}

/* Of the command; NULL when it has no path any more. The caller frees it. */
static char *working_directory(const struct run *r)
{
	char link[64];

	if (r->launch.dir < 0)
		return getcwd(NULL, 0);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", r->launch.dir);
	return realpath(link, NULL);
}

/* What the values of the record point to. */
struct texts {
	struct strbuf words, codes;
	char *cwd; /* NULL: it has no path */
	char signal[SIGNAL_NAME_SIZE];
	char host[HOST_NAME_MAX + 1];
};

static void add_cost(const struct run *r, struct record *record)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	record_fixed(record, RESULT_WALL, (r->ended - r->began) / NS_PER_MS, 3);
	record_fixed(record, RESULT_USER, milliseconds(usage.ru_utime, r->before.ru_utime), 3);
	record_fixed(record, RESULT_SYS, milliseconds(usage.ru_stime, r->before.ru_stime), 3);
	record_u64(record, RESULT_MAX_RSS, (uint64_t)usage.ru_maxrss * 1024);
}

static void add_codes(const struct run *r, struct strbuf *ret)
{
	if (r->pipeline != NULL)
		pipeline_add_codes(r->pipeline, ret);
	else if (r->outcome.started)
		strbuf_add_u64(ret, (uint64_t)spawn_status_code(r->outcome.wait_status));
}

static void fill(const struct run *r, struct texts *t, struct record *record)
{
	const struct outcome *o = &r->outcome;

	t->cwd = working_directory(r);
	add_words(r, &t->words);
	record_begin(record, "item", &run_result_table);
	record_name(record, RESULT_NAME, run_name(r));
	record_names(record, RESULT_ARGV, t->words.data, t->words.len);
	if (t->cwd != NULL)
		record_name(record, RESULT_CWD, t->cwd);
	if (gethostname(t->host, sizeof(t->host)) == 0)
		record_name(record, RESULT_HOST, t->host);
	record_bool(record, RESULT_CORE, false);
	add_end(o, record, t->signal);
	record_u64(record, RESULT_STATUS, (uint64_t)o->code);
	add_codes(r, &t->codes);
	if (t->codes.len > 0)
		record_counts(record, RESULT_PIPESTATUS, &t->codes);
	record_bool(record, RESULT_TIMED_OUT, o->timed_out);
	record_bool(record, RESULT_IDLE, o->idle_over);
	record_u64(record, RESULT_ATTEMPTS, r->attempts);
	record_time(record, RESULT_STARTED, r->began_wall);
	add_cost(r, record);
	record_u64(record, RESULT_LEFT, o->left_running);
	record_u64(record, RESULT_KILLED, o->killed);
	record_u64(record, RESULT_DENIED, o->denied);
	if (r->memory != MEMORY_FREE)
		record_name(record, RESULT_MEMORY_LIMIT,
		            r->memory == MEMORY_GROUP ? "group" : "process");
	if (r->memory == MEMORY_GROUP)
		record_bool(record, RESULT_OOM, o->memory_short);
	add_output(r, record);
}

/* One line of JSON. 0 or -errno. */
static int write_line(int fd, const struct record *record)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	struct out *out;
	int err;

	if (copy < 0)
		return -errno;
	out = out_new(copy);
	out_begin(out, &(struct out_opts){ .json = true });
	out_emit(out, record);
	err = out_finish(out);
	out_free(out);
	return err;
}

static int replace_status(const char *path, const struct record *record)
{
	struct replace replace;
	int err = replace_begin(path, &replace);

	if (err < 0)
		return err;
	err = write_line(replace.fd, record);
	if (err < 0)
		replace_abort(&replace);
	else
		err = replace_commit(&replace);
	return err;
}

static int append_history(const char *path, const struct record *record)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	int err;

	if (fd < 0)
		return -errno;
	err = write_line(fd, record);
	(void)close(fd);
	return err;
}

/* The command is worth more than what is told of it: its status stays unless that is 0. */
static void say_unwritten(struct run *r, const char *path, int err)
{
	diag_warn(r->ctx->diag, path, "cannot write: %s", strerrordesc_np(-err));
	if (r->outcome.code == 0)
		r->outcome.code = CODE_FAILED;
}

void record_outcome(struct run *r)
{
	const struct run_opts *opts = r->opts;
	struct texts t = { .cwd = NULL };
	struct record record;
	int err;

	if (!out_wants_records(r->ctx->out) && opts->status_file == NULL && opts->history == NULL)
		return;
	fill(r, &t, &record);
	out_emit(r->ctx->out, &record);
	err = opts->history != NULL ? append_history(opts->history, &record) : 0;
	if (err < 0)
		say_unwritten(r, opts->history, err);
	/* Last: who sees a new one finds the rest as well. */
	err = opts->status_file != NULL ? replace_status(opts->status_file, &record) : 0;
	if (err < 0)
		say_unwritten(r, opts->status_file, err);
	strbuf_release(&t.words);
	strbuf_release(&t.codes);
	free(t.cwd);
}
