/* SPDX-License-Identifier: MIT */
#include "base/job_template.h"

#include "base/mem.h"
#include "base/vec.h"

#include <string.h>

/* What is shown of a value. */
enum part_kind { PART_TEXT, PART_VALUE, PART_SEQ, PART_SLOT };
enum form { FORM_WHOLE, FORM_NO_EXT, FORM_BASE, FORM_DIR, FORM_BASE_NO_EXT };

enum { POSITION_MAX = 10000 };

struct part {
	enum part_kind kind;
	enum form form;
	size_t position;    /* of the list, from 1; 0: all of them */
	size_t offset, len; /* of a text, in `text` */
};

struct word {
	size_t first, len; /* parts */
	bool in_shell;
};

struct job_template {
	struct strbuf text;
	struct parts {
		VEC_FIELDS(struct part);
	} parts;
	struct words {
		VEC_FIELDS(struct word);
	} words;
	bool takes_values;
};

/* The placeholder at `s`, which begins with {. Its length, or 0 when it is none. */
static size_t read_placeholder(const char *s, struct part *ret)
{
	static const struct {
		char text[4];
		struct part part;
	} forms[] = {
		{ "//}", { .kind = PART_VALUE, .form = FORM_DIR } },
		{ "/.}", { .kind = PART_VALUE, .form = FORM_BASE_NO_EXT } },
		{ "/}", { .kind = PART_VALUE, .form = FORM_BASE } },
		{ ".}", { .kind = PART_VALUE, .form = FORM_NO_EXT } },
		{ "}", { .kind = PART_VALUE, .form = FORM_WHOLE } },
		{ "#}", { .kind = PART_SEQ } },
		{ "%}", { .kind = PART_SLOT } },
	};
	size_t at = 1, position = 0;

	while (s[at] >= '0' && s[at] <= '9' && position < POSITION_MAX)
		position = position * 10 + (size_t)(s[at++] - '0');
	if (at > 1 && (position == 0 || position >= POSITION_MAX))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t len = strlen(forms[i].text);

		if (strncmp(s + at, forms[i].text, len) != 0)
			continue;
		if (forms[i].part.kind != PART_VALUE && position > 0)
			return 0;
		*ret = forms[i].part;
		ret->position = position;
		return at + len;
	}
	return 0;
}

static void add_text(struct job_template *t, const char *text, size_t len)
{
	if (len == 0)
		return;
	vec_push(&t->parts, (struct part){ .kind = PART_TEXT, .offset = t->text.len, .len = len });
	strbuf_add(&t->text, text, len);
}

static void add_word(struct job_template *t, const char *text, bool in_shell)
{
	struct word word = { .first = t->parts.len, .in_shell = in_shell };
	const char *plain = text;

	for (const char *at = text; *at != '\0';) {
		struct part part;
		size_t len = *at == '{' ? read_placeholder(at, &part) : 0;

		if (len == 0) {
			at++;
			continue;
		}
		add_text(t, plain, (size_t)(at - plain));
		vec_push(&t->parts, part);
		t->takes_values = t->takes_values || part.kind == PART_VALUE;
		at += len;
		plain = at;
	}
	add_text(t, plain, strlen(plain));
	word.len = t->parts.len - word.first;
	vec_push(&t->words, word);
}

struct job_template *job_template_new(const char *const *words, size_t n, unsigned flags)
{
	struct job_template *t = mem_alloc_zeroed(sizeof(*t));
	bool is_line = (flags & JOB_TEMPLATE_SHELL) != 0;

	for (size_t i = 0; i < n; i++)
		add_word(t, words[i], is_line && i == 0);
	if (t->takes_values || (flags & JOB_TEMPLATE_AS_IT_IS) != 0)
		return t;
	if (is_line && n == 1) {
		/* Still the same word: at the end of the line. */
		add_text(t, " ", 1);
		vec_push(&t->parts, (struct part){ .kind = PART_VALUE });
		t->words.items[0].len += 2;
	} else {
		add_word(t, "{}", false);
	}
	return t;
}

struct job_template *job_template_free(struct job_template *t)
{
	if (t == NULL)
		return NULL;
	strbuf_release(&t->text);
	vec_release(&t->parts);
	vec_release(&t->words);
	free(t);
	return NULL;
}

struct span {
	const char *at;
	size_t len;
};

/* Without slashes at its end; of "/" and "//" one stays. */
static size_t trimmed(const char *value)
{
	size_t len = strlen(value);

	while (len > 1 && value[len - 1] == '/')
		len--;
	return len;
}

static struct span without_extension(struct span name)
{
	for (size_t i = name.len; i-- > 1;) {
		if (name.at[i] == '/' || name.at[i - 1] == '/')
			break;
		if (name.at[i] == '.')
			return (struct span){ name.at, i };
	}
	return name;
}

static struct span base_of(struct span path)
{
	size_t begin = path.len;

	if (path.len == 1)
		return path;
	while (begin > 0 && path.at[begin - 1] != '/')
		begin--;
	return (struct span){ path.at + begin, path.len - begin };
}

static struct span directory_of(struct span path)
{
	size_t len = path.len;

	if (len == 1 && path.at[0] == '/')
		return path;
	while (len > 0 && path.at[len - 1] != '/')
		len--;
	if (len == 0)
		return (struct span){ ".", 1 };
	while (len > 1 && path.at[len - 1] == '/')
		len--;
	return (struct span){ path.at, len };
}

static struct span form_of(const char *value, enum form form)
{
	struct span path = { value, trimmed(value) };

	switch (form) {
	case FORM_NO_EXT:
		return without_extension(path);
	case FORM_BASE:
		return base_of(path);
	case FORM_DIR:
		return directory_of(path);
	case FORM_BASE_NO_EXT:
		return without_extension(base_of(path));
	case FORM_WHOLE:
	default:
		return (struct span){ value, strlen(value) };
	}
}

/* As POSIX has it: quote.h's $'...' is not every shell's. */
static void add_quoted(struct strbuf *ret, struct span span)
{
	strbuf_add_char(ret, '\'');
	for (size_t i = 0; i < span.len; i++) {
		if (span.at[i] == '\'')
			strbuf_add_str(ret, "'\\''");
		else
			strbuf_add_char(ret, span.at[i]);
	}
	strbuf_add_char(ret, '\'');
}

static void add_value(const char *value, enum form form, bool in_shell, struct strbuf *ret)
{
	struct span span = form_of(value, form);

	if (in_shell)
		add_quoted(ret, span);
	else
		strbuf_add(ret, span.at, span.len);
}

static void add_part(const struct job_template *t, const struct part *part,
                     const struct job_values *values, bool in_shell, struct strbuf *ret)
{
	switch (part->kind) {
	case PART_SEQ:
		strbuf_add_u64(ret, values->seq);
		break;
	case PART_SLOT:
		strbuf_add_u64(ret, values->slot);
		break;
	case PART_VALUE:
		if (part->position > 0) {
			/* A list that is not there has no values. */
			if (part->position <= values->len)
				add_value(values->items[part->position - 1], part->form, in_shell,
				          ret);
			break;
		}
		for (size_t i = 0; i < values->len; i++) {
			if (i > 0)
				strbuf_add_char(ret, ' ');
			add_value(values->items[i], part->form, in_shell, ret);
		}
		break;
	case PART_TEXT:
	default:
		strbuf_add(ret, t->text.data + part->offset, part->len);
		break;
	}
}

/* A word that is {}, and no more: one for each value. */
static bool is_all_values(const struct job_template *t, const struct word *word)
{
	const struct part *part = &t->parts.items[word->first];

	return word->len == 1 && !word->in_shell && part->kind == PART_VALUE && part->position == 0;
}

size_t job_template_expand(const struct job_template *t, const struct job_values *values,
                           struct strbuf *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < t->words.len; i++) {
		const struct word *word = &t->words.items[i];

		if (is_all_values(t, word)) {
			for (size_t k = 0; k < values->len; k++, n++) {
				add_value(values->items[k], t->parts.items[word->first].form, false,
				          ret);
				strbuf_add_char(ret, '\0');
			}
			continue;
		}
		for (size_t k = 0; k < word->len; k++)
			add_part(t, &t->parts.items[word->first + k], values, word->in_shell, ret);
		strbuf_add_char(ret, '\0');
		n++;
	}
	return n;
}
