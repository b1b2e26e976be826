/* SPDX-License-Identifier: MIT */
#include "kill_at.h"

#include "run.h"
#include "skip.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 32, SYSCALL_STOP = SIGTRAP | 0x80, NOT_TRACED = 250 };

static void become(const struct kill_at *k)
{
	char *argv[WORDS_MAX] = { (char[]){ "dutybox" } };
	int in = open(k->input_file != NULL ? k->input_file : "/dev/null", O_RDONLY | O_CLOEXEC);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < WORDS_MAX - 2 && k->words[i] != NULL; i++)
		argv[i + 1] = strdup(k->words[i]);
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	if (in < 0 || null < 0 || dup2(in, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(NOT_TRACED);
	(void)execve(run_binary(), argv, (char *[]){ (char[]){ "PATH=/usr/bin:/bin" }, NULL });
	_exit(NOT_TRACED);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR) {
			(void)fprintf(stderr, "kill_at: waitpid: %s\n", strerror(errno));
			abort();
		}
	}
	return status;
}

bool kill_at_call(const struct kill_at *k, int *ret_status)
{
	pid_t pid = fork();
	unsigned calls = 0;
	bool entering = true;
	int status;
	int signo = 0;

	if (pid == 0)
		become(k);
	/* It stops when it has become the program. */
	status = wait_for(pid);
	if (pid < 0 || !WIFSTOPPED(status))
		skip("processes may not be traced here");
	(void)ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, signo) != 0 && errno != ESRCH)
			abort();
		status = wait_for(pid);
		if (!WIFSTOPPED(status)) {
			*ret_status =
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			return false;
		}
		signo = WSTOPSIG(status) == SYSCALL_STOP ? 0 : WSTOPSIG(status);
		if (signo != 0)
			continue;
		calls += entering;
		if (entering && calls == k->call) {
			(void)kill(pid, SIGKILL);
			(void)wait_for(pid);
			return true;
		}
		entering = !entering;
	}
}
