/* SPDX-License-Identifier: MIT */
/* Stamps and tags before lines. */
#include "sys/line_prefix.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

TestSuite(line_prefix);

static void expect_lines(const struct line_prefix *p, const char *text, const char *expected)
{
	for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
		struct line_place place = { 0 };
		struct strbuf b = { 0 };

		for (size_t at = 0; at < strlen(text); at += piece) {
			size_t left = strlen(text) - at;

			line_prefix_add(p, &place, text + at, left < piece ? left : piece, &b);
		}
		cr_expect_str_eq(strbuf_str(&b), expected, "piece %zu", piece);
		strbuf_release(&b);
	}
}

Test(line_prefix, one_for_each_line)
{
	struct line_prefix tag = { .tag = ">" };
	struct line_prefix none = { 0 };

	expect_lines(&tag, "", "");
	expect_lines(&tag, "a\nb", "> a\n> b");
	expect_lines(&tag, "\n\na\n", "> \n> \n> a\n");
	expect_lines(&none, "a\nb", "a\nb");
}

Test(line_prefix, formats)
{
	struct line_prefix p = { 0 };

	cr_assert_eq(line_prefix_set_stamp(&p, "fixed %% .S"), 0);
	cr_expect_eq(p.stamp, LINE_STAMP_TIME);
	expect_lines(&p, "a\n", "fixed % .S a\n");
	p.tag = "t";
	expect_lines(&p, "a\n", "fixed % .S t a\n");
	cr_expect_eq(line_prefix_set_stamp(&p, ""), -EINVAL);
	cr_expect_eq(line_prefix_set_stamp(&p, "a\nb"), -EINVAL);
	cr_assert_eq(line_prefix_set_stamp(&p, "elapsed"), 0);
	cr_expect_eq(p.stamp, LINE_STAMP_ELAPSED);
	cr_assert_eq(line_prefix_set_stamp(&p, "delta"), 0);
	cr_expect_eq(p.stamp, LINE_STAMP_DELTA);
	line_prefix_release(&p);
	cr_expect_eq(p.style, NULL);
}

Test(line_prefix, sub_seconds_of_ts)
{
	struct line_prefix p = { 0 };
	struct line_place place = { 0 };
	struct strbuf b = { 0 };
	int64_t now = clock_wall().tv_sec;
	char *end;

	cr_assert_eq(line_prefix_set_stamp(&p, "%.s"), 0);
	line_prefix_add(&p, &place, "x", 1, &b);
	cr_expect(strtoll(b.data, &end, 10) >= now);
	cr_expect_eq(*end, '.');
	cr_expect_eq(strspn(end + 1, "0123456789"), 6);
	cr_expect_str_eq(end + 7, " x");
	strbuf_release(&b);
	line_prefix_release(&p);
}

Test(line_prefix, times_since)
{
	static const int64_t hour_ns = INT64_C(3600000000000);
	struct line_prefix p = { .stamp = LINE_STAMP_ELAPSED, .began = clock_now() - 30 * hour_ns };
	struct line_place place = { 0 };
	struct strbuf b = { 0 };

	line_prefix_add(&p, &place, "x\n", 2, &b);
	cr_expect_eq(strncmp(b.data, "30:00:", 6), 0, "%s", b.data);
	p.stamp = LINE_STAMP_DELTA;
	strbuf_clear(&b);
	line_prefix_add(&p, &place, "x\n", 2, &b);
	cr_expect_eq(strncmp(b.data, "30:00:", 6), 0, "%s", b.data);
	strbuf_clear(&b);
	line_prefix_add(&p, &place, "x\n", 2, &b);
	cr_expect_eq(strncmp(b.data, "00:00:", 6), 0, "%s", b.data);
	strbuf_release(&b);
}
