/* SPDX-License-Identifier: MIT */
/* pgrep: what matches, among the children of the test alone. */
#include "support/expect.h"
#include "support/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(pgrep, .init = sandbox_enter, .fini = sandbox_leave);

/* A child of this name that waits to be ended; it tells when it has its name. */
static pid_t start_named(const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	cr_assert_eq(pipe(ready), 0);
	pid = fork();
	cr_assert(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_NAME, name);
		(void)!write(ready[1], "x", 1);
		for (;;)
			(void)pause();
	}
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	return pid;
}

static void end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

Test(pgrep, finds_hostile_names)
{
	pid_t child = start_named("a) R 1 (\nb");
	char parent[16];
	char expected[32];
	struct run r;

	(void)snprintf(parent, sizeof(parent), "%d", (int)getpid());
	(void)snprintf(expected, sizeof(expected), "%d\n", (int)child);
	r = RUN("pgrep", "-P", parent, "-x", "a\\) R 1 \\(.b");
	end(child);
	EXPECT_RUN(r, 0, expected, "");
}

Test(pgrep, wrong_usage_is_2)
{
	struct run r = RUN("pgrep", "a", "b");

	EXPECT_STATUS(r, 2);
	r = run_words(WORDS("pgrep"));
	EXPECT_STATUS(r, 2);
	r = RUN("pgrep", "(");
	EXPECT_STATUS(r, 2);
	r = RUN("pgrep", "-u", "no such user", "x");
	EXPECT_STATUS(r, 2);
	r = RUN("pgrep", "-n", "-o", "x");
	EXPECT_STATUS(r, 2);
	r = RUN("pgrep", "-g", "1,,2", "x");
	EXPECT_STATUS(r, 2);
}

Test(pgrep, nothing_is_1_and_counted_0)
{
	struct run r = RUN("pgrep", "-c", "-x", "no process has such a name at all");

	EXPECT_RUN(r, 1, "0\n", "");
}
