/* SPDX-License-Identifier: MIT */
/*
 * One attempt: it runs, may be told to end (a limit, a signal, the policy about children), is
 * killed when it does not, and is over when nobody is left who should not be.
 */
#include "attempt.h"
#include "dialogue.h"
#include "output.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/wait.h>

/* KILL is repeated until nobody is left, at first after 2 ms; after 3 s it is given up. */
static const int64_t kill_pause_ns = INT64_C(2000000);
static const int64_t kill_limit_ns = INT64_C(3000000000);

static void send_step(struct attempt *a);

static int64_t later(int64_t ns)
{
	int64_t now = clock_now();

	return ns < INT64_MAX - now ? now + ns : INT64_MAX;
}

/* Is there nobody left of what is ours to end? */
static bool is_empty(const struct attempt *a)
{
	struct process_refs refs = { 0 };
	bool empty;

	if (process_tree_holds_orphans(&a->r->tree)) {
		siginfo_t info;

		return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
	}
	empty = process_tree_list(&a->r->tree, &refs) < 0 || refs.len == 0;
	vec_release(&refs);
	return empty && a->leader_ended;
}

static void kill_round(void *user)
{
	struct attempt *a = user;
	struct tree_count count = process_tree_kill(&a->r->tree);
	int64_t now = clock_now();

	a->phase = PHASE_KILLING;
	if (is_empty(a)) {
		a->phase = PHASE_OVER;
	} else if (now >= a->kill_until || (count.reached == 0 && count.denied > 0)) {
		struct process_refs refs = { 0 };

		/* Of another user, or in a sleep that nothing interrupts. */
		if (process_tree_list(&a->r->tree, &refs) == 0)
			a->r->outcome.denied = (unsigned)refs.len;
		vec_release(&refs);
		a->phase = PHASE_OVER;
	} else {
		event_loop_arm(a->r->loop, &a->next, now + kill_pause_ns);
	}
}

void attempt_kill(struct attempt *a)
{
	if (a->phase == PHASE_KILLING || a->phase == PHASE_OVER)
		return;
	event_loop_disarm(a->r->loop, &a->next);
	a->next.expire = kill_round;
	a->kill_until = clock_now() + kill_limit_ns;
	kill_round(a);
}

static void on_next_step(void *user)
{
	send_step(user);
}

static void send_step(struct attempt *a)
{
	const struct signal_schedule *schedule = &a->r->schedule;
	const struct signal_step *step = &schedule->steps[a->step];
	int signo = a->step == 0 && a->first_signal != 0 ? a->first_signal : step->signo;
	struct tree_count count;

	if (a->step == schedule->len)
		return;
	a->step++;
	if (signo == SIGKILL) {
		attempt_kill(a);
		return;
	}
	count = process_tree_signal(&a->r->tree, signo);
	if (count.reached > a->r->outcome.signalled)
		a->r->outcome.signalled = count.reached;
	if (a->step < schedule->len)
		event_loop_arm(a->r->loop, &a->next, later(step->wait_ns));
}

void attempt_end(struct attempt *a, int signo)
{
	if (a->phase != PHASE_RUNNING)
		return;
	a->phase = PHASE_ENDING;
	a->first_signal = signo;
	a->step = 0;
	a->next.expire = on_next_step;
	send_step(a);
}

static void on_time_over(void *user)
{
	struct attempt *a = user;

	a->r->outcome.timed_out = true;
	a->r->outcome.total_over = a->r->total_at != 0 && clock_now() >= a->r->total_at;
	attempt_end(a, 0);
}

/* What waits for a reader of ours is not idle. */
static void on_idle(void *user)
{
	struct attempt *a = user;
	int64_t until = output_quiet_since(a->r) + a->r->idle_timeout;

	if (clock_now() < until) {
		event_loop_arm(a->r->loop, &a->idle, until);
		return;
	}
	a->r->outcome.idle_over = true;
	a->r->outcome.timed_out = true;
	attempt_end(a, 0);
}

/* Stopped from the terminal: then the run stops as well, and both go on together. */
static void stop_together(struct attempt *a)
{
	if (a->r->terminal < 0)
		return;
	(void)tcsetpgrp(a->r->terminal, getpgrp());
	(void)kill(0, SIGSTOP);
	(void)tcsetpgrp(a->r->terminal, a->child.pid);
	(void)kill(-a->child.pid, SIGCONT);
}

static void collect(struct attempt *a)
{
	struct rusage usage;
	int wait_status;
	pid_t pid;

	while ((pid = wait4(-1, &wait_status, WNOHANG | WUNTRACED, &usage)) > 0) {
		if (pid == a->child.pid && WIFSTOPPED(wait_status)) {
			stop_together(a);
			continue;
		}
		if (WIFSTOPPED(wait_status))
			continue;
		if (usage.ru_maxrss > a->r->outcome.max_rss)
			a->r->outcome.max_rss = usage.ru_maxrss;
		if (a->phase == PHASE_KILLING && WIFSIGNALED(wait_status) &&
		    WTERMSIG(wait_status) == SIGKILL)
			a->r->outcome.killed++;
		if (pid == a->child.pid) {
			a->leader_ended = true;
			a->r->outcome.wait_status = wait_status;
		}
	}
}

/* The command has ended by itself, or by a signal that was not ours. */
static void settle_children(struct attempt *a)
{
	int policy = a->is_hook ? CHILDREN_DEFAULT : a->r->opts->children;

	if (policy == CHILDREN_DEFAULT)
		policy = WIFSIGNALED(a->r->outcome.wait_status) ? CHILDREN_KILL : CHILDREN_LEAVE;
	if (policy == CHILDREN_LEAVE)
		a->phase = PHASE_OVER;
	else if (policy == CHILDREN_KILL)
		attempt_end(a, 0);
}

static void look_around(struct attempt *a)
{
	collect(a);
	output_look(a->r);
	if (a->phase == PHASE_RUNNING && !a->leader_ended && !a->is_hook &&
	    dialogue_is_late(a->r)) {
		a->r->outcome.timed_out = true;
		attempt_end(a, 0);
	}
	if (a->phase != PHASE_OVER && is_empty(a))
		a->phase = PHASE_OVER;
	else if (a->phase == PHASE_RUNNING && a->leader_ended)
		settle_children(a);
}

static void arm_limit(struct attempt *a)
{
	int64_t at = a->r->total_at;
	int64_t own = a->r->timeout > 0 ? later(a->r->timeout) : 0;

	if (own != 0 && (at == 0 || own < at))
		at = own;
	if (at != 0)
		event_loop_arm(a->r->loop, &a->limit, at);
	if (a->r->idle_timeout > 0)
		event_loop_arm(a->r->loop, &a->idle, later(a->r->idle_timeout));
}

static void count_left(struct attempt *a)
{
	struct process_refs refs = { 0 };

	if (!is_empty(a) && process_tree_list(&a->r->tree, &refs) == 0)
		a->r->outcome.left_running = (unsigned)refs.len;
	vec_release(&refs);
}

int attempt_watch(struct attempt *a)
{
	struct run *r = a->r;
	int err = 0;

	r->tree.leader = a->child.pid;
	r->outcome.started = true;
	a->next = (struct event_timer){ .expire = on_next_step, .user = a };
	a->limit = (struct event_timer){ .expire = on_time_over, .user = a };
	a->idle = (struct event_timer){ .expire = on_idle, .user = a };
	/* Both may have happened before. */
	if (r->abandoned)
		attempt_kill(a);
	else if (r->stop_signal != 0)
		attempt_end(a, r->stop_signal);
	if (!a->is_hook)
		arm_limit(a);
	look_around(a);
	while (err == 0 && a->phase != PHASE_OVER) {
		err = event_loop_step(r->loop);
		look_around(a);
	}
	event_loop_disarm(r->loop, &a->limit);
	event_loop_disarm(r->loop, &a->idle);
	event_loop_disarm(r->loop, &a->next);
	if (a->child.pidfd >= 0)
		(void)close(a->child.pidfd);
	count_left(a);
	return err;
}
