/* SPDX-License-Identifier: MIT */
/*
 * Waiting for descriptors, signals and points in time at once, on one thread: epoll(7), a
 * signalfd(2) and a timerfd(2). Handlers are called one event at a time, so a handler may
 * add, remove and disarm whatever it likes; what it removes is not called again.
 *
 * Points in time are those of clock_now() (CLOCK_MONOTONIC): setting the clock does not move
 * them, and the time a machine is suspended does not count.
 */
#pragma once

#include "base/base.h"

#include <signal.h>
#include <sys/signalfd.h>

struct event_loop;

/* `events` are epoll's: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR. */
typedef void event_ready(uint32_t events, void *user);
typedef void event_signal(const struct signalfd_siginfo *info, void *user);
typedef void event_expire(void *user);

/* 0 or -errno. */
MUST_USE int event_loop_new(struct event_loop **ret);
/* Also gives the signals back that event_loop_catch() took; pending ones arrive then. */
struct event_loop *event_loop_free(struct event_loop *loop);
DEFINE_AUTO_FREE(event_loop)

/*
 * Blocks the signals and hands them to `caught` instead. Once for each loop. 0 or -errno. Those
 * that arrived while blocked before are handed over too.
 */
MUST_USE int event_loop_catch(struct event_loop *loop, const sigset_t *signals,
                              event_signal *caught, void *user);
/* The mask from before event_loop_catch(): what programs are started with. */
const sigset_t *event_loop_mask(const struct event_loop *loop);

/*
 * Watches `fd`, which stays the caller's, for `events`. 0 or -errno: -EPERM for a regular file,
 * which is always ready; -EEXIST when it is watched already.
 */
MUST_USE int event_loop_add(struct event_loop *loop, int fd, uint32_t events, event_ready *ready,
                            void *user);
/* Other events from now on; no events leave only EPOLLHUP and EPOLLERR. */
void event_loop_change(struct event_loop *loop, int fd, uint32_t events);
/* Before `fd` is closed. A descriptor that is not watched is passed over. */
void event_loop_remove(struct event_loop *loop, int fd);

/* A point in time, part of a struct of the caller's; zeroed but for these two at first. */
struct event_timer {
	event_expire *expire;
	void *user;
	int64_t at; /* 0: not armed */
};

/* Calls `expire` once at `at`, or soon when that is over. It must live until it is disarmed. */
void event_loop_arm(struct event_loop *loop, struct event_timer *timer, int64_t at);
void event_loop_disarm(struct event_loop *loop, struct event_timer *timer);

/* Sleeps until something happens and calls its handler. 0 or -errno. */
MUST_USE int event_loop_step(struct event_loop *loop);
