/* SPDX-License-Identifier: MIT */
#include "cli/out.h"

#include "base/fdio.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

enum { NAME, WORD, SIZE, DELTA, WHEN, PART, FLAG, UNSET };

static const struct column columns[] = {
	[NAME] = { "name", COLUMN_NAME, "a name" },
	[WORD] = { "word", COLUMN_TEXT, "a word" },
	[SIZE] = { "size", COLUMN_SIZE, "bytes" },
	[DELTA] = { "delta", COLUMN_INT, "change" },
	[WHEN] = { "when", COLUMN_TIME, "a time" },
	[PART] = { "part_pct", COLUMN_FIXED, "share" },
	[FLAG] = { "flag", COLUMN_BOOL, "a flag" },
	[UNSET] = { "unset", COLUMN_COUNT, "never set" },
};
static const struct column_table table = { columns, ARRAY_LEN(columns) };

static int target;

static void open_target(void)
{
	target = memfd_create("out", MFD_CLOEXEC);
	cr_assert(target >= 0);
}

static void expect_target(const char *text, size_t len)
{
	struct strbuf got = { 0 };

	cr_assert_eq(lseek(target, 0, SEEK_SET), 0);
	cr_assert_eq(fdio_read_all(target, 1 << 20, &got), 0);
	cr_assert_eq(got.len, len, "%s", strbuf_str(&got));
	cr_expect_eq(memcmp(strbuf_str(&got), text, len), 0, "%s", strbuf_str(&got));
	strbuf_release(&got);
}

TestSuite(out, .init = open_target);

Test(out, a_record_has_every_column_in_order)
{
	struct out *o = out_new(target);
	struct record r;

	out_begin(o, &(struct out_opts){ .json = true });
	record_begin(&r, "entry", &table);
	record_bool(&r, FLAG, true);
	record_name(&r, NAME, "a\n\"b");
	record_name(&r, WORD, "file");
	record_u64(&r, SIZE, UINT64_MAX);
	record_i64(&r, DELTA, INT64_MIN);
	record_time(&r, WHEN, (struct timespec){ 12, 500000000 });
	record_fixed(&r, PART, -1234, 2);
	out_emit(o, &r);
	out_flush(o);

	static const char expected[] =
		"{\"record\":\"entry\",\"name\":\"a\\n\\\"b\",\"word\":\"file\","
		"\"size\":18446744073709551615,\"delta\":-9223372036854775808,\"when\":12.5,"
		"\"part_pct\":-12.34,\"flag\":true,\"unset\":null}\n";

	expect_target(expected, sizeof(expected) - 1);
	out_free(o);
}

Test(out, bytes_that_are_not_utf8_are_kept_beside_the_text)
{
	static const struct column_table names = { columns, 1 };
	struct out *o = out_new(target);
	struct record r;

	out_begin(o, &(struct out_opts){ .json = true });
	record_begin(&r, "entry", &names);
	record_bytes(&r, NAME, "a\xff", 2);
	out_emit(o, &r);
	out_flush(o);

	static const char expected[] =
		"{\"record\":\"entry\",\"name\":\"a\xef\xbf\xbd\",\"name_b64\":\"Yf8=\"}\n";

	expect_target(expected, sizeof(expected) - 1);
	out_free(o);
}

Test(out, lines_end_in_nul_under_zero_and_a_dash_gets_a_directory)
{
	struct out *o = out_new(target);
	struct strbuf line = { 0 };

	out_begin(o, &(struct out_opts){ .zero = true });
	out_add_name(o, &line, "-rf", 3);
	out_line(o, &line);
	cr_expect_eq(line.len, 0);
	out_add_name(o, &line, "a\nb", 3);
	out_line(o, &line);
	out_flush(o);
	expect_target("./-rf\0a\nb\0", 10);
	strbuf_release(&line);
	out_free(o);
}

Test(out, text_to_a_pipe_is_raw)
{
	struct out *o = out_new(target);
	struct strbuf line = { 0 };

	out_begin(o, &(struct out_opts){ 0 });
	cr_expect_not(out_quotes(o));
	out_add_name(o, &line, "-a\033[0m b", 8);
	out_line(o, &line);
	out_flush(o);
	expect_target("-a\033[0m b\n", 9);
	strbuf_release(&line);
	out_free(o);
}

Test(out, more_than_a_buffer_arrives_whole)
{
	struct out *o = out_new(target);
	struct strbuf expected = { 0 };

	out_begin(o, &(struct out_opts){ 0 });
	for (int i = 0; i < 40000; i++) {
		char text[16];
		int n = snprintf(text, sizeof(text), "%d\n", i);

		out_text(o, text, (size_t)n);
		strbuf_add(&expected, text, (size_t)n);
	}
	out_flush(o);
	expect_target(expected.data, expected.len);
	strbuf_release(&expected);
	out_free(o);
}

Test(out, a_failed_write_sticks)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct out *o = out_new(full);

	out_begin(o, &(struct out_opts){ 0 });
	out_text(o, "x", 1);
	cr_expect_not(out_failed(o));
	out_flush(o);
	cr_expect(out_failed(o));
	out_text(o, "y", 1);
	cr_expect_eq(out_finish(o), -ENOSPC);
	out_free(o);
}

Test(out, a_closed_descriptor_fails_only_when_something_was_written)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct out *silent = out_new(dup(null));
	struct out *loud = out_new(null);

	cr_expect_eq(out_finish(silent), 0);
	out_text(loud, "x", 1);
	cr_expect_eq(out_finish(loud), -EBADF);
	out_free(silent);
	out_free(loud);
}

Test(out, a_log_gets_records_whatever_the_format)
{
	struct out *o = out_new(-1);
	struct out *log = out_new(target);
	struct record r;

	out_begin(o, &(struct out_opts){ .zero = true });
	out_begin(log, &(struct out_opts){ .json = true });
	cr_expect(!out_wants_records(o));
	out_tee(o, log);
	cr_expect(out_wants_records(o));
	record_begin(&r, "entry", &(struct column_table){ columns, 1 });
	record_name(&r, NAME, "a");
	out_emit(o, &r);
	/* At once, without a flush. */
	expect_target("{\"record\":\"entry\",\"name\":\"a\"}\n", 30);
	out_tee(o, NULL);
	cr_expect(!out_wants_records(o));
	out_emit(o, &r);
	out_flush(o);
	/* Nothing of it went to the output, whose descriptor is none. */
	cr_expect(!out_failed(o));
	expect_target("{\"record\":\"entry\",\"name\":\"a\"}\n", 30);
	out_free(o);
	out_free(log);
}
