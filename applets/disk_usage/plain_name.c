/* SPDX-License-Identifier: MIT */
#include "plain_name.h"

void plain_name_add(const struct out *o, struct strbuf *cell, const char *name)
{
	size_t len = strlen(name);

	if (out_quotes(o)) {
		out_add_name(o, cell, name, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		strbuf_add_char(cell, c < ' ' || c == 0x7f ? '?' : name[i]);
	}
}
