/* SPDX-License-Identifier: MIT */
#include "cli/metrics.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "fs/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { OLD_MAX = 1 << 20, VALUE_MAX = 40, METRICS_MODE = 0644 };

struct metrics {
	const char *prefix;
	struct strbuf labels; /* a="b",c="d" */
	struct strbuf text;
};

struct metrics *metrics_new(const char *prefix)
{
	struct metrics *m = mem_alloc_zeroed(sizeof(*m));

	m->prefix = prefix;
	return m;
}

struct metrics *metrics_free(struct metrics *m)
{
	if (m == NULL)
		return NULL;
	strbuf_release(&m->labels);
	strbuf_release(&m->text);
	free(m);
	return NULL;
}

void metrics_label(struct metrics *m, const char *name, const char *value)
{
	static const char unknown[] = "\xEF\xBF\xBD"; /* U+FFFD */
	size_t len = strlen(value);

	strbuf_add_format(&m->labels, "%s%s=\"", m->labels.len != 0 ? "," : "", name);
	while (len > 0) {
		size_t n;

		if (utf8_decode(value, len, &n) < 0)
			strbuf_add_str(&m->labels, unknown);
		else if (*value == '\n')
			strbuf_add_str(&m->labels, "\\n");
		else if (*value == '"' || *value == '\\')
			strbuf_add_format(&m->labels, "\\%c", *value);
		else
			strbuf_add(&m->labels, value, n);
		value += n;
		len -= n;
	}
	strbuf_add_char(&m->labels, '"');
}

/* The metric with its labels, and the blank behind it. */
static void add_series(const struct metrics *m, const char *name, struct strbuf *ret)
{
	strbuf_add_format(ret, "%s_%s", m->prefix, name);
	if (m->labels.len != 0) {
		strbuf_add_char(ret, '{');
		strbuf_add(ret, m->labels.data, m->labels.len);
		strbuf_add_char(ret, '}');
	}
	strbuf_add_char(ret, ' ');
}

static void add_head(struct metrics *m, const char *name, const char *help)
{
	strbuf_add_format(&m->text, "# HELP %s_%s %s\n# TYPE %s_%s gauge\n", m->prefix, name, help,
	                  m->prefix, name);
	add_series(m, name, &m->text);
}

void metrics_gauge(struct metrics *m, const char *name, const char *help, uint64_t value)
{
	metrics_gauge_fixed(m, name, help, value, 0);
}

void metrics_gauge_fixed(struct metrics *m, const char *name, const char *help, uint64_t scaled,
                         int decimals)
{
	uint64_t unit = 1;

	for (int i = 0; i < decimals; i++)
		unit *= 10;
	add_head(m, name, help);
	strbuf_add_u64(&m->text, scaled / unit);
	if (decimals > 0)
		strbuf_add_format(&m->text, ".%0*llu", decimals,
		                  (unsigned long long)(scaled % unit));
	strbuf_add_char(&m->text, '\n');
}

/* Digits, with a point among them perhaps. */
static bool is_plain_number(const char *text, size_t len)
{
	size_t points = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && i != 0 && i + 1 < len)
			points++;
		else if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return len != 0 && len <= VALUE_MAX && points <= 1;
}

void metrics_gauge_kept(struct metrics *m, const char *name, const char *help,
                        const struct strbuf *old)
{
	AUTO_RELEASE_STRBUF struct strbuf series = { 0 };
	const char *at = strbuf_str(old);
	const char *end = at + old->len;

	add_series(m, name, &series);
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline != NULL ? newline : end) - at);

		if (len > series.len && memcmp(at, series.data, series.len) == 0 &&
		    is_plain_number(at + series.len, len - series.len)) {
			add_head(m, name, help);
			strbuf_add(&m->text, at + series.len, len - series.len);
			strbuf_add_char(&m->text, '\n');
			return;
		}
		at += len + 1;
	}
}

const char *metrics_text(const struct metrics *m)
{
	return strbuf_str(&m->text);
}

int metrics_load(const char *path, struct strbuf *ret)
{
	/* A FIFO or a terminal is only ever written to. */
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return -errno;
	return S_ISREG(st.st_mode) ? fdio_read_all(fd, OLD_MAX, ret) : 0;
}

int metrics_save(const struct metrics *m, const char *path)
{
	struct replace file;
	int r = replace_begin(path, &file);

	if (r < 0)
		return r;
	file.mode = METRICS_MODE;
	r = fdio_write_all(file.fd, strbuf_str(&m->text), m->text.len);
	if (r < 0) {
		replace_abort(&file);
		return r;
	}
	return replace_commit(&file);
}
