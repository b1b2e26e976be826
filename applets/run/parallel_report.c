/* SPDX-License-Identifier: MIT */
/* What is said about jobs: a record each, a plan, a summary. */
#include "parallel.h"

#include "base/clock.h"
#include "base/quote.h"

#include <errno.h>
#include <sys/wait.h>

enum { NS_PER_MS = 1000000, KIB = 1024, CAPTURE_MAX = 1 << 20 };

enum {
	JOB_SEQ,
	JOB_ARGV,
	JOB_EXIT,
	JOB_TERM_SIGNAL,
	JOB_STATUS,
	JOB_TIMED_OUT,
	JOB_CORE,
	JOB_ATTEMPTS,
	JOB_STARTED,
	JOB_WALL,
	JOB_USER,
	JOB_SYS,
	JOB_MAX_RSS,
	JOB_LEFT,
	JOB_KILLED,
	JOB_DENIED,
	JOB_OUT_BYTES,
	JOB_ERR_BYTES,
	JOB_STDOUT,
	JOB_STDERR,
	JOB_TRUNCATED,
};

static const struct column job_columns[] = {
	[JOB_SEQ] = { "seq", COLUMN_COUNT, "which job it is, from 1" },
	[JOB_ARGV] = { "argv", COLUMN_NAMES, "the words of its command" },
	[JOB_EXIT] = { "exit", COLUMN_COUNT, "its own exit status; null when it has none" },
	[JOB_TERM_SIGNAL] = { "term_signal", COLUMN_TEXT, "the signal that ended it, or null" },
	[JOB_STATUS] = { "status", COLUMN_COUNT, "what run alone would have left with" },
	[JOB_TIMED_OUT] = { "timed_out", COLUMN_BOOL, "a time limit was hit" },
	[JOB_CORE] = { "core", COLUMN_BOOL, "it dumped core" },
	[JOB_ATTEMPTS] = { "attempts", COLUMN_COUNT, "how often it was started" },
	[JOB_STARTED] = { "started", COLUMN_TIME, "when the first attempt began" },
	[JOB_WALL] = { "wall_s", COLUMN_FIXED, "seconds that all attempts took" },
	[JOB_USER] = { "user_s", COLUMN_FIXED, "seconds on the processor" },
	[JOB_SYS] = { "sys_s", COLUMN_FIXED, "seconds in the kernel" },
	[JOB_MAX_RSS] = { "max_rss", COLUMN_SIZE, "memory of its largest process, bytes" },
	[JOB_LEFT] = { "left_running", COLUMN_COUNT, "processes of its that still run" },
	[JOB_KILLED] = { "killed", COLUMN_COUNT, "processes that needed KILL" },
	[JOB_DENIED] = { "denied", COLUMN_COUNT, "processes that could not be signalled" },
	[JOB_OUT_BYTES] = { "stdout_bytes", COLUMN_SIZE, "what it wrote; null unless grouped" },
	[JOB_ERR_BYTES] = { "stderr_bytes", COLUMN_SIZE, "likewise on standard error" },
	[JOB_STDOUT] = { "stdout", COLUMN_NAME, "with --capture, what it wrote" },
	[JOB_STDERR] = { "stderr", COLUMN_NAME, "likewise on standard error" },
	[JOB_TRUNCATED] = { "truncated", COLUMN_BOOL, "there was more" },
};

const struct column_table parallel_job_table = { job_columns, ARRAY_LEN(job_columns) };

enum {
	SUMMARY_JOBS,
	SUMMARY_SUCCEEDED,
	SUMMARY_FAILED,
	SUMMARY_SKIPPED,
	SUMMARY_HALTED,
	SUMMARY_INTERRUPTED,
	SUMMARY_WALL,
};

static const struct column summary_columns[] = {
	[SUMMARY_JOBS] = { "jobs", COLUMN_COUNT, "how many ran" },
	[SUMMARY_SUCCEEDED] = { "succeeded", COLUMN_COUNT, "those with status 0" },
	[SUMMARY_FAILED] = { "failed", COLUMN_COUNT, "the others" },
	[SUMMARY_SKIPPED] = { "skipped", COLUMN_COUNT, "left out by --resume" },
	[SUMMARY_HALTED] = { "halted", COLUMN_BOOL, "--halt stopped it" },
	[SUMMARY_INTERRUPTED] = { "interrupted", COLUMN_BOOL, "a signal stopped it" },
	[SUMMARY_WALL] = { "wall_s", COLUMN_FIXED, "seconds that all took" },
};

const struct column_table parallel_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

void job_add_command(const struct job *job, struct strbuf *ret)
{
	const char *word = strbuf_str(&job->words);

	for (size_t i = 0; i < job->n_words; i++, word += strlen(word) + 1) {
		if (i > 0)
			strbuf_add_char(ret, ' ');
		if (*word == '\0')
			strbuf_add_str(ret, "''");
		else
			quote_shell(ret, word, strlen(word));
	}
}

static void report_plan(struct parallel *p, const struct job *job)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct record record;

	if (p->r->opts->out.json) {
		record_begin(&record, "plan", &parallel_job_table);
		record_u64(&record, JOB_SEQ, job->seq);
		record_names(&record, JOB_ARGV, job->words.data, job->words.len);
		out_emit(p->r->ctx->out, &record);
		return;
	}
	job_add_command(job, &text);
	strbuf_add_char(&text, '\n');
	out_text(p->r->ctx->out, text.data, text.len);
}

int parallel_show(struct parallel *p)
{
	struct job job;
	int r;

	while ((r = feed_next(p, 1, &job)) != 0) {
		if (r == 1) {
			if (!logs_have(p, job.seq))
				report_plan(p, &job);
			p->failed = p->failed || job.is_bad;
			job_release(&job);
			continue;
		}
		if (r == -EAGAIN)
			r = item_reader_fill(&p->feed.reader);
		if (r < 0) {
			feed_say(p, r);
			return CODE_PARALLEL_FAILED;
		}
	}
	return p->failed ? CODE_PARALLEL_FAILED : 0;
}

static void set_end(const struct outcome *o, struct record *record, char *name)
{
	record_bool(record, JOB_CORE, false);
	if (!o->started)
		return;
	if (WIFSIGNALED(o->wait_status))
		record_name(record, JOB_TERM_SIGNAL, signal_name(WTERMSIG(o->wait_status), name));
	else
		record_u64(record, JOB_EXIT, (uint64_t)WEXITSTATUS(o->wait_status));
	record_bool(record, JOB_CORE, WIFSIGNALED(o->wait_status) && WCOREDUMP(o->wait_status));
}

/* The first of it. */
static void read_stretch(const struct stretch *from, struct strbuf *ret)
{
	size_t want = from->len < CAPTURE_MAX ? (size_t)from->len : CAPTURE_MAX;
	ssize_t n = 0;

	strbuf_add_fill(ret, '\0', want);
	if (want > 0)
		n = pread(from->fd, ret->data, want, (off_t)from->at);
	strbuf_truncate(ret, n > 0 ? (size_t)n : 0);
}

/* The texts are borrowed until the record is written. */
static void set_output(const struct parallel *p, const struct finished *job, struct record *record,
                       struct strbuf texts[2])
{
	bool is_cut = job->out[0].len > CAPTURE_MAX || job->out[1].len > CAPTURE_MAX;

	if (p->output != JOB_OUTPUT_GROUPED)
		return;
	record_u64(record, JOB_OUT_BYTES, job->out[0].len);
	record_u64(record, JOB_ERR_BYTES, job->out[1].len);
	if (!p->r->opts->capture)
		return;
	for (int i = 0; i < 2; i++) {
		read_stretch(&job->out[i], &texts[i]);
		record_bytes(record, JOB_STDOUT + i, strbuf_str(&texts[i]), texts[i].len);
	}
	record_bool(record, JOB_TRUNCATED, is_cut);
}

void report_job(struct parallel *p, const struct finished *job)
{
	const struct job_result *result = &job->result;
	struct strbuf texts[2] = { { 0 } };
	char name[SIGNAL_NAME_SIZE];
	struct record record;

	if (!out_wants_records(p->r->ctx->out))
		return;
	record_begin(&record, "item", &parallel_job_table);
	record_u64(&record, JOB_SEQ, job->job.seq);
	record_names(&record, JOB_ARGV, job->job.words.data, job->job.words.len);
	set_end(&result->outcome, &record, name);
	record_u64(&record, JOB_STATUS, (uint64_t)result->outcome.code);
	record_bool(&record, JOB_TIMED_OUT, result->outcome.timed_out);
	record_u64(&record, JOB_ATTEMPTS, result->attempts);
	record_time(&record, JOB_STARTED, result->started);
	record_fixed(&record, JOB_WALL, result->wall_ns / NS_PER_MS, 3);
	record_fixed(&record, JOB_USER, result->user_ms, 3);
	record_fixed(&record, JOB_SYS, result->sys_ms, 3);
	record_u64(&record, JOB_MAX_RSS, (uint64_t)result->outcome.max_rss * KIB);
	record_u64(&record, JOB_LEFT, result->outcome.left_running);
	record_u64(&record, JOB_KILLED, result->outcome.killed);
	record_u64(&record, JOB_DENIED, result->outcome.denied);
	set_output(p, job, &record, texts);
	out_emit(p->r->ctx->out, &record);
	strbuf_release(&texts[0]);
	strbuf_release(&texts[1]);
}

void report_summary(struct parallel *p)
{
	struct record record;

	if (!out_wants_records(p->r->ctx->out))
		return;
	record_begin(&record, "summary", &parallel_summary_table);
	record_u64(&record, SUMMARY_JOBS, p->count.failed + p->count.succeeded);
	record_u64(&record, SUMMARY_SUCCEEDED, p->count.succeeded);
	record_u64(&record, SUMMARY_FAILED, p->count.failed);
	record_u64(&record, SUMMARY_SKIPPED, p->skipped);
	record_bool(&record, SUMMARY_HALTED, p->halt_code >= 0);
	record_bool(&record, SUMMARY_INTERRUPTED, p->r->stop_signal != 0);
	record_fixed(&record, SUMMARY_WALL, (clock_now() - p->r->began) / NS_PER_MS, 3);
	out_emit(p->r->ctx->out, &record);
}
