/* SPDX-License-Identifier: MIT */
/*
 * The process that was started as "run". It hands signals on to the keeper and waits. When the
 * keeper is killed, the command's processes become the guard's children, and it ends them;
 * when the guard is killed, the keeper sees the end of a pipe, and ends them.
 */
#include "run.h"

#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { GIVE_UP_ROUNDS = 600, ROUND_NS = 5 * 1000 * 1000 };

static void collect_signals(const struct run *r, sigset_t *ret)
{
	static const int signals[] = { SIGCHLD, SIGTTOU, SIGTTIN };

	*ret = r->signals;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		(void)sigaddset(ret, signals[i]);
}

/* Children from before the keeper, which whoever became "run" by exec had, are not ours to end. */
static unsigned kill_younger(const struct process_tree *tree, uint64_t start)
{
	struct process_refs refs = { 0 };
	unsigned n = 0;

	if (process_tree_list(tree, &refs) < 0)
		return 0;
	for (size_t i = 0; i < refs.len; i++) {
		if (refs.items[i].start < start)
			continue;
		ignore(process_signal(tree->proc, &refs.items[i], SIGKILL));
		n++;
	}
	vec_release(&refs);
	return n;
}

static void reap(void)
{
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, WNOHANG);
	} while (pid > 0);
}

/* The keeper was killed: what it kept has no other parent than the guard now. */
static void end_orphans(uint64_t start)
{
	static const struct timespec pause = { .tv_nsec = ROUND_NS };
	struct process_tree tree;

	if (process_tree_begin(TREE_DESCENDANTS, &tree) < 0)
		return;
	for (int i = 0; i < GIVE_UP_ROUNDS && kill_younger(&tree, start) > 0; i++) {
		reap();
		(void)nanosleep(&pause, NULL);
	}
	process_tree_end(&tree);
}

static uint64_t start_of(pid_t pid)
{
	struct process_tree tree;
	struct process_ref ref = { 0 };

	if (process_tree_begin(TREE_LEADER, &tree) < 0)
		return UINT64_MAX;
	if (process_look(tree.proc, pid, &ref) < 0)
		ref.start = UINT64_MAX;
	process_tree_end(&tree);
	return ref.start;
}

/* Collects whoever has ended. True: the keeper is among them. */
static bool collect(pid_t keeper, int *ret_wait_status)
{
	int wait_status;
	bool found = false;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
		if (pid == keeper) {
			*ret_wait_status = wait_status;
			found = true;
		}
	}
	return found;
}

/* What has the terminal gets it back; nobody in a namespace can name our group. */
static void take_terminal_back(int terminal)
{
	if (terminal >= 0 && tcgetpgrp(terminal) != getpgrp())
		(void)tcsetpgrp(terminal, getpgrp());
}

/* The terminal whose foreground we are; -1: none. */
static int own_terminal(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (isatty(fd) == 1 && tcgetpgrp(fd) == getpgrp())
			return fd;
	}
	return -1;
}

static int watch(const struct run *r, pid_t keeper, const sigset_t *signals)
{
	uint64_t start = start_of(keeper);
	int wait_status = 0, last = 0;

	while (!collect(keeper, &wait_status)) {
		siginfo_t info;
		int signo = sigwaitinfo(signals, &info);

		if (signo <= 0 || signo == SIGCHLD || signo == SIGTTIN || signo == SIGTTOU)
			continue;
		last = signo;
		(void)kill(keeper, signo);
	}
	/* The first process of a namespace cannot die by a signal of its own. */
	if (WIFEXITED(wait_status) && r->opts->isolate == ISOLATE_PIDNS && last != 0 &&
	    WEXITSTATUS(wait_status) == CODE_SIGNAL + last)
		sig_stop(last);
	if (!WIFSIGNALED(wait_status))
		return WEXITSTATUS(wait_status);
	terminal_give_back(r);
	end_orphans(start);
	process_tree_clean_up(keeper);
	/* It was stopped by a signal, and so was the guard. */
	if (WTERMSIG(wait_status) != SIGKILL)
		sig_stop(WTERMSIG(wait_status));
	return CODE_SIGNAL + WTERMSIG(wait_status);
}

static int fork_keeper(const struct run *r, pid_t *ret)
{
	if (r->opts->isolate == ISOLATE_PIDNS)
		return namespace_fork(ret);
	*ret = fork();
	return *ret < 0 ? -errno : 0;
}

int guard_fork(struct run *r, bool *ret_is_guard, int *ret_status)
{
	int terminal = own_terminal();
	pid_t keeper = -1;
	sigset_t signals;
	int life[2];
	int err;

	if (pipe2(life, O_CLOEXEC) < 0)
		return -errno;
	collect_signals(r, &signals);
	(void)sigprocmask(SIG_BLOCK, &signals, &r->mask);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	err = fork_keeper(r, &keeper);
	if (keeper < 0) {
		(void)close(life[0]);
		(void)close(life[1]);
		(void)sigprocmask(SIG_SETMASK, &r->mask, NULL);
		return err;
	}
	*ret_is_guard = keeper > 0;
	(void)close(life[keeper > 0 ? 0 : 1]);
	if (keeper == 0) {
		r->life = life[0];
		return err;
	}
	*ret_status = watch(r, keeper, &signals);
	take_terminal_back(terminal);
	(void)close(life[1]);
	return 0;
}
