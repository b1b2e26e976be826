/* SPDX-License-Identifier: MIT */
/* --unique: the files that are in no group. */
#include "dupes.h"

enum { ENTRY_PATH, ENTRY_SIZE };

static const struct column entry_columns[] = {
	[ENTRY_PATH] = { "path", COLUMN_NAME, "a file without a duplicate" },
	[ENTRY_SIZE] = { "size", COLUMN_SIZE, "its size" },
};
const struct column_table dupes_entry_table = { entry_columns, ARRAY_LEN(entry_columns) };

struct files {
	VEC_FIELDS(uint32_t);
};

static void add_number(uint32_t file, void *user)
{
	struct files *files = user;

	vec_push(files, file);
}

static int compare_files(const void *a, const void *b, void *user)
{
	return file_list_compare(user, *(const uint32_t *)a, *(const uint32_t *)b);
}

enum { IN_GROUP = 1 };

/* Marks every name of what is in a group; the search leaves all names of an inode in it. */
static void mark_grouped(struct dupes_run *run)
{
	for (size_t i = 0; i < run->result.members.len; i++)
		file_list_at(run->list, run->result.members.items[i].file)->flags |= IN_GROUP;
}

void dupes_print_unique(struct dupes_run *run)
{
	struct files files = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct record r;

	mark_grouped(run);
	file_list_each(run->list, add_number, &files);
	if (files.len > 1)
		qsort_r(files.items, files.len, sizeof(*files.items), compare_files, run->list);
	for (size_t i = 0; i < files.len; i++) {
		const struct file_record *f = file_list_at(run->list, files.items[i]);

		if ((f->flags & IN_GROUP) != 0)
			continue;
		strbuf_clear(&path);
		file_list_add_path(run->list, files.items[i], &path);
		record_begin(&r, "entry", &dupes_entry_table);
		record_bytes(&r, ENTRY_PATH, strbuf_str(&path), path.len);
		record_u64(&r, ENTRY_SIZE, f->size);
		out_emit(run->ctx->out, &r);
		if (out_format(run->ctx->out) != OUT_JSON) {
			AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

			out_add_name(run->ctx->out, &line, strbuf_str(&path), path.len);
			out_line(run->ctx->out, &line);
		}
	}
	vec_release(&files);
}
