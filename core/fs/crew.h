/* SPDX-License-Identifier: MIT */
/*
 * Work that several threads do ahead of one that takes the results in order: what it waits for and
 * nobody began, it does itself. All functions are for that one thread.
 */
#pragma once

#include "base/pool.h"

struct crew;
struct crew_work;

typedef void crew_run(struct crew_work *work, unsigned worker);

/* Embedded in what is to be worked on; set `run`. */
struct crew_work {
	struct pool_job job;
	crew_run *run;
	bool done; /* under the crew's lock while the work is under way */
};

/* `threads` with the calling one, at least 1. */
struct crew *crew_new(unsigned threads);
/* All work was waited for. */
struct crew *crew_free(struct crew *c);
unsigned crew_threads(const struct crew *c);
void crew_add(struct crew *c, struct crew_work *work);
/* Until it is done. */
void crew_wait(struct crew *c, struct crew_work *work);
