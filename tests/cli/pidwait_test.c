/* SPDX-License-Identifier: MIT */
#include "support/expect.h"
#include "support/process.h"
#include "support/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(pidwait, .init = sandbox_enter, .fini = sandbox_leave);

static const char *own_pid(void)
{
	static char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)getpid());
	return text;
}

static struct process start_named(const char *name)
{
	return process_start(&(struct process_request){ .name = name });
}

Test(pidwait, time_over_is_124_and_nothing_is_1)
{
	struct process p = process_idle();
	struct run r = RUN("pidwait", "--timeout=0.1", "-p", p.text);

	EXPECT_RUN(r, 124, "", "");
	process_make_zombie(&p);
	/* It has ended: there is nothing to wait for. */
	r = RUN("pidwait", "-p", p.text);
	EXPECT_RUN(r, 1, "", "");
	r = RUN("pidwait", "-e", "-p", p.text);
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "zombie");
	(void)process_reap(&p);
	r = RUN("pidwait", "-p", p.text);
	EXPECT_RUN(r, 1, "", "");
	r = RUN("pidwait", "--exited", "-p", p.text);
	EXPECT_RUN(r, 0, "", "");
}

Test(pidwait, ids_of_pgrep_are_taken)
{
	struct process p = start_named("awaited");
	struct run r = RUN("pgrep", "--id", "-P", own_pid(), "awaited");
	char id[64];

	(void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(r.out, "\n"), r.out);
	r = RUN("pidwait", "--timeout=0.05", "-p", id);
	EXPECT_RUN(r, 124, "", "");
	r = RUN("pgrep", "-p", id);
	EXPECT_STATUS(r, 0);
	(void)snprintf(id, sizeof(id), "%s@1,%s:1", p.text, p.text);
	r = RUN("pidwait", "-p", id);
	EXPECT_RUN(r, 1, "", "");
	r = RUN("pgrep", "-p", id);
	EXPECT_RUN(r, 1, "", "");
	r = RUN("pidwait", "-p", "5:x");
	EXPECT_STATUS(r, 2);
	(void)process_end(&p);
}

Test(pidwait, wrong_usage_is_2)
{
	struct run r = RUN("pidwait", "--any", "--count-exits=2", "x");

	EXPECT_STATUS(r, 2);
	r = RUN("pidwait", "--timeout=x", "x");
	EXPECT_STATUS(r, 2);
	r = RUN("pidwait", "--count-exits=0", "x");
	EXPECT_STATUS(r, 2);
	r = RUN("pidwait", "");
	EXPECT_STATUS(r, 2);
}

/* Would never end. */
Test(pidwait, an_ancestor_is_passed_over)
{
	struct run r = RUN("pidwait", "-e", "-p", own_pid());

	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "skipped");
}

/* Three that end one after the other, and how many of the ends each run waits for. */
Test(pidwait, all_some_or_any)
{
	static const struct {
		const char *option;
		size_t wanted;
	} cases[] = { { "--any", 1 },
		      { "--count-exits=2", 2 },
		      { "--count-exits=9", 3 },
		      { "--status", 3 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct process all[3] = { start_named("awaited"), start_named("awaited"),
			                  start_named("awaited") };
		const char *const words[] = { "pidwait", "-P",       own_pid(),
			                      "-e",      "--status", cases[i].option,
			                      "awaited", NULL };
		const struct run_request request = { .words = words, .out_to = RUN_TO_PIPE };
		struct run_child child;
		struct run r;

		run_start(&request, &child);
		run_wait_for(&child, all[2].text);
		for (size_t k = 0; k < cases[i].wanted && k < 3; k++)
			(void)process_finish(&all[k]);
		r = run_finish(&child);
		EXPECT_STATUS(r, 0);
		for (size_t k = cases[i].wanted; k < 3; k++) {
			cr_expect(process_lives(&all[k]));
			(void)process_end(&all[k]);
		}
	}
}

Test(pidwait, records_tell_how_it_ended)
{
	struct process killed = start_named("awaited");
	struct process left = start_named("awaited");
	const char *const words[] = { "pidwait", "-P", own_pid(), "--json", "awaited", NULL };
	const struct run_request request = { .words = words, .out_to = RUN_TO_PIPE };
	struct run_child child;
	struct json_lines lines;
	struct run r;

	run_start(&request, &child);
	/* It takes hold before it can report: nothing is lost when they end now. */
	(void)process_finish(&left);
	(void)process_end(&killed);
	r = run_finish(&child);
	lines = JSON_LINES(r);
	for (size_t i = 0; i < json_count(&lines, "event"); i++) {
		const struct json *event = json_record(&lines, "event", i);
		bool is_killed = json_int(event, "pid", 0) == killed.pid;

		cr_expect_str_eq(json_string(event, "name"), "awaited");
		cr_expect_not_null(json_number(event, "exited_at"));
		/* null where the kernel does not tell (before 6.15). */
		if (is_killed && !json_is_null(event, "term_signal"))
			cr_expect_str_eq(json_string(event, "term_signal"), "KILL");
		if (!is_killed && !json_is_null(event, "exit"))
			cr_expect_eq(json_int(event, "exit", -1), 0);
	}
	cr_expect_eq(json_count(&lines, "summary"), 1);
}

/* More than there are descriptors for; the others are looked at now and then. */
Test(pidwait, many_with_few_descriptors)
{
	enum { MANY = 40 };
	struct process all[MANY];
	const char *const words[] = { "pidwait", "-P",       own_pid(), "-c",
		                      "-e",      "--status", "awaited", NULL };
	const struct run_request request = { .words = words,
		                             .out_to = RUN_TO_PIPE,
		                             .limits = { { RLIMIT_NOFILE, 16 } } };
	struct run_child child;
	struct run r;

	for (size_t i = 0; i < MANY; i++)
		all[i] = start_named("awaited");
	run_start(&request, &child);
	run_wait_for(&child, all[MANY - 1].text);
	for (size_t i = 0; i < MANY; i++)
		(void)process_finish(&all[i]);
	r = run_finish(&child);
	EXPECT_STATUS(r, 0);
	cr_expect_eq(strncmp(r.out, "40\n", 3), 0);
}

Test(pidwait, a_result_that_cannot_be_written_is_an_error)
{
	struct process p = start_named("awaited");
	struct run r = run_argv(&(struct run_request){
		.words = WORDS("pidwait", "-P", own_pid(), "-e", "--timeout=0.05", "awaited"),
		.out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "No space left");
	(void)process_end(&p);
}
