/* SPDX-License-Identifier: MIT */
/*
 * crowd N COMMAND...: runs the command while N more processes are there, idle, one of them called
 * "needle". They are children of this process and ended by their numbers, and with it in any case.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void idle(int number, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (number == 0)
		(void)prctl(PR_SET_NAME, "needle");
	for (;;)
		(void)pause();
}

static int end_with(pid_t command)
{
	int status = 0;

	while (waitpid(command, &status, 0) < 0)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[1]) : 0;
	pid_t *pids = calloc((size_t)n + 1, sizeof(*pids));
	pid_t self = getpid();
	int status = 2;
	pid_t command;
	int started;

	if (n <= 0 || pids == NULL) {
		(void)fprintf(stderr, "usage: crowd N COMMAND...\n");
		return 2;
	}
	for (started = 0; started < n; started++) {
		pids[started] = fork();
		if (pids[started] == 0)
			idle(started, self);
		if (pids[started] < 0) {
			perror("crowd: fork");
			break;
		}
	}
	if (started == n) {
		command = fork();
		if (command == 0) {
			(void)execvp(argv[2], argv + 2);
			perror(argv[2]);
			_exit(127);
		}
		status = command < 0 ? 2 : end_with(command);
	}
	for (int i = 0; i < started; i++) {
		(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
	}
	free(pids);
	return status;
}
