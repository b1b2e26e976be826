/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"

#include "base/mem.h"

enum { STRBUF_FIRST = 64 };

/* Room for `more` bytes and a NUL; false when the limit forbids it. */
static bool strbuf_reserve(struct strbuf *b, size_t more)
{
	size_t need;
	size_t cap = b->cap != 0 ? b->cap : STRBUF_FIRST;

	if (__builtin_add_overflow(b->len, more, &need) || need == SIZE_MAX)
		mem_exhausted();
	if (b->overflowed || (b->limit != 0 && need > b->limit)) {
		b->overflowed = true;
		return false;
	}
	if (need < b->cap)
		return true;
	while (cap <= need) {
		if (__builtin_mul_overflow(cap, (size_t)2, &cap))
			mem_exhausted();
	}
	b->data = mem_resize(b->data, cap);
	b->cap = cap;
	return true;
}

void strbuf_add(struct strbuf *b, const void *bytes, size_t len)
{
	if (!strbuf_reserve(b, len))
		return;
	if (len != 0)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void strbuf_add_str(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_add_char(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_add_u64(struct strbuf *b, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	strbuf_add(b, digits + at, sizeof(digits) - at);
}

void strbuf_add_fixed(struct strbuf *b, int64_t scaled, int decimals)
{
	uint64_t magnitude = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled;
	uint64_t unit = 1;

	for (int i = 0; i < decimals; i++)
		unit *= 10;
	if (scaled < 0)
		strbuf_add_char(b, '-');
	strbuf_add_u64(b, magnitude / unit);
	if (decimals > 0)
		strbuf_add_format(b, ".%0*llu", decimals, (unsigned long long)(magnitude % unit));
}

void strbuf_add_format(struct strbuf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_add_vformat(b, format, args);
	va_end(args);
}

void strbuf_add_vformat(struct strbuf *b, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0 || !strbuf_reserve(b, (size_t)n))
		return;
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
	b->len += (size_t)n;
}

void strbuf_add_fill(struct strbuf *b, char c, size_t n)
{
	if (!strbuf_reserve(b, n))
		return;
	memset(b->data + b->len, c, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void strbuf_truncate(struct strbuf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

void strbuf_clear(struct strbuf *b)
{
	b->overflowed = false;
	strbuf_truncate(b, 0);
}

void strbuf_release(struct strbuf *b)
{
	free(b->data);
	*b = (struct strbuf){ .limit = b->limit };
}

char *strbuf_detach(struct strbuf *b)
{
	char *s = b->data != NULL ? b->data : mem_strdup("");

	*b = (struct strbuf){ .limit = b->limit };
	return s;
}

const char *strbuf_str(const struct strbuf *b)
{
	return b->data != NULL ? b->data : "";
}
