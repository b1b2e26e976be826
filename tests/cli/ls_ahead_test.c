/* SPDX-License-Identifier: MIT */
/*
 * Recursive listings, of which other threads read parts ahead: trees wide and deep enough for
 * them to start, with trouble all over, beside GNU ls: output and messages, each in order.
 */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(ls_ahead, .init = sandbox_enter, .fini = sandbox_leave);

enum { TOPS = 9, BELOW = 12, FILES = 7 };

/* d/0 to d/8, with 12 directories each that hold files, links and another directory. */
static void build(void)
{
	char path[128];

	tree("d d");
	for (int i = 0; i < TOPS * BELOW; i++) {
		(void)snprintf(path, sizeof(path), "d/%d", i / BELOW);
		tree_dir(path);
		(void)snprintf(path, sizeof(path), "d/%d/%d", i / BELOW, i % BELOW);
		tree_dir(path);
		for (int k = 0; k < FILES; k++) {
			(void)snprintf(path, sizeof(path), "d/%d/%d/f%d", i / BELOW, i % BELOW,
			               i * k % 31);
			tree_text(path, "x");
		}
		(void)snprintf(path, sizeof(path), "d/%d/%d/deep", i / BELOW, i % BELOW);
		tree_dir(path);
		if (i % 5 == 0) {
			(void)snprintf(path, sizeof(path), "d/%d/%d/gone", i / BELOW, i % BELOW);
			cr_assert_eq(symlink("nowhere", path), 0);
		}
		if (i % 7 == 0) {
			(void)snprintf(path, sizeof(path), "d/%d/%d/up", i / BELOW, i % BELOW);
			cr_assert_eq(symlink("..", path), 0);
		}
	}
}

/* Ours are quoted always. */
static void drop_quotes(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != '\'')
			*to++ = *text;
	*to = '\0';
}

static void expect_same(const struct run *ours, const struct run *theirs, const char *call)
{
	cr_expect_eq(ours->status, theirs->status, "ls %s: status %d, GNU %d", call, ours->status,
	             theirs->status);
	cr_expect_str_eq(ours->out, theirs->out, "ls %s: the output differs", call);
	cr_expect_str_eq(ours->err, theirs->err, "ls %s: messages:\n%s\nGNU:\n%s", call, ours->err,
	                 theirs->err);
}

static void compare(const char *options, uid_t uid)
{
	struct run_request request = { .words = WORDS("ls", options, "d"),
		                       .env = WORDS("LC_ALL=C"),
		                       .uid = uid };
	struct run ours = run_argv(&request);
	struct run theirs;

	request.program = "ls";
	request.words = WORDS(options, "d");
	request.may_complain = true;
	theirs = run_argv(&request);
	drop_quotes(ours.err);
	drop_quotes(theirs.err);
	cr_assert(theirs.out_len > 1000);
	expect_same(&ours, &theirs, options);
}

Test(ls_ahead, order_is_that_of_one_thread)
{
	need_program("ls");
	build();
	compare("-lR", 0);
	compare("-laR", 0);
	compare("-lRt", 0);
	compare("-lRUr", 0);
	compare("-sR", 0);
	compare("-iRS", 0);
}

/* Dangling links and loops everywhere, each with a message. */
Test(ls_ahead, messages_are_in_order)
{
	need_program("ls");
	build();
	compare("-lRL", 0);
	compare("-sRL", 0);
}

Test(ls_ahead, unreadable_directories_are_reported_in_order)
{
	char path[128];

	need_program("ls");
	need_root();
	build();
	for (int i = 0; i < TOPS * BELOW; i += 3) {
		(void)snprintf(path, sizeof(path), "d/%d/%d", i / BELOW, i % BELOW);
		cr_assert_eq(chmod(path, i % 2 == 0 ? 0 : 0744), 0);
	}
	compare("-lR", RUN_NOBODY);
	compare("-laR", RUN_NOBODY);
}

/* With few descriptors, nothing is read ahead. */
Test(ls_ahead, few_descriptors)
{
	struct run_request request = { .words = WORDS("ls", "-lR", "d") };
	struct run many, few;

	build();
	many = run_argv(&request);
	request.limits[0] = (struct run_limit){ RLIMIT_NOFILE, 20 };
	few = run_argv(&request);
	EXPECT_STATUS(few, 0);
	EXPECT_ERR(few, "");
	cr_expect_str_eq(few.out, many.out);
}

/* Records come in the same order, and a reader that goes away ends it all. */
Test(ls_ahead, records_and_readers)
{
	struct run_request request = { .words = WORDS("ls", "-R", "--json", "d") };
	struct json_lines lines;
	struct run r;

	build();
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_expect(json_count(&lines, "entry") > (size_t)TOPS * BELOW * 2);
	request.out_to = RUN_TO_NOBODY;
	r = run_argv(&request);
	EXPECT_STATUS(r, 141);
	request.out_to = RUN_TO_FULL;
	r = run_argv(&request);
	EXPECT_STATUS(r, 2);
	EXPECT_ERR(r, "ls: write error: No space left on device\n");
}

/* Ignore files count above and below what was read ahead. */
Test(ls_ahead, ignore_files)
{
	struct run r;

	build();
	tree_text("d/.gitignore", "f0\n/3/\n/*/7/\ndeep\n");
	r = RUN("ls", "-lR", "--gitignore", "d");
	EXPECT_STATUS(r, 0);
	cr_expect(strstr(r.out, " f0\n") == NULL);
	cr_expect(strstr(r.out, "deep") == NULL);
	cr_expect(strstr(r.out, "d/3") == NULL);
	for (int i = 0; i < TOPS; i++) {
		char header[32];

		(void)snprintf(header, sizeof(header), "d/%d/7:", i);
		cr_expect(strstr(r.out, header) == NULL);
	}
	EXPECT_OUT_HAS(r, "d/8/11:\n");
	EXPECT_OUT_HAS(r, "d/8/6:\n");
}
