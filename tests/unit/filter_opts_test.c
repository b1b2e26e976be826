/* SPDX-License-Identifier: MIT */
#include "cli/filter_opts.h"

#include "base/fdio.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <sys/mman.h>
#include <unistd.h>

static int captured;

static void capture(void)
{
	captured = memfd_create("err", MFD_CLOEXEC);
	cr_assert(captured >= 0);
	cr_assert(dup2(captured, STDERR_FILENO) >= 0);
	cr_assert_eq(setenv("TZ", "UTC", 1), 0);
}

TestSuite(filter_opts, .init = capture);

static void expect_captured(const char *part)
{
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	cr_assert_eq(lseek(captured, 0, SEEK_SET), 0);
	cr_assert_eq(fdio_read_all(captured, 1 << 20, &got), 0);
	cr_expect(*part ? strstr(strbuf_str(&got), part) != NULL : got.len == 0, "%s",
	          strbuf_str(&got));
	cr_assert_eq(ftruncate(captured, 0), 0);
	cr_assert_eq(lseek(captured, 0, SEEK_SET), 0);
}

/* What an applet does: the words become a filter, or the status that is returned. */
static int filter_from(const char *const *words, struct filter **ret)
{
	struct filter_cli_opts opts = { 0 };
	struct opt_request request = { .table = &filter_opt_table, .fields = &opts };
	struct opt_error error;
	struct diag *d = diag_new("x", "x", (struct exit_codes){ 0 });
	const char *argv[16] = { "x" };
	char **operands = NULL;
	int argc = 1;
	int status;

	while (words[argc - 1]) {
		argv[argc] = words[argc - 1];
		argc++;
	}
	cr_assert_eq(opt_parse(&request, argc, (char **)(uintptr_t)argv, &operands, &error),
	             OPT_PARSED, "%s", strbuf_str(&error.message));
	status = filter_cli_compile(d, &opts, ret);
	cr_expect_eq(diag_status(d, 0), status);
	opt_release(&filter_opt_table, &opts);
	free(operands);
	diag_free(d);
	return status;
}

#define FILTER(ret, ...) filter_from((const char *const[]){ __VA_ARGS__, NULL }, (ret))

Test(filter_opts, nothing_given_is_trivial)
{
	AUTO_FREE(filter) struct filter *f = NULL;

	cr_assert_eq(filter_from((const char *const[]){ NULL }, &f), 0);
	cr_assert(filter_is_trivial(f));
	expect_captured("");
}

Test(filter_opts, rules_keep_their_order)
{
	AUTO_FREE(filter) struct filter *f = NULL;

	cr_assert_eq(
		FILTER(&f, "--include=a.o", "--exclude", "*.o", "--ignore=tmp", "--include=tmp"),
		0);
	cr_expect(filter_wants(f, NULL, "a.o", 3, DT_REG));
	cr_expect_not(filter_wants(f, NULL, "b.o", 3, DT_REG));
	cr_expect_not(filter_wants(f, NULL, "tmp", 3, DT_DIR));
}

Test(filter_opts, limits_reach_the_filter)
{
	AUTO_FREE(filter) struct filter *f = NULL;
	struct stat st = { .st_size = 2048, .st_mtim = { 86400, 0 }, .st_uid = 12 };
	struct stat changed;

	cr_assert_eq(FILTER(&f, "--min-size=2K", "--max-size=2KiB", "--newer=1970-01-02T00:00Z",
	                    "--older=@86400", "--owner=12", "--type=f,l", "--type=p"),
	             0);
	cr_expect(filter_passes_stat(f, DT_REG, &st));
	cr_expect(filter_passes_stat(f, DT_FIFO, &st));
	cr_expect_not(filter_passes_stat(f, DT_SOCK, &st));
	changed = st, changed.st_size--;
	cr_expect_not(filter_passes_stat(f, DT_REG, &changed));
	changed = st, changed.st_size++;
	cr_expect_not(filter_passes_stat(f, DT_REG, &changed));
	changed = st, changed.st_mtim.tv_sec--;
	cr_expect_not(filter_passes_stat(f, DT_REG, &changed));
	changed = st, changed.st_mtim.tv_nsec++;
	cr_expect_not(filter_passes_stat(f, DT_REG, &changed));
	changed = st, changed.st_uid++;
	cr_expect_not(filter_passes_stat(f, DT_REG, &changed));
}

Test(filter_opts, max_size_zero_is_a_limit)
{
	AUTO_FREE(filter) struct filter *f = NULL;

	cr_assert_eq(FILTER(&f, "--max-size=0"), 0);
	cr_expect(filter_passes_stat(f, DT_REG, &(struct stat){ .st_size = 0 }));
	cr_expect_not(filter_passes_stat(f, DT_REG, &(struct stat){ .st_size = 1 }));
}

Test(filter_opts, owner_by_name)
{
	AUTO_FREE(filter) struct filter *f = NULL;

	cr_assert_eq(FILTER(&f, "--owner=root"), 0);
	cr_expect(filter_passes_stat(f, DT_REG, &(struct stat){ .st_uid = 0 }));
	cr_expect_not(filter_passes_stat(f, DT_REG, &(struct stat){ .st_uid = 1 }));
}

Test(filter_opts, mistakes_are_usage_errors_with_a_caret)
{
	static const struct {
		const char *word, *message;
	} cases[] = {
		{ "--exclude=a[b", "x: --exclude: no ] for this [\n" },
		{ "--include={a,b", "x: --include: no } for this {\n" },
		{ "--ignore=a/b", "x: --ignore: a base name has no slash\n" },
		{ "--type=f,zoo", "x: --type: expected letters of fdlpscb" },
		{ "--min-size=5X", "x: --min-size: " },
		{ "--max-size=big", "x: --max-size: " },
		{ "--newer=yesterdayish", "x: --newer: " },
		{ "--older=2026-13-01", "x: --older: " },
		{ "--owner=no such user", "x: --owner: no such user\n" },
		{ "--owner=4294967295", "x: --owner: too large for a user's number\n" },
		{ "--owner=99999999999999999999", "x: --owner: too large for a user's number\n" },
		{ "--exclude-if-present=a/b",
		  "x: --exclude-if-present: a name in a directory has no" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter *f = NULL;

		cr_expect_eq(FILTER(&f, cases[i].word), EXIT_USAGE, "%s", cases[i].word);
		cr_expect_null(f, "%s", cases[i].word);
		expect_captured(cases[i].message);
	}
}

Test(filter_opts, a_missing_file_is_a_failure)
{
	struct filter *f = NULL;

	cr_expect_eq(FILTER(&f, "--exclude-from=/nonexistent/list"), EXIT_FAIL);
	expect_captured("x: cannot read '/nonexistent/list': No such file or directory\n");
}

Test(filter_opts, standard_input_is_a_file_of_rules)
{
	AUTO_FREE(filter) struct filter *f = NULL;
	struct filter *bad = NULL;
	int in = memfd_create("in", MFD_CLOEXEC);

	cr_assert_eq(write(in, "*.o\n[\n", 6), 6);
	cr_assert_eq(lseek(in, 0, SEEK_SET), 0);
	cr_assert(dup2(in, STDIN_FILENO) >= 0);
	cr_expect_eq(FILTER(&bad, "--exclude-from=-"), EXIT_USAGE);
	expect_captured("x: -:2: no ] for this [\n");
	cr_assert_eq(ftruncate(in, 4), 0);
	cr_assert_eq(lseek(in, 0, SEEK_SET), 0);
	cr_assert_eq(FILTER(&f, "--exclude-from=-"), 0);
	cr_expect_not(filter_wants(f, NULL, "a.o", 3, DT_REG));
	cr_expect(filter_wants(f, NULL, "[", 1, DT_REG));
}
