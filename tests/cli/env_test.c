/* SPDX-License-Identifier: MIT */
/* env: beside GNU's, where that is installed; and what it does more. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(env, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_env, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 8 };

/* Texts for -S, with one operand behind it. */
static const char *const texts[][2] = {
	{ "a b", "c" },
	{ "", "true" },
	{ " ", "true" },
	{ "A=${NOPE}x printenv A", NULL },
	{ "\"a\\cb\"", NULL },
	{ "printf [%s] ${NOPE} \"\" a#b #c d", NULL },
	{ "printf [%s] 'a\\tb\\'c\\\\' \"a'b\" a\\_b \"a\\_b\" \\#x", NULL },
	{ "printf [%s] 'a\\qb'", NULL },
	{ "a${1}", NULL },
	{ "${A", NULL },
	{ "$A", NULL },
	{ "printf [%s] a\\c b", "z" },
	{ "a\\q", NULL },
	{ "-v", "x y" },
	{ "printf [%s]", "-u" },
	{ "-i A=1 B=2", "-u" },
	{ "-i A=1 B=2", NULL },
	{ "printf [%s] ${EMPTY} a${EMPTY}b ${X} \"${X}\"", NULL },
	{ "printf [%s] \\f\\n\\r\\t\\v\\#\\$\\\"\\'\\\\", NULL },
	{ "printf [%s] \"\\f\\n\\r\\t\\v\\#\\$\\\"\\'\\\\\"", NULL },
	{ "'abc", NULL },
	{ "\"abc", NULL },
	{ "abc\\", NULL },
	{ "'abc\\", NULL },
	{ "printf [%s] '' a''b", NULL },
	{ "printf [%s]\t\v\f\r\na", NULL },
	{ "#all", "true" },
	{ "-C / pwd", NULL },
	{ "-S 'printf [%s] a b'", "c" },
	{ "-S'printf [%s] a b'", "c" },
	{ "--split-string='printf [%s] a'", "c" },
	{ "-u HOME printenv HOME", NULL },
	{ "\\_printf\\_[%s]\\_a", NULL },
	{ "printf [%s] '#' \"#\" \\_#c", NULL },
	{ "A='b c' printenv", "A" },
	{ "-i - X=1", NULL },
	{ "--", "printf" },
	{ "\\c", "true" },
	{ "${}", NULL },
	{ "${X y}", NULL },
	{ "printf [%s] '${X}' \\${X}", NULL },
};

static const char *const cases[][WORDS_MAX] = {
	{ "-i" },
	{ "-i", "A" },
	{ "-i A" },
	{ "-C", "/nonexist", "true" },
	{ "-C", "plain", "true" },
	{ "-C", "/" },
	{ "--chdir=/", "pwd" },
	{ "-u", "", "true" },
	{ "-u", "a=b", "true" },
	{ "-iu", "", "true" },
	{ "-u" },
	{ "-0", "true" },
	{ "-0i", "A=1", "B=2" },
	{ "--null", "-i", "A=1" },
	{ "-x" },
	{ "--foo" },
	{ "-S" },
	{ "--ignore-environment=3" },
	{ "--def", "true" },
	{ "a b" },
	{ "" },
	{ "/" },
	{ "./missing/x" },
	{ "./plain" },
	{ "./empty" },
	{ "./script" },
	{ "=x", "printenv" },
	{ "-i", "=x", "A=1", "A=2" },
	{ "-i", "A=1", "-i", "B=2" },
	{ "-i", "-", "X=1" },
	{ "-", "-i" },
	{ "-", "A=1" },
	{ "--", "-", "A=1" },
	{ "-v", "--", "-" },
	{ "-vu", "HOME", "-C", "/", "A=1", "true" },
	{ "-vi", "-u", "HOME", "true" },
	{ "-uHOME", "-uX", "-iv", "true" },
	{ "--unset=HOME", "printenv", "HOME" },
	{ "-v", "it's" },
	{ "PATH=/nonexist", "ls" },
	{ "-u", "PATH", "ls", "/nonexist" },
	{ "sh", "-c", "exit 7" },
	{ "sh", "-c", "kill -9 $$" },
	{ "true", "--help", "-v" },
	{ "--block-signal=FOO" },
	{ "--block-signal=FOO", "true" },
	{ "--block-signal=0", "true" },
	{ "--block-signal=65", "true" },
	{ "--block-signal=-1", "true" },
	{ "--ignore-signal=KILL", "true" },
	{ "--default-signal=STOP", "true" },
	{ "-i", "--list-signal-handling" },
	{ "--ignore-signal=INT", "--block-signal=TERM,USR1", "--list-signal-handling", "true" },
	{ "-v", "--default-signal=INT", "--ignore-signal", "--block-signal=usr2", "true" },
	{ "-v", "--default-signal", "true" },
	{ "--default-signal=int,,term", "true" },
	{ "--b=", "true" },
	{ "--list", "--block-signal", "true" },
	{ "--block-signal=9", "--list", "true" },
	{ "--block-signal=130", "--list", "true" },
	{ "--block-signal=33", "--list", "true" },
	{ "--block-signal=RTMIN+2,RTMAX-1,poll,io,iot,cld", "--list", "true" },
	{ "--ignore-signal=64,29,6", "--list", "true" },
	{ "--ignore-signal", "--default-signal=INT", "--list", "true" },
	{ "--block-signal", "--default-signal=INT", "--list", "true" },
	{ "--default-signal", "--block-signal=INT", "--list", "true" },
};

/* The hint about shebang lines is a part of the line before it here, not a line of its own. */
static bool same_messages(const char *ours, const char *gnu)
{
	static const char hint[] = "; use -S to pass options";
	const char *cut = strstr(ours, hint);
	size_t len;

	if (cut != NULL)
		return strncmp(ours, gnu, (size_t)(cut - ours)) == 0 &&
		       strstr(gnu, "use -[v]S to pass options in shebang lines") != NULL;
	if (strstr(gnu, "--help") == NULL)
		return strcmp(ours, gnu) == 0;
	/* The line that points to --help names the box. */
	len = (size_t)(strstr(gnu, "Try ") - gnu);
	return strncmp(ours, gnu, len) == 0;
}

static void compare(const char *const *words)
{
	const char *ours[WORDS_MAX + 2] = { "env" };
	const char *const env[] = { "LC_ALL=C", "HOME=/root", "EMPTY=", "X=x y", NULL };
	struct run a, b;

	for (size_t k = 0; k < WORDS_MAX && words[k] != NULL; k++)
		ours[k + 1] = words[k];
	a = run_argv(&(const struct run_request){ .words = ours, .env = env });
	b = run_argv(&(const struct run_request){ .program = need_program("env"),
	                                          .argv0 = "env",
	                                          .words = words,
	                                          .env = env,
	                                          .may_complain = true });
	cr_expect_eq(a.status, b.status, "%s %s: %d, GNU %d", words[0], words[1], a.status,
	             b.status);
	cr_expect(a.out_len == b.out_len && memcmp(a.out, b.out, a.out_len) == 0,
	          "%s %s: %s, GNU %s", words[0], words[1], a.out, b.out);
	cr_expect(same_messages(a.err, b.err), "%s %s: %s, GNU %s", words[0], words[1], a.err,
	          b.err);
}

/* Coreutils before 8.30 have neither -S nor signals; busybox has less. */
static void need_gnu(void)
{
	struct run r = RUN_PEER(need_program("env"), "--version");

	if (strstr(r.out, "GNU coreutils") == NULL)
		skip("env is not GNU's");
}

Test(peer_env, splits_the_same_words)
{
	need_gnu();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *const plain[WORDS_MAX] = { "-S", texts[i][0], texts[i][1] };
		const char *const loud[WORDS_MAX] = { "-vS", texts[i][0], texts[i][1] };

		compare(plain);
		compare(loud);
	}
}

Test(peer_env, gives_the_same_answers)
{
	need_gnu();
	tree("f plain 10", "x empty", "t script echo $0");
	tree_mode("script", 0755);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		compare(cases[i]);
}

Test(peer_env, ignored_signals_are_seen_and_taken_back)
{
	need_gnu();
	(void)signal(SIGUSR1, SIG_IGN);
	compare((const char *const[WORDS_MAX]){ "--list-signal-handling", "true" });
	compare((const char *const[WORDS_MAX]){ "--default-signal=USR1", "--list-signal-handling",
	                                        "true" });
}

/* ---- seed-inventory ---- */

static struct run with_env(const char *const *words)
{
	return run_argv(&(const struct run_request){
		.words = words, .env = WORDS("A=one", "EMPTY=", "HOME=/home/x") });
}

Test(env, a1_2_changes_the_directory_of_the_command)
{
	struct run r;

	tree("d sub");
	r = RUN("env", "-C", "sub", "sh", "-c", "basename \"$(pwd -P)\"");
	EXPECT_RUN(r, 0, "sub\n", "");
}

Test(env, a3_1_gets_a_variable)
{
	struct run r = with_env(WORDS("env", "--get", "A"));

	EXPECT_RUN(r, 0, "one\n", "");
	r = with_env(WORDS("env", "--get=EMPTY"));
	EXPECT_RUN(r, 0, "\n", "");
	r = with_env(WORDS("env", "--get", "NOT_SET"));
	EXPECT_RUN(r, 1, "", "");
	r = with_env(WORDS("env", "-0", "--get", "NOT_SET", "--get", "A", "--get", "HOME"));
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_BYTES(r, "one\0/home/x\0", 12);
	/* What is no name of a variable is not found in the middle of one. */
	r = with_env(WORDS("env", "--get", "A=one"));
	EXPECT_RUN(r, 1, "", "");
	r = with_env(WORDS("env", "--get", ""));
	EXPECT_RUN(r, 1, "", "");
}

Test(env, a3_2_gets_a_default)
{
	struct run r = with_env(WORDS("env", "--get", "NOT_SET", "--default", "else"));

	EXPECT_RUN(r, 0, "else\n", "");
	r = with_env(WORDS("env", "--get", "EMPTY", "--default", "else"));
	EXPECT_RUN(r, 0, "\n", "");
	r = with_env(WORDS("env", "--default", "else"));
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "--default-signal");
}

Test(env, a3_3_sets_for_a_child)
{
	struct run r = RUN("env", "NAME=a b", "sh", "-c", "echo \"$NAME\"");

	EXPECT_RUN(r, 0, "a b\n", "");
}

Test(env, a3_4_lists_all)
{
	struct run r = RUN("env", "-i", "B=2", "A=x\ny", "AB=3", "A1=4");
	struct json_lines lines;

	EXPECT_RUN(r, 0, "B=2\nA=x\ny\nAB=3\nA1=4\n", "");
	r = RUN("env", "-i", "-0", "--sort", "B=2", "A=x\ny", "AB=3", "A1=4");
	EXPECT_OUT_BYTES(r, "A=x\ny\0A1=4\0AB=3\0B=2\0", 20);
	r = RUN("env", "-i", "--json", "B=\xff", "A=x=y", "E=");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 3);
	cr_expect_str_eq(json_string(lines.items[0], "record"), "entry");
	cr_expect_str_eq(json_string(lines.items[0], "value_b64"), "/w==");
	cr_expect_str_eq(json_string(lines.items[1], "name"), "A");
	cr_expect_str_eq(json_string(lines.items[1], "value"), "x=y");
	cr_expect_str_eq(json_string(lines.items[2], "value"), "");
	r = RUN("env", "--json", "--get", "NOT_SET");
	EXPECT_STATUS(r, 1);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 1);
	cr_expect(json_is_null(lines.items[0], "value"));
}

static struct run expand(const char *input, const char *otherwise, enum run_from from)
{
	return run_argv(&(const struct run_request){
		.words = otherwise != NULL ? WORDS("env", "--expand", "--default", otherwise)
	                                   : WORDS("env", "--expand"),
		.input = input,
		.from = from,
		.env = WORDS("A=one", "LOOP=$A", "EMPTY=") });
}

Test(env, a3_5_expands_a_text)
{
	static const char text[] = "$A ${A}x $LOOP $NOPE ${NO\nPE} $EMPTY. $ ${ \xff$A$A\n$A";
	struct run r = expand(text, NULL, RUN_FROM_BYTES);

	EXPECT_RUN(r, 0, "one onex $A $NOPE ${NO\nPE} . $ ${ \xffoneone\none", "");
	r = expand(text, NULL, RUN_FROM_PIPE);
	EXPECT_RUN(r, 0, "one onex $A $NOPE ${NO\nPE} . $ ${ \xffoneone\none", "");
	r = expand("[$NOPE][${NOPE}][$A]", "", RUN_FROM_PIPE);
	EXPECT_RUN(r, 0, "[][][one]", "");
	r = expand("", NULL, RUN_FROM_BYTES);
	EXPECT_RUN(r, 0, "", "");
	r = expand("$", NULL, RUN_FROM_PIPE);
	EXPECT_RUN(r, 0, "$", "");
	r = RUN("env", "--expand", "--json");
	EXPECT_STATUS(r, 125);
}

/* More than is read at once, with references across the borders. */
Test(env, expands_a_long_text)
{
	enum { TIMES = 50000 };
	char *text = malloc(TIMES * 5 + 1), *want = malloc(TIMES * 4 + 1);
	struct run r;

	for (size_t i = 0; i < TIMES; i++) {
		memcpy(text + 5 * i, "${A}.", 5);
		memcpy(want + 4 * i, "one.", 4);
	}
	text[(size_t)TIMES * 5] = want[(size_t)TIMES * 4] = '\0';
	r = expand(text, NULL, RUN_FROM_BYTES);
	EXPECT_STATUS(r, 0);
	cr_expect(r.out_len == (size_t)TIMES * 4 && strcmp(r.out, want) == 0);
	free(text);
	free(want);
}

Test(env, a3_8_copies_the_environment_plus_one)
{
	struct run r = with_env(
		WORDS("env", "-u", "HOME", "B=2", "sh", "-c", "echo \"$A $B ${HOME-none}\""));

	EXPECT_RUN(r, 0, "one 2 none\n", "");
}

/* ---- what GNU's does in newer versions, and ours alone ---- */

Test(env, argv0_is_another_name)
{
	struct run r = RUN("env", "-a", "other", "sh", "-c", "echo $0");

	EXPECT_RUN(r, 0, "other\n", "");
	r = RUN("env", "--argv0=other", "-v", "true");
	EXPECT_RUN(r, 0, "", "argv0:     'other'\nexecuting: true\n   arg[0]= 'other'\n");
	r = RUN("env", "-a", "other");
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "must specify command with --argv0 (-a)");
}

Test(env, a_text_that_makes_itself_again_ends)
{
	struct run r = run_argv(&(const struct run_request){ .words = WORDS("env", "-S", "${X}"),
	                                                     .env = WORDS("X=-S${X}") });

	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "-S within -S");
}

Test(env, splits_help_and_wrong_options_too)
{
	struct run r = RUN("env", "-S", "--help");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "Usage: env");
	r = RUN("env", "-S", "--version");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, DUTYBOX_VERSION);
	r = RUN("env", "-S", "--nope");
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "'--nope'");
}

Test(env, options_without_a_command_are_refused_with_one)
{
	static const char *const wrong[][WORDS_MAX] = {
		{ "env", "--json", "true" },         { "env", "--sort", "true" },
		{ "env", "--get", "A", "true" },     { "env", "--expand", "true" },
		{ "env", "--default", "x", "true" }, { "env", "--get", "A", "--sort" },
		{ "env", "--get", "A", "--expand" }, { "env", "--expand", "-0" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct run r = run_words(wrong[i]);

		EXPECT_STATUS(r, 125);
		EXPECT_OUT_LACKS(r, "entry");
		EXPECT_ERR_HAS(r, "--help");
	}
}

Test(env, a_terminal_gets_nothing_that_acts_on_it)
{
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("env", "-i", "A=\033[31m", "B=x\ty", "C=\xff"),
		.out_to = RUN_TO_TERMINAL });

	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "A=?[31m\nB=x\ty\nC=?\n");
	r = RUN("env", "-v", "A=\033[31m", "\033]0;x\a");
	EXPECT_STATUS(r, 127);
	EXPECT_ERR_HARMLESS(r);
	r = RUN("env", "-u", "\033=");
	EXPECT_ERR_HARMLESS(r);
	r = RUN("env", "-S", "\\\033");
	EXPECT_ERR_HARMLESS(r);
	r = RUN("env", "-S", "$\033[31m");
	EXPECT_ERR_HARMLESS(r);
}

Test(env, output_that_is_lost_is_an_error)
{
	struct run r = run_argv(
		&(const struct run_request){ .words = WORDS("env"), .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 125);
	r = run_argv(&(const struct run_request){
		.words = WORDS("env", "--expand"), .input = "x", .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 125);
	r = run_argv(
		&(const struct run_request){ .words = WORDS("env"), .out_to = RUN_TO_NOTHING });
	EXPECT_STATUS(r, 125);
	r = run_argv(&(const struct run_request){ .words = WORDS("env", "--expand"),
	                                          .from = RUN_FROM_NOTHING });
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "standard input");
}

Test(env, names_may_be_empty)
{
	struct run r = RUN("env", "-i", "=", "=b", "A=", "A=2");

	EXPECT_RUN(r, 0, "=b\nA=2\n", "");
}

Test(env, of_the_name_env)
{
	struct run r = run_argv(&(const struct run_request){ .argv0 = "/usr/bin/env",
	                                                     .words = WORDS("-i", "A=1") });

	EXPECT_RUN(r, 0, "A=1\n", "");
}

/* The kernel hands all that follows the interpreter over as one word. */
Test(env, a_script_starts_by_it)
{
	char text[512];
	struct run r;

	tree_symlink("env", run_binary());
	(void)snprintf(text, sizeof(text), "#!%s/env -S -i A=1\\_B=${C} sh\necho $A $B $1\n",
	               sandbox_path());
	tree_script("script", text);
	r = run_argv(&(const struct run_request){
		.program = "./script", .words = WORDS("x"), .env = WORDS("C=2") });
	EXPECT_RUN(r, 0, "1 2 x\n", "");
	(void)snprintf(text, sizeof(text), "#!%s/env -i sh\n", sandbox_path());
	tree_script("wrong", text);
	r = run_argv(&(const struct run_request){ .program = "./wrong" });
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "use -S to pass options in shebang lines");
}
