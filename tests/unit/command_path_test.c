/* SPDX-License-Identifier: MIT */
#include "sys/command_path.h"

#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>

TestSuite(command_path, .init = sandbox_enter, .fini = sandbox_leave);

/* "DIR/NAME|..." of all matches; once with a name at a time, once with open directories. */
static void expect_matches(const char *list, const char *name, const char *wanted)
{
	static const size_t counts[] = { 1, 100 };

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		AUTO_FREE(command_path)
		struct command_path *p = command_path_new(list, X_OK, counts[i]);
		struct command_matches m = { 0 };
		struct strbuf got = { 0 };

		command_path_find(p, name, NULL, true, &m);
		for (size_t j = 0; j < m.len; j++) {
			if (m.items[j].dir == (size_t)COMMAND_NO_DIR)
				strbuf_add_str(&got, name);
			else
				command_path_add(p, m.items[j].dir, name, &got);
			strbuf_add_char(&got, '|');
		}
		cr_expect_str_eq(strbuf_str(&got), wanted, "PATH=%.60s %s, %zu names: %s", list,
		                 name, counts[i], strbuf_str(&got));
		vec_clear(&m);
		command_path_find(p, name, NULL, false, &m);
		cr_expect_eq(m.len, wanted[0] != '\0' ? 1 : 0, "the first only: %.60s %s", list,
		             name);
		vec_release(&m);
		strbuf_release(&got);
	}
}

Test(command_path, searches_in_order)
{
	tree("x a/c", "x b/c", "x c", "f b/plain 3", "d a/dir", "p a/fifo");
	expect_matches("a:b", "c", "a/c|b/c|");
	expect_matches("b:a", "c", "b/c|a/c|");
	expect_matches("a:missing:b", "c", "a/c|b/c|");
	expect_matches("a:a", "c", "a/c|a/c|");
	expect_matches("b", "plain", "");
	expect_matches("a", "dir", "");
	expect_matches("a", "fifo", "");
	expect_matches("a:b", "nope", "");
}

Test(command_path, takes_empty_elements_for_the_working_directory)
{
	tree("x ok", "x a/ok", "x ../ok-sibling");
	expect_matches("", "ok", "./ok|");
	expect_matches(":", "ok", "./ok|./ok|");
	expect_matches("::a", "ok", "./ok|./ok|a/ok|");
	expect_matches("a:", "ok", "a/ok|./ok|");
	expect_matches("a::a", "ok", "a/ok|./ok|a/ok|");
	expect_matches(".", "ok", "./ok|");
	expect_matches("..", "ok-sibling", "../ok-sibling|");
	cr_assert_eq(unlink("../ok-sibling"), 0);
}

Test(command_path, normalises_nothing)
{
	tree("x a/b/ok", "x ~/ok", "x 100%s/ok");
	expect_matches("a//b", "ok", "a//b/ok|");
	expect_matches("a/b/", "ok", "a/b/ok|");
	expect_matches("a/b//", "ok", "a/b//ok|");
	expect_matches("a/../a/b", "ok", "a/../a/b/ok|");
	expect_matches("~", "ok", "~/ok|");
	expect_matches("100%s", "ok", "100%s/ok|");
}

Test(command_path, tests_names_with_a_slash_themselves)
{
	tree("x a/ok", "f a/plain 1");
	expect_matches("nowhere", "a/ok", "a/ok|");
	expect_matches("a", "./a/ok", "./a/ok|");
	expect_matches("a", "a/plain", "");
	expect_matches("a", "/", "");
	expect_matches("a", "a/", "");
	expect_matches("", "a/nope", "");
}

Test(command_path, refuses_names_that_are_no_files)
{
	tree("x a/ok");
	expect_matches("a", "", "");
	expect_matches("", "", "");
	expect_matches("a", ".", "");
	expect_matches("a", "..", "");
	expect_matches("a/ok", "ok", "");
}

Test(command_path, follows_links)
{
	tree("x a/ok", "l b/ok -> ../a/ok", "l b/dangling -> nowhere", "l b/x -> y", "l b/y -> x",
	     "l c -> a");
	expect_matches("b", "ok", "b/ok|");
	expect_matches("c", "ok", "c/ok|");
	expect_matches("b", "dangling", "");
	expect_matches("b", "x", "");
}

Test(command_path, survives_10000_elements_and_few_descriptors)
{
	struct rlimit few = { .rlim_cur = 64, .rlim_max = 64 };
	struct strbuf list = { 0 };

	tree("x last/ok");
	for (int i = 0; i < 10000; i++) {
		if (i % 100 == 0) {
			char name[16];

			(void)snprintf(name, sizeof(name), "d%d", i);
			tree_dir(name);
		}
		strbuf_add_format(&list, "d%d:", i);
	}
	strbuf_add_str(&list, "last");
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	expect_matches(strbuf_str(&list), "ok", "last/ok|");
	strbuf_release(&list);
}

Test(command_path, no_path_is_longer_than_the_kernel_takes)
{
	struct strbuf list = { 0 };

	tree("x a/ok");
	for (int i = 0; i < PATH_MAX; i++)
		strbuf_add_str(&list, i % 2 == 0 ? "." : "/");
	strbuf_add_str(&list, "a");
	expect_matches(strbuf_str(&list), "ok", "");
	strbuf_add_str(&list, ":a");
	expect_matches(strbuf_str(&list), "ok", "a/ok|");
	strbuf_release(&list);
}

Test(command_path, skips_what_it_is_told_to)
{
	AUTO_FREE(command_path) struct command_path *p = NULL;
	struct command_matches m = { 0 };

	tree("x a/ok", "x b/ok");
	p = command_path_new("a:b", X_OK, 1);
	cr_assert_eq(command_path_len(p), 2);
	cr_assert_str_eq(command_path_dir(p, 1), "b");
	command_path_skip(p, 0);
	command_path_find(p, "ok", NULL, true, &m);
	cr_assert_eq(m.len, 1);
	cr_assert_eq(m.items[0].dir, 1);
	cr_assert_eq(command_path_explain(p, 0, "ok").verdict, COMMAND_SKIPPED);
	vec_release(&m);
}

Test(command_path, other_kinds_of_access)
{
	static const struct {
		int access;
		const char *name;
		bool found;
	} cases[] = {
		{ F_OK, "plain", true },  { R_OK, "plain", true },
		{ X_OK, "plain", false }, { F_OK, "fifo", true },
		{ F_OK, "dir", false },   { R_OK | X_OK, "ok", true },
		{ F_OK, "nope", false },  { R_OK | X_OK, "plain", false },
		{ X_OK, "others", true },
	};

	tree("f a/plain 3", "x a/ok", "p a/fifo", "d a/dir", "x a/others", "m a/others 0100");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(command_path)
		struct command_path *p = command_path_new("a", cases[i].access, 1);
		struct command_matches m = { 0 };

		command_path_find(p, cases[i].name, NULL, true, &m);
		cr_expect_eq(m.len, cases[i].found ? 1 : 0, "case %zu", i);
		vec_release(&m);
	}
}

static enum command_verdict verdict(const char *list, size_t index, const char *name)
{
	AUTO_FREE(command_path) struct command_path *p = command_path_new(list, X_OK, 1);

	return command_path_explain(p, index, name).verdict;
}

Test(command_path, explains_every_candidate)
{
	static const struct {
		const char *list, *name;
		enum command_verdict verdict;
	} cases[] = {
		{ "a", "ok", COMMAND_FOUND },
		{ "", "top", COMMAND_FOUND },
		{ "missing", "ok", COMMAND_DIR_MISSING },
		{ "broken", "ok", COMMAND_DIR_MISSING },
		{ "a/ok", "ok", COMMAND_DIR_NO_DIR },
		{ "a/ok/x", "ok", COMMAND_DIR_NO_DIR },
		{ "a", "nope", COMMAND_MISSING },
		{ "", "nope", COMMAND_MISSING },
		{ "a", "", COMMAND_MISSING },
		{ "a", "dir", COMMAND_IS_DIR },
		{ "a", "..", COMMAND_IS_DIR },
		{ "a", "fifo", COMMAND_NOT_REGULAR },
		{ "a", "plain", COMMAND_DENIED },
		{ "a", "dangling", COMMAND_DANGLING },
		{ "a", "through", COMMAND_DANGLING },
		{ "a", "x", COMMAND_LINK_LOOP },
	};

	tree("x top", "x a/ok", "d a/dir", "p a/fifo", "f a/plain 1", "l a/dangling -> nowhere",
	     "l a/through -> plain/x", "l a/x -> y", "l a/y -> x", "l broken -> nowhere");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(verdict(cases[i].list, 0, cases[i].name), cases[i].verdict,
		             "case %zu: %d", i, (int)verdict(cases[i].list, 0, cases[i].name));
}

Test(command_path, explains_names_with_a_slash)
{
	const size_t direct = (size_t)COMMAND_NO_DIR;

	tree("x a/ok", "f a/plain 1");
	cr_expect_eq(verdict("x", direct, "a/ok"), COMMAND_FOUND);
	cr_expect_eq(verdict("x", direct, "a/plain"), COMMAND_DENIED);
	cr_expect_eq(verdict("x", direct, "a/nope"), COMMAND_MISSING);
	cr_expect_eq(verdict("x", direct, "b/nope"), COMMAND_DIR_MISSING);
	cr_expect_eq(verdict("x", direct, "/no-such-file-at-all"), COMMAND_MISSING);
	cr_expect_eq(verdict("x", direct, "/"), COMMAND_IS_DIR);
}

Test(command_path, explains_what_is_too_long)
{
	AUTO_FREE_STR char *list = mem_alloc_zeroed(PATH_MAX + 1);
	AUTO_FREE_STR char *name = mem_alloc_zeroed(NAME_MAX + 2);

	memset(list, '/', PATH_MAX);
	memset(name, 'n', NAME_MAX + 1);
	cr_expect_eq(verdict(list, 0, "ok"), COMMAND_TOO_LONG);
	cr_expect_eq(verdict(".", 0, name), COMMAND_TOO_LONG);
}

Test(command_path, explains_directories_without_permission)
{
	sandbox_drop_root();
	tree("x a/ok", "m a 0600");
	cr_expect_eq(verdict("a", 0, "ok"), COMMAND_DIR_DENIED);
	cr_expect_eq(verdict("a", 0, "nope"), COMMAND_DIR_DENIED);
}

Test(command_path, collects_names_of_several_directories)
{
	AUTO_FREE(command_path) struct command_path *p = NULL;
	struct command_names names;

	tree("x a/one", "x a/both", "x b/both", "x b/two", "x c/both", "x c/all", "f a/all 1",
	     "l b/all -> nowhere", "d a/dir", "d b/dir", "l same -> a");
	p = command_path_new("a:missing:b:same:a:c", X_OK, 100);
	command_path_names(p, &names);
	cr_assert_eq(names.len, 2);
	cr_assert_str_eq(names.items[0].name, "all");
	cr_assert_str_eq(names.items[1].name, "both");
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(names.items[i].dirs.len, 3);
		cr_assert_eq(names.items[i].dirs.items[0], 0);
		cr_assert_eq(names.items[i].dirs.items[1], 2);
		cr_assert_eq(names.items[i].dirs.items[2], 5);
	}
	command_names_release(&names);
}

Test(command_path, limits_a_search_to_some_directories)
{
	AUTO_FREE(command_path) struct command_path *p = NULL;
	static const size_t some[] = { 2, 0 };
	struct command_dirs only = { some, 2 };
	struct command_matches m = { 0 };

	tree("x a/ok", "x b/ok", "x c/ok");
	p = command_path_new("a:b:c", X_OK, 100);
	command_path_find(p, "ok", &only, true, &m);
	cr_assert_eq(m.len, 2);
	cr_assert_eq(m.items[0].dir, 2);
	cr_assert_eq(m.items[1].dir, 0);
	vec_release(&m);
}

Test(command_path, makes_paths_absolute)
{
	static const struct {
		const char *cwd, *path, *wanted;
	} cases[] = {
		{ "/x/y", "./ok", "/x/y/ok" },
		{ "/x/y", "ok", "/x/y/ok" },
		{ "/x/y", "a/ok", "/x/y/a/ok" },
		{ "/x/y", ".//./ok", "/x/y/ok" },
		{ "/x/y", "../ok", "/x/ok" },
		{ "/x/y", "../../ok", "/ok" },
		{ "/x/y", "../../../ok", "/ok" },
		{ "/x/y", "./../z/../ok", "/x/z/../ok" },
		{ "/x/y", "/abs//ok", "/abs//ok" },
		{ "/x/y", ".../ok", "/x/y/.../ok" },
		{ "/x/y", ".hidden", "/x/y/.hidden" },
		{ "/", "./ok", "/ok" },
		{ "/", "../ok", "/ok" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct strbuf got = { 0 };

		command_path_add_absolute(&got, cases[i].cwd, cases[i].path);
		cr_expect_str_eq(strbuf_str(&got), cases[i].wanted, "case %zu", i);
		strbuf_release(&got);
	}
}
