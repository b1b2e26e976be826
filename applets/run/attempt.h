/* SPDX-License-Identifier: MIT */
/* One attempt of a run, or a command beside it: what keep.c and attempt.c share. */
#pragma once

#include "run.h"

enum phase { PHASE_RUNNING, PHASE_ENDING, PHASE_KILLING, PHASE_OVER };

struct attempt {
	struct run *r;
	bool is_hook; /* no attempt: it has no limits and nothing is retried */
	struct spawn_child child;
	enum phase phase;
	bool leader_ended;
	size_t step;      /* of the schedule: the next to be sent */
	int first_signal; /* stands for the first of the schedule; 0: none does */
	int64_t kill_until;
	struct event_timer limit, idle, next;
};

/* Tells it to end: `signo` instead of the first of the schedule; 0: as it says. */
void attempt_end(struct attempt *a, int signo);
void attempt_kill(struct attempt *a);
/* Until it is over; r->outcome counts. 0 or -errno of the waiting itself. */
MUST_USE int attempt_watch(struct attempt *a);
