/* SPDX-License-Identifier: MIT */
/* which: the options of GNU which, as shells' own functions of that name use them. */
#include "which_run.h"

TestSuite(which_gnu, .init = sandbox_enter, .fini = sandbox_leave);

static struct run with_input(const char *input, const char *const *words)
{
	const char *env[] = { "PATH=bin", "HOME=/nowhere", NULL };
	struct run_request request = { .words = words, .env = env, .input = input };

	return run_argv(&request);
}

Test(which_gnu, reads_aliases_as_gnu)
{
	const char *aliases =
		"alias la='ls -a | more && cat'\nalias ll='ls -l'\nalias ls='ls --color'\n";
	struct run r;

	tree("x bin/ls", "x bin/more", "x bin/cat", "x other/ls");
	r = with_input(aliases, WORDS("which", "-i", "ll"));
	EXPECT_RUN(r, 0, "alias ll='ls -l'\n\tbin/ls\n", "");
	r = with_input(aliases, WORDS("which", "--read-alias", "la", "cat", "nope"));
	EXPECT_RUN(r, 1,
	           "alias la='ls -a | more && cat'\n\tbin/ls\n\tbin/more\n\tbin/cat\nbin/cat\n",
	           "");
	r = with_input(aliases, WORDS("which", "-ai", "-p", "bin:other", "ls"));
	EXPECT_RUN(r, 0, "alias ls='ls --color'\n\tbin/ls\n\tother/ls\n", "");
	r = with_input(aliases, WORDS("which", "-i", "--skip-alias", "ls", "ll"));
	EXPECT_RUN(r, 1, "bin/ls\n", "");
	r = with_input(aliases, WORDS("which", "-si", "ll"));
	EXPECT_RUN(r, 0, "", "");
	r = with_input(aliases, WORDS("which", "ll"));
	EXPECT_RUN(r, 1, "", "");
	r = with_input("ll='nope'\n", WORDS("which", "-i", "ll"));
	EXPECT_RUN(r, 0, "ll='nope'\n", "");
	r = with_input("ll='ls'", WORDS("which", "-i0", "ll"));
	EXPECT_OUT_BYTES(r, "ll='ls'\0\tbin/ls\0", 16);
	r = with_input(aliases, WORDS("which", "-i", "--json", "ll"));
	EXPECT_STATUS(r, 1);
	cr_expect_eq(JSON_LINES(r).len, 1);
}

Test(which_gnu, reads_functions_as_gnu)
{
	const char *both = "alias ll='f -l'\nf () \n{ \n    ls\n}\n";
	struct run r;

	tree("x bin/ls", "x bin/f");
	r = with_input(both, WORDS("which", "--read-functions", "f", "ls", "ll"));
	EXPECT_RUN(r, 1, "f () \n{ \n    ls\n}\nbin/ls\n", "");
	r = with_input(both, WORDS("which", "--read-functions", "-a", "f"));
	EXPECT_RUN(r, 0, "f () \n{ \n    ls\n}\nbin/f\n", "");
	r = with_input(both, WORDS("which", "--read-functions", "-i", "ll"));
	EXPECT_RUN(r, 0, "alias ll='f -l'\n\tf () \n\t{ \n\t    ls\n\t}\n", "");
	r = with_input(both, WORDS("which", "--read-functions", "--skip-functions", "f"));
	EXPECT_RUN(r, 0, "bin/f\n", "");
}

Test(which_gnu, works_as_the_fedora_function)
{
	struct run r;

	need_program("bash");
	tree("x bin/ls");
	r = RUN_PEER("bash", "--norc", "-c",
	             "shopt -s expand_aliases; alias ll='ls -l'; greet() { echo hi; }; bin=$0;"
	             "which() { (alias; declare -f) | \"$bin\" which --tty-only --read-alias"
	             " --read-functions --show-tilde --show-dot \"$@\"; };"
	             "PATH=bin; which ll; which greet; which ls; which nope; echo $?",
	             run_binary());
	EXPECT_RUN(r, 0, "alias ll='ls -l'\n\tbin/ls\ngreet () \n{ \n    echo hi\n}\nbin/ls\n1\n",
	           "");
}

/* A run whose HOME is the sandbox, as a user where that matters. */
static struct run in_home(enum run_to to, const char *path, const char *const *words)
{
	char set[2048], home[1024];
	const char *env[] = { set, home, NULL };
	struct run_request request = { .words = words, .env = env, .out_to = to, .err_to = to };

	(void)snprintf(set, sizeof(set), "PATH=%s", path);
	(void)snprintf(home, sizeof(home), "HOME=%s/", sandbox_path());
	if (geteuid() == 0)
		request.uid = RUN_NOBODY;
	return run_argv(&request);
}

Test(which_gnu, dot_and_tilde_options_of_gnu)
{
	const char *home_bin = below_sandbox("/hb");
	const char *list = below_sandbox("/hb:.:w:/bin");
	struct run r;

	tree("x hb/c", "x hb/d", "x c", "x w/c", "x w/e");
	r = in_home(RUN_TO_MEMORY, home_bin, WORDS("which", "--show-tilde", "c"));
	EXPECT_RUN(r, 0, "~/hb/c\n", "");
	r = in_home(RUN_TO_MEMORY, ".", WORDS("which", "--show-dot", "-A", "c"));
	EXPECT_RUN(r, 0, "./c\n", "");
	r = in_home(RUN_TO_MEMORY, ".", WORDS("which", "--show-dot", "--show-tilde", "c", "./w/e"));
	EXPECT_RUN(r, 0, "./c\n./w/e\n", "");
	r = in_home(RUN_TO_MEMORY, ".", WORDS("which", "--show-tilde", "c"));
	EXPECT_RUN(r, 0, "~/c\n", "");
	r = in_home(RUN_TO_MEMORY, list, WORDS("which", "-a", "--skip-tilde", "c", "d", "sh"));
	EXPECT_RUN(r, 1, "/bin/sh\n", "");
	r = in_home(RUN_TO_MEMORY, list, WORDS("which", "-a", "--skip-dot", "c", "e"));
	EXPECT_RUN(r, 1, below_sandbox("/hb/c\n"), "");
	r = in_home(RUN_TO_MEMORY, "~:w", WORDS("which", "--why", "--skip-dot", "c"));
	EXPECT_RUN(r, 1, "c: not found\n  ~: skipped\n  w: skipped\n", "");
}

Test(which_gnu, tty_only_acts_on_what_follows)
{
	const char *home_bin = below_sandbox("/hb");
	struct run r;

	tree("x hb/c");
	r = in_home(RUN_TO_MEMORY, home_bin, WORDS("which", "--tty-only", "--show-tilde", "c"));
	EXPECT_RUN(r, 0, below_sandbox("/hb/c\n"), "");
	r = in_home(RUN_TO_MEMORY, home_bin, WORDS("which", "--show-tilde", "--tty-only", "c"));
	EXPECT_RUN(r, 0, "~/hb/c\n", "");
	r = in_home(RUN_TO_TERMINAL, home_bin, WORDS("which", "--tty-only", "--show-tilde", "c"));
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "~/hb/c");
}

Test(which_gnu, show_tilde_is_not_for_root)
{
	const char *home = below_sandbox("");
	char set[1024];
	const char *env[] = { set, "PATH=hb", NULL };
	struct run_request request = { .words = WORDS("which", "--show-tilde", "c"), .env = env };
	struct run r;

	need_root();
	(void)snprintf(set, sizeof(set), "HOME=%s", home);
	tree("x hb/c");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "hb/c\n", "");
}

Test(which_gnu, definitions_do_not_steer_the_terminal)
{
	const char *env[] = { "PATH=a", NULL };
	struct run_request request = { .words = WORDS("which", "-i", "x"),
		                       .env = env,
		                       .input = "alias x='\033[31m\xff'\n",
		                       .out_to = RUN_TO_TERMINAL,
		                       .err_to = RUN_TO_TERMINAL };
	struct run r = run_argv(&request);

	EXPECT_STATUS(r, 0);
	cr_expect_null(strchr(r.out, '\033'));
	EXPECT_OUT_HAS(r, "alias x='?[31m?'");
}
