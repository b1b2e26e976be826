/* SPDX-License-Identifier: MIT */
#include "sys/line_prefix.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000, S_PER_MIN = 60, S_PER_HOUR = 3600 };

/* ts's conversions as clock_add_time() has them. */
static void add_style(struct strbuf *ret, const char *text)
{
	strbuf_add_char(ret, '+');
	while (*text != '\0') {
		const char *conversion = NULL;

		if (text[0] == '%' && text[1] == '.')
			conversion = text[2] == 'S'   ? "%S.%6N"
			             : text[2] == 's' ? "%s.%6N"
			             : text[2] == 'T' ? "%T.%6N"
			                              : NULL;
		if (conversion != NULL) {
			strbuf_add_str(ret, conversion);
			text += 3;
			continue;
		}
		/* %% is no beginning of anything. */
		if (text[0] == '%' && text[1] != '\0')
			strbuf_add_char(ret, *text++);
		strbuf_add_char(ret, *text++);
	}
}

int line_prefix_set_stamp(struct line_prefix *p, const char *text)
{
	struct strbuf style = { 0 };

	p->stamp = LINE_STAMP_TIME;
	if (strcmp(text, "elapsed") == 0)
		p->stamp = LINE_STAMP_ELAPSED;
	else if (strcmp(text, "delta") == 0)
		p->stamp = LINE_STAMP_DELTA;
	if (*text == '\0' || strchr(text, '\n') != NULL)
		return -EINVAL;
	add_style(&style, text);
	free(p->style);
	p->style = strbuf_detach(&style);
	return 0;
}

void line_prefix_release(struct line_prefix *p)
{
	free(p->style);
	p->style = NULL;
}

/* 00:00:01.234 */
static void add_interval(struct strbuf *ret, int64_t ns)
{
	int64_t s = ns / NS_PER_S;

	strbuf_add_format(ret, "%02lld:%02d:%02d.%03d", (long long)(s / S_PER_HOUR),
	                  (int)(s % S_PER_HOUR / S_PER_MIN), (int)(s % S_PER_MIN),
	                  (int)(ns % NS_PER_S / NS_PER_MS));
}

static void add_prefix(const struct line_prefix *p, struct line_place *place, struct strbuf *ret)
{
	int64_t now = clock_now();

	switch (p->stamp) {
	case LINE_STAMP_TIME:
		clock_add_time(ret, clock_wall(), p->style);
		break;
	case LINE_STAMP_ELAPSED:
		add_interval(ret, now - p->began);
		break;
	case LINE_STAMP_DELTA:
		add_interval(ret, place->last != 0 ? now - place->last : now - p->began);
		place->last = now;
		break;
	case LINE_STAMP_NONE:
	default:
		break;
	}
	if (p->stamp != LINE_STAMP_NONE)
		strbuf_add_char(ret, ' ');
	if (p->tag != NULL) {
		strbuf_add_str(ret, p->tag);
		strbuf_add_char(ret, ' ');
	}
}

void line_prefix_add(const struct line_prefix *p, struct line_place *place, const char *bytes,
                     size_t len, struct strbuf *ret)
{
	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t n = newline != NULL ? (size_t)(newline - bytes) + 1 : len;

		if (!place->inside)
			add_prefix(p, place, ret);
		strbuf_add(ret, bytes, n);
		place->inside = newline == NULL;
		bytes += n;
		len -= n;
	}
}
