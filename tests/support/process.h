/* SPDX-License-Identifier: MIT */
/*
 * Processes for tests to look at, signal and wait for. Each is a child of the test, is ready when
 * its function returns, and ends by itself when the test does.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	char text[16]; /* the pid */
	int input;     /* write end of what it reads from; it ends when that is closed */
};

struct process_request {
	const char *name;    /* as prctl(2) sets it; NULL: the test's */
	const char *program; /* a shell that is executed, NULL: none is; else `name` is not used */
	const char *argv0;   /* NULL: `program` */
	const char *script;  /* NULL: waits for its end */
	const char *const *words; /* behind the script; may be NULL */
	const char *const *env;   /* the whole environment of a program; NULL: none */
	const char *cwd;
	int ignored; /* a signal, 0: none */
	int handled; /* a signal that has a handler, without a program; 0: none */
	bool leads_group, leads_session;
	uid_t uid; /* becomes this user, as root; 0: stays */
};

/* Waits; that is all. */
struct process process_idle(void);
struct process process_start(const struct process_request *request);
/* Kills it if it is still there; its wait status. */
int process_end(struct process *p);
/* Lets it end by itself; its wait status. */
int process_finish(struct process *p);
/* Waits for its end; its wait status. */
int process_reap(struct process *p);
/* Leaves it as a zombie. */
void process_make_zombie(struct process *p);
/* Stops it; it is stopped when this returns. */
void process_stop(struct process *p);
/* Still there, and no zombie? */
bool process_lives(const struct process *p);
/* A copy of /bin/sh under this name in the working directory; its absolute path. */
const char *process_shell_copy(const char *name);
