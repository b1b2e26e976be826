/* SPDX-License-Identifier: MIT */
#include "cli/diag.h"

#include "base/fdio.h"
#include "cli/out.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

static int captured;

/* Standard error becomes a memory file; Criterion talks to its runner another way. */
static void capture(void)
{
	captured = memfd_create("err", MFD_CLOEXEC);
	cr_assert(captured >= 0);
	cr_assert(dup2(captured, STDERR_FILENO) >= 0);
}

static void expect_captured(const char *text)
{
	struct strbuf got = { 0 };

	cr_assert_eq(lseek(captured, 0, SEEK_SET), 0);
	cr_assert_eq(fdio_read_all(captured, 1 << 20, &got), 0);
	cr_expect_str_eq(strbuf_str(&got), text);
	strbuf_release(&got);
}

TestSuite(diag, .init = capture);

Test(diag, a_failure_names_the_file_and_the_reason)
{
	struct diag *d = diag_new("du", "dutybox du", (struct exit_codes){ 0 });

	cr_expect_eq(diag_fail(d, ENOENT, "access", "a b"), EXIT_FAIL);
	expect_captured("du: cannot access 'a b': No such file or directory\n");
	cr_expect_eq(diag_status(d, EXIT_YES), EXIT_FAIL);
	cr_expect_eq(diag_count(d), 1);
	diag_free(d);
}

Test(diag, hostile_names_are_escaped)
{
	struct diag *d = diag_new("du", "du", (struct exit_codes){ 0 });

	diag_fail(d, EACCES, "open", "x\033[2J\n\xff");
	expect_captured("du: cannot open 'x'$'\\033''[2J'$'\\n\\377': Permission denied\n");
	diag_free(d);
}

Test(diag, the_worst_status_wins_not_the_last)
{
	struct diag *d = diag_new("x", "x", (struct exit_codes){ 0 });

	diag_fail(d, EIO, "read", "a");
	diag_partial(d, EIO, "read", "b");
	diag_warn(d, NULL, "only a word");
	cr_expect_eq(diag_status(d, EXIT_YES), EXIT_FAIL);
	cr_expect_eq(diag_count(d), 2);
	diag_free(d);
}

Test(diag, a_difference_hides_no_trouble)
{
	static const int orders[][3] = {
		{ EXIT_DAMAGED, EXIT_FAIL, EXIT_FAIL },   { EXIT_FAIL, EXIT_DAMAGED, EXIT_FAIL },
		{ EXIT_DAMAGED, EXIT_USAGE, EXIT_USAGE }, { EXIT_DAMAGED, EXIT_NO, EXIT_DAMAGED },
		{ EXIT_NO, EXIT_DAMAGED, EXIT_DAMAGED },  { EXIT_DAMAGED, EXIT_GUARD, EXIT_GUARD },
	};

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct diag *d = diag_new("x", "x", (struct exit_codes){ 0 });

		diag_raise(d, orders[i][0]);
		diag_raise(d, orders[i][1]);
		cr_expect_eq(diag_status(d, EXIT_YES), orders[i][2], "case %zu", i);
		diag_free(d);
	}
}

Test(diag, a_warning_counts_nothing)
{
	struct diag *d = diag_new("x", "x", (struct exit_codes){ 0 });

	diag_warn(d, "f", "was %d", 3);
	expect_captured("x: 'f': was 3\n");
	cr_expect_eq(diag_status(d, EXIT_NO), EXIT_NO);
	diag_free(d);
}

Test(diag, foreign_names_keep_foreign_codes)
{
	struct diag *d = diag_new("du", "du", (struct exit_codes){ 1, 1 });

	cr_expect_eq(diag_usage(d, "no '%s'", "x"), 1);
	expect_captured("du: no 'x'\nTry 'du --help' for more information.\n");
	cr_expect_eq(diag_fail(d, EIO, "read", "a"), 1);
	diag_free(d);
}

Test(diag, a_caret_points_at_columns_not_bytes)
{
	struct diag *d = diag_new("glob", "dutybox glob", (struct exit_codes){ 0 });
	struct text_error where = { "no ] for this [", 5, 4 };

	cr_expect_eq(diag_caret(d, "bad pattern",
	                        "s\xc3\xa9"
	                        "c/[abc",
	                        &where),
	             EXIT_USAGE);
	expect_captured("glob: bad pattern: no ] for this [\n"
	                "    s\xc3\xa9"
	                "c/[abc\n"
	                "        ^~~~\n"
	                "Try 'dutybox glob --help' for more information.\n");
	diag_free(d);
}

Test(diag, a_caret_survives_an_offset_past_the_end)
{
	struct diag *d = diag_new("x", "x", (struct exit_codes){ 0 });
	struct text_error where = { "ends too early", 99, 5 };

	diag_caret(d, "bad size", "1\033", &where);
	expect_captured("x: bad size: ends too early\n"
	                "    1?\n"
	                "      ^\n"
	                "Try 'x --help' for more information.\n");
	diag_free(d);
}

Test(diag, messages_are_mirrored_as_records)
{
	int target = memfd_create("out", MFD_CLOEXEC);
	struct out *o = out_new(target);
	struct diag *d = diag_new("du", "du", (struct exit_codes){ 0 });
	char got[512] = { 0 };

	out_begin(o, &(struct out_opts){ .json = true });
	diag_mirror(d, o);
	diag_partial(d, EACCES, "read directory", "d");
	diag_warn(d, NULL, "no record for this");
	out_flush(o);
	cr_assert(pread(target, got, sizeof(got) - 1, 0) > 0);
	cr_expect_str_eq(got, "{\"record\":\"error\",\"op\":\"read directory\",\"path\":\"d\","
	                      "\"errno\":\"EACCES\",\"message\":\"cannot read directory 'd': "
	                      "Permission denied\"}\n");
	diag_free(d);
	out_free(o);
}

Test(diag, a_closed_standard_error_changes_nothing)
{
	struct diag *d = diag_new("x", "x", (struct exit_codes){ 0 });

	close(STDERR_FILENO);
	cr_expect_eq(diag_fail(d, EIO, "read", "a"), EXIT_FAIL);
	diag_free(d);
}

static void collect(const char *message, void *user)
{
	strbuf_add_str(user, message);
	strbuf_add_char(user, '\n');
}

Test(diag, a_watcher_hears_what_counts)
{
	AUTO_RELEASE_STRBUF struct strbuf heard = { 0 };
	struct diag *d = diag_new("x", "x", (struct exit_codes){ 0 });

	diag_watch(d, collect, &heard);
	diag_warn(d, NULL, "only a word");
	(void)diag_partial(d, EIO, "read", "a\nb");
	(void)diag_fail_text(d, NULL, "broken");
	diag_watch(d, NULL, NULL);
	(void)diag_fail_text(d, NULL, "unheard");
	cr_expect_str_eq(strbuf_str(&heard),
	                 "cannot read 'a'$'\\n''b': Input/output error\nbroken\n");
	diag_free(d);
}
