/* SPDX-License-Identifier: MIT */
/* kill: signals only processes that the test itself has started. */
#include "support/expect.h"
#include "support/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(kill, .init = sandbox_enter, .fini = sandbox_leave);

/* A child that waits to be ended; its pid as text goes to `ret`. */
static pid_t start_sleeper(char ret[16])
{
	pid_t pid = fork();

	cr_assert(pid >= 0);
	if (pid == 0) {
		for (;;)
			(void)pause();
	}
	(void)snprintf(ret, 16, "%d", (int)pid);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = 0;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

Test(kill, converts_names_and_numbers)
{
	struct run r = RUN("kill", "-l", "143", "0x4000", "TERM", "sigterm", "0");

	EXPECT_RUN(r, 0, "TERM\nTERM\n15\n15\nEXIT\n", "");
	r = RUN("kill", "-l", "32");
	EXPECT_STATUS(r, 1);
	r = RUN("kill", "-l", "65");
	EXPECT_STATUS(r, 1);
}

Test(kill, sends_what_is_asked_for)
{
	char pid[16];
	pid_t child = start_sleeper(pid);
	struct run r = RUN("kill", "-USR1", pid);

	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(end_of(child)), SIGUSR1);
}

Test(kill, tells_some_from_none)
{
	char pid[16];
	pid_t child = start_sleeper(pid);
	struct run r = RUN("kill", "2147483647", pid);

	EXPECT_RUN(r, 64, "", "kill: '2147483647': no such process\n");
	cr_expect_eq(WTERMSIG(end_of(child)), SIGTERM);
	r = RUN("kill", "2147483647");
	EXPECT_STATUS(r, 1);
}

Test(kill, refuses_what_is_no_id)
{
	static const char *const bad[] = { "abc", "+5", " 5", "4294967297", "5x", "-99999" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run r = RUN("kill", bad[i]);

		cr_expect_eq(r.status, 2, "'%s': %d", bad[i], r.status);
	}
}

Test(kill, an_id_of_another_process_is_gone)
{
	char pid[16];
	char id[40];
	pid_t child = start_sleeper(pid);
	struct run r;

	(void)snprintf(id, sizeof(id), "%s@1", pid);
	r = RUN("kill", "-9", id);
	EXPECT_STATUS(r, 1);
	cr_expect_eq(waitpid(child, NULL, WNOHANG), 0);
	(void)kill(child, SIGKILL);
	(void)end_of(child);
}
