/* SPDX-License-Identifier: MIT */
/*
 * What is sent to a process that has to end, and how long each signal gets: TERM/10s/KILL/5s, as
 * start-stop-daemon and OpenRC write it (--retry). A number without a unit is seconds; "infinity"
 * and "forever" are known, too. Pure.
 */
#pragma once

#include "base/base.h"
#include "base/text.h"

enum { SIGNAL_STEPS_MAX = 16 };

#define SIGNAL_WAIT_FOREVER INT64_MAX

struct signal_step {
	int signo;
	int64_t wait_ns; /* until the next one; 0 in the last: nothing is said */
};

struct signal_schedule {
	size_t len; /* at least 1 */
	struct signal_step steps[SIGNAL_STEPS_MAX];
};

/*
 * SIGNAL[/DURATION[/SIGNAL[/DURATION]]...]; a time between two signals is needed. 0, -EINVAL,
 * or -ERANGE (too many steps, too long) with *reterr.
 */
MUST_USE int signal_schedule_parse(const char *text, struct signal_schedule *ret,
                                   struct text_error *reterr);
/* SIGNAL, then KILL after that long; without a KILL when it is 0. */
void signal_schedule_set(struct signal_schedule *ret, int signo, int64_t kill_after_ns);
