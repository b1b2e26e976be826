/* SPDX-License-Identifier: MIT */
/* run -j beside GNU parallel and xargs: the same jobs, output, statuses and logs. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(peer_run_parallel, .init = sandbox_enter, .fini = sandbox_leave, .timeout = 300);

enum { WORDS_EACH = 12 };

static struct run peer(const char *program, const char *const *words, const char *input, size_t len)
{
	struct run_request request = { .program = need_program(program),
		                       .argv0 = program,
		                       .words = words,
		                       .input = input,
		                       .input_len = len,
		                       .env = WORDS("HOME=/nonexistent", "PARALLEL_HOME=."),
		                       .may_complain = true };

	return run_argv(&request);
}

static struct run ours(const char *const *words, const char *input, size_t len)
{
	struct run_request request = { .words = words, .input = input, .input_len = len };

	return run_argv(&request);
}

/* Ours are the words behind `run`; theirs those behind `parallel --will-cite`. */
static const struct {
	const char *ours[WORDS_EACH];
	const char *theirs[WORDS_EACH];
	const char *input;
} cases[] = {
	{ { "-j1", "echo" }, { "-j1", "echo" }, "a\nb\n\nc d\n" },
	{ { "-j1", "echo", "<{}>" }, { "-j1", "echo", "'<'{}'>'" }, "a\nb  c\n'\n\"\n$x\n*\n" },
	{ { "-j2", "--keep-order", "-c", "echo {}" }, { "-j2", "-k", "echo {}" }, "a\nb b\n;\n" },
	{ { "-j1", "echo", "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}" },
	  { "-j1", "echo", "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}" },
	  "a\na.b\nd/e.f.g\n/x/y.z\nd.d/e\n" },
	{ { "-j1", "echo", "{1}-{2}", ":::", "a", "b", ":::", "1", "2" },
	  { "-j1", "echo", "{1}-{2}", ":::", "a", "b", ":::", "1", "2" },
	  "" },
	{ { "-j1", "echo", "x", ":::", "a", "b", ":::", "1" },
	  { "-j1", "echo", "x", ":::", "a", "b", ":::", "1" },
	  "" },
	{ { "-j1", "-c", "exit {}" }, { "-j1", "exit {}" }, "0\n1\n2\n0\n" },
	{ { "-j1", "--halt", "now,fail=1", "-c", "echo {}; exit {}" },
	  { "-j1", "--halt", "now,fail=1", "echo {}; exit {}" },
	  "0\n7\n0\n" },
	{ { "-j1", "--halt", "soon,fail=2", "-c", "echo {}; exit {}" },
	  { "-j1", "--halt", "soon,fail=2", "echo {}; exit {}" },
	  "0\n7\n0\n8\n9\n" },
	{ { "-j1", "--halt", "now,success=1", "-c", "echo {}; exit {}" },
	  { "-j1", "--halt", "now,success=1", "echo {}; exit {}" },
	  "3\n0\n0\n" },
	{ { "-j1", "--tagstring", "{}:", "-c", "echo x; echo y #" },
	  { "-j1", "--tagstring", "{}:", "echo x; echo y #" },
	  "a\nb\n" },
	{ { "-j1", "-0", "printf", "<%s>" }, { "-j1", "-0", "printf", "'<%s>'" }, "a\n" },
	{ { "-j1", "--delimiter", ",", "printf", "<%s>" },
	  { "-j1", "--delimiter", ",", "printf", "'<%s>'" },
	  "a,b,c" },
	{ { "-j1", "echo" }, { "-j1", "echo" }, "" },
};

Test(peer_run_parallel, does_what_gnu_parallel_does)
{
	(void)need_program("parallel");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *our_words[WORDS_EACH + 2] = { "run" };
		const char *their_words[WORDS_EACH + 2] = { "--will-cite" };
		size_t len = strlen(cases[i].input);
		struct run a, b;

		for (size_t k = 0; k < WORDS_EACH; k++) {
			our_words[k + 1] = cases[i].ours[k];
			their_words[k + 1] = cases[i].theirs[k];
		}
		a = ours(our_words, cases[i].input, len);
		b = peer("parallel", their_words, cases[i].input, len);
		cr_expect_str_eq(a.out, b.out, "case %zu", i);
		cr_expect_eq(a.status, b.status, "case %zu: %d, theirs %d: %s", i, a.status,
		             b.status, b.err);
	}
}

/* Of each line but the first: Seq, Exitval, Signal. */
static void read_log(const char *path, char *ret, size_t size)
{
	FILE *file = fopen(path, "re");
	char line[4096];
	size_t len = 0;

	cr_assert_not_null(file);
	cr_assert_not_null(fgets(line, sizeof(line), file));
	cr_expect_str_eq(
		line,
		"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n");
	ret[0] = '\0';
	while (fgets(line, sizeof(line), file) != NULL) {
		char *at = line;
		char *fields[8];

		for (size_t i = 0; i < 8; i++) {
			fields[i] = strsep(&at, "\t");
			cr_assert_not_null(at);
		}
		len += (size_t)snprintf(ret + len, size - len, "%s %s %s\n", fields[0], fields[6],
		                        fields[7]);
	}
	(void)fclose(file);
}

Test(peer_run_parallel, logs_as_gnu_parallel_does_and_reads_its_log)
{
	static const char input[] = "0\n3\n0\n";
	char a[512], b[512];
	struct run r;

	(void)peer("parallel", WORDS("--will-cite", "-j1", "--joblog", "theirs", "exit"), input, 6);
	(void)ours(WORDS("run", "-j1", "--joblog", "ours", "-c", "exit"), input, 6);
	read_log("theirs", b, sizeof(b));
	read_log("ours", a, sizeof(a));
	cr_expect_str_eq(a, b);
	cr_expect_str_eq(a, "1 0 0\n2 3 0\n3 0 0\n");
	/* Each goes on with the other's. */
	r = ours(WORDS("run", "-j1", "--joblog", "theirs", "--resume-failed", "echo"),
	         "a\nb\nc\nd\n", 8);
	EXPECT_RUN(r, 0, "b\nd\n", "");
	r = peer("parallel",
	         WORDS("--will-cite", "-j1", "--joblog", "ours", "--resume-failed", "echo"),
	         "a\nb\nc\nd\n", 8);
	EXPECT_OUT(r, "b\nd\n");
}

Test(peer_run_parallel, has_the_files_of_gnu_parallel)
{
	struct run r = peer(
		"parallel",
		WORDS("--will-cite", "-j1", "--results", "theirs", "echo", "{}", ":::", "a/b", "c"),
		"", 0);

	EXPECT_STATUS(r, 0);
	r = ours(WORDS("run", "-j1", "--results", "ours", "echo", "{}", ":::", "a/b", "c"), "", 0);
	EXPECT_STATUS(r, 0);
	expect_names("theirs/1", "a\\_b", "c");
	expect_names("ours/1", "a\\_b", "c");
	expect_file("theirs/1/c/stdout", "c\n");
	expect_file("ours/1/c/stdout", "c\n");
	expect_names("ours/1/c", "seq", "stderr", "stdout");
	expect_names("theirs/1/c", "seq", "stderr", "stdout");
}

Test(peer_run_parallel, does_what_xargs_does)
{
	static const char items[] = "a\nb c\n\n-n\n'\"\n\xff\n*\n";
	static const char nul_items[] = "a\nb\0\0c d\0-n\0";
	struct run a, b;

	(void)need_program("xargs");
	a = ours(WORDS("run", "-j1", "printf", "<%s>"), items, sizeof(items) - 1);
	b = peer("xargs", WORDS("-d", "\\n", "-n1", "printf", "<%s>"), items, sizeof(items) - 1);
	cr_expect_str_eq(a.out, b.out);
	a = ours(WORDS("run", "-j1", "-0", "printf", "<%s>"), nul_items, sizeof(nul_items) - 1);
	b = peer("xargs", WORDS("-0", "-n1", "printf", "<%s>"), nul_items, sizeof(nul_items) - 1);
	cr_expect_str_eq(a.out, b.out);
	a = ours(WORDS("run", "-j1", "printf", "<%s>", "x{}y"), items, sizeof(items) - 1);
	b = peer("xargs", WORDS("-d", "\\n", "-I{}", "printf", "<%s>", "x{}y"), items,
	         sizeof(items) - 1);
	cr_expect_str_eq(a.out, b.out);
}
