/* SPDX-License-Identifier: MIT */
#include "fs/crew.h"

#include "base/mem.h"

#include <pthread.h>

struct crew {
	struct pool *pool; /* NULL with one thread */
	unsigned threads;
	pthread_mutex_t lock;
	pthread_cond_t done;
};

static void run(struct pool_job *job, unsigned worker, void *user)
{
	struct crew *c = user;
	struct crew_work *work = (struct crew_work *)(void *)job;

	work->run(work, worker);
	pthread_mutex_lock(&c->lock);
	work->done = true;
	pthread_cond_signal(&c->done);
	pthread_mutex_unlock(&c->lock);
}

struct crew *crew_new(unsigned threads)
{
	struct crew *c = mem_alloc_zeroed(sizeof(*c));

	c->threads = threads;
	if (threads > 1)
		c->pool = pool_new(threads, threads, run, c);
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->done, NULL);
	return c;
}

struct crew *crew_free(struct crew *c)
{
	if (c != NULL) {
		if (c->pool != NULL)
			(void)pool_free(c->pool);
		(void)pthread_cond_destroy(&c->done);
		(void)pthread_mutex_destroy(&c->lock);
		free(c);
	}
	return NULL;
}

unsigned crew_threads(const struct crew *c)
{
	return c->threads;
}

void crew_add(struct crew *c, struct crew_work *work)
{
	struct pool_list list = { 0 };

	work->done = false;
	if (c->pool == NULL)
		return;
	pool_list_add(&list, &work->job);
	pool_add(c->pool, &list);
}

void crew_wait(struct crew *c, struct crew_work *work)
{
	if (c->pool == NULL || pool_take(c->pool, &work->job, 0)) {
		if (!work->done)
			work->run(work, 0);
		work->done = true;
		return;
	}
	pthread_mutex_lock(&c->lock);
	while (!work->done)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
}
