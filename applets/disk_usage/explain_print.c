/* SPDX-License-Identifier: MIT */
/* What --explain found, as a table for people or as records. */
#include "explain.h"

#include "plain_name.h"
#include "cli/table.h"
#include "base/num.h"

#include <inttypes.h>

enum { COL_WHAT, COL_MOUNT, COL_DETAIL, COL_DISK, COL_COUNT, COL_EXAMINED, COL_PATH, COL_PID, COL_COMM };

static const struct column columns[] = {
	[COL_WHAT] = { "what", COLUMN_TEXT,
	               "files, deleted, hidden, unreadable, rest, counted_twice or reserved" },
	[COL_MOUNT] = { "mount", COLUMN_NAME, "the file system" },
	[COL_DETAIL] = { "detail", COLUMN_BOOL, "a part of the item before: leave it out of sums" },
	[COL_DISK] = { "disk_bytes", COLUMN_SIZE, "allocated bytes; null when unknown" },
	[COL_COUNT] = { "count", COLUMN_COUNT, "inodes, mount points or directories" },
	[COL_EXAMINED] = { "examined", COLUMN_BOOL, "all of it could be looked at" },
	[COL_PATH] = { "path", COLUMN_NAME, "detail of hidden and unreadable" },
	[COL_PID] = { "pid", COLUMN_COUNT, "detail of deleted: who holds it" },
	[COL_COMM] = { "comm", COLUMN_NAME, "its name" },
};

const struct column_table du_explain_table = { columns, ARRAY_LEN(columns) };

enum {
	SUM_MOUNT,
	SUM_SOURCE,
	SUM_FSTYPE,
	SUM_TOTAL,
	SUM_USED,
	SUM_FREE,
	SUM_AVAIL,
	SUM_FOUND,
	SUM_CHANGED,
	SUM_WHOLE,
	SUM_COMPLETE,
};

static const struct column summary_columns[] = {
	[SUM_MOUNT] = { "mount", COLUMN_NAME, "the file system" },
	[SUM_SOURCE] = { "source", COLUMN_NAME, "its device" },
	[SUM_FSTYPE] = { "fstype", COLUMN_NAME, "its type" },
	[SUM_TOTAL] = { "total_bytes", COLUMN_SIZE, "its size" },
	[SUM_USED] = { "used_bytes", COLUMN_SIZE, "total - free, after the walk" },
	[SUM_FREE] = { "free_bytes", COLUMN_SIZE, "with what is reserved" },
	[SUM_AVAIL] = { "avail_bytes", COLUMN_SIZE, "free for everybody" },
	[SUM_FOUND] = { "found_bytes", COLUMN_SIZE, "files, deleted and hidden together" },
	[SUM_CHANGED] = { "changed_bytes", COLUMN_INT, "growth of used while it was looked at" },
	[SUM_WHOLE] = { "whole", COLUMN_BOOL, "the mount shows the file system from its root" },
	[SUM_COMPLETE] = { "complete", COLUMN_BOOL, "everything could be examined" },
};

const struct column_table du_explain_summary_table = { summary_columns,
	                                               ARRAY_LEN(summary_columns) };

/* One line: an item, or a detail of the item before. */
struct line {
	const char *what;
	const char *text; /* for people */
	bool detail;
	bool no_bytes, no_count;
	struct share share;
	const char *path;
	const struct holder *holder;
};

struct lines {
	VEC_FIELDS(struct line);
};

static uint64_t found_bytes(const struct explanation *e)
{
	uint64_t sum = num_add_sat(e->files.disk_bytes, e->deleted.disk_bytes, NULL);

	return num_add_sat(sum, e->hidden.disk_bytes, NULL);
}

static bool is_complete(const struct explanation *e)
{
	return e->whole && e->files.examined && e->hidden.examined && e->deleted.examined;
}

static void add_deleted(struct lines *lines, const struct explanation *e)
{
	vec_push(lines, (struct line){ .what = "deleted", .text = "deleted, but still open",
	                               .share = e->deleted });
	for (size_t i = 0; i < e->holders.len && i < EXPLAIN_NAMES_MAX; i++)
		vec_push(lines, (struct line){ .what = "deleted", .detail = true,
		                               .share = e->holders.items[i].share,
		                               .holder = &e->holders.items[i] });
}

static void add_hidden(struct lines *lines, const struct explanation *e)
{
	vec_push(lines, (struct line){ .what = "hidden", .text = "hidden under mount points",
	                               .no_bytes = !e->hidden.examined, .share = e->hidden });
	for (size_t i = 0; i < e->covered.len; i++)
		if (e->covered.items[i].share.count > 0)
			vec_push(lines, (struct line){ .what = "hidden", .detail = true,
			                               .share = e->covered.items[i].share,
			                               .path = e->covered.items[i].mount->point });
}

static void add_unreadable(struct lines *lines, const struct explanation *e)
{
	if (e->unreadable_count == 0)
		return;
	vec_push(lines, (struct line){ .what = "unreadable", .text = "unreadable", .no_bytes = true,
	                               .share.count = e->unreadable_count });
	for (size_t i = 0; i < e->unreadable.len; i++)
		vec_push(lines, (struct line){ .what = "unreadable", .detail = true,
		                               .no_bytes = true, .no_count = true,
		                               .path = e->unreadable.items[i] });
}

/* What is left when everything found is taken from the used bytes; or the other way round. */
static void add_rest(struct lines *lines, const struct explanation *e)
{
	const uint64_t used = e->space.used_bytes;
	const uint64_t found = found_bytes(e);
	struct line line = { .what = "rest", .no_count = true,
		             .share = { .examined = true, .disk_bytes = used - found } };

	if (!e->whole)
		line.text = "rest: outside of what this mount shows, and metadata";
	else
		line.text = is_complete(e) ? "rest: metadata and journal"
		                           : "rest: metadata, journal and what was not examined";
	if (found > used) {
		line.what = "counted_twice";
		line.text = "counted twice: blocks that files share, or changes meanwhile";
		line.share.disk_bytes = found - used;
	}
	vec_push(lines, line);
}

static void make_lines(struct lines *lines, const struct explanation *e)
{
	vec_push(lines, (struct line){ .what = "files", .text = "files and directories",
	                               .share = e->files });
	add_deleted(lines, e);
	add_hidden(lines, e);
	add_unreadable(lines, e);
	add_rest(lines, e);
	vec_push(lines, (struct line){
				.what = "reserved",
				.text = "reserved: free, but not for everybody",
				.no_count = true,
				.share = { .examined = true,
		                           .disk_bytes = e->space.free_bytes - e->space.avail_bytes } });
}

static void emit_lines(const struct du_run *run, const struct explanation *e,
                       const struct lines *lines)
{
	for (size_t i = 0; i < lines->len; i++) {
		const struct line *line = &lines->items[i];
		struct record r;

		record_begin(&r, "item", &du_explain_table);
		record_name(&r, COL_WHAT, line->what);
		record_name(&r, COL_MOUNT, e->mount->point);
		record_bool(&r, COL_DETAIL, line->detail);
		if (!line->no_bytes)
			record_u64(&r, COL_DISK, line->share.disk_bytes);
		if (!line->no_count)
			record_u64(&r, COL_COUNT, line->share.count);
		if (!line->detail)
			record_bool(&r, COL_EXAMINED, line->share.examined);
		if (line->path != NULL)
			record_name(&r, COL_PATH, line->path);
		if (line->holder != NULL) {
			record_u64(&r, COL_PID, (uint64_t)line->holder->pid);
			record_name(&r, COL_COMM, line->holder->comm);
		}
		out_emit(run->ctx->out, &r);
	}
}

static void emit_summary(const struct du_run *run, const struct explanation *e)
{
	struct record r;

	record_begin(&r, "summary", &du_explain_summary_table);
	record_name(&r, SUM_MOUNT, e->mount->point);
	record_name(&r, SUM_SOURCE, e->mount->source);
	record_name(&r, SUM_FSTYPE, e->mount->fstype);
	record_u64(&r, SUM_TOTAL, e->space.total_bytes);
	record_u64(&r, SUM_USED, e->space.used_bytes);
	record_u64(&r, SUM_FREE, e->space.free_bytes);
	record_u64(&r, SUM_AVAIL, e->space.avail_bytes);
	record_u64(&r, SUM_FOUND, found_bytes(e));
	record_i64(&r, SUM_CHANGED, (int64_t)(e->space.used_bytes - e->used_before));
	record_bool(&r, SUM_WHOLE, e->whole);
	record_bool(&r, SUM_COMPLETE, is_complete(e));
	out_emit(run->ctx->out, &r);
}

static void add_words(const struct du_run *run, struct strbuf *cell, const struct line *line)
{
	const struct out *out = run->ctx->out;

	if (line->detail)
		strbuf_add_str(cell, "  ");
	if (line->holder != NULL) {
		strbuf_add_format(cell, "pid %d ", line->holder->pid);
		plain_name_add(out, cell, line->holder->comm);
	} else if (line->path != NULL) {
		plain_name_add(out, cell, line->path);
	} else {
		strbuf_add_str(cell, line->text);
		if (strcmp(line->what, "hidden") == 0 && !line->share.examined)
			strbuf_add_str(cell, ": not examined");
		else if (strcmp(line->what, "deleted") == 0 && !line->share.examined)
			strbuf_add_str(cell, ", of the processes that may be seen");
	}
}

static void print_heading(const struct du_run *run, const struct explanation *e)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const struct space *space = &e->space;

	plain_name_add(run->ctx->out, &text, e->mount->point);
	strbuf_add_str(&text, " (");
	plain_name_add(run->ctx->out, &text, e->mount->source);
	strbuf_add_format(&text, ", %s): ", e->mount->fstype);
	human_add_size(&text, space->used_bytes, &run->format);
	strbuf_add_str(&text, " used of ");
	human_add_size(&text, space->total_bytes, &run->format);
	strbuf_add_str(&text, ", ");
	human_add_size(&text, space->avail_bytes, &run->format);
	strbuf_add_str(&text, " available");
	out_line(run->ctx->out, &text);
}

static void print_table(const struct du_run *run, const struct explanation *e,
                        const struct lines *lines)
{
	static const struct table_column layout[] = {
		{ "Size", TABLE_RIGHT },
		{ "Count", TABLE_RIGHT },
		{ "What", TABLE_LEFT },
	};
	AUTO_FREE(table) struct table *table = table_new(layout, ARRAY_LEN(layout));
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	print_heading(run, e);
	for (size_t i = 0; i < lines->len; i++) {
		const struct line *line = &lines->items[i];

		strbuf_clear(&text);
		if (line->no_bytes)
			strbuf_add_char(&text, '-');
		else
			human_add_size(&text, line->share.disk_bytes, &run->format);
		table_add(table, strbuf_str(&text), text.len);
		if (line->no_count)
			table_add_str(table, "-");
		else
			table_add_u64(table, line->share.count);
		strbuf_clear(&text);
		add_words(run, &text, line);
		table_add(table, strbuf_str(&text), text.len);
	}
	strbuf_clear(&text);
	table_print(table, true, &text);
	out_text(run->ctx->out, text.data, text.len);
}

void explain_print(const struct du_run *run, const struct explanation *e)
{
	struct lines lines = { 0 };

	make_lines(&lines, e);
	if (out_format(run->ctx->out) == OUT_JSON) {
		emit_lines(run, e, &lines);
		emit_summary(run, e);
	} else {
		print_table(run, e, &lines);
	}
	vec_release(&lines);
}
