/* SPDX-License-Identifier: MIT */
/*
 * What a job that changes things, mostly started by cron, tells machines beside its output:
 * one option table and one life cycle for all such applets (common.md 8).
 *
 *     struct sync_opts { ...; struct job_opts job; };
 *     OPT_SHARED(S, job),  and among the links  OPT_SPLICE(S, job, job_opt_table),
 *
 *     status = job_begin(ctx, &opts->job, &job);
 *     if (status != 0)
 *             return status;
 *     job_label(job, "dest", path);
 *     status = work();              out_emit()s records where out_wants_records()
 *     job_gauge(job, "files", "Files that were looked at.", n);
 *     return job_end(job, status);
 *
 * --log-json=FILE: FILE gets the records that --json prints, whatever goes to standard output:
 *   every out_emit(), and the error records of diag. It is appended to, line by line; a run
 *   begins with {"record":"event","event":"start",...} and ends with the applet's summary,
 *   which it emits on every way out; none means that it was killed.
 * --metrics-file=FILE: a file for node_exporter (metrics.h), written when the run ends, also by
 *   a signal. "dutybox_<applet>_" stands before last_run_timestamp_seconds,
 *   last_success_timestamp_seconds (kept from the old file when this run's status is not 0),
 *   last_exit_code (128+n after a signal), duration_seconds, errors, and what job_gauge() added.
 * --syslog[=FACILITY]: a line at the start, one for each message that counts, and one at the end
 *   with the status and the gauges. FACILITY is "user" when it is not given.
 *
 * What cannot be opened ends the run before it began (EXIT_FAIL); what cannot be written in the
 * end is told and makes the status EXIT_NO at least: the job itself was done.
 */
#pragma once

#include "cli/applet.h"

struct job_opts {
	const char *metrics_file;
	const char *log_json;
	const char *syslog; /* the facility */
};

/* --metrics-file, --log-json, --syslog. No letters. */
extern const struct opt_table job_opt_table;

/* The first line of a log; for the applet's schemas. */
extern const struct column_table job_event_table;

/* Any of them was given. */
bool job_is_asked_for(const struct job_opts *opts);
/* The first one that was, for messages: "--metrics-file"; or NULL. */
const char *job_first_option(const struct job_opts *opts);

struct job;

/*
 * Opens what was asked for; from now on records and messages go there. Before other threads
 * use ctx. 0 with *ret, also when nothing was asked for; or the exit status after the trouble
 * was reported. job_end() must follow.
 */
MUST_USE int job_begin(struct ctx *ctx, const struct job_opts *opts, struct job **ret);
/* A line of the job's own for the system's log; nothing without --syslog. */
void job_line(struct job *job, const char *line);
/* A label of all metrics; the value is any bytes. Before the first gauge. */
void job_label(struct job *job, const char *name, const char *value);
/* A number about the run; the name is [a-z_]+ and the help a sentence, both static. */
void job_gauge(struct job *job, const char *name, const char *help, uint64_t value);
/*
 * Writes what is left to be written and frees the job. `status` is what the applet would return;
 * returns what it has to return. NULL: returns `status`.
 */
MUST_USE int job_end(struct job *job, int status);
