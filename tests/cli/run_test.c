/* SPDX-License-Identifier: MIT */
/* run: statuses, limits, retries, output, the lock, what the command gets. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

TestSuite(run, .init = sandbox_enter, .fini = sandbox_leave);

Test(run, exits_as_the_command_does)
{
	static const struct {
		const char *script;
		int status;
	} cases[] = {
		{ "exit 0", 0 },       { "exit 1", 1 },          { "exit 75", 75 },
		{ "exit 124", 124 },   { "exit 125", 125 },      { "exit 126", 126 },
		{ "exit 127", 127 },   { "exit 137", 137 },      { "exit 255", 255 },
		{ "kill -9 $$", 137 }, { "kill -TERM $$", 143 }, { "kill -SEGV $$", 139 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = RUN("run", "-c", cases[i].script);

		cr_expect_eq(r.status, cases[i].status, "%s: %d", cases[i].script, r.status);
		EXPECT_OUT(r, "");
		EXPECT_ERR(r, "");
	}
}

Test(run, says_why_a_command_does_not_run)
{
	struct run r;

	tree("f plain 10", "x empty", "d dir", "t script echo ran");
	tree_mode("script", 0755);
	tree_script("lost", "#!/no/such/interpreter\n");
	r = RUN("run", "no-such-command");
	EXPECT_STATUS(r, 127);
	EXPECT_ERR_HAS(r, "run -c");
	r = RUN("run", "./no-such-file");
	EXPECT_STATUS(r, 127);
	r = RUN("run", "./plain");
	EXPECT_STATUS(r, 126);
	r = RUN("run", "./dir");
	EXPECT_STATUS(r, 126);
	r = RUN("run", "./script");
	EXPECT_RUN(r, 0, "ran\n", "");
	r = RUN("run", "./empty");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "./lost");
	EXPECT_STATUS(r, 127);
	r = RUN("run", "");
	EXPECT_STATUS(r, 127);
}

Test(run, refuses_what_makes_no_sense)
{
	static const char *const cases[][6] = {
		{ "run" },
		{ "run", "--no-such-option", "true" },
		{ "run", "-t", "-1", "true" },
		{ "run", "-t", "x", "true" },
		{ "run", "-t", "1e3", "true" },
		{ "run", "-k", "", "true" },
		{ "run", "-s", "NONE", "true" },
		{ "run", "-s", "0", "true" },
		{ "run", "--escalate", "TERM/x", "true" },
		{ "run", "--escalate", "TERM/", "true" },
		{ "run", "--escalate", "", "true" },
		{ "run", "--escalate=TERM", "-s", "INT", "true" },
		{ "run", "--limit", "speed=1", "true" },
		{ "run", "--limit", "cpu", "true" },
		{ "run", "--limit", "files=1K", "true" },
		{ "run", "--retry-on", "256", "true" },
		{ "run", "--retry-on", "3-1", "true" },
		{ "run", "--retry-on", "1,,2", "true" },
		{ "run", "--no-retry-on", "SIGNONE", "true" },
		{ "run", "-r", "-1", "true" },
		{ "run", "-e", "true" },
		{ "run", "--shared", "true" },
		{ "run", "--lock-exit", "256", "true" },
		{ "run", "--umask", "8", "true" },
		{ "run", "--umask", "1777", "true" },
		{ "run", "--nice", "20", "true" },
		{ "run", "-E", "=x", "true" },
		{ "run", "-E", "NAME", "true" },
		{ "run", "--merge", "--stderr=x", "true" },
		{ "run", "--no-stdin", "--stdin=x", "true" },
		{ "run", "--isolate=cage", "true" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		EXPECT_OUT(r, "");
		EXPECT_ERR_HARMLESS(r);
	}
	expect_no_file("x");
}

Test(run, leaves_the_options_of_the_command_alone)
{
	struct run r = RUN("run", "echo", "-t", "--help", "--", "-q");

	EXPECT_RUN(r, 0, "-t --help -- -q\n", "");
}

Test(run, knows_times_that_never_come)
{
	static const char *const times[] = { "0", "infinity", "99999999d", "1h30m", "100y" };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct run r = RUN("run", "-t", times[i], "true");

		cr_expect_eq(r.status, 0, "%s: %d", times[i], r.status);
	}
}

Test(run, ends_what_takes_too_long)
{
	struct run r = RUN("run", "-t", "1ms", "sleep", "1000");

	EXPECT_RUN(r, 124, "", "");
	r = RUN("run", "-t10ms", "--preserve-status", "sleep", "1000");
	EXPECT_STATUS(r, 143);
	r = RUN("run", "-t10ms", "-sKILL", "sleep", "1000");
	EXPECT_STATUS(r, 137);
	/* It says what it was told first. */
	r = RUN("run", "-t200ms", "--escalate=USR1/50ms/INT/50ms/KILL", "-c",
	        "trap 'echo usr1' USR1; trap 'echo int; exit 4' INT; while :; do sleep 1000; done");
	EXPECT_STATUS(r, 124);
	EXPECT_OUT_HAS(r, "usr1");
	EXPECT_OUT_HAS(r, "int");
}

Test(run, limits_processor_files_and_sizes)
{
	struct run r = RUN("run", "--limit=cpu=1", "-c", "while :; do :; done");

	EXPECT_STATUS(r, 128 + SIGXCPU);
	r = RUN("run", "--limit=files=16", "--limit=core=unlimited", "-c", "ulimit -n");
	EXPECT_RUN(r, 0, "16\n", "");
	r = RUN("run", "--limit=file-size=4K", "-c", "head -c 8192 /dev/zero >big; test $? -ne 0");
	EXPECT_STATUS(r, 0);
	expect_size("big", 4096);
}

Test(run, tries_again)
{
	struct run r = RUN("run", "-r2", "--delay=1ms", "-c", "echo $RUN_ATTEMPT; exit 4");

	EXPECT_RUN(r, 4, "1\n2\n3\n", "");
	r = RUN("run", "-r5", "--delay=1ms", "-c", "echo $RUN_ATTEMPT; test $RUN_ATTEMPT = 2");
	EXPECT_RUN(r, 0, "1\n2\n", "");
	r = RUN("run", "-r5", "--delay=1ms", "--retry-on=1-2,SIGSEGV,timeout", "-c",
	        "echo $RUN_ATTEMPT; test $RUN_ATTEMPT = 3 && kill -SEGV $$; exit $RUN_ATTEMPT");
	EXPECT_RUN(r, 4, "1\n2\n3\n4\n", "");
	r = RUN("run", "-r5", "--delay=1ms", "--no-retry-on=2", "-c",
	        "echo $RUN_ATTEMPT; exit $RUN_ATTEMPT");
	EXPECT_RUN(r, 2, "1\n2\n", "");
	r = RUN("run", "-r1", "--delay=1ms", "-t1ms", "--retry-on=timeout", "--json", "sleep",
	        "1000");
	EXPECT_STATUS(r, 124);
	EXPECT_OUT_HAS(r, "\"attempts\":2,");
	/* Nothing comes of an hour's wait in a limit of a moment. */
	r = RUN("run", "-r5", "--delay=1h", "--total-timeout=50ms", "false");
	EXPECT_STATUS(r, 124);
}

Test(run, is_stopped_while_it_waits_for_the_next_attempt)
{
	const struct run_request request = { .words = WORDS("run", "-v", "-r5", "--delay=1h",
		                                            "false") };
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	run_wait_for(&child, "again in");
	cr_assert_eq(kill(child.pid, SIGINT), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 130);
}

Test(run, quiet_prints_only_failures)
{
	struct run r = RUN("run", "-q", "-c", "echo out; echo err >&2");

	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "-q", "-c", "echo out; echo err >&2; exit 3");
	EXPECT_RUN(r, 3, "out\n", "err\n");
	r = RUN("run", "-qe", "-c", "echo out; echo err >&2");
	EXPECT_RUN(r, 1, "out\n", "err\n");
	r = RUN("run", "-qe", "-c", "echo out");
	EXPECT_RUN(r, 0, "", "");
	/* The last attempt's alone. */
	r = RUN("run", "-q", "-r1", "--delay=1ms", "-c", "echo $RUN_ATTEMPT; exit 1");
	EXPECT_RUN(r, 1, "2\n", "");
	/* To one place, in the order it was written. */
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c",
	                       "exec \"$0\" run -q sh -c 'echo 1; echo 2 >&2; echo 3; exit 3' 2>&1",
	                       run_binary()) });
	EXPECT_RUN(r, 3, "1\n2\n3\n", "");
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "-q", "-c", "echo out; exit 3"), .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 125);
}

Test(run, quiet_prints_what_there_was_when_it_is_stopped)
{
	const struct run_request request = {
		.words = WORDS("run", "-q", "-c", "echo so far; echo x >ready; sleep 1000")
	};
	struct run_child child;
	struct run r;
	int ready;

	tree("p ready");
	run_start(&request, &child);
	/* Opens when the command does. */
	ready = open("ready", O_RDONLY | O_CLOEXEC);
	cr_assert(ready >= 0);
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	(void)close(ready);
	EXPECT_RUN(r, 143, "so far\n", "");
}

Test(run, sends_output_to_files)
{
	struct run r = RUN("run", "-o", "out", "--stderr=err", "-c", "echo 1; echo 2 >&2");

	EXPECT_RUN(r, 0, "", "");
	expect_file("out", "1\n");
	expect_file("err", "2\n");
	r = RUN("run", "-o", "out", "--append", "--merge", "-c", "echo 3; echo 4 >&2");
	EXPECT_RUN(r, 0, "", "");
	expect_file("out", "1\n3\n4\n");
	r = RUN("run", "--merge", "-c", "echo 5; echo 6 >&2");
	EXPECT_RUN(r, 0, "5\n6\n", "");
	r = RUN("run", "-o", "no/such", "-c", "echo 7 >ran");
	EXPECT_STATUS(r, 125);
	expect_no_file("ran");
}

Test(run, holds_a_lock)
{
	struct run r = RUN("run", "-l", "lock", run_binary(), "run", "-l", "lock", "true");
	int fd;

	EXPECT_STATUS(r, 75);
	EXPECT_ERR_HAS(r, "locked by process");
	r = RUN("run", "-l", "lock", run_binary(), "run", "-l", "lock", "--lock-exit=9", "true");
	EXPECT_STATUS(r, 9);
	r = RUN("run", "-l", "lock", run_binary(), "run", "-l", "lock", "--if-locked=skip", "-c",
	        "echo ran");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "-l", "lock", run_binary(), "run", "-l", "lock", "--if-locked=wait",
	        "--lock-timeout=10ms", "true");
	EXPECT_STATUS(r, 75);
	r = RUN("run", "--shared", "-l", "lock", run_binary(), "run", "--shared", "-l", "lock",
	        "echo", "both");
	EXPECT_RUN(r, 0, "both\n", "");
	/* Free again, though the file is there; what is left behind does not hold it. */
	expect_is_file("lock");
	r = RUN("run", "-l", "lock", "-c", "sleep 1000 & echo $! >pid");
	EXPECT_STATUS(r, 0);
	fd = open("lock", O_RDWR | O_CLOEXEC);
	cr_expect_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	(void)close(fd);
	fd = open("pid", O_RDONLY | O_CLOEXEC);
	{
		char text[32] = "";

		cr_assert(read(fd, text, sizeof(text) - 1) > 0);
		cr_expect_eq(kill((pid_t)strtol(text, NULL, 10), SIGKILL), 0);
	}
	(void)close(fd);
}

Test(run, follows_no_link_to_a_lock)
{
	struct run r;

	tree("t precious keep", "l lock -> precious", "p fifo", "d dir");
	r = RUN("run", "-l", "lock", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	expect_file("precious", "keep");
	r = RUN("run", "-l", "fifo", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "-l", "dir", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "-l", "no/such", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	expect_no_file("ran");
}

Test(run, gives_the_command_what_it_was_told)
{
	struct run r =
		RUN("run", "-i", "-E", "B=1", "-E", "B=2", "-E", "PATH=/usr/bin:/bin", "env");

	EXPECT_RUN(r, 0, "B=2\nPATH=/usr/bin:/bin\nRUN_ATTEMPT=1\n", "");
	r = RUN("run", "-u", "TZ", "-c", "echo ${TZ-none}");
	EXPECT_RUN(r, 0, "none\n", "");
	tree("d sub", "t input hello");
	r = RUN("run", "-C", "sub", "--umask=077", "-c", "pwd; umask");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "/sub\n0077\n");
	r = RUN("run", "-C", "none", "true");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "--stdin=input", "-r1", "--delay=1ms", "-c", "cat; exit 1");
	EXPECT_OUT(r, "hellohello");
	r = RUN("run", "--no-stdin", "cat");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "--argv0=other", "sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline");
	EXPECT_OUT_HAS(r, "other -c");
	r = RUN("run", "--nice=5", "nice");
	EXPECT_RUN(r, 0, "5\n", "");
}

Test(run, gives_the_command_no_other_descriptors)
{
	struct run r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c", "exec \"$0\" run -l lock ls /proc/self/fd 5</dev/null 9>other",
	                       run_binary()) });

	/* The fourth is the directory that ls reads. */
	EXPECT_RUN(r, 0, "0\n1\n2\n3\n", "");
}

Test(run, keeps_signals_ignored_that_were)
{
	struct run r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c",
	                       "trap '' HUP; exec \"$0\" run sh -c 'kill -HUP $$; grep SigBlk "
	                       "/proc/self/status'",
	                       run_binary()) });

	EXPECT_RUN(r, 0, "SigBlk:\t0000000000000000\n", "");
}

Test(run, gives_the_command_the_terminal)
{
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("run", "-t", "60", "-c", "read x </dev/tty; echo got $x"),
		.from = RUN_FROM_TERMINAL,
		.input = "typed\n",
		.out_to = RUN_TO_TERMINAL,
		.err_to = RUN_TO_TERMINAL });

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "got typed");
}

Test(run, works_without_any_descriptors)
{
	struct run r = run_argv(&(const struct run_request){ .words = WORDS("run", "-c", "exit 3"),
	                                                     .from = RUN_FROM_NOTHING,
	                                                     .out_to = RUN_TO_NOTHING,
	                                                     .err_to = RUN_TO_NOTHING });

	cr_expect_eq(r.status, 3);
}

Test(run, passes_other_signals_on)
{
	const struct run_request request = {
		.words = WORDS("run", "-c",
		               "trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.01; "
		               "done")
	};
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	run_wait_for(&child, "ready");
	cr_assert_eq(kill(child.pid, SIGUSR1), 0);
	r = run_finish(&child);
	EXPECT_RUN(r, 5, "ready\ngot\n", "");
}

Test(run, writes_a_record)
{
	struct run r = RUN("run", "--json", "-t1ms", "sleep", "1000");

	EXPECT_STATUS(r, 124);
	cr_expect_eq(JSON_LINES(r).len, 1);
	EXPECT_OUT_HAS(r, "\"timed_out\":true,");
	EXPECT_OUT_HAS(r, "\"term_signal\":\"TERM\",");
	EXPECT_OUT_HAS(r, "\"exit\":null,");
	EXPECT_OUT_HAS(r, "\"status\":124,");
	EXPECT_OUT_HAS(r, "\"argv\":[\"sleep\",\"1000\"],");
	r = RUN("run", "--json", "true", "", "a\xff");
	EXPECT_OUT_HAS(r, "\"argv_b64\":[\"dHJ1ZQ==\",\"\",\"Yf8=\"],");
	cr_expect_eq(JSON_LINES(r).len, 1);
	/* What the command says is no part of it. */
	r = RUN("run", "--json", "-c", "echo '{\"a\":1}'; exit 3");
	EXPECT_STATUS(r, 3);
	cr_expect_eq(JSON_LINES(r).len, 1);
	EXPECT_ERR(r, "{\"a\":1}\n");
	r = run_argv(&(const struct run_request){ .words = WORDS("run", "--json", "true"),
	                                          .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 125);
	r = RUN("run", "--json", "no-such-command");
	EXPECT_STATUS(r, 127);
}

Test(run, shows_what_cron_would_do)
{
	struct run r;

	tree("d home");
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--as-cron", "-E", "MINE=1", "-c",
	                       "env | grep -v '^PWD=' | sort; pwd; umask; cat; "
	                       "(: </dev/tty) 2>/dev/null || echo no terminal"),
		.env = WORDS("HOME=home", "LOGNAME=me", "TERM=dumb", "FOO=bar"),
		.input = "typed",
		.from = RUN_FROM_TERMINAL });
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "HOME=home\nLOGNAME=me\nMINE=1\nPATH=/usr/bin:/bin\n"
	                  "RUN_ATTEMPT=1\nSHELL=/bin/sh\n");
	EXPECT_OUT_HAS(r, "/home\n0022\nno terminal\n");
	EXPECT_OUT_LACKS(r, "TERM=");
	EXPECT_OUT_LACKS(r, "typed");
}
