/* SPDX-License-Identifier: MIT */
/*
 * run: nothing survives. The processes of a job hold the write end of a fifo; when all of them
 * are gone, its reader sees the end. Nobody is looked for by name or number.
 */
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
#include <sys/pidfd.h>
#include <unistd.h>

enum { LINES = 5, PATIENCE_MS = 30000 };

/*
 * A plain child, one in a session of its own, one whose parent is gone, one that ignores TERM,
 * and the command itself. Each says so.
 */
#define KIDS                                                                \
	"setsid sh -c 'echo s; exec sleep 1000' >kids 2>&1 & "              \
	"sh -c 'echo c; exec sleep 1000' >kids 2>&1 & "                     \
	"sh -c '(setsid sh -c \"echo d; exec sleep 1000\" >kids 2>&1 &)'; " \
	"sh -c 'trap \"\" TERM HUP INT; echo t; sleep 1000; sleep 1000; sleep 1000' >kids 2>&1 & "

static int kids = -1;

static void enter(void)
{
	sandbox_enter();
	tree("p kids", "p go");
	kids = open("kids", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_assert(kids >= 0);
	tree_text("job", KIDS "exec >kids; echo p; sleep 1000");
	tree_text("writer", KIDS "echo p >kids; read x <go; echo anybody there; sleep 1000");
	tree_text("quitter", "trap 'exit 0' TERM; " KIDS "exec >kids; echo p; sleep 1000");
}

static void leave(void)
{
	(void)close(kids);
	sandbox_leave();
}

TestSuite(run_leaks, .init = enter, .fini = leave);

static bool wait_readable(void)
{
	struct pollfd fd = { .fd = kids, .events = POLLIN };
	int n;

	do {
		n = poll(&fd, 1, PATIENCE_MS);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Until all of them have said that they are there. */
static void wait_for_kids(void)
{
	/* Until then there is a writer in any case, whoever comes and goes. */
	int held = open("kids", O_WRONLY | O_CLOEXEC);
	int lines = 0;

	cr_assert(held >= 0);
	while (lines < LINES) {
		char text[64];
		ssize_t n;

		cr_assert(wait_readable(), "%d of %d", lines, LINES);
		n = read(kids, text, sizeof(text));
		cr_assert(n != 0, "they ended too early");
		for (ssize_t i = 0; i < n; i++)
			lines += text[i] == '\n';
	}
	(void)close(held);
}

/* Nobody holds the fifo now, or, with `patient`, soon. */
static bool are_gone(bool patient)
{
	char text[256];
	ssize_t n;

	do {
		if (patient && !wait_readable())
			return false;
		n = read(kids, text, sizeof(text));
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0;
}

/* To whoever reads a line from the other fifo. */
static void say_go(void)
{
	int go = open("go", O_WRONLY | O_CLOEXEC);

	cr_assert(go >= 0);
	cr_assert_eq(write(go, "\n", 1), 1);
	cr_assert_eq(close(go), 0);
}

static const char *const reaches[] = { "--isolate=auto", "--isolate=subreaper", "--isolate=pidns" };

/* How many of them there are here. */
static size_t n_reaches(void)
{
	struct run r = RUN("run", "--isolate=pidns", "true");

	return r.status == 0 ? 3 : 2;
}

/* Signals the run once everybody is there; `how` is among its options. */
static struct run signal_it(const char *job, const char *how, int signo)
{
	const struct run_request request = { .words = WORDS("run", how, "--kill-after=50ms", "sh",
		                                            job) };
	struct run_child child;

	run_start(&request, &child);
	wait_for_kids();
	cr_assert_eq(kill(child.pid, signo), 0);
	return run_finish(&child);
}

Test(run_leaks, none_after_a_signal_to_the_run)
{
	size_t n = n_reaches();
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		for (size_t k = 0; k < n; k++) {
			struct run r = signal_it("job", reaches[k], signals[i]);

			EXPECT_STATUS(r, 128 + signals[i]);
			cr_expect(are_gone(false), "%s, signal %d", reaches[k], signals[i]);
		}
	}
}

Test(run_leaks, none_after_kill_of_the_run)
{
	size_t n = n_reaches();

	for (size_t k = 0; k < n; k++) {
		struct run r = signal_it("job", reaches[k], SIGKILL);

		EXPECT_STATUS(r, 137);
		cr_expect(are_gone(true), "%s", reaches[k]);
	}
}

/* Where a test may make one at all. */
static bool has_control_group(const char *keeper)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < 2; i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/dutybox-run-%.*s", places[i],
		               (int)strcspn(keeper, "\n"), keeper);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

/* The second of the run's two processes: the parent of the command. */
Test(run_leaks, none_after_kill_of_the_keeper)
{
	tree_text("telling", KIDS "echo $PPID >keeper; exec >kids; echo p; sleep 1000");
	for (size_t k = 0; k < 2; k++) {
		const struct run_request request = { .words = WORDS("run", reaches[k], "sh",
			                                            "telling") };
		struct run_child child;
		struct run r;
		char text[32] = "";
		int fd;

		run_start(&request, &child);
		wait_for_kids();
		fd = open("keeper", O_RDONLY | O_CLOEXEC);
		cr_assert(read(fd, text, sizeof(text) - 1) > 0);
		(void)close(fd);
		cr_assert_eq(kill((pid_t)strtol(text, NULL, 10), SIGKILL), 0);
		r = run_finish(&child);
		EXPECT_STATUS(r, 137);
		cr_expect(are_gone(false), "%s", reaches[k]);
		cr_expect(!has_control_group(text), "%s", reaches[k]);
	}
}

Test(run_leaks, none_when_the_command_leaves_at_once_and_others_ignore_the_signal)
{
	size_t n = n_reaches();

	for (size_t k = 0; k < n; k++) {
		struct run r = signal_it("quitter", reaches[k], SIGTERM);

		EXPECT_STATUS(r, 128 + SIGTERM);
		cr_expect(are_gone(false), "%s", reaches[k]);
	}
}

Test(run_leaks, none_after_the_time_limit)
{
	size_t n = n_reaches();

	for (size_t k = 0; k < n; k++) {
		struct run r = RUN("run", reaches[k], "-t1", "-k50ms", "sh", "job");

		EXPECT_STATUS(r, 124);
		cr_expect(are_gone(false), "%s", reaches[k]);
	}
}

Test(run_leaks, none_after_an_interrupt_from_the_terminal)
{
	size_t n = n_reaches();

	/* A shell that is about to fork keeps an interrupt for later: its child speaks last. */
	tree_text("typed", KIDS "sh -c 'echo p; exec sleep 1000' >kids; exit");
	for (size_t k = 0; k < n; k++) {
		const struct run_request request = {
			.words = WORDS("run", reaches[k], "-k50ms", "sh", "typed"),
			.from = RUN_FROM_TERMINAL,
			.err_to = RUN_TO_TERMINAL,
		};
		struct run_child child;
		struct run r;

		run_start(&request, &child);
		wait_for_kids();
		cr_assert_eq(write(child.terminal, "\003", 1), 1);
		r = run_finish(&child);
		EXPECT_STATUS(r, 130);
		cr_expect(are_gone(false), "%s", reaches[k]);
	}
}

Test(run_leaks, none_when_the_reader_of_the_output_is_gone)
{
	size_t n = n_reaches();

	for (size_t k = 0; k < n; k++) {
		const struct run_request request = {
			.words = WORDS("run", reaches[k], "-k50ms", "sh", "writer"),
			.out_to = RUN_TO_NOBODY,
		};
		struct run_child child;
		struct run r;

		run_start(&request, &child);
		wait_for_kids();
		say_go();
		r = run_finish(&child);
		EXPECT_STATUS(r, 128 + SIGPIPE);
		cr_expect(are_gone(false), "%s", reaches[k]);
	}
}

Test(run_leaks, none_with_kill_children)
{
	size_t n = n_reaches();

	tree_text("short", KIDS "echo p >kids; read x <go; exit 3");
	for (size_t k = 0; k < n; k++) {
		const struct run_request request = {
			.words = WORDS("run", reaches[k], "-k50ms", "--kill-children", "sh",
			               "short"),
		};
		struct run_child child;
		struct run r;

		run_start(&request, &child);
		wait_for_kids();
		say_go();
		r = run_finish(&child);
		EXPECT_STATUS(r, 3);
		cr_expect(are_gone(false), "%s", reaches[k]);
	}
}

Test(run_leaks, those_left_running_are_counted_and_live)
{
	struct run r;

	tree_text("leaver", "sh -c 'exec >kids; echo c; read x <go; echo done' & exit 3");
	r = RUN("run", "-v", "--json", "sh", "leaver");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "left running: 1");
	EXPECT_OUT_HAS(r, "\"left_running\":1,");
	cr_expect(!are_gone(false));
	say_go();
	cr_expect(are_gone(true));
}

Test(run_leaks, one_that_stopped_itself_ends_too)
{
	struct run r;

	tree_text("stopper", "exec >kids; kill -STOP $$; echo on; sleep 1000");
	r = RUN("run", "-t200ms", "sh", "stopper");
	EXPECT_STATUS(r, 124);
	cr_expect(are_gone(false));
}

Test(run_leaks, one_that_starts_more_when_told_to_end)
{
	struct run r;

	tree_text("hydra", "exec >kids; trap 'setsid sleep 1000 & setsid sleep 1000 &' TERM; "
	                   "while :; do sleep 1000 & wait; done");
	r = RUN("run", "-t200ms", "-k200ms", "sh", "hydra");
	EXPECT_STATUS(r, 137);
	cr_expect(are_gone(false));
}

Test(run_leaks, none_of_a_run_in_the_background)
{
	struct run r = RUN("run", "-d", "-k50ms", "--pidfile=pid", "-l", "lock", "sh", "job");
	struct pollfd end = { .events = POLLIN };
	char text[32] = "";
	pid_t pid;
	int fd;

	EXPECT_RUN(r, 0, "", "");
	fd = open("pid", O_RDONLY | O_CLOEXEC);
	cr_assert(read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	pid = (pid_t)strtol(text, NULL, 10);
	end.fd = pidfd_open(pid, 0);
	cr_assert(end.fd >= 0);
	wait_for_kids();
	r = RUN("run", "-l", "lock", "true");
	EXPECT_STATUS(r, 75);
	text[strcspn(text, "\n")] = '\0';
	EXPECT_ERR_HAS(r, text);
	cr_assert_eq(kill(pid, SIGTERM), 0);
	cr_assert_eq(poll(&end, 1, PATIENCE_MS), 1);
	(void)close(end.fd);
	cr_expect(are_gone(false));
	expect_no_file("pid");
}

Test(run_leaks, a_file_for_the_number_is_no_link)
{
	struct run r;

	tree("t precious keep", "l pid -> precious");
	r = RUN("run", "-d", "--pidfile=pid", "-c", "echo x >kids");
	EXPECT_STATUS(r, 125);
	expect_file("precious", "keep");
	r = RUN("run", "--pidfile=kids", "true");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "-d", "--pidfile=other", "no-such-command");
	EXPECT_STATUS(r, 127);
	expect_no_file("other");
}

Test(run_leaks, no_namespace_is_said_clearly)
{
	struct run r;

	(void)need_program("strace");
	need_no_sanitizer();
	r = RUN_PEER("strace", "-qq", "-o/dev/null", "-e", "inject=clone3:error=EPERM",
	             run_binary(), "run", "--isolate=pidns", "true");
	if (strstr(r.err, "ptrace") != NULL)
		skip("no tracing here");
	EXPECT_RUN(r, 125, "", "run: cannot make a pid namespace: Operation not permitted\n");
}
