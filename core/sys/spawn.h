/* SPDX-License-Identifier: MIT */
/*
 * Starting programs without a shell, and what became of them. A start costs no copy of
 * the address space (posix_spawn(), which the C library builds on CLONE_VM | CLONE_VFORK),
 * and whether the program could be executed is known when spawn_start() returns.
 *
 * The program gets the descriptors 0 to 2 of the request and no other: all of the box's
 * are close-on-exec from the moment they exist, so a thread that opens a file meanwhile
 * leaks nothing. Signals that the box catches are at their defaults in it; those that the
 * box found ignored stay ignored, and its mask is that of the calling thread.
 *
 * All functions may be called from any thread, but for spawn_collect_begin() and _end().
 */
#pragma once

#include "base/strbuf.h"

#include <signal.h>

enum {
	SPAWN_INHERIT = -1, /* what the box has itself */
	SPAWN_NULL = -2,    /* the null device; only for a descriptor */

	SPAWN_CODE_FAILED = 125,   /* no process could be made */
	SPAWN_CODE_NO_EXEC = 126,  /* the program was found but cannot be executed */
	SPAWN_CODE_NOT_FOUND = 127 /* there is no such program */
};

struct spawn_request {
	const char *file;  /* as spawn_find() gives it; when relative, to `dir` */
	char *const *argv; /* ends with NULL; at least argv[0] */
	char *const *envp; /* ends with NULL */
	int dir;           /* becomes the working directory; or SPAWN_INHERIT */
	int fds[3]; /* for 0, 1, 2: a descriptor above 2, which may be given twice, SPAWN_* */
	const sigset_t *mask;     /* blocked signals; NULL: those of the calling thread */
	const sigset_t *defaults; /* signals to take back from being ignored; NULL: none */
};

struct spawn_child {
	pid_t pid;
	int pidfd; /* readable when the program has ended; -1: the kernel has none (before 5.3) */
};

/*
 * Where execvp() would find `name` in `list`, PATH or command_path_default(): adds the first
 * regular file that the effective user may execute, as an absolute path. A name with a
 * slash is not searched for and added as it is. 0; -ENOENT: there is none; -EACCES: there
 * is a file of that name, but it cannot be executed. (A directory that may not be searched
 * has none, as for the shells; execvp() would say -EACCES for every missing command.)
 */
MUST_USE int spawn_find(const char *list, const char *name, struct strbuf *ret);

/*
 * Starts the program. As with execvp(), a file in no format that the kernel knows is given to
 * /bin/sh as a script. The child belongs to the caller, who waits for it. 0 or -errno:
 * of execve(), or why there is no process (-EAGAIN, -ENOMEM).
 */
MUST_USE int spawn_start(const struct spawn_request *request, struct spawn_child *ret);
/* The exit code a shell has for a failed start: one of SPAWN_CODE_*. `err` is the -errno. */
int spawn_failure_code(int err);

/*
 * Waits for the end and closes the pidfd; the child is no more. 0 with the wait status,
 * -EINTR: a signal arrived, nothing is changed; -ECHILD: somebody else collected it.
 */
MUST_USE int spawn_wait(struct spawn_child *child, int *ret_status);
/* Sends the signal unless it has ended. 0 or -errno. */
MUST_USE int spawn_signal(const struct spawn_child *child, int signo);
/* The shell's view of a wait status: the exit code, or 128 plus the signal. */
int spawn_status_code(int wait_status);

/*
 * With SIGCHLD inherited ignored, the kernel throws the ends of children away. Between these
 * two calls, on the main thread, they can be waited for; children then start with SIGCHLD
 * at its default.
 */
struct spawn_collect {
	struct sigaction before;
	bool changed;
};
void spawn_collect_begin(struct spawn_collect *ret);
void spawn_collect_end(struct spawn_collect *collect);
