/* SPDX-License-Identifier: MIT */
#include "df_table.h"

#include "base/utf8.h"

enum { GAP = 1 };

struct strbuf *df_table_cell(struct df_table *t)
{
	vec_push(t, (struct strbuf){ 0 });
	return &vec_last(t);
}

void df_table_add(struct df_table *t, const char *text)
{
	strbuf_add_str(df_table_cell(t), text);
}

static size_t cell_width(const struct strbuf *cell)
{
	return utf8_columns(strbuf_str(cell), cell->len);
}

static size_t column_width(const struct df_table *t, size_t column)
{
	size_t width = t->layout[column].least;

	for (size_t i = column; i < t->len; i += t->columns) {
		size_t own = cell_width(&t->items[i]);

		if (own > width)
			width = own;
	}
	return width;
}

void df_table_print(struct df_table *t, struct out *o)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	size_t *widths = mem_alloc_array(t->columns, sizeof(*widths));

	for (size_t k = 0; k < t->columns; k++)
		widths[k] = column_width(t, k);
	for (size_t i = 0, k = 0; i < t->len; i++) {
		struct strbuf *cell = &t->items[i];
		const size_t pad = widths[k] - cell_width(cell);

		if (t->layout[k].right)
			strbuf_add_fill(&line, ' ', pad);
		strbuf_add(&line, strbuf_str(cell), cell->len);
		if (k + 1 < t->columns) {
			strbuf_add_fill(&line, ' ', (t->layout[k].right ? 0 : pad) + GAP);
			k++;
		} else {
			out_line(o, &line);
			k = 0;
		}
		strbuf_release(cell);
	}
	free(widths);
	vec_release(t);
}
