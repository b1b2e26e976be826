/* SPDX-License-Identifier: MIT */
#include "fs/glob_paths.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(glob_paths);

static struct glob_paths paths_of(const char *const *patterns, unsigned flags)
{
	struct glob_paths p = { 0 };
	struct glob_paths_error error;

	for (uint32_t i = 0; patterns[i] != NULL; i++) {
		bool negated = patterns[i][0] == '!';

		cr_assert_eq(glob_paths_add(&p, patterns[i] + negated, flags, i, negated, &error),
		             0, "'%s'", patterns[i]);
	}
	glob_paths_finish(&p);
	return p;
}

#define PATHS(...) paths_of((const char *const[]){ __VA_ARGS__, NULL }, GLOB_HIDDEN_EXPLICIT)

static uint32_t match(const struct glob_paths *p, const char *path)
{
	return glob_paths_match(p, path, strlen(path), false, GLOB_NO_PATTERN);
}

Test(glob_paths, roots_are_what_comes_before_the_wildcards)
{
	static const struct {
		const char *patterns[4];
		const char *roots[4];
	} cases[] = {
		{ { "*.c" }, { "" } },
		{ { "src/lib/*.c" }, { "src/lib/" } },
		{ { "src/*.c", "src/lib/*.h", "doc/**" }, { "doc/", "src/" } },
		{ { "src/*.c", "**/x", "a/b/*" }, { "" } },
		{ { "/etc/*.d/x" }, { "/etc/" } },
		{ { "./a/*", "a/*" }, { "./a/", "a/" } },
		{ { "../x/*" }, { "../x/" } },
		{ { "a/../b/*" }, { "a/../b/" } },
		{ { "a\\*b/*" }, { "a*b/" } },
		{ { "{a/x,b}/*.c" }, { "a/x/", "b/" } },
		{ { "{a,b}/*.c" }, { "" } },
		{ { "ab/*", "a/*", "a/b/*" }, { "a/", "ab/" } },
		{ { "!src/*.c", "lib/*" }, { "lib/" } },
		{ { "plain" }, { NULL } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct glob_paths p = paths_of(cases[i].patterns, GLOB_HIDDEN_EXPLICIT);
		size_t n = 0;

		while (n < 4 && cases[i].roots[n] != NULL) {
			bool found = false;

			for (size_t j = 0; j < p.roots.len; j++)
				found = found ||
				        strcmp(p.roots.items[j].path, cases[i].roots[n]) == 0;
			cr_expect(found, "case %zu: no root '%s'", i, cases[i].roots[n]);
			n++;
		}
		cr_expect_eq(p.roots.len, n, "case %zu: %zu roots", i, p.roots.len);
		glob_paths_release(&p);
	}
}

Test(glob_paths, paths_without_wildcards_are_kept_apart)
{
	struct glob_paths p = PATHS("a/b.c", "x\\*y/", "..", "/", "*", "./a");

	cr_assert_eq(p.literals.len, 5);
	cr_expect_str_eq(p.literals.items[0].path, "a/b.c");
	cr_expect_eq(p.literals.items[0].len, 5);
	cr_expect_str_eq(p.literals.items[1].path, "x*y");
	cr_expect(p.literals.items[1].directory);
	cr_expect_str_eq(p.literals.items[2].path, "..");
	cr_expect_str_eq(p.literals.items[3].path, "/");
	cr_expect_str_eq(p.literals.items[4].path, "./a");
	cr_expect_eq(p.literals.items[4].pattern, 5);
	glob_paths_release(&p);
}

Test(glob_paths, the_first_pattern_wins_and_negated_ones_take_back)
{
	struct glob_paths p = PATHS("*.c", "a*", "!*b*", "ab.c", "x/**/y");

	cr_expect_eq(match(&p, "a.c"), 0);
	cr_expect_eq(match(&p, "ax"), 1);
	cr_expect_eq(match(&p, "bb.c"), GLOB_NO_PATTERN);
	cr_expect_eq(match(&p, "ab.c"), 3);
	cr_expect_eq(match(&p, "x/y"), 4);
	cr_expect_eq(match(&p, "x/1/2/y"), 4);
	cr_expect_eq(match(&p, "x/.h/y"), GLOB_NO_PATTERN);
	cr_expect_eq(match(&p, "x"), GLOB_NO_PATTERN);
	glob_paths_release(&p);
}

Test(glob_paths, errors_have_a_place)
{
	struct glob_paths p = { 0 };
	struct glob_paths_error error = { 0 };

	cr_assert_eq(glob_paths_add(&p, "abc/x[y", 0, 0, false, &error), -EINVAL);
	cr_expect_str_eq(error.text, "abc/x[y");
	cr_expect_eq(error.where.offset, 5);
	glob_paths_error_release(&error);
	cr_assert_eq(glob_paths_add(&p, "*/../*/x", GLOB_LENIENT, 0, false, &error), -EINVAL);
	glob_paths_error_release(&error);
	/* Nothing of them stays. */
	cr_expect_eq(p.parts.len, 0);
	glob_paths_finish(&p);
	cr_expect_eq(p.roots.len, 0);
	glob_paths_release(&p);
}

Test(glob_paths, braces_that_multiply_are_limited)
{
	struct strbuf pattern = { 0 };
	struct glob_paths p = { 0 };
	struct glob_paths_error error = { 0 };

	for (int i = 0; i < 40; i++)
		strbuf_add_str(&pattern, "{a/,b/}");
	cr_assert_eq(glob_paths_add(&p, strbuf_str(&pattern), GLOB_LENIENT, 0, false, &error),
	             -EINVAL);
	glob_paths_error_release(&error);
	glob_paths_release(&p);
	/* Those within a component are not multiplied out at all. */
	strbuf_clear(&pattern);
	for (int i = 0; i < 40; i++)
		strbuf_add_str(&pattern, "{a,b}");
	cr_assert_eq(glob_paths_add(&p, strbuf_str(&pattern), GLOB_LENIENT, 0, false, &error), 0);
	cr_expect_eq(p.parts.len, 1);
	glob_paths_release(&p);
	strbuf_release(&pattern);
}

/* The automaton over names and the one over characters agree. */
Test(glob_paths, agrees_with_the_matcher_of_whole_paths)
{
	static const char *const pieces[] = { "a",  "b",  "*",  "?",  "**",
		                              "a*", "*b", ".a", ".*", "[ab]" };
	static const char *const names[] = { "a", "b", "ab", ".a", "ba", "aab" };
	uint64_t seed = 88172645463325252;
	unsigned compared = 0;

	for (int round = 0; round < 20000; round++) {
		struct strbuf pattern = { 0 };
		struct strbuf path = { 0 };
		struct glob_paths p = { 0 };
		struct glob_paths_error error;
		AUTO_FREE(glob) struct glob *glob = NULL;
		struct text_error where;

		for (int part = 0; part == 0 || seed % 3 != 0; part++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			if (part > 0)
				strbuf_add_char(&pattern, '/');
			strbuf_add_str(&pattern, pieces[seed % ARRAY_LEN(pieces)]);
		}
		for (int part = 0; part == 0 || seed % 3 != 0; part++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			if (part > 0)
				strbuf_add_char(&path, '/');
			strbuf_add_str(&path, names[seed % ARRAY_LEN(names)]);
		}
		cr_assert_eq(
			glob_compile(strbuf_str(&pattern), GLOB_HIDDEN_EXPLICIT, &glob, &where), 0);
		cr_assert_eq(glob_paths_add(&p, strbuf_str(&pattern), GLOB_HIDDEN_EXPLICIT, 0,
		                            false, &error),
		             0);
		glob_paths_finish(&p);
		cr_assert_eq(match(&p, strbuf_str(&path)) == 0,
		             glob_matches(glob, path.data, path.len), "'%s' and '%s'",
		             strbuf_str(&pattern), strbuf_str(&path));
		compared += glob_matches(glob, path.data, path.len);
		glob_paths_release(&p);
		strbuf_release(&pattern);
		strbuf_release(&path);
	}
	cr_expect(compared > 500, "only %u matched", compared);
}
