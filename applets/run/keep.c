/* SPDX-License-Identifier: MIT */
/*
 * The keeper: parent of the command and of all that comes from it, when the parents of that end.
 * One attempt runs, may be told to end (a limit, a signal, the policy about children), is
 * killed when it does not, and is over when nobody is left who should not be.
 */
#include "run.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/wait.h>

/* KILL is repeated until nobody is left, at first after 2 ms; after 3 s it is given up. */
static const int64_t kill_pause_ns = INT64_C(2000000);
static const int64_t kill_limit_ns = INT64_C(3000000000);

enum phase { PHASE_RUNNING, PHASE_ENDING, PHASE_KILLING, PHASE_OVER };

struct attempt {
	struct run *r;
	struct spawn_child child;
	enum phase phase;
	bool leader_ended;
	size_t step;      /* of the schedule: the next to be sent */
	int first_signal; /* stands for the first of the schedule; 0: none does */
	int64_t kill_until;
	struct event_timer limit, next;
};

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

static void begin_killing(struct attempt *a)
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
		begin_killing(a);
		return;
	}
	count = process_tree_signal(&a->r->tree, signo);
	if (count.reached > a->r->outcome.signalled)
		a->r->outcome.signalled = count.reached;
	if (a->step < schedule->len)
		event_loop_arm(a->r->loop, &a->next, later(step->wait_ns));
}

/* `signo` instead of the first of the schedule; 0: as it says. */
static void begin_ending(struct attempt *a, int signo)
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
	begin_ending(a, 0);
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
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG | WUNTRACED)) > 0) {
		if (pid == a->child.pid && WIFSTOPPED(wait_status)) {
			stop_together(a);
			continue;
		}
		if (WIFSTOPPED(wait_status))
			continue;
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
	int policy = a->r->opts->children;

	if (policy == CHILDREN_DEFAULT)
		policy = WIFSIGNALED(a->r->outcome.wait_status) ? CHILDREN_KILL : CHILDREN_LEAVE;
	if (policy == CHILDREN_LEAVE)
		a->phase = PHASE_OVER;
	else if (policy == CHILDREN_KILL)
		begin_ending(a, 0);
}

static void look_around(struct attempt *a)
{
	collect(a);
	if (a->phase != PHASE_OVER && is_empty(a))
		a->phase = PHASE_OVER;
	else if (a->phase == PHASE_RUNNING && a->leader_ended)
		settle_children(a);
}

/* Between attempts there is none. */
struct keeper {
	struct run *r;
	struct attempt *attempt;
};

static void on_signal(const struct signalfd_siginfo *info, void *user)
{
	struct keeper *k = user;
	int signo = (int)info->ssi_signo;

	switch (signo) {
	case SIGCHLD:
		/* look_around() follows each event. */
	case SIGTTIN:
	case SIGTTOU:
		return;
	case SIGUSR1:
	case SIGUSR2:
		if (k->attempt != NULL && !k->attempt->leader_ended)
			ignore(spawn_signal(&k->attempt->child, signo));
		return;
	default:
		k->r->stop_signal = k->r->stop_signal != 0 ? k->r->stop_signal : signo;
		if (k->attempt != NULL)
			begin_ending(k->attempt, signo);
	}
}

static void on_life(uint32_t events, void *user)
{
	struct keeper *k = user;

	(void)events;
	k->r->abandoned = true;
	event_loop_remove(k->r->loop, k->r->life);
	if (k->attempt != NULL)
		begin_killing(k->attempt);
}

static void find_terminal(struct run *r)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (isatty(fd) == 1 && tcgetpgrp(fd) == getpgrp()) {
			r->terminal = fd;
			return;
		}
	}
}

int keep_begin(struct run *r)
{
	static const int signals[] = { SIGTERM, SIGINT,  SIGHUP,  SIGQUIT, SIGUSR1,
		                       SIGUSR2, SIGCHLD, SIGTTOU, SIGTTIN };
	struct keeper *k = mem_alloc_zeroed(sizeof(*k));
	sigset_t set;
	int err;

	r->keeper = k;
	k->r = r;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		(void)sigaddset(&set, signals[i]);
	err = process_tree_begin((enum tree_reach)r->opts->isolate, &r->tree);
	if (err < 0)
		return err;
	find_terminal(r);
	err = event_loop_new(&r->loop);
	if (err == 0)
		err = event_loop_catch(r->loop, &set, on_signal, k);
	if (err == 0)
		err = event_loop_add(r->loop, r->life, EPOLLIN, on_life, k);
	return err;
}

void keep_end(struct run *r)
{
	if (r->terminal >= 0)
		(void)tcsetpgrp(r->terminal, getpgrp());
	r->loop = event_loop_free(r->loop);
	process_tree_end(&r->tree);
	free(r->keeper);
	r->keeper = NULL;
}

static void arm_limit(struct attempt *a)
{
	int64_t at = a->r->total_at;
	int64_t own = a->r->timeout > 0 ? later(a->r->timeout) : 0;

	if (own != 0 && (at == 0 || own < at))
		at = own;
	if (at != 0)
		event_loop_arm(a->r->loop, &a->limit, at);
}

static void count_left(struct attempt *a)
{
	struct process_refs refs = { 0 };

	if (!is_empty(a) && process_tree_list(&a->r->tree, &refs) == 0)
		a->r->outcome.left_running = (unsigned)refs.len;
	vec_release(&refs);
}

static int final_code(const struct run *r)
{
	const struct outcome *o = &r->outcome;
	int own = spawn_status_code(o->wait_status);

	if (o->timed_out && o->denied > 0)
		return CODE_FAILED;
	if (o->timed_out && !r->opts->preserve_status && own != CODE_SIGNAL + SIGKILL)
		return CODE_TIMED_OUT;
	return own;
}

/* chronic's rule: what was said on standard error counts as a failure. */
static bool said_something(const struct run *r)
{
	int fd = r->spool[1];

	return r->opts->stderr_fails && fd >= 0 && lseek(fd, 0, SEEK_END) > 0;
}

static int watch(struct run *r, struct attempt *a)
{
	int err = 0;

	r->keeper->attempt = a;
	r->tree.leader = a->child.pid;
	r->outcome.started = true;
	if (r->abandoned)
		begin_killing(a);
	else if (r->stop_signal != 0)
		begin_ending(a, r->stop_signal);
	arm_limit(a);
	look_around(a);
	while (err == 0 && a->phase != PHASE_OVER) {
		err = event_loop_step(r->loop);
		look_around(a);
	}
	event_loop_disarm(r->loop, &a->limit);
	event_loop_disarm(r->loop, &a->next);
	r->keeper->attempt = NULL;
	if (a->child.pidfd >= 0)
		(void)close(a->child.pidfd);
	count_left(a);
	return err;
}

int keep_attempt(struct run *r)
{
	struct attempt a = { .r = r, .child = { .pidfd = -1 } };
	enum spawn_step step;
	int err = start_spool(r);

	if (err < 0)
		return err;
	a.limit = (struct event_timer){ .expire = on_time_over, .user = &a };
	a.next = (struct event_timer){ .expire = on_next_step, .user = &a };
	r->outcome = (struct outcome){ 0 };
	err = start_command(r, &a.child, &step);
	if (err < 0) {
		r->outcome.code = report_start_failure(r, err, step);
		return 0;
	}
	err = watch(r, &a);
	r->outcome.code = final_code(r);
	if (r->outcome.code == 0 && said_something(r))
		r->outcome.code = 1;
	return err;
}

static void on_wake(void *user)
{
	bool *over = user;

	*over = true;
}

int keep_sleep(struct run *r, int64_t until)
{
	bool over = false;
	struct event_timer timer = { .expire = on_wake, .user = &over };
	int err = 0;

	event_loop_arm(r->loop, &timer, until);
	while (err == 0 && !over && r->stop_signal == 0 && !r->abandoned)
		err = event_loop_step(r->loop);
	event_loop_disarm(r->loop, &timer);
	return err;
}
