/* SPDX-License-Identifier: MIT */
/* Results of path: bytes as they are for programs, quoted for people, records for --json. */
#include "path.h"

#include "base/quote.h"
#include "cli/file_type.h"

#include <dirent.h>

enum { COL_PATH, COL_RESULT };

static const struct column result_columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the operand; null when there is none" },
	[COL_RESULT] = { "result", COLUMN_NAME,
	                 "what the function gives; null when that is nothing" },
};

enum { COL_HEAD = 1, COL_TAIL };

static const struct column split_columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the operand" },
	[COL_HEAD] = { "head", COLUMN_NAME, "what is before the last slash" },
	[COL_TAIL] = { "tail", COLUMN_NAME, "what is behind it" },
};

static const struct column ext_columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the operand" },
	[COL_HEAD] = { "root", COLUMN_NAME, "what is before the extension" },
	[COL_TAIL] = { "ext", COLUMN_NAME, "the extension with its dot" },
};

static const struct column many_columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the operand" },
	[COL_RESULT] = { "results", COLUMN_ITEMS, "objects with a result each" },
};

static const struct column item_columns[] = {
	{ "result", COLUMN_NAME, "one of those that the function gives" },
};

static const struct column answer_columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the operand" },
	[COL_RESULT] = { "result", COLUMN_BOOL, "all tests are true" },
};

enum {
	STAT_TYPE = 1,
	STAT_SIZE,
	STAT_MODE,
	STAT_MTIME,
	STAT_ATIME,
	STAT_CTIME,
	STAT_UID,
	STAT_GID,
	STAT_USER,
	STAT_GROUP,
	STAT_INO,
	STAT_DEV,
	STAT_NLINK,
	STAT_TARGET
};

static const struct column stat_columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the operand" },
	[STAT_TYPE] = { "type", COLUMN_TEXT, "file, dir, symlink, ..." },
	[STAT_SIZE] = { "size", COLUMN_SIZE, "bytes of contents" },
	[STAT_MODE] = { "mode", COLUMN_TEXT, "permissions in octal, four digits" },
	[STAT_MTIME] = { "mtime", COLUMN_TIME, "last modification" },
	[STAT_ATIME] = { "atime", COLUMN_TIME, "last access" },
	[STAT_CTIME] = { "ctime", COLUMN_TIME, "last change of the inode" },
	[STAT_UID] = { "uid", COLUMN_COUNT, "number of the owner" },
	[STAT_GID] = { "gid", COLUMN_COUNT, "number of the group" },
	[STAT_USER] = { "user", COLUMN_NAME, "name of the owner; null when there is none" },
	[STAT_GROUP] = { "group", COLUMN_NAME, "name of the group; null when there is none" },
	[STAT_INO] = { "ino", COLUMN_COUNT, "inode number" },
	[STAT_DEV] = { "dev", COLUMN_COUNT, "number of the file system's device" },
	[STAT_NLINK] = { "nlink", COLUMN_COUNT, "names of the inode" },
	[STAT_TARGET] = { "target", COLUMN_NAME, "of a symbolic link that is not followed" },
};

enum { COL_SIZE = 1, COL_CONTENT };

static const struct column content_columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the operand" },
	[COL_SIZE] = { "size", COLUMN_SIZE, "bytes of contents" },
	[COL_CONTENT] = { "content", COLUMN_NAME, "the contents" },
};

static const struct column_table result_table = { result_columns, ARRAY_LEN(result_columns) };
static const struct column_table split_table = { split_columns, ARRAY_LEN(split_columns) };
static const struct column_table ext_table = { ext_columns, ARRAY_LEN(ext_columns) };
static const struct column_table many_table = { many_columns, ARRAY_LEN(many_columns) };
static const struct column_table item_table = { item_columns, ARRAY_LEN(item_columns) };
static const struct column_table answer_table = { answer_columns, ARRAY_LEN(answer_columns) };
static const struct column_table stat_table = { stat_columns, ARRAY_LEN(stat_columns) };
static const struct column_table content_table = { content_columns, ARRAY_LEN(content_columns) };

const struct applet_schema path_result_schemas[] = { { "most verbs", &result_table }, { 0 } };
const struct applet_schema path_split_schemas[] = { { "each path", &split_table }, { 0 } };
const struct applet_schema path_ext_schemas[] = { { "each path", &ext_table }, { 0 } };
const struct applet_schema path_many_schemas[] = {
	{ "each path", &many_table },
	{ "each of its results", &item_table },
	{ 0 },
};
const struct applet_schema path_answer_schemas[] = { { "each path", &answer_table }, { 0 } };
const struct applet_schema path_stat_schemas[] = { { "each path", &stat_table }, { 0 } };
const struct applet_schema path_content_schemas[] = { { "each file", &content_table }, { 0 } };

static bool is_json(const struct path_run *run)
{
	return out_format(run->ctx->out) == OUT_JSON;
}

/* Results are exact under -0 too: they need not be names, so none gets ./ in front. */
static void print_text(struct path_run *run, const char *text, size_t len)
{
	if (out_quotes(run->ctx->out))
		quote_shell(&run->line, text, len);
	else
		strbuf_add(&run->line, text, len);
	out_line(run->ctx->out, &run->line);
}

static void begin(struct record *r, const struct column_table *table, const char *operand)
{
	record_begin(r, "entry", table);
	if (operand != NULL)
		record_name(r, COL_PATH, operand);
}

void path_print(struct path_run *run, const char *operand, const char *text, size_t len)
{
	struct record r;

	if (!is_json(run)) {
		if (text != NULL)
			print_text(run, text, len);
		return;
	}
	begin(&r, &result_table, operand);
	if (text != NULL)
		record_bytes(&r, COL_RESULT, text, len);
	out_emit(run->ctx->out, &r);
}

void path_print_pair(struct path_run *run, const char *operand, const char *head, size_t len,
                     const char *tail)
{
	struct record r;

	if (!is_json(run)) {
		print_text(run, head, len);
		print_text(run, tail, strlen(tail));
		return;
	}
	begin(&r, run->verb == VERB_SPLIT ? &split_table : &ext_table, operand);
	record_bytes(&r, COL_HEAD, head, len);
	record_name(&r, COL_TAIL, tail);
	out_emit(run->ctx->out, &r);
}

void path_print_item(struct path_run *run, struct strbuf *items, const char *text, size_t len)
{
	struct record r;

	if (!is_json(run)) {
		print_text(run, text, len);
		return;
	}
	record_begin(&r, "item", &item_table);
	record_bytes(&r, 0, text, len);
	record_add_item(items, &r);
}

void path_end_items(struct path_run *run, const char *operand, const struct strbuf *items)
{
	struct record r;

	if (!is_json(run))
		return;
	begin(&r, &many_table, operand);
	record_items(&r, COL_RESULT, items);
	out_emit(run->ctx->out, &r);
}

void path_print_answer(struct path_run *run, const char *operand, bool yes)
{
	struct record r;

	if (!is_json(run))
		return;
	begin(&r, &answer_table, operand);
	record_bool(&r, COL_RESULT, yes);
	out_emit(run->ctx->out, &r);
}

static void emit_stat(struct path_run *run, const struct template_entry *entry)
{
	const struct stat *st = entry->st;
	const char *user = users_name(entry->users, st->st_uid);
	const char *group = users_group_name(entry->users, st->st_gid);
	char mode[8];
	struct record r;

	begin(&r, &stat_table, entry->path);
	(void)snprintf(mode, sizeof(mode), "%04o", (unsigned)(st->st_mode & 07777));
	record_name(&r, STAT_TYPE, file_type_word((unsigned char)IFTODT(st->st_mode)));
	record_u64(&r, STAT_SIZE, (uint64_t)st->st_size);
	record_name(&r, STAT_MODE, mode);
	record_time(&r, STAT_MTIME, st->st_mtim);
	record_time(&r, STAT_ATIME, st->st_atim);
	record_time(&r, STAT_CTIME, st->st_ctim);
	record_u64(&r, STAT_UID, st->st_uid);
	record_u64(&r, STAT_GID, st->st_gid);
	if (user != NULL)
		record_name(&r, STAT_USER, user);
	if (group != NULL)
		record_name(&r, STAT_GROUP, group);
	record_u64(&r, STAT_INO, st->st_ino);
	record_u64(&r, STAT_DEV, st->st_dev);
	record_u64(&r, STAT_NLINK, st->st_nlink);
	if (entry->target != NULL)
		record_name(&r, STAT_TARGET, entry->target);
	out_emit(run->ctx->out, &r);
}

void path_print_stat(struct path_run *run, const struct template_entry *entry)
{
	const struct stat *st = entry->st;

	if (is_json(run)) {
		emit_stat(run, entry);
		return;
	}
	if (run->format != NULL) {
		template_expand(run->format, entry, &run->line);
		out_line(run->ctx->out, &run->line);
		return;
	}
	strbuf_add_format(&run->line, "%s %04o ",
	                  file_type_word((unsigned char)IFTODT(st->st_mode)),
	                  (unsigned)(st->st_mode & 07777));
	strbuf_add_u64(&run->line, (uint64_t)st->st_size);
	strbuf_add_format(&run->line, " %lld.%09ld ", (long long)st->st_mtim.tv_sec,
	                  st->st_mtim.tv_nsec);
	print_text(run, entry->path, strlen(entry->path));
}

void path_print_content(struct path_run *run, const char *operand, const struct strbuf *content)
{
	struct record r;

	begin(&r, &content_table, operand);
	record_u64(&r, COL_SIZE, content->len);
	record_bytes(&r, COL_CONTENT, strbuf_str(content), content->len);
	out_emit(run->ctx->out, &r);
}
