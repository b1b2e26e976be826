/* SPDX-License-Identifier: MIT */
/* One entry as a line of text or as a record. */
#include "disk_usage.h"

#include "cli/fs_record.h"

#include "base/clock.h"
#include "cli/color.h"
#include "cli/explain.h"
#include "cli/file_type.h"

#include <dirent.h>

/* The columns by number; DU_ENTRY_COLUMNS has them in this order. */
enum {
	COL_PATH,
	COL_DEPTH,
	COL_TOTAL = COL_DEPTH,
	COL_TYPE,
	COL_DISK,
	COL_APPARENT,
	COL_OWN,
	COL_FILES,
	COL_DIRS,
	COL_OTHER,
	COL_HARDLINK,
	COL_RECLAIM,
	COL_MTIME,
	COL_ERRORS,
	COL_MOUNT,
	COLS,
};

static const struct column entry_columns[] = { DU_ENTRY_COLUMNS };

_Static_assert(ARRAY_LEN(entry_columns) == DU_ENTRY_COLUMNS_LEN &&
                       (int)COLS == (int)DU_ENTRY_COLUMNS_LEN,
               "the columns and their numbers");

static const struct column total_columns[] = {
	{ "path", COLUMN_NAME, "null" },
	{ "total", COLUMN_BOOL, "true" },
	{ "type", COLUMN_TEXT, "null" },
	DU_SUM_COLUMNS,
};

static const struct column_table entry_table = { entry_columns, ARRAY_LEN(entry_columns) };
static const struct column_table total_table = { total_columns, ARRAY_LEN(total_columns) };

const struct applet_schema du_schemas[] = {
	{ "each entry that is shown", &entry_table },
	{ "the total, last (record \"summary\")", &total_table },
	{ "each entry with --diff", &du_change_table },
	{ "--explain=PATH (record \"verdict\")", &explain_table },
	{ "each file system with --fs, and their total (record \"summary\")", &fs_record_table },
	{ "each file with --deleted, and their total (record \"summary\")", &du_deleted_table },
	{ "each share with --explain (record \"item\")", &du_explain_table },
	{ "each file system with --explain (record \"summary\")", &du_explain_summary_table },
	{ 0 },
};

static void record_sums(struct record *r, const struct du_run *run, const struct du_row *row)
{
	const struct usage_sum *sum = &row->sum;

	record_u64(r, COL_DISK, sum->disk);
	record_u64(r, COL_APPARENT, sum->apparent);
	record_u64(r, COL_OWN, row->own_disk);
	record_u64(r, COL_FILES, sum->files);
	record_u64(r, COL_DIRS, sum->dirs);
	record_u64(r, COL_OTHER, sum->other);
	record_u64(r, COL_HARDLINK, sum->hardlink);
	if (run->opts->reclaim)
		record_u64(r, COL_RECLAIM, row->reclaim);
	if (usage_sum_inodes(sum) > 0)
		record_time(r, COL_MTIME, sum->newest);
	record_u64(r, COL_ERRORS, sum->errors);
}

void du_record_row(struct record *r, const struct du_run *run, const struct du_row *row)
{
	record_bytes(r, COL_PATH, row->path, row->path_len);
	record_u64(r, COL_DEPTH, row->depth);
	record_name(r, COL_TYPE, file_type_word(row->type));
	record_sums(r, run, row);
	record_bool(r, COL_MOUNT, row->mount);
}

static void emit_row(const struct du_run *run, const struct du_row *row)
{
	struct record r;

	record_begin(&r, "entry", &entry_table);
	du_record_row(&r, run, row);
	out_emit(run->ctx->out, &r);
}

static void emit_total(const struct du_run *run, const struct du_row *total)
{
	struct record r;

	record_begin(&r, "summary", &total_table);
	record_bool(&r, COL_TOTAL, true);
	record_sums(&r, run, total);
	out_emit(run->ctx->out, &r);
}

uint64_t du_row_value(const struct du_run *run, const struct du_row *row)
{
	if (run->opts->inodes)
		return usage_sum_inodes(&row->sum);
	return run->opts->apparent ? row->sum.apparent : row->sum.disk;
}

void du_add_value(const struct du_run *run, struct strbuf *line, uint64_t value)
{
	if (value == UINT64_MAX)
		strbuf_add_str(line, "Infinity");
	else
		human_add_size(line, value, &run->format);
}

void du_add_columns(const struct du_run *run, struct strbuf *line, const struct du_row *row,
                    const char *gap)
{
	if (run->opts->reclaim) {
		du_add_value(run, line, row->reclaim);
		strbuf_add_str(line, gap);
	}
	if (run->time_style != NULL) {
		if (row->sum.newest.tv_nsec >= 0)
			clock_add_time(line, row->sum.newest, run->time_style);
		else
			strbuf_add_char(line, '-');
		strbuf_add_str(line, gap);
	}
}

static const struct ls_color *color_of(const struct du_run *run, const struct du_row *row)
{
	const struct ls_color_file file = {
		.name = row->path,
		.len = row->path_len,
		.mode = row->mode,
		.has_many_links = row->has_many_links && row->type == DT_REG,
	};

	return ls_colors_for(run->colors, &file);
}

void du_add_path(const struct du_run *run, struct strbuf *line, const struct du_row *row)
{
	const struct ls_color *color = NULL;

	if (run->colors != NULL)
		color = color_of(run, row);
	if (color != NULL)
		ls_colors_add_begin(run->colors, color, line);
	/* The name `du` promises GNU's bytes; elsewhere -0 protects a leading dash. */
	if (run->opts->gnu && run->opts->out.zero)
		strbuf_add(line, row->path, row->path_len);
	else
		out_add_name(run->ctx->out, line, row->path, row->path_len);
	if (color != NULL)
		ls_colors_add_end(run->colors, line);
}

void du_print_row(const struct du_run *run, const struct du_row *row, struct strbuf *line)
{
	if (out_format(run->ctx->out) == OUT_JSON) {
		emit_row(run, row);
		return;
	}
	du_add_value(run, line, du_row_value(run, row));
	strbuf_add_char(line, '\t');
	du_add_columns(run, line, row, "\t");
	du_add_path(run, line, row);
	out_line(run->ctx->out, line);
}

void du_print_total(const struct du_run *run, const struct du_row *total, struct strbuf *line)
{
	if (out_format(run->ctx->out) == OUT_JSON) {
		emit_total(run, total);
		return;
	}
	du_add_value(run, line, du_row_value(run, total));
	strbuf_add_char(line, '\t');
	du_add_columns(run, line, total, "\t");
	strbuf_add_str(line, "total");
	out_line(run->ctx->out, line);
}
