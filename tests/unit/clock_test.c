/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/clock.h"

#include "support/skip.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

TestSuite(clock);
TestSuite(peer_clock);

static const struct timespec now = { .tv_sec = 1700000000, .tv_nsec = 250000000 };

static void use_zone(const char *zone)
{
	cr_assert_eq(setenv("TZ", zone, 1), 0);
	tzset();
}

struct point {
	const char *text;
	int64_t seconds;
	long ns;
};

static void expect_points(const struct point *points, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct text_error error = { .reason = "" };
		struct timespec t = { 0 };

		cr_expect_eq(clock_parse(points[i].text, now, &t, &error), 0, "%s: %s",
		             points[i].text, error.reason);
		cr_expect_eq(t.tv_sec, points[i].seconds, "%s: %" PRId64, points[i].text,
		             (int64_t)t.tv_sec);
		cr_expect_eq(t.tv_nsec, points[i].ns, "%s: %ld", points[i].text, t.tv_nsec);
	}
}

Test(clock, points_in_time)
{
	static const struct point points[] = {
		{ "@0", 0, 0 },
		{ "@1700000000.5", 1700000000, 500000000 },
		{ "@-1.25", -2, 750000000 },
		{ "@-1", -1, 0 },
		{ "@-0.000000001", -1, 999999999 },
		{ "@9223372036854775807", INT64_MAX, 0 },
		{ "@-9223372036854775808", INT64_MIN, 0 },
		{ "1970-01-01", 0, 0 },
		{ "1970-01-01T00:00Z", 0, 0 },
		{ "1969-12-31 23:59:59.5Z", -1, 500000000 },
		{ "2024-02-29T12:34:56.789Z", 1709210096, 789000000 },
		{ "2024-02-29T12:34:56+05:45", 1709189396, 0 },
		{ "2024-02-29 12:34:56.000000001 -0800", 1709238896, 1 },
		{ "0000-01-01T00:00Z", INT64_C(-62167219200), 0 },
		{ "0000-03-01T00:00Z", INT64_C(-62162035200), 0 },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799), 0 },
		{ "1h", 1700000000 - 3600, 250000000 },
		{ "1h30m", 1700000000 - 5400, 250000000 },
		{ "500ms", 1699999999, 750000000 },
		{ "2w", 1700000000 - 14 * 86400, 250000000 },
		{ "0", 1700000000, 250000000 },
	};

	use_zone("UTC0");
	expect_points(points, ARRAY_LEN(points));
}

Test(clock, local_times_follow_tz)
{
	static const struct point points[] = {
		{ "2024-01-15 12:00", 1705316400, 0 },
		{ "2024-07-15 12:00", 1721037600, 0 },
		{ "2024-07-15", 1720994400, 0 },
		/* The hour that was skipped: an hour later. */
		{ "2024-03-31 02:30", 1711848600, 0 },
		{ "1969-12-31 23:59:59", -3601, 0 },
		{ "1970-01-01 00:59:59", -1, 0 },
	};

	use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	expect_points(points, ARRAY_LEN(points));
}

Test(clock, both_ways_to_seconds_agree)
{
	use_zone("UTC0");
	for (int64_t day = -719162; day < 2932896; day += 97) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
		struct timespec t = { .tv_sec = day * 86400 + 4711 };
		struct timespec local, zulu;
		struct text_error error;

		clock_add_time(&b, t, "+%Y-%m-%d %H:%M:%S");
		if (strlen(strbuf_str(&b)) != 19)
			continue; /* years below 1000 */
		cr_assert_eq(clock_parse(strbuf_str(&b), now, &local, &error), 0, "%s",
		             strbuf_str(&b));
		strbuf_add_char(&b, 'Z');
		cr_assert_eq(clock_parse(strbuf_str(&b), now, &zulu, &error), 0, "%s",
		             strbuf_str(&b));
		cr_assert_eq(local.tv_sec, t.tv_sec, "%s", strbuf_str(&b));
		cr_assert_eq(zulu.tv_sec, t.tv_sec, "%s", strbuf_str(&b));
	}
}

Test(clock, what_does_not_parse)
{
	static const struct {
		const char *text;
		int result;
		size_t offset;
	} cases[] = {
		{ "", -EINVAL, 0 },
		{ "@", -EINVAL, 1 },
		{ "@x", -EINVAL, 1 },
		{ "@1.", -EINVAL, 3 },
		{ "@1x", -EINVAL, 2 },
		{ "@9223372036854775808", -ERANGE, 1 },
		{ "@-9223372036854775808.5", -ERANGE, 2 },
		{ "yesterday", -EINVAL, 0 },
		{ "5M", -EINVAL, 1 },
		{ "2024-13-01", -EINVAL, 5 },
		{ "2024-00-01", -EINVAL, 5 },
		{ "2023-02-29", -EINVAL, 8 },
		{ "1900-02-29", -EINVAL, 8 },
		{ "2024-04-31", -EINVAL, 8 },
		{ "2024-1-1", -EINVAL, 6 },
		{ "24-01-01", -EINVAL, 2 },
		{ "2024-01-01x", -EINVAL, 10 },
		{ "2024-01-01T", -EINVAL, 11 },
		{ "2024-01-01T24:00", -EINVAL, 11 },
		{ "2024-01-01T12", -EINVAL, 13 },
		{ "2024-01-01T12:60", -EINVAL, 14 },
		{ "2024-01-01T12:00:60", -EINVAL, 17 },
		{ "2024-01-01T12:00Zx", -EINVAL, 17 },
		{ "2024-01-01T12:00+1", -EINVAL, 18 },
		{ "2024-01-01T12:00:00.0000000001Z", -EINVAL, 29 },
		{ "-1h", -EINVAL, 0 },
	};

	use_zone("UTC0");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error = { 0 };
		struct timespec t = { .tv_sec = 77 };

		cr_expect_eq(clock_parse(cases[i].text, now, &t, &error), cases[i].result, "'%s'",
		             cases[i].text);
		cr_expect_eq(t.tv_sec, 77, "'%s'", cases[i].text);
		cr_expect_not_null(error.reason, "'%s'", cases[i].text);
		cr_expect_eq(error.offset, cases[i].offset, "'%s': %zu", cases[i].text,
		             error.offset);
	}
}

Test(clock, an_age_before_the_beginning_is_refused)
{
	struct timespec t = { .tv_sec = 77 };
	struct timespec early = { .tv_sec = (time_t)INT64_MIN, .tv_nsec = 0 };
	struct text_error error;

	cr_assert_eq(clock_parse("1s", early, &t, &error), -ERANGE);
	cr_assert_eq(clock_parse("1ns", early, &t, &error), -ERANGE);
	cr_assert_eq(t.tv_sec, 77);
}

struct shown {
	int64_t seconds;
	long ns;
	const char *style, *out;
};

static void expect_shown(const struct shown *cases, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
		struct timespec t = { .tv_sec = (time_t)cases[i].seconds, .tv_nsec = cases[i].ns };

		clock_add_time(&b, t, cases[i].style);
		cr_expect_str_eq(strbuf_str(&b), cases[i].out, "case %zu: %s", i, strbuf_str(&b));
	}
}

Test(clock, times_as_printed)
{
	static const struct shown cases[] = {
		{ 1700000000, 5, "full-iso", "2023-11-14 22:13:20.000000005 +0000" },
		{ 1700000000, 5, "long-iso", "2023-11-14 22:13" },
		{ 1700000000, 5, "iso", "2023-11-14" },
		{ 1700000000, 123456789, "+%s.%N", "1700000000.123456789" },
		{ 1700000000, 123456789, "+%s.%3N", "1700000000.123" },
		{ 1700000000, 123456789, "+%12N", "123456789000" },
		{ 1700000000, 0, "+%a %A %b %B %p", "Tue Tuesday Nov November PM" },
		{ 1700000000, 0, "+%%N %N%%", "%N 000000000%" },
		{ 1700000000, 0, "+", "" },
		{ 1700000000, 0, "+100%", "100%" },
		{ 1700000000, 0, "+%:z", "+00:00" },
		{ 1700000000, 0, "+%-d/%-m", "14/11" },
		{ 1700000000, 0, "+%3%N", "  %N" },
		{ -1, 999999999, "full-iso", "1969-12-31 23:59:59.999999999 +0000" },
		{ -2208988800, 0, "long-iso", "1900-01-01 00:00" },
		{ INT64_C(253402300800), 0, "iso", "10000-01-01" },
		{ INT64_MAX, 0, "full-iso", "9223372036854775807" },
		{ INT64_MIN, 0, "iso", "-9223372036854775808" },
		{ 5, 0, "nonsense", "5" },
		{ 5, 0, "+%999999999d", "5" },
		{ 5, 0, "+%300S", NULL },
	};
	AUTO_RELEASE_STRBUF struct strbuf wide = { 0 };

	use_zone("UTC0");
	expect_shown(cases, ARRAY_LEN(cases) - 1);
	clock_add_time(&wide, (struct timespec){ .tv_sec = 5 }, "+%300S");
	cr_expect_eq(wide.len, 300);
}

Test(clock, zones_as_printed)
{
	static const struct shown cases[] = {
		{ 1700000000, 0, "full-iso", "2023-11-15 03:58:20.000000000 +0545" },
		{ 1700000000, 0, "+%:z", "+05:45" },
	};
	static const struct shown west[] = { { 0, 0, "+%F %:z", "1969-12-31 -03:30" } };

	use_zone("NPT-5:45");
	expect_shown(cases, ARRAY_LEN(cases));
	use_zone("NST3:30");
	expect_shown(west, ARRAY_LEN(west));
}

Test(clock, styles)
{
	cr_expect(clock_style_is_known("full-iso"));
	cr_expect(clock_style_is_known("long-iso"));
	cr_expect(clock_style_is_known("iso"));
	cr_expect(clock_style_is_known("+%Y"));
	cr_expect(clock_style_is_known("+"));
	cr_expect_not(clock_style_is_known(""));
	cr_expect_not(clock_style_is_known("full"));
	cr_expect_not(clock_style_is_known("locale"));
}

Test(clock, the_clocks_run)
{
	int64_t first = clock_now();

	cr_assert(clock_now() >= first);
	cr_assert(first > 0);
	cr_assert(clock_wall().tv_sec > 1700000000);
}

Test(peer_clock, times_are_those_of_gnu_du)
{
	static const char *const styles[] = { "full-iso", "long-iso", "iso", "+%s %N %j",
		                              "+%a %b %3N|%:z" };
	static const char *const stamps[] = { "@0", "@-86401.5", "@1700000000.123456789",
		                              "@4102444800", "@1711848600" };
	char path[] = "/tmp/clock_peer_XXXXXX";
	int fd;

	if (system("du --version 2>/dev/null | grep -q GNU") != 0)
		skip("GNU du is not installed");
	use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	fd = mkstemp(path);
	cr_assert(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(stamps) * ARRAY_LEN(styles); i++) {
		AUTO_RELEASE_STRBUF struct strbuf command = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf ours = { 0 };
		const char *style = styles[i % ARRAY_LEN(styles)];
		struct timespec t;
		struct text_error error;
		char line[256] = "";
		char *field;
		FILE *pipe;

		cr_assert_eq(clock_parse(stamps[i / ARRAY_LEN(styles)], now, &t, &error), 0);
		cr_assert_eq(futimens(fd, (struct timespec[]){ t, t }), 0);
		strbuf_add_format(&command, "LC_ALL=C du --time --time-style='%s' %s", style, path);
		pipe = popen(strbuf_str(&command), "r");
		cr_assert_not_null(pipe);
		cr_assert_not_null(fgets(line, sizeof(line), pipe));
		cr_assert_eq(pclose(pipe), 0);
		field = strchr(line, '\t') + 1;
		field[strcspn(field, "\t")] = '\0';
		clock_add_time(&ours, t, style);
		cr_expect_str_eq(strbuf_str(&ours), field, "%s %s", stamps[i / ARRAY_LEN(styles)],
		                 style);
	}
	(void)close(fd);
	(void)unlink(path);
}
