/* SPDX-License-Identifier: MIT */
/*
 * What the files of pgrep, pkill and pidwait share. pgrep.c holds the options, setup.c and
 * lists.c turn them into criteria, pidfile.c reads -F; candidate.c reads what is asked about a
 * process, match.c decides, find.c goes through all; list.c and tree.c print (pgrep), signal.c
 * sends (pkill) and ask.c asks before, wait.c waits (pidwait), record.c is about one process for
 * programs.
 */
#pragma once

#include "base/ere.h"
#include "cli/applet.h"
#include "sys/proc_end.h"
#include "sys/proc_sockets.h"
#include "sys/process_scan.h"
#include "sys/users.h"

struct pgrep_opts {
	/* What is matched. */
	bool full, ignore_case, exact, inverse, newest, oldest, ignore_ancestors, threads;
	bool need_lock, require_handler, same_ns;
	const char *groups, *gids, *parents, *sessions, *terminals, *euids, *uids, *pids, *states;
	const char *pidfile, *cgroups, *ns, *nslist, *env, *exe, *cwd, *port, *file;
	const char *descendants, *rss, *cpu_time;
	int64_t older, younger;
	/* What is done. */
	bool count, quiet, list_name, list_full, shell_quote, id, tree;
	bool echo, ancestors, dry_run, interactive, release_memory, any, exited, status;
	const char *delimiter, *appear, *queue, *escalate, *wait, *timeout;
	int64_t count_exits;
	int signo;
	int allow; /* PGREP_ALLOW_MANY */
	struct out_opts out;
};

enum { PGREP_UNSET = -1, PGREP_NAMESPACES = 6, PGREP_ALLOW_MANY = 1 };

/* A list of an option; not given: everything matches. */
struct id_list {
	bool given;
	VEC_FIELDS(uint64_t);
};

/* Owned. */
struct texts {
	VEC_FIELDS(char *);
};

/* +N: more than, -N: less than. */
struct bound {
	int sign; /* 0: not given */
	uint64_t value;
};

/* A file by device and inode. */
struct file_key {
	bool given;
	uint64_t device, inode;
};

struct criteria {
	struct ere *pattern; /* NULL: none */
	struct id_list groups, gids, parents, sessions, terminals, euids, uids, states;
	struct id_list pids; /* of -p and -F: only these are looked at */
	struct texts cgroups, env;
	const char *exe_path;
	struct ere *exe;
	struct file_key cwd, file;
	bool by_port;
	struct socket_list sockets;
	pid_t descendants_of;     /* 0: not asked for */
	struct process_refs scan; /* with descendants_of */
	struct bound rss, cpu_ns;
	unsigned same_namespaces;           /* how deep we are; 0: not asked for */
	char *namespaces[PGREP_NAMESPACES]; /* "pid:[4026531836]" to be equal to; NULL: any */
	struct {
		VEC_FIELDS(struct proc_id);
	} ids;               /* of -p and -F, when they tell more than the pid */
	bool ids_have_start; /* one of them has the start time */
	int64_t recorded_ns; /* when the file was written, on the wall clock; 0: unknown */
};

/* The parts of /proc/PID that were read. */
enum part { PART_STAT = 1 << 0, PART_STATUS = 1 << 1, PART_NAME = 1 << 2, PART_ARGV = 1 << 3 };

/* The process (or thread) that is looked at. */
struct candidate {
	pid_t pid;
	pid_t tid;     /* 0: the process */
	unsigned have; /* PART_* */
	bool unknown;  /* it vanished, or something that was asked about it may not be seen */
	struct proc_stat stat;
	struct proc_status status;
	struct strbuf comm; /* as the kernel has it */
	struct strbuf name; /* the full one */
	struct strbuf argv; /* arguments, each with its NUL */
	struct strbuf line; /* arguments separated by blanks; "[comm]" without any */
};

struct match {
	pid_t pid;
	pid_t tid;
	uint64_t start_ticks; /* with -n and -o */
};

/* One run. */
struct pgrep {
	struct ctx *ctx;
	const struct pgrep_opts *opts;
	struct proc_reader reader;
	struct users *users;
	pid_t self;
	struct pid_list ancestors; /* with the process itself; empty: not read yet */
	struct criteria want;
	struct candidate candidate;
	struct pid_list pids; /* scratch */
	struct pid_list tids; /* scratch */
	struct {
		VEC_FIELDS(struct match);
	} matches;
	int64_t boot_ns; /* CLOCK_BOOTTIME at the start */
	int64_t tick_ns;
	struct strbuf line; /* in the making */
};

/* 0, or the exit status of a run that cannot start. */
int pgrep_begin(struct pgrep *p, struct ctx *ctx, const struct pgrep_opts *opts, char **operands);
void pgrep_end(struct pgrep *p);

/* Each parses an option; 0, or the status of the usage error that was reported. */
int pgrep_parse_lists(struct pgrep *p);
int pgrep_read_pidfile(struct pgrep *p);
/* Notes what an id says beyond the pid. */
void pgrep_add_id(struct pgrep *p, const struct proc_id *id);

/* Turns to another process. */
void candidate_begin(struct candidate *c, pid_t pid, pid_t tid);
void candidate_release(struct candidate *c);
/* False, and the candidate is unknown from here on, when the result is no 0. */
bool candidate_note(struct candidate *c, int result);
/* Each reads a part unless it is there; false: the process is gone or may not be looked at. */
bool candidate_stat(struct pgrep *p, struct candidate *c);
bool candidate_status(struct pgrep *p, struct candidate *c);
bool candidate_argv(struct pgrep *p, struct candidate *c);
bool candidate_name(struct pgrep *p, struct candidate *c);
/* Nanoseconds since it was started; the stat is there. */
int64_t candidate_age(const struct pgrep *p, const struct candidate *c);

/* Does it fit, -v, -A and the process itself considered? */
bool pgrep_fits(struct pgrep *p, struct candidate *c);
bool pgrep_is_ancestor(struct pgrep *p, pid_t pid);

/* Fills p->matches; -n and -o leave one. 0, or the status of the failure that was reported. */
int pgrep_find(struct pgrep *p);
/*
 * Takes hold of a match and looks at it once more, so that the reference is to a process that
 * fits; p->candidate is about it. 0 or -ESRCH.
 */
MUST_USE int pgrep_hold(struct pgrep *p, const struct match *match, struct proc_ref *ret);

/* Adds a text of the process to a line, so that it stays one line and nothing acts on a terminal.
 */
void pgrep_add_text(struct pgrep *p, const char *text, size_t len);
/* Adds the name, "?" when it is not known. */
void pgrep_add_name(struct pgrep *p, struct candidate *c);
/* "PID", or the race-safe id with --id. */
void pgrep_add_pid(struct pgrep *p, const struct proc_ref *ref);
/* Is it in another pid namespace, a container say? */
bool pgrep_is_elsewhere(struct pgrep *p, pid_t pid);
/* Asks about p->candidate at the terminal. */
bool pgrep_confirms(struct pgrep *p, const char *signal, pid_t pid);
/* A duration that may be infinity; "0" too when `zero_is_none`. False: the usage error is reported.
 */
bool pgrep_parse_timeout(struct pgrep *p, const char *option, const char *text, bool zero_is_none,
                         int64_t *ret_ns);

/* The common columns of records: those of pgrep; others follow. */
enum {
	COL_PID,
	COL_ID,
	COL_PARENT,
	COL_GROUP,
	COL_SESSION,
	COL_NAME,
	COL_ARGV,
	COL_EXE,
	COL_USER,
	COL_UID,
	COL_STATE,
	COL_TERMINAL,
	COL_STARTED,
	COL_AGE,
	COL_RSS,
	COL_THREADS,
	COL_CGROUP,
	COL_ANCESTOR,
	COL_PROCESS_COUNT
};
#define PROCESS_COLUMNS                                                                            \
	[COL_PID] = { "pid", COLUMN_COUNT, "process, or thread with -w" },                         \
	[COL_ID] = { "id", COLUMN_TEXT,                                                            \
		     "what kill accepts, whatever happens to the pid meanwhile" },                 \
	[COL_PARENT] = { "ppid", COLUMN_COUNT, "parent" },                                         \
	[COL_GROUP] = { "pgid", COLUMN_COUNT, "process group" },                                   \
	[COL_SESSION] = { "sid", COLUMN_COUNT, "session" },                                        \
	[COL_NAME] = { "name", COLUMN_NAME, "name in full" },                                      \
	[COL_ARGV] = { "argv", COLUMN_NAMES, "arguments; none for kernel threads and zombies" },   \
	[COL_EXE] = { "exe", COLUMN_NAME, "executable, as its process sees it" },                  \
	[COL_USER] = { "user", COLUMN_NAME, "effective user" },                                    \
	[COL_UID] = { "uid", COLUMN_COUNT, "the same as a number" },                               \
	[COL_STATE] = { "state", COLUMN_TEXT, "R running, S and D sleeping, T stopped, Z ended" }, \
	[COL_TERMINAL] = { "tty", COLUMN_TEXT, "controlling terminal" },                           \
	[COL_STARTED] = { "started", COLUMN_TIME, "when it was started" },                         \
	[COL_AGE] = { "age_s", COLUMN_FIXED, "how long ago that is" },                             \
	[COL_RSS] = { "rss", COLUMN_SIZE, "memory it occupies" },                                  \
	[COL_THREADS] = { "threads", COLUMN_COUNT, "number of threads" },                          \
	[COL_CGROUP] = { "cgroup", COLUMN_NAME, "control group, of version 2" },                   \
	[COL_ANCESTOR] = { "ancestor", COLUMN_BOOL, "the command itself was started below it" }

extern const struct column_table pgrep_entry_table;
extern const struct column_table pkill_item_table;
extern const struct column_table pkill_summary_table;
extern const struct column_table pidwait_event_table;
extern const struct column_table pidwait_summary_table;

/* What a record borrows until it is emitted. */
struct process_texts {
	struct strbuf id, exe, terminal, cgroup;
	char state[2];
};
void process_texts_release(struct process_texts *t);
/* Fills the common columns about p->candidate; `ref` may be NULL. */
void pgrep_record(struct pgrep *p, struct record *r, const struct proc_ref *ref,
                  struct process_texts *texts);

int pgrep_list(struct pgrep *p);
int pgrep_print_tree(struct pgrep *p);
int pkill_act(struct pgrep *p);
int pidwait_act(struct pgrep *p);
