/* SPDX-License-Identifier: MIT */
#include "fs/unpack_ahead.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>

enum { SLOTS = 8, SLOT_SIZE = 256 * 1024, STACK_SIZE = 256 * 1024 };

struct slot {
	ssize_t len;
	uint64_t read_bytes;
	uint8_t *bytes;
};

/* A ring that one thread fills and another empties. */
struct unpack_ahead {
	struct unpack *unpack;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned filled; /* slots that may be read, the one that is being read included */
	unsigned first;
	bool reading; /* the first one was handed out */
	bool quit;
	uint64_t read_bytes;
	struct slot slots[SLOTS];
};

static void *fill_slots(void *user)
{
	struct unpack_ahead *a = user;

	for (unsigned at = 0;; at = (at + 1) % SLOTS) {
		struct slot *s = &a->slots[at];
		bool quit;

		pthread_mutex_lock(&a->lock);
		while (a->filled == SLOTS && !a->quit)
			pthread_cond_wait(&a->moved, &a->lock);
		quit = a->quit;
		pthread_mutex_unlock(&a->lock);
		if (quit)
			return NULL;
		s->len = unpack_read(a->unpack, s->bytes, SLOT_SIZE);
		s->read_bytes = unpack_read_bytes(a->unpack);
		pthread_mutex_lock(&a->lock);
		a->filled++;
		pthread_cond_signal(&a->moved);
		pthread_mutex_unlock(&a->lock);
		if (s->len <= 0)
			return NULL;
	}
}

static bool start(struct unpack_ahead *a)
{
	pthread_attr_t attr;
	sigset_t all;
	sigset_t old;
	bool ok = false;

	if (pthread_attr_init(&attr) != 0)
		return false;
	/* Signals are for the main thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_attr_setstacksize(&attr, STACK_SIZE) == 0)
		ok = pthread_create(&a->thread, &attr, fill_slots, a) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return ok;
}

static void release(struct unpack_ahead *a)
{
	for (unsigned i = 0; i < SLOTS; i++)
		free(a->slots[i].bytes);
	(void)pthread_cond_destroy(&a->moved);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}

struct unpack_ahead *unpack_ahead_new(struct unpack *u)
{
	struct unpack_ahead *a = mem_alloc_zeroed(sizeof(*a));

	a->unpack = u;
	for (unsigned i = 0; i < SLOTS; i++)
		a->slots[i].bytes = mem_alloc(SLOT_SIZE);
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->moved, NULL);
	if (start(a))
		return a;
	release(a);
	return NULL;
}

ssize_t unpack_ahead_next(struct unpack_ahead *a, const void **ret)
{
	const struct slot *s;

	pthread_mutex_lock(&a->lock);
	if (a->reading && a->slots[a->first].len > 0) {
		a->first = (a->first + 1) % SLOTS;
		a->filled--;
		a->reading = false;
		pthread_cond_signal(&a->moved);
	}
	while (a->filled == 0)
		pthread_cond_wait(&a->moved, &a->lock);
	a->reading = true;
	s = &a->slots[a->first];
	pthread_mutex_unlock(&a->lock);
	a->read_bytes = s->read_bytes;
	*ret = s->bytes;
	return s->len;
}

uint64_t unpack_ahead_read_bytes(const struct unpack_ahead *a)
{
	return a->read_bytes;
}

struct unpack_ahead *unpack_ahead_free(struct unpack_ahead *a)
{
	if (a == NULL)
		return NULL;
	pthread_mutex_lock(&a->lock);
	a->quit = true;
	pthread_cond_signal(&a->moved);
	pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	release(a);
	return NULL;
}
