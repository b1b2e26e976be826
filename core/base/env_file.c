/* SPDX-License-Identifier: MIT */
#include "base/env_file.h"

#include <errno.h>

struct reader {
	const char *at, *end;
	const char *reason; /* what is wrong at `at` */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
		return true;
	return !first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
}

static void skip_line(struct reader *r)
{
	const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));

	r->at = newline != NULL ? newline + 1 : r->end;
}

static bool read_name(struct reader *r, struct strbuf *ret)
{
	static const char export[] = "export";
	const char *start = r->at;

	while (r->at < r->end && is_name(*r->at, r->at == start))
		r->at++;
	/* export NAME=VALUE, but export=VALUE is a variable. */
	if ((size_t)(r->at - start) == sizeof(export) - 1 && r->at < r->end && is_blank(*r->at) &&
	    memcmp(start, export, sizeof(export) - 1) == 0) {
		skip_blanks(r);
		start = r->at;
		while (r->at < r->end && is_name(*r->at, r->at == start))
			r->at++;
	}
	r->reason = "expected NAME=VALUE";
	if (r->at == start || r->at == r->end || *r->at != '=')
		return false;
	strbuf_add(ret, start, (size_t)(r->at - start));
	strbuf_add_char(ret, '=');
	r->at++;
	return true;
}

/* What stands for itself behind a backslash, or for something else; 0: nothing does. */
static char escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
	case '$':
	case '`':
		return c;
	default:
		return '\0';
	}
}

static void add_escaped(struct reader *r, struct strbuf *ret)
{
	char c = r->at < r->end ? escaped(*r->at) : '\0';

	if (r->at < r->end && *r->at == '\n') {
		r->at++;
	} else if (c != '\0') {
		strbuf_add_char(ret, c);
		r->at++;
	} else {
		strbuf_add_char(ret, '\\');
	}
}

/* Behind the opening quote. */
static bool read_quoted(struct reader *r, char quote, struct strbuf *ret)
{
	const char *start = r->at - 1;

	while (r->at < r->end && *r->at != quote) {
		char c = *r->at++;

		if (c == '\\' && quote == '"')
			add_escaped(r, ret);
		else
			strbuf_add_char(ret, c);
	}
	if (r->at == r->end) {
		r->at = start;
		r->reason = "this quote is not closed";
		return false;
	}
	r->at++;
	skip_blanks(r);
	r->reason = "nothing may follow the quote but a comment";
	if (r->at < r->end && *r->at != '\n' && *r->at != '#')
		return false;
	skip_line(r);
	return true;
}

static void read_plain(struct reader *r, struct strbuf *ret)
{
	const char *end = r->at;

	while (end < r->end && *end != '\n')
		end++;
	while (end > r->at && is_blank(end[-1]))
		end--;
	strbuf_add(ret, r->at, (size_t)(end - r->at));
	skip_line(r);
}

static bool read_value(struct reader *r, struct strbuf *ret)
{
	skip_blanks(r);
	if (r->at < r->end && (*r->at == '\'' || *r->at == '"')) {
		char quote = *r->at++;

		return read_quoted(r, quote, ret);
	}
	read_plain(r, ret);
	return true;
}

int env_file_parse(const char *text, size_t len, env_file_take *take_one, void *user,
                   struct text_error *reterr)
{
	struct reader r = { .at = text, .end = text + len };
	const char *nul = memchr(text, '\0', len);

	/* No variable can hold one. */
	if (nul != NULL) {
		*reterr = (struct text_error){ .reason = "a NUL byte",
			                       .offset = (size_t)(nul - text) };
		return -EINVAL;
	}
	for (skip_blanks(&r); r.at < r.end; skip_blanks(&r)) {
		AUTO_RELEASE_STRBUF struct strbuf variable = { 0 };

		if (*r.at == '\n' || *r.at == '#') {
			skip_line(&r);
			continue;
		}
		if (!read_name(&r, &variable) || !read_value(&r, &variable)) {
			*reterr = (struct text_error){ .reason = r.reason,
				                       .offset = (size_t)(r.at - text) };
			return -EINVAL;
		}
		take_one(strbuf_str(&variable), user);
	}
	return 0;
}
