/* SPDX-License-Identifier: MIT */
#include "cli/job.h"

#include "base/fdio.h"
#include "base/sig.h"
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { COUNT };

static const struct column columns[] = { [COUNT] = { "count", COLUMN_COUNT, "how many" } };
static const struct column_table table = { columns, ARRAY_LEN(columns) };
static const struct applet applet = { .name = "some-job" };
static struct ctx ctx;
static int standard_output;

static void enter(void)
{
	sandbox_enter();
	cr_assert(dup2(memfd_create("err", MFD_CLOEXEC), STDERR_FILENO) >= 0);
	standard_output = memfd_create("out", MFD_CLOEXEC);
	ctx = (struct ctx){ .applet = &applet,
		            .diag = diag_new("some-job", "some-job", (struct exit_codes){ 0 }),
		            .out = out_new(standard_output) };
	diag_mirror(ctx.diag, ctx.out);
	out_begin(ctx.out, &(struct out_opts){ 0 });
}

static void leave(void)
{
	out_free(ctx.out);
	diag_free(ctx.diag);
	sandbox_leave();
}

TestSuite(job, .init = enter, .fini = leave);

static void emit(const char *kind, uint64_t count)
{
	struct record r;

	record_begin(&r, kind, &table);
	record_u64(&r, COUNT, count);
	out_emit(ctx.out, &r);
}

static const char *text_of(const char *path)
{
	struct strbuf b = { 0 };

	cr_assert_eq(fdio_read_file(AT_FDCWD, path, 1 << 20, &b), 0, "%s", path);
	return strbuf_detach(&b);
}

static struct json_lines lines_of(const char *path)
{
	const char *text = text_of(path);
	struct json_lines lines;
	const char *why = NULL;
	size_t at = 0;

	cr_assert(json_parse_lines(text, strlen(text), &lines, &why, &at), "%s at %zu: %s", why, at,
	          text);
	return lines;
}

static int run(const struct job_opts *opts, int status)
{
	struct job *job = NULL;
	int r = job_begin(&ctx, opts, &job);

	if (r != 0)
		return r;
	job_label(job, "dest", "/a b");
	emit("entry", 1);
	if (status != 0)
		(void)diag_partial(ctx.diag, EACCES, "open", "x");
	emit("summary", 2);
	job_gauge(job, "files", "Files.", 7);
	return job_end(job, status);
}

Test(job, nothing_asked_for_is_nothing_done)
{
	const struct job_opts opts = { 0 };

	cr_expect(!job_is_asked_for(&opts));
	cr_expect_eq(run(&opts, 0), 0);
	cr_expect_eq(job_end(NULL, 3), 3);
	expect_empty_dir(".");
	cr_expect_eq(lseek(standard_output, 0, SEEK_END), 0);
}

Test(job, the_log_gets_records_that_the_output_does_not)
{
	const struct job_opts opts = { .log_json = "log" };
	struct json_lines lines;

	cr_expect_str_eq(job_first_option(&opts), "--log-json");
	cr_expect_eq(run(&opts, 1), 1);
	lines = lines_of("log");
	cr_assert_eq(lines.len, 4);
	cr_expect_str_eq(json_string(lines.items[0], "record"), "event");
	cr_expect_str_eq(json_string(lines.items[0], "event"), "start");
	cr_expect_str_eq(json_string(lines.items[0], "applet"), "some-job");
	cr_expect(json_int(lines.items[0], "pid", -1) > 0);
	cr_expect_not_null(json_number(lines.items[0], "time"));
	cr_expect_str_eq(json_string(lines.items[2], "record"), "error");
	cr_expect_str_eq(json_string(lines.items[2], "errno"), "EACCES");
	cr_expect_str_eq(json_string(lines.items[3], "record"), "summary");
	out_flush(ctx.out);
	cr_expect_eq(lseek(standard_output, 0, SEEK_END), 0);
	/* What comes later is not for it any more. */
	emit("entry", 9);
	cr_expect_eq(lines_of("log").len, 4);
}

Test(job, with_json_both_get_them_and_the_log_grows)
{
	const struct job_opts opts = { .log_json = "log" };
	char text[200] = "";

	out_begin(ctx.out, &(struct out_opts){ .json = true });
	cr_expect_eq(run(&opts, 0), 0);
	cr_expect_eq(run(&opts, 0), 0);
	cr_expect_eq(lines_of("log").len, 6);
	out_flush(ctx.out);
	cr_assert(pread(standard_output, text, sizeof(text) - 1, 0) > 0);
	cr_expect_str_eq(text, "{\"record\":\"entry\",\"count\":1}\n"
	                       "{\"record\":\"summary\",\"count\":2}\n"
	                       "{\"record\":\"entry\",\"count\":1}\n"
	                       "{\"record\":\"summary\",\"count\":2}\n");
}

Test(job, metrics_tell_the_run_and_keep_the_last_success)
{
	const struct job_opts opts = { .metrics_file = "m.prom" };
	static const char success[] =
		"\ndutybox_some_job_last_success_timestamp_seconds{dest=\"/a b\"} ";
	const char *first;
	const char *second;

	cr_expect_eq(run(&opts, 1), 1);
	first = text_of("m.prom");
	cr_expect_null(strstr(first, "success"), "%s", first);
	cr_expect_not_null(strstr(first, "\ndutybox_some_job_last_exit_code{dest=\"/a b\"} 1\n"),
	                   "%s", first);
	cr_expect_not_null(strstr(first, "\ndutybox_some_job_errors{dest=\"/a b\"} 1\n"));
	cr_expect_not_null(strstr(first, "\ndutybox_some_job_files{dest=\"/a b\"} 7\n"));
	diag_free(ctx.diag);
	ctx.diag = diag_new("some-job", "some-job", (struct exit_codes){ 0 });
	cr_expect_eq(run(&opts, 0), 0);
	first = strstr(text_of("m.prom"), success);
	cr_assert_not_null(first);
	/* As if that had been long ago. */
	tree_text("m.prom", "dutybox_some_job_last_success_timestamp_seconds{dest=\"/a b\"} 12\n");
	cr_expect_eq(run(&opts, 1), 1);
	second = strstr(text_of("m.prom"), success);
	cr_assert_not_null(second);
	cr_expect_eq(strncmp(second + sizeof(success) - 1, "12\n", 3), 0, "%s", second);
	expect_names(".", "m.prom");
}

Test(job, a_signal_is_in_the_metrics)
{
	const struct job_opts opts = { .metrics_file = "m.prom" };

	sig_install();
	sig_stop(SIGTERM);
	cr_expect_eq(run(&opts, 0), 0);
	cr_expect_not_null(strstr(text_of("m.prom"), "_last_exit_code{dest=\"/a b\"} 143\n"));
	sig_restore();
}

Test(job, what_cannot_be_opened_ends_the_run_before_it_began)
{
	struct job *job = NULL;

	cr_expect_eq(job_begin(&ctx, &(struct job_opts){ .log_json = "no/log" }, &job), EXIT_FAIL);
	cr_expect_eq(job_begin(&ctx, &(struct job_opts){ .syslog = "nonsense", .log_json = "log" },
	                       &job),
	             EXIT_USAGE);
	cr_expect_null(job);
	expect_empty_dir(".");
	cr_expect(!out_wants_records(ctx.out));
}

Test(job, what_cannot_be_written_in_the_end_is_told)
{
	cr_expect_eq(run(&(struct job_opts){ .metrics_file = "no/m.prom" }, 0), EXIT_NO);
	cr_expect_eq(run(&(struct job_opts){ .log_json = "/dev/full" }, 0), EXIT_NO);
	cr_expect_eq(diag_count(ctx.diag), 2);
}

Test(job, output_that_failed_is_no_success)
{
	const struct job_opts opts = { .metrics_file = "m.prom" };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	out_free(ctx.out);
	ctx.out = out_new(full);
	out_begin(ctx.out, &(struct out_opts){ .json = true });
	cr_expect_eq(run(&opts, 0), 0);
	cr_expect_not_null(strstr(text_of("m.prom"), "_last_exit_code{dest=\"/a b\"} 3\n"));
}
