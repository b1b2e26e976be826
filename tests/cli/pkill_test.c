/* SPDX-License-Identifier: MIT */
/*
 * pkill: every run is held to processes of the test by -P, -p or a namespace, because a mistake
 * would be the end of somebody else's. Never -v here: it would be about -P as well.
 */
#include "support/expect.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/skip.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(pkill, .init = sandbox_enter, .fini = sandbox_leave);

static const char *own_pid(void)
{
	static char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)getpid());
	return text;
}

static struct run act(const char *const *words)
{
	const char *all[16] = { "pkill", "-P", own_pid() };

	for (size_t i = 0; words[i] != NULL; i++)
		all[i + 3] = words[i];
	return run_words(all);
}
#define ACT(...) act(WORDS(__VA_ARGS__))

static struct process start_named(const char *name)
{
	return process_start(&(struct process_request){ .name = name });
}

Test(pkill, ends_and_waits)
{
	struct process p = start_named("victim");
	struct run r = ACT("-HUP", "--wait", "victim");

	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGHUP);
	r = ACT("victim");
	EXPECT_RUN(r, 1, "", "");
}

Test(pkill, gives_up_waiting_with_124)
{
	struct process p =
		process_start(&(struct process_request){ .name = "victim", .ignored = SIGTERM });
	struct run r = ACT("--wait=0.05", "victim");

	EXPECT_STATUS(r, 124);
	EXPECT_ERR_HAS(r, "1 still there");
	r = ACT("--escalate", "TERM/0.05/KILL/30", "--json", "victim");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\"left\":0");
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGKILL);
}

Test(pkill, a_stopped_one_is_resumed_when_it_must_hear)
{
	struct process p = start_named("victim");
	struct run r;

	process_stop(&p);
	r = ACT("--escalate", "TERM/30", "victim");
	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGTERM);
}

Test(pkill, an_ancestor_is_spared)
{
	struct run r = RUN("pkill", "-p", own_pid());

	EXPECT_RUN(r, 1, "", "");
	r = RUN("pkill", "-e", "-p", own_pid());
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "skipped");
	EXPECT_OUT_HAS(r, "this command was started below it");
	r = RUN("pkill", "--json", "-p", own_pid());
	EXPECT_STATUS(r, 1);
	struct json_lines lines = JSON_LINES(r);

	cr_expect_str_eq(json_string(json_record(&lines, "item", 0), "result"), "skipped");
	cr_expect_not_null(json_string(json_record(&lines, "item", 0), "reason"));
	cr_expect(json_is_true(json_record(&lines, "item", 0), "ancestor"));
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "skipped", -1), 1);
	r = RUN("pkill", "--ancestors", "-0", "-e", "-p", own_pid());
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "killed");
}

/* Whatever stands between: no wrapper dies of its own text. */
Test(pkill, the_shell_with_the_pattern_lives)
{
	char pattern[64];
	char script[200];
	struct run r;

	(void)snprintf(pattern, sizeof(pattern), "dutybox-pkill-%d-pattern", (int)getpid());
	(void)snprintf(script, sizeof(script), "%s pkill -f %s; echo alive $?", run_binary(),
	               pattern);
	r = RUN_PEER("sh", "-c", script);
	EXPECT_RUN(r, 0, "alive 1\n", "");
	r = RUN_PEER("env", "timeout", "30", "sh", "-c", script);
	EXPECT_RUN(r, 0, "alive 1\n", "");
	r = RUN_PEER("sh", "-c", "echo \"$1\" | xargs \"$0\" pkill -f; echo alive $?", run_binary(),
	             pattern);
	/* xargs says 123 when its command fails. */
	EXPECT_OUT(r, "alive 123\n");
}

Test(pkill, an_empty_pattern_is_refused)
{
	struct run r = RUN("pkill", "-0", "");

	EXPECT_STATUS(r, 2);
	EXPECT_OUT(r, "");
	r = RUN("pkill", "-0", "-v", "x");
	EXPECT_STATUS(r, 2);
	r = RUN("pkill", "-0");
	EXPECT_STATUS(r, 2);
	r = ACT("-q", "x", "-0", "y");
	EXPECT_STATUS(r, 2);
	r = ACT("--escalate", "TERM", "-9", "y");
	EXPECT_STATUS(r, 2);
	r = ACT("--escalate", "TERM//KILL", "y");
	EXPECT_STATUS(r, 2);
	r = ACT("--allow=all", "y");
	EXPECT_STATUS(r, 2);
	r = ACT("--signal", "NOSIG", "y");
	EXPECT_STATUS(r, 2);
}

Test(pkill, zombies_are_passed_over)
{
	struct process p = start_named("victim");
	struct run r;

	process_make_zombie(&p);
	r = ACT("-e", "victim");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "zombie");
	(void)process_reap(&p);
}

Test(pkill, a_dry_run_touches_nobody)
{
	struct process p = start_named("victim");
	char expected[64];
	struct run r = ACT("--dry-run", "-KILL", "victim");

	(void)snprintf(expected, sizeof(expected), "victim would get KILL (pid %s)\n", p.text);
	EXPECT_RUN(r, 0, expected, "");
	r = ACT("--dry-run", "--json", "victim");
	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);

	cr_expect_str_eq(json_string(json_record(&lines, "plan", 0), "result"), "planned");
	cr_expect_str_eq(json_string(json_record(&lines, "plan", 0), "signal"), "TERM");
	r = ACT("--dry-run", "--tree", "-T", "victim");
	EXPECT_STATUS(r, 0);
	cr_expect(WIFEXITED(process_finish(&p)));
}

Test(pkill, tells_who_was_hit)
{
	struct process p = start_named("victim (1)");
	char expected[64];
	struct run r = ACT("-e", "-USR1", "victim");

	(void)snprintf(expected, sizeof(expected), "victim (1) killed (pid %s)\n", p.text);
	EXPECT_RUN(r, 0, expected, "");
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGUSR1);
	p = start_named("victim");
	r = ACT("--json", "-c", "-KILL", "-m", "victim");
	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);
	const struct json *item = json_record(&lines, "item", 0);

	cr_assert_not_null(item);
	cr_expect_eq(json_int(item, "pid", 0), p.pid);
	cr_expect_str_eq(json_string(item, "signal"), "KILL");
	cr_expect_str_eq(json_string(item, "result"), "sent");
	cr_expect(json_is_null(item, "reason"));
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "sent", -1), 1);
	(void)process_finish(&p);
}

Test(pkill, the_tree_below_a_match)
{
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh", .script = "sh -c 'sh -c \"echo; read x\"; :'; :" });
	struct run r = ACT("--tree", "--wait=30", "--json", "sh");

	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);

	cr_expect_eq(json_count(&lines, "item"), 3);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "left", -1), 0);
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGTERM);
}

Test(pkill, processes_of_others_are_denied)
{
	struct process p = start_named("victim");
	struct run r;

	need_root();
	r = run_argv(&(struct run_request){
		.words = WORDS("pkill", "-P", own_pid(), "--json", "victim"), .uid = RUN_NOBODY });
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "\"result\":\"denied\"");
	EXPECT_ERR_HAS(r, p.text);
	EXPECT_ERR_HAS(r, "Operation not permitted");
	cr_expect(WIFEXITED(process_finish(&p)));
}

Test(pkill, asks_at_a_terminal)
{
	struct process p = start_named("victim");
	const struct run_request request = { .words = WORDS("pkill", "-P", own_pid(), "-I",
		                                            "victim"),
		                             .from = RUN_FROM_TERMINAL,
		                             .input = "n\n",
		                             .err_to = RUN_TO_TERMINAL };
	struct run_request agreed = request;
	struct run r = ACT("-I", "victim");

	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "needs a terminal");
	r = run_argv(&request);
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "Send TERM to victim");
	cr_expect(process_lives(&p));
	agreed.input = "y\n";
	r = run_argv(&agreed);
	EXPECT_STATUS(r, 0);
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGTERM);
}

Test(pkill, many_processes_of_others_need_to_be_allowed)
{
	enum { MANY = 51 };
	struct process all[MANY];
	struct run r;

	need_root();
	for (size_t i = 0; i < MANY; i++)
		all[i] = process_start(
			&(struct process_request){ .name = "manyfold", .uid = RUN_NOBODY });
	r = ACT("manyfold");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "51 processes of other users; nothing was signalled");
	r = ACT("-0", "manyfold");
	EXPECT_STATUS(r, 0);
	for (size_t i = 0; i < MANY; i++)
		cr_expect(process_lives(&all[i]));
	r = ACT("-u", "65534", "-USR1", "-n", "manyfold");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(WTERMSIG(process_finish(&all[MANY - 1])), SIGUSR1);
	all[MANY - 1] =
		process_start(&(struct process_request){ .name = "manyfold", .uid = RUN_NOBODY });
	r = ACT("--allow=many", "manyfold");
	EXPECT_STATUS(r, 0);
	for (size_t i = 0; i < MANY; i++)
		cr_expect_eq(WTERMSIG(process_finish(&all[i])), SIGTERM);
}

Test(pkill, handlers_and_values)
{
	struct process with =
		process_start(&(struct process_request){ .name = "victim", .handled = SIGHUP });
	struct process without = start_named("victim");
	struct run r = ACT("-H", "-HUP", "-c", "victim");

	EXPECT_RUN(r, 0, "1\n", "");
	cr_expect(WIFEXITED(process_finish(&with)));
	cr_expect(process_lives(&without));
	r = ACT("-q", "42", "-SIGRTMIN+3", "victim");
	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_finish(&without)), 37);
}

Test(pkill, a_result_that_cannot_be_written_is_an_error)
{
	struct process p = start_named("victim");
	struct run r = run_argv(&(struct run_request){
		.words = WORDS("pkill", "-P", own_pid(), "-0", "-e", "victim"),
		.out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "No space left");
	(void)process_end(&p);
}
