/* SPDX-License-Identifier: MIT */
#include "sys/pump.h"

#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

/* What is in a pipe at one moment is at most this (/proc/sys/fs/pipe-max-size), unless root. */
enum { BUFFER_SIZE = 64 * 1024, DRAIN_MAX = 1 << 20, LATE_MS = 20 };

struct pump {
	struct event_loop *loop;
	int fd;
	pump_deliver *deliver;
	void *user;
	bool paused, ended;
	size_t drained;
	char buffer[BUFFER_SIZE];
};

/* One read, which does not wait because something is there. */
static size_t take_one(struct pump *p)
{
	ssize_t n = read(p->fd, p->buffer, sizeof(p->buffer));

	if (n > 0) {
		p->deliver(p->buffer, (size_t)n, p->user);
		return (size_t)n;
	}
	/* A terminal without a process says EIO. */
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		p->ended = true;
		event_loop_remove(p->loop, p->fd);
	}
	return 0;
}

static void on_ready(uint32_t events, void *user)
{
	struct pump *p = user;

	(void)events;
	(void)take_one(p);
}

int pump_new(const struct pump_request *request, struct pump **ret)
{
	struct pump *p = mem_alloc(sizeof(*p));
	int r;

	p->loop = request->loop;
	p->fd = request->fd;
	p->deliver = request->deliver;
	p->user = request->user;
	p->paused = false;
	p->ended = false;
	p->drained = 0;
	r = event_loop_add(p->loop, p->fd, EPOLLIN, on_ready, p);
	if (r < 0) {
		(void)close(p->fd);
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

struct pump *pump_free(struct pump *p)
{
	if (p == NULL)
		return NULL;
	event_loop_remove(p->loop, p->fd);
	(void)close(p->fd);
	free(p);
	return NULL;
}

void pump_pause(struct pump *p, bool paused)
{
	if (p == NULL || p->paused == paused || p->ended)
		return;
	p->paused = paused;
	/* Out of the loop altogether: a hang-up would be told over and over. */
	event_loop_remove(p->loop, p->fd);
	if (!paused && event_loop_add(p->loop, p->fd, EPOLLIN, on_ready, p) < 0)
		p->ended = true;
}

bool pump_is_paused(const struct pump *p)
{
	return p->paused;
}

bool pump_ended(const struct pump *p)
{
	return p->ended;
}

bool pump_drain(struct pump *p, bool is_late)
{
	while (!p->ended && !p->paused && p->drained < DRAIN_MAX) {
		struct pollfd fd = { .fd = p->fd, .events = POLLIN };

		if (poll(&fd, 1, is_late ? LATE_MS : 0) <= 0)
			return true;
		p->drained += take_one(p);
	}
	return p->ended || p->drained >= DRAIN_MAX;
}
