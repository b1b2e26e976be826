/* SPDX-License-Identifier: MIT */
/* run --pipe: words, statuses of stages, limits on the whole, nothing left behind. */
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

TestSuite(run_pipe, .init = sandbox_enter, .fini = sandbox_leave);

Test(run_pipe, connects_stages)
{
	struct run r = RUN("run", "--pipe", "printf 'b\\nc\\na\\n'", "sort -r", "head -n 2");

	EXPECT_RUN(r, 0, "c\nb\n", "");
	r = RUN("run", "--pipe", "echo one");
	EXPECT_RUN(r, 0, "one\n", "");
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--pipe", "cat", "cat", "cat", "cat"), .input = "x y\n" });
	EXPECT_RUN(r, 0, "x y\n", "");
	r = RUN("run", "--pipe", "printf %s|%s 'a  b' \"c'd\"", "cat");
	EXPECT_STATUS(r, 125);
	r = RUN("run", "--pipe", "printf '%s|%s' 'a  b' \"c'd\"", "cat");
	EXPECT_RUN(r, 0, "a  b|c'd", "");
	r = RUN("run", "-c", "--pipe", "echo a; echo b >&2", "tr a-z A-Z | tr A Z");
	EXPECT_RUN(r, 0, "Z\n", "b\n");
	r = RUN("run", "--merge", "-c", "--pipe", "echo a; echo b >&2", "cat");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "a\n");
	EXPECT_OUT_HAS(r, "b\n");
}

Test(run_pipe, leaves_with_the_last_failure)
{
	static const struct {
		const char *stages[4];
		int status;
		const char *codes;
	} cases[] = {
		{ { "true", "true", "true" }, 0, "0 0 0" },
		{ { "true", "true", "sh -c 'exit 3'" }, 3, "0 0 3" },
		{ { "sh -c 'exit 4'", "true", "true" }, 4, "4 0 0" },
		{ { "sh -c 'exit 4'", "sh -c 'exit 5'", "true" }, 5, "4 5 0" },
		{ { "true", "no-such-command", "true" }, 127, "0 127 0" },
		{ { "true", "/", "true" }, 126, "0 126 0" },
		/* A reader that has enough is no failure of who writes, but one of the last is. */
		{ { "yes", "head -n 1" }, 0, "141 0" },
		{ { "yes", "cat", "head -n 1" }, 0, "141 141 0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = RUN("run", "--json", "-o", "out", "--pipe", cases[i].stages[0],
		                   cases[i].stages[1], cases[i].stages[2]);
		struct json_lines lines = JSON_LINES(r);
		const struct json *codes = json_get(json_record(&lines, "item", 0), "pipestatus");
		char text[64] = "";

		cr_expect_eq(r.status, cases[i].status, "case %zu: %d", i, r.status);
		cr_assert_not_null(codes);
		for (size_t k = 0; k < codes->len; k++)
			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			               k > 0 ? " " : "", codes->items[k]->text);
		cr_expect_str_eq(text, cases[i].codes, "case %zu", i);
	}
}

Test(run_pipe, dies_by_the_signal_of_a_stage)
{
	struct run r = RUN("run", "--json", "-c", "--pipe", "echo a", "kill -9 $$", "cat");
	struct json_lines lines = JSON_LINES(r);

	EXPECT_STATUS(r, 137);
	cr_expect_str_eq(json_string(json_record(&lines, "item", 0), "term_signal"), "KILL");
	r = RUN("run", "-c", "--pipe", "echo a", "kill -PIPE $$");
	EXPECT_STATUS(r, 141);
}

Test(run_pipe, passes_a_lot)
{
	struct run r = RUN("run", "--pipe", "head -c 1G /dev/zero", "head -c 1");

	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out_len, 1);
	r = RUN("run", "--pipe", "head -c 50000000 /dev/zero", "wc -c");
	EXPECT_RUN(r, 0, "50000000\n", "");
}

Test(run_pipe, refuses_what_is_no_command)
{
	static const char *const cases[][5] = {
		{ "run", "--pipe" },
		{ "run", "--pipe", "" },
		{ "run", "--pipe", "echo a", "# b" },
		{ "run", "--pipe", "echo 'a", "cat" },
		{ "run", "--pipe", "echo a > b" },
		{ "run", "--pipe", "echo $a" },
		{ "run", "--pipe", "--isolate=none", "echo a" },
		{ "run", "--pipe", "--argv0=x", "echo a" },
		{ "run", "--pipe", "--exec", "echo a" },
		{ "run", "--pipe", "-j2", "echo a" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		cr_expect_str_eq(r.out, "", "case %zu", i);
	}
	struct run r = RUN("run", "--pipe", "cat", "echo a | cat");

	EXPECT_ERR_HAS(r, "echo a | cat\n");
	EXPECT_ERR_HAS(r, "       ^");
	expect_empty_dir(".");
}

Test(run_pipe, is_tried_again_as_a_whole)
{
	struct run r = RUN("run", "-q", "-r", "3", "--delay", "1ms", "-c", "--pipe",
	                   "echo $RUN_ATTEMPT", "read n; echo got $n; [ $n = 3 ]");

	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "-r", "1", "--delay", "1ms", "-c", "--pipe", "echo $RUN_ATTEMPT",
	        "read n; echo got $n; [ $n = 3 ]");
	EXPECT_RUN(r, 1, "got 1\ngot 2\n", "");
}

Test(run_pipe, has_what_a_command_has)
{
	struct run r;

	tree("d dir");
	tree_text("in", "from file\n");
	r = RUN("run", "-C", "dir", "-E", "X=y", "--stdin", "in", "--tag", "t", "-c", "--pipe",
	        "cat; pwd | sed 's|.*/||'", "cat; echo $X; ls /proc/self/fd | wc -l");
	EXPECT_RUN(r, 0, "t from file\nt dir\nt y\nt 4\n", "");
	r = RUN("run", "--capture", "--json", "--pipe", "echo a", "tr a b");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\"stdout\":\"b\\n\"");
	EXPECT_OUT_HAS(r, "\"argv\":[\"echo a\",\"tr a b\"]");
}

static int kids = -1;

static void enter(void)
{
	sandbox_enter();
	tree("p kids");
	kids = open("kids", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_assert(kids >= 0);
	/* Three processes of each stage: the last one ignores TERM. */
	tree_text("stage", "setsid sh -c 'echo s; exec sleep 1000' >kids 2>&1 & "
	                   "sh -c 'trap \"\" TERM; echo t; sleep 1000; sleep 1000' >kids 2>&1 & "
	                   "echo p >kids; sleep 1000");
}

static void leave(void)
{
	(void)close(kids);
	sandbox_leave();
}

TestSuite(run_pipe_leaks, .init = enter, .fini = leave);

static void wait_for_lines(int lines)
{
	int held = open("kids", O_WRONLY | O_CLOEXEC);

	while (lines > 0) {
		struct pollfd fd = { .fd = kids, .events = POLLIN };
		char text[64];
		ssize_t n;

		cr_assert(poll(&fd, 1, 30000) > 0, "%d lines are missing", lines);
		n = read(kids, text, sizeof(text));
		for (ssize_t i = 0; i < n; i++)
			lines -= text[i] == '\n' ? 1 : 0;
	}
	(void)close(held);
}

static bool are_gone(void)
{
	char text[256];
	ssize_t n;

	do {
		struct pollfd fd = { .fd = kids, .events = POLLIN };

		if (poll(&fd, 1, 30000) <= 0)
			return false;
		n = read(kids, text, sizeof(text));
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0;
}

static const char *const reaches[] = { "--isolate=auto", "--isolate=subreaper" };

Test(run_pipe_leaks, none_after_a_signal)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGKILL };

	for (size_t i = 0; i < 6; i++) {
		const struct run_request request = {
			.words = WORDS("run", reaches[i % 2], "-k50ms", "--pipe", "sh stage",
			               "sh stage", "sh stage"),
		};
		struct run_child child;
		struct run r;

		run_start(&request, &child);
		wait_for_lines(9);
		cr_assert_eq(kill(child.pid, signals[i / 2]), 0);
		r = run_finish(&child);
		EXPECT_STATUS(r, 128 + signals[i / 2]);
		cr_expect(are_gone(), "%zu", i);
	}
}

Test(run_pipe_leaks, none_after_the_time_limit)
{
	for (size_t i = 0; i < 2; i++) {
		struct run r = RUN("run", reaches[i], "-t", "1s", "-k50ms", "--pipe", "sh stage",
		                   "sh stage");

		/* The leader of the pipeline ends as its stages do. */
		EXPECT_STATUS(r, 124);
		cr_expect(are_gone());
	}
}

Test(run_pipe_leaks, other_signals_reach_all_stages)
{
	const struct run_request request = {
		.words = WORDS(
			"run", "-c", "--pipe",
			"trap 'echo one; exit' USR1; echo p >kids; while :; do sleep 0.01; done",
			"trap 'cat; echo two; exit' USR1; echo p >kids; while :; do sleep 0.01; "
			"done"),
	};
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	wait_for_lines(2);
	cr_assert_eq(kill(child.pid, SIGUSR1), 0);
	r = run_finish(&child);
	EXPECT_RUN(r, 0, "one\ntwo\n", "");
}
