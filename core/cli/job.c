/* SPDX-License-Identifier: MIT */
#include "cli/job.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/sig.h"
#include "cli/metrics.h"
#include "cli/system_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#define S struct job_opts
static const struct opt rows[] = {
	OPT_HEADING("Reports for machines"),
	OPT_STR(0, "metrics-file", "FILE", S, metrics_file,
	        "write numbers about the run to FILE, for node_exporter"),
	OPT_STR(0, "log-json", "FILE", S, log_json, "append the records of --json to FILE"),
	OPT_STR_OPTIONAL(0, "syslog", "FACILITY", S, syslog, "user",
	                 "send start, errors and end to the system's log"),
};
#undef S

const struct opt_table job_opt_table = OPT_TABLE(rows);

static const char log_socket[] = "/dev/log";

struct job {
	struct ctx *ctx;
	const struct job_opts *opts;
	char *prefix; /* of the metrics */
	struct metrics *metrics;
	struct strbuf gauges; /* " files=3 ..." for the log */
	struct out *log;
	struct system_log *system_log;
	atomic_int system_log_err; /* the first failure, as -errno */
	int64_t began;
};

enum { EVENT_EVENT, EVENT_APPLET, EVENT_TIME, EVENT_PID, EVENT_VERSION };

static const struct column event_columns[] = {
	[EVENT_EVENT] = { "event", COLUMN_TEXT, "start" },
	[EVENT_APPLET] = { "applet", COLUMN_TEXT, "which one" },
	[EVENT_TIME] = { "time", COLUMN_TIME, "when" },
	[EVENT_PID] = { "pid", COLUMN_COUNT, "its process" },
	[EVENT_VERSION] = { "version", COLUMN_TEXT, "of dutybox" },
};
const struct column_table job_event_table = { event_columns, ARRAY_LEN(event_columns) };

const char *job_first_option(const struct job_opts *opts)
{
	if (opts->metrics_file != NULL)
		return "--metrics-file";
	if (opts->log_json != NULL)
		return "--log-json";
	return opts->syslog != NULL ? "--syslog" : NULL;
}

bool job_is_asked_for(const struct job_opts *opts)
{
	return job_first_option(opts) != NULL;
}

static void tell_system(struct job *job, enum system_log_level level, const char *message)
{
	int none = 0;
	int r;

	if (job->system_log == NULL)
		return;
	r = system_log_send(job->system_log, level, message);
	if (r < 0)
		(void)atomic_compare_exchange_strong(&job->system_log_err, &none, r);
}

static void on_message(const char *message, void *user)
{
	tell_system(user, SYSTEM_LOG_ERROR, message);
}

void job_line(struct job *job, const char *line)
{
	tell_system(job, SYSTEM_LOG_INFO, line);
}

static void log_start(struct job *job)
{
	struct record r;
	struct out *log = job->log;

	record_begin(&r, "event", &job_event_table);
	record_name(&r, EVENT_EVENT, "start");
	record_name(&r, EVENT_APPLET, job->ctx->applet->name);
	record_time(&r, EVENT_TIME, clock_wall());
	record_u64(&r, EVENT_PID, (uint64_t)getpid());
	record_name(&r, EVENT_VERSION, DUTYBOX_VERSION);
	out_begin(log, &(struct out_opts){ .json = true });
	out_emit(log, &r);
	out_flush(log);
	out_tee(job->ctx->out, log);
}

static int open_log(struct job *job)
{
	const char *path = job->opts->log_json;
	int fd;

	if (path == NULL)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return diag_fail(job->ctx->diag, errno, "open", path);
	job->log = out_new(fd);
	log_start(job);
	return 0;
}

static int open_system_log(struct job *job)
{
	struct diag *diag = job->ctx->diag;
	const char *facility = job->opts->syslog;
	int r;

	if (facility == NULL)
		return 0;
	if (!system_log_knows(facility))
		return diag_usage(diag, "invalid --syslog '%s': user, daemon, cron, local0 ...",
		                  facility);
	r = system_log_open(log_socket, facility, job->ctx->applet->name, &job->system_log);
	if (r < 0)
		return diag_fail(diag, -r, "reach the system's log at", log_socket);
	diag_watch(diag, on_message, job);
	tell_system(job, SYSTEM_LOG_INFO, "starts");
	return 0;
}

static struct job *job_free(struct job *job)
{
	out_tee(job->ctx->out, NULL);
	diag_watch(job->ctx->diag, NULL, NULL);
	out_free(job->log);
	system_log_free(job->system_log);
	metrics_free(job->metrics);
	strbuf_release(&job->gauges);
	free(job->prefix);
	free(job);
	return NULL;
}

/* "dutybox_backup_rotate": a dash is no part of a metric's name. */
static char *prefix_of(const char *applet)
{
	struct strbuf b = { 0 };

	strbuf_add_str(&b, "dutybox_");
	for (; *applet != '\0'; applet++)
		strbuf_add_char(&b, *applet == '-' ? '_' : *applet);
	return strbuf_detach(&b);
}

int job_begin(struct ctx *ctx, const struct job_opts *opts, struct job **ret)
{
	struct job *job = mem_alloc_zeroed(sizeof(*job));
	int status;

	job->ctx = ctx;
	job->opts = opts;
	job->began = clock_now();
	job->prefix = prefix_of(ctx->applet->name);
	job->metrics = metrics_new(job->prefix);
	/* A wrong facility is told before a log is begun. */
	status = open_system_log(job);
	if (status == 0)
		status = open_log(job);
	if (status != 0) {
		tell_system(job, SYSTEM_LOG_ERROR, "ends before it began");
		job_free(job);
		return status;
	}
	*ret = job;
	return 0;
}

void job_label(struct job *job, const char *name, const char *value)
{
	metrics_label(job->metrics, name, value);
}

void job_gauge(struct job *job, const char *name, const char *help, uint64_t value)
{
	metrics_gauge(job->metrics, name, help, value);
	strbuf_add_format(&job->gauges, " %s=%llu", name, (unsigned long long)value);
}

/* What a shell will see. Output that could not be written is known by now. */
static int final_status(const struct job *job, int status)
{
	if (sig_stopped())
		return 128 + sig_number();
	if (out_failed(job->ctx->out) && status < EXIT_FAIL)
		return EXIT_FAIL;
	return status;
}

static void write_metrics(struct job *job, int status, int64_t duration)
{
	static const char success[] = "last_success_timestamp_seconds";
	static const char success_help[] = "When the last run with exit status 0 ended.";
	const char *path = job->opts->metrics_file;
	struct metrics *m = job->metrics;
	struct timespec now = clock_wall();
	uint64_t seconds = now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
	AUTO_RELEASE_STRBUF struct strbuf old = { 0 };
	int r;

	metrics_gauge(m, "last_run_timestamp_seconds", "When the last run ended.", seconds);
	/* A first run has no old file; one that cannot be read tells nothing either. */
	if (status == 0)
		metrics_gauge(m, success, success_help, seconds);
	else if (metrics_load(path, &old) == 0)
		metrics_gauge_kept(m, success, success_help, &old);
	metrics_gauge(m, "last_exit_code", "Exit status of the last run.", (uint64_t)status);
	metrics_gauge_fixed(m, "duration_seconds", "How long the last run took.",
	                    (uint64_t)duration, 9);
	r = metrics_save(m, path);
	if (r < 0)
		(void)diag_partial(job->ctx->diag, -r, "write", path);
}

static void end_log(struct job *job)
{
	int r;

	out_tee(job->ctx->out, NULL);
	r = out_finish(job->log);
	if (r < 0)
		(void)diag_partial(job->ctx->diag, -r, "write", job->opts->log_json);
}

static void end_system_log(struct job *job, int status, int64_t duration)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	int r;

	diag_watch(job->ctx->diag, NULL, NULL);
	strbuf_add_format(&line, "ends with status %d after %lld.%03lld s:%s", status,
	                  (long long)(duration / 1000000000),
	                  (long long)(duration / 1000000 % 1000), strbuf_str(&job->gauges));
	tell_system(job, status == 0 ? SYSTEM_LOG_INFO : SYSTEM_LOG_WARNING, strbuf_str(&line));
	r = atomic_load(&job->system_log_err);
	if (r < 0)
		(void)diag_partial(job->ctx->diag, -r, "write to the system's log at", log_socket);
}

int job_end(struct job *job, int status)
{
	struct diag *diag;
	int64_t duration;
	int final;

	if (job == NULL)
		return status;
	diag = job->ctx->diag;
	job_gauge(job, "errors", "Messages about trouble in the last run.", diag_count(diag));
	out_flush(job->ctx->out);
	duration = clock_now() - job->began;
	final = final_status(job, diag_status(diag, status));
	if (job->log != NULL)
		end_log(job);
	if (job->opts->metrics_file != NULL)
		write_metrics(job, final, duration);
	if (job->system_log != NULL)
		end_system_log(job, final, duration);
	job_free(job);
	return diag_status(diag, status);
}
