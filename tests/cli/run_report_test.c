/* SPDX-License-Identifier: MIT */
/* run: what it tells in the end, commands for what happens, and signals to it. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(run_report, .init = sandbox_enter, .fini = sandbox_leave);

/* The only line of the file, as JSON. */
static const struct json *record_in(const char *path)
{
	char *text = calloc(1, 1 << 16);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct json_lines lines;
	const char *why = NULL;
	size_t at = 0;

	cr_assert(fd >= 0, "%s", path);
	cr_assert(read(fd, text, (1 << 16) - 1) >= 0);
	(void)close(fd);
	cr_assert(json_parse_lines(text, strlen(text), &lines, &why, &at), "%s at %zu: %s", why, at,
	          text);
	cr_assert(lines.len > 0);
	return lines.items[lines.len - 1];
}

Test(run_report, refuses_what_makes_no_sense)
{
	static const char *const cases[][4] = {
		{ "run", "--on-signal=HUP", "true" },     { "run", "--on-signal=KILL=x", "true" },
		{ "run", "--on-signal=HUP=", "true" },    { "run", "--on-signal=CHLD=x", "true" },
		{ "run", "--on-signal=NONE=x", "true" },  { "run", "--rewrite=TERM", "true" },
		{ "run", "--rewrite=TERM=NONE", "true" }, { "run", "--rewrite=STOP=INT", "true" },
		{ "run", "--rewrite==INT", "true" },      { "run", "--map-exit=143", "true" },
		{ "run", "--map-exit=256=0", "true" },    { "run", "--map-exit=1=", "true" },
		{ "run", "--map-exit==1", "true" },       { "run", "--map-exit=1=-1", "true" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		EXPECT_ERR_HARMLESS(r);
	}
}

Test(run_report, says_what_it_was)
{
	struct run r = RUN("run", "--report", "--name=nightly job", "-r1", "--delay=1ms", "-c",
	                   "exit $1", "sh\n", "3");

	EXPECT_STATUS(r, 3);
	EXPECT_OUT(r, "");
	EXPECT_ERR_HAS(r, "run: 'nightly job' failed\n  command  sh -c 'exit $1' 'sh'$'\\n' 3\n");
	EXPECT_ERR_HAS(r, "\n  ended    status 3 after 2 attempts\n  took     0.");
	r = RUN("run", "--report", "true");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "run: true succeeded\n");
	r = RUN("run", "--report", "-q", "true");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "--report", "-t1ms", "sleep", "1000");
	EXPECT_STATUS(r, 124);
	EXPECT_ERR_HAS(r, "\n  ended    out of time, ended by signal TERM\n");
	r = RUN("run", "--report", "--idle-timeout=1ms", "sleep", "1000");
	EXPECT_ERR_HAS(r, "\n  ended    silent for too long, ended by signal TERM\n");
	r = RUN("run", "--report", "-C", ".", "--limit=files=3", "true");
	EXPECT_ERR_HARMLESS(r);
}

Test(run_report, keeps_the_record_in_files)
{
	struct run r = RUN("run", "--status-file=status", "--history=history", "--name=job", "-c",
	                   "exit 3");
	struct stat before, after;

	EXPECT_RUN(r, 3, "", "");
	cr_expect_eq(json_int(record_in("status"), "exit", -1), 3);
	cr_expect_str_eq(json_string(record_in("status"), "name"), "job");
	cr_assert_eq(stat("status", &before), 0);
	r = RUN("run", "--status-file=status", "--history=history", "--capture", "echo", "out");
	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(json_int(record_in("status"), "exit", -1), 0);
	cr_expect_str_eq(json_string(record_in("status"), "stdout"), "out\n");
	cr_assert_eq(stat("status", &after), 0);
	/* Another file: nobody has seen a half of it. */
	cr_expect_neq(before.st_ino, after.st_ino);
	cr_expect_eq(json_int(record_in("history"), "exit", -1), 0);
	r = RUN_PEER("wc", "-l", "history");
	EXPECT_OUT(r, "2 history\n");
	expect_names(".", "history", "status");
	/* A report that cannot be written is no success, but does not hide the command's status. */
	r = RUN("run", "--status-file=no/such", "true");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "--history=/dev/full", "-c", "exit 3");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "'/dev/full': cannot write: No space left on device");
	/* Stopped by a signal as well. */
	r = RUN("run", "--status-file=status", "-c", "kill -TERM $PPID; sleep 1000");
	EXPECT_STATUS(r, 143);
	cr_expect_str_eq(json_string(record_in("status"), "term_signal"), "TERM");
}

Test(run_report, runs_a_command_for_each_end)
{
#define HOOKS                                                                 \
	"--on-success=echo success", "--on-failure=echo failure $RUN_STATUS", \
		"--on-timeout=echo timeout $RUN_SIGNAL",                      \
		"--on-exit=echo exit $RUN_NAME $RUN_ATTEMPTS"
	struct run r = RUN("run", HOOKS, "true");

	EXPECT_RUN(r, 0, "success\nexit true 1\n", "");
	r = RUN("run", HOOKS, "-r1", "--delay=1ms", "-c", "exit 3");
	EXPECT_RUN(r, 3, "failure 3\nexit sh 2\n", "");
	r = RUN("run", HOOKS, "-t1ms", "sleep", "1000");
	EXPECT_RUN(r, 124, "timeout TERM\nfailure 124\nexit sleep 1\n", "");
	r = RUN("run", HOOKS, "no-such-command");
	EXPECT_STATUS(r, 127);
	EXPECT_OUT(r, "failure 127\nexit no-such-command 1\n");
	r = RUN("run", HOOKS, "--name=x", "-c", "kill -TERM $PPID; sleep 1000");
	EXPECT_RUN(r, 143, "failure 143\nexit x 1\n", "");
	/* What they say is no part of the record, what they leave with not of ours. */
	r = RUN("run", "--json", "--on-exit=echo said; exit 4", "true");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(JSON_LINES(r).len, 1);
	EXPECT_ERR_HAS(r, "said\n");
	EXPECT_ERR_HAS(r, "the command of --on-exit ended with status 4");
	/* They have the command's environment and nothing to read. */
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "-E", "MINE=1", "--on-exit=cat; echo $MINE", "true"),
		.input = "typed" });
	EXPECT_RUN(r, 0, "1\n", "");
	/* The lock is still held. */
	r = RUN("run", "-l", "lock", "--on-exit=flock -n lock true; echo $?", "true");
	EXPECT_RUN(r, 0, "1\n", "");
}

Test(run_report, a_command_for_the_end_can_be_stopped)
{
	const struct run_request request = {
		.words = WORDS("run", "--on-exit=echo ready; sleep 1000", "true")
	};
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	run_wait_for(&child, "ready");
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 143);
}

static struct run signalled(const char *option, const char *script, int signo)
{
	const struct run_request request = { .words = WORDS("run", option, "-c", script) };
	struct run_child child;

	run_start(&request, &child);
	run_wait_for(&child, "ready");
	cr_assert_eq(kill(child.pid, signo), 0);
	return run_finish(&child);
}

#define WAIT "echo ready; while :; do sleep 0.01; done"

Test(run_report, a_signal_can_mean_a_command)
{
	struct run r = signalled("--on-signal=TERM=echo $RUN_SIGNAL; kill -USR1 $RUN_PID",
	                         "trap 'exit 5' USR1; " WAIT, SIGTERM);

	EXPECT_RUN(r, 5, "ready\nTERM\n", "");
	r = signalled("--on-signal=RTMIN+1=kill -USR1 $RUN_PID", "trap 'exit 5' USR1; " WAIT,
	              SIGRTMIN + 1);
	EXPECT_STATUS(r, 5);
}

Test(run_report, a_signal_can_stand_for_another)
{
	struct run r =
		signalled("--rewrite=TERM=QUIT", "trap 'echo quit; exit 7' QUIT; " WAIT, SIGTERM);

	EXPECT_OUT_HAS(r, "quit");
	/* It was TERM that stopped the run. */
	EXPECT_STATUS(r, 143);
	r = signalled("--rewrite=HUP=USR1", "trap 'exit 7' USR1; " WAIT, SIGHUP);
	EXPECT_STATUS(r, 143 - SIGTERM + SIGHUP);
	r = signalled("--rewrite=USR2=USR1", "trap 'exit 7' USR1; " WAIT, SIGUSR2);
	EXPECT_STATUS(r, 7);
	/* Dropped. */
	r = signalled("--rewrite=TERM=0", "trap : TERM; echo ready; sleep 0.2; exit 8", SIGTERM);
	EXPECT_STATUS(r, 8);
}

Test(run_report, statuses_can_be_mapped)
{
	struct run r = RUN("run", "--map-exit=3=0", "--map-exit=4=44", "-c", "exit 3");

	EXPECT_STATUS(r, 0);
	r = RUN("run", "--map-exit=3=0", "--map-exit=4=44", "-c", "exit 4");
	EXPECT_STATUS(r, 44);
	r = RUN("run", "--map-exit=127=3", "no-such-command");
	EXPECT_STATUS(r, 3);
	r = signalled("--map-exit=143=0", WAIT, SIGTERM);
	EXPECT_STATUS(r, 0);
}

Test(run_report, as_init_the_command_decides)
{
	/* It is told, and takes its time. */
	struct run r =
		signalled("--init", "trap 'sleep 0.1; echo bye; exit 6' TERM; " WAIT, SIGTERM);

	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "ready\nbye\n");
	r = signalled("--init", "trap 'exit 9' WINCH; " WAIT, SIGWINCH);
	EXPECT_STATUS(r, 9);
}

/* In a pid namespace of its own it is process 1 without being told. */
static void need_pid_namespace(void)
{
	struct run r;

	need_root();
	(void)need_program("unshare");
	r = RUN_PEER("unshare", "-pf", "--mount-proc", "true");
	if (r.status != 0)
		skip("no pid namespaces here");
}

Test(run_report, as_process_1_it_reaps_and_passes_on)
{
	struct run r;

	need_pid_namespace();
	r = RUN_PEER("unshare", "-pf", "--mount-proc", run_binary(), "run", "--map-exit=143=0",
	             "-c", "kill -TERM 1; sleep 1000");
	EXPECT_STATUS(r, 0);
	r = RUN_PEER("unshare", "-pf", "--mount-proc", run_binary(), "run", "--rewrite=TERM=QUIT",
	             "-c", "trap 'exit 7' QUIT; kill -TERM 1; sleep 1; sleep 1000");
	EXPECT_STATUS(r, 7);
	/* Those whose parents have ended leave no zombies behind. */
	r = RUN_PEER("unshare", "-pf", "--mount-proc", run_binary(), "run", "-c",
	             "for i in 1 2 3; do (sh -c 'sleep 0.01 & exit'); done; sleep 0.2; "
	             "grep -l '^State:.Z' /proc/[0-9]*/status; :");
	EXPECT_RUN(r, 0, "", "");
}

/* From the terminal and from the guard, say: what was held back is printed all the same. */
Test(run_report, a_signal_that_comes_twice_is_one)
{
	const struct run_request request = {
		.words = WORDS(
			"run", "-q", "-c",
			"trap 'kill -INT $PPID; exit 3' INT; echo kept; echo ready >&2; echo x "
			">ready; while :; do sleep 0.01; done")
	};
	struct run_child child;
	struct run r;
	int ready;

	tree("p ready");
	run_start(&request, &child);
	ready = open("ready", O_RDONLY | O_CLOEXEC);
	cr_assert(ready >= 0);
	cr_assert_eq(kill(child.pid, SIGINT), 0);
	r = run_finish(&child);
	(void)close(ready);
	EXPECT_STATUS(r, 130);
	EXPECT_OUT(r, "kept\n");
	EXPECT_ERR_HAS(r, "ready\n");
}

/* Nobody reads what is said in the end: it can be interrupted. */
Test(run_report, printing_what_was_kept_can_be_interrupted)
{
	struct run r;

	tree("p go");
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c",
	                       "mkfifo out; exec 3<>out; \"$0\" run -q sh -c 'head -c 1000000 "
	                       "/dev/zero; echo x >go; exit 3' >out & read x <go; sleep 0.2; kill "
	                       "-TERM $!; wait $!; echo $?",
	                       run_binary()),
		.err_to = RUN_TO_NOTHING });

	EXPECT_OUT(r, "143\n");
}
