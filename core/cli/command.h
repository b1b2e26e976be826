/* SPDX-License-Identifier: MIT */
/*
 * One command that an applet runs for its user, and waits for: with the environment of the box
 * and additions to it, looked for in PATH, without a shell. TERM and HUP that the box gets while
 * it waits (sig.h) are passed on, INT comes from the terminal to both; the applet cleans up when
 * the command has ended, and the box dies by the signal then. For the main thread, and while it
 * is the only one.
 */
#pragma once

#include "base/strv.h"
#include "cli/diag.h"
#include "sys/spawn.h"

struct command {
	char *const *words;     /* at least one, ends with NULL */
	const struct strv *env; /* NAME=VALUE, set or replaced; may be NULL */
	int fds[3];             /* for 0, 1, 2: as in struct spawn_request */
	bool keeps_descriptors; /* those above 2 that are not close-on-exec */
};

/*
 * In two steps, for an applet that reads what the command writes meanwhile. 0, and
 * command_wait() must follow; or 125, 126, 127, and that is reported.
 */
struct command_child {
	struct spawn_child process;
	struct spawn_collect collect;
};
MUST_USE int command_start(struct diag *d, const struct command *c, struct command_child *ret);
/* Its exit status, or 128 plus the signal that ended it. */
int command_wait(struct command_child *child);

/*
 * Its exit status, or 128 plus the signal that ended it; when it does not run: 125, 126 or 127,
 * and that is reported.
 */
int command_run(struct diag *d, const struct command *c);
