/* SPDX-License-Identifier: MIT */
/* What is kept of an earlier metrics file is one plain number, or nothing; labels are safe. */
#include "cli/metrics.h"

#include "base/mem.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void check_kept(const uint8_t *data, size_t size)
{
	AUTO_FREE(metrics) struct metrics *m = metrics_new("p");
	AUTO_RELEASE_STRBUF struct strbuf old = { 0 };
	size_t lines;
	const char *value;

	strbuf_add(&old, data, size);
	metrics_label(m, "l", "a");
	metrics_gauge_kept(m, "n", "N.", &old);
	lines = count_lines(metrics_text(m));
	if (lines == 0)
		return;
	value = strstr(metrics_text(m), "\np_n{l=\"a\"} ");
	if (lines != 3 || value == NULL)
		abort();
	value += sizeof("\np_n{l=\"a\"} ") - 1;
	if (strspn(value, "0123456789.") + 1 != strlen(value))
		abort();
}

static void check_label(const uint8_t *data, size_t size)
{
	AUTO_FREE(metrics) struct metrics *m = metrics_new("p");
	AUTO_FREE_STR char *value = mem_strndup((const char *)data, size);

	metrics_label(m, "l", value);
	metrics_gauge(m, "n", "N.", 1);
	if (count_lines(metrics_text(m)) != 3 ||
	    !utf8_is_valid(metrics_text(m), strlen(metrics_text(m))))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_kept(data, size);
	check_label(data, size);
	return 0;
}
