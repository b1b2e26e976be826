/* SPDX-License-Identifier: MIT */
/*
 * Points in time from any text, and any text as a time style. What @EPOCH prints as,
 * parses to the same.
 */
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct timespec t)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	struct text_error error;
	struct timespec again;

	strbuf_add_char(&b, '@');
	json_add_time(&b, t.tv_sec, (uint32_t)t.tv_nsec);
	if (clock_parse(strbuf_str(&b), t, &again, &error) < 0)
		abort();
	if (again.tv_sec != t.tv_sec || again.tv_nsec != t.tv_nsec)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	AUTO_RELEASE_STRBUF struct strbuf style = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	const struct timespec now = { .tv_sec = 1700000000, .tv_nsec = 123456789 };
	struct timespec t = { .tv_sec = 4711, .tv_nsec = 1 };
	struct text_error error = { 0 };

	if (clock_parse(text, now, &t, &error) < 0) {
		if (t.tv_sec != 4711 || error.reason == NULL || error.offset > strlen(text) ||
		    error.len > strlen(text) - error.offset)
			abort();
	} else if (t.tv_nsec < 0 || t.tv_nsec > 999999999) {
		abort();
	}
	check_round_trip(t);
	strbuf_add_char(&style, '+');
	strbuf_add_str(&style, text);
	clock_add_time(&b, t, strbuf_str(&style));
	strbuf_clear(&b);
	clock_add_time(&b, t, "full-iso");
	if (b.len == 0)
		abort();
	(void)clock_style_is_known(text);
	return 0;
}
