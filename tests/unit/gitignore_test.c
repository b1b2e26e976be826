/* SPDX-License-Identifier: MIT */
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include "base/vec.h"
#include "fs/filter.h"
#include "fs/ignore_rules.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

TestSuite(gitignore, .init = sandbox_enter, .fini = sandbox_leave);

static struct ignore_subject subject(const char *path)
{
	size_t len = strlen(path);
	bool is_directory = len > 0 && path[len - 1] == '/';
	const char *slash;

	len -= is_directory;
	slash = memrchr(path, '/', len);
	slash = slash ? slash + 1 : path;
	return (struct ignore_subject){ path, len, slash, len - (size_t)(slash - path),
		                        is_directory };
}

/* gitignore(5), line by line; a path that ends with a slash is a directory. */
static const struct line_case {
	const char *lines, *path;
	size_t line; /* that decides; 0: none */
	bool negated;
} line_cases[] = {
	{ "a", "a", 1, false },
	{ "a", "x/a", 1, false },
	{ "a", "a/x", 0, false },
	{ "/a", "a", 1, false },
	{ "/a", "x/a", 0, false },
	{ "a/", "a/", 1, false },
	{ "a/", "a", 0, false },
	{ "a/", "x/a/", 1, false },
	{ "a/b", "a/b", 1, false },
	{ "a/b", "x/a/b", 0, false },
	{ "/a/", "a/", 1, false },
	{ "/", "a/", 0, false },
	{ "//", "a/", 0, false },
	{ "a//", "a/", 0, false },
	{ "*.c", "x/y.c", 1, false },
	{ "x/*", "x/y/z", 0, false },
	{ "x/*", "x/y", 1, false },
	{ "x/**", "x/y/z", 1, false },
	{ "x/**", "x/", 0, false },
	{ "**/z", "z", 1, false },
	{ "**/y/z", "x/y/z", 1, false },
	{ "x/**/z", "x/z", 1, false },
	{ "x/**/z", "x/y/y/z", 1, false },
	{ "x**z", "xyz", 1, false },
	{ "#a", "#a", 0, false },
	{ "\\#a", "#a", 1, false },
	{ "\\!a", "!a", 1, false },
	{ "!a", "a", 1, true },
	{ "a\n!a", "a", 2, true },
	{ "a\n!a\na", "a", 3, false },
	{ "a\n\n# c\n!b", "a", 1, false },
	{ "a  ", "a", 1, false },
	{ "a\\ ", "a ", 1, false },
	{ "a\\  ", "a ", 1, false },
	{ "a\t", "a", 0, false },
	{ "a\t", "a\t", 1, false },
	{ " a", " a", 1, false },
	{ "a \\", "a ", 0, false },
	{ "a\r\nb", "a", 1, false },
	{ "\xEF\xBB\xBF"
	  "a",
	  "a", 1, false },
	{ "a\\", "a", 0, false },
	{ "a\\", "a\\", 0, false },
	{ "[a", "[a", 0, false },
	{ "[a]", "a", 1, false },
	{ "[[:nosuch:]]", "n", 0, false },
	{ "{a,b}", "a", 0, false },
	{ "{a,b}", "{a,b}", 1, false },
	{ "?", "\303\251", 0, false },
	{ "??", "\303\251", 1, false },
	{ "A", "a", 0, false },
	{ "\\a", "a", 1, false },
	{ "!", "!", 0, false },
	{ "", "", 0, false },
};

Test(gitignore, lines)
{
	for (size_t i = 0; i < ARRAY_LEN(line_cases); i++) {
		const struct line_case *c = &line_cases[i];
		struct ignore_rules rules = { 0 };
		struct ignore_subject asked = subject(c->path);
		struct ignore_error error;
		const struct ignore_rule *rule;

		cr_assert_eq(ignore_rules_add_lines(&rules, c->lines, strlen(c->lines), IGNORE_GIT,
		                                    0, &error),
		             0);
		rule = ignore_rules_find(&rules, &asked);
		cr_expect_eq(rule ? rule->line : 0, c->line, "case %zu: '%s' on '%s'", i, c->lines,
		             c->path);
		cr_expect((rule && rule->negated) == c->negated, "case %zu", i);
		ignore_rules_release(&rules);
	}
}

Test(gitignore, lines_end_at_their_nul_and_need_no_newline)
{
	struct ignore_rules rules = { 0 };
	struct ignore_subject a = subject("a");
	struct ignore_error error;

	cr_assert_eq(ignore_rules_add_lines(&rules, "a\0b\nc", 5, IGNORE_GIT, 7, &error), 0);
	cr_assert_eq(rules.len, 2);
	cr_expect_str_eq(rules.items[0].text, "a");
	cr_expect_str_eq(rules.items[1].text, "c");
	cr_expect_eq(rules.items[1].line, 2);
	cr_expect_eq(ignore_rules_find(&rules, &a)->source, 7);
	ignore_rules_release(&rules);
}

static enum walk_action collect(const struct walk_entry *entry, void *user)
{
	if (entry->event == WALK_ENTER && entry->depth > 0) {
		strbuf_add_char(user, ' ');
		walk_add_path(entry, user);
	}
	cr_expect(entry->event != WALK_ERROR, "%s", entry->name);
	return WALK_CONTINUE;
}

static void expect_walk(const char *want, uint64_t unusable)
{
	struct filter_opts opts = { .gitignore = true };
	AUTO_FREE(filter) struct filter *f = NULL;
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	struct filter_error error;
	char operand[] = "r";
	char *roots[] = { operand, NULL };
	struct walk_select select;
	struct walk_opts walk_opts = { .order = WALK_SORTED,
		                       .max_depth = WALK_DEPTH_ANY,
		                       .select = &select };

	cr_assert_eq(filter_compile(&opts, &f, &error), 0);
	select = filter_select(f);
	cr_assert_eq(walk(roots, &walk_opts, collect, &got, NULL), 0);
	cr_expect_str_eq(strbuf_str(&got), want);
	cr_expect_eq(filter_unusable_files(f), unusable);
}

Test(gitignore, the_deeper_file_decides_and_excluded_directories_are_closed)
{
	tree("d r", "f r/a.o", "f r/keep.o", "d r/s", "f r/s/b.o", "f r/s/c.o", "d r/out",
	     "d r/out/in", "f r/out/in/x");
	tree_text("r/.gitignore", "*.o\n!keep.o\n/out\n");
	tree_text("r/s/.gitignore", "!b.o\n/keep.o\n");
	tree_text("r/out/.gitignore", "!*\n");
	expect_walk(" r/.gitignore r/keep.o r/s r/s/.gitignore r/s/b.o", 0);
}

Test(gitignore, three_files_of_one_directory)
{
	tree("d r", "d r/.git", "d r/.git/info", "f r/a", "f r/b", "f r/c", "f r/d");
	tree_text("r/.git/info/exclude", "/a\n/b\n/c\n");
	tree_text("r/.gitignore", "!a\n!/b\n");
	tree_text("r/.ignore", "/b\n/.git\n");
	expect_walk(" r/.gitignore r/.ignore r/a r/d", 0);
}

/* Links, fifos and directories by these names: not read, and nothing waits. */
Test(gitignore, only_regular_files_are_read, .timeout = 30)
{
	tree("d r", "f r/a", "l r/.gitignore -> ../rules", "p r/.ignore", "l r/.git -> ../git",
	     "d git", "d git/info", "d r/s", "d r/s/.gitignore", "f r/s/.git");
	tree_text("rules", "a\n");
	tree_text("git/info/exclude", "a\n");
	expect_walk(" r/.git r/.gitignore r/.ignore r/a r/s r/s/.git r/s/.gitignore", 0);
}

Test(gitignore, huge_files_are_counted_and_left_out)
{
	tree("d r", "f r/a");
	tree_text("r/.ignore", "b\n");
	tree_size("r/.gitignore", (1 << 20) + 1);
	expect_walk(" r/.gitignore r/.ignore r/a", 1);
}

Test(gitignore, unreadable_files_are_counted)
{
	sandbox_drop_root();
	tree("d r", "f r/a");
	tree_text("r/.gitignore", "a\n");
	tree_mode("r/.gitignore", 0);
	expect_walk(" r/.gitignore r/a", 1);
}

Test(gitignore, options_come_before_ignore_files)
{
	struct filter_opts opts = { .gitignore = true };
	AUTO_FREE(filter) struct filter *f = NULL;
	AUTO_RELEASE_STRBUF struct strbuf why = { 0 };
	struct filter_error error;

	tree("d r", "f r/a.o", "f r/b.o");
	tree_text("r/.gitignore", "*.o\n");
	vec_push(&opts.rules, (struct tagged_str){ FILTER_INCLUDE, "a.o" });
	cr_assert_eq(filter_compile(&opts, &f, &error), 0);
	vec_release(&opts.rules);
	cr_expect(filter_explain(f, "r", "a.o", &why));
	cr_expect_not(filter_explain(f, "r", "b.o", &why));
}

/* ---- against git itself ---- */

static uint32_t random_below(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8) % n;
}

#define PICK(state, array) array[random_below(state, ARRAY_LEN(array))]

static void random_pattern(uint32_t *state, struct strbuf *b)
{
	/* Without a literal directly before **, which git (against its manual) lets cross slashes.
	 */
	static const char *const parts[] = { "a",      "b",           "ab",    "*",     "**",
		                             "?",      "*.c",         "x.c",   "a*",    "[ab]",
		                             "[!a]",   "***",         "[^b]*", "\\a",   "?**",
		                             "**b",    "x.[a-d]",     "[]a]",  "\\#h",  "\\!n",
		                             "s p\\ ", "[[:alpha:]]", "*b*",   "[z-a]", "\303\251",
		                             "??",     "[a\\]]",      "[a",    "{a,b}", "e\\" };
	uint32_t n = random_below(state, 8);

	if (random_below(state, 4) == 0)
		strbuf_add_char(b, '!');
	if (random_below(state, 4) == 0)
		strbuf_add_char(b, '/');
	n = n < 5 ? 1 : n - 3;
	for (uint32_t i = 0; i < n; i++) {
		if (i > 0)
			strbuf_add_char(b, '/');
		strbuf_add_str(b, PICK(state, parts));
	}
	if (random_below(state, 5) == 0)
		strbuf_add_char(b, '/');
	if (random_below(state, 8) == 0)
		strbuf_add_str(b, "  ");
	strbuf_add_char(b, '\n');
}

static void random_rules(uint32_t *state, const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	uint32_t n = 1 + random_below(state, 5);

	for (uint32_t i = 0; i < n; i++)
		random_pattern(state, &b);
	tree_file(path, b.data, b.len);
}

/* Files and directories below `path`; each goes to `all`, NUL behind it. */
static void random_tree(uint32_t *state, const char *path, unsigned depth, struct strbuf *all)
{
	static const char *const names[] = { "a",    "b",        "ab",    "x.c", "#h", "!n",
		                             "s p ", "\303\251", "{a,b}", "]",   "e\\" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_RELEASE_STRBUF struct strbuf below = { 0 };

		if (random_below(state, 2))
			continue;
		strbuf_add_format(&below, "%s/%s", path, names[i]);
		strbuf_add(all, strbuf_str(&below) + 2, below.len - 2);
		strbuf_add(all, "", 1);
		if (depth == 0 || random_below(state, 2)) {
			tree_file(strbuf_str(&below), "", 0);
			continue;
		}
		tree_dir(strbuf_str(&below));
		random_tree(state, strbuf_str(&below), depth - 1, all);
	}
	if (random_below(state, 3) < 2 || depth == 2) {
		AUTO_RELEASE_STRBUF struct strbuf file = { 0 };

		strbuf_add_format(&file, "%s/.gitignore", path);
		random_rules(state, strbuf_str(&file));
	}
}

static struct run git(const char *const *words, const struct strbuf *input)
{
	struct run_request request = {
		.program = need_program("git"),
		.words = words,
		.input = input ? input->data : NULL,
		.input_len = input ? input->len : 0,
		.env = WORDS("GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		             "HOME=/nonexistent", "GIT_CEILING_DIRECTORIES=/"),
		.may_complain = true,
	};

	return run_argv(&request);
}

/* One answer of check-ignore -v -n -z: file, line, pattern, path, each with a NUL. */
static const char *next_field(const char **at)
{
	const char *field = *at;

	*at += strlen(field) + 1;
	return field;
}

static void compare(const struct filter *f, const struct run *answer, size_t *ret_ignored)
{
	for (const char *at = answer->out; at < answer->out + answer->out_len;) {
		const char *file = next_field(&at);
		const char *line = next_field(&at);
		const char *pattern = next_field(&at);
		const char *path = next_field(&at);
		bool ignored = *file && *pattern != '!';
		AUTO_RELEASE_STRBUF struct strbuf why = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf place = { 0 };

		*ret_ignored += ignored;
		cr_assert(filter_explain(f, ".", path, &why) == !ignored,
		          "'%s': git says %s:%s:%s, we say %s", path, file, line, pattern,
		          strbuf_str(&why));
		strbuf_add_format(&place, ":%s: ", line);
		cr_assert(!*file || strstr(strbuf_str(&why), strbuf_str(&place)),
		          "'%s': git says %s:%s:%s, we say %s", path, file, line, pattern,
		          strbuf_str(&why));
	}
}

Test(gitignore, agrees_with_git_on_random_trees, .timeout = 300)
{
	size_t ignored = 0;
	size_t asked = 0;

	for (uint32_t seed = 1; seed <= 60; seed++) {
		struct filter_opts opts = { .gitignore = true };
		AUTO_FREE(filter) struct filter *f = NULL;
		AUTO_RELEASE_STRBUF struct strbuf paths = { 0 };
		struct filter_error error;
		uint32_t state = seed * 7919;
		struct run answer;

		sandbox_leave();
		sandbox_enter();
		cr_assert_eq(git(WORDS("init", "-q", "."), NULL).status, 0);
		random_tree(&state, ".", 2, &paths);
		random_rules(&state, "./.git/info/exclude");
		if (paths.len == 0)
			continue;
		answer = git(WORDS("check-ignore", "--stdin", "--no-index", "-v", "-n", "-z"),
		             &paths);
		cr_assert(answer.status <= 1, "%s", answer.err);
		cr_assert_eq(filter_compile(&opts, &f, &error), 0);
		compare(f, &answer, &ignored);
		for (size_t i = 0; i < paths.len; i++)
			asked += paths.data[i] == 0;
	}
	cr_assert(asked > 1000 && ignored > 200 && ignored < asked - 200, "%zu of %zu ignored",
	          ignored, asked);
}
