/* SPDX-License-Identifier: MIT */
#include "sys/os_release.h"

#include <errno.h>

enum {
	OS_RELEASE_MAX = 4 << 20, /* of the file */
	PAIRS_MAX = 256,
};

void os_release_release(struct os_release *release)
{
	strbuf_release(&release->pairs);
}

const char *os_release_get(const struct os_release *release, const char *key)
{
	const char *at = strbuf_str(&release->pairs);
	const char *end = at + release->pairs.len;
	const size_t len = strlen(key);

	for (; at < end; at += strlen(at) + 1)
		if (strncmp(at, key, len) == 0 && at[len] == '=')
			return at + len + 1;
	return NULL;
}

static bool is_name(const char *s, size_t len)
{
	if (len == 0 || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!(s[i] == '_' || (s[i] >= '0' && s[i] <= '9') || (s[i] >= 'A' && s[i] <= 'Z') ||
		      (s[i] >= 'a' && s[i] <= 'z')))
			return false;
	return true;
}

/* What stands in double quotes from `at` on. Its end, or NULL when the quote does not end. */
static const char *add_double(struct strbuf *b, const char *at, const char *end)
{
	for (; at < end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < end && strchr("$\"`\\", at[1]) != NULL)
			at++;
		strbuf_add_char(b, *at);
	}
	return at < end ? at + 1 : NULL;
}

static const char *add_single(struct strbuf *b, const char *at, const char *end)
{
	const char *quote = memchr(at, '\'', (size_t)(end - at));

	if (quote == NULL)
		return NULL;
	strbuf_add(b, at, (size_t)(quote - at));
	return quote + 1;
}

/* False when a shell would not take it for an assignment and nothing else. */
static bool add_value(struct strbuf *b, const char *at, const char *end)
{
	while (at != NULL && at < end) {
		switch (*at) {
		case '"':
			at = add_double(b, at + 1, end);
			break;
		case '\'':
			at = add_single(b, at + 1, end);
			break;
		case '\\':
			if (at + 1 < end)
				strbuf_add_char(b, at[1]);
			at += 2;
			break;
		case ' ':
		case '\t':
			/* Behind the value there may be blanks and a comment. */
			while (at < end && (*at == ' ' || *at == '\t'))
				at++;
			return at == end || *at == '#';
		case '$':
		case '`':
			/* Nothing is ever expanded. */
			return false;
		default:
			strbuf_add_char(b, *at++);
			break;
		}
	}
	return at != NULL;
}

/* Removes the pair of that name, to make room for a later one. */
static void drop(struct os_release *ret, const char *key, size_t len)
{
	size_t at = 0;

	while (at < ret->pairs.len) {
		char *pair = ret->pairs.data + at;
		size_t size = strlen(pair) + 1;

		if (strncmp(pair, key, len) == 0 && pair[len] == '=') {
			memmove(pair, pair + size, ret->pairs.len - at - size);
			strbuf_truncate(&ret->pairs, ret->pairs.len - size);
			return;
		}
		at += size;
	}
}

static size_t count_pairs(const struct os_release *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->pairs.len; i++)
		n += r->pairs.data[i] == '\0';
	return n;
}

static void read_line(struct os_release *ret, const char *line, size_t len)
{
	AUTO_RELEASE_STRBUF struct strbuf value = { 0 };
	const char *equals;
	size_t key_len;

	while (len > 0 && (line[0] == ' ' || line[0] == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (len == 0 || line[0] == '#')
		return;
	equals = memchr(line, '=', len);
	key_len = equals != NULL ? (size_t)(equals - line) : 0;
	if (!is_name(line, key_len) || memchr(line, '\0', len) != NULL ||
	    !add_value(&value, equals + 1, line + len)) {
		ret->malformed++;
		return;
	}
	drop(ret, line, key_len);
	if (count_pairs(ret) >= PAIRS_MAX) {
		ret->malformed++;
		return;
	}
	strbuf_add(&ret->pairs, line, key_len);
	strbuf_add_char(&ret->pairs, '=');
	strbuf_add(&ret->pairs, strbuf_str(&value), value.len);
	strbuf_add_char(&ret->pairs, '\0');
}

void os_release_parse(const char *text, size_t len, struct os_release *ret)
{
	const char *at = text;
	const char *line;
	size_t line_len;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while ((line = text_line(&at, text + len, &line_len)) != NULL)
		read_line(ret, line, line_len);
}

int os_release_read(const struct machine *m, struct os_release *ret)
{
	static const char files[][24] = { "/etc/os-release", "/usr/lib/os-release" };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		r = machine_read(m, files[i] + 1, OS_RELEASE_MAX, &text);
		if (r < 0)
			continue;
		os_release_parse(strbuf_str(&text), text.len, ret);
		ret->source = files[i];
		return 0;
	}
	return r;
}
