/* SPDX-License-Identifier: MIT */
/* What a run says: why it could not start, how it ended, the record of --json. */
#include "run.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/quote.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>

enum { COPY_SIZE = 64 * 1024, MS_PER_S = 1000, US_PER_MS = 1000, NS_PER_MS = 1000000 };

enum {
	RESULT_ARGV,
	RESULT_CWD,
	RESULT_EXIT,
	RESULT_TERM_SIGNAL,
	RESULT_STATUS,
	RESULT_TIMED_OUT,
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
};

static const struct column result_columns[] = {
	[RESULT_ARGV] = { "argv", COLUMN_ITEMS, "the words of the command" },
	[RESULT_CWD] = { "cwd", COLUMN_NAME, "the directory it was started in" },
	[RESULT_EXIT] = { "exit", COLUMN_COUNT, "its own exit status; null when it has none" },
	[RESULT_TERM_SIGNAL] = { "term_signal", COLUMN_TEXT, "the signal that ended it, or null" },
	[RESULT_STATUS] = { "status", COLUMN_COUNT, "the exit status of run" },
	[RESULT_TIMED_OUT] = { "timed_out", COLUMN_BOOL, "a time limit was hit" },
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
};

const struct column_table run_result_table = { result_columns, ARRAY_LEN(result_columns) };

static const struct column word_columns[] = { { "word", COLUMN_NAME, "a word" } };
static const struct column_table word_table = { word_columns, ARRAY_LEN(word_columns) };

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

static int64_t milliseconds(struct timeval a, struct timeval b)
{
	return (int64_t)(a.tv_sec - b.tv_sec) * MS_PER_S + (a.tv_usec - b.tv_usec) / US_PER_MS;
}

static void add_words(const struct run *r, struct strbuf *ret)
{
	for (char **at = r->launch.argv; *at != NULL; at++) {
		struct record word;

		record_begin(&word, "word", &word_table);
		record_name(&word, 0, *at);
		record_add_item(ret, &word);
	}
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

/* Of the command; NULL when it has no path any more. The caller frees it. */
static char *working_directory(const struct run *r)
{
	char link[64];

	if (r->launch.dir < 0)
		return getcwd(NULL, 0);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", r->launch.dir);
	return realpath(link, NULL);
}

static void emit_record(struct run *r)
{
	const struct outcome *o = &r->outcome;
	AUTO_RELEASE_STRBUF struct strbuf words = { 0 };
	AUTO_FREE_STR char *cwd = working_directory(r);
	char name[SIGNAL_NAME_SIZE];
	struct rusage usage;
	struct record record;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	add_words(r, &words);
	record_begin(&record, "item", &run_result_table);
	record_items(&record, RESULT_ARGV, &words);
	if (cwd != NULL)
		record_name(&record, RESULT_CWD, cwd);
	record_bool(&record, RESULT_CORE, false);
	add_end(o, &record, name);
	record_u64(&record, RESULT_STATUS, (uint64_t)o->code);
	record_bool(&record, RESULT_TIMED_OUT, o->timed_out);
	record_u64(&record, RESULT_ATTEMPTS, r->attempts);
	record_time(&record, RESULT_STARTED, r->began_wall);
	record_fixed(&record, RESULT_WALL, (clock_now() - r->began) / NS_PER_MS, 3);
	record_fixed(&record, RESULT_USER, milliseconds(usage.ru_utime, r->before.ru_utime), 3);
	record_fixed(&record, RESULT_SYS, milliseconds(usage.ru_stime, r->before.ru_stime), 3);
	record_u64(&record, RESULT_MAX_RSS, (uint64_t)usage.ru_maxrss * 1024);
	record_u64(&record, RESULT_LEFT, o->left_running);
	record_u64(&record, RESULT_KILLED, o->killed);
	record_u64(&record, RESULT_DENIED, o->denied);
	out_emit(r->ctx->out, &record);
}

static void say_end(const struct run *r)
{
	const struct outcome *o = &r->outcome;
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

	quote_shell_always(&name, r->launch.argv[0], strlen(r->launch.argv[0]));
	if (o->timed_out)
		diag_warn(r->ctx->diag, NULL,
		          "%s: timed out; processes signalled: %u, in need of KILL: %u",
		          strbuf_str(&name), o->signalled, o->killed);
	if (o->left_running > 0)
		diag_warn(r->ctx->diag, NULL, "%s: processes left running: %u", strbuf_str(&name),
		          o->left_running);
}

void report_outcome(struct run *r)
{
	if (r->opts->verbose)
		say_end(r);
	if (r->outcome.denied > 0)
		diag_warn(r->ctx->diag, NULL, "processes that could not be signalled: %u",
		          r->outcome.denied);
	if (r->opts->out.json)
		emit_record(r);
}
