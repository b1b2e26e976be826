/* SPDX-License-Identifier: MIT */
#include "cli/dispatch.h"

#include "base/fdio.h"

#include <criterion/criterion.h>
#include <sys/mman.h>

static int out, err;

static int captured(int fd)
{
	int memory = memfd_create("captured", MFD_CLOEXEC);

	cr_assert(memory >= 0 && dup2(memory, fd) >= 0);
	return memory;
}

static void capture(void)
{
	out = captured(STDOUT_FILENO);
	err = captured(STDERR_FILENO);
}

TestSuite(dispatch, .init = capture);

static void expect_text(int fd, const char *text)
{
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	cr_assert_eq(fdio_read_all(fd, 1 << 20, &got), 0);
	cr_expect_str_eq(strbuf_str(&got), text);
	cr_assert(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

/* What was run, and with what. */
static int tell(struct ctx *ctx, const void *options, char **operands)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	(void)options;
	strbuf_add_format(&line, "%s:", ctx->applet->name);
	for (; *operands != NULL; operands++)
		strbuf_add_format(&line, " %s", *operands);
	out_line(ctx->out, &line);
	return EXIT_YES;
}

static const struct applet create = {
	.name = "box create", .group = "", .summary = "create it", .operands = "FILE", .run = tell
};
static const struct applet list = {
	.name = "box list", .group = "", .summary = "list it", .operands = "", .run = tell
};
static const struct applet *const verbs[] = { &create, &list, NULL };
static const struct applet only_verbs = {
	.name = "box", .group = "", .summary = "box it", .operands = "", .verbs = verbs
};
static const struct applet with_own = { .name = "box",
	                                .group = "",
	                                .summary = "box it",
	                                .operands = "[FILE]...",
	                                .run = tell,
	                                .verbs = verbs };

static int run(const struct applet *applet, char *a, char *b, char *c)
{
	char name[] = "box";
	char *argv[] = { name, a, b, c, NULL };
	int argc = 1;

	while (argv[argc] != NULL)
		argc++;
	/* Standard output is closed in the end, to see all errors. */
	cr_assert(dup2(out, STDOUT_FILENO) >= 0);
	return dispatch_run(applet, "dutybox box", argc, argv);
}

static char word_create[] = "create", word_file[] = "file", word_help[] = "--help";
static char word_creat[] = "creat", word_wrong[] = "--wrong", word_end[] = "--";

Test(dispatch, a_first_word_picks_the_verb)
{
	cr_expect_eq(run(&only_verbs, word_create, word_file, NULL), 0);
	expect_text(out, "box create: file\n");
	cr_expect_eq(run(&with_own, word_create, word_file, NULL), 0);
	expect_text(out, "box create: file\n");
	cr_expect_eq(run(&only_verbs, word_create, word_wrong, NULL), EXIT_USAGE);
	expect_text(err, "box create: unrecognized option '--wrong'\n"
	                 "Try 'dutybox box create --help' for more information.\n");
}

Test(dispatch, other_words_are_the_applets_own)
{
	cr_expect_eq(run(&with_own, word_file, word_create, NULL), 0);
	expect_text(out, "box: file create\n");
	cr_expect_eq(run(&with_own, word_end, word_create, NULL), 0);
	expect_text(out, "box: create\n");
	cr_expect_eq(run(&with_own, NULL, NULL, NULL), 0);
	expect_text(out, "box:\n");
}

Test(dispatch, without_a_verb_nothing_is_run)
{
	cr_expect_eq(run(&only_verbs, NULL, NULL, NULL), EXIT_USAGE);
	expect_text(err, "box: a verb is missing\n"
	                 "Try 'dutybox box --help' for more information.\n");
	cr_expect_eq(run(&only_verbs, word_creat, NULL, NULL), EXIT_USAGE);
	expect_text(err, "box: no verb is called 'creat'; did you mean 'create'?\n"
	                 "Try 'dutybox box --help' for more information.\n");
	cr_expect_eq(run(&only_verbs, word_file, NULL, NULL), EXIT_USAGE);
	expect_text(err, "box: no verb is called 'file'\n"
	                 "Try 'dutybox box --help' for more information.\n");
	expect_text(out, "");
}

Test(dispatch, help_lists_the_verbs)
{
	static const char rest[] = "Box it.\n\nVerbs, each with a --help of its own:\n"
				   "  create          create it\n"
				   "  list            list it\n\n"
				   "      --help                  print this help and exit\n"
				   "      --version               print the version and exit\n"
				   "\nExit status: 0 done; 2 wrong usage; 3 failure.\n";
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	cr_expect_eq(run(&only_verbs, word_help, NULL, NULL), 0);
	strbuf_add_format(&text, "Usage: dutybox box VERB [ARGUMENT]...\n%s", rest);
	expect_text(out, text.data);
	cr_expect_eq(run(&with_own, word_help, NULL, NULL), 0);
	strbuf_clear(&text);
	strbuf_add_format(&text,
	                  "Usage: dutybox box [OPTION]... [FILE]...\n"
	                  "  or:  dutybox box VERB [ARGUMENT]...\n%s",
	                  rest);
	expect_text(out, text.data);
	cr_expect_eq(run(&only_verbs, word_create, word_help, NULL), 0);
	expect_text(out, "Usage: dutybox box create [OPTION]... FILE\nCreate it.\n\n"
	                 "      --help                  print this help and exit\n"
	                 "      --version               print the version and exit\n"
	                 "\nExit status: 0 done; 2 wrong usage; 3 failure.\n");
}
