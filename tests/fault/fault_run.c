/* SPDX-License-Identifier: MIT */
#include "fault/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 32, LIMIT_MS = 20 * 1000 };

static const char *binary_path;
static char scratch[4096];
static struct bytes calls; /* strace's log of a run without a fault */

_Noreturn void give_up(const char *what)
{
	(void)fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
	exit(2);
}

void make_dir(const char *name)
{
	if (mkdir(name, 0755) != 0)
		give_up(name);
}

void make_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		give_up(name);
}

struct bytes read_file(const char *name)
{
	struct bytes text = { 0 };
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		return text;
	text.data = malloc((size_t)st.st_size + 1);
	if (text.data == NULL)
		give_up(name);
	while (text.len < (size_t)st.st_size) {
		ssize_t n = read(fd, text.data + text.len, (size_t)st.st_size - text.len);

		if (n <= 0)
			break;
		text.len += (size_t)n;
	}
	text.data[text.len] = '\0';
	(void)close(fd);
	return text;
}

/* In the child: its own process group, so that all of it can be ended. */
static _Noreturn void become(char *const *argv, const struct injection *in)
{
	struct rlimit limit;

	static char path[] = "PATH=/usr/bin:/bin:path";
	static char zone[] = "TZ=UTC";
	char *env[] = { path, zone, NULL };
	int null = open("/dev/null", O_RDONLY);
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int err = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	(void)setpgid(0, 0);
	if (dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2) {
		for (int fd = 3; fd <= err; fd++)
			(void)close(fd);
		if (in != NULL && in->limits) {
			/* Said by an error, not by a signal. */
			(void)signal(SIGXFSZ, SIG_IGN);
			limit = (struct rlimit){ in->limit, in->limit };
			(void)setrlimit((__rlimit_resource_t)in->resource, &limit);
		}
		(void)execvpe(argv[0], argv, env);
	}
	_exit(126);
}

static int wait_for(pid_t pid, bool *ret_hung)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int status = 0;

	if (fd < 0)
		give_up("pidfd_open");
	*ret_hung = poll(&ready, 1, LIMIT_MS) == 0;
	if (*ret_hung)
		(void)kill(-pid, SIGKILL);
	(void)close(fd);
	if (waitpid(pid, &status, 0) != pid)
		give_up("waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool log_tells_injection(void)
{
	struct bytes log = read_file("log");
	bool found = log.data != NULL && strstr(log.data, "(INJECTED)") != NULL;

	free(log.data);
	return found;
}

struct outcome run_traced(const char *const *words, const struct injection *in)
{
	static const char *const strace[] = { "strace", "-f", "-qq", "-o", "log" };
	const char *argv[WORDS_MAX] = { 0 };
	struct outcome o = { 0 };
	char trace[64] = "trace=all";
	char inject[128];
	size_t n = 0;
	pid_t pid;

	if (in == NULL || !in->limits)
		for (; n < sizeof(strace) / sizeof(strace[0]); n++)
			argv[n] = strace[n];
	/* Faster, but with it strace 6.1 sends no signals. */
	if (in == NULL || (!in->limits && strncmp(in->result, "signal=", 7) != 0))
		argv[n++] = "--seccomp-bpf";
	if (in != NULL && !in->limits) {
		(void)snprintf(trace, sizeof(trace), "trace=%s", in->calls);
		(void)snprintf(inject, sizeof(inject), "inject=%s:%s%s:when=%u", in->calls,
		               strchr(in->result, '=') != NULL ? "" : "error=", in->result,
		               in->when);
		argv[n++] = "-e";
		argv[n++] = inject;
	}
	if (in == NULL || !in->limits) {
		argv[n++] = "-e";
		argv[n++] = trace;
	}
	argv[n++] = binary_path;
	for (; *words != NULL && n < WORDS_MAX - 1; words++)
		argv[n++] = *words;
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0)
		become((char *const *)(void *)argv, in);
	o.status = wait_for(pid, &o.hung);
	if (in == NULL) {
		free(calls.data);
		calls = read_file("log");
	} else {
		o.stopped = !in->limits && strcmp(in->result, "signal=INT") == 0 &&
		            o.status == 128 + SIGINT;
		o.injected = o.stopped || in->limits || log_tells_injection();
	}
	return o;
}

/* Lines are "PID NAME(..."; what another thread interrupted is resumed in a line of its own. */
unsigned count_calls(const char *name)
{
	size_t len = strlen(name);
	unsigned n = 0;

	for (const char *at = calls.data; at != NULL; at = strchr(at, '\n')) {
		at += strspn(at, "\n0123456789 ");
		n += strncmp(at, name, len) == 0 && at[len] == '(';
	}
	return n;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void end(void)
{
	free(calls.data);
	if (chdir("/") == 0)
		(void)nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *under_test(void)
{
	return binary_path;
}

bool begin(const char *binary, const char *directory)
{
	static const char *const words[] = { "--version", NULL };
	struct injection in = { .calls = "exit_group", .result = "retval=0", .when = 2 };

	binary_path = binary;
	(void)snprintf(scratch, sizeof(scratch), "%s", directory);
	(void)nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if ((mkdir(scratch, 0755) != 0) || chdir(scratch) != 0)
		give_up(scratch);
	if (run_traced(words, &in).status == 0)
		return true;
	end();
	return false;
}
