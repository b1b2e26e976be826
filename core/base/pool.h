/* SPDX-License-Identifier: MIT */
/*
 * A few threads and a list of jobs, the newest first. The calling thread works
 * too, as worker 0; others are started only when the list stays non-empty for a
 * while, so small work never leaves one thread. Beyond the number of CPUs a
 * thread is added only when the running ones are seen to wait for the disk:
 * little CPU time and many voluntary context switches over their last jobs.
 *
 * Jobs embed a struct pool_job, may add jobs, and belong to whoever added them.
 * Worker threads have small stacks and all signals blocked.
 */
#pragma once

#include "base/base.h"

struct pool;

struct pool_job {
	struct pool_job *next;
	struct pool_job *prev;
	bool queued; /* the pool's; the links are free for other use while it is false */
};

/* Jobs to be added together; the first one is taken first. Zeroed: empty. */
struct pool_list {
	struct pool_job *first;
	struct pool_job *last;
	size_t len;
};

void pool_list_add(struct pool_list *list, struct pool_job *job);

/* Runs one job on the thread `worker`, which is below pool_threads_max(). */
typedef void pool_run(struct pool_job *job, unsigned worker, void *user);

/* The CPUs this process may use; at least 1. */
unsigned pool_cpus(void);

/*
 * At most `max` threads (at least 1) with the calling one; up to `busy` of them
 * whenever there are jobs, the rest only while jobs wait for the disk.
 */
struct pool *pool_new(unsigned busy, unsigned max, pool_run *run, void *user);
/* Waits for running jobs. Jobs still in the list are not run. */
struct pool *pool_free(struct pool *pool);
DEFINE_AUTO_FREE(pool)

/* From any thread, also from within jobs. */
void pool_add(struct pool *pool, struct pool_list *list);

/*
 * Takes this job out of the list, for the caller to do, who is the thread `worker`. False
 * when it is not in there.
 */
bool pool_take(struct pool *pool, struct pool_job *job, unsigned worker);
/* While held, the other threads take no new jobs. From any thread. */
void pool_hold(struct pool *pool, bool held);

/* The following are for the thread that made the pool. */

/* Works until no job is left or running; ends a pool_hold(). */
void pool_drain(struct pool *pool);
/* Runs the newest job here, as worker 0. False when there is none. */
bool pool_help(struct pool *pool);
/* How many jobs wait. */
size_t pool_queued(struct pool *pool);
/* How many threads exist, the calling one included. */
unsigned pool_threads(struct pool *pool);
