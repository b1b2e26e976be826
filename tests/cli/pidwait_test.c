/* SPDX-License-Identifier: MIT */
#include "support/expect.h"
#include "support/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(pidwait, .init = sandbox_enter, .fini = sandbox_leave);

Test(pidwait, time_over_is_124_and_nothing_is_1)
{
	pid_t child = fork();
	char pid[16];
	struct run r;

	cr_assert(child >= 0);
	if (child == 0) {
		for (;;)
			(void)pause();
	}
	(void)snprintf(pid, sizeof(pid), "%d", (int)child);
	r = RUN("pidwait", "--timeout=0.1", "-p", pid);
	EXPECT_STATUS(r, 124);
	(void)kill(child, SIGKILL);
	/* A zombie has ended. */
	r = RUN("pidwait", "-p", pid);
	cr_assert_eq(waitpid(child, NULL, 0), child);
	r = RUN("pidwait", "-p", pid);
	EXPECT_RUN(r, 1, "", "");
	r = RUN("pidwait", "--exited", "-p", pid);
	EXPECT_RUN(r, 0, "", "");
}
