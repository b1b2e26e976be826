/* SPDX-License-Identifier: MIT */
#include "cli/json_indent.h"

enum { STEP = 2 };

static void begin_line(struct strbuf *b, size_t depth)
{
	strbuf_add_char(b, '\n');
	strbuf_add_fill(b, ' ', depth * STEP);
}

/* A string with its quotes; where it ends. */
static size_t add_string(const char *json, size_t at, size_t len, struct strbuf *ret)
{
	size_t begin = at++;

	while (at < len && json[at] != '"')
		at += json[at] == '\\' && at + 1 < len ? 2 : 1;
	at = at < len ? at + 1 : len;
	strbuf_add(ret, json + begin, at - begin);
	return at;
}

void json_indent(const char *json, size_t len, struct strbuf *ret)
{
	size_t depth = 0;

	for (size_t at = 0; at < len;) {
		const char c = json[at];

		if (c == '"') {
			at = add_string(json, at, len, ret);
			continue;
		}
		at++;
		if ((c == '{' || c == '[') && at < len && json[at] == c + 2) {
			strbuf_add_char(ret, c);
			strbuf_add_char(ret, json[at++]);
		} else if (c == '{' || c == '[') {
			strbuf_add_char(ret, c);
			begin_line(ret, ++depth);
		} else if (c == '}' || c == ']') {
			depth -= depth != 0;
			begin_line(ret, depth);
			strbuf_add_char(ret, c);
		} else if (c == ',') {
			strbuf_add_char(ret, c);
			begin_line(ret, depth);
		} else {
			strbuf_add_char(ret, c);
			if (c == ':')
				strbuf_add_char(ret, ' ');
		}
	}
}
