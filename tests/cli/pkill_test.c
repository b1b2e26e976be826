/* SPDX-License-Identifier: MIT */
/* pkill: every run is held to the children of the test by -P or -p. */
#include "support/expect.h"
#include "support/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(pkill, .init = sandbox_enter, .fini = sandbox_leave);

Test(pkill, ends_and_waits)
{
	pid_t child = fork();
	char pid[16];
	int status = 0;
	struct run r;

	cr_assert(child >= 0);
	if (child == 0) {
		for (;;)
			(void)pause();
	}
	(void)snprintf(pid, sizeof(pid), "%d", (int)child);
	r = RUN("pkill", "-HUP", "--wait", "-p", pid);
	EXPECT_RUN(r, 0, "", "");
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(WTERMSIG(status), SIGHUP);
}

Test(pkill, an_ancestor_is_spared)
{
	char pid[16];
	struct run r;

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	r = RUN("pkill", "-p", pid);
	EXPECT_RUN(r, 1, "", "");
}

Test(pkill, an_empty_pattern_is_refused)
{
	struct run r = RUN("pkill", "-0", "");

	EXPECT_STATUS(r, 2);
	EXPECT_OUT(r, "");
}
