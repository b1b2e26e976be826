/* SPDX-License-Identifier: MIT */
/*
 * Runs the real binary the way a user would and keeps what came out. The child
 * always gets its own standard input (Criterion's is a pipe that never ends), no
 * descriptor above 2, and a small fixed environment: PATH, TZ=UTC and what was
 * asked for. Buffers live until the test process ends; nobody frees them. A
 * child that a sanitizer complained about fails the test, as does one that runs
 * longer than the request's limit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

struct run {
	int status;     /* exit status, or 128 + the signal that ended it */
	bool timed_out; /* was killed at the time limit */
	char *out;      /* standard output, NUL behind its last byte; "" when not captured */
	size_t out_len;
	char *err;
	size_t err_len;
};

enum run_to {
	RUN_TO_MEMORY,   /* captured through a file that grows without limit */
	RUN_TO_PIPE,     /* captured through a pipe */
	RUN_TO_TERMINAL, /* captured from a pseudo terminal; both streams there arrive in `out` */
	RUN_TO_FULL,     /* /dev/full */
	RUN_TO_NOBODY,   /* a pipe without a reader */
	RUN_TO_NOTHING   /* the descriptor is closed */
};

enum run_from {
	RUN_FROM_BYTES,    /* a file that holds `input` (nothing by default) */
	RUN_FROM_PIPE,     /* `input` through a pipe, in small pieces */
	RUN_FROM_FILE,     /* the file `input_file` */
	RUN_FROM_TERMINAL, /* the pseudo terminal; `input` is typed at once */
	RUN_FROM_NOTHING   /* the descriptor is closed */
};

struct run_limit {
	int resource; /* RLIMIT_NOFILE ... */
	rlim_t value; /* 0 ends the list; soft and hard */
};

enum { RUN_LIMITS_MAX = 4, RUN_NOBODY = 65534 };

struct run_request {
	const char *program;      /* NULL: the binary under test; else a path, or a name in PATH */
	const char *argv0;        /* NULL: "dutybox", or `program` */
	bool no_argv;             /* argc is 0 */
	const char *const *words; /* behind argv[0], ends with NULL; may be NULL */
	enum run_from from;
	const void *input;
	size_t input_len; /* 0 with an input: its strlen */
	const char *input_file;
	enum run_to out_to, err_to;
	unsigned short columns; /* of the terminal; 0: 80 */
	const char *const *env; /* "NAME=value" sets, "NAME" removes; ends with NULL */
	const char *cwd;
	bool keeps_umask; /* of the test; else it is 022 */
	uid_t uid; /* when the test runs as root: become this user (and group) first; 0: stay */
	struct run_limit limits[RUN_LIMITS_MAX];
	unsigned seconds;    /* time limit; 0: 60 */
	bool ignore_sigpipe; /* the child starts with SIGPIPE ignored, else at its default */
	bool may_complain;   /* a sanitizer report is no failure: the peer is not ours */
};

/* The usual call: RUN("which", "-a", "ls"). */
#define RUN(...) run_words((const char *const[]){ __VA_ARGS__, NULL })
/* Another program, found in PATH: RUN_PEER("du", "-s", "."). */
#define RUN_PEER(name, ...) run_peer((name), (const char *const[]){ __VA_ARGS__, NULL })
/* Words for a request: .words = WORDS("ls", "-l"). */
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct run run_words(const char *const *words);
struct run run_peer(const char *name, const char *const *words);
struct run run_argv(const struct run_request *request);

/* For tests that act while the program runs. */
struct run_child {
	pid_t pid;
	const struct run_request *request;
	int pidfd;
	int out, err;        /* where captured bytes come from, or -1 */
	int terminal;        /* master side, or -1 */
	bool terminal_ended; /* nobody writes to it any more */
	int input;           /* write end of the pipe, or -1 */
	size_t fed;          /* bytes of input written to it */
	struct run result;   /* what was read so far */
};

/* Starts; `request` must live until run_finish(). */
void run_start(const struct run_request *request, struct run_child *ret);
/* Waits until what the child wrote on either stream contains `text`; fails the test when it ends
 * or its time is over before that. */
void run_wait_for(struct run_child *child, const char *text);
/* Waits for the end. */
struct run run_finish(struct run_child *child);

/* The path of the binary under test. */
const char *run_binary(void);
/* The path of a program in PATH, or NULL; kept until the test process ends. */
const char *run_find(const char *name);
/* True when the binary was built with a sanitizer: address space limits do not work then. */
bool run_is_sanitized(void);
