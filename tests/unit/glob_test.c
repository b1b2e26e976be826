/* SPDX-License-Identifier: MIT */
#include "fs/glob.h"

#include "base/vec.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(glob);

static bool match(const char *pattern, unsigned flags, const char *path)
{
	AUTO_FREE(glob) struct glob *g = NULL;
	struct text_error error;
	int r = glob_compile(pattern, flags, &g, &error);

	cr_assert_eq(r, 0, "%s does not compile: %s", pattern, r ? error.reason : "");
	return glob_matches(g, path, strlen(path));
}

static const struct match_case {
	const char *pattern;
	unsigned flags;
	const char *path;
	bool matches;
} match_cases[] = {
	{ "a", 0, "a", true },
	{ "", 0, "a", false },
	{ "*.py", 0, "x.py", true },
	{ "*.py", 0, "B.PY", false },
	{ "*.py", 0, "d/x.py", false },
	{ "*.py", 0, ".py", true },
	{ "*.py", GLOB_HIDDEN_EXPLICIT, ".py", false },
	{ "*.py", GLOB_HIDDEN_EXPLICIT, ".x.py", false },
	{ "*config*", 0, "myconfig.h", true },
	{ ".*", GLOB_HIDDEN_EXPLICIT, ".x", true },
	{ "*", GLOB_HIDDEN_EXPLICIT, ".x", false },
	{ "d/*", GLOB_HIDDEN_EXPLICIT, "d/.x", false },
	{ "*x", GLOB_HIDDEN_EXPLICIT, "d.x", true },
	{ "?x", GLOB_HIDDEN_EXPLICIT, ".x", false },
	{ "[.]x", GLOB_HIDDEN_EXPLICIT, ".x", false },
	{ "[!a]x", GLOB_HIDDEN_EXPLICIT, ".x", false },
	{ "{.,a}x", GLOB_HIDDEN_EXPLICIT, ".x", true },
	{ "**/.x", GLOB_HIDDEN_EXPLICIT, ".x", true },
	{ "**/.x", GLOB_HIDDEN_EXPLICIT, "a/b/.x", true },
	{ "**/x", GLOB_HIDDEN_EXPLICIT, ".a/x", false },
	{ "**/x", GLOB_HIDDEN_EXPLICIT, "a/.b/x", false },
	{ "**", GLOB_HIDDEN_EXPLICIT, "a/.b", false },
	{ ".hid/**", GLOB_HIDDEN_EXPLICIT, ".hid/a", true },
	{ "*/.git", GLOB_HIDDEN_EXPLICIT, "a/.git", true },
	{ "file[0-9].txt", 0, "file7.txt", true },
	{ "file[0-9].txt", 0, "filex.txt", false },
	{ "*[aeiou]*.txt", 0, "bcad.txt", true },
	{ "*[!~]", 0, "x", true },
	{ "*[!~]", 0, "x~", false },
	{ "file[[]1].txt", 0, "file[1].txt", true },
	{ "[]a]", 0, "]", true },
	{ "[]a]", 0, "a", true },
	{ "[!]]", 0, "a", true },
	{ "[!]]", 0, "]", false },
	{ "[^]]", 0, "]", false },
	{ "[a-]", 0, "-", true },
	{ "[-a]", 0, "-", true },
	{ "[a-c-e]", 0, "-", true },
	{ "[a-c-e]", 0, "d", false },
	{ "[--0]", 0, ".", true },
	{ "[z-a]", 0, "m", false },
	{ "[z-a]", 0, "z", false },
	{ "[\\]]", 0, "]", true },
	{ "[\\]]", 0, "\\", false },
	{ "[a\\-z]", 0, "m", false },
	{ "[a\\-z]", 0, "-", true },
	{ "[[:digit:]]", 0, "5", true },
	{ "[[:digit:][:upper:]x]", 0, "Q", true },
	{ "[![:digit:]]", 0, "5", false },
	{ "[[:punct:]]", 0, "_", true },
	{ "[[:space:]]", 0, "\v", true },
	{ "[[:xdigit:]]", 0, "g", false },
	{ "[[:alpha:]-z]", 0, "-", true },
	{ "[[:]", 0, ":", true },
	{ "[[:a]", 0, "[", true },
	{ "a[/]b", 0, "a/b", false },
	{ "a[!x]b", 0, "a/b", false },
	{ "a?b", 0, "a/b", false },
	{ "[", GLOB_LENIENT, "[", true },
	{ "[a", GLOB_LENIENT, "[a", true },
	{ "[a*", GLOB_LENIENT, "[abc", true },
	{ "a\\", GLOB_LENIENT, "a\\", true },
	{ "*\\", GLOB_LENIENT, "a\\", true },
	{ "[[:nosuch:]]", GLOB_LENIENT, "n", false },
	{ "{a", GLOB_LENIENT, "{a", true },
	{ "{a,{b,c}", GLOB_LENIENT, "{a,c", true },
	{ "\\*", 0, "*", true },
	{ "\\*", 0, "x", false },
	{ "\\a\\?b", 0, "a?b", true },
	{ "{a,b}c{1,2}", 0, "bc2", true },
	{ "{a,b}c{1,2}", 0, "cc2", false },
	{ "{}", 0, "{}", true },
	{ "{a}", 0, "{a}", true },
	{ "{a}", 0, "a", false },
	{ "{a{b,c}d}", 0, "{acd}", true },
	{ "{a,{b,c}}", 0, "c", true },
	{ "{a,{b,c}x}", 0, "bx", true },
	{ "\\{a,b\\}", 0, "{a,b}", true },
	{ "{a,b}", GLOB_NO_BRACES, "{a,b}", true },
	{ "{a,b}", GLOB_NO_BRACES, "a", false },
	{ "x{,.c}", 0, "x", true },
	{ "x{,.c}", 0, "x.c", true },
	{ "{[,],b}", 0, ",", true },
	{ "{[,],b}", 0, "b", true },
	{ "{a\\,b,c}", 0, "a,b", true },
	{ "}a,", 0, "}a,", true },
	{ "{*.c,*.h}", 0, "x.h", true },
	{ "**", 0, "a/b/c", true },
	{ "**", 0, "", true },
	{ "**/x", 0, "x", true },
	{ "**/x", 0, "a/b/x", true },
	{ "**/x", 0, "a/bx", false },
	{ "**/*.c", 0, "a/b/x.c", true },
	{ "**/a/x", 0, "q/a/x", true },
	{ "**/a/x", 0, "qa/x", false },
	{ "a/**/b", 0, "a/b", true },
	{ "a/**/b", 0, "a/x/y/b", true },
	{ "a/**/b", 0, "a/xb", false },
	{ "a/**", 0, "a", false },
	{ "a/**", 0, "a/b/c", true },
	{ "a/**/", 0, "a/b/", true },
	{ "**/**/b", 0, "b", true },
	{ "a/**/**/b", 0, "a/b", true },
	{ "***/b", 0, "x/b", true },
	{ "**.py", 0, "x.py", true },
	{ "**.py", 0, "d/x.py", false },
	{ "a**/b", 0, "ax/y/b", false },
	{ "a**/b", 0, "ax/b", true },
	{ "{a,**}/b", 0, "b", true },
	{ "{a,**}/b", 0, "x/y/b", true },
	{ "{a,**}\\/b", 0, "b", true },
	{ "{**,x/y}/b", 0, "b", true },
	{ "{**,x/y}/b", 0, "x/y/b", true },
	{ "{q,{**/z,**}}/b", 0, "b", true },
	{ "{q,{**/z,**}}/b", 0, "x/z/b", true },
	{ "x/{**,y}", 0, "x/a/b", true },
	{ "{a/,b/}**", 0, "b/x/y", true },
	{ "{a/,b}**", 0, "bx/y", false },
	{ "a*", GLOB_CROSS_SLASH, "a/b", true },
	{ "a?b", GLOB_CROSS_SLASH, "a/b", true },
	{ "a[!x]b", GLOB_CROSS_SLASH, "a/b", true },
	{ "*b", GLOB_CROSS_SLASH, "a/b", true },
	{ "*", GLOB_CROSS_SLASH | GLOB_HIDDEN_EXPLICIT, "a/.b", false },
	{ "*b", GLOB_BASENAME, "x/ab", true },
	{ "b", GLOB_BASENAME, "x/b", true },
	{ "x/b", GLOB_BASENAME, "x/b", false },
	{ "b.py", GLOB_FOLD_CASE, "B.PY", true },
	{ "[a-c]X", GLOB_FOLD_CASE, "Bx", true },
	{ "[A-C]x", GLOB_FOLD_CASE, "bX", true },
	{ "[!a]", GLOB_FOLD_CASE, "A", false },
	{ "[[:upper:]]", GLOB_FOLD_CASE, "a", true },
	{ "\303\211T\303\211", GLOB_FOLD_CASE, "\303\251t\303\251", true },
	{ "stra\303\237e", GLOB_FOLD_CASE, "STRA\341\272\236E", true },
	{ "i", GLOB_FOLD_CASE, "\304\260", false },
	{ "[\303\200-\303\236]", GLOB_FOLD_CASE, "\303\251", true },
	{ "\303\211", GLOB_FOLD_CASE | GLOB_BYTES, "\303\251", false },
	{ "?", 0, "\303\251", true },
	{ "?", 0, "\360\237\230\200", true },
	{ "??", 0, "\303\251", false },
	{ "??", GLOB_BYTES, "\303\251", true },
	{ "?", 0, "\377", true },
	{ "?", 0, "\303", true },
	{ "??", 0, "\303(", true },
	{ "[\303\251-\303\274]", 0, "\303\266", true },
	{ "[\303\251-\303\274]", 0, "\303\240", false },
	{ "[!a]", 0, "\303\251", true },
	{ "[\200-\377]", 0, "\251", true },
	{ "[\200-\377]", 0, "\303\251", false },
	{ "?*\251", 0, "a\303\251", false },
	{ "?*\303\251", 0, "a\303\251", true },
	{ "{x,y}z", 0, "xz", true },
	{ "a{xz,yz}", 0, "axz", true },
	{ "*\251", 0, "\303\251", false },
	{ "*\251", GLOB_BYTES, "\303\251", true },
	{ "a\nb*", 0, "a\nbc", true },
};

Test(glob, table)
{
	for (size_t i = 0; i < ARRAY_LEN(match_cases); i++) {
		const struct match_case *c = &match_cases[i];

		cr_expect(match(c->pattern, c->flags, c->path) == c->matches,
		          "'%s' (flags %u) on '%s' should be %d", c->pattern, c->flags, c->path,
		          c->matches);
	}
}

Test(glob, errors_tell_the_place)
{
	static const struct {
		const char *pattern;
		unsigned flags;
		const char *reason;
		size_t offset, len;
	} cases[] = {
		{ "ab[c", 0, "no ] for this [", 2, 1 },
		{ "**/ab[c", 0, "no ] for this [", 5, 1 },
		{ "[]", 0, "no ] for this [", 0, 1 },
		{ "[a-", 0, "no ] for this [", 0, 1 },
		{ "[a\\", 0, "no ] for this [", 0, 1 },
		{ "a[[:nosuch:]]", 0, "no such character class", 2, 2 },
		{ "a{b,c", 0, "no } for this {", 1, 1 },
		{ "a\\", 0, "nothing after this backslash", 1, 1 },
		{ "*\\", 0, "nothing after this backslash", 1, 1 },
		{ "[", GLOB_NO_BRACES, "no ] for this [", 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct glob *g = NULL;
		struct text_error error = { 0 };
		int r = glob_compile(cases[i].pattern, cases[i].flags, &g, &error);

		cr_assert_eq(r, -EINVAL, "case %zu", i);
		cr_assert_null(g, "case %zu", i);
		cr_expect_str_eq(error.reason, cases[i].reason, "case %zu", i);
		cr_expect_eq(error.offset, cases[i].offset, "case %zu", i);
		cr_expect_eq(error.len, cases[i].len, "case %zu", i);
	}
}

Test(glob, sizes_are_capped)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	struct glob *g = NULL;
	struct text_error error = { 0 };

	strbuf_add_fill(&b, 'a', GLOB_PATTERN_MAX + 1);
	cr_assert_eq(glob_compile(strbuf_str(&b), 0, &g, &error), -EINVAL);
	cr_assert_str_eq(error.reason, "the pattern is too long");
	strbuf_truncate(&b, GLOB_PATTERN_MAX);
	cr_assert_eq(glob_compile(strbuf_str(&b), 0, &g, &error), 0);
	cr_assert(glob_matches(g, b.data, b.len));
	g = glob_free(g);

	strbuf_clear(&b);
	strbuf_add_char(&b, '{');
	for (size_t i = 0; i < GLOB_INSTRUCTIONS_MAX / 2; i++)
		strbuf_add_str(&b, "a,");
	strbuf_add_char(&b, '}');
	cr_assert_eq(glob_compile(strbuf_str(&b), 0, &g, &error), -EINVAL);
	cr_assert_str_eq(error.reason, "the pattern is too large");

	strbuf_clear(&b);
	for (int i = 0; i < GLOB_NESTING_MAX + 1; i++)
		strbuf_add_str(&b, "{a,");
	strbuf_add_fill(&b, '}', GLOB_NESTING_MAX + 1);
	cr_assert_eq(glob_compile(strbuf_str(&b), 0, &g, &error), -EINVAL);
	cr_assert_str_eq(error.reason, "braces are nested too deeply");
	cr_assert_null(g);
}

/* Exponential matchers and multiplied braces do not end before the test's time limit. */
Test(glob, hostile_patterns_end, .timeout = 60)
{
	AUTO_RELEASE_STRBUF struct strbuf pattern = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	for (int i = 0; i < 60; i++)
		strbuf_add_str(&pattern, "a*{a*,*a}");
	strbuf_add_char(&pattern, 'b');
	strbuf_add_fill(&path, 'a', 3000);
	cr_assert_not(match(strbuf_str(&pattern), 0, strbuf_str(&path)));
	strbuf_add_char(&path, 'b');
	cr_assert(match(strbuf_str(&pattern), 0, strbuf_str(&path)));
	strbuf_clear(&pattern);
	for (int i = 0; i < 2000; i++)
		strbuf_add_str(&pattern, "**/");
	strbuf_add_str(&pattern, "a/b");
	cr_assert_not(match(strbuf_str(&pattern), 0, strbuf_str(&path)));
	strbuf_clear(&pattern);
	strbuf_add_fill(&pattern, '[', GLOB_PATTERN_MAX / 8);
	cr_assert_not(match(strbuf_str(&pattern), GLOB_LENIENT, strbuf_str(&path)));
}

/* The obvious matcher, exponential and without braces, sets and escapes. */
struct reference {
	const char *pattern;
	const char *path;
	bool hidden, cross;
};

static bool is_hidden_dot(const struct reference *r, const char *t)
{
	return r->hidden && *t == '.' && (t == r->path || t[-1] == '/');
}

static bool reference_matches(const struct reference *r, const char *p, const char *t)
{
	bool component = p == r->pattern || p[-1] == '/';
	size_t stars = strspn(p, "*");

	if (!*p)
		return !*t;
	if (stars >= 2 && component && !r->cross && p[stars] == '/') {
		const char *slash = strchr(t, '/');

		if (reference_matches(r, p + stars + 1, t))
			return true;
		return slash && !is_hidden_dot(r, t) && reference_matches(r, p, slash + 1);
	}
	if (stars >= 2 && component && !r->cross && !p[stars]) {
		for (; *t; t++) {
			if (is_hidden_dot(r, t))
				return false;
		}
		return true;
	}
	if (stars > 0) {
		if (is_hidden_dot(r, t))
			return false;
		if (reference_matches(r, p + stars, t))
			return true;
		return *t && (*t != '/' || r->cross) && reference_matches(r, p, t + 1);
	}
	if (*p == '?')
		return *t && (*t != '/' || r->cross) && !is_hidden_dot(r, t) &&
		       reference_matches(r, p + 1, t + 1);
	return *p == *t && reference_matches(r, p + 1, t + 1);
}

/* The `n`th string over the alphabet; false when it is longer than `max`. */
static bool nth_string(size_t n, const char *alphabet, size_t max, char *ret)
{
	size_t base = strlen(alphabet);
	size_t len = 0;

	for (; n > 0; n = (n - 1) / base) {
		if (len == max)
			return false;
		ret[len++] = alphabet[(n - 1) % base];
	}
	ret[len] = 0;
	return true;
}

static void compare_all(const char *pattern_alphabet, const char *path_alphabet, unsigned flags)
{
	char pattern[8];
	char path[8];
	size_t matched = 0;

	for (size_t i = 0; nth_string(i, pattern_alphabet, 5, pattern); i++) {
		AUTO_FREE(glob) struct glob *g = NULL;
		struct text_error error;

		cr_assert_eq(glob_compile(pattern, flags, &g, &error), 0, "%s", pattern);
		for (size_t j = 0; nth_string(j, path_alphabet, 5, path); j++) {
			struct reference r = { pattern, path, flags & GLOB_HIDDEN_EXPLICIT,
				               flags & GLOB_CROSS_SLASH };
			bool want = reference_matches(&r, pattern, path);

			matched += want;
			cr_assert(glob_matches(g, path, strlen(path)) == want,
			          "'%s' on '%s' (flags %u) should be %d", pattern, path, flags,
			          want);
		}
	}
	cr_assert(matched > 1000, "only %zu matches were compared", matched);
}

Test(glob, agrees_with_reference_on_all_short_patterns)
{
	compare_all("ab*?/", "ab/", 0);
	compare_all("ab*?/", "ab/", GLOB_CROSS_SLASH);
	compare_all("a.*?/", "a./", GLOB_HIDDEN_EXPLICIT);
	compare_all("a.*?/", "a./", GLOB_HIDDEN_EXPLICIT | GLOB_CROSS_SLASH);
}

/* Writes all the patterns a pattern with braces stands for, shortest way: first group, rest. */
struct expansion {
	VEC_FIELDS(char *);
};

static bool find_group(const char *p, size_t *ret_open, size_t *ret_close)
{
	for (size_t i = 0; p[i]; i++) {
		unsigned depth = 0;
		bool comma = false;

		if (p[i] != '{')
			continue;
		for (size_t j = i; p[j]; j++) {
			depth += p[j] == '{';
			comma = comma || (p[j] == ',' && depth == 1);
			if (p[j] == '}' && --depth == 0) {
				*ret_open = i;
				*ret_close = j;
				if (comma)
					return true;
				break;
			}
		}
	}
	return false;
}

static void expand(const char *p, struct expansion *ret)
{
	size_t open;
	size_t close;
	size_t from;
	unsigned depth = 0;

	if (!find_group(p, &open, &close)) {
		vec_push(ret, mem_strdup(p));
		return;
	}
	from = open + 1;
	for (size_t i = open; i <= close; i++) {
		AUTO_RELEASE_STRBUF struct strbuf one = { 0 };

		depth += p[i] == '{';
		depth -= p[i] == '}';
		if (i != close && !(p[i] == ',' && depth == 1))
			continue;
		strbuf_add(&one, p, open);
		strbuf_add(&one, p + from, i - from);
		strbuf_add_str(&one, p + close + 1);
		expand(strbuf_str(&one), ret);
		from = i + 1;
	}
}

static bool expansion_matches(const struct expansion *all, const char *path)
{
	for (size_t i = 0; i < all->len; i++) {
		struct reference r = { all->items[i], path, false, false };

		if (reference_matches(&r, r.pattern, path))
			return true;
	}
	return false;
}

/* Stars that only meet when groups are multiplied out are the documented difference. */
static bool stars_may_join(const char *p)
{
	return strstr(p, "}*") || strstr(p, "*{") || (strchr(p, '*') && strstr(p, "}{"));
}

Test(glob, agrees_with_reference_on_braces)
{
	static const char alphabet[] = "ab/*{{,,}}";
	uint32_t state = 12345;
	size_t compared = 0;
	size_t matched = 0;

	for (int i = 0; i < 60000; i++) {
		AUTO_FREE(glob) struct glob *g = NULL;
		struct expansion all = { 0 };
		struct text_error error;
		char pattern[12];
		char path[8];
		size_t len = 3 + (size_t)i % 8;

		for (size_t k = 0; k < len; k++) {
			state = state * 1664525 + 1013904223;
			pattern[k] = alphabet[(state >> 16) % (sizeof(alphabet) - 1)];
		}
		pattern[len] = 0;
		if (stars_may_join(pattern) || glob_compile(pattern, 0, &g, &error))
			continue;
		expand(pattern, &all);
		compared++;
		for (size_t j = 0; nth_string(j, "ab/", 4, path); j++) {
			bool want = expansion_matches(&all, path);

			matched += want;
			cr_assert(glob_matches(g, path, strlen(path)) == want,
			          "'%s' on '%s' should be %d", pattern, path, want);
		}
		for (size_t j = 0; j < all.len; j++)
			free(all.items[j]);
		vec_release(&all);
	}
	cr_assert(compared > 5000 && matched > 5000, "%zu patterns, %zu matches", compared,
	          matched);
}

/* glob_may_match_below() may not say no when a path below matches; and no when none can. */
Test(glob, may_match_below_is_exact_on_short_patterns)
{
	static const unsigned flag_sets[] = { 0, GLOB_HIDDEN_EXPLICIT, GLOB_FOLD_CASE };
	char pattern[8];
	char directory[8];
	char path[8];

	for (size_t i = 0; nth_string(i, "ab*/", 4, pattern); i++) {
		unsigned flags = flag_sets[i % ARRAY_LEN(flag_sets)];
		AUTO_FREE(glob) struct glob *g = NULL;
		struct text_error error;

		cr_assert_eq(glob_compile(pattern, flags, &g, &error), 0);
		for (size_t j = 1; nth_string(j, "ab", 2, directory); j++) {
			bool any = false;

			for (size_t k = 1; nth_string(k, "ab/", 4, path); k++) {
				AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

				strbuf_add_format(&b, "%s/%s", directory, path);
				any = any || glob_matches(g, strbuf_str(&b), b.len);
			}
			cr_assert(glob_may_match_below(g, directory, strlen(directory)) == any,
			          "'%s' below '%s' should be %d", pattern, directory, any);
		}
	}
}

Test(glob, may_match_below)
{
	static const struct {
		const char *pattern;
		unsigned flags;
		const char *directory;
		bool may;
	} cases[] = {
		{ "src/*.c", 0, "", true },
		{ "src/*.c", 0, "src", true },
		{ "src/*.c", 0, "src/", true },
		{ "src/*.c", 0, "lib", false },
		{ "src/*.c", 0, "src/x", false },
		{ "src/a", 0, "src", true },
		{ "src/a", 0, "src/a", false },
		{ "src/a", 0, "sr", false },
		{ "src/a", 0, "", true },
		{ "/usr/x", 0, "/", true },
		{ "/usr/x", 0, "//", true },
		{ "/usr/x", 0, "/usr", true },
		{ "usr/x", 0, "/", false },
		{ "/usr/*", 0, "/", true },
		{ "/*/x", 0, "/usr", true },
		{ "**/x", 0, "a/b", true },
		{ "a/**", 0, "b", false },
		{ "a/**", 0, "a/b/c", true },
		{ "{a,b/c}/d", 0, "b", true },
		{ "{a,b/c}/d", 0, "b/x", false },
		{ "x", GLOB_BASENAME, "any", true },
		{ "**/x", GLOB_HIDDEN_EXPLICIT, ".git", false },
		{ "*x", GLOB_CROSS_SLASH, "any/thing", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(glob) struct glob *g = NULL;
		struct text_error error;

		cr_assert_eq(glob_compile(cases[i].pattern, cases[i].flags, &g, &error), 0);
		cr_expect(glob_may_match_below(g, cases[i].directory, strlen(cases[i].directory)) ==
		                  cases[i].may,
		          "case %zu: '%s' below '%s'", i, cases[i].pattern, cases[i].directory);
	}
}

Test(glob, literal_and_escape_are_inverse)
{
	static const char *const names[] = { "plain", "a*b?[c]", "{x,y}", "back\\slash",
		                             "",      "}",       "\377" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
		AUTO_FREE(glob) struct glob *g = NULL;
		struct text_error error;
		const char *literal;
		size_t len = 99;

		glob_add_escaped(&b, names[i], strlen(names[i]));
		cr_assert_eq(glob_compile(strbuf_str(&b), 0, &g, &error), 0, "case %zu", i);
		cr_expect(glob_matches(g, names[i], strlen(names[i])), "case %zu", i);
		literal = glob_literal(g, &len);
		if (strchr(strbuf_str(&b), '{') || strchr(strbuf_str(&b), '*'))
			continue; /* compiled to a program: still only itself */
		cr_assert_not_null(literal, "case %zu", i);
		cr_expect_str_eq(literal, names[i], "case %zu", i);
		cr_expect_eq(len, strlen(names[i]), "case %zu", i);
	}
	cr_assert_not(match("a\\*b", 0, "axb"));
}

Test(glob, what_matches_in_many_directories_is_no_literal)
{
	static const struct {
		const char *pattern;
		unsigned flags;
	} cases[] = { { "a", GLOB_BASENAME }, { "**/a", 0 }, { "a", GLOB_FOLD_CASE }, { "a*", 0 } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(glob) struct glob *g = NULL;
		struct text_error error;
		size_t len;

		cr_assert_eq(glob_compile(cases[i].pattern, cases[i].flags, &g, &error), 0);
		cr_expect_null(glob_literal(g, &len), "case %zu", i);
	}
}
