/* SPDX-License-Identifier: MIT */
/* run -j: lists, placeholders, order, statuses, logs, what is refused. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(run_parallel, .init = sandbox_enter, .fini = sandbox_leave);

static struct run feed(const char *input, size_t len, const char *const *words)
{
	struct run_request request = { .words = words, .input = input, .input_len = len };

	return run_argv(&request);
}

#define FEED(input, ...) feed((input), strlen(input), WORDS(__VA_ARGS__))

Test(run_parallel, fills_in_items)
{
	struct run r = RUN("run", "-j1", "echo", "<{}>", "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}",
	                   ":::", "a", "d/e.tar.gz");

	EXPECT_RUN(r, 0, "<a> a a . a 1 1\n<d/e.tar.gz> d/e.tar e.tar.gz d e.tar 2 1\n", "");
	r = RUN("run", "-j1", "echo", "x", ":::", "a b", "");
	EXPECT_RUN(r, 0, "x a b\nx \n", "");
	r = RUN("run", "-j1", "echo", "{1}-{2}", ":::", "a", "b", ":::", "1", "2");
	EXPECT_RUN(r, 0, "a-1\na-2\nb-1\nb-2\n", "");
	r = RUN("run", "-j1", "printf", "<%s>", ":::", "a", ":::", "1", "2");
	EXPECT_RUN(r, 0, "<a><1><a><2>", "");
	r = RUN("run", "-j1", "echo", ":::", "a", ":::");
	EXPECT_RUN(r, 0, "", "");
	/* Without many jobs it is a word like others. */
	r = RUN("run", "echo", ":::", "a");
	EXPECT_RUN(r, 0, "::: a\n", "");
}

Test(run_parallel, quotes_items_for_a_shell)
{
	struct run r = RUN("run", "-j1", "-c", "printf '<%s>' {} {.}", ":::", "it's; $HOME `x`",
	                   "a\nb", "\x01\xff", "-n");

	EXPECT_RUN(r, 0,
	           "<it's; $HOME `x`><it's; $HOME `x`><a\nb><a\nb><\x01\xff><\x01\xff><-n><-n>",
	           "");
	r = RUN("run", "-j1", "-c", "echo", ":::", "a  b");
	EXPECT_RUN(r, 0, "a  b\n", "");
}

Test(run_parallel, reads_lists)
{
	struct run r = FEED("", "run", "-j2", "echo", "x");

	EXPECT_RUN(r, 0, "", "");
	/* Blank lines are items, as they are for xargs -d and GNU parallel. */
	r = FEED("a\n\n b \nc", "run", "-j1", "echo", "<{}>");
	EXPECT_RUN(r, 0, "<a>\n<>\n< b >\n<c>\n", "");
	r = feed("a\nb\0c\0", 6, WORDS("run", "-j1", "-0", "printf", "<%s>"));
	EXPECT_RUN(r, 0, "<a\nb><c>", "");
	r = FEED("a,b\n,c", "run", "-j1", "--delimiter", ",", "printf", "<%s>");
	EXPECT_RUN(r, 0, "<a><b\n><c>", "");
	r = FEED("a\tb", "run", "-j1", "--delimiter=\\t", "printf", "<%s>");
	EXPECT_RUN(r, 0, "<a><b>", "");
	tree_text("one", "1\n2\n");
	tree_text("two", "x\ny\n");
	r = RUN("run", "-j1", "-a", "one", "-a", "two", "echo", "{}");
	EXPECT_RUN(r, 0, "1 x\n1 y\n2 x\n2 y\n", "");
	r = FEED("z\n", "run", "-j1", "-a", "one", "-a", "-", "echo", "{2}{1}", ":::", "v");
	EXPECT_RUN(r, 0, "z1\nz2\n", "");
}

Test(run_parallel, gives_hostile_items_as_they_are)
{
	static const char items[] = "-n\0--help\0a \"b' c\0{}\0{#}\0x\ny\0 \0$(x)\0\xff\0*\0\\\0";
	struct run r =
		feed(items, sizeof(items) - 1, WORDS("run", "-j1", "-0", "printf", "<%s>", "{}"));

	EXPECT_RUN(r, 0, "<-n><--help><a \"b' c><{}><{#}><x\ny>< ><$(x)><\xff><*><\\>", "");
	/* As the name of the program, too. */
	r = RUN("run", "-j1", "{}", "x", ":::", "echo", "-n");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "x\n");
}

Test(run_parallel, takes_stdin_for_the_list_alone)
{
	struct run r = FEED("1\n2\n3\n", "run", "-j1", "-c", "cat; echo {}");

	EXPECT_RUN(r, 0, "1\n2\n3\n", "");
	r = FEED("1\n2\n3\n", "run", "-j1", "-a", "-", "-c", "cat; echo {}");
	EXPECT_RUN(r, 0, "1\n2\n3\n", "");
}

Test(run_parallel, runs_lines_as_commands)
{
	struct run r;

	tree_text("jobs", "echo 'a  b' \"c\\\"\"\n\n  # echo no\n\techo \\$x # more\nfalse\n");
	r = RUN("run", "-j1", "--jobs", "jobs");
	EXPECT_RUN(r, 1, "a  b c\"\n$x\n", "");
	r = FEED("echo {} {#}\n", "run", "-j1", "--jobs", "-");
	EXPECT_RUN(r, 0, "{} {#}\n", "");
	r = FEED("echo a | tr a b\nx=3; exit $x\n", "run", "-j1", "-c", "--jobs", "-");
	EXPECT_RUN(r, 1, "b\n", "");
	/* What is no command fails; the others run. */
	r = FEED("echo a | tr a b\necho c\necho 'd\n", "run", "-j1", "--jobs", "-");
	EXPECT_STATUS(r, 2);
	EXPECT_OUT(r, "c\n");
	EXPECT_ERR_HAS(r, "job 1: only a shell knows what this means here (character 8)");
	EXPECT_ERR_HAS(r, "job 3: no ' for this '");
}

Test(run_parallel, counts_failures)
{
	char many[128 * 2 + 1] = "";
	struct run r;

	for (int i = 0; i < 128; i++)
		(void)memcpy(many + 2 * i, "1\n", 3);
	r = FEED("0\n1\n0\n7\n", "run", "-j2", "-c", "exit {}");
	EXPECT_RUN(r, 2, "", "");
	r = feed(many, 200, WORDS("run", "-j4", "false"));
	EXPECT_RUN(r, 100, "", "");
	r = feed(many, 202, WORDS("run", "-j4", "false"));
	EXPECT_RUN(r, 101, "", "");
	r = feed(many, 256, WORDS("run", "-j4", "false"));
	EXPECT_RUN(r, 101, "", "");
	r = RUN("run", "-j2", "-c", "kill -{} $$", ":::", "9", "TERM");
	EXPECT_RUN(r, 2, "", "");
	r = RUN("run", "-j2", "no-such-command", ":::", "a", "b", "c");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "no-such-command");
}

Test(run_parallel, one_at_a_time_is_a_sequence)
{
	enum { N = 300 };
	static char input[N * 6], expected[N * 16];
	size_t in = 0, out = 0;
	struct run r;

	for (int i = 1; i <= N; i++) {
		in += (size_t)snprintf(input + in, sizeof(input) - in, "%d\n", i);
		out += (size_t)snprintf(expected + out, sizeof(expected) - out, "b%d\ne%d\n", i, i);
	}
	r = feed(input, in, WORDS("run", "-j1", "-c", "echo b{}; echo e{}"));
	EXPECT_RUN(r, 0, expected, "");
}

Test(run_parallel, runs_ten_thousand)
{
	enum { N = 10000 };
	static char input[N * 6 + 1];
	size_t len = 0;
	struct run r;

	for (int i = 1; i <= N; i++)
		len += (size_t)snprintf(input + len, sizeof(input) - len, "%d\n", i);
	r = feed(input, len, WORDS("run", "-j4", "--keep-order", "echo"));
	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	EXPECT_OUT_BYTES(r, input, len);
}

/* The first waits for the second: they do run at once, and end in the other order. */
#define CROSSED "if [ {} = 1 ]; then read x <gate; else echo >gate; fi; echo o{}; echo e{} >&2"

Test(run_parallel, keeps_order)
{
	struct run r;
	struct json_lines lines;

	tree("p gate");
	r = RUN("run", "-j2", "--keep-order", "-c", CROSSED, ":::", "1", "2");
	EXPECT_RUN(r, 0, "o1\no2\n", "e1\ne2\n");
	r = RUN("run", "-j2", "--keep-order", "--json", "-c", CROSSED, ":::", "1", "2");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "o1\ne1\no2\ne2\n");
	lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "item", 0), "seq", 0), 1);
	cr_expect_eq(json_int(json_record(&lines, "item", 1), "seq", 0), 2);
}

Test(run_parallel, groups_output)
{
	/* Both have written the first half before either writes the second one. */
	static const char script[] = "echo {} a; if [ {} = 1 ]; then echo >one; read x <two; "
				     "else read x <one; echo >two; fi; echo {} b";
	struct run r;

	tree("p one", "p two");
	r = RUN("run", "-j2", "--keep-order", "-c", script, ":::", "1", "2");
	EXPECT_RUN(r, 0, "1 a\n1 b\n2 a\n2 b\n", "");
	r = RUN("run", "-j2", "-c", script, ":::", "1", "2");
	EXPECT_STATUS(r, 0);
	cr_expect(strcmp(r.out, "1 a\n1 b\n2 a\n2 b\n") == 0 ||
	          strcmp(r.out, "2 a\n2 b\n1 a\n1 b\n") == 0);
	r = RUN("run", "-j1", "--merge", "-c", "echo a; echo b >&2; echo c #", ":::", "x");
	EXPECT_RUN(r, 0, "a\nb\nc\n", "");
}

Test(run_parallel, shows_lines_at_once)
{
	/* The second job goes on when what the first has written so far was shown. */
	struct run_request request = {
		.words = WORDS("run", "-j2", "--line-buffer", "--tagstring", "[{}]", "-c",
		               "if [ {} = 1 ]; then echo first; read x <gate; printf last; else "
		               "echo e >&2; fi",
		               ":::", "1", "2"),
		.out_to = RUN_TO_PIPE,
	};
	struct run_child child;
	struct run r;
	int gate;

	tree("p gate");
	run_start(&request, &child);
	run_wait_for(&child, "[1]\tfirst\n");
	gate = open("gate", O_WRONLY | O_CLOEXEC);
	cr_assert_eq(write(gate, "\n", 1), 1);
	(void)close(gate);
	r = run_finish(&child);
	/* The unfinished line is made whole. */
	EXPECT_RUN(r, 0, "[1]\tfirst\n[1]\tlast\n", "[2]\te\n");
}

Test(run_parallel, never_mixes_inside_a_line)
{
	static const char *const modes[] = { "--line-buffer", "--keep-order" };

	for (size_t m = 0; m < 2; m++) {
		struct run r = RUN("run", "-j4", modes[m], "-c",
		                   "i=0; while [ $i -lt 200 ]; do printf {}; printf {}; echo {}; "
		                   "i=$((i+1)); done",
		                   ":::", "a", "b", "c", "d");
		size_t lines = 0;

		EXPECT_STATUS(r, 0);
		for (const char *at = r.out; *at != '\0'; at += 4, lines++)
			cr_assert(at[0] == at[1] && at[1] == at[2] && at[3] == '\n', "%s: %zu",
			          modes[m], lines);
		cr_expect_eq(lines, 800);
	}
}

Test(run_parallel, tags_lines)
{
	struct run r = RUN("run", "-j1", "--tagstring", "{#}:{/.}", "-c",
	                   "echo x; echo; printf y; echo e >&2 #", ":::", "d/a.c", "b");

	EXPECT_RUN(r, 0, "1:a\tx\n1:a\t\n1:a\ty\n2:b\tx\n2:b\t\n2:b\ty\n", "1:a\te\n2:b\te\n");
	r = RUN("run", "-j1", "--tagstring", "tag", "-c", "echo {}", ":::", "a");
	EXPECT_RUN(r, 0, "tag\ta\n", "");
}

Test(run_parallel, lets_jobs_write_as_they_like)
{
	struct run r = RUN("run", "-j1", "--ungroup", "-c", "echo {}; echo e >&2", ":::", "a", "b");

	EXPECT_RUN(r, 0, "a\nb\n", "e\ne\n");
}

Test(run_parallel, holds_a_lot_of_output)
{
	struct run r =
		RUN("run", "-j2", "-c", "head -c 3000000 /dev/zero | tr '\\0' {}", ":::", "a", "b");

	EXPECT_STATUS(r, 0);
	cr_assert_eq(r.out_len, 6000000);
	for (size_t i = 1; i < 3000000; i++) {
		cr_assert_eq(r.out[i], r.out[0]);
		cr_assert_eq(r.out[3000000 + i], r.out[3000000]);
	}
}

Test(run_parallel, stops_early)
{
	static const struct {
		const char *policy;
		int status;
		const char *out;
	} cases[] = {
		{ "never", 3, "0\n5\n0\n6\n7\n" },      { "soon,fail=1", 5, "0\n5\n" },
		{ "now,fail=2", 2, "0\n5\n0\n6\n" },    { "now,success=2", 1, "0\n5\n0\n" },
		{ "now,success=1", 0, "0\n" },          { "soon,done=4", 2, "0\n5\n0\n6\n" },
		{ "now,fail=40%", 2, "0\n5\n0\n6\n" },  { "soon,done=1", 0, "0\n" },
		{ "now,fail=9", 3, "0\n5\n0\n6\n7\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = RUN("run", "-j1", "--halt", cases[i].policy, "-c",
		                   "echo {}; exit {}", ":::", "0", "5", "0", "6", "7");

		cr_expect_eq(r.status, cases[i].status, "%s: %d", cases[i].policy, r.status);
		cr_expect_str_eq(r.out, cases[i].out, "%s", cases[i].policy);
		r = feed("0\n5\n0\n6\n7\n", 10,
		         WORDS("run", "-j1", "--halt", cases[i].policy, "-c", "echo {}; exit {}"));
		cr_expect_eq(r.status, cases[i].status, "%s: %d", cases[i].policy, r.status);
	}
	struct run r =
		RUN("run", "-j1", "--halt", "now,fail=1", "-c", "kill -9 $$; echo {}", ":::", "1");

	EXPECT_RUN(r, 137, "", "");
}

Test(run_parallel, limits_and_repeats_each_job)
{
	struct run r = RUN("run", "-j2", "--keep-order", "-t", "50ms", "-c",
	                   "echo {}; if [ {} = b ]; then sleep 1000; fi", ":::", "a", "b");
	struct json_lines lines;

	EXPECT_RUN(r, 1, "a\nb\n", "");
	/* Only what the last attempt wrote is shown. */
	r = RUN("run", "-j2", "--keep-order", "-r", "2", "--delay", "1ms", "-c",
	        "echo {} $RUN_ATTEMPT; [ $RUN_ATTEMPT = {} ]", ":::", "1", "2", "3", "4");
	EXPECT_RUN(r, 1, "1 1\n2 2\n3 3\n4 3\n", "");
	r = RUN("run", "-j2", "--json", "-t", "50ms", "--keep-order", "-c",
	        "[ {} = 1 ] || sleep 1000", ":::", "1", "2");
	EXPECT_STATUS(r, 1);
	lines = JSON_LINES(r);
	cr_expect(json_is_false(json_record(&lines, "item", 0), "timed_out"));
	cr_expect(json_is_true(json_record(&lines, "item", 1), "timed_out"));
	cr_expect_eq(json_int(json_record(&lines, "item", 1), "status", 0), 124);
}

Test(run_parallel, gives_jobs_what_was_asked_for)
{
	struct run r;

	tree("d dir");
	r = RUN("run", "-j2", "-C", "dir", "-E", "X=y", "--umask", "027", "--nice", "5", "-c",
	        "echo $X $(umask) $(nice); pwd | sed 's|.*/||'; touch {}", ":::", "new");
	EXPECT_RUN(r, 0, "y 0027 5\ndir\n", "");
	expect_mode("dir/new", 0640);
	r = RUN("run", "-j1", "--argv0", "other", "sh", "-c", "echo $0", ":::", "1");
	EXPECT_STATUS(r, 0);
	r = RUN("run", "-j1", "-q", "-c", "echo o{}; echo e{} >&2; exit {}", ":::", "0", "3");
	EXPECT_RUN(r, 1, "o3\n", "e3\n");
	r = RUN("run", "-j1", "-q", "-e", "-c", "[ {} = 0 ] || echo e{} >&2", ":::", "0", "3");
	EXPECT_RUN(r, 1, "", "e3\n");
	r = RUN("run", "-j2", "--keep-order", "-o", "out", "--stderr", "err", "-c",
	        "echo o{}; echo e{} >&2", ":::", "1", "2");
	EXPECT_RUN(r, 0, "", "");
	expect_file("out", "o1\no2\n");
	expect_file("err", "e1\ne2\n");
}

Test(run_parallel, writes_records)
{
	struct run r =
		RUN("run", "-j1", "--json", "-c", "echo {}; echo ee >&2; exit {}", ":::", "0", "3");
	struct json_lines lines = JSON_LINES(r);
	const struct json *item = json_record(&lines, "item", 1);
	const struct json *summary = json_record(&lines, "summary", 0);

	EXPECT_STATUS(r, 1);
	EXPECT_ERR(r, "0\nee\n3\nee\n");
	cr_assert_eq(lines.len, 3);
	cr_expect_eq(json_int(item, "seq", 0), 2);
	cr_expect_str_eq(json_string(item, "argv.2"), "echo '3'; echo ee >&2; exit '3'");
	cr_expect_eq(json_int(item, "exit", -1), 3);
	cr_expect_eq(json_int(item, "status", -1), 3);
	cr_expect(json_is_null(item, "term_signal"));
	cr_expect_eq(json_int(item, "attempts", 0), 1);
	cr_expect_eq(json_int(item, "stdout_bytes", 0), 2);
	cr_expect_eq(json_int(item, "stderr_bytes", 0), 3);
	cr_expect(json_int(item, "max_rss", 0) > 0);
	cr_expect_eq(json_int(summary, "jobs", 0), 2);
	cr_expect_eq(json_int(summary, "succeeded", 0), 1);
	cr_expect_eq(json_int(summary, "failed", 0), 1);
	cr_expect(json_is_false(summary, "halted"));
	r = RUN("run", "-j1", "--json", "-c", "kill -9 $$ {}", ":::", "\xff");
	lines = JSON_LINES(r);
	item = json_record(&lines, "item", 0);
	cr_expect_str_eq(json_string(item, "term_signal"), "KILL");
	cr_expect(json_is_null(item, "exit"));
	cr_expect_eq(json_int(item, "status", 0), 137);
	cr_expect_not_null(json_string(item, "argv_b64.2"));
}

Test(run_parallel, puts_output_into_records)
{
	struct run r = RUN("run", "-j1", "--json", "--capture", "-c",
	                   "echo {}; printf 'e\\0' >&2; [ {} = a ] || head -c 1100000 /dev/zero",
	                   ":::", "a", "b");
	struct json_lines lines = JSON_LINES(r);
	const struct json *item = json_record(&lines, "item", 0);

	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	cr_expect_str_eq(json_string(item, "stdout"), "a\n");
	cr_expect_eq(json_get(item, "stderr")->text_len, 2);
	cr_expect(json_is_false(item, "truncated"));
	item = json_record(&lines, "item", 1);
	cr_expect_eq(json_get(item, "stdout")->text_len, 1 << 20);
	cr_expect_eq(json_int(item, "stdout_bytes", 0), 1100002);
	cr_expect(json_is_true(item, "truncated"));
}

Test(run_parallel, tells_of_all_jobs_at_the_end)
{
	struct run r = RUN("run", "-j2", "--on-success", "echo good", "--on-failure",
	                   "echo bad $RUN_STATUS", "--on-exit", "echo end", "-c", "exit {}",
	                   ":::", "1", "0", "3");

	EXPECT_RUN(r, 2, "bad 2\nend\n", "");
	r = RUN("run", "-j2", "--on-success", "echo good", "true", ":::", "1", "2");
	EXPECT_RUN(r, 0, "good\n", "");
	r = RUN("run", "-j2", "--log-json", "log", "true", ":::", "1", "2");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "grep", "-c", "\"record\":\"item\"", "log");
	EXPECT_RUN(r, 0, "2\n", "");
	r = RUN("run", "grep", "-c", "\"record\":\"summary\"", "log");
	EXPECT_RUN(r, 0, "1\n", "");
}

Test(run_parallel, limits_silence_and_stamps_lines)
{
	struct run r = RUN("run", "-j2", "--idle-timeout", "100ms", "--json", "-c",
	                   "echo {}; sleep 1000 #", ":::", "1");
	struct json_lines lines = JSON_LINES(r);

	EXPECT_STATUS(r, 1);
	EXPECT_ERR(r, "1\n");
	cr_expect(json_is_true(json_record(&lines, "item", 0), "timed_out"));
	r = RUN("run", "-j1", "--stamp=x", "--keep-order", "-c", "echo {}; echo b", ":::", "1",
	        "2");
	EXPECT_RUN(r, 0, "x 1\nx b\nx 2\nx b\n", "");
	r = RUN("run", "-j1", "--pty", "-c", "test -t 1 && echo {}", ":::", "1", "2");
	EXPECT_RUN(r, 0, "1\r\n2\r\n", "");
}

Test(run_parallel, shows_commands_only)
{
	struct run r = RUN("run", "-j2", "-n", "touch", "{}", "{#}", ":::", "a b", "", "c'd");
	struct json_lines lines;

	EXPECT_RUN(r, 0, "touch 'a b' 1\ntouch '' 2\ntouch \"c'd\" 3\n", "");
	r = FEED("x\n", "run", "-j2", "--dry-run", "-c", "touch {}");
	EXPECT_RUN(r, 0, "sh -c \"touch 'x'\"\n", "");
	expect_empty_dir(".");
	r = RUN("run", "-j2", "-n", "--json", "touch", ":::", "a");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_record(&lines, "plan", 0), "argv.1"), "a");
	r = RUN("run", "-n", "true");
	EXPECT_STATUS(r, 125);
}

Test(run_parallel, has_a_few_ways_to_say_how_many)
{
	static const char *const good[] = { "1",  "0",  "100%",  "200%", "1%",
		                            "+1", "-1", "-1000", "+0" };
	static const char *const bad[] = { "", "x", "%", "1x", "+", "-", "--1", "+1%", "1.5" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct run r = RUN("run", "-j", good[i], "--keep-order", "echo", ":::", "a", "b");

		cr_expect_str_eq(r.out, "a\nb\n", "%s", good[i]);
		cr_expect_eq(r.status, 0, "%s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run r = RUN("run", "-j", bad[i], "echo", ":::", "a");

		cr_expect_eq(r.status, 125, "%s", bad[i]);
		cr_expect_str_eq(r.out, "", "%s", bad[i]);
	}
}

Test(run_parallel, has_few_at_once)
{
	/* Each adds a letter when it begins and one when it ends. */
	struct run r = RUN("run", "-j2", "-c", "echo b >>log; sleep 0.02; echo e >>log", ":::", "1",
	                   "2", "3", "4", "5", "6");
	int now = 0, most = 0;
	FILE *log;
	int c;

	EXPECT_RUN(r, 0, "", "");
	log = fopen("log", "re");
	cr_assert_not_null(log);
	while ((c = fgetc(log)) != EOF) {
		now += c == 'b' ? 1 : c == 'e' ? -1 : 0;
		most = now > most ? now : most;
	}
	(void)fclose(log);
	cr_expect(most <= 2, "%d", most);
	cr_expect_eq(now, 0);
}

Test(run_parallel, starts_none_beside_others_without_room)
{
	static const char *const guards[] = { "--load=0", "--memfree=1E" };

	for (size_t i = 0; i < 2; i++) {
		struct run r =
			RUN("run", "-j9", guards[i], "-c",
		            "echo b{} >>log; sleep 0.01; echo e{} >>log", ":::", "1", "2", "3");

		EXPECT_RUN(r, 0, "", "");
		/* The load may be 0 for a moment. */
		if (i == 1)
			expect_file("log", "b1\ne1\nb2\ne2\nb3\ne3\n");
		(void)unlink("log");
	}
	struct run r = RUN("run", "-j9", "--load=9000", "--memfree=1", "--start-delay=1ms", "echo",
	                   ":::", "1");

	EXPECT_RUN(r, 0, "1\n", "");
}

Test(run_parallel, refuses_what_makes_no_sense)
{
	static const char *const cases[][9] = {
		{ "run", "-j2" },
		{ "run", "-j2", ":::", "a" },
		{ "run", "-j2", "--jobs=x", "true" },
		{ "run", "-j2", "--ungroup", "--line-buffer", "true", ":::", "a" },
		{ "run", "-j2", "--ungroup", "--keep-order", "true", ":::", "a" },
		{ "run", "-j2", "--line-buffer", "--keep-order", "true", ":::", "a" },
		{ "run", "-j2", "--ungroup", "--tagstring=x", "true", ":::", "a" },
		{ "run", "-j2", "--ungroup", "--results=d", "true", ":::", "a" },
		{ "run", "-j2", "--line-buffer", "--results=d", "true", ":::", "a" },
		{ "run", "-j2", "--resume", "true", ":::", "a" },
		{ "run", "-j2", "--resume-failed", "true", ":::", "a" },
		{ "run", "-j2", "-0", "--delimiter=x", "true", ":::", "a" },
		{ "run", "-j2", "--delimiter=xy", "true", ":::", "a" },
		{ "run", "-j2", "--delimiter=", "true", ":::", "a" },
		{ "run", "-j2", "--delimiter=\\x", "true", ":::", "a" },
		{ "run", "-j2", "--stdin=/dev/null", "true", ":::", "a" },
		{ "run", "-j2", "-q", "--ungroup", "true", ":::", "a" },
		{ "run", "-j2", "--halt=later", "true", ":::", "a" },
		{ "run", "-j2", "--halt=now,fail=0", "true", ":::", "a" },
		{ "run", "-j2", "--load=x", "true", ":::", "a" },
		{ "run", "-j2", "--load=-1", "true", ":::", "a" },
		{ "run", "-j2", "--memfree=x", "true", ":::", "a" },
		{ "run", "-j2", "--start-delay=x", "true", ":::", "a" },
		{ "run", "-j2", "--jobs=a", "-a", "b" },
		{ "run", "-j2", "-n", "-d", "true", ":::", "a" },
		{ "run", "-j2", "--progress=maybe", "true", ":::", "a" },
		{ "run", "-j2", "--input=x", "true", ":::", "a" },
		{ "run", "-j2", "--replay-stdin", "true", ":::", "a" },
		{ "run", "-j2", "--foreground", "true", ":::", "a" },
		{ "run", "-j2", "--tee=f", "true", ":::", "a" },
		{ "run", "-j2", "--log=f", "true", ":::", "a" },
		{ "run", "-j2", "--syslog", "true", ":::", "a" },
		{ "run", "-j2", "--report", "true", ":::", "a" },
		{ "run", "-j2", "--status-file=f", "true", ":::", "a" },
		{ "run", "-j2", "--history=f", "true", ":::", "a" },
		{ "run", "-j2", "--init", "true", ":::", "a" },
		{ "run", "-j2", "--rewrite=TERM=INT", "true", ":::", "a" },
		{ "run", "-j2", "--on-signal=USR1=true", "true", ":::", "a" },
		{ "run", "-j2", "--exec", "true", ":::", "a" },
		{ "run", "-j2", "--map-exit=1=0", "true", ":::", "a" },
		{ "run", "-j2", "--capture", "--log-json=l", "--ungroup", "true", ":::", "a" },
		{ "run", "--keep-order", "true" },
		{ "run", "--halt=never", "true" },
		{ "run", "--joblog=f", "true" },
		{ "run", "--load=1", "true" },
		{ "run", "--progress", "true" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		cr_expect_str_eq(r.out, "", "case %zu", i);
		cr_expect(r.err_len > 0, "case %zu", i);
	}
	expect_empty_dir(".");
}

Test(run_parallel, fails_itself_with_255)
{
	struct run r = RUN("run", "-j2", "-a", "none", "true");

	EXPECT_STATUS(r, 255);
	EXPECT_ERR_HAS(r, "none");
	tree("d dir");
	r = RUN("run", "-j2", "-a", "dir", "true");
	EXPECT_STATUS(r, 255);
	r = RUN("run", "-j2", "--joblog", "dir", "true", ":::", "a");
	EXPECT_STATUS(r, 255);
	r = RUN("run", "-j2", "--results", "no/such", "true", ":::", "a");
	EXPECT_STATUS(r, 255);
	r = feed("a\nb\0c\n", 6, WORDS("run", "-j1", "echo"));
	EXPECT_STATUS(r, 255);
	EXPECT_OUT(r, "a\n");
	EXPECT_ERR_HAS(r, "item 2 holds a NUL byte");
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "-j1", "echo", ":::", "a", "b"), .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 255);
	EXPECT_ERR_HAS(r, "No space left");
	r = run_argv(&(const struct run_request){ .words = WORDS("run", "-j1", "echo"),
	                                          .from = RUN_FROM_NOTHING });
	EXPECT_STATUS(r, 255);
	EXPECT_ERR_HAS(r, "'standard input': cannot read");
}

Test(run_parallel, keeps_a_log)
{
	struct run r = RUN("run", "-j1", "--joblog", "log", "-c",
	                   "echo {}; case {} in b*) exit 3;; c) kill -9 $$;; esac", ":::", "a",
	                   "b\nb", "c");
	char text[4096], *lines[6] = { 0 };
	size_t n = 0;
	int fd = open("log", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	EXPECT_STATUS(r, 2);
	cr_assert(len > 0);
	text[len] = '\0';
	(void)close(fd);
	for (char *at = text; n < 6 && *at != '\0'; n++) {
		lines[n] = at;
		at += strcspn(at, "\n");
		cr_assert_eq(*at, '\n');
		*at++ = '\0';
	}
	cr_assert_eq(n, 4, "a newline in a command is none in the log");
	cr_expect_str_eq(
		lines[0],
		"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand");
	cr_expect_eq(strncmp(lines[1], "1\t:\t", 4), 0);
	cr_expect_not_null(strstr(lines[1], "\t0\t2\t0\t0\tsh -c "));
	cr_expect_not_null(strstr(lines[2], "\t0\t4\t3\t0\tsh -c "));
	/* Ended by a signal: exit 0, signal 9, and a failure all the same. */
	cr_expect_not_null(strstr(lines[3], "\t0\t2\t0\t9\tsh -c "));
	/* A new log each time. */
	r = RUN("run", "-j1", "--joblog", "log", "true", ":::", "a");
	EXPECT_STATUS(r, 0);
	fd = open("log", O_RDONLY | O_CLOEXEC);
	cr_expect(read(fd, text, sizeof(text) - 1) < 200);
	(void)close(fd);
}

Test(run_parallel, goes_on_where_it_was)
{
	struct run r;

	/* As a killed run leaves it: a whole line, one of a failure, and a part of one. */
	tree_text("log",
	          "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
	          "1\t:\t1.000\t     0.001\t0\t2\t0\t0\techo a\n"
	          "3\t:\t1.000\t     0.001\t0\t2\t7\t0\techo c\n"
	          "4\t:\t1.000\t     0.001\t0\t2\t0\t9\techo d\n"
	          "2\t:\t1.000\t     0.0");
	r = RUN("run", "-j1", "-n", "--joblog", "log", "--resume", "echo", ":::", "a", "b", "c",
	        "d", "e");
	EXPECT_RUN(r, 0, "echo b\necho e\n", "");
	r = RUN("run", "-j1", "-n", "--joblog", "log", "--resume-failed", "echo", ":::", "a", "b",
	        "c", "d", "e");
	EXPECT_RUN(r, 0, "echo b\necho c\necho d\necho e\n", "");
	r = RUN("run", "-j1", "--joblog", "log", "--resume", "echo", ":::", "a", "b", "c", "d",
	        "e");
	EXPECT_RUN(r, 0, "b\ne\n", "");
	r = RUN("run", "-j1", "--joblog", "log", "--resume", "echo", ":::", "a", "b", "c", "d",
	        "e");
	EXPECT_RUN(r, 0, "", "");
	/* The later line of a job counts. */
	r = RUN("run", "-j1", "--joblog", "log", "--resume-failed", "echo", ":::", "a", "b", "c",
	        "d");
	EXPECT_RUN(r, 0, "c\nd\n", "");
	r = RUN("run", "-j1", "--joblog", "log", "--resume-failed", "echo", ":::", "a", "b", "c",
	        "d");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "-j1", "--joblog", "fresh", "--resume", "echo", ":::", "a");
	EXPECT_RUN(r, 0, "a\n", "");
}

Test(run_parallel, keeps_results)
{
	struct run r = RUN("run", "-j2", "--results", "res", "-c", "echo {2}; echo e >&2; exit 1",
	                   ":::", "a/b", "..", "", ":::", "x\\y");

	EXPECT_STATUS(r, 3);
	expect_names("res", "1");
	expect_names("res/1", "\\..", "\\0", "a\\_b");
	expect_names("res/1/\\../2/x\\\\y", "seq", "stderr", "stdout");
	expect_file("res/1/\\../2/x\\\\y/stdout", "x\\y\n");
	expect_file("res/1/\\../2/x\\\\y/stderr", "e\n");
	expect_file("res/1/\\../2/x\\\\y/seq", "2");
	/* Again: the files are replaced; a link is not followed. */
	tree_text("other", "kept");
	(void)unlink("res/1/a\\_b/2/x\\\\y/stdout");
	tree_symlink("res/1/a\\_b/2/x\\\\y/stdout", "../../../../../other");
	r = RUN("run", "-j1", "--results", "res", "echo", "{2}", ":::", "a/b", ":::", "x\\y");
	EXPECT_STATUS(r, 255);
	expect_file("other", "kept");
}

Test(run_parallel, long_items_have_results_too)
{
	char item[5001];
	struct run r;

	memset(item, 'x', sizeof(item) - 1);
	item[sizeof(item) - 1] = '\0';
	r = RUN("run", "-j1", "--results", "res", "echo", "short", "{#}{9}", ":::", item, item);
	EXPECT_RUN(r, 0, "short 1\nshort 2\n", "");
}

Test(run_parallel, shows_progress_when_asked)
{
	struct run r = RUN("run", "-j2", "--progress", "true", ":::", "1", "2");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "");
	EXPECT_ERR_HAS(r, "jobs");
	r = RUN("run", "-j2", "--progress=never", "true", ":::", "1", "2");
	EXPECT_RUN(r, 0, "", "");
}
