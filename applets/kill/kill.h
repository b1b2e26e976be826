/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. kill.c holds the options; targets.c and group.c turn
 * operands into processes that are held, send.c signals them, names.c is about signals alone.
 */
#pragma once

#include "cli/applet.h"
#include "sys/cgroup.h"
#include "sys/proc_end.h"
#include "sys/proc_sockets.h"
#include "sys/process_scan.h"
#include "sys/signal_names.h"

struct kill_opts {
	int signo; /* KILL_UNSET: TERM */
	const char *list, *decode, *queue, *wait, *escalate, *port, *cgroup;
	struct strv timeouts; /* milliseconds and a signal in turn */
	bool table, require_handler, print, verbose, dry_run, tree, group, session, json;
};

enum { KILL_UNSET = -1, KILL_SOME = 64, KILL_TIMED_OUT = 124 };

/* What an operand says. */
enum target_kind { TARGET_PROCESS, TARGET_GROUP, TARGET_SESSION, TARGET_ALL };

struct target {
	enum target_kind kind;
	const char *text; /* as it was typed */
	struct proc_id id;
	pid_t number; /* of the group or session */
};

/* Results of all targets together. */
struct counts {
	size_t sent, gone, denied, skipped, ended;
	size_t zombies; /* of those that are gone */
};

/* One run. */
struct killer {
	struct ctx *ctx;
	const struct kill_opts *opts;
	struct proc_reader reader;
	pid_t self; /* 0: no procfs tells */
	struct {
		VEC_FIELDS(struct target);
	} targets;
	struct proc_refs refs; /* who gets the signal */
	struct {
		VEC_FIELDS(const char *);
	} texts; /* beside `refs`: the operand; a pid for those of groups and trees is NULL */
	struct signal_schedule steps;
	struct cgroup cgroup;   /* of --cgroup */
	struct pid_list passed; /* members of it that were reported and are not held */
	int value;              /* of --queue */
	size_t parsed;          /* results of the first step that came in */
	bool waits;
	struct counts counts;
	char signal[SIGNAL_NAME_SIZE]; /* the first one */
	struct strbuf line;            /* in the making */
};

/* 0, or the status of the usage error that was reported; nothing was touched. */
int kill_parse_targets(struct killer *k, char **operands);
/* Takes hold of all processes that are meant; what is not there is reported and counted. */
int kill_hold_targets(struct killer *k);
/* Groups that can be signalled by one system call are, unless each process matters. */
bool kill_wants_members(const struct kill_opts *o);
/* Holds one process, unless it is dead already, or --require-handler says no. */
void kill_hold(struct killer *k, const char *text, const struct proc_id *id);
/* Lets go of the one that was held last. */
void kill_let_go(struct killer *k);
/* --cgroup, --port: 0, or the status of the failure that was reported. */
int kill_hold_cgroup(struct killer *k);
int kill_hold_port(struct killer *k);
/* Ends the run when those who are to be signalled are this command, who started it, or pid 1. */
int kill_guard(struct killer *k, const struct pid_list *pids, const char *what);

/* Signals, waits, reports; the exit status. */
int kill_send(struct killer *k);
/* One result: counted, printed, or a record. `ref` may be NULL. */
void kill_report(struct killer *k, const char *text, const struct proc_ref *ref, int result);
void kill_skip(struct killer *k, const char *text, const struct proc_ref *ref, const char *reason);

/* --list, --table, --decode; the exit status. */
int kill_list(struct ctx *ctx, const char *word, char **operands);
int kill_table(struct ctx *ctx);
int kill_decode(struct ctx *ctx, const char *pid);

extern const struct column_table kill_item_table;
extern const struct column_table kill_summary_table;
