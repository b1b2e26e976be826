/* SPDX-License-Identifier: MIT */
#include "process.h"

#include "sandbox.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 64 };

static void do_nothing(int signo)
{
	(void)signo;
}

/* Execs the shell, which says that it is there and then reads until there is no more. */
static void become_program(const struct process_request *q)
{
	static const char waits[] = "echo; while read -r line; do :; done";
	static char no_env[] = "PROCESS=test";
	const char *argv[WORDS_MAX] = { q->argv0 != NULL ? q->argv0 : q->program, "-c",
		                        q->script != NULL ? q->script : waits };
	char *const none[] = { no_env, NULL };
	size_t n = 3;

	for (size_t i = 0; q->words != NULL && q->words[i] != NULL && n + 1 < WORDS_MAX; i++)
		argv[n++] = q->words[i];
	(void)execve(q->program, (char *const *)(const void *)argv,
	             q->env != NULL ? (char *const *)(const void *)q->env : none);
	_exit(127);
}

static void become(const struct process_request *q)
{
	char byte;

	if (q->ignored != 0)
		(void)signal(q->ignored, SIG_IGN);
	if (q->handled != 0)
		(void)signal(q->handled, do_nothing);
	if (q->leads_session)
		(void)setsid();
	else if (q->leads_group)
		(void)setpgid(0, 0);
	if (q->cwd != NULL && chdir(q->cwd) < 0)
		_exit(126);
	if (q->uid != 0 && (setgroups(0, NULL) < 0 || setgid(q->uid) < 0 || setuid(q->uid) < 0))
		_exit(126);
	if (q->program != NULL)
		become_program(q);
	if (q->name != NULL)
		(void)prctl(PR_SET_NAME, q->name);
	if (write(STDOUT_FILENO, "\n", 1) != 1)
		_exit(126);
	while (read(STDIN_FILENO, &byte, 1) != 0)
		continue;
	_exit(0);
}

struct process process_start(const struct process_request *request)
{
	struct process p = { 0 };
	int in[2];
	int out[2];
	char byte;

	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
	(void)fflush(NULL);
	p.pid = fork();
	cr_assert(p.pid >= 0);
	if (p.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		/* The test's own ends would keep this process and others alive. */
		(void)close_range(3, ~0U, 0);
		become(request);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	cr_assert_eq(read(out[0], &byte, 1), 1, "the process has not come up");
	(void)close(out[0]);
	p.input = in[1];
	(void)snprintf(p.text, sizeof(p.text), "%d", (int)p.pid);
	return p;
}

struct process process_idle(void)
{
	return process_start(&(struct process_request){ 0 });
}

int process_reap(struct process *p)
{
	int status = 0;

	cr_assert_eq(waitpid(p->pid, &status, 0), p->pid);
	if (p->input >= 0)
		(void)close(p->input);
	p->input = -1;
	return status;
}

int process_finish(struct process *p)
{
	(void)close(p->input);
	p->input = -1;
	return process_reap(p);
}

int process_end(struct process *p)
{
	(void)kill(p->pid, SIGKILL);
	return process_reap(p);
}

void process_make_zombie(struct process *p)
{
	siginfo_t info;

	(void)kill(p->pid, SIGKILL);
	cr_assert_eq(waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT), 0);
}

void process_stop(struct process *p)
{
	int status;

	cr_assert_eq(kill(p->pid, SIGSTOP), 0);
	cr_assert_eq(waitpid(p->pid, &status, WUNTRACED), p->pid);
	cr_assert(WIFSTOPPED(status));
}

bool process_lives(const struct process *p)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == 0;
}

const char *process_shell_copy(const char *name)
{
	char path[PATH_MAX];
	char *kept;
	struct stat st;
	int from = open("/bin/sh", O_RDONLY | O_CLOEXEC);
	int to;

	(void)snprintf(path, sizeof(path), "%s/%s", sandbox_path(), name);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	cr_assert(from >= 0 && to >= 0, "%s: %d", path, errno);
	cr_assert_eq(fstat(from, &st), 0);
	for (off_t at = 0; at < st.st_size;)
		cr_assert(sendfile(to, from, &at, (size_t)(st.st_size - at)) > 0);
	(void)close(from);
	(void)close(to);
	kept = strdup(path);
	cr_assert_not_null(kept);
	return kept;
}
