/* SPDX-License-Identifier: MIT */
/*
 * Messages for people, on standard error. One call makes one write(2), so lines
 * from different threads never mix; a failed write changes nothing. Names travel
 * in their own parameter, never through the format string, and are quoted here.
 * With --json each message is also an error record on standard output. All
 * functions are locked and may be called from any thread.
 */
#pragma once

#include "base/base.h"
#include "base/text.h"

/* common.md 3; an applet that bears another program's name maps them (struct exit_codes). */
enum exit_status {
	EXIT_YES = 0,      /* done, or the answer is yes */
	EXIT_NO = 1,       /* the answer is no; or a job finished with items missing */
	EXIT_USAGE = 2,    /* the command line made no sense; nothing was touched */
	EXIT_FAIL = 3,     /* it could not be done */
	EXIT_GUARD = 4,    /* a safety guard stopped it; nothing was changed */
	EXIT_LOCKED = 5,   /* another run holds the lock */
	EXIT_DAMAGED = 6,  /* verification found a difference */
	EXIT_UNKNOWN = 127 /* no such applet */
};

/* What the program whose name an applet bears uses; 0 keeps the house's code. */
struct exit_codes {
	unsigned char usage;
	unsigned char fail;
};

struct out;
struct diag;

/* `program` stands before each message, `invocation` in the pointer to --help; both borrowed. */
struct diag *diag_new(const char *program, const char *invocation, struct exit_codes codes);
struct diag *diag_free(struct diag *d);
/* Error records go to `out` from now on; NULL stops that. */
void diag_mirror(struct diag *d, struct out *out);

/*
 * `watch` is called for each message that counts, with the message alone, from the thread that
 * makes it, and by several at once; NULL ends that. Before other threads use `d`.
 */
typedef void diag_watcher(const char *message, void *user);
void diag_watch(struct diag *d, diag_watcher *watch, void *user);

/* "prog: cannot <verb> 'path': <strerror>". Counts EXIT_FAIL and returns its code. */
int diag_fail(struct diag *d, int err, const char *verb, const char *path);
/* The same, but what remains of the job is worth having: counts EXIT_NO. */
int diag_partial(struct diag *d, int err, const char *verb, const char *path);
/* A sentence of our own; `path` may be NULL, else it is put in front, quoted: "prog: 'path': ...".
 */
int diag_fail_text(struct diag *d, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);
int diag_partial_text(struct diag *d, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);
/* Counts nothing. */
void diag_warn(struct diag *d, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);
/* A sentence, then "Try 'prog --help' for more information.". Counts EXIT_USAGE, returns its code.
 */
int diag_usage(struct diag *d, const char *format, ...) PRINTF_LIKE(2, 3);
/* "prog: what: reason", then `text` with the offending part underlined. As diag_usage(). */
int diag_caret(struct diag *d, const char *what, const char *text, const struct text_error *where);

/*
 * The code to leave with: the worst that was counted, else `otherwise`. The higher is the worse,
 * but EXIT_DAMAGED is only worse than EXIT_NO.
 */
int diag_status(const struct diag *d, int otherwise);
/* A code that the applet's manual names, 127 say: left with unless a worse one is counted. */
void diag_raise(struct diag *d, int code);
/* How many messages were counted as a failure of either kind. */
uint64_t diag_count(const struct diag *d);
