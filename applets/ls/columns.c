/* SPDX-License-Identifier: MIT */
/* The formats that print names: one a line, in columns, between commas. */
#include "ls.h"

#include "cells.h"

enum { COLUMN_MIN = 3, GAP = 2 };

static void widen(size_t *width, size_t at_least)
{
	if (*width < at_least)
		*width = at_least;
}

static const char *context_of(const struct ls_file *file)
{
	return file->context != NULL ? file->context : "?";
}

static bool has_inode(const struct ls_file *file)
{
	return file->ino != 0;
}

static void add_size(struct strbuf *b, const struct human_format *format, uint64_t blocks)
{
	enum { BLOCK = 512 };

	human_add_size(b, blocks > UINT64_MAX / BLOCK ? UINT64_MAX : blocks * BLOCK, format);
}

void ls_measure_frills(const struct ls_run *run, const struct ls_list *list, struct ls_widths *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf size = { 0 };

	if (!run->opts->inode && !run->opts->blocks && !run->opts->context)
		return;
	if (list->aside != NULL)
		ls_measure_frills(run, list->aside, ret);

	for (size_t i = 0; i < list->len; i++) {
		const struct ls_file *file = list->items[i].item;

		if (run->opts->inode)
			widen(&ret->inode, cell_digits(file->ino));
		if (run->opts->blocks) {
			strbuf_clear(&size);
			if (file->meta != NULL)
				add_size(&size, &run->block_format, file->meta->blocks);
			widen(&ret->blocks, file->meta != NULL ? size.len : 1);
		}
		if (run->opts->context)
			widen(&ret->context, strlen(context_of(file)));
	}
}

static void add_right(struct strbuf *b, const char *text, size_t len, size_t width)
{
	if (len < width)
		strbuf_add_fill(b, ' ', width - len);
	strbuf_add(b, text, len);
}

void ls_add_inode(struct ls_run *run, const struct ls_file *file, size_t width)
{
	if (!has_inode(file)) {
		add_right(&run->out, "?", 1, width);
		strbuf_add_char(&run->out, ' ');
	} else {
		cell_add_number(&run->out, file->ino, width);
	}
}

void ls_add_blocks(struct ls_run *run, const struct ls_file *file, size_t width)
{
	AUTO_RELEASE_STRBUF struct strbuf size = { 0 };

	if (file->meta != NULL)
		add_size(&size, &run->block_format, file->meta->blocks);
	else
		strbuf_add_char(&size, '?');
	add_right(&run->out, size.data, size.len, width);
	strbuf_add_char(&run->out, ' ');
}

/* -i, -s, -Z, the name and its indicator. */
static void add_file(struct ls_run *run, const struct ls_list *list, const struct ls_file *file,
                     const struct ls_widths *widths, size_t at)
{
	char indicator = ls_indicator(run, file);

	ls_add_normal(run);
	if (run->opts->inode)
		ls_add_inode(run, file, widths->inode);
	if (run->opts->blocks)
		ls_add_blocks(run, file, widths->blocks);
	if (run->opts->context) {
		add_right(&run->out, context_of(file), strlen(context_of(file)), widths->context);
		strbuf_add_char(&run->out, ' ');
	}
	ls_add_name(run, list, file, at);
	if (indicator != '\0')
		strbuf_add_char(&run->out, indicator);
}

/* Columns that add_file() takes. */
static size_t file_width(const struct ls_run *run, const struct ls_list *list,
                         const struct ls_file *file, const struct ls_widths *widths)
{
	size_t width = ls_name_width(run, list, file) + (ls_indicator(run, file) != '\0');

	if (run->opts->inode)
		width += 1 + (widths->inode != 0 ? widths->inode : cell_digits(file->ino));
	if (run->opts->blocks && widths->blocks != 0) {
		width += 1 + widths->blocks;
	} else if (run->opts->blocks) {
		AUTO_RELEASE_STRBUF struct strbuf size = { 0 };

		if (file->meta != NULL)
			add_size(&size, &run->block_format, file->meta->blocks);
		width += 1 + (file->meta != NULL ? size.len : 1);
	}
	if (run->opts->context)
		width += 1 + (widths->context != 0 ? widths->context : strlen(context_of(file)));
	return width;
}

void ls_print_single(struct ls_run *run, struct ls_list *list, struct ls_file *file)
{
	static const struct ls_widths none = { 0 };

	add_file(run, list, file, &none, 0);
	strbuf_add_char(&run->out, run->end);
	ls_flush_some(run);
}

/* Between two words: a comma or a blank; a new line where the next one does not fit. */
static void print_separated(struct ls_run *run, const struct ls_list *list,
                            const struct ls_widths *widths, char separator)
{
	size_t at = 0;

	for (size_t i = 0; i < list->len; i++) {
		const struct ls_file *file = list->items[i].item;
		size_t width = run->width != 0 ? file_width(run, list, file, widths) : 0;

		if (i != 0) {
			bool fits = run->width == 0 || at + width + GAP < run->width;

			strbuf_add_char(&run->out, separator);
			strbuf_add_char(&run->out, fits ? ' ' : run->end);
			at = fits ? at + GAP : 0;
		}
		add_file(run, list, file, widths, at);
		at += width;
		ls_flush_some(run);
	}
	if (list->len > 0)
		strbuf_add_char(&run->out, run->end);
}

struct grid {
	size_t columns;
	size_t rows;
	size_t *widths; /* of columns, owned */
};

/* Fills the widths for so many columns; false: a line would be too long. */
static bool try_columns(const struct ls_run *run, const size_t *files, size_t len, struct grid *g,
                        size_t columns)
{
	size_t rows = (len + columns - 1) / columns;
	size_t total = columns * COLUMN_MIN;

	for (size_t c = 0; c < columns; c++)
		g->widths[c] = COLUMN_MIN;
	for (size_t i = 0; i < len; i++) {
		size_t c = run->format == LS_MANY ? i / rows : i % columns;
		size_t width = files[i] + (c == columns - 1 ? 0 : GAP);

		if (width <= g->widths[c])
			continue;
		total += width - g->widths[c];
		g->widths[c] = width;
		if (total >= run->width && columns > 1)
			return false;
	}
	g->columns = columns;
	g->rows = rows;
	return true;
}

static void find_grid(const struct ls_run *run, const size_t *files, size_t len, struct grid *ret)
{
	size_t most = run->width / COLUMN_MIN + (run->width % COLUMN_MIN != 0);

	if (most > len)
		most = len;
	if (most == 0)
		most = 1;
	ret->widths = mem_alloc_array(most, sizeof(*ret->widths));
	/* As many as possible; when none fits, one. */
	while (!try_columns(run, files, len, ret, most))
		most--;
}

/* Blanks and tabs from one column to another. */
static void add_gap(struct ls_run *run, size_t from, size_t to)
{
	while (from < to) {
		if (run->tab != 0 && to / run->tab > (from + 1) / run->tab) {
			strbuf_add_char(&run->out, '\t');
			from += run->tab - from % run->tab;
		} else {
			strbuf_add_char(&run->out, ' ');
			from++;
		}
	}
}

static void print_grid(struct ls_run *run, const struct ls_list *list,
                       const struct ls_widths *widths, const size_t *files, const struct grid *g)
{
	const bool down = run->format == LS_MANY;

	for (size_t row = 0; row < g->rows; row++) {
		size_t at = 0, column = 0;

		for (;;) {
			size_t next = at + g->widths[column];
			size_t i = down ? row + column * g->rows : row * g->columns + column;

			add_file(run, list, list->items[i].item, widths, at);
			column++;
			if (column == g->columns || (down ? i + g->rows : i + 1) >= list->len)
				break;
			add_gap(run, at + files[i], next);
			at = next;
		}
		strbuf_add_char(&run->out, run->end);
		ls_flush_some(run);
	}
}

static void print_columns(struct ls_run *run, const struct ls_list *list,
                          const struct ls_widths *widths)
{
	struct grid grid = { 0 };
	size_t *files;

	if (list->len == 0)
		return;
	files = mem_alloc_array(list->len, sizeof(*files));
	for (size_t i = 0; i < list->len; i++)
		files[i] = file_width(run, list, list->items[i].item, widths);
	find_grid(run, files, list->len, &grid);
	print_grid(run, list, widths, files, &grid);
	free(grid.widths);
	free(files);
}

void ls_print_columns(struct ls_run *run, struct ls_list *list)
{
	struct ls_widths widths = { 0 };

	if (run->format != LS_COMMAS)
		ls_measure_frills(run, list, &widths);
	switch (run->format) {
	case LS_ONE:
	case LS_LONG:
		for (size_t i = 0; i < list->len; i++) {
			add_file(run, list, list->items[i].item, &widths, 0);
			strbuf_add_char(&run->out, run->end);
			ls_flush_some(run);
		}
		break;
	case LS_COMMAS:
		print_separated(run, list, &widths, ',');
		break;
	case LS_MANY:
	case LS_ACROSS:
		if (run->width == 0)
			print_separated(run, list, &widths, ' ');
		else
			print_columns(run, list, &widths);
		break;
	}
}
