/* SPDX-License-Identifier: MIT */
#include "base/word_split.h"

#include <errno.h>
#include <string.h>

struct splitter {
	const char *line;
	size_t len, at;
	struct strbuf *words;
	struct text_error *error;
};

static int refuse(const struct splitter *s, size_t at, size_t len, const char *reason)
{
	*s->error = (struct text_error){ .reason = reason, .offset = at, .len = len };
	return -EINVAL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Behind the opening quote. */
static int add_single_quoted(struct splitter *s)
{
	size_t open = s->at - 1;

	for (; s->at < s->len; s->at++) {
		if (s->line[s->at] == '\'') {
			s->at++;
			return 0;
		}
		if (s->line[s->at] == '\0')
			return refuse(s, s->at, 1, "a NUL byte");
		strbuf_add_char(s->words, s->line[s->at]);
	}
	return refuse(s, open, 1, "no ' for this '");
}

/* A backslash inside "..." is literal unless it stands before something special. */
static void add_escaped_in_quotes(struct splitter *s)
{
	char next = s->at + 1 < s->len ? s->line[s->at + 1] : 'x';

	if (!is_one_of(next, "\"\\$`\n")) {
		strbuf_add_char(s->words, '\\');
		s->at++;
		return;
	}
	if (next != '\n')
		strbuf_add_char(s->words, next);
	s->at += 2;
}

static int add_double_quoted(struct splitter *s)
{
	size_t open = s->at - 1;

	while (s->at < s->len) {
		char c = s->line[s->at];

		if (c == '"') {
			s->at++;
			return 0;
		}
		if (c == '\0')
			return refuse(s, s->at, 1, "a NUL byte");
		if (is_one_of(c, "$`"))
			return refuse(s, s->at, 1, "only a shell knows what this means here");
		if (c == '\\') {
			add_escaped_in_quotes(s);
			continue;
		}
		strbuf_add_char(s->words, c);
		s->at++;
	}
	return refuse(s, open, 1, "no \" for this \"");
}

static int add_escaped(struct splitter *s)
{
	if (s->at + 1 >= s->len)
		return refuse(s, s->at, 1, "nothing behind this \\");
	if (s->line[s->at + 1] == '\0')
		return refuse(s, s->at + 1, 1, "a NUL byte");
	/* A line that goes on in the next one. */
	if (s->line[s->at + 1] != '\n')
		strbuf_add_char(s->words, s->line[s->at + 1]);
	s->at += 2;
	return 0;
}

/* One character, or one quoted part, of a word that began at `begin`. */
static int add_part(struct splitter *s, size_t begin)
{
	char c = s->line[s->at];

	if (c == '\\')
		return add_escaped(s);
	if (c == '\'' || c == '"') {
		s->at++;
		return c == '"' ? add_double_quoted(s) : add_single_quoted(s);
	}
	if (c == '\0')
		return refuse(s, s->at, 1, "a NUL byte");
	if (is_one_of(c, "|&;<>()$`*?[") || (c == '~' && s->at == begin))
		return refuse(s, s->at, 1, "only a shell knows what this means here");
	strbuf_add_char(s->words, c);
	s->at++;
	return 0;
}

static int add_word(struct splitter *s)
{
	size_t begin = s->at;

	while (s->at < s->len && !is_blank(s->line[s->at])) {
		int r = add_part(s, begin);

		if (r < 0)
			return r;
	}
	strbuf_add_char(s->words, '\0');
	return 0;
}

int word_split(const char *line, size_t len, struct strbuf *ret, size_t *ret_n,
               struct text_error *reterr)
{
	struct splitter s = { .line = line, .len = len, .words = ret, .error = reterr };
	size_t n = 0;

	for (;;) {
		int r;

		while (s.at < len && is_blank(line[s.at]))
			s.at++;
		if (s.at < len && line[s.at] == '#') {
			while (s.at < len && line[s.at] != '\n')
				s.at++;
			continue;
		}
		if (s.at == len)
			break;
		/* A line that only goes on begins no word. */
		if (line[s.at] == '\\' && s.at + 1 < len && line[s.at + 1] == '\n') {
			s.at += 2;
			continue;
		}
		r = add_word(&s);
		if (r < 0)
			return r;
		n++;
	}
	*ret_n = n;
	return 0;
}
