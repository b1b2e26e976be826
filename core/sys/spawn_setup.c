/* SPDX-License-Identifier: MIT */
#include "sys/spawn_setup.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/*
 * A sanitizer's runtime does not follow a child on another stack in the same memory: with one,
 * the child gets a copy.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHILD_MAY_SHARE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define CHILD_MAY_SHARE false
#endif
#endif
#ifndef CHILD_MAY_SHARE
#define CHILD_MAY_SHARE true
#endif

enum { STACK_SIZE = 64 * 1024 };

/* IOPRIO_WHO_PROCESS, which the C library has no header for. */
enum { IO_PRIORITY_PROCESS = 1 };

/* The interpreter of files that the kernel cannot execute, as execvp() has it. */
static const char shell[] = "/bin/sh";

/* What the child tells its parent when it does not become the program. */
struct failure {
	enum spawn_step step;
	int err;
};

/* Everything the child needs; nothing is allocated after the fork. */
struct birth {
	const struct spawn_request *request;
	const struct spawn_setup *setup;
	char **script; /* argv for a file in no format the kernel knows */
	char *file;    /* the file as the shell must have it; owned */
	pid_t parent;
	const sigset_t *mask; /* that the program gets; NULL: as it is */
	int report; /* write end of the pipe for a struct failure; -1: `failure` is shared */
	struct failure failure;
	sigset_t before; /* the caller's mask, while all signals are blocked */
};

static int set_group(const struct birth *b)
{
	sigset_t stop, before;
	int r = 0;

	if (b->setup->group == SPAWN_OWN_SESSION) {
		if (setsid() < 0)
			return -errno;
		return b->setup->terminal >= 0 && ioctl(b->setup->terminal, TIOCSCTTY, 0) < 0
		               ? -errno
		               : 0;
	}
	if (b->setup->group == SPAWN_OWN_GROUP && setpgid(0, 0) < 0)
		return -errno;
	if (b->setup->terminal >= 0) {
		/* A group in the background may take the terminal only while it ignores this. */
		(void)sigemptyset(&stop);
		(void)sigaddset(&stop, SIGTTOU);
		(void)sigprocmask(SIG_BLOCK, &stop, &before);
		r = tcsetpgrp(b->setup->terminal, getpgrp()) < 0 ? -errno : 0;
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		/* The terminal may be gone, or another session's by now. */
		if (r == -ENOTTY || r == -EIO || r == -EPERM)
			r = 0;
	}
	return r;
}

static int set_descriptors(const struct birth *b)
{
	for (int i = 0; i < (int)ARRAY_LEN(b->request->fds); i++) {
		int from = b->request->fds[i];

		if (from == SPAWN_NULL) {
			from = open("/dev/null", O_RDWR | O_CLOEXEC);
			if (from < 0)
				return -errno;
		}
		if (from != SPAWN_INHERIT && dup2(from, i) < 0)
			return -errno;
	}
	if (!b->setup->keeps_descriptors && close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
		/* Before 5.11: one by one. */
		for (int fd = 3; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	if (b->setup->inherited > 2 && fcntl(b->setup->inherited, F_SETFD, 0) < 0)
		return -errno;
	return 0;
}

static int set_limits(const struct birth *b)
{
	for (size_t i = 0; i < b->setup->limits_len; i++) {
		const struct spawn_limit *limit = &b->setup->limits[i];

		if (setrlimit((__rlimit_resource_t)limit->resource, &limit->limit) < 0)
			return -errno;
	}
	return 0;
}

static int set_user(const struct birth *b)
{
	const struct spawn_user *user = b->setup->user;

	if (user == NULL)
		return 0;
	if (setgroups(user->groups_len, user->groups) < 0)
		return -errno;
	if (setresgid(user->gid, user->gid, user->gid) < 0)
		return -errno;
	return setresuid(user->uid, user->uid, user->uid) < 0 ? -errno : 0;
}

/* Behind the change of user, which takes it back. */
static void set_death_signal(const struct birth *b)
{
	if (b->setup->death_signal == 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, (long)b->setup->death_signal, 0L, 0L, 0L);
	/* It may have died before. */
	if (getppid() != b->parent)
		(void)raise(b->setup->death_signal);
}

/* No handler may run in the parent's memory; exec() would take them away only later. */
static void drop_handlers(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)sigemptyset(&action.sa_mask);
	for (int signo = 1; signo < NSIG; signo++) {
		struct sigaction now;

		if (sigaction(signo, NULL, &now) == 0 && now.sa_handler != SIG_DFL &&
		    now.sa_handler != SIG_IGN)
			(void)sigaction(signo, &action, NULL);
	}
}

static void set_signals(const struct birth *b)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)sigemptyset(&action.sa_mask);
	for (int signo = 1; b->request->defaults != NULL && signo < NSIG; signo++) {
		if (sigismember(b->request->defaults, signo) == 1)
			(void)sigaction(signo, &action, NULL);
	}
	if (b->mask != NULL)
		(void)sigprocmask(SIG_SETMASK, b->mask, NULL);
}

static int prepare(const struct birth *b, enum spawn_step *step)
{
	int r;

	*step = SPAWN_STEP_GROUP;
	r = set_group(b);
	if (r < 0)
		return r;
	*step = SPAWN_STEP_NICE;
	if (b->setup->sets_nice && setpriority(PRIO_PROCESS, 0, b->setup->nice) < 0)
		return -errno;
	if (b->setup->sets_io_priority &&
	    syscall(SYS_ioprio_set, IO_PRIORITY_PROCESS, 0, b->setup->io_priority) < 0)
		return -errno;
	*step = SPAWN_STEP_LIMIT;
	r = set_limits(b);
	if (r < 0)
		return r;
	*step = SPAWN_STEP_USER;
	r = set_user(b);
	if (r < 0)
		return r;
	set_death_signal(b);
	*step = SPAWN_STEP_DIRECTORY;
	if (b->request->dir != SPAWN_INHERIT && fchdir(b->request->dir) < 0)
		return -errno;
	if (b->setup->sets_umask)
		(void)umask(b->setup->umask);
	/* Last: a limit on descriptors must not stand in the way of those that are here. */
	*step = SPAWN_STEP_DESCRIPTORS;
	return set_descriptors(b);
}

/* Returns only on failure. */
static struct failure become(const struct birth *b)
{
	struct failure failure = { 0 };

	failure.err = prepare(b, &failure.step);
	if (failure.err < 0)
		return failure;
	set_signals(b);
	failure.step = SPAWN_STEP_EXEC;
	(void)execve(b->request->file, b->request->argv, b->request->envp);
	failure.err = -errno;
	if (failure.err == -ENOEXEC) {
		(void)execve(shell, b->script, b->request->envp);
		failure.err = -errno;
	}
	return failure;
}

NO_RETURN static void be_born(struct birth *b)
{
	struct failure failure;

	if (b->report < 0)
		drop_handlers();
	failure = become(b);
	if (b->report >= 0)
		ignore(write(b->report, &failure, sizeof(failure)));
	else
		b->failure = failure;
	_exit(SPAWN_CODE_NOT_FOUND);
}

/* A new process, in the control group from the first moment on where the kernel can do that. */
static pid_t fork_into(int cgroup)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = -1;

	if (cgroup >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)cgroup;
		pid = syscall(SYS_clone3, &args, sizeof(args));
		if (pid >= 0 || errno == EAGAIN || errno == ENOMEM)
			return (pid_t)pid;
	}
	pid = fork();
	if (pid == 0 && cgroup >= 0) {
		int fd = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);

		/* 0 stands for the writer; without the group there still is the subreaper. */
		ignore(write(fd, "0", 1));
		(void)close(fd);
	}
	return (pid_t)pid;
}

/* As execvp(): sh FILE ARG...; the shell must not take the file for an option. */
static void prepare_script(struct birth *b)
{
	const struct spawn_request *request = b->request;
	AUTO_RELEASE_STRBUF struct strbuf file = { 0 };
	size_t n = 0;

	while (request->argv[n] != NULL)
		n++;
	if (request->file[0] == '-')
		strbuf_add_str(&file, "./");
	strbuf_add_str(&file, request->file);
	b->file = strbuf_detach(&file);
	b->script = mem_alloc_array(n + 2, sizeof(*b->script));
	b->script[0] = mem_strdup(shell);
	b->script[1] = b->file;
	memcpy(b->script + 2, request->argv + 1, n * sizeof(*b->script));
}

static void collect(pid_t pid)
{
	pid_t ended;

	do {
		ended = waitpid(pid, NULL, 0);
	} while (ended < 0 && errno == EINTR);
}

/* Waits until the child is the program, or says why not. */
static int hear(int report, pid_t pid, enum spawn_step *reterr)
{
	struct failure failure = { 0 };
	ssize_t n = fdio_read_full(report, &failure, sizeof(failure));

	if (n == 0)
		return 0;
	collect(pid);
	if (n != (ssize_t)sizeof(failure)) {
		*reterr = SPAWN_STEP_PROCESS;
		return n < 0 ? (int)n : -EIO;
	}
	*reterr = failure.step;
	return failure.err;
}

/* With a copy of the memory: what goes wrong is told through a pipe. */
static int start_copied(struct birth *b, pid_t *ret, enum spawn_step *reterr)
{
	int ends[2];
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	b->report = ends[1];
	*ret = fork_into(b->setup->cgroup);
	if (*ret == 0)
		be_born(b);
	r = *ret < 0 ? -errno : 0;
	(void)close(ends[1]);
	if (r == 0)
		r = hear(ends[0], *ret, reterr);
	(void)close(ends[0]);
	return r;
}

static int live(void *user)
{
	be_born(user);
}

/*
 * In this memory, on a stack of its own, while this process waits for exec(): page tables are not
 * copied, and what goes wrong is left where both see it. No signal is handled meanwhile.
 */
static int start_shared(struct birth *b, pid_t *ret, enum spawn_step *reterr)
{
	char *stack = mem_alloc(STACK_SIZE);
	sigset_t all;
	int r;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &b->before);
	if (b->mask == NULL)
		b->mask = &b->before;
	*ret = clone(live, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, b);
	r = *ret < 0 ? -errno : 0;
	(void)sigprocmask(SIG_SETMASK, &b->before, NULL);
	free(stack);
	if (r == 0 && b->failure.err != 0) {
		collect(*ret);
		*reterr = b->failure.step;
		r = b->failure.err;
	}
	return r;
}

int spawn_start_with(const struct spawn_request *request, const struct spawn_setup *setup,
                     struct spawn_child *ret, enum spawn_step *reterr)
{
	struct birth b = { .request = request,
		           .setup = setup,
		           .parent = getpid(),
		           .mask = request->mask,
		           .report = -1 };
	struct spawn_child child = { .pidfd = -1 };
	int r;

	*reterr = SPAWN_STEP_PROCESS;
	prepare_script(&b);
	/* Only a copying clone can be told the control group without a move, which takes longer. */
	if (CHILD_MAY_SHARE && setup->cgroup < 0)
		r = start_shared(&b, &child.pid, reterr);
	else
		r = start_copied(&b, &child.pid, reterr);
	if (r == 0) {
		child.pidfd = pidfd_open(child.pid, 0);
		*ret = child;
	}
	free(b.script[0]);
	free(b.script);
	free(b.file);
	return r;
}

int spawn_fork_with(const struct spawn_setup *setup, struct spawn_child *ret,
                    enum spawn_step *reterr)
{
	struct birth b = { .setup = setup, .parent = getpid() };
	struct spawn_child child = { .pidfd = -1 };

	*reterr = SPAWN_STEP_PROCESS;
	child.pid = fork_into(setup->cgroup);
	if (child.pid < 0)
		return -errno;
	if (child.pid == 0) {
		if (set_group(&b) < 0)
			_exit(SPAWN_CODE_FAILED);
		set_death_signal(&b);
	} else {
		child.pidfd = pidfd_open(child.pid, 0);
	}
	*ret = child;
	return 0;
}

int spawn_become(const struct spawn_request *request, const struct spawn_setup *setup,
                 enum spawn_step *reterr)
{
	struct birth b = { .request = request,
		           .setup = setup,
		           .parent = getppid(),
		           .mask = request->mask,
		           .report = -1 };
	struct failure failure;

	prepare_script(&b);
	failure = become(&b);
	free(b.script[0]);
	free(b.script);
	free(b.file);
	*reterr = failure.step;
	return failure.err;
}
