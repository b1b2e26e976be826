/* SPDX-License-Identifier: MIT */
#include "base/hex.h"

size_t hex_count(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && hex_value(text[n]) >= 0)
		n++;
	return n;
}

void hex_read(const char *digits, size_t n, unsigned char *ret)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(digits[2 * i]);
		int low = hex_value(digits[2 * i + 1]);

		ret[i] = (unsigned char)(high * 16 + low);
	}
}

void hex_add(struct strbuf *b, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		strbuf_add_char(b, digits[bytes[i] >> 4]);
		strbuf_add_char(b, digits[bytes[i] & 15]);
	}
}
