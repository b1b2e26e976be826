/* SPDX-License-Identifier: MIT */
/* Names as they are shown: quoted, coloured, linked, with a character for the type. */
#include "ls.h"

#include "base/utf8.h"

#include <dirent.h>
#include <stdlib.h>

/* The bytes that stand for a name. */
static void add_shown(const struct ls_run *run, struct strbuf *b, const char *name, size_t len,
                      const struct quote_form *form)
{
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };
	size_t begin = b->len;

	if (form->style == QUOTE_LITERAL && !run->masks) {
		strbuf_add(b, name, len);
		if (run->masks_newline && memchr(name, '\n', len) != NULL)
			for (size_t i = begin; i < b->len; i++)
				if (b->data[i] == '\n')
					b->data[i] = '?';
		return;
	}
	if (!run->masks) {
		quote_add(b, name, len, form);
		return;
	}
	quote_add(&quoted, name, len, form);
	quote_add_masked(b, strbuf_str(&quoted), quoted.len);
}

/* Columns on a terminal; what moves no cursor takes none. */
static size_t columns_of(const char *s, size_t len)
{
	size_t columns = 0;
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		int32_t cp = utf8_decode(s + at, len - at, &n);

		if (cp < 0)
			columns++;
		else if (cp >= 0x20 && (cp < 0x7F || cp >= 0xA0))
			columns += cp < 0x7F ? 1 : (size_t)utf8_width(cp);
	}
	return columns;
}

static bool is_quoted(const struct ls_run *run, const struct ls_file *file)
{
	AUTO_RELEASE_STRBUF struct strbuf shown = { 0 };

	if (run->names.style == QUOTE_SHELL_ESCAPE && run->names.also[0] == '\0')
		return quote_shell_is_needed(file->name, file->len);
	quote_add(&shown, file->name, file->len, &run->names);
	return shown.len != file->len || strbuf_str(&shown)[0] != file->name[0];
}

void ls_find_quoted(const struct ls_run *run, struct ls_list *list)
{
	if (!run->aligns_quotes)
		return;
	for (size_t i = 0; list->aside != NULL && i < list->aside->len; i++)
		list->has_quoted = list->has_quoted || is_quoted(run, list->aside->items[i].item);
	for (size_t i = 0; i < list->len; i++) {
		if (!is_quoted(run, list->items[i].item))
			continue;
		((struct ls_file *)list->items[i].item)->flags |= LS_IS_QUOTED;
		list->has_quoted = true;
	}
}

static bool is_padded(const struct ls_run *run, const struct ls_list *list,
                      const struct ls_file *file)
{
	return run->aligns_quotes && list->has_quoted && (file->flags & LS_IS_QUOTED) == 0;
}

size_t ls_name_width(const struct ls_run *run, const struct ls_list *list,
                     const struct ls_file *file)
{
	AUTO_RELEASE_STRBUF struct strbuf shown = { 0 };
	size_t pad = is_padded(run, list, file);

	if (run->names.style == QUOTE_LITERAL && !run->masks)
		return columns_of(file->name, file->len) +
		       (run->masks_newline && memchr(file->name, '\n', file->len) != NULL);
	add_shown(run, &shown, file->name, file->len, &run->names);
	return columns_of(strbuf_str(&shown), shown.len) + pad;
}

static char indicator_of_mode(const struct ls_run *run, mode_t mode, bool has_bits)
{
	if (S_ISREG(mode))
		return has_bits && run->indicator == LS_CLASSIFY && (mode & 0111) != 0 ? '*' : '\0';
	if (S_ISDIR(mode))
		return '/';
	if (run->indicator == LS_SLASH)
		return '\0';
	if (S_ISLNK(mode))
		return '@';
	if (S_ISFIFO(mode))
		return '|';
	return S_ISSOCK(mode) ? '=' : '\0';
}

char ls_indicator(const struct ls_run *run, const struct ls_file *file)
{
	if (run->indicator == LS_PLAIN)
		return '\0';
	if (file->meta != NULL)
		return indicator_of_mode(run, file->meta->mode, true);
	return indicator_of_mode(run, (mode_t)DTTOIF(file->type), false);
}

/* What was in colour so far ends; the first time, whatever was before. */
static void end_color(struct ls_run *run)
{
	ls_colors_add_end(run->colors, &run->out);
}

static void begin_using_color(struct ls_run *run)
{
	if (run->used_color)
		return;
	run->used_color = true;
	end_color(run);
}

void ls_add_normal(struct ls_run *run)
{
	if (!run->has_normal_color)
		return;
	begin_using_color(run);
	ls_colors_add_normal(run->colors, &run->out);
}

/* The colour of a file, or of what its link leads to. */
static const struct ls_color *color_of(const struct ls_run *run, const struct ls_file *file,
                                       bool target)
{
	const struct ls_link *link = file->link;
	struct ls_color_file f = { .name = file->name, .len = file->len };

	if (run->colors == NULL)
		return NULL;
	if (target) {
		f.name = link->target;
		f.len = strlen(link->target);
		f.mode = link->mode;
		f.is_missing = !link->is_ok;
		return ls_colors_for(run->colors, &f);
	}
	f.mode = file->meta != NULL ? file->meta->mode : (mode_t)DTTOIF(file->type);
	/* With -L, a link of which nothing is known leads nowhere. */
	f.is_dangling = file->meta == NULL && S_ISLNK(f.mode) && run->wants_link_mode;
	if (file->meta != NULL) {
		f.has_many_links = file->meta->nlink > 1;
		f.has_capability = (file->flags & LS_HAS_CAPABILITY) != 0;
		f.target_mode = link != NULL && link->is_ok ? link->mode : 0;
		f.is_dangling =
			S_ISLNK(f.mode) && run->wants_link_mode && (link == NULL || !link->is_ok);
	}
	return ls_colors_for(run->colors, &f);
}

static void add_link_begin(struct ls_run *run, struct strbuf *b, const char *path)
{
	AUTO_FREE_STR char *absolute = realpath(path, NULL);
	AUTO_RELEASE_STRBUF struct strbuf joined = { 0 };

	if (absolute == NULL && path[0] != '/') {
		AUTO_FREE_STR char *here = getcwd(NULL, 0);

		strbuf_add_format(&joined, "%s/", here != NULL ? here : "");
	}
	strbuf_add_str(&joined, path);
	hyperlink_add_begin(b, run->host, absolute != NULL ? absolute : strbuf_str(&joined));
}

/* Where a name is shown. */
struct place {
	size_t at;      /* its first column */
	size_t padding; /* blanks in front of it, behind `at` */
	bool is_target; /* it is the target of a link */
};

/* With a link to the file; quotes around the name, which align it, are no part of the link. */
static void add_linked(struct ls_run *run, const struct ls_list *list, const struct ls_file *file,
                       const struct strbuf *name, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	const char *text = strbuf_str(name);
	const size_t quotes = run->aligns_quotes && name->len > 1 &&
	                      (text[0] == '\'' || text[0] == '"') && text[name->len - 1] == text[0];

	ls_add_short_path(list, file->name, &path);
	strbuf_add(ret, text, quotes);
	add_link_begin(run, ret, strbuf_str(&path));
	strbuf_add(ret, text + quotes, name->len - 2 * quotes);
	hyperlink_add_end(ret);
	strbuf_add(ret, text, quotes);
}

/* A name that begins at column `at` and takes about so many columns, in its colour. */
static void add_colored(struct ls_run *run, const struct ls_color *color,
                        const struct strbuf *shown, size_t at, size_t columns)
{
	if (color != NULL) {
		begin_using_color(run);
		ls_colors_add_begin(run->colors, color, &run->out);
	}
	strbuf_add(&run->out, strbuf_str(shown), shown->len);
	if (color == NULL && !run->has_normal_color)
		return;
	end_color(run);
	if (run->width != 0 && at / run->width != (at + columns - 1) / run->width)
		ls_colors_add_clear_line(run->colors, &run->out);
}

/* A name, or the target of a link, by the file's own link and colour. */
static void add_decorated(struct ls_run *run, const struct ls_list *list,
                          const struct ls_file *file, const char *name, size_t len,
                          struct place place)
{
	AUTO_RELEASE_STRBUF struct strbuf shown = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf linked = { 0 };
	const struct ls_color *color = color_of(run, file, place.is_target);

	add_shown(run, &shown, name, len, &run->names);
	if (run->hyperlinks)
		add_linked(run, list, file, &shown, &linked);
	add_colored(run, color, run->hyperlinks ? &linked : &shown, place.at,
	            shown.len + place.padding);
}

void ls_add_name(struct ls_run *run, const struct ls_list *list, const struct ls_file *file,
                 size_t at)
{
	const struct place place = { .at = at, .padding = is_padded(run, list, file) };

	if (place.padding != 0)
		strbuf_add_char(&run->out, ' ');
	if (run->colors == NULL && !run->hyperlinks)
		add_shown(run, &run->out, file->name, file->len, &run->names);
	else
		add_decorated(run, list, file, file->name, file->len, place);
}

void ls_add_target(struct ls_run *run, const struct ls_list *list, const struct ls_file *file)
{
	const struct ls_link *link = file->link;
	char indicator = '\0';

	if (link == NULL)
		return;
	strbuf_add_str(&run->out, " -> ");
	add_decorated(run, list, file, link->target, strlen(link->target),
	              (struct place){ .is_target = true });
	if (run->indicator != LS_PLAIN)
		indicator = indicator_of_mode(run, link->mode, true);
	if (indicator != '\0')
		strbuf_add_char(&run->out, indicator);
}

void ls_add_dir_header(struct ls_run *run, const char *path, size_t len)
{
	if (run->hyperlinks)
		add_link_begin(run, &run->out, path);
	add_shown(run, &run->out, path, len, &run->dir_names);
	if (run->hyperlinks)
		hyperlink_add_end(&run->out);
	strbuf_add_str(&run->out, ":\n");
}
