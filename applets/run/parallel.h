/* SPDX-License-Identifier: MIT */
/*
 * Many jobs at once. The keeper of a single run is the coordinator here: it reads the lists
 * (parallel_feed.c), hands jobs out and takes their ends (parallel.c), has one worker process for
 * each slot (parallel_slots.c), and tells (parallel_display.c, parallel_log.c, parallel_report.c).
 * A worker (parallel_worker.c) is a keeper: it runs one job at a time with the code of a single
 * run, retries and limits and the end of the whole tree included, and lives for many jobs, so
 * that a start costs a message and no process of our own. One whose job left processes behind
 * ends after it: they must not be taken for a later job's.
 */
#pragma once

#include "base/halt_policy.h"
#include "base/item_reader.h"
#include "base/job_template.h"
#include "cli/progress.h"
#include "run.h"

enum {
	CODE_PARALLEL_FAILED = 255,
	FAILED_MAX = 101,     /* stands for all higher numbers of failed jobs */
	HELD_MAX = 64 * 1024, /* jobs that wait for their turn before no more are started */
};

enum job_output { JOB_OUTPUT_GROUPED, JOB_OUTPUT_LINES, JOB_OUTPUT_RAW };

struct job {
	uint64_t seq;
	struct strbuf words; /* NUL behind each */
	size_t n_words;
	struct strbuf values; /* likewise; of the lists */
	size_t n_values;
	bool is_bad; /* cannot be run, and that was said */
};

/* What a worker sends when a job is over. */
struct job_result {
	struct outcome outcome;
	uint64_t attempts;
	struct timespec started;
	int64_t wall_ns, user_ms, sys_ms;
	bool is_last; /* the worker takes no more */
};

/* Where in a file some of a job's output lies. */
struct stretch {
	int fd;
	uint64_t at, len;
};

struct finished {
	struct job job;
	struct job_result result;
	struct stretch out[2];
	struct strbuf tag; /* of one that waits for its turn */
};

struct strings {
	VEC_FIELDS(char *);
};

/* The values of one list; the first list may be read as it is used instead. */
struct feed {
	struct item_reader reader;
	const char *name; /* of what is read: for messages */
	bool reads;
	bool is_lines; /* of commands: --jobs */
	bool ended;
	struct job_template *template;
	struct lists {
		VEC_FIELDS(struct strings);
	} lists;
	struct positions {
		VEC_FIELDS(size_t);
	} at; /* in each list; of the first one when it is not read */
	struct strbuf first;
	bool has_first;
	uint64_t seq;
	uint64_t total; /* 0: not known yet */
};

struct seqs {
	VEC_FIELDS(uint64_t);
};

struct line {
	struct strbuf text; /* begun and not ended */
};

struct parallel;

struct slot {
	struct parallel *p;
	size_t number; /* from 1 */
	pid_t worker;  /* 0: there is none */
	int socket;
	int out[2];  /* what the job writes: files, or the ends to read from of pipes */
	int give[2]; /* what it gets as 1 and 2, until the worker has it; -1: what we have */
	bool busy;
	struct job job;
	struct strbuf tag;
	struct line lines[2];
};

struct parallel {
	struct run *r;
	const struct parallel_opts *opts;
	struct feed feed;
	enum job_output output;
	struct halt_policy halt;
	struct halt_count count;
	struct slot *slots;
	size_t n_slots, running;
	bool stopping; /* no more are started */
	bool halted, waits_for_list, list_ended;
	bool failed; /* of our own; it was said */
	int halt_code;
	uint64_t skipped;
	/* output */
	struct job_template *tag;
	struct held {
		VEC_FIELDS(struct finished);
	} held;
	struct stretch order; /* a file for the output of those that are held */
	int out_fd;           /* -1: the writer of results */
	int err_fd;
	/* logs */
	int joblog, results;
	struct seqs before; /* done by an earlier run, ascending */
	struct progress *progress;
	/* starts */
	struct event_timer wake;
	int64_t next_start;
	uint64_t load; /* hundredths; UINT64_MAX: no limit */
	/* Workers that have been told to end, and what jobs left running on purpose. */
	struct worker_pids {
		VEC_FIELDS(pid_t);
	} retired;
	struct process_refs left;
};

/* parallel_options.c */
extern const struct opt_table parallel_option_table;
bool parallel_is_wanted(const struct run_opts *opts);
/* An option that is given though it is about many jobs and they are not wanted; or NULL. */
const char *parallel_lost_option(const struct run_opts *opts);
/* 0, or the status of a command line that makes no sense. */
MUST_USE int parallel_check(struct parallel *p);

/* parallel_feed.c: 0, or the status to leave with. */
MUST_USE int feed_open(struct parallel *p, char **words);
void feed_release(struct feed *feed);
/* Reads all there is now, so that the total is known. 0 or -errno. */
MUST_USE int feed_load(struct feed *feed);
/*
 * The next job, with `slot` as its place. 1; 0: there are no more; -EAGAIN: feed_fd() has to be
 * waited for, then item_reader_fill() called; or another -errno of the list.
 */
MUST_USE int feed_next(struct parallel *p, uint64_t slot, struct job *ret);
void job_release(struct job *job);
void feed_say(struct parallel *p, int err);

/* parallel_slots.c */
MUST_USE int slots_begin(struct parallel *p);
/* A free one with its worker. 0, or -errno: not now. */
MUST_USE int slots_find(struct parallel *p, struct slot **ret);
/* 0 or -errno; the job is the slot's then. */
MUST_USE int slot_start(struct slot *slot, struct job *job);
void slots_signal(struct parallel *p, int signo);
void slots_collect(struct parallel *p);
void slots_end(struct parallel *p);
bool slots_have_worker(const struct parallel *p, pid_t pid);

/* parallel_orphans.c: of workers that were told to end, and of one that was killed. */
void orphans_leave(struct parallel *p);
void orphans_kill(struct parallel *p);

/* parallel_worker.c: in a new process; jobs come from `slot->socket`. */
NO_RETURN void worker_live(struct slot *slot);

/* parallel.c */
/* 0, or the status to leave with. */
MUST_USE int parallel_new(struct run *r, char **words, struct parallel **ret);
struct parallel *parallel_free(struct parallel *p);
/* In the keeper: all jobs. The status to leave with. */
MUST_USE int parallel_keep(struct parallel *p);
void parallel_job_ended(struct slot *slot, const struct job_result *result);
/* The run fails with `verb` on `path`, whatever the jobs do: nothing more is started. */
void parallel_fail(struct parallel *p, int err, const char *verb, const char *path);

/* parallel_display.c */
MUST_USE int display_begin(struct parallel *p);
void display_end(struct parallel *p);
/* Takes the job's words over. */
void display_job(struct slot *slot, const struct job_result *result);
/* Those that waited for an earlier one, as far as that has ended. */
void display_held(struct parallel *p);
/* All that is in the pipe of a stream now. */
void display_lines(struct slot *slot, int stream);
void display_last_lines(struct slot *slot);

/* parallel_log.c: --joblog, --resume, --results */
MUST_USE int logs_open(struct parallel *p);
void logs_close(struct parallel *p);
bool logs_have(const struct parallel *p, uint64_t seq);
void logs_add(struct parallel *p, const struct finished *job);
void results_add(struct parallel *p, const struct finished *job);

/* parallel_report.c */
/* --dry-run: the status. */
MUST_USE int parallel_show(struct parallel *p);
extern const struct column_table parallel_job_table, parallel_summary_table;
void report_job(struct parallel *p, const struct finished *job);
void report_summary(struct parallel *p);
/* The words, each quoted for a shell where it needs to be. */
void job_add_command(const struct job *job, struct strbuf *ret);
