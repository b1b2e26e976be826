/* SPDX-License-Identifier: MIT */
/* Bars, percentages and columns that stand under each other. */
#include "disk_usage.h"

#include "base/utf8.h"

enum { BAR_CELLS = 20, BAR_PARTS = 8 };

/* value * scale / whole, rounded down, for value <= whole. */
static unsigned share(uint64_t value, uint64_t whole, unsigned scale)
{
	if (whole == 0)
		return 0;
	/* Both lose bits alike, far below what a cell or a percent can show. */
	while (whole > UINT64_MAX / scale) {
		whole /= 2;
		value /= 2;
	}
	return (unsigned)(value * scale / whole);
}

void du_add_bar(struct strbuf *line, uint64_t value, uint64_t whole)
{
	const uint64_t part = value < whole ? value : whole;
	const unsigned parts = share(part, whole, BAR_CELLS * BAR_PARTS);
	unsigned cells = parts / BAR_PARTS;
	const unsigned rest = parts % BAR_PARTS;

	for (unsigned i = 0; i < cells; i++)
		strbuf_add_str(line, "\u2588");
	if (rest > 0) {
		/* U+2588 is a full block, U+258F an eighth of one. */
		char eighths[4];
		size_t n = utf8_encode(0x2590 - (int32_t)rest, eighths);

		strbuf_add(line, eighths, n);
		cells++;
	}
	strbuf_add_fill(line, ' ', BAR_CELLS - cells);
	strbuf_add_format(line, " %3u%%", share(part, whole, 100));
}

size_t du_value_width(const struct du_run *run, uint64_t value, size_t at_least)
{
	struct strbuf text = { 0 };
	size_t width;

	du_add_value(run, &text, value);
	width = text.len;
	strbuf_release(&text);
	return width > at_least ? width : at_least;
}

void du_add_aligned(const struct du_run *run, struct strbuf *line, const struct du_row *row,
                    const struct du_layout *layout)
{
	const uint64_t value = du_row_value(run, row);

	strbuf_add_fill(line, ' ', layout->width - du_value_width(run, value, 0));
	du_add_value(run, line, value);
	strbuf_add_str(line, "  ");
	if (run->bars) {
		du_add_bar(line, value, layout->whole);
		strbuf_add_str(line, "  ");
	}
	du_add_columns(run, line, row, "  ");
}

void du_print_aligned(const struct du_run *run, const struct du_rows *rows,
                      const struct du_row *total)
{
	struct du_layout layout = { .whole = du_row_value(run, total) };
	struct strbuf line = { 0 };

	if (run->total)
		layout.width = du_value_width(run, layout.whole, 0);
	for (size_t i = 0; i < rows->len; i++)
		layout.width =
			du_value_width(run, du_row_value(run, &rows->items[i]), layout.width);
	for (size_t i = 0; i < rows->len; i++) {
		du_add_aligned(run, &line, &rows->items[i], &layout);
		du_add_path(run, &line, &rows->items[i]);
		out_line(run->ctx->out, &line);
	}
	if (run->total) {
		du_add_aligned(run, &line, total, &layout);
		strbuf_add_str(&line, "total");
		out_line(run->ctx->out, &line);
	}
	strbuf_release(&line);
}
