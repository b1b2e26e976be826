/* SPDX-License-Identifier: MIT */
/*
 * run -j: nothing survives, and nothing is lost. As in run_leaks_test.c, the processes of jobs hold
 * the write end of a fifo and say when they are there; nobody is looked for by name.
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
#include <unistd.h>

enum { PATIENCE_MS = 30000, EACH = 3 };

/* Three lines of each job: of one in a session of its own, of one that lost its parent, its own. */
#define KIDS                                                   \
	"setsid sh -c 'echo s; exec sleep 1000' >kids 2>&1 & " \
	"sh -c '(setsid sh -c \"echo d; exec sleep 1000\" >kids 2>&1 &)'; "

static int kids = -1;

static void enter(void)
{
	sandbox_enter();
	tree("p kids");
	kids = open("kids", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_assert(kids >= 0);
	tree_text("job", KIDS "echo keeper $PPID; exec >kids; echo p; sleep 1000");
}

static void leave(void)
{
	(void)close(kids);
	sandbox_leave();
}

TestSuite(run_parallel_leaks, .init = enter, .fini = leave);

static bool wait_readable(void)
{
	struct pollfd fd = { .fd = kids, .events = POLLIN };
	int n;

	do {
		n = poll(&fd, 1, PATIENCE_MS);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

static void wait_for_lines(int lines)
{
	int held = open("kids", O_WRONLY | O_CLOEXEC);

	cr_assert(held >= 0);
	while (lines > 0) {
		char text[256];
		ssize_t n;

		cr_assert(wait_readable(), "%d lines are missing", lines);
		n = read(kids, text, sizeof(text));
		cr_assert(n != 0, "they ended too early");
		for (ssize_t i = 0; i < n; i++)
			lines -= text[i] == '\n' ? 1 : 0;
	}
	(void)close(held);
}

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

static const char *const modes[] = { "--keep-order", "--line-buffer", "--ungroup" };

enum { MODES = sizeof(modes) / sizeof(modes[0]) };

Test(run_parallel_leaks, none_after_a_signal_to_the_run)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGKILL };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		for (size_t m = 0; m < MODES; m++) {
			const struct run_request request = {
				.words = WORDS("run", "-j3", modes[m], "-k50ms", "sh", "job", "{}",
				               ":::", "1", "2", "3", "4", "5")
			};
			struct run_child child;
			struct run r;

			run_start(&request, &child);
			wait_for_lines(3 * EACH);
			cr_assert_eq(kill(child.pid, signals[i]), 0);
			r = run_finish(&child);
			EXPECT_STATUS(r, 128 + signals[i]);
			cr_expect(are_gone(signals[i] == SIGKILL), "%s, %d", modes[m], signals[i]);
		}
	}
}

Test(run_parallel_leaks, a_hundred_jobs_end_at_once)
{
	char list[101 * 4] = "";
	struct run_request request = { .words = WORDS("run", "-j100", "-c",
		                                      "sh job {}; echo not reached {}"),
		                       .input = list,
		                       .seconds = 120 };
	struct run_child child;
	struct run r;
	size_t len = 0;

	for (int i = 100; i < 200; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%d\n", i);
	request.input_len = len;
	run_start(&request, &child);
	wait_for_lines(100 * EACH);
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 143);
	cr_expect(are_gone(false));
	/* What they had written is not lost. */
	EXPECT_OUT_HAS(r, "keeper ");
	EXPECT_OUT_LACKS(r, "not reached");
}

Test(run_parallel_leaks, none_after_a_halt)
{
	tree("p go");
	for (size_t m = 0; m < MODES; m++) {
		const struct run_request request = {
			.words = WORDS("run", "-j3", modes[m], "-k50ms", "--halt", "now,fail=1",
			               "-c",
			               "if [ {} = 2 ]; then read x <go; exit 9; fi; exec sh job",
			               ":::", "1", "2", "3", "4")
		};
		struct run_child child;
		struct run r;
		int go;

		run_start(&request, &child);
		wait_for_lines(2 * EACH);
		go = open("go", O_WRONLY | O_CLOEXEC);
		cr_assert_eq(write(go, "\n", 1), 1);
		(void)close(go);
		r = run_finish(&child);
		EXPECT_STATUS(r, 9);
		cr_expect(are_gone(false), "%s", modes[m]);
	}
}

Test(run_parallel_leaks, none_after_the_time_limit)
{
	struct run r = RUN("run", "-j2", "-t1", "-k50ms", "sh", "job", "{}", ":::", "1", "2", "3");

	EXPECT_STATUS(r, 3);
	cr_expect(are_gone(false));
}

/* The pid behind "keeper " in what has been written. */
static pid_t keeper_of(const char *file)
{
	char text[64] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	cr_assert(read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

Test(run_parallel_leaks, a_killed_worker_costs_one_job)
{
	const struct run_request request = {
		.words = WORDS("run", "-j1", "--json", "-c",
		               "if [ {} = 1 ]; then echo $PPID >keeper; exec sh job; fi; echo {}",
		               ":::", "1", "2"),
	};
	struct run_child child;
	struct json_lines lines;
	struct run r;

	run_start(&request, &child);
	wait_for_lines(EACH);
	cr_assert_eq(kill(keeper_of("keeper"), SIGKILL), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "job 1: the process that kept it was killed");
	cr_expect(are_gone(false));
	lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "item", 0), "status", 0), 137);
	cr_expect_eq(json_int(json_record(&lines, "item", 1), "status", 1), 0);
}

Test(run_parallel_leaks, the_coordinator_may_be_killed_too)
{
	const struct run_request request = {
		.words = WORDS("run", "-j2", "-c",
		               "cut -d' ' -f4 /proc/$PPID/stat >coordinator{}; exec sh job",
		               ":::", "1", "2"),
	};
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	wait_for_lines(2 * EACH);
	cr_assert_eq(kill(keeper_of("coordinator1"), SIGKILL), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 137);
	cr_expect(are_gone(false));
}

/* The one that wrote its number to the file. */
static void end_left(void)
{
	FILE *file = fopen("left", "re");
	int pid = 0;

	cr_assert_not_null(file);
	cr_assert_eq(fscanf(file, "%d", &pid), 1);
	(void)fclose(file);
	cr_assert(pid > 1);
	cr_expect_eq(kill(pid, SIGKILL), 0);
}

Test(run_parallel_leaks, what_a_job_leaves_on_purpose_is_nobody_elses)
{
	const struct run_request request = {
		.words = WORDS(
			"run", "-j1", "--json", "-c",
			"if [ {} = 1 ]; then setsid sh -c 'echo $$ >left; echo s; exec sleep 1000' "
			">kids & fi; echo {}",
			":::", "1", "2", "3"),
	};
	struct run r = run_argv(&request);
	struct json_lines lines = JSON_LINES(r);
	char text[8];

	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "1\n2\n3\n");
	cr_expect_eq(json_int(json_record(&lines, "item", 0), "left_running", -1), 1);
	cr_expect_eq(json_int(json_record(&lines, "item", 1), "left_running", -1), 0);
	cr_expect_eq(json_int(json_record(&lines, "item", 2), "left_running", -1), 0);
	/* It still is there. */
	wait_for_lines(1);
	cr_expect(read(kids, text, sizeof(text)) < 0 && errno == EAGAIN);
	end_left();
	r = RUN("run", "-j1", "--kill-children", "-k50ms", "-c",
	        "setsid sh -c 'echo s; exec sleep 1000' >kids & echo {}", ":::", "1", "2");
	EXPECT_RUN(r, 0, "1\n2\n", "");
}

Test(run_parallel_leaks, goes_on_after_it_was_killed)
{
	static const char script[] = "echo {} >>ran; if [ {} = 4 ] && [ ! -e again ]; then "
				     "echo there >kids; sleep 1000; fi";
	const struct run_request request = {
		.words = WORDS("run", "-j1", "--joblog", "log", "-c", script, ":::", "1", "2", "3",
		               "4", "5"),
	};
	struct run_child child;
	struct run r;
	int fd;

	run_start(&request, &child);
	wait_for_lines(1);
	cr_assert_eq(kill(child.pid, SIGKILL), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 137);
	expect_file("ran", "1\n2\n3\n4\n");
	/* And the last line had not been written whole. */
	fd = open("log", O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_eq(write(fd, "4\t:\t179", 7), 7);
	(void)close(fd);
	tree_text("again", "");
	/* The killed run's processes may hold the log for a moment. */
	do {
		r = RUN("run", "-j1", "--joblog", "log", "--resume", "-c", script, ":::", "1", "2",
		        "3", "4", "5");
	} while (r.status == 255 && strstr(r.err, "another run") != NULL);
	EXPECT_RUN(r, 0, "", "");
	expect_file("ran", "1\n2\n3\n4\n4\n5\n");
}

Test(run_parallel_leaks, one_log_has_one_run)
{
	const struct run_request request = {
		.words = WORDS("run", "-j1", "--joblog", "log", "-c", "exec sh job #", ":::", "1"),
	};
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	wait_for_lines(EACH);
	r = RUN("run", "-j1", "--joblog", "log", "--resume", "echo", ":::", "1");
	EXPECT_STATUS(r, 255);
	EXPECT_OUT(r, "");
	EXPECT_ERR_HAS(r, "another run");
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	(void)run_finish(&child);
	cr_expect(are_gone(false));
}

Test(run_parallel_leaks, the_reader_may_go)
{
	const struct run_request request = {
		.words = WORDS(
			"run", "-j2", "-c",
			"if [ {} = 1 ]; then exec sh job; else until [ -e go ]; do sleep 0.01; "
			"done; echo x; fi",
			":::", "1", "2"),
		.out_to = RUN_TO_NOBODY,
	};
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	wait_for_lines(EACH);
	tree_text("go", "");
	r = run_finish(&child);
	EXPECT_STATUS(r, 128 + SIGPIPE);
	cr_expect(are_gone(false));
}

Test(run_parallel_leaks, nothing_leaks_into_jobs)
{
	/* The directory that ls reads is the only one beside the three. */
	struct run r = RUN("run", "-j2", "--joblog", "log", "--results", "res", "--keep-order",
	                   "-c", "ls /proc/self/fd | wc -l #", ":::", "1", "2", "3");

	EXPECT_RUN(r, 0, "4\n4\n4\n", "");
	r = RUN("run", "-j1", "--line-buffer", "-c", "ls /proc/self/fd | wc -l #", ":::", "1", "2");
	EXPECT_RUN(r, 0, "4\n4\n", "");
}

Test(run_parallel_leaks, works_with_few_descriptors)
{
	const struct run_request request = {
		.words = WORDS("run", "-j100", "--keep-order", "echo", ":::", "1", "2", "3", "4",
		               "5", "6", "7", "8"),
		.limits = { { RLIMIT_NOFILE, 24 } },
	};
	struct run r = run_argv(&request);

	EXPECT_RUN(r, 0, "1\n2\n3\n4\n5\n6\n7\n8\n", "");
}
