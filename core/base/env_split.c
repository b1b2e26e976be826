/* SPDX-License-Identifier: MIT */
#include "base/env_split.h"

#include "base/strbuf.h"

#include <errno.h>

struct splitter {
	const char *at;
	env_split_lookup *lookup;
	void *user;
	struct strbuf word;
	bool in_word; /* a word has begun, maybe an empty one */
	char quote;   /* the one we are within, or 0 */
	bool ended;
	struct env_words *words;
	struct env_split_error *err;
};

static const char blanks[] = " \t\n\v\f\r";

static bool is_blank(char c)
{
	return c != '\0' && strchr(blanks, c) != NULL;
}

static int fail(struct splitter *s, enum env_split_trouble trouble, const char *at)
{
	*s->err = (struct env_split_error){ trouble, at };
	return -EINVAL;
}

static void end_word(struct splitter *s)
{
	if (s->in_word)
		vec_push(s->words, strbuf_detach(&s->word));
	s->in_word = false;
}

static void add(struct splitter *s, char c)
{
	s->in_word = true;
	strbuf_add_char(&s->word, c);
}

/* At the character behind a backslash. */
static int escape(struct splitter *s)
{
	static const char letters[] = "fnrtv#$\"'\\";
	static const char meanings[] = "\f\n\r\t\v#$\"'\\";
	const char c = *s->at;
	const char *known = c != '\0' ? strchr(letters, c) : NULL;

	if (s->quote == '\'') {
		/* Only what would be special there can be escaped there. */
		if (c != '\'' && c != '\\')
			add(s, '\\');
		else
			add(s, *s->at++);
		return 0;
	}
	if (c == '\0')
		return fail(s, ENV_SPLIT_LAST_BACKSLASH, s->at);
	if (c == 'c' && s->quote != '\0')
		return fail(s, ENV_SPLIT_QUOTED_END, s->at);
	if (c == 'c')
		s->ended = true;
	else if (c == '_' && s->quote == '\0')
		end_word(s);
	else if (c == '_')
		add(s, ' ');
	else if (known == NULL)
		return fail(s, ENV_SPLIT_BAD_ESCAPE, s->at);
	else
		add(s, meanings[known - letters]);
	s->at++;
	return 0;
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* At a dollar. */
static int variable(struct splitter *s)
{
	const char *end = s->at + 2;
	const char *value;
	char *name;

	if (s->at[1] != '{' || !is_name_start(*end))
		return fail(s, ENV_SPLIT_BAD_VARIABLE, s->at);
	while (is_name_start(*end) || (*end >= '0' && *end <= '9'))
		end++;
	if (*end != '}')
		return fail(s, ENV_SPLIT_BAD_VARIABLE, s->at);
	name = mem_strndup(s->at + 2, (size_t)(end - s->at - 2));
	value = s->lookup(name, s->user);
	s->in_word = s->in_word || value != NULL;
	if (value != NULL)
		strbuf_add_str(&s->word, value);
	free(name);
	s->at = end + 1;
	return 0;
}

static int step(struct splitter *s)
{
	const char c = *s->at;

	if (c == s->quote) {
		s->quote = '\0';
	} else if (s->quote == '\0' && (c == '\'' || c == '"')) {
		s->quote = c;
		s->in_word = true;
	} else if (s->quote == '\0' && is_blank(c)) {
		end_word(s);
	} else if (s->quote == '\0' && c == '#' && !s->in_word) {
		s->ended = true;
	} else if (c == '\\') {
		s->at++;
		return escape(s);
	} else if (c == '$' && s->quote != '\'') {
		return variable(s);
	} else {
		add(s, c);
	}
	s->at++;
	return 0;
}

int env_split(const char *text, env_split_lookup *lookup, void *user, struct env_words *ret,
              struct env_split_error *reterr)
{
	struct splitter s = {
		.at = text, .lookup = lookup, .user = user, .words = ret, .err = reterr
	};
	int r = 0;

	while (r == 0 && *s.at != '\0' && !s.ended)
		r = step(&s);
	if (r == 0 && s.quote != '\0')
		r = fail(&s, ENV_SPLIT_NO_QUOTE, s.at);
	if (r == 0)
		end_word(&s);
	strbuf_release(&s.word);
	return r;
}

void env_words_release(struct env_words *words)
{
	for (size_t i = 0; i < words->len; i++)
		free(words->items[i]);
	vec_release(words);
}
