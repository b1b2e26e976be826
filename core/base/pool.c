/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include "base/mem.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

enum {
	POOL_STACK = 256 * 1024,
	POOL_STREAK = 16,  /* jobs taken with more behind them before a thread is added */
	POOL_MEASURE = 16, /* jobs between two looks at the clocks */
};

/* A thread and what its clocks showed when its last measurement began. */
struct pool_worker {
	struct pool *pool;
	pthread_t thread;
	unsigned id;
	unsigned jobs; /* since then */
	int64_t wall_ns;
	int64_t cpu_ns;
	long switches;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* jobs were added or released, all are done, or it ends */
	struct pool_job *top;
	size_t queued;
	size_t running;
	unsigned threads;
	unsigned busy;
	unsigned max;
	unsigned waiting;
	unsigned streak;
	bool held;
	bool ending;
	pool_run *run;
	void *user;
	struct pool_worker workers[];
};

void pool_list_add(struct pool_list *list, struct pool_job *job)
{
	job->next = NULL;
	job->prev = list->last;
	if (list->last != NULL)
		list->last->next = job;
	else
		list->first = job;
	list->last = job;
	list->len++;
}

unsigned pool_cpus(void)
{
	cpu_set_t set;
	int n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	else if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		n = (int)sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than a cpu_set_t holds */
	return n > 1 ? (unsigned)n : 1;
}

static int64_t pool_ns(int64_t seconds, int64_t ns)
{
	return seconds * 1000000000 + ns;
}

static void pool_read_clocks(struct pool_worker *w)
{
	struct timespec now;
	struct rusage used;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)getrusage(RUSAGE_THREAD, &used);
	w->jobs = 0;
	w->wall_ns = pool_ns(now.tv_sec, now.tv_nsec);
	w->cpu_ns = pool_ns(used.ru_utime.tv_sec + used.ru_stime.tv_sec,
	                    (int64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000);
	w->switches = used.ru_nvcsw;
}

/*
 * After a job: do this thread's jobs wait for the disk? A CPU that is busy with
 * other processes also makes the wall clock run ahead of ours, but then the
 * switches are not voluntary.
 */
static bool pool_waits_for_disk(struct pool_worker *w)
{
	struct pool_worker before = *w;
	int64_t wall;

	if (++w->jobs < POOL_MEASURE)
		return false;
	pool_read_clocks(w);
	wall = w->wall_ns - before.wall_ns;
	return before.wall_ns != 0 && w->cpu_ns - before.cpu_ns < wall / 5 * 2 &&
	       w->switches - before.switches >= POOL_MEASURE / 4;
}

static struct pool_job *pool_unlink(struct pool *pool, struct pool_job *job)
{
	if (job->prev != NULL)
		job->prev->next = job->next;
	else
		pool->top = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
	job->queued = false;
	pool->queued--;
	return job;
}

static void *pool_thread(void *arg);

/* One more thread; the lock is held. When the system has no more, so be it. */
static void pool_start_thread(struct pool *pool)
{
	struct pool_worker *w = &pool->workers[pool->threads];
	pthread_attr_t attr;
	sigset_t block;
	sigset_t old;

	if (pthread_attr_init(&attr) != 0)
		return;
	(void)pthread_attr_setstacksize(&attr, POOL_STACK);
	(void)sigfillset(&block);
	(void)sigdelset(&block, SIGSEGV);
	(void)sigdelset(&block, SIGBUS);
	(void)sigdelset(&block, SIGFPE);
	(void)sigdelset(&block, SIGILL);
	(void)sigdelset(&block, SIGABRT);
	(void)pthread_sigmask(SIG_SETMASK, &block, &old);
	if (pthread_create(&w->thread, &attr, pool_thread, w) == 0)
		pool->threads++;
	else
		pool->max = pool->threads;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	pool->streak = 0;
}

/* A job was taken; the lock is held. `slow`: the taker's last jobs waited for the disk. */
static void pool_consider_thread(struct pool *pool, bool slow)
{
	unsigned limit = slow ? pool->max : pool->busy;

	pool->streak = pool->top != NULL ? pool->streak + 1 : 0;
	if (pool->top == NULL || pool->held || pool->ending || pool->waiting != 0 ||
	    pool->threads >= limit || pool->threads >= pool->max)
		return;
	if (slow || pool->streak >= POOL_STREAK)
		pool_start_thread(pool);
}

/* Takes and runs the newest job; the lock is held before and after. */
static void pool_run_top(struct pool *pool, struct pool_worker *w)
{
	struct pool_job *job = pool_unlink(pool, pool->top);
	bool slow;

	pool->running++;
	(void)pthread_mutex_unlock(&pool->lock);
	pool->run(job, w->id, pool->user);
	slow = pool_waits_for_disk(w);
	(void)pthread_mutex_lock(&pool->lock);
	pool_consider_thread(pool, slow);
	pool->running--;
	if (pool->running == 0 && pool->top == NULL && pool->waiting != 0)
		(void)pthread_cond_broadcast(&pool->changed);
}

static void pool_wait(struct pool *pool, struct pool_worker *w)
{
	pool->waiting++;
	(void)pthread_cond_wait(&pool->changed, &pool->lock);
	pool->waiting--;
	w->jobs = 0;
	w->wall_ns = 0; /* idle time is not waiting for the disk */
}

static void *pool_thread(void *arg)
{
	struct pool_worker *w = arg;
	struct pool *pool = w->pool;

	(void)pthread_mutex_lock(&pool->lock);
	while (!pool->ending) {
		if (pool->top == NULL || pool->held)
			pool_wait(pool, w);
		else
			pool_run_top(pool, w);
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct pool *pool_new(unsigned busy, unsigned max, pool_run *run, void *user)
{
	unsigned n = max > 1 ? max : 1;
	struct pool *pool = mem_alloc_zeroed(sizeof(*pool) + n * sizeof(pool->workers[0]));

	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)pthread_cond_init(&pool->changed, NULL);
	pool->threads = 1;
	pool->busy = busy;
	pool->max = n;
	pool->run = run;
	pool->user = user;
	for (unsigned i = 0; i < n; i++) {
		pool->workers[i].pool = pool;
		pool->workers[i].id = i;
	}
	return pool;
}

struct pool *pool_free(struct pool *pool)
{
	if (pool == NULL)
		return NULL;
	(void)pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	(void)pthread_cond_broadcast(&pool->changed);
	(void)pthread_mutex_unlock(&pool->lock);
	/* No thread starts another one once `ending` is seen, and all are waited for. */
	for (unsigned i = 1; i < pool->threads; i++)
		(void)pthread_join(pool->workers[i].thread, NULL);
	(void)pthread_cond_destroy(&pool->changed);
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool);
	return NULL;
}

void pool_add(struct pool *pool, struct pool_list *list)
{
	if (list->len == 0)
		return;
	for (struct pool_job *job = list->first; job != NULL; job = job->next)
		job->queued = true;
	(void)pthread_mutex_lock(&pool->lock);
	list->last->next = pool->top;
	if (pool->top != NULL)
		pool->top->prev = list->last;
	pool->top = list->first;
	pool->queued += list->len;
	if (pool->waiting != 0 && !pool->held) {
		if (list->len == 1)
			(void)pthread_cond_signal(&pool->changed);
		else
			(void)pthread_cond_broadcast(&pool->changed);
	}
	(void)pthread_mutex_unlock(&pool->lock);
	*list = (struct pool_list){ 0 };
}

void pool_drain(struct pool *pool)
{
	pool_hold(pool, false);
	(void)pthread_mutex_lock(&pool->lock);
	while (pool->top != NULL || pool->running != 0) {
		if (pool->top != NULL)
			pool_run_top(pool, &pool->workers[0]);
		else
			pool_wait(pool, &pool->workers[0]);
	}
	(void)pthread_mutex_unlock(&pool->lock);
}

bool pool_help(struct pool *pool)
{
	bool found;

	(void)pthread_mutex_lock(&pool->lock);
	found = pool->top != NULL;
	if (found)
		pool_run_top(pool, &pool->workers[0]);
	(void)pthread_mutex_unlock(&pool->lock);
	return found;
}

bool pool_take(struct pool *pool, struct pool_job *job, unsigned worker)
{
	bool found;

	(void)pthread_mutex_lock(&pool->lock);
	found = job->queued;
	if (found) {
		(void)pool_unlink(pool, job);
		pool_consider_thread(pool, pool_waits_for_disk(&pool->workers[worker]));
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return found;
}

void pool_hold(struct pool *pool, bool held)
{
	(void)pthread_mutex_lock(&pool->lock);
	pool->held = held;
	if (!held && pool->top != NULL && pool->waiting != 0)
		(void)pthread_cond_broadcast(&pool->changed);
	(void)pthread_mutex_unlock(&pool->lock);
}

size_t pool_queued(struct pool *pool)
{
	size_t n;

	(void)pthread_mutex_lock(&pool->lock);
	n = pool->queued;
	(void)pthread_mutex_unlock(&pool->lock);
	return n;
}

unsigned pool_threads(struct pool *pool)
{
	unsigned n;

	(void)pthread_mutex_lock(&pool->lock);
	n = pool->threads;
	(void)pthread_mutex_unlock(&pool->lock);
	return n;
}
