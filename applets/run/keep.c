/* SPDX-License-Identifier: MIT */
/* The keeper: parent of the command and of all that comes from it, when the parents of that end. */
#include "attempt.h"
#include "dialogue.h"
#include "output.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/wait.h>

/* Between attempts there is none. */
struct keeper {
	struct run *r;
	struct attempt *attempt;
};

static bool ends_a_run(int signo)
{
	return signo == SIGTERM || signo == SIGINT || signo == SIGHUP || signo == SIGQUIT;
}

/* To the command and its group: as init does, and for what does not end a run. */
static void pass_on(const struct keeper *k, int signo)
{
	const struct attempt *a = k->attempt;

	if (a == NULL || a->leader_ended)
		return;
	/* The group is the command's as long as that has not been collected. */
	if (!k->r->init || getpgid(a->child.pid) != a->child.pid)
		ignore(spawn_signal(&a->child, signo));
	else
		(void)kill(-a->child.pid, signo);
}

static void on_signal(const struct signalfd_siginfo *info, void *user)
{
	struct keeper *k = user;
	struct run *r = k->r;
	int signo = (int)info->ssi_signo;
	int meaning = r->rewrite[signo];

	/* look_around() follows each event. */
	if (signo == SIGCHLD || signo == SIGTTIN || signo == SIGTTOU || signo == SIGPIPE)
		return;
	if (signo == SIGWINCH)
		output_resize(r);
	if (meaning == 0 || (signo == SIGWINCH && !r->init) ||
	    (k->attempt != NULL && hooks_signal(r, meaning, k->attempt->child.pid)))
		return;
	if (r->init || !ends_a_run(signo)) {
		pass_on(k, meaning);
		return;
	}
	r->stop_signal = r->stop_signal != 0 ? r->stop_signal : signo;
	if (k->attempt != NULL)
		attempt_end(k->attempt, meaning);
}

static void on_life(uint32_t events, void *user)
{
	struct keeper *k = user;

	(void)events;
	k->r->abandoned = true;
	event_loop_remove(k->r->loop, k->r->life);
	if (k->attempt != NULL)
		attempt_kill(k->attempt);
}

static void find_terminal(struct run *r)
{
	for (int fd = 0; fd <= 2 && !r->opts->pty && !r->opts->foreground; fd++) {
		if (isatty(fd) == 1 && tcgetpgrp(fd) == getpgrp()) {
			r->terminal = fd;
			return;
		}
	}
}

int keep_begin(struct run *r)
{
	static const int signals[] = { SIGCHLD, SIGTTOU, SIGTTIN, SIGWINCH, SIGPIPE };
	struct keeper *k = mem_alloc_zeroed(sizeof(*k));
	sigset_t set = r->signals;
	int err;

	r->keeper = k;
	k->r = r;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		(void)sigaddset(&set, signals[i]);
	err = process_tree_begin(r->opts->isolate == ISOLATE_PIDNS
	                                 ? TREE_DESCENDANTS
	                                 : (enum tree_reach)r->opts->isolate,
	                         &r->tree);
	if (err < 0)
		return err;
	given_memory(r);
	find_terminal(r);
	err = event_loop_new(&r->loop);
	if (err == 0)
		err = event_loop_catch(r->loop, &set, on_signal, k);
	if (err == 0)
		err = event_loop_add(r->loop, r->life, EPOLLIN, on_life, k);
	return err;
}

/* A reader that went away is no news any more, and must not end us once signals are let through. */
static void forget_pipe(void)
{
	static const struct timespec now = { .tv_sec = 0 };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigtimedwait(&set, NULL, &now);
}

void keep_end(struct run *r)
{
	if (r->output != NULL)
		forget_pipe();
	if (r->terminal >= 0)
		(void)tcsetpgrp(r->terminal, getpgrp());
	r->loop = event_loop_free(r->loop);
	process_tree_end(&r->tree);
	free(r->keeper);
	r->keeper = NULL;
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
	int err;

	r->keeper->attempt = a;
	err = attempt_watch(a);
	r->keeper->attempt = NULL;
	return err;
}

int keep_hook(struct run *r, struct attempt *a)
{
	struct outcome outcome = r->outcome;
	int err, code;

	r->outcome = (struct outcome){ 0 };
	err = watch(r, a);
	code = err < 0 ? CODE_FAILED : spawn_status_code(r->outcome.wait_status);
	r->outcome = outcome;
	return code;
}

int keep_attempt(struct run *r)
{
	struct attempt a = { .r = r, .child = { .pidfd = -1 } };
	enum spawn_step step;
	int err = start_spool(r);

	if (err < 0)
		return err;
	r->outcome = (struct outcome){ 0 };
	err = start_command(r, &a.child, &step);
	if (err < 0) {
		r->outcome.code = report_start_failure(r, err, step);
		return output_finish(r);
	}
	err = watch(r, &a);
	if (err == 0)
		err = output_finish(r);
	r->outcome.memory_short = given_memory_was_short(r);
	r->outcome.code = final_code(r);
	if (r->outcome.code == 0 && said_something(r))
		r->outcome.code = 1;
	if (!dialogue_end(r) && r->outcome.code == 0)
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
