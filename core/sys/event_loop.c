/* SPDX-License-Identifier: MIT */
#include "sys/event_loop.h"

#include "base/clock.h"
#include "base/vec.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

enum { NS_PER_S = 1000000000 };

struct watch {
	int fd;
	event_ready *ready;
	void *user;
};

struct watches {
	VEC_FIELDS(struct watch);
};

struct timers {
	VEC_FIELDS(struct event_timer *);
};

struct event_loop {
	int epoll;
	int clock;   /* the timerfd, or -1 while no timer was armed */
	int signals; /* the signalfd, or -1 */
	int64_t set; /* what the timerfd is set to; 0: nothing */
	sigset_t before;
	event_signal *caught;
	void *user;
	struct watches watches;
	struct timers timers;
};

int event_loop_new(struct event_loop **ret)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct event_loop *loop;

	if (epoll < 0)
		return -errno;
	loop = mem_alloc_zeroed(sizeof(*loop));
	loop->epoll = epoll;
	loop->clock = -1;
	loop->signals = -1;
	(void)pthread_sigmask(SIG_SETMASK, NULL, &loop->before);
	*ret = loop;
	return 0;
}

struct event_loop *event_loop_free(struct event_loop *loop)
{
	if (loop == NULL)
		return NULL;
	if (loop->signals >= 0) {
		(void)close(loop->signals);
		(void)pthread_sigmask(SIG_SETMASK, &loop->before, NULL);
	}
	if (loop->clock >= 0)
		(void)close(loop->clock);
	(void)close(loop->epoll);
	vec_release(&loop->watches);
	vec_release(&loop->timers);
	free(loop);
	return NULL;
}

static int watch_fd(struct event_loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .fd = fd } };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int event_loop_catch(struct event_loop *loop, const sigset_t *signals, event_signal *caught,
                     void *user)
{
	int r;

	(void)pthread_sigmask(SIG_BLOCK, signals, &loop->before);
	loop->signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	r = loop->signals < 0 ? -errno : watch_fd(loop, loop->signals, EPOLLIN);
	if (r < 0)
		(void)pthread_sigmask(SIG_SETMASK, &loop->before, NULL);
	loop->caught = caught;
	loop->user = user;
	return r;
}

const sigset_t *event_loop_mask(const struct event_loop *loop)
{
	return &loop->before;
}

static struct watch *find_watch(struct event_loop *loop, int fd)
{
	for (size_t i = 0; i < loop->watches.len; i++) {
		if (loop->watches.items[i].fd == fd)
			return &loop->watches.items[i];
	}
	return NULL;
}

int event_loop_add(struct event_loop *loop, int fd, uint32_t events, event_ready *ready, void *user)
{
	int r = watch_fd(loop, fd, events);

	if (r == 0)
		vec_push(&loop->watches, (struct watch){ fd, ready, user });
	return r;
}

void event_loop_change(struct event_loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .fd = fd } };

	(void)epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, &event);
}

void event_loop_remove(struct event_loop *loop, int fd)
{
	struct watch *watch = find_watch(loop, fd);

	if (watch == NULL)
		return;
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
	*watch = vec_last(&loop->watches);
	loop->watches.len--;
}

/* The timer whose time comes first, or NULL. */
static struct event_timer *first_timer(const struct event_loop *loop)
{
	struct event_timer *first = NULL;

	for (size_t i = 0; i < loop->timers.len; i++) {
		struct event_timer *timer = loop->timers.items[i];

		if (first == NULL || (timer != NULL && timer->at < first->at))
			first = timer;
	}
	return first;
}

/* The timerfd goes off at the nearest of the points, or not at all. */
static void set_clock(struct event_loop *loop)
{
	const struct event_timer *first = first_timer(loop);
	int64_t nearest = first != NULL ? first->at : 0;
	struct itimerspec spec = { .it_value = { .tv_sec = nearest / NS_PER_S,
		                                 .tv_nsec = nearest % NS_PER_S } };

	if (nearest == loop->set || loop->clock < 0)
		return;
	loop->set = nearest;
	(void)timerfd_settime(loop->clock, TFD_TIMER_ABSTIME, &spec, NULL);
}

void event_loop_arm(struct event_loop *loop, struct event_timer *timer, int64_t at)
{
	if (loop->clock < 0) {
		loop->clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		/* Without it event_loop_step() asks epoll to wake up in time. */
		if (loop->clock >= 0)
			ignore(watch_fd(loop, loop->clock, EPOLLIN));
	}
	if (timer->at == 0)
		vec_push(&loop->timers, timer);
	timer->at = at > 0 ? at : 1;
	set_clock(loop);
}

void event_loop_disarm(struct event_loop *loop, struct event_timer *timer)
{
	if (timer->at == 0)
		return;
	timer->at = 0;
	for (size_t i = 0; i < loop->timers.len; i++) {
		if (loop->timers.items[i] == timer) {
			loop->timers.items[i] = vec_last(&loop->timers);
			loop->timers.len--;
			break;
		}
	}
	set_clock(loop);
}

/* The earliest of the timers whose time has come. */
static bool expire_one(struct event_loop *loop)
{
	struct event_timer *first = first_timer(loop);

	if (first == NULL || first->at > clock_now())
		return false;
	event_loop_disarm(loop, first);
	first->expire(first->user);
	return true;
}

static int handle_clock(struct event_loop *loop)
{
	uint64_t times;

	ignore(read(loop->clock, &times, sizeof(times)));
	/* It has gone off: whatever comes next has to be set. */
	loop->set = -1;
	(void)expire_one(loop);
	set_clock(loop);
	return 0;
}

static int handle_signal(struct event_loop *loop)
{
	struct signalfd_siginfo info;
	ssize_t n = read(loop->signals, &info, sizeof(info));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == (ssize_t)sizeof(info))
		loop->caught(&info, loop->user);
	return 0;
}

static int handle(struct event_loop *loop, const struct epoll_event *event)
{
	struct watch *watch;

	if (event->data.fd == loop->clock)
		return handle_clock(loop);
	if (event->data.fd == loop->signals)
		return handle_signal(loop);
	watch = find_watch(loop, event->data.fd);
	if (watch != NULL)
		watch->ready(event->events, watch->user);
	return 0;
}

int event_loop_step(struct event_loop *loop)
{
	/* Only when there is no timerfd: then the points are looked at ten times a second. */
	int wait = loop->clock < 0 && loop->timers.len > 0 ? 100 : -1;
	struct epoll_event event;
	int n;

	do {
		n = epoll_wait(loop->epoll, &event, 1, wait);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return (void)expire_one(loop), 0;
	return handle(loop, &event);
}
