/* SPDX-License-Identifier: MIT */
#include "sys/event_loop.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

TestSuite(event_loop);

struct seen {
	struct event_loop *loop;
	char order[16];
	size_t len;
	int fd;
};

static void note(struct seen *s, char what)
{
	cr_assert(s->len + 1 < sizeof(s->order));
	s->order[s->len++] = what;
}

static void on_a(void *user)
{
	note(user, 'a');
}

static void on_b(void *user)
{
	note(user, 'b');
}

static void on_signal(const struct signalfd_siginfo *info, void *user)
{
	note(user, info->ssi_signo == SIGUSR1 ? 'u' : '?');
}

static void on_ready(uint32_t events, void *user)
{
	struct seen *s = user;

	note(s, (events & EPOLLIN) != 0 ? 'r' : 'h');
	event_loop_remove(s->loop, s->fd);
}

Test(event_loop, calls_timers_in_their_order)
{
	struct seen s = { 0 };
	struct event_timer a = { .expire = on_a, .user = &s };
	struct event_timer b = { .expire = on_b, .user = &s };
	struct event_timer never = { .expire = on_a, .user = &s };
	int64_t now = clock_now();

	cr_assert_eq(event_loop_new(&s.loop), 0);
	event_loop_arm(s.loop, &never, now + INT64_C(3600000000000));
	event_loop_arm(s.loop, &b, now + 2000000);
	event_loop_arm(s.loop, &a, now + 1000000);
	while (s.len < 2)
		cr_assert_eq(event_loop_step(s.loop), 0);
	cr_expect_str_eq(s.order, "ab");
	cr_expect(clock_now() >= now + 2000000);
	cr_expect_eq(a.at, 0);
	/* What is over already comes at once; what was disarmed does not. */
	event_loop_arm(s.loop, &a, 1);
	event_loop_arm(s.loop, &b, 1);
	event_loop_disarm(s.loop, &a);
	cr_assert_eq(event_loop_step(s.loop), 0);
	cr_expect_str_eq(s.order, "abb");
	event_loop_free(s.loop);
}

Test(event_loop, hands_signals_over_and_gives_them_back)
{
	struct seen s = { 0 };
	sigset_t set, now;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	cr_assert_eq(event_loop_new(&s.loop), 0);
	cr_assert_eq(event_loop_catch(s.loop, &set, on_signal, &s), 0);
	cr_expect_eq(sigismember(event_loop_mask(s.loop), SIGUSR1), 0);
	cr_assert_eq(raise(SIGUSR1), 0);
	cr_assert_eq(event_loop_step(s.loop), 0);
	cr_expect_str_eq(s.order, "u");
	event_loop_free(s.loop);
	(void)sigprocmask(SIG_SETMASK, NULL, &now);
	cr_expect_eq(sigismember(&now, SIGUSR1), 0);
}

Test(event_loop, watches_descriptors)
{
	struct seen s = { 0 };
	int ends[2];
	int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(event_loop_new(&s.loop), 0);
	s.fd = ends[0];
	cr_assert_eq(event_loop_add(s.loop, s.fd, EPOLLIN, on_ready, &s), 0);
	cr_expect_eq(event_loop_add(s.loop, s.fd, EPOLLIN, on_ready, &s), -EEXIST);
	cr_expect_eq(event_loop_add(s.loop, -1, EPOLLIN, on_ready, &s), -EBADF);
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_assert_eq(event_loop_step(s.loop), 0);
	/* Removed by its handler: it may be added again. */
	cr_assert_eq(event_loop_add(s.loop, s.fd, EPOLLIN, on_ready, &s), 0);
	event_loop_change(s.loop, s.fd, 0);
	(void)close(ends[1]);
	cr_assert_eq(event_loop_step(s.loop), 0);
	cr_expect_str_eq(s.order, "rh");
	(void)close(ends[0]);
	(void)close(file);
	event_loop_free(s.loop);
}
