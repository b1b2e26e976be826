/* SPDX-License-Identifier: MIT */
#include "mdoc.h"

#include <ctype.h>
#include <inttypes.h>

/* A text line: no macro at its start, no escapes by accident. */
static void add_text(struct strbuf *ret, const char *text)
{
	if (*text == '.' || *text == '\'')
		strbuf_add_str(ret, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			strbuf_add_str(ret, "\\e");
		else if (*text == '-' && (text[1] == '-' || isalnum((unsigned char)text[1]) == 0))
			strbuf_add_str(ret, "\\-");
		else
			strbuf_add_char(ret, *text);
	}
}

/* The phrase as a sentence; a literal at its start, such as full-iso, stays what it is. */
static void add_sentence(struct strbuf *ret, const char *phrase)
{
	char first[2] = { phrase[0], '\0' };
	size_t word = strcspn(phrase, " ");

	if (phrase[0] == '\0')
		return;
	if (islower((unsigned char)first[0]) != 0 && strcspn(phrase, "-_=/") >= word)
		first[0] = (char)toupper((unsigned char)first[0]);
	add_text(ret, first);
	add_text(ret, phrase + 1);
	strbuf_add_str(ret, ".\n");
}

/* One argument of a macro; \& keeps short capitalised words from being macros themselves. */
static void add_argument(struct strbuf *ret, const char *word, size_t len)
{
	if (len <= 3 && isupper((unsigned char)word[0]) != 0)
		strbuf_add_str(ret, "\\&");
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\')
			strbuf_add_str(ret, "\\e");
		else if (word[i] == '"')
			strbuf_add_str(ret, "\\(dq");
		else
			strbuf_add_char(ret, word[i]);
	}
}

/* One word of an operand string: [ and ] around it open and close .Op. */
static void add_operand(struct strbuf *ret, const char *word, size_t len)
{
	bool is_punctuation = len == 3 && memcmp(word, "...", 3) == 0;

	if (is_punctuation)
		strbuf_add_str(ret, " ...");
	else if (word[0] == '-')
		strbuf_add_format(ret, " Fl %.*s", (int)(len - 1), len == 1 ? "" : word + 1);
	else {
		strbuf_add_str(ret, " Ar ");
		add_argument(ret, word, len);
	}
}

/* "pattern [directory ...]" and "[NAME]..." as macro lines. */
static void add_operands(struct strbuf *ret, const char *text)
{
	while (*text != '\0') {
		size_t len;

		text += strspn(text, " ");
		if (*text == '[') {
			strbuf_add_str(ret, ".Oo");
			text++;
			for (len = strcspn(text, " ]"); len > 0; len = strcspn(text, " ]")) {
				add_operand(ret, text, len);
				text += len;
				text += strspn(text, " ");
			}
			text += *text == ']';
			strbuf_add_str(ret, " Oc");
			if (strncmp(text, "...", 3) == 0) {
				strbuf_add_str(ret, " Ns ...");
				text += 3;
			}
			strbuf_add_char(ret, '\n');
		} else if (*text != '\0') {
			struct strbuf line = { 0 };

			len = strcspn(text, " ");
			add_operand(&line, text, len);
			strbuf_add_format(ret, ".%s\n", line.data + 1);
			strbuf_release(&line);
			text += len;
		}
	}
}

static void add_synopsis(struct strbuf *ret, const struct applet *applet)
{
	if (strcmp(applet->name, "dutybox") != 0)
		strbuf_add_format(ret, ".Nm dutybox %s\n", applet->name);
	else
		strbuf_add_str(ret, ".Nm dutybox\n");
	strbuf_add_str(ret, ".Op Ar option ...\n");
	add_operands(ret, applet->operands);
}

/* Are there command lines without a verb? */
static bool runs_itself(const struct applet *applet)
{
	return applet->verbs == NULL || applet->run != NULL;
}

void mdoc_add_synopsis(struct strbuf *ret, const struct applet *applet)
{
	if (runs_itself(applet))
		add_synopsis(ret, applet);
	for (const struct applet *const *v = applet->verbs; v != NULL && *v != NULL; v++)
		add_synopsis(ret, *v);
}

struct page {
	struct strbuf *ret;
	const struct applet *applet;
	struct notes *notes;
	bool in_list;
	bool is_verb; /* a section has its options: there are no headings in it */
};

static void add_value(struct strbuf *ret, const struct opt *opt, bool is_long)
{
	bool optional = opt->takes == OPT_MAY_TAKE_VALUE;

	if (opt->takes == OPT_TAKES_NOTHING)
		return;
	if (is_long && opt->kind != OPT_KIND_PAIR)
		strbuf_add_str(ret, optional ? " Ns Oo = Ns Ar " : " Ns = Ns Ar ");
	else
		strbuf_add_str(ret, optional ? " Ns Oo Ar " : " Ar ");
	add_argument(ret, opt_arg(opt), strlen(opt_arg(opt)));
	if (optional)
		strbuf_add_str(ret, " Oc");
}

struct names {
	struct strbuf *ret;
	const struct opt *opt;
};

static bool add_alias(const struct opt_hit *row, void *user)
{
	struct names *n = user;

	if (row->opt->kind == OPT_KIND_ALIAS && strcmp(opt_more(row->opt), opt_name(n->opt)) == 0)
		strbuf_add_format(n->ret, " , Fl -%s", opt_name(row->opt));
	return true;
}

static void add_item(struct page *page, const struct opt *opt)
{
	struct names names = { page->ret, opt };

	strbuf_add_str(page->ret, ".It");
	if (opt->kind == OPT_KIND_SIGNAL && opt->value != 0)
		strbuf_add_format(page->ret, " Fl Ns Ar %s ,", opt_arg(opt));
	if (opt->letter != '\0') {
		strbuf_add_format(page->ret, " Fl %c", opt->letter);
		if (opt_name(opt)[0] == '\0')
			add_value(page->ret, opt, false);
		else
			strbuf_add_str(page->ret, " ,");
	}
	if (opt_name(opt)[0] != '\0') {
		strbuf_add_format(page->ret, " Fl -%s", opt_name(opt));
		add_value(page->ret, opt, true);
	}
	opt_walk(&page->applet->options, add_alias, &names);
	strbuf_add_char(page->ret, '\n');
}

/* "One of a, b (or: c)."; names that share a value stand together. */
static void add_choices(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt_choice *choices = opt_choices(row);

	if (choices == NULL)
		return;
	strbuf_add_format(ret, "%s is one of", opt_arg(row->opt));
	for (const struct opt_choice *c = choices; c->name[0] != '\0'; c++) {
		bool is_synonym = c != choices && c->value == c[-1].value;
		bool opens = is_synonym && (c - 1 == choices || c[-1].value != c[-2].value);
		bool closes = is_synonym && (c[1].name[0] == '\0' || c[1].value != c->value);
		bool ends = c[1].name[0] == '\0';
		bool next_opens = !ends && !is_synonym && c[1].value == c->value;

		strbuf_add_format(ret, "\n.%s %s", opens ? "Po Cm" : "Cm", c->name);
		if (closes)
			strbuf_add_str(ret, " Pc");
		if (ends)
			strbuf_add_str(ret, " .");
		else if (!next_opens)
			strbuf_add_str(ret, " ,");
	}
	strbuf_add_char(ret, '\n');
}

static void add_expansion(struct strbuf *ret, const struct opt *opt)
{
	if (opt->kind != OPT_KIND_EXPAND)
		return;
	strbuf_add_str(ret, "The same as");
	for (const char *word = opt_more(opt); *word != '\0'; word += strlen(word) + 1) {
		if (word[0] == '-')
			strbuf_add_format(ret, "\n.Fl %s", word + 1);
		else
			strbuf_add_format(ret, "\n.Ar %s", word);
	}
	strbuf_add_str(ret, " .\n");
}

static bool is_about(const struct note *note, const struct opt *opt)
{
	const char *o = note->option;

	if (o[0] == '-' && o[1] == '-')
		return o[2] != '\0' && strcmp(o + 2, opt_name(opt)) == 0;
	return o[0] == '-' && o[1] != '\0' && o[2] == '\0' && o[1] == opt->letter;
}

static void add_notes(struct page *page, const struct opt *opt)
{
	for (size_t i = 0; i < page->notes->len; i++) {
		struct note *note = &page->notes->items[i];

		/* Verbs share options: the first one says it. */
		if (note->used || !is_about(note, opt))
			continue;
		strbuf_add(page->ret, note->text.data, note->text.len);
		note->used = true;
	}
}

static void end_list(struct page *page)
{
	if (page->in_list)
		strbuf_add_str(page->ret, ".El\n");
	page->in_list = false;
}

static bool add_option(const struct opt_hit *row, void *user)
{
	struct page *page = user;
	const struct opt *opt = row->opt;

	if (opt->kind == OPT_KIND_ALIAS)
		return true;
	if (opt->kind == OPT_KIND_HEADING) {
		end_list(page);
		strbuf_add_format(page->ret, page->is_verb ? ".Pp\n.Em %s :\n" : ".Ss %s\n",
		                  opt_help(opt));
		return true;
	}
	if (!page->in_list)
		strbuf_add_str(page->ret, ".Bl -tag -width Ds\n");
	page->in_list = true;
	add_item(page, opt);
	add_sentence(page->ret, opt_help(opt));
	add_choices(page->ret, row);
	if (opt->kind == OPT_KIND_INT && opt->max != INT64_MAX)
		strbuf_add_format(page->ret, "From %" PRId64 " to %" PRId64 ".\n", opt->min,
		                  opt->max);
	add_expansion(page->ret, opt);
	add_notes(page, opt);
	return true;
}

static bool is_no_heading(const struct opt_hit *row, void *user)
{
	(void)user;
	return row->opt->kind != OPT_KIND_HEADING;
}

static void add_verb(struct strbuf *ret, const struct applet *verb, struct notes *notes)
{
	struct page page = { ret, verb, notes, false, true };

	strbuf_add_format(ret, ".Ss %s\n", verb->name);
	add_sentence(ret, verb->summary);
	opt_walk(&verb->options, add_option, &page);
	end_list(&page);
}

void mdoc_add_options(struct strbuf *ret, const struct applet *applet, struct notes *notes)
{
	struct page page = { ret, applet, notes, false, false };

	opt_walk(&applet->options, add_option, &page);
	for (const struct applet *const *v = applet->verbs; v != NULL && *v != NULL; v++) {
		end_list(&page);
		add_verb(ret, *v, notes);
	}
	if (applet->verbs != NULL || !opt_walk(&applet->options, is_no_heading, NULL)) {
		end_list(&page);
		strbuf_add_str(ret, ".Ss General\n");
	}
	opt_walk(&opt_builtin_table, add_option, &page);
	end_list(&page);
}

static void add_status(struct strbuf *ret, int code, const char *meaning)
{
	strbuf_add_format(ret, ".It %d\n", code);
	add_sentence(ret, meaning);
}

void mdoc_add_exit_status(struct strbuf *ret, const struct applet *applet)
{
	int usage = applet->codes.usage != 0 ? applet->codes.usage : EXIT_USAGE;
	int fail = applet->codes.fail != 0 ? applet->codes.fail : EXIT_FAIL;
	struct strbuf merged = { 0 };

	strbuf_add_str(ret, ".Bl -tag -width 3n -compact\n");
	add_status(ret, 0, "done");
	if (applet->says_no_when != NULL && usage != EXIT_NO && fail != EXIT_NO)
		add_status(ret, EXIT_NO, applet->says_no_when);
	else if (applet->says_no_when != NULL)
		strbuf_add_format(&merged, "%s; ", applet->says_no_when);
	if (usage == fail) {
		strbuf_add_str(&merged, "the command line made no sense, or it could not be done");
		add_status(ret, fail, strbuf_str(&merged));
	} else {
		strbuf_add_str(&merged, "the command line made no sense; nothing was done");
		add_status(ret, usage, strbuf_str(&merged));
		add_status(ret, fail, "it could not be done");
	}
	strbuf_add_str(ret, ".El\n");
	strbuf_release(&merged);
}

static const char *type_name(enum column_type type)
{
	switch (type) {
	case COLUMN_NAME:
		return "name";
	case COLUMN_TEXT:
		return "string";
	case COLUMN_SIZE:
		return "bytes";
	case COLUMN_COUNT:
	case COLUMN_INT:
		return "number";
	case COLUMN_TIME:
		return "epoch seconds";
	case COLUMN_FIXED:
		return "decimal number";
	case COLUMN_BOOL:
		return "true or false";
	case COLUMN_NAMES:
		return "array of strings";
	case COLUMN_COUNTS:
		return "array of numbers";
	case COLUMN_OBJECT:
		return "object";
	case COLUMN_ITEMS:
		return "array of objects";
	}
	return "value";
}

static void add_columns(struct strbuf *ret, const struct column_table *table)
{
	strbuf_add_str(ret, ".Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < table->len; i++) {
		const struct column *c = &table->columns[i];

		strbuf_add_format(ret, ".It Va %s Pq %s\n", c->name, type_name(c->type));
		add_text(ret, c->help);
		strbuf_add_char(ret, '\n');
	}
	strbuf_add_str(ret, ".El\n");
}

static void add_records(struct strbuf *ret, const struct applet *applet, const char *verb)
{
	for (const struct applet_schema *s = applet->schemas; s != NULL && s->table != NULL; s++) {
		strbuf_add_str(ret, ".Pp\nRecord of ");
		if (verb != NULL)
			strbuf_add_format(ret, "%s, ", verb);
		add_text(ret, s->when);
		strbuf_add_str(ret, ":\n");
		add_columns(ret, s->table);
	}
}

void mdoc_add_schema(struct strbuf *ret, const struct applet *applet)
{
	strbuf_add_str(ret, "With\n.Fl -json ,\neach line of standard output is one JSON object.\n"
	                    "Its first key is\n.Va record ,\nits kind; every other key is always\n"
	                    "there, and null when it is not known.\n"
	                    "A name that is not valid UTF-8 has a second key that ends in\n"
	                    ".Va _b64\nand holds its exact bytes.\n"
	                    "See\n.Xr dutybox 1\nfor the rules all records share.\n");
	add_records(ret, applet, NULL);
	for (const struct applet *const *v = applet->verbs; v != NULL && *v != NULL; v++)
		add_records(ret, *v, applet_verb(*v));
}
