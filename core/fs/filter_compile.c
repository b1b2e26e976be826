/* SPDX-License-Identifier: MIT */
#include "fs/filter_private.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>

const char *filter_tag_name(enum filter_tag tag)
{
	switch (tag) {
	case FILTER_EXCLUDE:
		return "--exclude";
	case FILTER_INCLUDE:
		return "--include";
	case FILTER_EXCLUDE_FROM:
		return "--exclude-from";
	case FILTER_INCLUDE_FROM:
		return "--include-from";
	case FILTER_IGNORE:
		return "--ignore";
	}
	return "";
}

/* fnmatch() fails on a backslash at the end, and gnulib asks it about wildcards only. */
static bool never_matches(const char *pattern)
{
	bool has_wildcard = false;

	for (; *pattern; pattern++) {
		if (*pattern != '\\')
			has_wildcard = has_wildcard || strchr("*?[", *pattern);
		else if (!*++pattern)
			return has_wildcard;
	}
	return false;
}

/* A pattern as fnmatch() reads it; nothing is wrong but its size. */
static int add_gnu_pattern(struct ignore_rules *rules, const char *pattern, size_t line,
                           struct text_error *reterr)
{
	struct ignore_rule rule = { .anchored = true, .line = line };
	int r = glob_compile(pattern, GLOB_LENIENT | GLOB_NO_BRACES | GLOB_CROSS_SLASH, &rule.glob,
	                     reterr);

	if (r)
		return r;
	if (never_matches(pattern))
		rule.glob = glob_free(rule.glob);
	rule.text = mem_strdup(pattern);
	vec_push(rules, rule);
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* As gnulib's add_exclude_file(): patterns without their trailing blanks, if anything is left. */
static int add_gnu_lines(struct ignore_rules *rules, const struct strbuf *text,
                         struct ignore_error *reterr)
{
	const char *at = strbuf_str(text);
	const char *end = at + text->len;

	for (size_t number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((newline ? newline : end) - at);
		AUTO_FREE_STR char *pattern = NULL;
		struct text_error where;

		while (n > 0 && is_blank(at[n - 1]))
			n--;
		pattern = mem_strndup(at, n);
		at = newline ? newline + 1 : end;
		if (n == 0)
			continue;
		if (add_gnu_pattern(rules, pattern, number, &where)) {
			*reterr = (struct ignore_error){ number, take(&pattern), where };
			return -EINVAL;
		}
	}
	return 0;
}

static int read_rules_file(const char *name, struct strbuf *ret)
{
	if (!strcmp(name, "-"))
		return fdio_read_all(STDIN_FILENO, FILTER_FILE_MAX, ret);
	return fdio_read_file(AT_FDCWD, name, FILTER_FILE_MAX, ret);
}

static int add_file(struct filter_source *source, struct filter_error *reterr)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct ignore_error mistake = { 0 };
	int r = read_rules_file(source->text, &text);

	reterr->file = source->text;
	if (r) {
		reterr->err = -r;
		return r;
	}
	r = source->gnu ? add_gnu_lines(&source->rules, &text, &mistake)
	                : ignore_rules_add_lines(&source->rules, strbuf_str(&text), text.len,
	                                         IGNORE_HOUSE, 0, &mistake);
	if (r) {
		reterr->line = mistake.line;
		reterr->text = mistake.text;
		reterr->where = mistake.where;
	}
	return r;
}

static int add_pattern(struct filter_source *source, struct filter_error *reterr)
{
	const char *slash = strchr(source->text, '/');
	int r;

	if (source->tag == FILTER_IGNORE && slash) {
		reterr->where = (struct text_error){ "a base name has no slash",
			                             (size_t)(slash - source->text), 1 };
		r = -EINVAL;
	} else if (source->gnu) {
		r = add_gnu_pattern(&source->rules, source->text, 0, &reterr->where);
	} else {
		r = ignore_rules_add(&source->rules, source->text, IGNORE_HOUSE, &reterr->where);
	}
	if (r)
		reterr->text = mem_strdup(source->text);
	return r;
}

static void note_needs(struct filter *f, const struct filter_source *source)
{
	f->has_gnu = f->has_gnu || source->gnu;
	for (size_t i = 0; i < source->rules.len; i++) {
		const struct ignore_rule *rule = &source->rules.items[i];

		f->compares_paths = f->compares_paths || rule->anchored;
		f->compares_types = f->compares_types || rule->directories_only;
	}
}

static int add_source(struct filter *f, const struct tagged_str *given, struct filter_error *reterr)
{
	enum filter_tag tag = (enum filter_tag)given->tag;
	bool is_file = tag == FILTER_EXCLUDE_FROM || tag == FILTER_INCLUDE_FROM;
	bool is_exclude = tag == FILTER_EXCLUDE || tag == FILTER_EXCLUDE_FROM;
	struct filter_source source = { .tag = tag,
		                        .gnu = f->opts.gnu_exclude && is_exclude,
		                        .text = given->text };
	int r;

	*reterr = (struct filter_error){ .option = filter_tag_name(tag) };
	r = is_file ? add_file(&source, reterr) : add_pattern(&source, reterr);
	note_needs(f, &source);
	vec_push(&f->sources, source);
	return r;
}

/* A name that is looked for in directories. */
static int check_marker(const char *name, struct filter_error *reterr)
{
	const char *slash = strchr(name, '/');

	if (*name && !slash)
		return 0;
	*reterr = (struct filter_error){
		.option = "--exclude-if-present",
		.text = mem_strdup(name),
		.where = { slash ? "a name in a directory has no slash" : "the name is empty",
		           slash ? (size_t)(slash - name) : 0, slash ? 1 : 0 }
	};
	return -EINVAL;
}

int filter_compile(const struct filter_opts *opts, struct filter **ret, struct filter_error *reterr)
{
	AUTO_FREE(filter) struct filter *f = mem_alloc_zeroed(sizeof(*f));

	f->unusable = mem_alloc_zeroed(sizeof(*f->unusable));
	f->opts = *opts;
	f->opts.rules = (struct tagged_strv){ 0 };
	f->opts.exclude_if_present = (struct strv){ 0 };
	f->compares_paths = f->compares_types = opts->gitignore;
	for (size_t i = 0; i < opts->rules.len; i++) {
		int r = add_source(f, &opts->rules.items[i], reterr);

		if (r)
			return r;
	}
	for (size_t i = 0; i < opts->exclude_if_present.len; i++) {
		int r = check_marker(opts->exclude_if_present.items[i], reterr);

		if (r)
			return r;
		vec_push(&f->opts.exclude_if_present, opts->exclude_if_present.items[i]);
	}
	*ret = take(&f);
	return 0;
}

void filter_error_release(struct filter_error *error)
{
	free(error->text);
	error->text = NULL;
}

struct filter *filter_free(struct filter *f)
{
	if (f) {
		for (size_t i = 0; i < f->sources.len; i++)
			ignore_rules_release(&f->sources.items[i].rules);
		vec_release(&f->sources);
		vec_release(&f->opts.exclude_if_present);
		free(f->unusable);
		free(f);
	}
	return NULL;
}
