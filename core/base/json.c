/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include "base/swar.h"
#include "base/utf8.h"

/* The leading bytes that go out as they are: printable ASCII but " and \. */
static size_t plain_len(const char *s, size_t len)
{
	size_t at = 0;

	for (; len - at >= SWAR_BYTES; at += SWAR_BYTES) {
		uint64_t word = swar_load(s + at);
		uint64_t special = swar_below(word, ' ') | swar_high(word) | swar_equal(word, '"') |
		                   swar_equal(word, '\\') | swar_equal(word, 0x7F);

		if (special != 0)
			return at + swar_first(special);
	}
	while (at < len && s[at] >= ' ' && s[at] < 0x7F && s[at] != '"' && s[at] != '\\')
		at++;
	return at;
}

static void add_u_escape(struct strbuf *b, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	char text[] = { '\\',
		        'u',
		        digits[unit >> 12 & 15],
		        digits[unit >> 8 & 15],
		        digits[unit >> 4 & 15],
		        digits[unit & 15] };

	strbuf_add(b, text, sizeof(text));
}

static void add_escape(struct strbuf *b, int32_t cp)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; i < sizeof(named) - 1; i += 2) {
		if (cp == named[i]) {
			strbuf_add_char(b, '\\');
			strbuf_add_char(b, named[i + 1]);
			return;
		}
	}
	if (cp >= 0x10000) {
		uint32_t offset = (uint32_t)cp - 0x10000;

		add_u_escape(b, 0xD800 + (offset >> 10));
		add_u_escape(b, 0xDC00 + (offset & 0x3FF));
		return;
	}
	add_u_escape(b, (uint32_t)cp);
}

bool json_add_string(struct strbuf *b, const char *s, size_t len)
{
	bool exact = true;
	size_t n;

	strbuf_add_char(b, '"');
	for (size_t at = 0; at < len; at += n) {
		int32_t cp;

		n = plain_len(s + at, len - at);
		if (n != 0) {
			strbuf_add(b, s + at, n);
			continue;
		}
		cp = utf8_decode(s + at, len - at, &n);
		if (cp < 0) {
			exact = false;
			strbuf_add_str(b, "\xEF\xBF\xBD");
		} else if (cp == '"' || cp == '\\' || utf8_is_unsafe(cp)) {
			add_escape(b, cp);
		} else {
			strbuf_add(b, s + at, n);
		}
	}
	strbuf_add_char(b, '"');
	return exact;
}

void json_add_name(struct strbuf *b, const char *key, const char *value, size_t len)
{
	strbuf_add_char(b, '"');
	strbuf_add_str(b, key);
	strbuf_add_str(b, "\":");
	if (json_add_string(b, value, len))
		return;
	strbuf_add_str(b, ",\"");
	strbuf_add_str(b, key);
	strbuf_add_str(b, "_b64\":\"");
	json_add_base64(b, value, len);
	strbuf_add_char(b, '"');
}

void json_add_time(struct strbuf *b, int64_t seconds, uint32_t nanoseconds)
{
	char digits[10];
	int len = 9;

	/* -2 s and 750 000 000 ns are -1.25. */
	if (seconds < 0) {
		strbuf_add_char(b, '-');
		if (nanoseconds != 0) {
			seconds++;
			nanoseconds = 1000000000 - nanoseconds;
		}
	}
	strbuf_add_u64(b, seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds);
	if (nanoseconds == 0)
		return;
	digits[0] = '.';
	for (int i = 9; i > 0; i--) {
		digits[i] = (char)('0' + nanoseconds % 10);
		nanoseconds /= 10;
	}
	while (digits[len] == '0')
		len--;
	strbuf_add(b, digits, (size_t)len + 1);
}

void json_add_base64(struct strbuf *b, const void *data, size_t len)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = data;

	for (size_t at = 0; at < len; at += 3) {
		size_t n = len - at;
		uint32_t bits = (uint32_t)p[at] << 16;
		char text[4];

		if (n > 1)
			bits |= (uint32_t)p[at + 1] << 8;
		if (n > 2)
			bits |= p[at + 2];
		text[0] = alphabet[bits >> 18];
		text[1] = alphabet[bits >> 12 & 63];
		text[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		text[3] = n > 2 ? alphabet[bits & 63] : '=';
		strbuf_add(b, text, sizeof(text));
	}
}
