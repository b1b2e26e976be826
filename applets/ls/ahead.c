/* SPDX-License-Identifier: MIT */
/*
 * Listing everything below a directory is mostly waiting for the kernel, once per file, so
 * other threads read the directories that come next. They take the nearest ones first; what is
 * read and not printed yet is bounded, and big directories, which are read by several threads
 * anyway, are never read ahead.
 */
#include "ls.h"

#include <pthread.h>
#include <sys/resource.h>

enum {
	AHEAD_FILES = 4096, /* read and not printed yet */
	AHEAD_DIRS = 64,    /* each is an open descriptor */
	DESCRIPTORS_NEEDED = 4 * AHEAD_DIRS,
};

struct ls_ahead {
	struct pool *pool;
	pthread_mutex_t lock; /* all below, the nodes, and `ready` of visits */
	pthread_cond_t became_ready;
	size_t files, dirs;
	bool held;                           /* enough is read */
	struct ls_run views[LS_THREADS_MAX]; /* of the run, one for each thread */
};

static void limit(struct ls_ahead *a)
{
	const bool held = a->files >= AHEAD_FILES || a->dirs >= AHEAD_DIRS;

	if (held == a->held)
		return;
	a->held = held;
	pool_hold(a->pool, held);
}

static void read_ahead(struct pool_job *job, unsigned worker, void *user)
{
	struct ls_visit *visit = (struct ls_visit *)(void *)job;
	struct ls_ahead *a = user;
	bool open, read;

	(void)pthread_mutex_lock(&a->lock);
	open = dir_node_open(visit->node, &visit->list.dirfd) == 0 &&
	       !dir_node_is_loop(visit->node);
	(void)pthread_mutex_unlock(&a->lock);
	read = open && ls_read_dir_ahead(&a->views[worker], &visit->list, visit->node, visit->path);
	if (!read) {
		/* The node keeps its descriptor, which is read from the start again. */
		if (open)
			(void)lseek(visit->list.dirfd, 0, SEEK_SET);
		ls_list_release(&visit->list);
		visit->list = (struct ls_list){ .path = visit->path };
	}
	(void)pthread_mutex_lock(&a->lock);
	visit->read = read;
	visit->ready = true;
	a->files += visit->list.len;
	a->dirs++;
	limit(a);
	(void)pthread_cond_broadcast(&a->became_ready);
	(void)pthread_mutex_unlock(&a->lock);
}

static bool has_descriptors(void)
{
	struct rlimit limits;

	return getrlimit(RLIMIT_NOFILE, &limits) == 0 && limits.rlim_cur >= DESCRIPTORS_NEEDED;
}

struct ls_ahead *ls_ahead_new(struct ls_run *run)
{
	pthread_mutexattr_t attr;
	unsigned threads;
	struct ls_ahead *a;

	/* Names alone are read faster than another thread wakes up. */
	if (!run->opts->recursive || !run->wants_stat || run->streams || !has_descriptors())
		return NULL;
	threads = pool_cpus();
	if (threads < 2)
		return NULL;
	if (threads > LS_THREADS_MAX)
		threads = LS_THREADS_MAX;
	a = mem_alloc_zeroed(sizeof(*a));
	(void)pthread_mutexattr_init(&attr);
	(void)pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	(void)pthread_mutex_init(&a->lock, &attr);
	(void)pthread_mutexattr_destroy(&attr);
	(void)pthread_cond_init(&a->became_ready, NULL);
	for (size_t i = 0; i < threads; i++) {
		a->views[i] = *run;
		a->views[i].attributes = NULL;
		a->views[i].defers = true;
	}
	a->pool = pool_new(threads, threads, read_ahead, a);
	return a;
}

struct ls_ahead *ls_ahead_free(struct ls_ahead *a)
{
	if (a == NULL)
		return NULL;
	a->pool = pool_free(a->pool);
	(void)pthread_cond_destroy(&a->became_ready);
	(void)pthread_mutex_destroy(&a->lock);
	for (size_t i = 0; i < LS_THREADS_MAX; i++)
		free(a->views[i].attributes);
	free(a);
	return NULL;
}

void ls_ahead_lock(struct ls_ahead *a)
{
	if (a != NULL)
		(void)pthread_mutex_lock(&a->lock);
}

void ls_ahead_unlock(struct ls_ahead *a)
{
	if (a != NULL)
		(void)pthread_mutex_unlock(&a->lock);
}

void ls_ahead_add(struct ls_ahead *a, struct ls_visit **visits, size_t len)
{
	struct pool_list jobs = { 0 };

	if (a == NULL)
		return;
	/* The one that comes first is needed before a thread would have woken up for it. */
	for (size_t i = len; i-- > 1;) {
		visits[i - 1]->shared = true;
		pool_list_add(&jobs, &visits[i - 1]->job);
	}
	pool_add(a->pool, &jobs);
}

bool ls_ahead_take(struct ls_ahead *a, struct ls_visit *visit)
{
	if (!visit->shared || pool_take(a->pool, &visit->job, 0))
		return false;
	(void)pthread_mutex_lock(&a->lock);
	while (!visit->ready) {
		bool helped = false;

		if (!a->held) {
			(void)pthread_mutex_unlock(&a->lock);
			helped = pool_help(a->pool);
			(void)pthread_mutex_lock(&a->lock);
		}
		if (!helped && !visit->ready)
			(void)pthread_cond_wait(&a->became_ready, &a->lock);
	}
	a->files -= visit->list.len;
	a->dirs--;
	limit(a);
	(void)pthread_mutex_unlock(&a->lock);
	return visit->read;
}
