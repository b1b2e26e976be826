/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include "base/human.h"
#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>

enum {
	NS_PER_S = 1000000000,
	FORMATTED_MAX = 64 * 1024,
	NANO_WIDTH_MAX = 99,
};

int64_t clock_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

struct timespec clock_wall(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return t;
}

/* A text that is read from left to right. */
struct cursor {
	const char *text;
	size_t at;
	struct text_error *error;
};

static int refuse(struct cursor *c, int err, const char *reason, size_t offset, size_t len)
{
	*c->error = (struct text_error){ .reason = reason, .offset = offset, .len = len };
	return err;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool cursor_skip(struct cursor *c, char expected)
{
	if (c->text[c->at] != expected)
		return false;
	c->at++;
	return true;
}

/* Exactly `digits` digits whose value lies within [min, max]. */
static int read_field(struct cursor *c, int digits, int min, int max, int *ret)
{
	size_t start = c->at;
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!is_digit(c->text[c->at]))
			return refuse(c, -EINVAL, "a digit is missing here", c->at, 0);
		value = value * 10 + (c->text[c->at++] - '0');
	}
	if (value < min || value > max)
		return refuse(c, -EINVAL, "there is no such date or time", start, (size_t)digits);
	*ret = value;
	return 0;
}

/* An optional point and up to nine digits, as nanoseconds. */
static int read_fraction(struct cursor *c, long *ret_ns)
{
	long ns = 0;
	int digits = 0;

	if (!cursor_skip(c, '.')) {
		*ret_ns = 0;
		return 0;
	}
	if (!is_digit(c->text[c->at]))
		return refuse(c, -EINVAL, "digits are missing after the point", c->at, 0);
	for (; is_digit(c->text[c->at]); c->at++, digits++) {
		if (digits == 9)
			return refuse(c, -EINVAL, "too many digits after the point", c->at, 0);
		ns = ns * 10 + (c->text[c->at] - '0');
	}
	for (; digits < 9; digits++)
		ns *= 10;
	*ret_ns = ns;
	return 0;
}

static int read_epoch(struct cursor *c, struct timespec *ret)
{
	bool negative = cursor_skip(c, '-');
	size_t start = c->at;
	int64_t seconds = 0;
	long ns;
	int r;

	if (!is_digit(c->text[c->at]))
		return refuse(c, -EINVAL, "a number is missing here", c->at, 0);
	/* Downwards, where there is one value more. */
	for (; is_digit(c->text[c->at]); c->at++) {
		if (__builtin_mul_overflow(seconds, (int64_t)10, &seconds) ||
		    __builtin_sub_overflow(seconds, (int64_t)(c->text[c->at] - '0'), &seconds))
			return refuse(c, -ERANGE, "the time is out of range", start,
			              strspn(c->text + start, "0123456789"));
	}
	r = read_fraction(c, &ns);
	if (r < 0)
		return r;
	if ((negative && ns != 0 && __builtin_sub_overflow(seconds, (int64_t)1, &seconds)) ||
	    (!negative && __builtin_sub_overflow((int64_t)0, seconds, &seconds)))
		return refuse(c, -ERANGE, "the time is out of range", start, c->at - start);
	if (negative && ns != 0)
		ns = NS_PER_S - ns;
	*ret = (struct timespec){ .tv_sec = seconds, .tv_nsec = ns };
	return 0;
}

static int days_in_month(int year, int month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar, for years from 0 on. */
static int64_t days_from_date(int year, int month, int day)
{
	/* Years that begin in March put the leap day at the end. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;
	int64_t century = y >= 0 ? y / 100 : -1;
	int64_t leap_days = (y >= 0 ? y / 4 : -1) - century + (y >= 0 ? y / 400 : -1);

	return y * 365 + leap_days + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static int read_date(struct cursor *c, struct tm *tm)
{
	size_t start = c->at;
	int year = 0, month = 1, day = 1;
	int r = read_field(c, 4, 0, 9999, &year);

	if (r == 0 && !cursor_skip(c, '-'))
		r = refuse(c, -EINVAL, "a date is YYYY-MM-DD", start, 0);
	if (r == 0)
		r = read_field(c, 2, 1, 12, &month);
	if (r == 0 && !cursor_skip(c, '-'))
		r = refuse(c, -EINVAL, "a date is YYYY-MM-DD", start, 0);
	if (r == 0)
		r = read_field(c, 2, 1, 31, &day);
	if (r < 0)
		return r;
	if (day > days_in_month(year, month))
		return refuse(c, -EINVAL, "the month has fewer days", c->at - 2, 2);
	*tm = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	return 0;
}

/* HH:MM[:SS[.frac]] */
static int read_clock_time(struct cursor *c, struct tm *tm, long *ret_ns)
{
	int r = read_field(c, 2, 0, 23, &tm->tm_hour);

	if (r == 0 && !cursor_skip(c, ':'))
		r = refuse(c, -EINVAL, "a time is HH:MM[:SS]", c->at, 0);
	if (r == 0)
		r = read_field(c, 2, 0, 59, &tm->tm_min);
	if (r < 0 || !cursor_skip(c, ':'))
		return r;
	r = read_field(c, 2, 0, 59, &tm->tm_sec);
	return r < 0 ? r : read_fraction(c, ret_ns);
}

/* Z, +hh:mm, +hhmm; the sign may follow a blank, as ls --full-time prints it. */
static int read_zone(struct cursor *c, bool *ret_found, int *ret_seconds)
{
	int hours, minutes, r;
	bool west;

	if (cursor_skip(c, 'Z')) {
		*ret_found = true;
		*ret_seconds = 0;
		return 0;
	}
	if (c->text[c->at] == ' ' && (c->text[c->at + 1] == '+' || c->text[c->at + 1] == '-'))
		c->at++;
	west = c->text[c->at] == '-';
	if (!west && c->text[c->at] != '+') {
		*ret_found = false;
		*ret_seconds = 0;
		return 0;
	}
	c->at++;
	r = read_field(c, 2, 0, 23, &hours);
	if (r < 0)
		return r;
	(void)cursor_skip(c, ':');
	r = read_field(c, 2, 0, 59, &minutes);
	if (r < 0)
		return r;
	*ret_found = true;
	*ret_seconds = (hours * 60 + minutes) * (west ? -60 : 60);
	return 0;
}

static int local_seconds(struct cursor *c, struct tm *tm, time_t *ret)
{
	time_t seconds;

	/* mktime() sets the day of the week exactly when it succeeds; -1 is also a time. */
	tm->tm_isdst = -1;
	tm->tm_wday = -1;
	seconds = mktime(tm);
	if (tm->tm_wday < 0)
		return refuse(c, -ERANGE, "the time is out of range", 0, c->at);
	*ret = seconds;
	return 0;
}

static int read_date_time(struct cursor *c, struct timespec *ret)
{
	struct tm tm;
	struct timespec t = { 0 };
	bool has_zone = false;
	int zone = 0;
	int r = read_date(c, &tm);

	if (r < 0)
		return r;
	if (cursor_skip(c, 'T') || cursor_skip(c, ' ')) {
		r = read_clock_time(c, &tm, &t.tv_nsec);
		if (r == 0)
			r = read_zone(c, &has_zone, &zone);
		if (r < 0)
			return r;
	}
	if (has_zone)
		t.tv_sec = days_from_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 86400 +
		           (tm.tm_hour * INT64_C(60) + tm.tm_min) * 60 + tm.tm_sec - zone;
	else
		r = local_seconds(c, &tm, &t.tv_sec);
	if (r < 0)
		return r;
	*ret = t;
	return 0;
}

static int read_age(struct cursor *c, struct timespec now, struct timespec *ret)
{
	int64_t age;
	struct timespec t = now;
	int r = human_parse_duration(c->text, &age, c->error);

	if (r < 0)
		return r;
	t.tv_nsec -= age % NS_PER_S;
	if (__builtin_sub_overflow(t.tv_sec, age / NS_PER_S + (t.tv_nsec < 0), &t.tv_sec))
		return refuse(c, -ERANGE, "the time is out of range", 0, strlen(c->text));
	if (t.tv_nsec < 0)
		t.tv_nsec += NS_PER_S;
	c->at = strlen(c->text);
	*ret = t;
	return 0;
}

int clock_parse(const char *text, struct timespec now, struct timespec *ret,
                struct text_error *reterr)
{
	struct cursor c = { .text = text, .error = reterr };
	struct timespec t = { 0 };
	size_t digits = strspn(text, "0123456789");
	int r;

	if (cursor_skip(&c, '@'))
		r = read_epoch(&c, &t);
	else if (digits != 0 && text[digits] == '-')
		r = read_date_time(&c, &t);
	else
		r = read_age(&c, now, &t);
	if (r == 0 && text[c.at] != '\0')
		r = refuse(&c, -EINVAL, "not understood from here on", c.at, strlen(text + c.at));
	if (r < 0)
		return r;
	*ret = t;
	return 0;
}

/* The strftime format of a style; NULL when there is no such style. */
static const char *style_format(const char *style)
{
	static const struct {
		const char *name, *format;
	} styles[] = {
		{ "full-iso", "%Y-%m-%d %H:%M:%S.%N %z" },
		{ "long-iso", "%Y-%m-%d %H:%M" },
		{ "iso", "%Y-%m-%d" },
	};

	if (style[0] == '+')
		return style + 1;
	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		if (strcmp(style, styles[i].name) == 0)
			return styles[i].format;
	}
	return NULL;
}

bool clock_style_is_known(const char *style)
{
	return style_format(style) != NULL;
}

/* The first `width` digits of the nanoseconds, filled up with zeroes. */
static void add_nanoseconds(struct strbuf *b, long ns, size_t width)
{
	char digits[9];

	for (size_t i = sizeof(digits); i > 0; i--) {
		digits[i - 1] = (char)('0' + ns % 10);
		ns /= 10;
	}
	strbuf_add(b, digits, width < sizeof(digits) ? width : sizeof(digits));
	if (width > sizeof(digits))
		strbuf_add_fill(b, '0', width - sizeof(digits));
}

static void add_zone_with_colon(struct strbuf *b, const struct tm *tm)
{
	long minutes = tm->tm_gmtoff / 60;
	unsigned long size = (unsigned long)(minutes < 0 ? -minutes : minutes);

	strbuf_add_format(b, "%c%02lu:%02lu", minutes < 0 ? '-' : '+', size / 60, size % 60);
}

/* A conversion at `p`, which is a percent sign: its flags, width and letter. */
struct conversion {
	size_t len; /* of all of it */
	size_t width;
	char letter; /* 0 at the end of the format */
};

static struct conversion read_conversion(const char *p)
{
	size_t flags = 1 + strspn(p + 1, "-_0^#+");
	size_t digits = strspn(p + flags, "0123456789");
	struct conversion c = { .len = flags + digits, .letter = p[flags + digits] };

	for (size_t i = 0; i < digits && c.width <= NANO_WIDTH_MAX; i++)
		c.width = c.width * 10 + (size_t)(p[flags + i] - '0');
	c.len += c.letter != '\0';
	return c;
}

/*
 * What GNU's date formats have and strftime() lacks is filled in first: %N, with a
 * width as in %3N, and %:z. What is filled in contains no percent sign.
 */
static void expand_format(struct strbuf *b, const char *format, const struct tm *tm, long ns)
{
	const char *p = format;

	while (*p != '\0') {
		size_t plain = strcspn(p, "%");
		struct conversion c;

		strbuf_add(b, p, plain);
		p += plain;
		if (*p == '\0')
			break;
		c = read_conversion(p);
		if (c.letter == 'N' && c.width <= NANO_WIDTH_MAX) {
			add_nanoseconds(b, ns, c.width != 0 ? c.width : 9);
		} else if (c.letter == ':' && p[c.len] == 'z') {
			add_zone_with_colon(b, tm);
			c.len++;
		} else {
			strbuf_add(b, p, c.len);
		}
		p += c.len;
	}
}

/* False when the result would be unreasonably long. */
static bool add_formatted(struct strbuf *b, const char *format, const struct tm *tm)
{
	/* Shared and constant in the C library; nothing to free. */
	locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char small[256] = "";

	if (c_locale == (locale_t)0)
		return false;
	for (size_t size = sizeof(small); size <= FORMATTED_MAX; size *= 4) {
		char *big = size > sizeof(small) ? mem_alloc(size) : NULL;
		char *text = big != NULL ? big : small;
		size_t n = strftime_l(text, size, format, tm, c_locale);

		/* The format ends with a byte of ours, so that nothing printed is not 0. */
		if (n != 0)
			strbuf_add(b, text, n - 1);
		free(big);
		if (n != 0)
			return true;
	}
	return false;
}

void clock_add_time(struct strbuf *b, struct timespec t, const char *style)
{
	AUTO_RELEASE_STRBUF struct strbuf format = { 0 };
	const char *text = style_format(style);
	struct tm tm;

	if (text != NULL && localtime_r(&t.tv_sec, &tm) != NULL) {
		expand_format(&format, text, &tm, t.tv_nsec);
		strbuf_add_char(&format, '.');
		if (add_formatted(b, strbuf_str(&format), &tm))
			return;
	}
	strbuf_add_format(b, "%" PRIdMAX, (intmax_t)t.tv_sec);
}

enum { QUARTER = 15 * 60 };

/* Keeps the quarter around `seconds` when the clocks are not changed within it. */
static void cache_fill(struct clock_cache *cache, int64_t seconds)
{
	int64_t begin = seconds - seconds % QUARTER;
	const time_t first = begin;
	time_t last;
	struct tm a, b;

	cache->begin = cache->end = 0;
	if (__builtin_add_overflow(begin, QUARTER - 1, &last))
		return;
	if (localtime_r(&first, &a) == NULL || localtime_r(&last, &b) == NULL)
		return;
	if (a.tm_gmtoff != b.tm_gmtoff || a.tm_isdst != b.tm_isdst || a.tm_hour != b.tm_hour ||
	    a.tm_sec != 0 || b.tm_sec != 59 || b.tm_min - a.tm_min != QUARTER / 60 - 1)
		return;
	*cache = (struct clock_cache){ .begin = begin, .end = begin + QUARTER, .at_begin = a };
}

bool clock_local(struct clock_cache *cache, int64_t seconds, struct tm *ret)
{
	const time_t t = seconds;

	if (seconds < cache->begin || seconds >= cache->end) {
		if (seconds < 0)
			return localtime_r(&t, ret) != NULL;
		cache_fill(cache, seconds);
		if (cache->begin == cache->end)
			return localtime_r(&t, ret) != NULL;
	}
	*ret = cache->at_begin;
	ret->tm_min += (int)((seconds - cache->begin) / 60);
	ret->tm_sec = (int)((seconds - cache->begin) % 60);
	return true;
}
