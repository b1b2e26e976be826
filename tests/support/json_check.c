/* SPDX-License-Identifier: MIT */
#include "json_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 2000 };

/* Every allocation hangs here, so that leak checkers and json_forget() find it. */
struct block {
	struct block *next;
	max_align_t data[];
};

static struct block *blocks;

static void *keep(size_t size)
{
	struct block *b = calloc(1, sizeof(*b) + size);

	if (b == NULL)
		abort();
	b->next = blocks;
	blocks = b;
	return b->data;
}

void json_forget(void)
{
	while (blocks != NULL) {
		struct block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
}

struct parser {
	const char *text;
	size_t len, at;
	const char *error;
	int depth;
};

static bool fail(struct parser *p, const char *why)
{
	if (p->error == NULL)
		p->error = why;
	return false;
}

static int peek(const struct parser *p)
{
	return p->at < p->len ? (unsigned char)p->text[p->at] : -1;
}

static bool accept(struct parser *p, char c)
{
	if (peek(p) != (unsigned char)c)
		return false;
	p->at++;
	return true;
}

static void blanks(struct parser *p)
{
	while (peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\n' || peek(p) == '\r')
		p->at++;
}

static bool literal(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	if (p->len - p->at < len || memcmp(p->text + p->at, word, len) != 0)
		return fail(p, "unknown word");
	p->at += len;
	return true;
}

static bool hex4(struct parser *p, unsigned *ret)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		int c = peek(p);

		if (c >= '0' && c <= '9')
			value = value * 16 + (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (unsigned)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (unsigned)(c - 'A' + 10);
		else
			return fail(p, "bad \\u escape");
		p->at++;
	}
	*ret = value;
	return true;
}

static size_t put_utf8(char *out, unsigned cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* Behind \u: one code point, from two escapes when the first is a high surrogate. */
static bool unicode(struct parser *p, char *out, size_t *len)
{
	unsigned cp, low;

	if (!hex4(p, &cp))
		return false;
	if (cp >= 0xdc00 && cp <= 0xdfff)
		return fail(p, "lone low surrogate");
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (!accept(p, '\\') || !accept(p, 'u') || !hex4(p, &low) || low < 0xdc00 ||
		    low > 0xdfff)
			return fail(p, "lone high surrogate");
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	*len += put_utf8(out + *len, cp);
	return true;
}

static bool escape(struct parser *p, char *out, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek(p);

	if (c < 0)
		return fail(p, "string does not end");
	p->at++;
	if (c == 'u')
		return unicode(p, out, len);
	const char *found = memchr(from, c, sizeof(from) - 1);
	if (found == NULL)
		return fail(p, "unknown escape");
	out[(*len)++] = to[found - from];
	return true;
}

/* Length of the valid UTF-8 sequence here, or 0 (RFC 3629, table in section 4). */
static size_t utf8_sequence(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t len;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (len < forms[i].len || s[1] < forms[i].low || s[1] > forms[i].high)
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return forms[i].len;
	}
	return 0;
}

/* Bytes up to the closing quote; decoding never makes a string longer than its text. */
static size_t string_room(const struct parser *p)
{
	size_t at = p->at + 1;

	while (at < p->len && p->text[at] != '"')
		at += p->text[at] == '\\' ? 2 : 1;
	return at - p->at + 4;
}

static bool string(struct parser *p, char **ret, size_t *ret_len)
{
	char *out = keep(string_room(p));
	size_t len = 0;

	if (!accept(p, '"'))
		return fail(p, "a string was expected");
	while (!accept(p, '"')) {
		int c = peek(p);
		size_t n = 1;

		if (c < 0)
			return fail(p, "string does not end");
		if (c < 0x20)
			return fail(p, "raw control character in a string");
		if (accept(p, '\\')) {
			if (!escape(p, out, &len))
				return false;
			continue;
		}
		if (c >= 0x80)
			n = utf8_sequence((const unsigned char *)p->text + p->at, p->len - p->at);
		if (n == 0)
			return fail(p, "invalid UTF-8");
		memcpy(out + len, p->text + p->at, n);
		len += n;
		p->at += n;
	}
	*ret = out;
	*ret_len = len;
	return true;
}

static bool digits(struct parser *p)
{
	size_t start = p->at;

	while (peek(p) >= '0' && peek(p) <= '9')
		p->at++;
	return p->at > start ? true : fail(p, "a digit was expected");
}

static bool number(struct parser *p, struct json *v)
{
	size_t start = p->at;

	accept(p, '-');
	if (!accept(p, '0') && !digits(p))
		return false;
	if (accept(p, '.') && !digits(p))
		return false;
	if (accept(p, 'e') || accept(p, 'E')) {
		if (!accept(p, '+'))
			accept(p, '-');
		if (!digits(p))
			return false;
	}
	v->type = JSON_NUMBER;
	v->text_len = p->at - start;
	v->text = keep(v->text_len + 1);
	memcpy(v->text, p->text + start, v->text_len);
	return true;
}

static bool value(struct parser *p, struct json **ret);

static void append(struct json *v, char *key, struct json *item)
{
	if ((v->len & (v->len - 1)) == 0) { /* full at each power of two */
		size_t cap = v->len == 0 ? 1 : v->len * 2;
		struct json **items = keep(cap * sizeof(*items));
		char **keys = keep(cap * sizeof(*keys));

		if (v->len > 0) {
			memcpy(items, v->items, v->len * sizeof(*items));
			memcpy(keys, v->keys, v->len * sizeof(*keys));
		}
		v->items = items;
		v->keys = keys;
	}
	v->items[v->len] = item;
	v->keys[v->len++] = key;
}

static bool member(struct parser *p, struct json *v)
{
	char *key = NULL;
	size_t key_len;
	struct json *item;

	blanks(p);
	if (v->type == JSON_OBJECT) {
		if (!string(p, &key, &key_len))
			return false;
		if (memchr(key, '\0', key_len) != NULL)
			return fail(p, "NUL in a key");
		for (size_t i = 0; i < v->len; i++)
			if (strcmp(v->keys[i], key) == 0)
				return fail(p, "duplicate key");
		blanks(p);
		if (!accept(p, ':'))
			return fail(p, "a colon was expected");
	}
	if (!value(p, &item))
		return false;
	append(v, key, item);
	blanks(p);
	return true;
}

static bool container(struct parser *p, struct json *v, char close)
{
	v->type = close == '}' ? JSON_OBJECT : JSON_ARRAY;
	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deeply");
	p->at++;
	blanks(p);
	if (!accept(p, close)) {
		do {
			if (!member(p, v))
				return false;
		} while (accept(p, ','));
		if (!accept(p, close))
			return fail(p, "a comma or the end was expected");
	}
	p->depth--;
	return true;
}

static bool value(struct parser *p, struct json **ret)
{
	struct json *v = keep(sizeof(*v));

	*ret = v;
	blanks(p);
	switch (peek(p)) {
	case '{':
		return container(p, v, '}');
	case '[':
		return container(p, v, ']');
	case '"':
		v->type = JSON_STRING;
		return string(p, &v->text, &v->text_len);
	case 't':
		v->type = JSON_BOOL;
		v->boolean = true;
		return literal(p, "true");
	case 'f':
		v->type = JSON_BOOL;
		return literal(p, "false");
	case 'n':
		v->type = JSON_NULL;
		return literal(p, "null");
	default:
		return number(p, v);
	}
}

struct json *json_parse(const char *text, size_t len, const char **reterr, size_t *ret_at)
{
	struct parser p = { .text = text, .len = len };
	struct json *v = NULL;

	if (value(&p, &v)) {
		blanks(&p);
		if (p.at == p.len)
			return v;
		p.error = "something behind the value";
	}
	*reterr = p.error;
	*ret_at = p.at;
	return NULL;
}

bool json_parse_lines(const char *text, size_t len, struct json_lines *ret, const char **reterr,
                      size_t *ret_at)
{
	struct json all = { .type = JSON_ARRAY };
	size_t at = 0;

	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t where = 0;

		*ret_at = at;
		if (end == NULL) {
			*reterr = "last line has no newline";
			return false;
		}
		struct json *v = json_parse(text + at, (size_t)(end - text) - at, reterr, &where);
		*ret_at = at + where;
		if (v == NULL)
			return false;
		if (v->type != JSON_OBJECT) {
			*reterr = "line is no object";
			return false;
		}
		append(&all, NULL, v);
		at = (size_t)(end - text) + 1;
	}
	*ret = (struct json_lines){ .items = all.items, .len = all.len };
	return true;
}

static const struct json *step(const struct json *v, const char *key, size_t len)
{
	if (v->type == JSON_ARRAY) {
		char *end;
		unsigned long i = strtoul(key, &end, 10);

		return end == key + len && i < v->len ? v->items[i] : NULL;
	}
	for (size_t i = 0; v->type == JSON_OBJECT && i < v->len; i++)
		if (strncmp(v->keys[i], key, len) == 0 && v->keys[i][len] == '\0')
			return v->items[i];
	return NULL;
}

const struct json *json_get(const struct json *v, const char *path)
{
	while (v != NULL && *path != '\0') {
		size_t len = strcspn(path, ".");

		v = step(v, path, len);
		path += len;
		if (*path == '.')
			path++;
	}
	return v;
}

const char *json_string(const struct json *v, const char *path)
{
	v = json_get(v, path);
	return v != NULL && v->type == JSON_STRING ? v->text : NULL;
}

const char *json_number(const struct json *v, const char *path)
{
	v = json_get(v, path);
	return v != NULL && v->type == JSON_NUMBER ? v->text : NULL;
}

int64_t json_int(const struct json *v, const char *path, int64_t otherwise)
{
	const char *text = json_number(v, path);
	char *end;

	if (text == NULL)
		return otherwise;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' ? n : otherwise;
}

bool json_is_true(const struct json *v, const char *path)
{
	v = json_get(v, path);
	return v != NULL && v->type == JSON_BOOL && v->boolean;
}

bool json_is_false(const struct json *v, const char *path)
{
	v = json_get(v, path);
	return v != NULL && v->type == JSON_BOOL && !v->boolean;
}

bool json_is_null(const struct json *v, const char *path)
{
	v = json_get(v, path);
	return v != NULL && v->type == JSON_NULL;
}

static bool is_record(const struct json *v, const char *record)
{
	const char *have = json_string(v, "record");

	return have != NULL && strcmp(have, record) == 0;
}

const struct json *json_record(const struct json_lines *lines, const char *record, size_t n)
{
	for (size_t i = 0; i < lines->len; i++)
		if (is_record(lines->items[i], record) && n-- == 0)
			return lines->items[i];
	return NULL;
}

size_t json_count(const struct json_lines *lines, const char *record)
{
	size_t n = 0;

	for (size_t i = 0; i < lines->len; i++)
		n += is_record(lines->items[i], record);
	return n;
}

const struct json *json_find(const struct json_lines *lines, const char *key, const char *text)
{
	for (size_t i = 0; i < lines->len; i++) {
		const char *have = json_string(lines->items[i], key);

		if (have != NULL && strcmp(have, text) == 0)
			return lines->items[i];
	}
	return NULL;
}
