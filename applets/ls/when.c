/* SPDX-License-Identifier: MIT */
/* The column of times. */
#include "ls.h"

#include "cells.h"

#include <inttypes.h>

enum { HALF_YEAR = 31556952 / 2, RELATIVE_WIDTH = 13, DEFAULT_WIDTH = 12 };

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static bool is_recent(struct ls_run *run, const struct ls_meta *meta)
{
	const struct timespec *now = &run->now;

	/* What seems to lie ahead may have been made since the clock was read. */
	if (meta->seconds > now->tv_sec ||
	    (meta->seconds == now->tv_sec && meta->nanoseconds >= now->tv_nsec))
		run->now = clock_wall();
	if (meta->seconds > now->tv_sec ||
	    (meta->seconds == now->tv_sec && meta->nanoseconds >= now->tv_nsec))
		return false;
	if (meta->seconds == now->tv_sec - HALF_YEAR)
		return meta->nanoseconds > now->tv_nsec;
	return meta->seconds > now->tv_sec - HALF_YEAR;
}

static void add_year(struct strbuf *b, int64_t year)
{
	char *at;

	if (year < 1000 || year > 9999) {
		strbuf_add_format(b, "%" PRId64, year);
		return;
	}
	at = cell_begin(b, 4);
	at = cell_put_two(at, (int)(year / 100), '0');
	cell_end(b, cell_put_two(at, (int)(year % 100), '0'));
}

/* "Nov 25 04:52", "Nov 25  2025"; false when there is no such date. */
static bool add_default(struct ls_run *run, const struct ls_meta *meta)
{
	struct tm tm;
	char *at;

	if (!clock_local(&run->clock, meta->seconds, &tm))
		return false;
	at = cell_begin(&run->out, DEFAULT_WIDTH);
	memcpy(at, months + (size_t)tm.tm_mon * 3, 3);
	at[3] = ' ';
	at = cell_put_two(at + 4, tm.tm_mday, ' ');
	*at++ = ' ';
	if (is_recent(run, meta)) {
		at = cell_put_two(at, tm.tm_hour, '0');
		*at++ = ':';
		cell_end(&run->out, cell_put_two(at, tm.tm_min, '0'));
	} else {
		*at++ = ' ';
		cell_end(&run->out, at);
		add_year(&run->out, (int64_t)tm.tm_year + 1900);
	}
	return true;
}

static void add_relative(struct ls_run *run, const struct ls_meta *meta)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {
		{ "year", INT64_C(365) * 86400 },
		{ "month", INT64_C(30) * 86400 },
		{ "week", INT64_C(7) * 86400 },
		{ "day", 86400 },
		{ "hour", 3600 },
		{ "min", 60 },
		{ "sec", 1 },
	};
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const bool ahead = meta->seconds > run->now.tv_sec;
	uint64_t distance = ahead ? (uint64_t)meta->seconds - (uint64_t)run->now.tv_sec
	                          : (uint64_t)run->now.tv_sec - (uint64_t)meta->seconds;
	size_t at = 0;

	while (at < ARRAY_LEN(units) - 1 && distance < (uint64_t)units[at].seconds)
		at++;
	distance /= (uint64_t)units[at].seconds;
	if (distance == 0)
		strbuf_add_str(&text, "now");
	else
		strbuf_add_format(&text, "%s%" PRIu64 " %s%s%s", ahead ? "in " : "", distance,
		                  units[at].unit, distance > 1 && units[at].seconds > 60 ? "s" : "",
		                  ahead ? "" : " ago");
	strbuf_add(&run->out, text.data, text.len);
	if (text.len < RELATIVE_WIDTH)
		strbuf_add_fill(&run->out, ' ', RELATIVE_WIDTH - text.len);
}

static void add_styled(struct ls_run *run, struct strbuf *b, const struct ls_meta *meta)
{
	const struct timespec t = { .tv_sec = meta->seconds, .tv_nsec = meta->nanoseconds };

	clock_add_time(b, t, is_recent(run, meta) ? run->recent_style : run->old_style);
}

size_t ls_when_width(struct ls_run *run)
{
	static const struct ls_meta epoch = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	if (run->relative)
		return RELATIVE_WIDTH;
	add_styled(run, &text, &epoch);
	return text.len;
}

/* Anything but a date stands at the right. */
static void add_unknown(struct ls_run *run, const char *text)
{
	size_t width = ls_when_width(run);
	size_t len = strlen(text);

	strbuf_add_fill(&run->out, ' ', len < width ? width - len : 0);
	strbuf_add(&run->out, text, len);
}

void ls_add_when(struct ls_run *run, const struct ls_file *file)
{
	const struct ls_meta *meta = file->meta;
	struct strbuf number = { 0 };
	struct tm tm;

	if (meta == NULL || (file->flags & LS_HAS_NO_TIME) != 0) {
		add_unknown(run, "?");
		return;
	}
	if (run->relative) {
		add_relative(run, meta);
		return;
	}
	if (run->default_style ? add_default(run, meta)
	                       : clock_local(&run->clock, meta->seconds, &tm)) {
		if (!run->default_style)
			add_styled(run, &run->out, meta);
		return;
	}
	strbuf_add_format(&number, "%" PRId64, meta->seconds);
	add_unknown(run, strbuf_str(&number));
	strbuf_release(&number);
}
