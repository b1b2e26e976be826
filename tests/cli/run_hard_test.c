/* SPDX-License-Identifier: MIT */
/* run: terminals that stop, hang up or are typed at; limits of the system; other users. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

TestSuite(run_hard, .init = sandbox_enter, .fini = sandbox_leave);

static struct run_request at_terminal(const char *const *words)
{
	return (struct run_request){ .words = words,
		                     .from = RUN_FROM_TERMINAL,
		                     .out_to = RUN_TO_TERMINAL,
		                     .err_to = RUN_TO_TERMINAL };
}

/* Ctrl-Z stops the command, and the run with it, so that a shell sees it; fg goes on with both. */
Test(run_hard, stops_and_goes_on_with_its_command)
{
	const struct run_request request =
		at_terminal(WORDS("run", "-t1h", "-c", "echo ready; read x; echo got $x; exit 3"));
	struct run_child child;
	struct run r;
	int status = 0;

	run_start(&request, &child);
	run_wait_for(&child, "ready");
	cr_assert_eq(write(child.terminal, "\032", 1), 1);
	cr_assert_eq(waitpid(child.pid, &status, WUNTRACED), child.pid);
	cr_assert(WIFSTOPPED(status));
	cr_assert_eq(kill(-child.pid, SIGCONT), 0);
	cr_assert_eq(write(child.terminal, "typed\n", 6), 6);
	r = run_finish(&child);
	EXPECT_STATUS(r, 3);
	EXPECT_OUT_HAS(r, "got typed");
}

/* Nobody is left who holds the fifo, soon. */
static void expect_end(int fifo)
{
	char text[256];
	ssize_t n;

	do {
		struct pollfd fd = { .fd = fifo, .events = POLLIN };

		cr_assert_eq(poll(&fd, 1, PATIENCE_MS), 1);
		n = read(fifo, text, sizeof(text));
	} while (n > 0);
	cr_expect_eq(n, 0);
}

Test(run_hard, ends_when_the_terminal_is_closed)
{
	static const char *const ways[] = { "--isolate=auto", "--isolate=subreaper", "--pty" };

	tree("p held");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const struct run_request request =
			at_terminal(WORDS("run", ways[i], "-k50ms", "-c",
		                          "trap '' HUP TERM; exec 9>held; setsid sleep 1000 & echo "
		                          "ready; sleep 1000; sleep 1000"));
		int fifo = open("held", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		struct run_child child;
		struct run r;

		run_start(&request, &child);
		run_wait_for(&child, "ready");
		cr_assert_eq(close(child.terminal), 0);
		child.terminal = -1;
		child.terminal_ended = true;
		r = run_finish(&child);
		cr_expect_eq(r.status, 129, "%s: %d", ways[i], r.status);
		expect_end(fifo);
		(void)close(fifo);
	}
}

Test(run_hard, passwords_are_asked_for_at_the_terminal)
{
	/* As ssh and sudo do: the terminal itself, without echo. */
	const struct run_request request = at_terminal(
		WORDS("run", "-t1h", "-q", "-c",
	              "stty -echo </dev/tty; echo 'password:' >/dev/tty; read x </dev/tty; stty "
	              "echo </dev/tty; test $x = secret"));
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	run_wait_for(&child, "password:");
	cr_assert_eq(write(child.terminal, "secret\n", 7), 7);
	r = run_finish(&child);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_LACKS(r, "secret");
}

/* A setuid program that has become root altogether cannot be signalled by a user. */
Test(run_hard, tells_what_it_could_not_end)
{
	const char *program = need_program("setpriv");
	struct statvfs fs;
	struct run r;

	need_root();
	cr_assert_eq(statvfs(".", &fs), 0);
	if ((fs.f_flag & ST_NOSUID) != 0)
		skip("no set-user-id programs here");
	r = RUN_PEER("cp", program, "become");
	cr_assert_eq(chmod("become", 04755), 0);
	sandbox_drop_root();
	r = RUN("run", "--json", "-t100ms", "-k50ms", "./become", "--reuid=0", "--regid=0",
	        "--clear-groups", "sleep", "3");
	if (strstr(r.err, "become:") != NULL)
		skip("this program does not become root");
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "processes that could not be signalled: 1");
	EXPECT_OUT_HAS(r, "\"denied\":1,");
	EXPECT_OUT_HAS(r, "\"timed_out\":true,");
}

Test(run_hard, gives_no_descriptor_of_two_thousand)
{
	struct run r;

	(void)need_program("bash");
	r = run_argv(&(const struct run_request){
		.program = "bash",
		.words = WORDS("-c",
	                       "ulimit -n 4096 || exit 9; for ((i = 0; i < 2000; i++)); do exec "
	                       "{fd}</dev/null; done; exec \"$0\" run --tag=x --log=log -l lock ls "
	                       "/proc/self/fd",
	                       run_binary()) });
	if (r.status == 9)
		skip("not that many descriptors may be open");
	EXPECT_RUN(r, 0, "x 0\nx 1\nx 2\nx 3\n", "");
}

Test(run_hard, works_with_few_descriptors)
{
	static const char *const options[] = { "-v", "--tag=x", "-q", "--pty" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct run r = run_argv(&(const struct run_request){
			.words = WORDS("run", options[i], "-l", "lock", "-c", "exit 3"),
			.limits = { { RLIMIT_NOFILE, 24 } } });

		cr_expect_eq(r.status, 3, "%s: %d %s", options[i], r.status, r.err);
		/* As few as a test of POSIX may leave. */
		r = run_argv(
			&(const struct run_request){ .words = WORDS("run", "-t1h", "-c", "exit 3"),
		                                     .limits = { { RLIMIT_NOFILE, 16 } } });
		cr_expect_eq(r.status, 3, "%d %s", r.status, r.err);
		/* Or it says so. */
		r = run_argv(&(const struct run_request){
			.words = WORDS("run", options[i], "-c", "exit 3"),
			.limits = { { RLIMIT_NOFILE, 5 } } });
		cr_expect(r.status == 3 || r.status == 125, "%s: %d", options[i], r.status);
	}
}

Test(run_hard, says_that_there_are_too_many_processes)
{
	struct run r;

	need_no_sanitizer();
	sandbox_drop_root();
	r = run_argv(&(const struct run_request){ .words = WORDS("run", "true"),
	                                          .limits = { { RLIMIT_NPROC, 1 } } });
	EXPECT_RUN(r, 125, "", "run: cannot start a process: Resource temporarily unavailable\n");
	r = RUN("run", "--limit=processes=1", "-c", "(:) && (:)");
	cr_expect_neq(r.status, 0);
}

Test(run_hard, says_that_words_are_too_long)
{
	char *text = malloc(200001);
	struct run r;

	text[0] = 'A';
	text[1] = '=';
	memset(text + 2, 'x', 199998);
	text[200000] = '\0';
	tree_text("long", text);
	r = RUN("run", "--env-file=long", "true");
	EXPECT_STATUS(r, 126);
	EXPECT_ERR_HAS(r, "cannot run 'true': Argument list too long");
	free(text);
}

Test(run_hard, a_directory_that_cannot_be_written)
{
	struct run r;

	tree("d closed 555");
	sandbox_drop_root();
	r = RUN("run", "-l", "closed/lock", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "--status-file=closed/status", "true");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "--log=closed/log", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	expect_no_file("ran");
}

Test(run_hard, a_core_dump_is_told)
{
	struct run r = RUN("run", "--json", "--limit=core=0", "-c", "kill -SEGV $$");

	EXPECT_STATUS(r, 139);
	EXPECT_OUT_HAS(r, "\"term_signal\":\"SEGV\",");
	EXPECT_OUT_HAS(r, "\"core\":false,");
}

Test(run_hard, records_that_nobody_reads)
{
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--json", "true"), .out_to = RUN_TO_NOBODY });

	EXPECT_STATUS(r, 128 + SIGPIPE);
	/* An output that is JSON itself is no record. */
	r = RUN("run", "--json", "--capture", "-c", "echo '{\"record\":\"item\"}'");
	cr_expect_eq(JSON_LINES(r).len, 1);
	cr_expect_str_eq(json_string(JSON_LINES(r).items[0], "stdout"), "{\"record\":\"item\"}\n");
}

Test(run_hard, the_clock_that_nobody_sets_is_used)
{
	struct run r;

	(void)need_program("strace");
	need_no_sanitizer();
	r = RUN_PEER("strace", "-qq", "-f", "-e", "trace=timerfd_create,timerfd_settime",
	             run_binary(), "run", "-t1h", "true");
	if (strstr(r.err, "ptrace") != NULL)
		skip("no tracing here");
	EXPECT_ERR_HAS(r, "timerfd_create(CLOCK_MONOTONIC");
	EXPECT_ERR_LACKS(r, "CLOCK_REALTIME");
}
