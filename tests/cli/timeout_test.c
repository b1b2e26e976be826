/* SPDX-License-Identifier: MIT */
/* timeout: beside GNU's, where that is installed. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

TestSuite(timeout, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_timeout, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 10 };

/* What both are asked. Shells ignore TERM where the KILL is what matters. */
static const char *const cases[][WORDS_MAX] = {
	{ "5", "true" },
	{ "5", "sh", "-c", "exit 3" },
	{ "5", "sh", "-c", "exit 124" },
	{ "5", "sh", "-c", "exit 137" },
	{ "5", "sh", "-c", "kill -9 $$" },
	{ "5", "sh", "-c", "kill -TERM $$" },
	{ "0.01", "sleep", "60" },
	{ "-s", "INT", "0.01", "sleep", "60" },
	{ "-s", "KILL", "0.01", "sleep", "60" },
	{ "--signal=kill", "0.01", "sleep", "60" },
	{ "-s", "SIGTERM", "0.01", "sleep", "60" },
	{ "-s", "15", "0.01", "sleep", "60" },
	{ "-s", "143", "0.01", "sleep", "60" },
	{ "-s", "rtmin+1", "0.01", "sleep", "60" },
	{ "--preserve-status", "0.01", "sleep", "60" },
	{ "--foreground", "0.01", "sleep", "60" },
	{ "-v", "0.01", "sleep", "60" },
	{ "-k", "0.01", "0.01", "sh", "-c", "trap '' TERM; sleep 60; sleep 60" },
	{ "-vk0.01", "0.01", "sh", "-c", "trap '' TERM; sleep 60; sleep 60" },
	{ "--foreground", "-k", "0.01", "0.01", "sh", "-c", "trap '' TERM; exec sleep 60" },
	{ "0", "true" },
	{ "infinity", "true" },
	{ "0x1p-7", "sleep", "60" },
	{ "1e-2", "sleep", "60" },
	{ ".01s", "sleep", "60" },
	{ " 5", "true" },
	{ "99999999d", "true" },
	{ "1e999", "true" },
	{ "nan", "true" },
	{ "", "true" },
	{ "1ms", "true" },
	{ "1x", "true" },
	{ "1h30m", "true" },
	{ "-1", "true" },
	{ "-s", "NONE", "1", "true" },
	{ "-k", "x", "1", "true" },
	{ "5", "no-such-command" },
	{ "5", "./no-such-command" },
	{ "5", "." },
	{ "5", "" },
	{ "5", "./plain" },
	{ "5", "./empty" },
	{ "5", "./script" },
};

/* The same words but for the program's own name and the locale's quotes, which run_argv() sets. */
Test(peer_timeout, gives_the_same_answers)
{
	need_program("timeout");
	tree("f plain 10", "x empty", "t script echo $0");
	tree_mode("script", 0755);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *ours[WORDS_MAX + 2] = { "timeout" };
		struct run a, b;

		for (size_t k = 0; k < WORDS_MAX && cases[i][k] != NULL; k++)
			ours[k + 1] = cases[i][k];
		a = run_words(ours);
		b = run_argv(&(const struct run_request){ .program = need_program("timeout"),
		                                          .argv0 = "timeout",
		                                          .words = cases[i],
		                                          .env = WORDS("LC_ALL=C"),
		                                          .may_complain = true });
		cr_expect_eq(a.status, b.status, "case %zu: %d, GNU %d", i, a.status, b.status);
		cr_expect_str_eq(a.out, b.out, "case %zu", i);
		/* The line that points to --help names the box. */
		if (strstr(b.err, "--help") == NULL)
			cr_expect_str_eq(a.err, b.err, "case %zu: %s, GNU %s", i, a.err, b.err);
		else
			cr_expect_eq(strncmp(a.err, b.err, strcspn(b.err, "\n") + 1), 0,
			             "case %zu: %s, GNU %s", i, a.err, b.err);
	}
}

Test(timeout, needs_a_duration_and_a_command)
{
	struct run r = RUN("timeout");

	EXPECT_STATUS(r, 125);
	r = RUN("timeout", "1");
	EXPECT_STATUS(r, 125);
	EXPECT_OUT(r, "");
}

Test(timeout, leaves_the_options_of_the_command_alone)
{
	struct run r = RUN("timeout", "5", "echo", "-s", "--help", "-k");

	EXPECT_RUN(r, 0, "-s --help -k\n", "");
}

Test(timeout, passes_a_signal_on_to_the_whole_group)
{
	const struct run_request request = {
		.words = WORDS("timeout", "60", "sh", "-c",
		               "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 60; "
		               "done"),
	};
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	run_wait_for(&child, "ready");
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	EXPECT_OUT_HAS(r, "got");
	EXPECT_STATUS(r, 5);
}

Test(timeout, keeps_signals_ignored_that_were)
{
	struct run r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c",
	                       "trap '' HUP; exec \"$0\" timeout 5 sh -c 'kill -HUP $$; echo on'",
	                       run_binary()) });

	EXPECT_RUN(r, 0, "on\n", "");
}
