/* SPDX-License-Identifier: MIT */
/* Options that many applets have mean the same in each of them. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <string.h>

TestSuite(shared_options, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 8 };

static struct run run_with(const char *const *words, const char *option, const char *operand)
{
	const char *all[WORDS_MAX + 3];
	size_t n = 0;

	for (; words[n] != NULL; n++)
		all[n] = words[n];
	all[n++] = option;
	all[n++] = operand;
	all[n] = NULL;
	return run_words(all);
}

/* Each has one root; glob takes it with -C. */
static const char *const filtering[][WORDS_MAX] = {
	{ "dupes", "--exclude=*.o", "--exclude=/cache/" },
	{ "disk-usage", "--exclude=*.o", "--exclude=/cache/" },
	{ "glob", "--exclude=*.o", "--exclude=/cache/", "-C" },
	{ "verify", "--create", "--exclude=*.o", "--exclude=/cache/" },
};

/* glob's operand is that of its last option, so that the option has to come first. */
static struct run explain(const char *const *words, const char *option)
{
	const char *all[WORDS_MAX + 3] = { words[0], option };
	size_t n = 1;

	for (; words[n] != NULL; n++)
		all[n + 1] = words[n];
	all[n + 1] = "r";
	all[n + 2] = NULL;
	return run_words(all);
}

Test(shared_options, explain_names_the_rule_that_decides)
{
	static const struct {
		const char *option;
		int status;
		const char *out;
	} cases[] = {
		{ "--explain=sub/x.o", 1, "sub/x.o: --exclude='*.o'" },
		{ "--explain=cache/deep/y", 1, "cache/deep/y: --exclude=/cache/" },
		{ "--explain=sub/x.c", 0, "sub/x.c: " },
		{ "--explain=sub", 0, "sub: " },
	};

	tree("d r", "t r/sub/x.o text", "t r/sub/x.c text", "t r/cache/deep/y text");
	for (size_t i = 0; i < sizeof(filtering) / sizeof(filtering[0]); i++) {
		for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
			struct run r = explain(filtering[i], cases[k].option);

			cr_expect(strncmp(r.out, cases[k].out, strlen(cases[k].out)) == 0,
			          "%s %s: %s%s", filtering[i][0], cases[k].option, r.out, r.err);
			EXPECT_STATUS(r, cases[k].status);
			EXPECT_ERR(r, "");
		}
	}
}

Test(shared_options, explain_is_a_record_too)
{
	tree("d r", "t r/x.o text");
	for (size_t i = 0; i < sizeof(filtering) / sizeof(filtering[0]); i++) {
		const char *words[WORDS_MAX] = { filtering[i][0], "--json" };
		struct run r;

		memcpy(words + 2, filtering[i] + 1, sizeof(words) - 2 * sizeof(words[0]));
		r = explain(words, "--explain=x.o");
		EXPECT_STATUS(r, 1);
		struct json_lines lines = JSON_LINES(r);
		cr_assert_eq(json_count(&lines, "verdict"), 1, "%s", filtering[i][0]);
		cr_expect_not(json_is_true(json_record(&lines, "verdict", 0), "included"));
	}
}

static const char *const reading[][WORDS_MAX] = {
	{ "dupes" },
	{ "du", "-a" },
	{ "ls", "-d" },
	{ "verify", "--create" },
};

Test(shared_options, operands_that_come_from_a_file)
{
	static const char names[] = "r/a\0r/b\nc";

	tree("t r/a 1");
	tree_text("r/b\nc", "1");
	tree_file("NAMES", names, sizeof(names));
	for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++) {
		struct run r = run_with(reading[i], "--files0-from=NAMES", NULL);

		EXPECT_STATUS(r, 0);
		EXPECT_ERR(r, "");
		cr_expect(strstr(r.out, "r/a") != NULL, "%s: %s", reading[i][0], r.out);
		r = run_with(reading[i], "--files0-from=NAMES", "x");
		EXPECT_STATUS(r, strcmp(reading[i][0], "du") == 0 ? 1 : 2);
		EXPECT_OUT(r, "");
	}
}

Test(shared_options, names_in_a_file_that_are_none)
{
	tree("t r/a 1");
	tree_file("NAMES", "\0r/a", 4);
	for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++) {
		struct run_request request = { .words = WORDS("ls", "--files0-from=-"),
			                       .input = "-\0",
			                       .input_len = 2 };
		struct run r = run_with(reading[i], "--files0-from=NAMES", NULL);

		cr_expect_neq(r.status, 0, "%s", reading[i][0]);
		EXPECT_ERR_HAS(r, ": NAMES:1: invalid zero-length file name\n");
		request.words = (const char *const[]){ reading[i][0], "--files0-from=-",
			                               reading[i][1], NULL };
		r = run_argv(&request);
		cr_expect_neq(r.status, 0, "%s", reading[i][0]);
		EXPECT_ERR_HAS(r, "no file name of '-' allowed\n");
		r = run_with(reading[i], "--files0-from=gone", NULL);
		cr_expect_neq(r.status, 0, "%s", reading[i][0]);
		EXPECT_ERR_HAS(r, ": cannot open 'gone': No such file or directory\n");
		EXPECT_OUT(r, "");
	}
}
