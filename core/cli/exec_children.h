/* SPDX-License-Identifier: MIT */
/*
 * The commands that exec.c has running, a fixed number at a time, and where their output goes:
 * straight to the box's descriptors, or into unnamed files that are passed on when the
 * command has ended. Those are in TMPDIR, else /tmp, else in memory. Part of exec.c.
 */
#pragma once

#include "base/vec.h"
#include "cli/out.h"
#include "sys/spawn.h"

struct exec_child {
	struct spawn_child process;
	char *label;   /* owned; may be NULL */
	int output[2]; /* files that hold what it writes to 1 and 2; -1: not captured */
};

struct exec_children {
	VEC_FIELDS(struct exec_child);
	size_t max;
	bool capture;
	bool forwarded; /* the signal that stops the box was sent to them */
	struct out *out;
	const char *directory; /* for the unnamed files */
};

/* An ended command. */
struct exec_end {
	char *label;     /* as given to exec_children_start(), or NULL; the caller frees it */
	int wait_status; /* only when `err` is 0 */
	int err;         /* -ECHILD: nobody knows how it ended */
};

void exec_children_init(struct exec_children *c, size_t max, bool capture, struct out *out);
/* When none is running. */
void exec_children_release(struct exec_children *c);
bool exec_children_full(const struct exec_children *c);
/*
 * Starts one, with the descriptors of `request` replaced where they are captured. The
 * label, which may be NULL, is copied. 0 or -errno.
 */
MUST_USE int exec_children_start(struct exec_children *c, const struct spawn_request *request,
                                 const char *label);
/*
 * Takes one that has ended out of the list, its output passed on; with `wait`, waits for that.
 * False: none is running or, without `wait`, none has ended.
 */
bool exec_children_collect(struct exec_children *c, bool wait, struct exec_end *ret);
