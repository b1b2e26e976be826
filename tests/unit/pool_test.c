/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { JOBS = 2000 };

struct task {
	struct pool_job job; /* first: a job is its task */
	unsigned number;
	unsigned children; /* to be added when it runs */
	atomic_uint runs;
};

struct work {
	struct pool *pool;
	struct task tasks[JOBS];
	atomic_uint used; /* of tasks */
	atomic_uint ran;
	atomic_uint wrong_worker;
	unsigned max;
	unsigned order[JOBS]; /* one thread only */
	bool record;
	atomic_bool signals_open;
};

static struct work work;

static void add(struct pool_list *list, unsigned children)
{
	unsigned n = atomic_fetch_add(&work.used, 1);

	work.tasks[n].number = n;
	work.tasks[n].children = children;
	pool_list_add(list, &work.tasks[n].job);
}

static void run(struct pool_job *job, unsigned worker, void *user)
{
	struct task *task = (struct task *)(void *)job;
	struct pool_list list = { 0 };
	sigset_t set;

	(void)user;
	if (worker >= work.max)
		atomic_fetch_add(&work.wrong_worker, 1);
	(void)pthread_sigmask(SIG_BLOCK, NULL, &set);
	if (worker != 0 && !sigismember(&set, SIGTERM))
		atomic_store(&work.signals_open, true);
	if (work.record)
		work.order[atomic_load(&work.ran)] = task->number;
	atomic_fetch_add(&task->runs, 1);
	atomic_fetch_add(&work.ran, 1);
	for (unsigned i = 0; i < task->children; i++)
		add(&list, 0);
	pool_add(work.pool, &list);
}

static void start(unsigned busy, unsigned max)
{
	memset(&work, 0, sizeof(work));
	work.max = max;
	work.pool = pool_new(busy, max, run, NULL);
}

Test(pool, one_thread_takes_the_newest_first)
{
	struct pool_list list = { 0 };
	static const unsigned expected[] = { 2, 3, 0, 1 };

	start(1, 1);
	work.record = true;
	add(&list, 0);
	add(&list, 0);
	pool_add(work.pool, &list);
	cr_assert_eq(list.len, 0, "a list that was added is empty");
	add(&list, 0);
	add(&list, 0);
	pool_add(work.pool, &list);
	cr_assert_eq(pool_queued(work.pool), 4);
	pool_drain(work.pool);
	cr_assert_eq(atomic_load(&work.ran), 4);
	for (unsigned i = 0; i < ARRAY_LEN(expected); i++)
		cr_expect_eq(work.order[i], expected[i], "job %u", i);
	cr_assert_eq(pool_threads(work.pool), 1);
	pool_free(work.pool);
}

Test(pool, every_job_runs_once_on_many_threads)
{
	for (unsigned threads = 1; threads <= 8; threads++) {
		struct pool_list list = { 0 };

		start(threads, threads);
		for (unsigned i = 0; i < 100; i++)
			add(&list, 19);
		pool_add(work.pool, &list);
		pool_drain(work.pool);
		cr_assert_eq(atomic_load(&work.ran), JOBS, "%u threads", threads);
		for (unsigned i = 0; i < JOBS; i++)
			cr_assert_eq(atomic_load(&work.tasks[i].runs), 1, "job %u", i);
		cr_assert_eq(atomic_load(&work.wrong_worker), 0);
		cr_assert(pool_threads(work.pool) <= threads);
		cr_assert_not(atomic_load(&work.signals_open), "workers block signals");
		pool_free(work.pool);
	}
}

Test(pool, little_work_stays_on_one_thread)
{
	struct pool_list list = { 0 };

	start(8, 8);
	for (unsigned i = 0; i < 10; i++)
		add(&list, 0);
	pool_add(work.pool, &list);
	pool_drain(work.pool);
	cr_assert_eq(atomic_load(&work.ran), 10);
	cr_assert_eq(pool_threads(work.pool), 1);
	pool_free(work.pool);
}

Test(pool, more_work_gets_a_second_thread)
{
	struct pool_list list = { 0 };

	start(2, 2);
	for (unsigned i = 0; i < 100; i++)
		add(&list, 0);
	pool_add(work.pool, &list);
	pool_drain(work.pool);
	cr_assert_eq(pool_threads(work.pool), 2);
	pool_free(work.pool);
}

Test(pool, a_job_can_be_taken_back)
{
	struct pool_list list = { 0 };

	start(1, 1);
	for (unsigned i = 0; i < 4; i++)
		add(&list, 0);
	pool_add(work.pool, &list);
	cr_assert(pool_take(work.pool, &work.tasks[0].job, 0), "the first");
	cr_assert_not(pool_take(work.pool, &work.tasks[0].job, 0), "only once");
	cr_assert(pool_take(work.pool, &work.tasks[2].job, 0), "one in the middle");
	cr_assert(pool_take(work.pool, &work.tasks[3].job, 0), "the last");
	cr_assert_eq(pool_queued(work.pool), 1);
	pool_drain(work.pool);
	cr_assert_eq(atomic_load(&work.ran), 1);
	cr_assert_eq(atomic_load(&work.tasks[1].runs), 1);
	cr_assert_not(pool_take(work.pool, &work.tasks[1].job, 0), "it has run");
	pool_free(work.pool);
}

Test(pool, help_runs_one_job_here)
{
	struct pool_list list = { 0 };

	start(1, 1);
	cr_assert_not(pool_help(work.pool), "nothing to do");
	add(&list, 1);
	pool_add(work.pool, &list);
	cr_assert(pool_help(work.pool));
	cr_assert_eq(atomic_load(&work.ran), 1);
	cr_assert_eq(pool_queued(work.pool), 1, "what it added waits");
	pool_free(work.pool);
	cr_assert_eq(atomic_load(&work.ran), 1, "and is not run by pool_free()");
}

Test(pool, while_held_other_threads_take_nothing)
{
	struct pool_list list = { 0 };
	unsigned ran;

	start(4, 4);
	for (unsigned i = 0; i < 200; i++)
		add(&list, 0);
	pool_add(work.pool, &list);
	pool_drain(work.pool);
	cr_assert(pool_threads(work.pool) > 1, "there are others");
	pool_hold(work.pool, true);
	for (unsigned i = 0; i < 200; i++)
		add(&list, 0);
	pool_add(work.pool, &list);
	ran = atomic_load(&work.ran);
	for (unsigned i = 0; i < 100; i++)
		cr_assert(pool_take(work.pool, &work.tasks[200 + i].job, 0), "job %u", i);
	cr_assert_eq(atomic_load(&work.ran), ran);
	pool_drain(work.pool);
	cr_assert_eq(atomic_load(&work.ran), 300, "draining ends the hold");
	pool_free(work.pool);
}

Test(pool, free_of_null_is_nothing)
{
	cr_assert_null(pool_free(NULL));
	cr_assert(pool_cpus() >= 1);
}
