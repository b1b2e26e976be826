/* SPDX-License-Identifier: MIT */
/* run: more of what the command gets, and what its attempts get. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(run_given, .init = sandbox_enter, .fini = sandbox_leave);

Test(run_given, refuses_what_makes_no_sense)
{
	static const char *const cases[][5] = {
		{ "run", "--env-file=none", "true" },
		{ "run", "--env-file=bad", "true" },
		{ "run", "--env-file=.", "true" },
		{ "run", "--user=no such user", "true" },
		{ "run", "--user=", "true" },
		{ "run", "--user=root:no such group", "true" },
		{ "run", "--user=root:", "true" },
		{ "run", "--user=4294967295", "true" },
		{ "run", "--user=3999999999", "true" },
		{ "run", "--ionice=fast", "true" },
		{ "run", "--ionice=best-effort:8", "true" },
		{ "run", "--ionice=idle:1", "true" },
		{ "run", "--ionice=", "true" },
		{ "run", "--memory=x", "true" },
		{ "run", "--input=x", "--no-stdin", "true" },
		{ "run", "--input=x", "--replay-stdin", "true" },
		{ "run", "--replay-stdin", "-d", "true" },
		{ "run", "--foreground", "--pty", "true" },
		{ "run", "--exec", "-t1", "true" },
		{ "run", "--exec", "-q", "true" },
		{ "run", "--exec", "--json", "true" },
		{ "run", "--exec", "--on-exit=x", "true" },
		{ "run", "--exec", "--as-cron", "true" },
		{ "run", "--exec", "--tag=x", "true" },
		{ "run", "--foreground", "--isolate=session", "true" },
		{ "run", "--jitter=1.5", "true" },
		{ "run", "--jitter=-0.1", "true" },
		{ "run", "--jitter=x", "true" },
		{ "run", "--jitter=nan", "true" },
		{ "run", "--delay=1s,", "true" },
		{ "run", "--delay=1s,x", "true" },
		{ "run", "--delay=1s,2s", "--backoff=exp", "true" },
	};

	struct run r;

	tree_text("bad", "A=1\nB\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = run_words(cases[i]);
		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		EXPECT_ERR_HARMLESS(r);
	}
	r = RUN("run", "--env-file=bad", "true");
	EXPECT_ERR_HAS(r, "'bad': line 2: expected NAME=VALUE");
}

Test(run_given, variables_from_files)
{
	struct run r;

	tree_text("one", "# mine\nexport A='x y'\nB=1\nC=\"two\\nlines\"\n");
	tree_text("two", "B=2\nPATH=/nowhere\n");
	r = RUN("run", "-i", "--env-file=one", "--env-file=two", "-E", "B=3", "/usr/bin/env");
	EXPECT_RUN(r, 0, "A=x y\nC=two\nlines\nPATH=/nowhere\nB=3\nRUN_ATTEMPT=1\n", "");
	/* The command is looked for there. */
	r = RUN("run", "--env-file=two", "env");
	EXPECT_STATUS(r, 127);
}

Test(run_given, another_user)
{
	struct run r;

	need_root();
	/* setuid(3) wants to tell ThreadSanitizer's own thread, which no fork has. */
	if (getenv("TSAN_OPTIONS") != NULL)
		skip("ThreadSanitizer cannot change users");
	r = RUN("run", "--user=nobody", "-c", "id -un; id -gn; echo $USER $LOGNAME; touch x");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "nobody\nnogroup\nnobody nobody\n");
	r = RUN("run", "--user=65534:0", "-c", "id -u; id -g; id -G");
	EXPECT_RUN(r, 0, "65534\n0\n0\n", "");
	r = RUN("run", "--user=3999999999:3999999998", "-u", "HOME", "-c",
	        "id -u; id -G; echo ${USER-none}");
	EXPECT_RUN(r, 0, "3999999999\n3999999998\nnone\n", "");
	r = RUN("run", "--user=root:nogroup", "-E", "HOME=/mine", "-c", "id -gn; echo $HOME");
	EXPECT_RUN(r, 0, "nogroup\n/mine\n", "");
	/* What root's run started as another it can end, too. */
	r = RUN("run", "--user=nobody", "-t50ms", "sleep", "1000");
	EXPECT_STATUS(r, 124);
}

Test(run_given, no_other_user_for_a_user)
{
	struct run r;

	sandbox_drop_root();
	r = RUN("run", "--user=root", "true");
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "cannot set the user of");
}

Test(run_given, a_priority_for_disks)
{
	struct run r;

	(void)need_program("ionice");
	r = RUN("run", "--ionice=idle", "ionice");
	EXPECT_RUN(r, 0, "idle\n", "");
	r = RUN("run", "--ionice=best-effort:6", "ionice");
	EXPECT_RUN(r, 0, "best-effort: prio 6\n", "");
}

Test(run_given, memory_has_a_limit)
{
	struct run r = RUN("run", "--json", "--memory=512M", "true");
	const struct json *record = JSON_LINES(r).items[0];
	const char *how = json_string(record, "memory_limit");

	EXPECT_STATUS(r, 0);
	cr_assert_not_null(how);
	if (run_is_sanitized())
		return;
	(void)need_program("python3");
	r = RUN("run", "--json", "--memory=64M", "python3", "-c", "x = bytearray(256 << 20)");
	cr_expect_neq(r.status, 0);
	record = JSON_LINES(r).items[0];
	if (strcmp(how, "group") == 0)
		cr_expect(json_is_true(record, "oom_killed"));
	else
		cr_expect(json_is_null(record, "oom_killed"));
}

Test(run_given, a_text_to_read)
{
	struct run r = RUN("run", "--input=one\ntwo", "-r1", "--delay=1ms", "-c", "cat; exit 1");

	EXPECT_RUN(r, 1, "one\ntwo\none\ntwo\n", "");
}

Test(run_given, each_attempt_reads_all_of_it)
{
	static const char *const words[] = { "run", "--replay-stdin", "-r2", "--delay=1ms",
		                             "-c",  "cat; exit 1",    NULL };
	struct run r = run_argv(&(const struct run_request){
		.words = words, .from = RUN_FROM_PIPE, .input = "all\nof it\n" });

	EXPECT_RUN(r, 1, "all\nof it\nall\nof it\nall\nof it\n", "");
	r = run_argv(&(const struct run_request){ .words = words, .input = "file\n" });
	EXPECT_RUN(r, 1, "file\nfile\nfile\n", "");
	/* From where the file is now on. */
	tree_text("lines", "1\n2\n3\n");
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS(
			"-c",
			"{ read x; \"$0\" run --replay-stdin -r1 --delay=1ms sh -c 'cat; exit "
			"1'; } <lines",
			run_binary()) });
	EXPECT_RUN(r, 1, "2\n3\n2\n3\n", "");
	/* Much of it, in bounded memory. */
	if (run_is_sanitized())
		return;
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c",
	                       "head -c 268435456 /dev/zero | { ulimit -v 65536; \"$0\" run "
	                       "--replay-stdin -r1 --delay=1ms -c 'wc -c; exit 1'; }",
	                       run_binary()) });
	EXPECT_RUN(r, 1, "268435456\n268435456\n", "");
}

/* The waits as -v tells them, one a line; milliseconds. */
static size_t read_waits(const struct run *r, long *ret, size_t max)
{
	size_t n = 0;

	for (const char *at = r->err; n < max && (at = strstr(at, "again in ")) != NULL; n++) {
		at += strlen("again in ");
		ret[n] = strtol(at, NULL, 10);
	}
	return n;
}

Test(run_given, waits_are_as_they_were_told)
{
	static const struct {
		const char *words[8];
		long waits[4];
	} cases[] = {
		{ { "run", "-v", "-r4", "--delay=1ms,3ms,2ms", "false" }, { 1, 3, 2, 2 } },
		{ { "run", "-v", "-r4", "--delay=1ms", "false" }, { 1, 2, 4, 8 } },
		{ { "run", "-v", "-r4", "--delay=1ms", "--backoff=linear", "false" },
		  { 1, 2, 3, 4 } },
		{ { "run", "-v", "-r4", "--delay=2ms", "--backoff=none", "false" },
		  { 2, 2, 2, 2 } },
		{ { "run", "-v", "-r4", "--delay=2ms", "--max-delay=5ms", "false" },
		  { 2, 4, 5, 5 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i].words);
		long waits[8];

		cr_assert_eq(read_waits(&r, waits, 8), 4, "case %zu: %s", i, r.err);
		for (size_t k = 0; k < 4; k++)
			cr_expect_eq(waits[k], cases[i].waits[k], "case %zu, %zu: %ld", i, k,
			             waits[k]);
	}
}

Test(run_given, jitter_stays_in_its_bounds)
{
	struct run r =
		RUN("run", "-v", "-r40", "--delay=10ms", "--backoff=none", "--jitter=50%", "false");
	long waits[40];
	bool differ = false;

	cr_assert_eq(read_waits(&r, waits, 40), 40);
	for (size_t i = 0; i < 40; i++) {
		cr_expect(waits[i] >= 5 && waits[i] <= 15, "%ld", waits[i]);
		differ = differ || waits[i] != waits[0];
	}
	cr_expect(differ);
	/* The longest wait stays the longest. */
	r = RUN("run", "-v", "-r20", "--delay=10ms", "--max-delay=10ms", "--jitter=1", "false");
	cr_assert_eq(read_waits(&r, waits, 40), 20);
	for (size_t i = 0; i < 20; i++)
		cr_expect(waits[i] <= 10, "%ld", waits[i]);
}

Test(run_given, the_foreground_is_shared)
{
	struct run r = RUN("run", "--foreground", "-c",
	                   "set -- $(cat /proc/$$/stat); test $5 != $$ && echo shared");

	EXPECT_RUN(r, 0, "shared\n", "");
	r = RUN("run", "-c", "set -- $(cat /proc/$$/stat); test $5 = $$ && echo own");
	EXPECT_RUN(r, 0, "own\n", "");
	/* And yet all of it ends. */
	tree("p held");
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c",
	                       "\"$0\" run --foreground -t 200ms sh -c 'exec 9>held; setsid sleep "
	                       "1000 & sleep 1000' & cat held; wait $!",
	                       run_binary()) });
	EXPECT_STATUS(r, 124);
}

Test(run_given, can_become_the_command)
{
	struct run r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS(
			"-c",
			"echo $$; exec \"$0\" run --exec -E A=1 --nice=3 -l lock --input=x sh "
			"-c 'echo $$; echo $A; nice; cat; flock -n lock true; echo $?'",
			run_binary()) });
	int pids[2] = { 0 };

	EXPECT_STATUS(r, 0);
	cr_assert_eq(sscanf(r.out, "%d %d", &pids[0], &pids[1]), 2);
	cr_expect_eq(pids[0], pids[1]);
	EXPECT_OUT_HAS(r, "\n1\n3\nx\n1\n");
	r = RUN("run", "--exec", "no-such-command");
	EXPECT_STATUS(r, 127);
	r = RUN("run", "--exec", "/");
	EXPECT_STATUS(r, 126);
	r = RUN("run", "--exec", "-o", "out", "--merge", "-C", "/", "-c", "pwd; echo 2 >&2");
	EXPECT_RUN(r, 0, "", "");
	expect_file("out", "/\n2\n");
	r = RUN("run", "--exec", "-c", "kill -TERM $$");
	EXPECT_STATUS(r, 143);
}
