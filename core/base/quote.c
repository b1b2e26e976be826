/* SPDX-License-Identifier: MIT */
/*
 * The rules are those of gnulib's quotearg in its shell-escape styles. A part in
 * $'...' never stands alone: it is opened out of a '...' part and closed into one.
 */
#include "base/quote.h"

#include "base/utf8.h"

/* What decides the form of the whole name. */
struct survey {
	const struct quote_form *form;
	bool needs_quotes; /* something in it means something to a shell */
	bool needs_escape; /* something in it must not be shown raw */
	bool has_quote;    /* a ' */
	bool fits_double;  /* nothing in it means anything between "" */
};

static bool is_raw(int32_t cp)
{
	return cp >= 0 && !utf8_is_unsafe(cp);
}

/* One printable ASCII character at offset `at` of `len`. */
static void survey_char(struct survey *s, char c, size_t at, size_t len)
{
	switch (c) {
	case '\'':
		s->has_quote = true;
		s->needs_quotes = true;
		break;
	case ' ':
		s->needs_quotes = true;
		break;
	case '#':
	case '~':
		if (at == 0)
			s->needs_quotes = true;
		else
			s->fits_double = false;
		break;
	case '{':
	case '}':
		if (len == 1)
			s->needs_quotes = true;
		else
			s->fits_double = false;
		break;
	default:
		if (strchr("!\"$&()*;<=>[^`|\\?", c) == NULL)
			break;
		s->needs_quotes = true;
		s->fits_double = false;
		break;
	}
}

static bool style_escapes(enum quote_style style)
{
	return style == QUOTE_SHELL_ESCAPE || style == QUOTE_SHELL_ESCAPE_ALWAYS;
}

/* What is not printable, in a style that shows it as it is. */
static void survey_raw(struct survey *s, char c)
{
	s->fits_double = false;
	if (c == '\n' || c == '\r' || c == '\t')
		s->needs_quotes = true;
}

static struct survey survey_name(const char *name, size_t len, const struct quote_form *form)
{
	struct survey s = { .form = form, .fits_double = true, .needs_quotes = len == 0 };
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		int32_t cp = utf8_decode(name + at, len - at, &n);

		if (is_raw(cp)) {
			if (cp < 0x80)
				survey_char(&s, name[at], at, len);
			if (cp < 0x80 && strchr(form->also, name[at]) != NULL)
				s.needs_quotes = true;
		} else if (style_escapes(form->style)) {
			s.needs_escape = true;
		} else {
			survey_raw(&s, name[at]);
		}
	}
	return s;
}

/* The escape of one byte inside $'...'. */
static void add_escape(struct strbuf *b, unsigned char c)
{
	static const char letters[] = "abtnvfr"; /* 0x07 to 0x0D */

	strbuf_add_char(b, '\\');
	if (c >= '\a' && c <= '\r') {
		strbuf_add_char(b, letters[c - '\a']);
		return;
	}
	strbuf_add_char(b, (char)('0' + (c >> 6)));
	strbuf_add_char(b, (char)('0' + (c >> 3 & 7)));
	strbuf_add_char(b, (char)('0' + (c & 7)));
}

static void add_single_quoted(struct strbuf *b, const char *name, size_t len, bool escapes)
{
	bool escaping = false;
	size_t n;

	strbuf_add_char(b, '\'');
	for (size_t at = 0; at < len; at += n) {
		int32_t cp = utf8_decode(name + at, len - at, &n);

		if (escapes && !is_raw(cp)) {
			if (!escaping)
				strbuf_add_str(b, "'$'");
			escaping = true;
			for (size_t i = 0; i < n; i++)
				add_escape(b, (unsigned char)name[at + i]);
		} else if (cp == '\'') {
			/* Whatever is open is closed by the first ' and '' opens anew. */
			strbuf_add_str(b, "'\\''");
			escaping = false;
		} else {
			if (escaping)
				strbuf_add_str(b, "''");
			escaping = false;
			strbuf_add(b, name + at, n);
		}
	}
	strbuf_add_char(b, '\'');
}

static void add_quoted(struct strbuf *b, const char *name, size_t len, const struct survey *s)
{
	if (s->has_quote && s->fits_double && !s->needs_escape) {
		strbuf_add_char(b, '"');
		strbuf_add(b, name, len);
		strbuf_add_char(b, '"');
		return;
	}
	add_single_quoted(b, name, len, style_escapes(s->form->style));
}

/* Most names: letters, digits and what joins them. */
static bool is_plain(const char *name, size_t len)
{
	for (size_t at = 0; at < len; at++) {
		char c = name[at];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '-' || c > ':') &&
		    c != '_' && c != '+' && c != ',' && c != '@' && c != '%')
			return false;
	}
	return len != 0;
}

static const struct quote_form shell_escape = { QUOTE_SHELL_ESCAPE, "" };

static void add_shell(struct strbuf *b, const char *name, size_t len, const struct quote_form *form)
{
	struct survey s;

	if (form->also[0] == '\0' && is_plain(name, len)) {
		strbuf_add(b, name, len);
		return;
	}
	s = survey_name(name, len, form);
	if (s.needs_quotes || s.needs_escape)
		add_quoted(b, name, len, &s);
	else
		strbuf_add(b, name, len);
}

void quote_shell(struct strbuf *b, const char *name, size_t len)
{
	add_shell(b, name, len, &shell_escape);
}

bool quote_shell_is_needed(const char *name, size_t len)
{
	struct survey s;

	if (is_plain(name, len))
		return false;
	s = survey_name(name, len, &shell_escape);
	return s.needs_quotes || s.needs_escape;
}

void quote_shell_always(struct strbuf *b, const char *name, size_t len)
{
	struct survey s = survey_name(name, len, &shell_escape);

	add_quoted(b, name, len, &s);
}

/* Backslashes as in C, between two quotes or none. */
static void add_c(struct strbuf *b, const char *name, size_t len, char quote, const char *also)
{
	size_t n;

	if (quote != '\0')
		strbuf_add_char(b, quote);
	for (size_t at = 0; at < len; at += n) {
		int32_t cp = utf8_decode(name + at, len - at, &n);

		if (!is_raw(cp)) {
			for (size_t i = 0; i < n; i++)
				add_escape(b, (unsigned char)name[at + i]);
			continue;
		}
		if (cp < 0x80 && (cp == '\\' || (quote != '\0' && cp == quote) ||
		                  strchr(also, name[at]) != NULL))
			strbuf_add_char(b, '\\');
		strbuf_add(b, name + at, n);
	}
	if (quote != '\0')
		strbuf_add_char(b, quote);
}

void quote_add(struct strbuf *b, const char *name, size_t len, const struct quote_form *form)
{
	struct survey s;

	switch (form->style) {
	case QUOTE_LITERAL:
		strbuf_add(b, name, len);
		break;
	case QUOTE_SHELL:
	case QUOTE_SHELL_ESCAPE:
		add_shell(b, name, len, form);
		break;
	case QUOTE_SHELL_ALWAYS:
	case QUOTE_SHELL_ESCAPE_ALWAYS:
		s = survey_name(name, len, form);
		add_quoted(b, name, len, &s);
		break;
	case QUOTE_C:
	case QUOTE_CLOCALE:
		add_c(b, name, len, '"', form->also);
		break;
	case QUOTE_LOCALE:
		add_c(b, name, len, '\'', form->also);
		break;
	case QUOTE_ESCAPE:
		add_c(b, name, len, '\0', form->also);
		break;
	}
}

void quote_add_masked(struct strbuf *b, const char *text, size_t len)
{
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		if (is_raw(utf8_decode(text + at, len - at, &n)))
			strbuf_add(b, text + at, n);
		else
			strbuf_add_char(b, '?');
	}
}
