/* SPDX-License-Identifier: MIT */
/* which, run as a user would: what it prints, and what it answers. */
#include "which_run.h"

TestSuite(which, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_which, .init = sandbox_enter, .fini = sandbox_leave);

Test(which, prints_the_first_match)
{
	struct run r;

	tree("x a/c", "x b/c");
	r = WHICH("a:b", "c");
	EXPECT_RUN(r, 0, "a/c\n", "");
	r = WHICH("missing:b:a", "c");
	EXPECT_RUN(r, 0, "b/c\n", "");
}

Test(which, says_nothing_about_missing_names)
{
	struct run r;

	tree("x a/c", "x a/d");
	r = WHICH("a", "nope");
	EXPECT_RUN(r, 1, "", "");
	r = WHICH("a", "d", "nope", "c");
	EXPECT_RUN(r, 1, "a/d\na/c\n", "");
	r = WHICH("a", "d", "c", "d");
	EXPECT_RUN(r, 0, "a/d\na/c\na/d\n", "");
}

Test(which, treats_path_as_shells_do)
{
	static const struct {
		const char *path;
		const char *out;
	} cases[] = {
		{ "/nowhere:", "./okx\n" },
		{ "", "./okx\n" },
		{ ":", "./okx\n" },
		{ "::/nowhere", "./okx\n" },
		{ ".", "./okx\n" },
		{ "./", "./okx\n" },
		{ "../up", "../up/okx\n" },
		{ "a/", "a/okx\n" },
		{ "a//b", "a//b/okx\n" },
		{ "okx", "" },
		{ "100%s%n", "100%s%n/okx\n" },
		{ "~", "~/okx\n" },
		{ "/nowhere", "" },
	};

	tree("x okx", "x a/okx", "x a/b/okx", "x 100%s%n/okx", "x ~/okx", "d up", "x up/okx",
	     "d in");
	cr_assert_eq(rename("up", "in/up"), 0);
	cr_assert_eq(mkdir("in/here", 0755), 0);
	cr_assert_eq(rename("okx", "in/here/okx"), 0);
	cr_assert_eq(rename("a", "in/here/a"), 0);
	cr_assert_eq(rename("100%s%n", "in/here/100%s%n"), 0);
	cr_assert_eq(rename("~", "in/here/~"), 0);
	cr_assert_eq(chdir("in/here"), 0);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct run r = WHICH(cases[i].path, "okx");

		cr_expect_str_eq(r.out, cases[i].out, "PATH='%s': %s", cases[i].path, r.out);
		cr_expect_eq(r.status, cases[i].out[0] != '\0' ? 0 : 1, "PATH='%s'", cases[i].path);
		cr_expect_str_eq(r.err, "", "PATH='%s': %s", cases[i].path, r.err);
	}
}

Test(which, searches_the_default_path_without_path)
{
	struct run unset = WHICH(NULL, "sh");
	struct run asked = WHICH("/nowhere", "--default-path", "sh");

	EXPECT_STATUS(unset, 0);
	EXPECT_RUN(asked, 0, unset.out, "");
	cr_expect(unset.out[0] == '/');
}

Test(which, long_lists_and_long_elements)
{
	enum { ELEMENTS = 10000 };
	char *env = malloc(ELEMENTS * 8 + 8192);
	const char *envs[] = { env, NULL };
	struct run_request request = { .words = WORDS("which", "c", "c", "c", "c"), .env = envs };
	size_t len = (size_t)sprintf(env, "PATH=/");
	struct run r;

	tree("x a/c");
	memset(env + len, 'x', 5000);
	len += 5000;
	for (int i = 0; i < ELEMENTS; i++)
		len += (size_t)sprintf(env + len, ":n%d", i);
	(void)sprintf(env + len, ":a");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "a/c\na/c\na/c\na/c\n", "");
	free(env);
}

Test(which, passes_over_what_cannot_run)
{
	struct run r;

	tree("d 1/c", "f 2/c 5", "p 3/c", "l 4/c -> nowhere", "l 5/c -> d", "l 5/d -> c", "x 6/c",
	     "m 6/c 4755");
	r = WHICH("1:2:3:4:5:6", "c");
	EXPECT_RUN(r, 0, "6/c\n", "");
	r = WHICH("1:2:3:4:5", "c");
	EXPECT_RUN(r, 1, "", "");
	r = WHICH("1:2:3:4:5", "-a", "c", "c", "c", "c");
	EXPECT_RUN(r, 1, "", "");
}

Test(which, root_needs_one_execute_bit)
{
	struct run r;

	need_root();
	tree("x a/c", "m a/c 0001", "f a/d 3", "m a/d 0666");
	r = WHICH("a", "c");
	EXPECT_RUN(r, 0, "a/c\n", "");
	r = WHICH("a", "d");
	EXPECT_RUN(r, 1, "", "");
}

Test(which, a_user_needs_an_execute_bit_of_his_own)
{
	const char *env[] = { "PATH=a:b:c", NULL };
	struct run_request request = { .env = env, .uid = RUN_NOBODY };
	struct run r;

	need_root();
	tree("x a/c", "m a/c 0744", "x b/c", "m b 0700", "x c/c", "m c/c 0645", "m c 0711");
	request.words = WORDS("which", "-a", "c");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "c/c\n", "");
	request.words = WORDS("which", "--why", "c");
	r = run_argv(&request);
	EXPECT_RUN(r, 0,
	           "c: c/c\n  a: not executable\n  b: no permission on the directory\n  c: found\n",
	           "");
	/* A directory that may be searched but not read is as good as any, but has no list. */
	request.words = WORDS("which", "--shadowed", "--path=c:c");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "", "");
}

Test(which, takes_hostile_names_as_they_are)
{
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		const char *name = hostile_names[i];
		char wanted[600];
		struct run r;

		if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		tree_dir("a");
		(void)snprintf(wanted, sizeof(wanted), "a/%s", name);
		tree_script(wanted, "#!/bin/sh\n");
		strcat(wanted, "\n");
		r = WHICH("a", "--", name);
		EXPECT_RUN(r, 0, wanted, "");
		r = WHICH("a", "-0", "--", name);
		wanted[strlen(wanted) - 1] = '\0';
		EXPECT_OUT_BYTES(r, wanted, strlen(wanted) + 1);
		r = WHICH("a", "--json", "--", name);
		EXPECT_STATUS(r, 0);
		cr_expect_eq(JSON_LINES(r).len, 1, "name %zu", i);
	}
}

Test(which, names_that_are_no_files)
{
	static const char *const names[] = { "", ".", "..", "/", "a/", "a" };

	tree("x a/c");
	for (size_t i = 0; i < LEN(names); i++) {
		struct run r = WHICH(":a:.", "--", names[i]);

		cr_expect_eq(r.status, 1, "'%s': %d", names[i], r.status);
		cr_expect_str_eq(r.out, "", "'%s': %s", names[i], r.out);
	}
}

Test(which, quotes_on_a_terminal_only)
{
	const char *env[] = { "PATH=a", NULL };
	struct run_request request = { .words = WORDS("which", "\033[31mred"),
		                       .env = env,
		                       .out_to = RUN_TO_TERMINAL,
		                       .err_to = RUN_TO_TERMINAL };
	struct run r;

	tree_dir("a");
	tree_script("a/\033[31mred", "#!/bin/sh\n");
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	cr_expect_null(strchr(r.out, '\033'));
	EXPECT_OUT_HAS(r, "red");
}

Test(which, tests_names_with_a_slash_unchanged)
{
	struct run r;

	tree("x a/c", "f a/plain 1", "x script");
	r = WHICH("/nowhere", "./script", "a//c", "a/../a/c");
	EXPECT_RUN(r, 0, "./script\na//c\na/../a/c\n", "");
	r = WHICH("a", "./c", "a/plain", "a/nope");
	EXPECT_RUN(r, 1, "", "");
	r = WHICH("/nowhere", "/bin/sh");
	EXPECT_RUN(r, 0, "/bin/sh\n", "");
}

Test(which, all_matches_and_unique_ones)
{
	struct run r;

	tree("x a/c", "x b/c", "h hard/c -> a/c", "l soft/c -> ../a/c", "l merged -> a");
	r = WHICH("a:b:a:hard:soft:merged", "-a", "c");
	EXPECT_RUN(r, 0, "a/c\nb/c\na/c\nhard/c\nsoft/c\nmerged/c\n", "");
	r = WHICH("a:b:a:hard:soft:merged", "-au", "c");
	EXPECT_RUN(r, 0, "a/c\nb/c\n", "");
	r = WHICH("soft:a:b", "--all", "--unique", "c");
	EXPECT_RUN(r, 0, "soft/c\nb/c\n", "");
	r = WHICH("a:b", "-u", "c");
	EXPECT_RUN(r, 0, "a/c\n", "");
}

Test(which, silent_only_answers)
{
	static const char *const ways[] = { "-s", "-q", "--silent", "--quiet" };

	tree("x a/c");
	for (size_t i = 0; i < LEN(ways); i++) {
		struct run r = WHICH("a", ways[i], "c");

		EXPECT_RUN(r, 0, "", "");
		r = WHICH("a", ways[i], "c", "nope");
		EXPECT_RUN(r, 1, "", "");
		r = WHICH("a", ways[i], "--why", "nope");
		EXPECT_RUN(r, 1, "", "");
	}
}

Test(which, another_list)
{
	struct run r;

	tree("x a/c", "x b/c", "x c");
	r = WHICH("a", "--path=b:a", "c");
	EXPECT_RUN(r, 0, "b/c\n", "");
	r = WHICH("a", "-p", "b", "-a", "c");
	EXPECT_RUN(r, 0, "b/c\n", "");
	r = WHICH("a", "--path=", "c");
	EXPECT_RUN(r, 0, "./c\n", "");
}

Test(which, other_kinds_of_access)
{
	struct run r;

	tree("x a/run", "f a/plain 1", "p a/fifo", "d a/dir");
	r = WHICH("a", "--mode=f", "run", "plain", "fifo", "dir");
	EXPECT_RUN(r, 1, "a/run\na/plain\na/fifo\n", "");
	r = WHICH("a", "--mode=rx", "run", "plain");
	EXPECT_RUN(r, 1, "a/run\n", "");
	r = WHICH("a", "--mode", "rwf", "plain");
	EXPECT_RUN(r, 0, "a/plain\n", "");
	r = WHICH("a", "--mode=f", "--why", "dir");
	EXPECT_RUN(r, 1, "dir: not found\n  a: is a directory\n", "");
}

Test(which, absolute_and_resolved)
{
	struct run r;

	tree("x okx", "x up/okx", "l a/link -> ../okx", "d here", "x here/in");
	r = WHICH(":a", "-A", "okx", "link");
	EXPECT_RUN(r, 0,
	           below_sandbox(
			   strcat(strcpy((char[600]){ 0 }, "/okx\n"), below_sandbox("/a/link\n"))),
	           "");
	r = WHICH("a", "-r", "link");
	EXPECT_RUN(r, 0, below_sandbox("/okx\n"), "");
	r = WHICH("/nowhere", "-A", "./okx");
	EXPECT_RUN(r, 0, below_sandbox("/okx\n"), "");
	cr_assert_eq(chdir("here"), 0);
	r = WHICH("../up", "--absolute", "okx");
	EXPECT_RUN(r, 0, below_sandbox("/up/okx\n"), "");
}

Test(which, working_directory_that_is_gone)
{
	struct run r;

	tree("d gone", "x a/c");
	cr_assert_eq(chdir("gone"), 0);
	cr_assert_eq(rmdir(below_sandbox("/gone")), 0);
	r = WHICH(".", "c");
	EXPECT_RUN(r, 1, "", "");
	r = WHICH(below_sandbox("/a:."), "c");
	EXPECT_RUN(r, 0, below_sandbox("/a/c\n"), "");
	r = WHICH(".", "-A", "c");
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "which: cannot find the path of '.': ");
	cr_assert_eq(chdir("/"), 0);
}

Test(which, wrong_usage)
{
	const struct {
		const char *const *words;
		const char *err;
	} cases[] = {
		{ (const char *const[]){ "which", NULL }, "which: missing name\n" },
		{ (const char *const[]){ "which", "-s", NULL }, "which: missing name\n" },
		{ (const char *const[]){ "which", "--bogus", "x", NULL },
		  "which: unrecognized option" },
		{ (const char *const[]){ "which", "-Z", "x", NULL }, "which: invalid option" },
		{ (const char *const[]){ "which", "--mode=z", "x", NULL },
		  "which: bad value for --mode" },
		{ (const char *const[]){ "which", "--mode=", "x", NULL },
		  "which: bad value for --mode" },
		{ (const char *const[]){ "which", "--path=a", "--default-path", "x", NULL },
		  "which: --path and --default-path exclude each other\n" },
		{ (const char *const[]){ "which", "--why", "--shadowed", "x", NULL },
		  "which: --why and --shadowed exclude each other\n" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct run r = run_words(cases[i].words);

		cr_expect_eq(r.status, 2, "case %zu: %d", i, r.status);
		cr_expect_str_eq(r.out, "", "case %zu: %s", i, r.out);
		cr_expect_eq(strncmp(r.err, cases[i].err, strlen(cases[i].err)), 0, "case %zu: %s",
		             i, r.err);
		EXPECT_ERR_HAS(r, "which --help' for more information.\n");
	}
}

Test(which, output_that_fails)
{
	static const enum run_to bad[] = { RUN_TO_FULL, RUN_TO_NOTHING };
	const char *env[] = { "PATH=a", NULL };

	tree("x a/c");
	for (size_t i = 0; i < LEN(bad); i++) {
		struct run_request request = { .words = WORDS("which", "c"),
			                       .env = env,
			                       .out_to = bad[i] };
		struct run r = run_argv(&request);

		EXPECT_STATUS(r, 2);
		EXPECT_ERR_HAS(r, "which: write error: ");
		request.words = WORDS("which", "-s", "c");
		r = run_argv(&request);
		EXPECT_RUN(r, 0, "", "");
		request.words = WORDS("which", "-s", "nope");
		r = run_argv(&request);
		EXPECT_RUN(r, 1, "", "");
	}
}

Test(which, works_by_its_own_name)
{
	struct run_request request = { .argv0 = "which", .words = WORDS("./c") };
	struct run r;

	tree("x c");
	r = run_argv(&request);
	EXPECT_RUN(r, 0, "./c\n", "");
}

Test(which, version_in_all_spellings)
{
	static const char *const ways[] = { "-v", "-V", "--version", "--vers" };

	for (size_t i = 0; i < LEN(ways); i++) {
		struct run r = RUN("which", ways[i]);

		EXPECT_RUN(r, 0, "which (dutybox) " DUTYBOX_VERSION "\n", "");
	}
}

/* A shell script that uses `which` from a directory of links. */
static struct run script(const char *text)
{
	tree("d links");
	tree_symlink("links/which", run_binary());
	return RUN_PEER("sh", "-c", text);
}

Test(which, works_in_scripts_unchanged)
{
	struct run r = script("PATH=links:$PATH\n"
	                      "x=$(which no-cc || which sh) && test -x \"$x\" && echo cc\n"
	                      "if which -s sh; then echo silent; fi\n"
	                      "which -- -x || echo dash $?\n"
	                      "which sh no-such >/dev/null || echo some $?\n"
	                      "which which\n");

	EXPECT_RUN(r, 0, "cc\nsilent\ndash 1\nsome 1\nlinks/which\n", "");
}

/* What all the old ones agree on, compared byte for byte. */
static void compare(const char *peer, const char *const *prefix, const char *path,
                    const char *const *words)
{
	static char set[1024];
	const char *env[] = { set, NULL };
	const char *ours[16] = { "which" }, *theirs[16] = { NULL };
	struct run_request mine = { .words = ours, .env = env };
	struct run_request other = {
		.program = peer, .words = theirs, .env = env, .may_complain = true
	};
	size_t n = 0;
	struct run a, b;

	(void)snprintf(set, sizeof(set), "PATH=%s", path);
	for (; prefix[n] != NULL; n++)
		theirs[n] = prefix[n];
	for (size_t i = 0; i <= 8; i++) {
		ours[i + 1] = words[i];
		theirs[n + i] = words[i];
		if (words[i] == NULL)
			break;
	}
	a = run_argv(&mine);
	b = run_argv(&other);
	cr_expect_str_eq(a.out, b.out, "%s PATH=%s %s: ours %s theirs %s", peer, path, words[0],
	                 a.out, b.out);
	cr_expect_eq(a.status, b.status, "%s PATH=%s %s: ours %d theirs %d", peer, path, words[0],
	             a.status, b.status);
}

static void compare_all(const char *peer, const char *const *prefix, const char *odd_path)
{
	const char *const paths[] = { "a:b", "b:a:b",    "none:a",    "a:",   ":b",
		                      ".",   "a:file:b", "1:2:4:5:a", "none", odd_path };

	tree("x a/c", "x b/c", "x c", "x b/d", "f file 1", "d 1/c", "f 2/c 5", "l 4/c -> nowhere",
	     "l 5/c -> d", "l 5/d -> c", "f a/plain 1", "l link -> a", "x a/with space");
	for (size_t i = 0; i < LEN(paths); i++) {
		compare(peer, prefix, paths[i], WORDS("c"));
		compare(peer, prefix, paths[i], WORDS("-a", "c"));
		compare(peer, prefix, paths[i], WORDS("d", "c", "nope"));
		compare(peer, prefix, paths[i], WORDS("c", "d"));
		compare(peer, prefix, paths[i], WORDS("plain"));
		compare(peer, prefix, paths[i], WORDS("with space"));
		compare(peer, prefix, paths[i], WORDS("./c", "a/c", "b//c", "a/plain", "/"));
		compare(peer, prefix, paths[i], WORDS("-a", "./c", "a/nope"));
		compare(peer, prefix, paths[i], WORDS("--", "-x"));
	}
}

Test(peer_which, debianutils)
{
	const char *path = need_program("which.debianutils");

	compare_all(path, (const char *const[]){ NULL }, "/nowhere");
}

Test(peer_which, busybox)
{
	const char *path = need_program("busybox");

	/* debianutils doubles a slash at the end of an element. */
	compare_all(path, (const char *const[]){ "which", NULL }, "a/:b//");
}
