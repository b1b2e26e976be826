/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include "base/mem.h"
#include "base/pool.h"

enum { TASKS_MAX = 512, THREADS_EACH_CPU = 2 };

/* In front of each task. */
struct slot {
	_Alignas(max_align_t) struct pool_job job;
	bool is_done;
};

struct window {
	struct window_calls calls;
	struct pool *pool;
	unsigned char *slots; /* owned: TASKS_MAX of `stride` bytes */
	size_t stride;
	size_t len;
	size_t shown;
	pthread_mutex_t lock; /* of `shown` and the flags of the slots */
};

static struct slot *slot_at(const struct window *w, size_t i)
{
	return (struct slot *)(void *)(w->slots + i * w->stride);
}

static void *task_of(struct slot *slot)
{
	return slot + 1;
}

/* On any thread: does one, and shows those whose turn has come. */
static void run_job(struct pool_job *job, unsigned worker, void *user)
{
	struct window *w = user;
	struct slot *slot = (struct slot *)(void *)job;

	(void)worker;
	w->calls.work(task_of(slot), w->calls.user);
	(void)pthread_mutex_lock(&w->lock);
	slot->is_done = true;
	while (w->shown < w->len && slot_at(w, w->shown)->is_done)
		w->calls.show(task_of(slot_at(w, w->shown++)), w->calls.user);
	(void)pthread_mutex_unlock(&w->lock);
}

struct window *window_new(const struct verify_run *run, const struct window_calls *calls)
{
	struct window *w = mem_alloc_zeroed(sizeof(*w));
	const size_t align = _Alignof(max_align_t);
	unsigned busy = run->opts->jobs > 0 ? (unsigned)run->opts->jobs : pool_cpus();

	w->calls = *calls;
	w->stride = sizeof(struct slot) + (calls->task_size + align - 1) / align * align;
	w->slots = mem_alloc_array(TASKS_MAX, w->stride);
	w->pool = pool_new(busy, run->opts->jobs > 0 ? busy : busy * THREADS_EACH_CPU, run_job, w);
	(void)pthread_mutex_init(&w->lock, NULL);
	return w;
}

struct window *window_free(struct window *w)
{
	if (w == NULL)
		return NULL;
	window_flush(w);
	(void)pool_free(w->pool);
	(void)pthread_mutex_destroy(&w->lock);
	free(w->slots);
	free(w);
	return NULL;
}

void window_flush(struct window *w)
{
	struct pool_list list = { 0 };

	for (size_t i = 0; i < w->len; i++)
		pool_list_add(&list, &slot_at(w, i)->job);
	if (w->len > 0) {
		pool_add(w->pool, &list);
		pool_drain(w->pool);
	}
	w->len = 0;
	w->shown = 0;
}

void *window_add(struct window *w)
{
	struct slot *slot;

	if (w->len == TASKS_MAX)
		window_flush(w);
	slot = slot_at(w, w->len++);
	memset(slot, 0, w->stride);
	return task_of(slot);
}
