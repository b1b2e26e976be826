/* SPDX-License-Identifier: MIT */
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include "cli/filter_opts.h"
#include "fs/filter.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

TestSuite(filter, .init = sandbox_enter, .fini = sandbox_leave);

/* Rules as they come from the command line; text NULL ends the list. */
#define RULES(...) ((const struct tagged_str[]){ __VA_ARGS__, { 0, NULL } })

static struct filter *new_filter(const struct tagged_str *rules, struct filter_opts opts)
{
	struct filter *f = NULL;
	struct filter_error error = { 0 };
	int r;

	for (; rules && rules->text; rules++)
		vec_push(&opts.rules, *rules);
	r = filter_compile(&opts, &f, &error);
	cr_assert_eq(r, 0, "%s: %s", error.option, error.where.reason);
	vec_release(&opts.rules);
	return f;
}

static enum walk_action collect(const struct walk_entry *entry, void *user)
{
	struct strbuf *paths = user;

	cr_assert(entry->event == WALK_ENTER || entry->event == WALK_LEAVE, "%s", entry->name);
	if (entry->event == WALK_ENTER && entry->depth > 0) {
		if (paths->len > 0)
			strbuf_add_char(paths, ' ');
		walk_add_path(entry, paths);
	}
	return WALK_CONTINUE;
}

/* The paths a sorted walk of `root` sees, with blanks between them. */
static void expect_walk(const struct filter *f, const char *root, const char *want)
{
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	AUTO_FREE_STR char *operand = mem_strdup(root);
	char *roots[] = { operand, NULL };
	struct walk_select select = filter_select(f);
	struct walk_opts opts = { .order = WALK_SORTED,
		                  .max_depth = WALK_DEPTH_ANY,
		                  .select = &select };

	cr_assert_eq(walk(roots, &opts, collect, &got, NULL), 0);
	cr_expect_str_eq(strbuf_str(&got), want);
}

static void expect_rules(const struct tagged_str *rules, const char *want)
{
	AUTO_FREE(filter) struct filter *f = new_filter(rules, (struct filter_opts){ 0 });

	expect_walk(f, "r", want);
}

static void make_tree(void)
{
	tree("d r", "f r/a.c", "f r/a.o", "d r/sub", "f r/sub/b.c", "f r/sub/b.o", "d r/sub/src",
	     "f r/sub/src/c.c", "d r/src", "f r/src/d.c");
}

Test(filter, nothing_given_is_trivial)
{
	AUTO_FREE(filter) struct filter *f = new_filter(NULL, (struct filter_opts){ 0 });

	make_tree();
	cr_assert(filter_is_trivial(f));
	cr_assert_not(filter_needs_stat(f));
	expect_walk(
		f, "r",
		"r/a.c r/a.o r/src r/src/d.c r/sub r/sub/b.c r/sub/b.o r/sub/src r/sub/src/c.c");
}

Test(filter, every_restriction_is_not_trivial)
{
	const struct filter_opts opts[] = {
		{ .types = 1U << DT_REG }, { .min_size = 1 },          { .has_max_size = true },
		{ .has_newer = true },     { .has_older = true },      { .has_owner = true },
		{ .gitignore = true },     { .exclude_caches = true },
	};

	for (size_t i = 0; i < ARRAY_LEN(opts); i++) {
		AUTO_FREE(filter) struct filter *f = new_filter(NULL, opts[i]);

		cr_expect_not(filter_is_trivial(f), "case %zu", i);
		cr_expect(filter_needs_stat(f) == (i >= 1 && i <= 5), "case %zu", i);
	}
}

Test(filter, patterns_are_relative_to_the_root)
{
	make_tree();
	expect_rules(RULES({ FILTER_EXCLUDE, "*.o" }),
	             "r/a.c r/src r/src/d.c r/sub r/sub/b.c r/sub/src r/sub/src/c.c");
	expect_rules(RULES({ FILTER_EXCLUDE, "src" }), "r/a.c r/a.o r/sub r/sub/b.c r/sub/b.o");
	expect_rules(RULES({ FILTER_EXCLUDE, "/src" }),
	             "r/a.c r/a.o r/sub r/sub/b.c r/sub/b.o r/sub/src r/sub/src/c.c");
	expect_rules(RULES({ FILTER_EXCLUDE, "sub/*.{c,o}" }),
	             "r/a.c r/a.o r/src r/src/d.c r/sub r/sub/src r/sub/src/c.c");
	expect_rules(RULES({ FILTER_EXCLUDE, "**/*.c" }), "r/a.o r/src r/sub r/sub/b.o r/sub/src");
	expect_rules(RULES({ FILTER_EXCLUDE, "sub/**" }), "r/a.c r/a.o r/src r/src/d.c r/sub");
	expect_rules(RULES({ FILTER_EXCLUDE, "s*/" }), "r/a.c r/a.o");
	expect_rules(RULES({ FILTER_EXCLUDE, "*.c/" }),
	             "r/a.c r/a.o r/src r/src/d.c r/sub r/sub/b.c r/sub/b.o r/sub/src "
	             "r/sub/src/c.c");
	expect_rules(RULES({ FILTER_IGNORE, "s*" }), "r/a.c r/a.o");
	expect_rules(RULES({ FILTER_EXCLUDE, "r" }, { FILTER_EXCLUDE, "r/**" }),
	             "r/a.c r/a.o r/src r/src/d.c r/sub r/sub/b.c r/sub/b.o r/sub/src "
	             "r/sub/src/c.c");
}

Test(filter, the_first_rule_decides)
{
	make_tree();
	expect_rules(RULES({ FILTER_INCLUDE, "*.c" }, { FILTER_EXCLUDE, "*" }), "r/a.c");
	expect_rules(
		RULES({ FILTER_INCLUDE, "*/" }, { FILTER_INCLUDE, "*.c" }, { FILTER_EXCLUDE, "*" }),
		"r/a.c r/src r/src/d.c r/sub r/sub/b.c r/sub/src r/sub/src/c.c");
	expect_rules(RULES({ FILTER_EXCLUDE, "*" }, { FILTER_INCLUDE, "*.c" }), "");
	expect_rules(
		RULES({ FILTER_IGNORE, "src" }, { FILTER_INCLUDE, "*" }, { FILTER_EXCLUDE, "*.o" }),
		"r/a.c r/a.o r/sub r/sub/b.c r/sub/b.o");
}

Test(filter, roots_in_any_spelling)
{
	AUTO_FREE(filter)
	struct filter *f =
		new_filter(RULES({ FILTER_EXCLUDE, "sub/src" }, { FILTER_EXCLUDE, "/*.o" }),
	                   (struct filter_opts){ 0 });
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	make_tree();
	cr_assert_not(filter_wants_root(f, "") == false);
	expect_walk(f, "./r", "./r/a.c ./r/src ./r/src/d.c ./r/sub ./r/sub/b.c ./r/sub/b.o");
	strbuf_add_format(&b, "%s/r", sandbox_path());
	cr_assert(filter_wants_root(f, strbuf_str(&b)));
	for (int i = 0; i < 3; i++) {
		AUTO_FREE(filter_dir) struct filter_dir *root = NULL;
		AUTO_FREE(filter_dir) struct filter_dir *sub = NULL;

		strbuf_add_char(&b, '/'); /* one, two, three at the end */
		cr_assert(filter_enter(f, NULL, strbuf_str(&b), -1, &root));
		cr_assert(filter_enter(f, root, "sub", -1, &sub));
		cr_expect_not(filter_wants(f, sub, "src", 3, DT_DIR));
		cr_expect(filter_wants(f, root, "src", 3, DT_DIR));
		cr_expect_not(filter_wants(f, root, "a.o", 3, DT_REG));
		cr_expect(filter_wants(f, sub, "b.o", 3, DT_REG));
	}
}

Test(filter, files_of_rules)
{
	make_tree();
	tree_text("list", "# comment\n\n*.o\n!b.o\n  \n/src/   \n");
	expect_rules(RULES({ FILTER_EXCLUDE_FROM, "list" }),
	             "r/a.c r/sub r/sub/b.c r/sub/b.o r/sub/src r/sub/src/c.c");
	tree_text("keep", "*.c\n!d.c\n*/\r\n");
	expect_rules(RULES({ FILTER_INCLUDE_FROM, "keep" }, { FILTER_EXCLUDE, "*" }),
	             "r/a.c r/src r/sub r/sub/b.c r/sub/src r/sub/src/c.c");
}

Test(filter, mistakes_tell_their_place)
{
	static const struct {
		int tag;
		const char *text, *reason;
		size_t offset, line;
	} cases[] = {
		{ FILTER_EXCLUDE, "/a[b", "no ] for this [", 2, 0 },
		{ FILTER_INCLUDE, "{a,b", "no } for this {", 0, 0 },
		{ FILTER_IGNORE, "a/b", "a base name has no slash", 1, 0 },
		{ FILTER_EXCLUDE_FROM, "bad", "no ] for this [", 2, 3 },
	};

	tree_text("bad", "#\nok\n!a[b\n[\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter_opts opts = { 0 };
		struct filter_error error = { 0 };
		struct filter *f = NULL;

		vec_push(&opts.rules, (struct tagged_str){ cases[i].tag, cases[i].text });
		cr_assert_eq(filter_compile(&opts, &f, &error), -EINVAL, "case %zu", i);
		cr_assert_null(f);
		cr_expect_str_eq(error.where.reason, cases[i].reason, "case %zu", i);
		cr_expect_eq(error.where.offset, cases[i].offset, "case %zu", i);
		cr_expect_eq(error.line, cases[i].line, "case %zu", i);
		cr_expect_str_eq(error.text, cases[i].line ? "!a[b" : cases[i].text, "case %zu", i);
		cr_expect(!error.file == (cases[i].line == 0), "case %zu", i);
		filter_error_release(&error);
		vec_release(&opts.rules);
	}
}

Test(filter, an_unreadable_file_of_rules_is_an_error)
{
	struct filter_opts opts = { 0 };
	struct filter_error error = { 0 };
	struct filter *f = NULL;

	vec_push(&opts.rules, (struct tagged_str){ FILTER_EXCLUDE_FROM, "missing" });
	cr_assert_eq(filter_compile(&opts, &f, &error), -ENOENT);
	cr_expect_eq(error.err, ENOENT);
	cr_expect_str_eq(error.file, "missing");
	filter_error_release(&error);
	vec_release(&opts.rules);
}

/* What GNU du does with the pattern; the paths are as it prints them. */
Test(filter, gnu_patterns)
{
	static const struct {
		const char *pattern, *root, *name;
		bool wanted;
	} cases[] = {
		{ "b.c", "r/sub", "b.c", false },
		{ "sub/b.c", "r/sub", "b.c", false },
		{ "r/sub/b.c", "r/sub", "b.c", false },
		{ "r*c", "r/sub", "b.c", false },
		{ "u*c", "r/sub", "b.c", true },
		{ "sub", "r/sub", "b.c", true },
		{ "/b.c", "r/sub", "b.c", true },
		{ "sub/", "r/sub", "b.c", true },
		{ "?.c", "r/sub", "b.c", false },
		{ "sub?b.c", "r/sub", "b.c", false },
		{ "sub[!x]b.c", "r/sub", "b.c", false },
		{ "*", "r", ".hidden", false },
		{ "[", "r", "[", false },
		{ "{b,c}", "r", "b", true },
		{ "{b,c}", "r", "{b,c}", false },
		{ "!b", "r", "!b", false },
		{ "#b", "r", "#b", false },
		{ "\\*", "r", "x", true },
		{ "/sub/b.c", "r//sub", "b.c", false },
		{ "/sub/b.?", "r//sub", "b.c", true },
		{ "/abs/x", "/abs", "x", false },
		{ "**/x", "/abs", "x", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(filter)
		struct filter *f = new_filter(RULES({ FILTER_EXCLUDE, cases[i].pattern }),
		                              (struct filter_opts){ .gnu_exclude = true });
		AUTO_FREE(filter_dir) struct filter_dir *dir = NULL;

		cr_assert(filter_enter(f, NULL, cases[i].root, -1, &dir));
		cr_expect(filter_wants(f, dir, cases[i].name, strlen(cases[i].name), DT_REG) ==
		                  cases[i].wanted,
		          "case %zu: %s on %s/%s", i, cases[i].pattern, cases[i].root,
		          cases[i].name);
	}
}

Test(filter, gnu_asks_operands_and_reads_plain_lines)
{
	AUTO_FREE(filter) struct filter *f = NULL;

	make_tree();
	tree_text("list", "*.o \t\n\n  \n#x\nsrc");
	f = new_filter(RULES({ FILTER_EXCLUDE_FROM, "list" }),
	               (struct filter_opts){ .gnu_exclude = true });
	expect_walk(f, "r", "r/a.c r/sub r/sub/b.c");
	cr_expect_not(filter_wants_root(f, "x/src"));
	cr_expect_not(filter_wants_root(f, "a.o"));
	cr_expect_not(filter_wants_root(f, "#x"));
	cr_expect(filter_wants_root(f, "r"));
}

/* The lines of `du -a`, without the sizes and the root itself, in the order of their bytes. */
static int compare_strings(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return strcmp(*x, *y);
}

static void add_sorted(struct strbuf *ret, char *lines, const char *root)
{
	struct strv paths = { 0 };

	for (char *line = lines, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *path = strchr(line, '\t') + 1;

		*end = 0;
		if (strcmp(path, root) != 0)
			vec_push(&paths, path);
	}
	if (paths.len > 0)
		qsort(paths.items, paths.len, sizeof(*paths.items), compare_strings);
	for (size_t i = 0; i < paths.len; i++)
		strbuf_add_format(ret, "%s%s", i ? " " : "", paths.items[i]);
	vec_release(&paths);
}

Test(filter, agrees_with_gnu_du, .timeout = 120)
{
	static const char *const patterns[] = {
		"*.o",     "b.?",           "sub",     "/sub",     "r/sub",  "r/*",
		"*",       "s*c",           "sub/*",   "sub*c",    "/*",     "r",
		"sub/",    "[ab].c",        "[!a].c",  "[",        "[a",     "a\\",
		"\\a.c",   "a\\.c",         "{a,b}.c", "sub//b.c", "?ub",    "sr*",
		"src/c.c", "*/*/*",         "**",      "c",        ".c",     "./r",
		"",        "[[:alpha:]].o", "[z-a]",   "*\\",      "[]a].c", "#a.c",
		"!a.c",    " a.c",          "a.c ",
	};
	const char *du = need_program("du");

	if (!strstr(RUN_PEER("du", "--version").out, "GNU"))
		skip("%s is not GNU's", du);
	make_tree();
	tree("f r/[", "f r/[a", "f r/{a,b}.c", "f r/].c", "f r/#a.c", "f r/!a.c");
	tree_file("r/a\\", "", 0);
	tree_file("r/ a.c", "", 0);
	for (size_t i = 0; i < ARRAY_LEN(patterns) * 2; i++) {
		bool from_file = i % 2;
		const char *pattern = patterns[i / 2];
		AUTO_RELEASE_STRBUF struct strbuf option = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf want = { 0 };
		AUTO_FREE(filter) struct filter *f = NULL;
		struct run run;

		tree_text("list", pattern);
		strbuf_add_str(&option, from_file ? "--exclude-from=list" : "--exclude=");
		strbuf_add_str(&option, from_file ? "" : pattern);
		run = RUN_PEER("du", "-a", strbuf_str(&option), "r");
		cr_assert_eq(run.status, 0, "%s", run.err);
		f = new_filter(RULES({ from_file ? FILTER_EXCLUDE_FROM : FILTER_EXCLUDE,
		                       from_file ? "list" : pattern }),
		               (struct filter_opts){ .gnu_exclude = true });
		cr_expect(filter_wants_root(f, "r") == (run.out_len > 0), "%s", pattern);
		if (run.out_len == 0)
			continue;
		add_sorted(&want, run.out, "r");
		expect_walk(f, "r", strbuf_str(&want));
	}
}

Test(filter, types_restrict_all_but_directories)
{
	AUTO_FREE(filter)
	struct filter *f = new_filter(NULL, (struct filter_opts){ .types = 1U << DT_LNK });
	struct stat st = { 0 };

	tree("d r", "f r/a", "l r/b -> a", "d r/c", "p r/c/d", "l r/c/e -> nowhere");
	expect_walk(f, "r", "r/b r/c r/c/e");
	cr_expect(filter_passes_stat(f, DT_LNK, &st));
	cr_expect_not(filter_passes_stat(f, DT_REG, &st));
	cr_expect_not(filter_passes_stat(f, DT_DIR, &st));
}

Test(filter, metadata_limits_are_inclusive)
{
	static const struct {
		struct filter_opts opts;
		bool passes[3]; /* just below, at, just above */
	} cases[] = {
		{ { .min_size = 10 }, { false, true, true } },
		{ { .max_size = 10, .has_max_size = true }, { true, true, false } },
		{ { .newer = { -5, 10 }, .has_newer = true }, { false, true, true } },
		{ { .older = { -5, 10 }, .has_older = true }, { true, true, false } },
		{ { .owner = 10, .has_owner = true }, { false, true, false } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(filter) struct filter *f = new_filter(NULL, cases[i].opts);

		for (int j = 0; j < 3; j++) {
			struct stat st = { .st_size = 9 + j,
				           .st_mtim = { -5, 9 + j },
				           .st_uid = (uid_t)(9 + j) };

			cr_expect(filter_passes_stat(f, DT_REG, &st) == cases[i].passes[j],
			          "case %zu, %d", i, j);
			cr_expect(filter_passes_stat(f, DT_DIR, &st), "case %zu, %d", i, j);
			cr_expect(filter_passes_stat(f, DT_LNK, &st) ==
			                  (i < 2 || cases[i].passes[j]),
			          "case %zu, %d", i, j);
		}
	}
}

Test(filter, seconds_come_before_nanoseconds)
{
	AUTO_FREE(filter)
	struct filter *f =
		new_filter(NULL, (struct filter_opts){ .newer = { 5, 900 }, .has_newer = true });

	cr_expect(filter_passes_stat(f, DT_REG, &(struct stat){ .st_mtim = { 6, 0 } }));
	cr_expect_not(filter_passes_stat(f, DT_REG, &(struct stat){ .st_mtim = { 4, 950 } }));
}

Test(filter, caches_and_marked_directories_are_left_unread)
{
	static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55\n# x\n";
	AUTO_FREE(filter) struct filter *f = NULL;
	struct filter_opts opts = { .exclude_caches = true };

	tree("d r", "d r/cache", "f r/cache/x", "d r/fake", "f r/fake/y", "d r/link",
	     "l r/link/CACHEDIR.TAG -> ../cache/CACHEDIR.TAG", "d r/mark",
	     "l r/mark/.nobackup -> q", "f r/mark/z", "d r/fifo", "p r/fifo/CACHEDIR.TAG");
	tree_text("r/cache/CACHEDIR.TAG", signature);
	tree_file("r/fake/CACHEDIR.TAG", signature, 42);
	vec_push(&opts.exclude_if_present, ".nobackup");
	f = new_filter(NULL, opts);
	vec_release(&opts.exclude_if_present);
	expect_walk(f, "r",
	            "r/cache r/fake r/fake/CACHEDIR.TAG r/fake/y r/fifo r/fifo/CACHEDIR.TAG "
	            "r/link r/link/CACHEDIR.TAG r/mark");
}

Test(filter, markers_are_names)
{
	static const char *const bad[] = { "", "a/b" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct filter_opts opts = { 0 };
		struct filter_error error = { 0 };
		struct filter *f = NULL;

		vec_push(&opts.exclude_if_present, bad[i]);
		cr_expect_eq(filter_compile(&opts, &f, &error), -EINVAL, "case %zu", i);
		cr_expect_str_eq(error.option, "--exclude-if-present");
		filter_error_release(&error);
		vec_release(&opts.exclude_if_present);
	}
}

/* A path that is longer than any buffer, and deep: the rules still see all of it. */
Test(filter, deep_paths)
{
	AUTO_FREE(filter)
	struct filter *f =
		new_filter(RULES({ FILTER_EXCLUDE, "d/**/needle" }), (struct filter_opts){ 0 });
	struct filter_dir *dir = NULL;

	cr_assert(filter_enter(f, NULL, "root", -1, &dir));
	for (int i = 0; i < 5000; i++) {
		struct filter_dir *next;

		cr_assert(filter_enter(f, dir, i == 0 ? "d" : "e", -1, &next));
		(void)filter_dir_free(dir);
		dir = next;
	}
	cr_expect_not(filter_wants(f, dir, "needle", 6, DT_REG));
	cr_expect(filter_wants(f, dir, "noodle", 6, DT_REG));
	(void)filter_dir_free(dir);
}

static void expect_explained(const struct filter *f, const char *path, bool included,
                             const char *want)
{
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	cr_expect(filter_explain(f, "r", path, &got) == included, "%s", path);
	cr_expect_str_eq(strbuf_str(&got), want);
}

Test(filter, explains)
{
	AUTO_FREE(filter) struct filter *f = NULL;
	struct filter_opts opts = { .gitignore = true,
		                    .exclude_caches = true,
		                    .types = 1U << DT_REG | 1U << DT_LNK,
		                    .min_size = 5 };

	tree("d r", "d r/sub", "f r/sub/keep.log 9", "f r/sub/a.log 9", "f r/a.o 9", "f r/b.o 9",
	     "f r/tiny 4", "f r/big 5", "p r/pipe", "d r/out", "f r/out/x 9", "d r/cache");
	tree_text("r/cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
	tree_text("r/.gitignore", "*.log\n/out/\n");
	tree_text("r/sub/.gitignore", "# keep\n!keep.log\n");
	tree_text("list", "q\n*.o\n!a.o\n");
	f = new_filter(RULES({ FILTER_EXCLUDE, "no way" }, { FILTER_EXCLUDE_FROM, "list" }), opts);
	expect_explained(f, "big", true, "no rule matches: included");
	expect_explained(f, "", true, "no rule matches: included");
	expect_explained(f, "no way", false, "--exclude='no way': excluded");
	expect_explained(f, "no way/below/it", false,
	                 "--exclude='no way': excluded, as the directory 'no way' is not entered");
	expect_explained(f, "b.o", false, "list:2: '*.o': excluded");
	expect_explained(f, "a.o", true, "list:3: '!a.o': included");
	expect_explained(f, "sub/a.log", false, "r/.gitignore:1: '*.log': excluded");
	expect_explained(f, "sub//keep.log", true, "r/sub/.gitignore:2: '!keep.log': included");
	expect_explained(f, "out/x", false,
	                 "r/.gitignore:2: /out/: excluded, as the directory out is not entered");
	expect_explained(f, "cache/x", false,
	                 "--exclude-caches (CACHEDIR.TAG): excluded, as the directory cache is not "
	                 "entered");
	expect_explained(f, "cache", true, "no rule matches: included");
	expect_explained(f, "pipe", false, "--type: excluded");
	expect_explained(f, "tiny", false, "the size: excluded");
	expect_explained(f, "missing/also/", true, "no rule matches: included");
}

Test(filter, types_are_letters_and_words)
{
	static const struct {
		const char *text;
		unsigned types;
	} good[] = {
		{ "f", 1U << DT_REG },
		{ "fd", 1U << DT_REG | 1U << DT_DIR },
		{ "l,p", 1U << DT_LNK | 1U << DT_FIFO },
		{ "file", 1U << DT_REG },
		{ "socket,cb", 1U << DT_SOCK | 1U << DT_CHR | 1U << DT_BLK },
		{ "dir,symlink,fifo,chardev,blockdev",
		  1U << DT_DIR | 1U << DT_LNK | 1U << DT_FIFO | 1U << DT_CHR | 1U << DT_BLK },
	};
	static const struct {
		const char *text;
		size_t offset, len;
	} bad[] = { { "", 0, 0 }, { "x", 0, 1 }, { "f,files,d", 2, 5 }, { "f,", 2, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		unsigned types = 0;
		struct text_error error;

		cr_expect_eq(filter_cli_parse_types(good[i].text, &types, &error), 0, "case %zu",
		             i);
		cr_expect_eq(types, good[i].types, "case %zu", i);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		unsigned types = 77;
		struct text_error error;

		cr_expect_eq(filter_cli_parse_types(bad[i].text, &types, &error), -EINVAL,
		             "case %zu", i);
		cr_expect_eq(types, 77, "case %zu", i);
		cr_expect_eq(error.offset, bad[i].offset, "case %zu", i);
		cr_expect_eq(error.len, bad[i].len, "case %zu", i);
	}
}
