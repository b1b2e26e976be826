/* SPDX-License-Identifier: MIT */
/*
 * kill beside that of procps-ng 4, which Debian has as /bin/kill. Left out is where they differ on
 * purpose: exit statuses of -l (procps has 0 for what is unknown), 64 for partly sent, real-time
 * signals, which procps does not name, zombies, and process groups: of -9 -1234 procps 4.0.2 takes
 * the first digit, and so ends all processes there are. That is why theirs only ever runs as a user
 * who has no other processes.
 */
#include "support/expect.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/skip.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

TestSuite(peer_kill, .init = sandbox_enter, .fini = sandbox_leave);

static void need_procps(void)
{
	struct run r;

	(void)need_program("kill");
	r = run_peer("kill", WORDS("--version"));
	if (strstr(r.out, "procps-ng 4") == NULL)
		skip("kill is not that of procps-ng 4");
}

Test(peer_kill, names_and_numbers)
{
	need_procps();
	for (int signo = 1; signo <= 31; signo++) {
		char number[12];
		char name[32];
		struct run theirs;
		struct run ours;

		(void)snprintf(number, sizeof(number), "%d", signo);
		theirs = RUN_PEER("kill", "-l", number);
		ours = RUN("kill", "-l", number);
		EXPECT_RUN(ours, 0, theirs.out, "");
		(void)snprintf(name, sizeof(name), "SIG%.*s", (int)strcspn(theirs.out, "\n"),
		               theirs.out);
		theirs = RUN_PEER("kill", "-l", name);
		ours = RUN("kill", "-l", name);
		EXPECT_RUN(ours, 0, theirs.out, "");
		theirs = RUN_PEER("kill", "-l", name + 3);
		ours = RUN("kill", "-l", name + 3);
		EXPECT_RUN(ours, 0, theirs.out, "");
	}
}

/* Ours goes on with the real-time signals. */
Test(peer_kill, the_list_begins_the_same)
{
	struct run theirs;
	struct run ours;

	need_procps();
	theirs = RUN_PEER("kill", "-l");
	ours = RUN("kill", "-l");
	cr_expect_eq(strncmp(ours.out, theirs.out, theirs.out_len), 0, "%s", ours.out);
}

struct outcome {
	int status;
	int fates[2]; /* the signal each has ended by, 0: none */
};

enum { LONELY = 54321 }; /* a user without a name and without processes */

/* "@A" and "@B" are two processes. */
static struct outcome act(bool ours, const char *const *words)
{
	const struct process_request request = { .uid = LONELY };
	struct process p[2] = { process_start(&request), process_start(&request) };
	const char *all[12] = { "kill" };
	struct outcome outcome = { 0 };
	size_t n = 1;

	for (; words[n - 1] != NULL && n < 9; n++) {
		const char *word = words[n - 1];

		all[n] = word[0] == '@' ? p[word[1] - 'A'].text : word;
	}
	outcome.status = run_argv(&(struct run_request){ .program = ours ? NULL : "kill",
	                                                 .words = ours ? all : all + 1,
	                                                 .uid = LONELY,
	                                                 .may_complain = !ours })
	                         .status;
	for (size_t i = 0; i < 2; i++) {
		int status = process_finish(&p[i]);

		outcome.fates[i] = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	}
	return outcome;
}

Test(peer_kill, sends_the_same)
{
	static const char *const cases[][8] = {
		{ "@A" },
		{ "@A", "@B" },
		{ "-9", "@A" },
		{ "-KILL", "@A" },
		{ "-SIGHUP", "@A", "@B" },
		{ "-s", "USR1", "@A" },
		{ "-s", "usr2", "@B" },
		{ "-s", "SIGINT", "@B" },
		{ "-s", "15", "@B" },
		{ "--signal", "QUIT", "@A" },
		{ "--signal=ALRM", "@A" },
		{ "-0", "@A" },
		{ "-s", "0", "@A" },
		{ "-9", "--", "@A" },
		{ "--", "@A" },
		{ "-q", "7", "-USR1", "@A" },
		{ "-INT", "2147483647" },
		{ "2147483647" },
		{ "-0", "2147483647" },
	};

	need_root();
	need_procps();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome theirs = act(false, cases[i]);
		struct outcome ours = act(true, cases[i]);

		cr_expect_eq(ours.status, theirs.status, "%s %s: %d, theirs %d", cases[i][0],
		             cases[i][1] != NULL ? cases[i][1] : "", ours.status, theirs.status);
		for (size_t k = 0; k < 2; k++)
			cr_expect_eq(ours.fates[k], theirs.fates[k], "%s %s: %zu %d, theirs %d",
			             cases[i][0], cases[i][1] != NULL ? cases[i][1] : "", k,
			             ours.fates[k], theirs.fates[k]);
	}
}
