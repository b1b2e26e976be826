/* SPDX-License-Identifier: MIT */
/*
 * peak PROGRAM [ARG]...: run PROGRAM with standard output on /dev/null and print one line,
 * "PEAK_KIB STATUS": the peak resident size of the process and of what it waited for, and the
 * status a shell would report. Small on purpose, because the kernel counts the size of the
 * process that called exec: a program smaller than this one would be reported as large as it.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int start(char **argv, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int err;

	err = posix_spawn_file_actions_init(&actions);
	if (err != 0)
		return err;
	err = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (err == 0)
		err = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return err;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;
	int err;

	if (argc < 2) {
		(void)fputs("usage: peak PROGRAM [ARG]...\n", stderr);
		return 2;
	}
	err = start(argv + 1, &pid);
	if (err != 0) {
		(void)fprintf(stderr, "peak: %s: %s\n", argv[1], strerror(err));
		return 1;
	}
	while (wait4(pid, &status, 0, &usage) < 0) {
		if (errno != EINTR) {
			perror("peak: wait4");
			return 1;
		}
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (printf("%ld %d\n", usage.ru_maxrss, status) < 0 || fflush(stdout) != 0)
		return 1;
	return 0;
}
