/* SPDX-License-Identifier: MIT */
/*
 * One status line on standard error for work that lasts over a second: what is done,
 * the rate, and where the total is known the percentage and the time left; OSC 9;4 tells
 * the taskbar. Driven by progress_tick(), at most five lines a second. When USR1 asked
 * for it (sig.h), one whole line is printed whatever was chosen, terminal or not.
 *
 * progress_tick() may be called by any thread and costs a look at the clock; the other
 * functions are locked too, but for new and free. Each drawing is one write(2); a write
 * that fails changes nothing.
 */
#pragma once

#include "base/base.h"

enum progress_when {
	PROGRESS_AUTO,   /* on a terminal, after a second */
	PROGRESS_ALWAYS, /* at once; where there is no terminal, a whole line every second */
	PROGRESS_NEVER,
};

struct progress_opts {
	enum progress_when when;
	int fd;              /* standard error */
	const char *program; /* borrowed; starts whole lines */
	const char *unit;    /* borrowed: "files"; NULL: bytes */
	/* Nanoseconds that never go backwards; NULL: the monotonic clock. For tests. */
	int64_t (*now)(void *user);
	void *user;
};

struct progress;

/* The clock starts here. Reads COLUMNS and TERM. */
struct progress *progress_new(const struct progress_opts *opts);
/* Removes the line from the screen. */
struct progress *progress_free(struct progress *p);
DEFINE_AUTO_FREE(progress)

/* `done` so far of `total` (0: not known), now at `name` (NULL: nothing to say; any bytes). */
void progress_tick(struct progress *p, uint64_t done, uint64_t total, const char *name);
/* Before anything else is written to the terminal; the line comes back with a later tick. */
void progress_clear(struct progress *p);
