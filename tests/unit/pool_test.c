/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include "support/run.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

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

/*
 * Jobs that wait as for a disk: each says who it is and sleeps in read(2). The one who answers
 * looks until the kernel says that the thread sleeps, so that it has switched of its own
 * accord, and then so many times more that its wall clock is far ahead of its CPU clock.
 */
enum { SLOW_JOBS = 600, SLOW_MAX = 4, LOOKS = 40 };

struct disk {
	struct pool *pool;
	int asks[2];
	int answers[2];
	struct pool_job jobs[SLOW_JOBS];
	atomic_uint ran;
};

static bool sleeps(pid_t tid)
{
	char path[64];
	char text[128] = "";
	const char *state;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert(fd >= 0);
	cr_assert(read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	state = strchr(text, ')');
	return state != NULL && state[2] == 'S';
}

static void *answer(void *arg)
{
	struct disk *disk = arg;
	pid_t tid;

	while (read(disk->asks[0], &tid, sizeof(tid)) == (ssize_t)sizeof(tid)) {
		for (unsigned seen = 0; seen < LOOKS;)
			seen += sleeps(tid);
		cr_assert_eq(write(disk->answers[1], "", 1), 1);
	}
	return NULL;
}

static void read_disk(struct pool_job *job, unsigned worker, void *user)
{
	struct disk *disk = user;
	pid_t tid = gettid();
	char byte;

	(void)job;
	cr_assert(worker < SLOW_MAX);
	cr_assert_eq(write(disk->asks[1], &tid, sizeof(tid)), (ssize_t)sizeof(tid));
	cr_assert_eq(read(disk->answers[0], &byte, 1), 1);
	atomic_fetch_add(&disk->ran, 1);
}

Test(pool, jobs_that_wait_get_more_threads_than_cpus)
{
	static struct disk disk;
	struct pool_list list = { 0 };
	pthread_t thread;

	cr_assert_eq(pipe2(disk.asks, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(disk.answers, O_CLOEXEC), 0);
	cr_assert_eq(pthread_create(&thread, NULL, answer, &disk), 0);
	disk.pool = pool_new(1, SLOW_MAX, read_disk, &disk);
	for (unsigned i = 0; i < SLOW_JOBS; i++)
		pool_list_add(&list, &disk.jobs[i]);
	pool_add(disk.pool, &list);
	pool_drain(disk.pool);
	cr_assert_eq(atomic_load(&disk.ran), SLOW_JOBS);
	cr_expect(pool_threads(disk.pool) > 1, "for one CPU, but they wait");
	cr_expect(pool_threads(disk.pool) <= SLOW_MAX);
	disk.pool = pool_free(disk.pool);
	cr_assert_eq(close(disk.asks[1]), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
}

static void compute(struct pool_job *job, unsigned worker, void *user)
{
	atomic_uint *ran = user;

	(void)job;
	(void)worker;
	for (unsigned i = 0; i < 20000; i++)
		atomic_fetch_add_explicit(ran, i & 1, memory_order_relaxed);
}

Test(pool, jobs_that_compute_get_one_thread_for_each_cpu)
{
	static struct pool_job jobs[SLOW_JOBS];
	struct pool_list list = { 0 };
	atomic_uint ran = 0;
	struct pool *pool = pool_new(1, SLOW_MAX, compute, &ran);

	for (unsigned i = 0; i < SLOW_JOBS; i++)
		pool_list_add(&list, &jobs[i]);
	pool_add(pool, &list);
	pool_drain(pool);
	cr_assert_eq(atomic_load(&ran), SLOW_JOBS * 10000);
	cr_assert_eq(pool_threads(pool), 1, "they never sleep");
	pool_free(pool);
}

Test(pool, without_another_thread_the_work_is_done_by_one)
{
	struct rlimit before;
	struct rlimit none;
	struct pool_list list = { 0 };

	if (run_is_sanitized())
		cr_skip_test("SKIPPED: address space limits do not work under a sanitizer");
	start(4, 4);
	for (unsigned i = 0; i < 1000; i++)
		add(&list, 0);
	cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
	none = before;
	none.rlim_cur = 1; /* root would not be bound by RLIMIT_NPROC */
	cr_assert_eq(setrlimit(RLIMIT_AS, &none), 0);
	pool_add(work.pool, &list);
	pool_drain(work.pool);
	cr_assert_eq(setrlimit(RLIMIT_AS, &before), 0);
	cr_assert_eq(atomic_load(&work.ran), 1000);
	cr_expect_eq(pool_threads(work.pool), 1, "no room for a stack");
	pool_free(work.pool);
}

Test(pool, free_of_null_is_nothing)
{
	cr_assert_null(pool_free(NULL));
	cr_assert(pool_cpus() >= 1);
}
