/* SPDX-License-Identifier: MIT */
/* The lines of --fs: a table in the layout of df, or records. */
#include "space.h"

#include "base/utf8.h"

#include <stdlib.h>

enum {
	COL_MOUNT,
	COL_SOURCE,
	COL_FSTYPE,
	COL_TOTAL,
	COL_USED,
	COL_FREE,
	COL_AVAIL,
	COL_USED_PCT,
	COL_INODES_TOTAL,
	COL_INODES_USED,
	COL_INODES_FREE,
	COL_INODES_PCT,
	COL_READONLY,
	COL_REMOTE,
	COL_OPTIONS,
	COL_TIMED_OUT,
};

static const struct column columns[] = {
	[COL_MOUNT] = { "mount", COLUMN_NAME, "where it is mounted; null for the total" },
	[COL_SOURCE] = { "source", COLUMN_NAME, "the device, server or label" },
	[COL_FSTYPE] = { "fstype", COLUMN_NAME, "the type, as in /proc/mounts" },
	[COL_TOTAL] = { "total_bytes", COLUMN_SIZE, "its size" },
	[COL_USED] = { "used_bytes", COLUMN_SIZE, "total - free" },
	[COL_FREE] = { "free_bytes", COLUMN_SIZE, "with what is reserved for root" },
	[COL_AVAIL] = { "avail_bytes", COLUMN_SIZE, "free for everybody" },
	[COL_USED_PCT] = { "used_pct", COLUMN_COUNT, "used of used + avail, rounded up" },
	[COL_INODES_TOTAL] = { "inodes_total", COLUMN_COUNT, "0 where they are not limited" },
	[COL_INODES_USED] = { "inodes_used", COLUMN_COUNT, "inodes in use" },
	[COL_INODES_FREE] = { "inodes_free", COLUMN_COUNT, "inodes left" },
	[COL_INODES_PCT] = { "inodes_pct", COLUMN_COUNT, "used of all, rounded up" },
	[COL_READONLY] = { "readonly", COLUMN_BOOL, "the mount or the file system is" },
	[COL_REMOTE] = { "remote", COLUMN_BOOL, "on the network" },
	[COL_OPTIONS] = { "options", COLUMN_NAME, "of the mount and of the file system" },
	[COL_TIMED_OUT] = { "timed_out", COLUMN_BOOL, "there was no answer in time" },
};

const struct column_table du_fs_table = { columns, ARRAY_LEN(columns) };

/* Those of the mount, then the file system's that are not among them. */
static void add_options(struct strbuf *b, const struct mount *mount)
{
	strbuf_add_str(b, mount->options);
	for (const char *at = mount->super_options; *at != '\0';) {
		size_t len = strcspn(at, ",");
		char *option = mem_strndup(at, len);
		size_t value_len;

		if (mount_option(mount->options, option, &value_len) == NULL) {
			strbuf_add_char(b, ',');
			strbuf_add(b, at, len);
		}
		free(option);
		at += len + (at[len] == ',');
	}
}

static void record_pct(struct record *r, int column, int pct)
{
	if (pct != SPACE_PCT_NONE)
		record_u64(r, column, (uint64_t)pct);
}

static void record_space(struct record *r, const struct space *space)
{
	record_u64(r, COL_TOTAL, space->total_bytes);
	record_u64(r, COL_USED, space->used_bytes);
	record_u64(r, COL_FREE, space->free_bytes);
	record_u64(r, COL_AVAIL, space->avail_bytes);
	record_pct(r, COL_USED_PCT, space->used_pct);
	record_u64(r, COL_INODES_TOTAL, space->inodes_total);
	record_u64(r, COL_INODES_USED, space->inodes_used);
	record_u64(r, COL_INODES_FREE, space->inodes_free);
	record_pct(r, COL_INODES_PCT, space->inodes_pct);
}

static void emit(const struct du_run *run, const struct fs_row *row)
{
	AUTO_RELEASE_STRBUF struct strbuf options = { 0 };
	struct record r;

	record_begin(&r, row->mount != NULL ? "entry" : "summary", &du_fs_table);
	if (row->mount != NULL) {
		add_options(&options, row->mount);
		record_name(&r, COL_MOUNT, row->mount->point);
		record_name(&r, COL_SOURCE, row->mount->source);
		record_name(&r, COL_FSTYPE, row->mount->fstype);
		record_bool(&r, COL_READONLY, row->mount->readonly);
		record_bool(&r, COL_REMOTE, row->mount->remote);
		record_bytes(&r, COL_OPTIONS, strbuf_str(&options), options.len);
		record_bool(&r, COL_TIMED_OUT, row->timed_out);
	}
	if (row->known)
		record_space(&r, &row->space);
	out_emit(run->ctx->out, &r);
}

/* The text table: six cells a line. */
enum { CELLS = 6, CELL_SOURCE = 0, CELL_POINT = CELLS - 1 };

struct line {
	struct strbuf cells[CELLS];
};

struct lines {
	VEC_FIELDS(struct line);
};

/* As df: never narrower than these. */
static const size_t least_widths[CELLS] = { 14, 5, 5, 5, 4, 0 };

/*
 * Quoted on a terminal. Elsewhere as it is, but a control character would break the line:
 * it becomes a question mark, as in df. The records have the exact bytes.
 */
static void add_name(const struct du_run *run, struct strbuf *b, const char *name)
{
	size_t len = strlen(name);

	if (out_quotes(run->ctx->out)) {
		out_add_name(run->ctx->out, b, name, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		strbuf_add_char(b, c < ' ' || c == 0x7f ? '?' : name[i]);
	}
}

/* "1K-blocks", "500kB-blocks", as df: in the base that says it more exactly. */
static void add_block_heading(struct strbuf *b, uint64_t block)
{
	uint64_t by_1000 = block;
	uint64_t by_1024 = block;
	bool whole_1000;
	bool whole_1024;
	struct strbuf text = { 0 };

	do {
		whole_1000 = by_1000 % 1000 == 0;
		by_1000 /= 1000;
		whole_1024 = by_1024 % 1024 == 0;
		by_1024 /= 1024;
	} while (whole_1000 && whole_1024);

	human_add_size(&text, block,
	               &(const struct human_format){ .autoscale = true, .si = !whole_1024 });
	for (const char *at = strbuf_str(&text); *at != '\0'; at++) {
		if (at[0] == '.' && at[1] == '0')
			at++;
		else
			strbuf_add_char(b, *at);
	}
	strbuf_add_str(b, whole_1024 ? "-blocks" : "B-blocks");
	strbuf_release(&text);
}

static void add_headings(const struct du_run *run, const struct human_format *format,
                         struct line *line)
{
	static const char *const inode_words[CELLS] = { "Filesystem", "Inodes", "IUsed",
		                                        "IFree",      "IUse%",  "Mounted on" };
	static const char *const block_words[CELLS] = { "Filesystem", "",     "Used",
		                                        "Available",  "Use%", "Mounted on" };
	const char *const *words = run->opts->inodes ? inode_words : block_words;

	for (size_t i = 0; i < CELLS; i++)
		strbuf_add_str(&line->cells[i], words[i]);
	if (run->opts->inodes)
		return;
	if (format->autoscale) {
		strbuf_add_str(&line->cells[1], "Size");
		strbuf_truncate(&line->cells[3], strlen("Avail"));
	} else if (run->opts->posix) {
		strbuf_add_u64(&line->cells[1], format->block_size);
		strbuf_add_str(&line->cells[1], "-blocks");
		strbuf_clear(&line->cells[4]);
		strbuf_add_str(&line->cells[4], "Capacity");
	} else {
		add_block_heading(&line->cells[1], format->block_size);
	}
}

static void add_numbers(const struct du_run *run, const struct human_format *format,
                        const struct fs_row *row, struct line *line)
{
	const struct space *space = &row->space;
	const bool inodes = run->opts->inodes;
	const uint64_t numbers[] = {
		inodes ? space->inodes_total : space->total_bytes,
		inodes ? space->inodes_used : space->used_bytes,
		inodes ? space->inodes_free : space->avail_bytes,
	};
	const int pct = inodes ? space->inodes_pct : space->used_pct;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (row->known)
			human_add_size(&line->cells[1 + i], numbers[i], format);
		else
			strbuf_add_char(&line->cells[1 + i], '-');
	}
	if (row->known && pct != SPACE_PCT_NONE)
		strbuf_add_format(&line->cells[4], "%d%%", pct);
	else
		strbuf_add_char(&line->cells[4], '-');
}

static void add_row(const struct du_run *run, const struct human_format *format,
                    const struct fs_row *row, struct lines *lines)
{
	struct line line = { 0 };
	const char *source = row->mount != NULL ? row->mount->source : "total";

	add_name(run, &line.cells[CELL_SOURCE], source[0] != '\0' ? source : "-");
	add_numbers(run, format, row, &line);
	add_name(run, &line.cells[CELL_POINT], row->mount != NULL ? row->mount->point : "-");
	vec_push(lines, line);
}

static void print_lines(const struct du_run *run, const struct lines *lines)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	size_t widths[CELLS];

	memcpy(widths, least_widths, sizeof(widths));
	for (size_t i = 0; i < lines->len; i++) {
		for (size_t k = 0; k < CELLS; k++) {
			const struct strbuf *cell = &lines->items[i].cells[k];
			size_t width = utf8_columns(strbuf_str(cell), cell->len);

			if (width > widths[k])
				widths[k] = width;
		}
	}
	for (size_t i = 0; i < lines->len; i++) {
		for (size_t k = 0; k < CELLS; k++) {
			const struct strbuf *cell = &lines->items[i].cells[k];
			size_t pad = widths[k] - utf8_columns(strbuf_str(cell), cell->len);

			if (k > 0)
				strbuf_add_char(&text, ' ');
			if (k != CELL_SOURCE && k != CELL_POINT)
				strbuf_add_fill(&text, ' ', pad);
			strbuf_add(&text, strbuf_str(cell), cell->len);
			if (k == CELL_SOURCE)
				strbuf_add_fill(&text, ' ', pad);
		}
		out_line(run->ctx->out, &text);
	}
}

/* The format of df -P is fixed by POSIX, unless a block size was asked for. */
static struct human_format size_format(const struct du_run *run)
{
	if (run->opts->posix && run->opts->block_sizes.len == 0 && !run->opts->inodes)
		return (struct human_format){ .block_size =
			                              getenv("POSIXLY_CORRECT") != NULL ? 512 : 1024 };
	if (run->opts->posix && run->opts->block_sizes.len == 0)
		return (struct human_format){ .block_size = 1 };
	return run->format;
}

void fs_print(const struct du_run *run, const struct fs_rows *rows, const struct fs_row *total)
{
	struct human_format format = size_format(run);
	struct lines lines = { 0 };
	struct line heading = { 0 };

	if (out_format(run->ctx->out) == OUT_JSON) {
		for (size_t i = 0; i < rows->len; i++)
			emit(run, &rows->items[i]);
		if (total != NULL)
			emit(run, total);
		return;
	}
	add_headings(run, &format, &heading);
	vec_push(&lines, heading);
	for (size_t i = 0; i < rows->len; i++)
		add_row(run, &format, &rows->items[i], &lines);
	if (total != NULL)
		add_row(run, &format, total, &lines);
	print_lines(run, &lines);
	for (size_t i = 0; i < lines.len; i++)
		for (size_t k = 0; k < CELLS; k++)
			strbuf_release(&lines.items[i].cells[k]);
	vec_release(&lines);
}
