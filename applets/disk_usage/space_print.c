/* SPDX-License-Identifier: MIT */
/* The lines of --fs: a table in the layout of df, or records. */
#include "space.h"

#include "df_table.h"
#include "plain_name.h"

#include "cli/fs_record.h"

#include <inttypes.h>
#include <stdlib.h>

static void emit(const struct du_run *run, const struct fs_row *row)
{
	AUTO_RELEASE_STRBUF struct strbuf options = { 0 };
	struct record r;

	record_begin(&r, row->mount != NULL ? "entry" : "summary", &fs_record_table);
	if (row->mount != NULL) {
		fs_add_options(&options, row->mount);
		record_name(&r, FS_MOUNT, row->mount->point);
		record_name(&r, FS_SOURCE, row->mount->source);
		record_name(&r, FS_FSTYPE, row->mount->fstype);
		record_bool(&r, FS_READONLY, row->mount->readonly);
		record_bool(&r, FS_REMOTE, row->mount->remote);
		record_bytes(&r, FS_OPTIONS, strbuf_str(&options), options.len);
		record_bool(&r, FS_TIMED_OUT, row->timed_out);
	}
	if (row->known)
		fs_record_space(&r, &row->space);
	out_emit(run->ctx->out, &r);
}

/* As in df, which never makes these narrower. */
static const struct df_column layout[] = {
	{ 14, false }, { 5, true }, { 5, true }, { 5, true }, { 4, true }, { 0, false },
};

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
                         struct df_table *table)
{
	const bool inodes = run->opts->inodes;
	const bool posix = run->opts->posix && !format->autoscale && !inodes;
	struct strbuf *size;

	df_table_add(table, "Filesystem");
	size = df_table_cell(table);
	if (inodes)
		strbuf_add_str(size, "Inodes");
	else if (format->autoscale)
		strbuf_add_str(size, "Size");
	else if (posix)
		strbuf_add_format(size, "%" PRIu64 "-blocks", format->block_size);
	else
		add_block_heading(size, format->block_size);
	df_table_add(table, inodes ? "IUsed" : "Used");
	df_table_add(table, inodes ? "IFree" : format->autoscale ? "Avail" : "Available");
	df_table_add(table, inodes ? "IUse%" : posix ? "Capacity" : "Use%");
	df_table_add(table, "Mounted on");
}

static void add_numbers(const struct du_run *run, const struct human_format *format,
                        const struct fs_row *row, struct df_table *table)
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
		struct strbuf *cell = df_table_cell(table);

		if (row->known)
			human_add_size(cell, numbers[i], format);
		else
			strbuf_add_char(cell, '-');
	}
	if (row->known && pct != SPACE_PCT_NONE)
		strbuf_add_format(df_table_cell(table), "%d%%", pct);
	else
		df_table_add(table, "-");
}

static void add_row(const struct du_run *run, const struct human_format *format,
                    const struct fs_row *row, struct df_table *table)
{
	const struct out *out = run->ctx->out;
	const char *source = row->mount != NULL ? row->mount->source : "total";

	plain_name_add(out, df_table_cell(table), source[0] != '\0' ? source : "-");
	add_numbers(run, format, row, table);
	plain_name_add(out, df_table_cell(table), row->mount != NULL ? row->mount->point : "-");
}

/* The format of df -P is fixed by POSIX, unless a block size was asked for. */
static struct human_format size_format(const struct du_run *run)
{
	if (run->opts->posix && run->opts->block_sizes.len == 0 && !run->opts->inodes)
		return (struct human_format){ .block_size = getenv("POSIXLY_CORRECT") != NULL
			                                            ? 512
			                                            : 1024 };
	if (run->opts->posix && run->opts->block_sizes.len == 0)
		return (struct human_format){ .block_size = 1 };
	return run->format;
}

void fs_print(const struct du_run *run, const struct fs_rows *rows, const struct fs_row *total)
{
	struct human_format format = size_format(run);
	struct df_table table = { .layout = layout, .columns = ARRAY_LEN(layout) };

	if (out_format(run->ctx->out) == OUT_JSON) {
		for (size_t i = 0; i < rows->len; i++)
			emit(run, &rows->items[i]);
		if (total != NULL)
			emit(run, total);
		return;
	}
	add_headings(run, &format, &table);
	for (size_t i = 0; i < rows->len; i++)
		add_row(run, &format, &rows->items[i], &table);
	if (total != NULL)
		add_row(run, &format, total, &table);
	df_table_print(&table, run->ctx->out);
}
