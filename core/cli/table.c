/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include "base/utf8.h"
#include "base/vec.h"

enum { TABLE_GAP = 2 };

struct cell {
	size_t start; /* in `text`; the next cell starts where this one ends */
	size_t width;
};

struct table {
	const struct table_column *columns;
	size_t columns_len;
	size_t *widths;
	struct strbuf text; /* all cells, one behind the other */
	struct cells {
		VEC_FIELDS(struct cell);
	} cells;
};

struct table *table_new(const struct table_column *columns, size_t len)
{
	struct table *t = mem_alloc_zeroed(sizeof(*t));

	t->columns = columns;
	t->columns_len = len;
	t->widths = mem_alloc_array(len, sizeof(*t->widths));
	for (size_t i = 0; i < len; i++) {
		const char *title = columns[i].title != NULL ? columns[i].title : "";

		t->widths[i] = utf8_columns(title, strlen(title));
	}
	return t;
}

struct table *table_free(struct table *t)
{
	if (t == NULL)
		return NULL;
	free(t->widths);
	strbuf_release(&t->text);
	vec_release(&t->cells);
	free(t);
	return NULL;
}

void table_add_with_width(struct table *t, const char *bytes, size_t len, size_t columns)
{
	size_t column = t->cells.len % t->columns_len;

	vec_push(&t->cells, (struct cell){ .start = t->text.len, .width = columns });
	strbuf_add(&t->text, bytes, len);
	if (t->widths[column] < columns)
		t->widths[column] = columns;
}

void table_add(struct table *t, const char *bytes, size_t len)
{
	table_add_with_width(t, bytes, len, utf8_columns(bytes, len));
}

void table_add_str(struct table *t, const char *s)
{
	table_add(t, s, strlen(s));
}

void table_add_u64(struct table *t, uint64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);

	table_add(t, digits, (size_t)n);
}

size_t table_rows(const struct table *t)
{
	return (t->cells.len + t->columns_len - 1) / t->columns_len;
}

/* One cell; the blanks that are owed are only written when something follows them. */
struct line {
	struct strbuf *b;
	size_t owed;
};

static void line_add(struct line *line, const struct table *t, size_t column, const char *bytes,
                     size_t len, size_t width)
{
	size_t padding = t->widths[column] - width;

	if (column != 0)
		line->owed += TABLE_GAP;
	if (t->columns[column].align == TABLE_RIGHT)
		line->owed += padding;
	if (len != 0) {
		strbuf_add_fill(line->b, ' ', line->owed);
		strbuf_add(line->b, bytes, len);
		line->owed = 0;
	}
	if (t->columns[column].align == TABLE_LEFT)
		line->owed += padding;
}

void table_print_row(const struct table *t, size_t row, struct strbuf *b)
{
	struct line line = { .b = b };

	for (size_t column = 0; column < t->columns_len; column++) {
		size_t i = row * t->columns_len + column;
		size_t end = i + 1 < t->cells.len ? t->cells.items[i + 1].start : t->text.len;

		if (i >= t->cells.len)
			return;
		line_add(&line, t, column, strbuf_str(&t->text) + t->cells.items[i].start,
		         end - t->cells.items[i].start, t->cells.items[i].width);
	}
}

void table_print_titles(const struct table *t, struct strbuf *b)
{
	struct line line = { .b = b };

	for (size_t column = 0; column < t->columns_len; column++) {
		const char *title = t->columns[column].title;
		size_t len = title != NULL ? strlen(title) : 0;

		line_add(&line, t, column, title, len, len != 0 ? utf8_columns(title, len) : 0);
	}
}

void table_print(const struct table *t, bool with_titles, struct strbuf *b)
{
	if (with_titles) {
		table_print_titles(t, b);
		strbuf_add_char(b, '\n');
	}
	for (size_t row = 0; row < table_rows(t); row++) {
		table_print_row(t, row, b);
		strbuf_add_char(b, '\n');
	}
}
