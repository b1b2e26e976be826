/* SPDX-License-Identifier: MIT */
/* run --expect and --send: steps, their order, what was not seen. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <string.h>

TestSuite(run_dialogue, .init = sandbox_enter, .fini = sandbox_leave);

/* Asks two questions; what is typed is not shown, as for a password. */
#define LOGIN                                                                                   \
	"stty -echo; printf 'Login: '; read name; echo; printf 'Password for %s: ' \"$name\"; " \
	"read word; echo; echo \"$name/$word\""

Test(run_dialogue, answers_questions)
{
	struct run r = RUN("run", "--expect", "Login: ", "--send", "me", "--expect",
	                   "Password for [a-z]+: ", "--send", "two words", "-c", LOGIN);

	EXPECT_RUN(r, 0, "Login: \r\nPassword for me: \r\nme/two words\r\n", "");
	/* The terminal is the command's input, wherever the run has its own from. */
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--expect", ">", "--send", "x", "-c",
	                       "stty -echo; test -t 0 && echo '>'; read a; echo got $a"),
		.input = "not this\n" });
	EXPECT_RUN(r, 0, ">\r\ngot x\r\n", "");
}

Test(run_dialogue, takes_steps_in_order)
{
	/* All of it comes at once; each step takes what it matched and leaves the rest. */
	struct run r = RUN("run", "--expect", "one", "--expect", "t.o", "--expect", "three", "echo",
	                   "one two three");

	EXPECT_RUN(r, 0, "one two three\r\n", "");
	r = RUN("run", "--expect", "two", "--expect", "one", "echo", "one two");
	EXPECT_RUN(r, 1, "one two\r\n", "run: 'one': was not seen before the command ended\n");
	/* The same again has to be seen again. */
	r = RUN("run", "--expect", "a", "--expect", "a", "echo", "a");
	EXPECT_STATUS(r, 1);
	r = RUN("run", "--expect", "a", "--expect", "a", "echo", "aa");
	EXPECT_STATUS(r, 0);
	/* Typed before anything was shown. */
	r = RUN("run", "--send", "first", "--send", "second", "-c",
	        "stty -echo; read a; read b; echo $b $a");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "second first\r\n");
}

Test(run_dialogue, sees_what_comes_in_pieces)
{
	struct run r =
		RUN("run", "--expect", "^start.*end$", "--send", "go", "-c",
	            "stty -echo; printf st; sleep 0.05; printf 'art\\0'; sleep 0.05; printf end; "
	            "read a; echo $a");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "go\r\n");
	/* More than is kept of what is not matched. */
	r = RUN("run", "--expect", "needle", "--send", "x", "-c",
	        "stty -echo; head -c 300000 /dev/zero | tr '\\0' y; printf needle; read a; echo $a");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "needlex\r\n");
}

Test(run_dialogue, waits_no_longer_than_it_is_told)
{
	struct run r = RUN("run", "--expect", "never", "--expect-timeout", "100ms", "-c",
	                   "echo other; sleep 1000");

	EXPECT_RUN(r, 124, "other\r\n", "run: 'never': was not seen in time\n");
}

Test(run_dialogue, begins_anew_with_each_attempt)
{
	struct run r =
		RUN("run", "-r", "2", "--delay", "1ms", "--expect", "n", "--send", "x", "-c",
	            "stty -echo; echo n; read a; echo $a $RUN_ATTEMPT; [ $RUN_ATTEMPT = 2 ]");

	EXPECT_RUN(r, 0, "n\r\nx 1\r\nn\r\nx 2\r\n", "");
}

Test(run_dialogue, keeps_the_status_of_a_failure)
{
	struct run r = RUN("run", "--expect", "x", "-c", "exit 7");

	EXPECT_RUN(r, 7, "", "run: 'x': was not seen before the command ended\n");
	r = RUN("run", "--expect", "x", "no-such-command");
	EXPECT_STATUS(r, 127);
}

Test(run_dialogue, refuses_what_makes_no_sense)
{
	static const char *const cases[][7] = {
		{ "run", "--expect-timeout=1s", "true" },
		{ "run", "--expect=[", "true" },
		{ "run", "--expect=a", "--expect-timeout=x", "true" },
		{ "run", "--expect=a", "--no-stdin", "true" },
		{ "run", "--expect=a", "--stdin=/dev/null", "true" },
		{ "run", "--expect=a", "--input=x", "true" },
		{ "run", "--expect=a", "--isolate=none", "true" },
		{ "run", "--send=a", "-j2", "true" },
		{ "run", "--send=a", "-d", "true" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		cr_expect_str_eq(r.out, "", "case %zu", i);
	}
}
