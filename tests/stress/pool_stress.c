/* SPDX-License-Identifier: MIT */
/* Jobs that add jobs on many threads, while the owner takes some back and holds the others. */
#include "base/mem.h"
#include "base/pool.h"

#undef NDEBUG
#include <assert.h>
#include <stdatomic.h>

enum { ROUNDS = 40, ROOTS = 50, CHILDREN = 20, JOBS = ROOTS * (1 + CHILDREN) };

struct task {
	struct pool_job job;
	unsigned children;
	unsigned runs; /* plain: a job is one thread's at a time */
};

struct round {
	struct pool *pool;
	struct task *tasks;
	atomic_uint used;
	atomic_uint ran;
	unsigned threads;
};

static void add(struct round *round, struct pool_list *list, unsigned children)
{
	struct task *task = &round->tasks[atomic_fetch_add(&round->used, 1)];

	task->children = children;
	pool_list_add(list, &task->job);
}

static void run(struct pool_job *job, unsigned worker, void *user)
{
	struct round *round = user;
	struct task *task = (struct task *)(void *)job;
	struct pool_list list = { 0 };

	assert(worker < round->threads);
	task->runs++;
	atomic_fetch_add(&round->ran, 1);
	for (unsigned i = 0; i < task->children; i++)
		add(round, &list, 0);
	pool_add(round->pool, &list);
}

static void work(unsigned number)
{
	struct round round = { .threads = 1 + number % 8 };
	struct pool_list list = { 0 };

	round.tasks = mem_alloc_zeroed(JOBS * sizeof(struct task));
	round.pool = pool_new(round.threads, round.threads, run, &round);
	for (unsigned i = 0; i < ROOTS; i++)
		add(&round, &list, CHILDREN);
	pool_add(round.pool, &list);
	for (unsigned i = 0; i < ROOTS; i++) {
		pool_hold(round.pool, i % 3 == 1);
		if (i % 2 == 0)
			(void)pool_help(round.pool);
		else if (pool_take(round.pool, &round.tasks[i].job, 0))
			run(&round.tasks[i].job, 0, &round);
	}
	if (number % 4 == 3) {
		/* Ends with jobs waiting. */
		round.pool = pool_free(round.pool);
	} else {
		pool_drain(round.pool);
		assert(pool_queued(round.pool) == 0);
		assert(atomic_load(&round.ran) == JOBS);
		for (unsigned i = 0; i < JOBS; i++)
			assert(round.tasks[i].runs == 1);
		assert(pool_threads(round.pool) <= round.threads);
		round.pool = pool_free(round.pool);
	}
	free(round.tasks);
}

int main(void)
{
	for (unsigned i = 0; i < ROUNDS; i++)
		work(i);
	return 0;
}
