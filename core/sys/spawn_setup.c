/* SPDX-License-Identifier: MIT */
#include "sys/spawn_setup.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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
	int report; /* write end of the pipe for a struct failure */
};

static int set_group(const struct birth *b)
{
	sigset_t stop, before;
	int r = 0;

	if (b->setup->group == SPAWN_OWN_SESSION)
		return setsid() < 0 ? -errno : 0;
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

static void set_signals(const struct birth *b)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)sigemptyset(&action.sa_mask);
	for (int signo = 1; b->request->defaults != NULL && signo < NSIG; signo++) {
		if (sigismember(b->request->defaults, signo) == 1)
			(void)sigaction(signo, &action, NULL);
	}
	if (b->request->mask != NULL)
		(void)sigprocmask(SIG_SETMASK, b->request->mask, NULL);
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

NO_RETURN static void be_born(const struct birth *b)
{
	struct failure failure = { 0 };

	failure.err = prepare(b, &failure.step);
	if (failure.err == 0) {
		set_signals(b);
		failure.step = SPAWN_STEP_EXEC;
		(void)execve(b->request->file, b->request->argv, b->request->envp);
		failure.err = -errno;
		if (failure.err == -ENOEXEC) {
			(void)execve(shell, b->script, b->request->envp);
			failure.err = -errno;
		}
	}
	ignore(write(b->report, &failure, sizeof(failure)));
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

/* Waits until the child is the program, or says why not. */
static int hear(int report, pid_t pid, enum spawn_step *reterr)
{
	struct failure failure = { 0 };
	ssize_t n = fdio_read_full(report, &failure, sizeof(failure));
	pid_t ended;

	if (n == 0)
		return 0;
	do {
		ended = waitpid(pid, NULL, 0);
	} while (ended < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(failure)) {
		*reterr = SPAWN_STEP_PROCESS;
		return n < 0 ? (int)n : -EIO;
	}
	*reterr = failure.step;
	return failure.err;
}

static int start(struct birth *b, int report, struct spawn_child *ret, enum spawn_step *reterr)
{
	struct spawn_child child = { .pidfd = -1 };
	int r;

	*reterr = SPAWN_STEP_PROCESS;
	child.pid = fork_into(b->setup->cgroup);
	if (child.pid < 0)
		return -errno;
	if (child.pid == 0)
		be_born(b);
	(void)close(b->report);
	b->report = -1;
	r = hear(report, child.pid, reterr);
	if (r < 0)
		return r;
	child.pidfd = pidfd_open(child.pid, 0);
	*ret = child;
	return 0;
}

int spawn_start_with(const struct spawn_request *request, const struct spawn_setup *setup,
                     struct spawn_child *ret, enum spawn_step *reterr)
{
	struct birth b = { .request = request, .setup = setup, .parent = getpid() };
	int ends[2];
	int r;

	*reterr = SPAWN_STEP_PROCESS;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	b.report = ends[1];
	prepare_script(&b);
	r = start(&b, ends[0], ret, reterr);
	if (b.report >= 0)
		(void)close(b.report);
	(void)close(ends[0]);
	free(b.script[0]);
	free(b.script);
	free(b.file);
	return r;
}
