/* SPDX-License-Identifier: MIT */
#include "base/human.h"

#include "base/num.h"

#include <errno.h>
#include <inttypes.h>

static const char unit_letters[] = "KMGTPEZYRQ";

enum {
	/* 10^16 * 1024 still fits 64 bits. */
	FRACTION_DIGITS_MAX = 16,
	/* 10^9 * 10^9 still does. */
	DURATION_DIGITS_MAX = 9,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static int refuse(struct text_error *reterr, int err, const char *reason, size_t offset, size_t len)
{
	*reterr = (struct text_error){ .reason = reason, .offset = offset, .len = len };
	return err;
}

/* N[.N] split at the point: the value is whole + fraction / scale. */
struct decimal {
	uint64_t whole;
	uint64_t fraction;
	uint64_t scale; /* a power of ten, 1 without a fraction */
	size_t len;     /* bytes that were read */
};

static int decimal_read(const char *text, size_t digits_max, size_t offset, struct decimal *ret,
                        struct text_error *reterr)
{
	struct decimal d = { .scale = 1 };
	const char *p = text;

	if (!is_digit(*p))
		return refuse(reterr, -EINVAL, "a number is missing here", offset, 0);
	for (; is_digit(*p); p++) {
		if (__builtin_mul_overflow(d.whole, (uint64_t)10, &d.whole) ||
		    __builtin_add_overflow(d.whole, (uint64_t)(*p - '0'), &d.whole))
			return refuse(reterr, -ERANGE, "the number is too large", offset,
			              (size_t)(p - text) + 1);
	}
	if (*p == '.') {
		size_t digits = 0;

		p++;
		if (!is_digit(*p))
			return refuse(reterr, -EINVAL, "digits are missing after the point",
			              offset + (size_t)(p - text), 0);
		for (; is_digit(*p); p++, digits++) {
			if (digits == digits_max)
				return refuse(reterr, -EINVAL, "too many digits after the point",
				              offset + (size_t)(p - text), 0);
			d.fraction = d.fraction * 10 + (uint64_t)(*p - '0');
			d.scale *= 10;
		}
	}
	d.len = (size_t)(p - text);
	*ret = d;
	return 0;
}

/* 1 for K up to 10 for Q, 0 for anything else. */
static unsigned unit_power(char letter)
{
	const char *at = letter != '\0' ? strchr(unit_letters, to_upper(letter)) : NULL;

	return at != NULL ? (unsigned)(at - unit_letters) + 1 : 0;
}

/* The power and the base that a size's unit stands for; false when it is none. */
static bool size_unit(const char *unit, unsigned *ret_power, uint64_t *ret_base)
{
	unsigned power = unit_power(unit[0]);
	uint64_t base = 1024;
	const char *rest = unit + (power != 0);

	if (power != 0 && to_upper(rest[0]) == 'I')
		rest += to_upper(rest[1]) == 'B' ? 2 : 1;
	else if (to_upper(rest[0]) == 'B') {
		base = 1000;
		rest++;
	}
	if (*rest != '\0')
		return false;
	*ret_power = power;
	*ret_base = base;
	return true;
}

int human_parse_size(const char *text, uint64_t *ret, struct text_error *reterr)
{
	struct decimal d;
	uint64_t base;
	unsigned power;
	int r = decimal_read(text, FRACTION_DIGITS_MAX, 0, &d, reterr);

	if (r < 0)
		return r;
	if (!size_unit(text + d.len, &power, &base))
		return refuse(reterr, -EINVAL, "not a unit of size (K, M, G, KiB, kB ...)", d.len,
		              strlen(text + d.len));
	if (power == 0 && d.fraction != 0)
		return refuse(reterr, -EINVAL, "a byte cannot be divided", 0, d.len);
	for (; power > 0; power--) {
		uint64_t carried = d.fraction * base;

		if (__builtin_mul_overflow(d.whole, base, &d.whole) ||
		    __builtin_add_overflow(d.whole, carried / d.scale, &d.whole))
			return refuse(reterr, -ERANGE, "the size does not fit into 64 bits", 0,
			              strlen(text));
		d.fraction = carried % d.scale;
	}
	*ret = d.whole;
	return 0;
}

#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_DAY (86400 * NS_PER_S)

struct duration_unit {
	char name[8];
	int64_t ns;
};

static const struct duration_unit duration_units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", NS_PER_S },
	{ "sec", NS_PER_S },
	{ "second", NS_PER_S },
	{ "seconds", NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "min", 60 * NS_PER_S },
	{ "minute", 60 * NS_PER_S },
	{ "minutes", 60 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "hour", 3600 * NS_PER_S },
	{ "hours", 3600 * NS_PER_S },
	{ "d", NS_PER_DAY },
	{ "day", NS_PER_DAY },
	{ "days", NS_PER_DAY },
	{ "w", 7 * NS_PER_DAY },
	{ "week", 7 * NS_PER_DAY },
	{ "weeks", 7 * NS_PER_DAY },
	{ "mo", 30 * NS_PER_DAY },
	{ "month", 30 * NS_PER_DAY },
	{ "months", 30 * NS_PER_DAY },
	{ "y", 365 * NS_PER_DAY },
	{ "year", 365 * NS_PER_DAY },
	{ "years", 365 * NS_PER_DAY },
};

static const struct duration_unit *duration_unit_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(duration_units); i++) {
		const struct duration_unit *unit = &duration_units[i];

		if (strncmp(unit->name, name, len) == 0 && unit->name[len] == '\0')
			return unit;
	}
	return NULL;
}

/* *total += d * unit, exactly and rounded down; false when it does not fit. */
static bool duration_add(int64_t *total, const struct decimal *d, int64_t unit)
{
	uint64_t scale = d->scale;
	uint64_t per = (uint64_t)unit / scale;
	uint64_t rest = (uint64_t)unit % scale;
	uint64_t fraction = d->fraction * per + d->fraction * rest / scale;
	int64_t whole;

	return !__builtin_mul_overflow(d->whole, unit, &whole) &&
	       !__builtin_add_overflow(*total, whole, total) &&
	       !__builtin_add_overflow(*total, fraction, total);
}

static int duration_unit_read(const char *text, size_t at, size_t len,
                              const struct duration_unit **ret, struct text_error *reterr)
{
	const struct duration_unit *unit = duration_unit_find(text + at, len);

	if (len == 1 && text[at] == 'M')
		return refuse(reterr, -EINVAL, "M may be minutes or months: write min or mo", at,
		              1);
	if (len == 0 && text[at] != '\0')
		return refuse(reterr, -EINVAL, "not a duration", at, strlen(text + at));
	if (len == 0)
		return refuse(reterr, -EINVAL, "a unit is missing here", at, 0);
	if (unit == NULL)
		return refuse(reterr, -EINVAL, "not a unit of time (ms s min h d w mo y)", at, len);
	*ret = unit;
	return 0;
}

int human_parse_duration(const char *text, int64_t *ret_ns, struct text_error *reterr)
{
	static const struct duration_unit seconds = { "", NS_PER_S };
	int64_t total = 0;
	int64_t before = INT64_MAX;
	size_t at = 0;

	if (text[0] == '-')
		return refuse(reterr, -EINVAL, "a duration cannot be negative", 0, 1);
	do {
		const struct duration_unit *unit = &seconds;
		struct decimal d;
		size_t len;
		int r = decimal_read(text + at, DURATION_DIGITS_MAX, at, &d, reterr);

		if (r < 0)
			return r;
		len = strspn(text + at + d.len,
		             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (at != 0 || text[d.len] != '\0')
			r = duration_unit_read(text, at + d.len, len, &unit, reterr);
		if (r < 0)
			return r;
		if (unit->ns >= before)
			return refuse(reterr, -EINVAL, "units must become smaller", at,
			              d.len + len);
		if (!duration_add(&total, &d, unit->ns))
			return refuse(reterr, -ERANGE, "longer than 292 years", 0, strlen(text));
		before = unit->ns;
		at += d.len + len;
	} while (text[at] != '\0');
	*ret_ns = total;
	return 0;
}

struct block_unit {
	char letter;
	unsigned power;
	uint64_t base;
	bool iec, si;
};

/* K, KiB, KB, or KD, whose base is 1000 too; a lone B is no unit here. */
static bool block_unit_read(const char *text, struct block_unit *ret)
{
	unsigned power = unit_power(text[0]);
	struct block_unit unit = { .power = power, .base = 1024 };

	if (power == 0)
		return false;
	unit.letter = unit_letters[power - 1];
	if (strcmp(text + 1, "iB") == 0)
		unit.iec = true;
	else if (strcmp(text + 1, "B") == 0)
		unit.si = true;
	else if (text[1] != '\0' && strcmp(text + 1, "D") != 0)
		return false;
	if (text[1] == 'B' || text[1] == 'D')
		unit.base = 1000;
	*ret = unit;
	return true;
}

/* Unambiguous prefixes of the two words do, as in GNU. */
static bool block_word(const char *text, struct human_format *format)
{
	size_t len = strlen(text);

	if (len == 0)
		return false;
	if (strncmp("human-readable", text, len) == 0)
		*format = (struct human_format){ .autoscale = true, .block_size = 1 };
	else if (strncmp("si", text, len) == 0)
		*format = (struct human_format){ .autoscale = true, .si = true, .block_size = 1 };
	else
		return false;
	return true;
}

int human_parse_block_size(const char *text, struct human_format *ret, struct text_error *reterr)
{
	struct human_format format = { .block_size = 1 };
	size_t start = text[0] == '\'';
	struct block_unit unit = { 0 };
	size_t len = 0;

	if (block_word(text + start, &format)) {
		format.group = start != 0;
		*ret = format;
		return 0;
	}
	format.group = start != 0;
	if (is_digit(text[start])) {
		if (num_scan_c(text + start, &format.block_size, &len) < 0)
			return refuse(reterr, -ERANGE, "the number is too large", start,
			              strlen(text + start));
	} else {
		format.suffix = true;
	}
	if (text[start + len] == '\0' && len == 0)
		return refuse(reterr, -EINVAL, "a block size is missing here", start, 0);
	if (text[start + len] != '\0' && !block_unit_read(text + start + len, &unit))
		return refuse(reterr, -EINVAL, "not a unit of size (K, M, G, KiB, KB ...)",
		              start + len, strlen(text + start + len));
	for (unsigned i = 0; i < unit.power; i++) {
		if (__builtin_mul_overflow(format.block_size, unit.base, &format.block_size))
			return refuse(reterr, -ERANGE, "the block size does not fit into 64 bits",
			              start, strlen(text + start));
	}
	if (format.block_size == 0)
		return refuse(reterr, -ERANGE, "a block cannot be empty", start, len);
	if (format.suffix) {
		format.unit = unit.letter;
		format.unit_si = unit.si;
		format.unit_iec = unit.iec;
	}
	*ret = format;
	return 0;
}

/*
 * The autoscaled form: one decimal below 10, none above, rounded up. `inexact` is
 * whether anything below the tenths was dropped on the way down.
 */
static void add_autoscaled(struct strbuf *b, uint64_t amount, bool si)
{
	unsigned base = si ? 1000 : 1024;
	unsigned power = 0;
	unsigned tenths = 0;
	bool inexact = false;
	bool point = false;

	while (amount >= base) {
		unsigned r10 = (unsigned)(amount % base) * 10 + tenths;

		inexact = inexact || r10 % base != 0;
		tenths = r10 / base;
		amount /= base;
		power++;
	}
	if (power != 0 && amount < 10) {
		tenths += inexact;
		inexact = false;
		if (tenths == 10) {
			amount++;
			tenths = 0;
		}
		point = amount < 10;
	}
	if (!point && (tenths != 0 || inexact)) {
		amount++;
		tenths = 0;
		if (amount == base) {
			amount = 1;
			power++;
			point = true;
		}
	}
	strbuf_add_u64(b, amount);
	if (point) {
		strbuf_add_char(b, '.');
		strbuf_add_char(b, (char)('0' + tenths));
	}
	if (power != 0)
		strbuf_add_char(b, si && power == 1 ? 'k' : unit_letters[power - 1]);
}

void human_add_size(struct strbuf *b, uint64_t amount, const struct human_format *format)
{
	if (format->autoscale) {
		add_autoscaled(b, amount, format->si);
		return;
	}
	strbuf_add_u64(b, amount / format->block_size + (amount % format->block_size != 0));
	if (!format->suffix)
		return;
	if (format->unit != 0)
		strbuf_add_char(b, format->unit_si && format->unit == 'K' ? 'k' : format->unit);
	if (format->unit_iec)
		strbuf_add_char(b, 'i');
	if (format->unit_si || format->unit_iec)
		strbuf_add_char(b, 'B');
}

void human_add_bytes(struct strbuf *b, uint64_t bytes)
{
	add_autoscaled(b, bytes, false);
}

void human_add_duration(struct strbuf *b, int64_t ns)
{
	uint64_t s = ns < 0 ? (0 - (uint64_t)ns) / NS_PER_S : (uint64_t)ns / NS_PER_S;

	if (ns < 0 && s != 0)
		strbuf_add_char(b, '-');
	if (s < 60)
		strbuf_add_format(b, "%us", (unsigned)s);
	else if (s < 3600)
		strbuf_add_format(b, "%umin%02us", (unsigned)(s / 60), (unsigned)(s % 60));
	else if (s < 86400)
		strbuf_add_format(b, "%uh%02umin", (unsigned)(s / 3600), (unsigned)(s / 60 % 60));
	else
		strbuf_add_format(b, "%" PRIu64 "d%02uh", s / 86400, (unsigned)(s / 3600 % 24));
}
