/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. A run is two processes: the one that was started, which
 * passes signals on and watches (guard.c), and its child, the keeper, which has the command and
 * all that comes from it below it (keep.c). Whichever of the two is killed, the other ends the
 * tree. Around that: codes.c knows sets of exit statuses, lock.c holds the lock, background.c
 * leaves the caller, setup.c and given.c prepare what the command gets, start.c starts it, output.h
 * is about what it writes, retry.c tries again, report.c, record.c and hooks.c tell.
 */
#pragma once

#include "cli/applet.h"
#include "cli/job.h"
#include "sys/event_loop.h"
#include "sys/log_writer.h"
#include "sys/login.h"
#include "sys/process_tree.h"
#include "sys/signal_names.h"
#include "sys/signal_schedule.h"
#include "sys/spawn_setup.h"

#include <sys/resource.h>
#include <termios.h>

enum {
	CODE_TIMED_OUT = 124,
	CODE_FAILED = 125,
	CODE_LOCKED = 75, /* EX_TEMPFAIL */
	CODE_SIGNAL = 128,
	LIMITS_MAX = 16,
	ISOLATE_PIDNS = 100, /* beside enum tree_reach */
};

enum children { CHILDREN_LEAVE, CHILDREN_KILL, CHILDREN_WAIT, CHILDREN_DEFAULT };
enum backoff { BACKOFF_DEFAULT, BACKOFF_EXP, BACKOFF_LINEAR, BACKOFF_NONE };
enum if_locked { LOCKED_FAIL, LOCKED_SKIP, LOCKED_WAIT, LOCKED_KILL };

/* What is asked of many jobs at once (parallel.h). */
struct parallel_opts {
	const char *max_procs, *delimiter, *jobs, *tag, *halt, *joblog, *results, *load;
	struct strv arg_files;
	bool null, keep_order, ungroup, line_buffer, resume, resume_failed, dry_run;
	int progress;
	uint64_t memfree;
	int64_t start_delay;
};

struct run_opts {
	/* time */
	/* durations, or infinity */
	const char *timeout, *kill_after, *total_timeout, *idle_timeout;
	const char *signal, *escalate;
	bool preserve_status, verbose;
	/* tree */
	int isolate, children;
	struct strv limits;
	/* retry */
	int64_t retries, max_delay;
	const char *delay, *jitter;
	bool replay_stdin;
	int backoff;
	const char *retry_on, *no_retry_on;
	/* output */
	bool quiet, stderr_fails, append, merge;
	const char *out_file, *err_file, *both_file;
	const char *tee, *stamp, *tag;
	bool line_buffered, capture, pty;
	struct tagged_strv dialogue;
	const char *expect_timeout;
	uint64_t max_output;
	/* log */
	const char *log, *log_rotate;
	/* lock */
	const char *lock;
	const char *if_locked;
	int64_t lock_wait, lock_exit;
	bool shared, lock_inherit;
	/* process */
	bool shell, pipe, clean_env, no_stdin, as_cron;
	struct strv env, unset;
	const char *chdir, *umask, *argv0, *input, *input_text;
	struct strv env_files;
	const char *user, *ionice;
	uint64_t memory;
	bool foreground;
	const char *nice;
	/* report */
	bool report;
	const char *status_file, *history;
	const char *on_success, *on_failure, *on_timeout, *on_exit;
	struct strv on_signal;
	/* start */
	const char *name;
	bool init, exec;
	struct strv map_exit, rewrite;
	bool background;
	const char *pidfile;
	struct parallel_opts parallel;
	struct out_opts out;
	struct job_opts job;
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
	struct run_variables {
		VEC_FIELDS(char *);
	} variables; /* strings borrowed or in `owned` */
	char **envp; /* their array, when it is complete */
	struct strv owned;
	struct strbuf file;
	int find_err;      /* why there is none; an attempt fails with it */
	size_t attempt_at; /* index of RUN_ATTEMPT in envp */
	int dir;
	int fds[3];
	off_t stdin_at; /* where fds[0] is read from */
	struct login login;
	struct spawn_user user;
	struct spawn_limit limits[LIMITS_MAX + 1]; /* one for --memory */
	struct spawn_setup setup;
};

/* How an attempt ended. */
struct outcome {
	bool started;
	int code; /* what is left with */
	int wait_status;
	bool timed_out, total_over, idle_over, memory_short;
	unsigned killed, denied, left_running, signalled;
	long max_rss; /* KiB, of its largest process that was waited for */
};

/* Who watches over --memory. */
enum memory_limit { MEMORY_FREE, MEMORY_GROUP, MEMORY_PROCESS };

struct attempt;
struct keeper;
struct output;
struct dialogue;
struct parallel;
struct pipeline;

/* One run. */
struct run {
	struct ctx *ctx;
	const struct run_opts *opts;
	struct signal_schedule schedule;
	struct code_set retry_on, no_retry_on;
	struct launch launch;
	sigset_t signals;                             /* those to the run that mean something */
	int rewrite[SIGNAL_NUMBER_MAX + 1];           /* what each means; 0: nothing */
	const char *on_signal[SIGNAL_NUMBER_MAX + 1]; /* a command instead */
	int map_exit[UINT8_MAX + 1];
	bool init;     /* signals are passed on, and the command decides when it is over */
	sigset_t mask; /* from before any signal was blocked */
	int life;      /* the keeper's end of a pipe to the guard */
	int lock;
	char **lock_words; /* of the command, for who asks */
	enum if_locked if_locked;
	int64_t lock_wait; /* nanoseconds; 0: for ever */
	int pidfile;       /* open while it is ours; -1: none */
	int terminal;      /* the command's group is its foreground; -1: none */
	int spool[2];      /* what it writes under --quiet; [1] is -1 when both go to [0] */
	struct process_tree tree;
	struct event_loop *loop;
	struct keeper *keeper;
	/* Files that hold the output of one attempt only, emptied before each; -1: none. */
	int attempt_out[2];
	struct dialogue *dialogue;    /* --expect and --send; NULL: none */
	struct pipeline *pipeline;    /* --pipe; NULL: launch.argv is the command */
	struct parallel *parallel;    /* many jobs; NULL: one command */
	struct output *output;        /* NULL: the command writes where it should by itself */
	int tee;                      /* the file of --tee; -1: none */
	struct log_rotation rotation; /* of the log */
	bool output_failed;           /* some of it could not be written */
	struct job *job;
	bool has_terminal_modes; /* with --pty, when standard input is a terminal */
	struct termios terminal_modes;
	bool one_output;        /* standard output and error are the same file */
	int out_copy, err_copy; /* of them, above 2; or SPAWN_INHERIT */
	int stop_signal;        /* that the run got */
	bool abandoned;         /* the guard was killed */
	uint64_t attempts;
	struct run_delays {
		VEC_FIELDS(int64_t);
	} delays;        /* before the second attempt, the third, and so on */
	uint64_t jitter; /* millionths of a delay that it may be longer or shorter */
	enum memory_limit memory;
	int64_t timeout, kill_after, total_timeout, idle_timeout; /* nanoseconds; 0: none */
	int64_t began, ended, total_at;                           /* clock_now() */
	struct timespec began_wall;
	struct rusage before;
	struct outcome outcome; /* of the last attempt */
};

/* options.c: parts of the table. */
extern const struct opt_table run_output_table, run_report_table, run_start_table, run_lock_options,
	run_given_table;

/* check.c: 0, or the status of a command line that makes no sense. */
MUST_USE int check_options(struct run *r, char **words);

/* signals.c: 0, or the status of a command line that makes no sense. */
MUST_USE int signals_prepare(struct run *r);

/* codes.c: 0, or -EINVAL with *reterr. */
MUST_USE int code_set_parse(const char *text, struct code_set *ret, struct text_error *reterr);
bool code_set_has(const struct code_set *set, const struct outcome *outcome);

/* lock.c: the options; 0, or the status of a command line that makes no sense. */
MUST_USE int run_lock_prepare(struct run *r);
/* 0 when it is held, or the status to leave with; *ret_skip: there is nothing to do. */
MUST_USE int run_lock(struct run *r, bool *ret_skip, char **words);
/* lock_note.c: this process is the holder from now on. */
extern const struct column_table run_lock_table;
void run_lock_note(const struct run *r);

/*
 * background.c: 0 or the status to leave with. *ret_is_caller: the run goes on elsewhere, and
 * there is nothing more to do here. The end removes the file with the process number.
 */
MUST_USE int background_begin(struct run *r, bool *ret_is_caller);
void background_end(const struct run *r);

/* setup.c: 0, or the status to leave with. Without `words` the command comes later. */
MUST_USE int launch_prepare(struct run *r, char **words);
/* Adds where a program is, in the PATH that the command gets. 0 or -errno, as spawn_find(). */
MUST_USE int launch_look(struct run *r, const char *name, struct strbuf *ret);
/* Looks for the program of launch.argv; an attempt says that there is none. The same. */
MUST_USE int launch_find(struct run *r);
void launch_release(struct launch *launch);
/* The variable that says which attempt it is. */
void launch_set_attempt(struct run *r);

/* Adds NAME=VALUE to the environment in the making; the last of a name counts. */
void launch_set_variable(struct run *r, const char *variable);

/* given.c: 0, or the status to leave with. */
MUST_USE int given_env_files(struct run *r);
MUST_USE int given_user(struct run *r);
MUST_USE int given_io_priority(struct run *r);
MUST_USE int given_stdin(struct run *r);
/* Sets --memory for the tree that was begun. */
void given_memory(struct run *r);
/* The kernel ended a process for it. */
bool given_memory_was_short(const struct run *r);

/*
 * namespace.c: as fork(), into a pid namespace; also in the child 0 or -errno, and *ret_pid is
 * set in any case but that of no child.
 */
MUST_USE int namespace_fork(pid_t *ret_pid);

/* guard.c: 0 in the keeper; in the guard the keeper has ended and *ret_status is what it said. */
MUST_USE int guard_fork(struct run *r, bool *ret_is_guard, int *ret_status);

/* keep.c */
MUST_USE int keep_begin(struct run *r);
void keep_end(struct run *r);
/* One attempt; r->outcome says how it ended. 0 or -errno of the waiting itself. */
MUST_USE int keep_attempt(struct run *r);
/* A command beside the attempts; a signal to the run ends it. Its status. */
int keep_hook(struct run *r, struct attempt *a);
/* Sleeps unless the run is stopped. */
MUST_USE int keep_sleep(struct run *r, int64_t until);

/* start.c: 0 or -errno. The spool is a new one for each attempt. */
MUST_USE int start_spool(struct run *r);
/* A file without a name, written at its end. A descriptor or -errno. */
MUST_USE int spool_new(void);
/* --exec: this process becomes the command; the status to leave with when it cannot. */
int start_become(struct run *r);
MUST_USE int start_command(struct run *r, struct spawn_child *ret, enum spawn_step *reterr);

/* retry.c: all attempts. Before: 0, or the status of a command line that makes no sense. */
MUST_USE int retry_prepare(struct run *r);
MUST_USE int run_attempts(struct run *r);

/*
 * terminal.c: the modes of our terminal are kept before the fork, so that whoever of the two
 * processes is left gives it back as it was.
 */
void terminal_look(struct run *r);
void terminal_give_back(const struct run *r);
/* Our terminal has another size. */
void output_resize(struct run *r);

/* hooks.c: the commands for the end; after keep_end(). */
void hooks_run(struct run *r);
/* The one for a signal to the run; false: there is none. */
bool hooks_signal(struct run *r, int signo, pid_t command);

/* record.c: the run as a record, on standard output and in files. */
extern const struct column_table run_result_table;
void record_outcome(struct run *r);

/* report.c */
/* What the run is called. */
const char *run_name(const struct run *r);
void report_outcome(struct run *r);
int report_start_failure(struct run *r, int err, enum spawn_step step);
void report_spool(struct run *r);
