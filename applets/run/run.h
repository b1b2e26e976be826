/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. A run is two processes: the one that was started, which
 * passes signals on and watches (guard.c), and its child, the keeper, which has the command and
 * all that comes from it below it (keep.c). Whichever of the two is killed, the other ends the
 * tree. Around that: codes.c knows sets of exit statuses, lock.c holds the lock, background.c
 * leaves the caller, setup.c prepares what the command gets, start.c starts it, retry.c tries
 * again, report.c tells.
 */
#pragma once

#include "cli/applet.h"
#include "sys/event_loop.h"
#include "sys/process_tree.h"
#include "sys/signal_names.h"
#include "sys/signal_schedule.h"
#include "sys/spawn_setup.h"

#include <sys/resource.h>

enum {
	CODE_TIMED_OUT = 124,
	CODE_FAILED = 125,
	CODE_LOCKED = 75, /* EX_TEMPFAIL */
	CODE_SIGNAL = 128,
	LIMITS_MAX = 16,
};

enum children { CHILDREN_LEAVE, CHILDREN_KILL, CHILDREN_WAIT, CHILDREN_DEFAULT };
enum backoff { BACKOFF_EXP, BACKOFF_LINEAR, BACKOFF_NONE };
enum if_locked { LOCKED_FAIL, LOCKED_SKIP, LOCKED_WAIT };

struct run_opts {
	/* time */
	const char *timeout, *kill_after, *total_timeout; /* durations, or infinity */
	const char *signal, *escalate;
	bool preserve_status, verbose;
	/* tree */
	int isolate, children;
	struct strv limits;
	/* retry */
	int64_t retries, delay, max_delay;
	int backoff;
	const char *retry_on, *no_retry_on;
	/* output */
	bool quiet, stderr_fails, append, merge;
	const char *out_file, *err_file;
	/* lock */
	const char *lock;
	int if_locked;
	int64_t lock_wait, lock_exit;
	bool shared;
	/* process */
	bool shell, clean_env, no_stdin, as_cron;
	struct strv env, unset;
	const char *chdir, *umask, *argv0, *input;
	const char *nice;
	/* start */
	bool background;
	const char *pidfile;
	struct out_opts out;
};

/* Exit statuses, signals and the time limit, as --retry-on lists them. */
struct code_set {
	bool codes[256];
	bool signals[SIGNAL_NUMBER_MAX + 1];
	bool timeout;
};

/* What the command gets. */
struct launch {
	char **argv; /* owned array of borrowed strings */
	char **envp; /* owned array; strings borrowed or in `owned` */
	struct strv owned;
	struct strbuf file;
	size_t attempt_at; /* index of RUN_ATTEMPT in envp */
	int dir;
	int fds[3];
	struct spawn_limit limits[LIMITS_MAX];
	struct spawn_setup setup;
};

/* How an attempt ended. */
struct outcome {
	bool started;
	int code; /* what is left with */
	int wait_status;
	bool timed_out, total_over;
	unsigned killed, denied, left_running, signalled;
};

struct keeper;

/* One run. */
struct run {
	struct ctx *ctx;
	const struct run_opts *opts;
	struct signal_schedule schedule;
	struct code_set retry_on, no_retry_on;
	struct launch launch;
	sigset_t mask; /* from before any signal was blocked */
	int life;      /* the keeper's end of a pipe to the guard */
	int lock;
	int pidfile;  /* open while it is ours; -1: none */
	int terminal; /* the command's group is its foreground; -1: none */
	int spool[2]; /* what it writes under --quiet; [1] is -1 when both go to [0] */
	struct process_tree tree;
	struct event_loop *loop;
	struct keeper *keeper;
	bool one_output;        /* standard output and error are the same file */
	int out_copy, err_copy; /* of them, above 2; or SPAWN_INHERIT */
	int stop_signal;        /* that the run got */
	bool abandoned;         /* the guard was killed */
	uint64_t attempts;
	int64_t timeout, kill_after, total_timeout; /* nanoseconds; 0: none */
	int64_t began, total_at;                    /* clock_now() */
	struct timespec began_wall;
	struct rusage before;
	struct outcome outcome; /* of the last attempt */
};

/* codes.c: 0, or -EINVAL with *reterr. */
MUST_USE int code_set_parse(const char *text, struct code_set *ret, struct text_error *reterr);
bool code_set_has(const struct code_set *set, const struct outcome *outcome);

/* lock.c: 0 when it is held, or the status to leave with; *ret_skip: there is nothing to do. */
MUST_USE int run_lock(struct run *r, bool *ret_skip);
/* This process is the holder from now on. */
void run_lock_note(const struct run *r);

/*
 * background.c: 0 or the status to leave with. *ret_is_caller: the run goes on elsewhere, and
 * there is nothing more to do here. The end removes the file with the process number.
 */
MUST_USE int background_begin(struct run *r, bool *ret_is_caller);
void background_end(const struct run *r);

/* setup.c: 0, or the status to leave with. */
MUST_USE int launch_prepare(struct run *r, char **words);
void launch_release(struct launch *launch);
/* The variable that says which attempt it is. */
void launch_set_attempt(struct run *r);

/* guard.c: 0 in the keeper; in the guard the keeper has ended and *ret_status is what it said. */
MUST_USE int guard_fork(struct run *r, bool *ret_is_guard, int *ret_status);

/* keep.c */
MUST_USE int keep_begin(struct run *r);
void keep_end(struct run *r);
/* One attempt; r->outcome says how it ended. 0 or -errno of the waiting itself. */
MUST_USE int keep_attempt(struct run *r);
/* Sleeps unless the run is stopped. */
MUST_USE int keep_sleep(struct run *r, int64_t until);

/* start.c: 0 or -errno. The spool is a new one for each attempt. */
MUST_USE int start_spool(struct run *r);
MUST_USE int start_command(struct run *r, struct spawn_child *ret, enum spawn_step *reterr);

/* retry.c: all attempts. */
MUST_USE int run_attempts(struct run *r);

/* report.c */
extern const struct column_table run_result_table;
void report_outcome(struct run *r);
int report_start_failure(struct run *r, int err, enum spawn_step step);
void report_spool(struct run *r);
