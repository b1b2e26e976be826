/* SPDX-License-Identifier: MIT */
/* Records, the counts, and the exit status that follows from them. */
#include "verify.h"

#include "base/hex.h"
#include "base/sig.h"
#include "cli/explain.h"
#include "cli/file_type.h"

static const char *const words[VERIFY_STATUSES] = {
	"same", "differ", "missing", "extra", "moved", "type", "meta", "unreadable", "changed",
};

enum { ITEM_STATUS, ITEM_PATH, ITEM_OTHER, ITEM_OFFSET, ITEM_EXPECTED, ITEM_ACTUAL };

static const struct column item_columns[] = {
	{ "status", COLUMN_TEXT,
	  "same, differ, missing, extra, moved, type, meta, unreadable or changed" },
	{ "path", COLUMN_NAME, "the file, below what is verified" },
	{ "other", COLUMN_NAME, "where it is now (moved); of two files the second" },
	{ "offset", COLUMN_SIZE, "first byte that differs, from 0" },
	{ "expected", COLUMN_NAME, "the checksum, type, link target or metadata it should have" },
	{ "actual", COLUMN_NAME, "the one it has" },
};

static const struct column_table item_table = { item_columns, ARRAY_LEN(item_columns) };

enum { ENTRY_PATH, ENTRY_TYPE, ENTRY_ALGO, ENTRY_DIGEST, ENTRY_SIZE };

static const struct column entry_columns[] = {
	{ "path", COLUMN_NAME, "the file, as in the list" },
	{ "type", COLUMN_TEXT, "file, dir, symlink, ...; lists of mtree hold all of them" },
	{ "algo", COLUMN_TEXT, "sha256, sha512, blake2b, md5, sha1, crc32 or xxh128" },
	{ "digest", COLUMN_TEXT, "its checksum in hexadecimal digits" },
	{ "size", COLUMN_SIZE, "its bytes" },
};

static const struct column_table entry_table = { entry_columns, ARRAY_LEN(entry_columns) };

enum { SUMMARY_UNREAD = VERIFY_STATUSES, SUMMARY_IMPROPER, SUMMARY_BYTES, SUMMARY_INTERRUPTED };

static const struct column summary_columns[] = {
	{ "same", COLUMN_COUNT, "files, directories and links that are as expected" },
	{ "differ", COLUMN_COUNT, "how many have other content" },
	{ "missing", COLUMN_COUNT, "how many are not there" },
	{ "extra", COLUMN_COUNT, "how many are there that should not" },
	{ "moved", COLUMN_COUNT, "how many are there under another name" },
	{ "type", COLUMN_COUNT, "how many are of another type" },
	{ "meta", COLUMN_COUNT, "how many have the content, but other metadata" },
	{ "unreadable", COLUMN_COUNT, "how many could not be read" },
	{ "changed", COLUMN_COUNT, "how many changed while they were read" },
	{ "unread", COLUMN_COUNT, "how many have a content that --sample did not read" },
	{ "improper_lines", COLUMN_COUNT, "lines of lists that are not in their format" },
	{ "read_bytes", COLUMN_SIZE, "bytes that were hashed or compared, holes included" },
	{ "interrupted", COLUMN_BOOL, "a signal ended it before its time" },
};

static const struct column_table summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

const struct applet_schema verify_schemas[] = {
	{ "each answer", &item_table },
	{ "--create", &entry_table },
	{ "--explain=PATH (record \"verdict\")", &explain_table },
	{ "at the end", &summary_table },
	{ 0 },
};

const char *verify_status_word(enum verify_status status)
{
	return words[status];
}

static bool is_shown(const struct verify_run *run, enum verify_status status)
{
	return !run->opts->status && (!run->opts->quiet || status != VERIFY_SAME);
}

void verify_report(struct verify_run *run, const struct verify_item *item)
{
	struct record r;

	run->counts[item->status]++;
	if (!run->opts->out.json || !is_shown(run, item->status))
		return;
	record_begin(&r, "item", &item_table);
	record_name(&r, ITEM_STATUS, words[item->status]);
	record_name(&r, ITEM_PATH, item->path);
	if (item->other != NULL)
		record_name(&r, ITEM_OTHER, item->other);
	if (item->has_offset)
		record_u64(&r, ITEM_OFFSET, item->offset);
	if (item->expected != NULL)
		record_name(&r, ITEM_EXPECTED, item->expected);
	if (item->actual != NULL)
		record_name(&r, ITEM_ACTUAL, item->actual);
	out_emit(run->ctx->out, &r);
}

bool verify_escapes(const struct verify_run *run, const char *name)
{
	const struct out *out = run->ctx->out;

	return out_format(out) == OUT_TEXT && !out_quotes(out) && strchr(name, '\n') != NULL;
}

void verify_add_name(const struct verify_run *run, struct strbuf *line, const char *name,
                     bool escapes)
{
	if (escapes)
		(void)checklist_add_escaped(line, name, strlen(name));
	else
		out_add_name(run->ctx->out, line, name, strlen(name));
}

void verify_report_entry(struct verify_run *run, const struct checklist_entry *entry,
                         unsigned char type, uint64_t size)
{
	AUTO_RELEASE_STRBUF struct strbuf digest = { 0 };
	struct record r;

	hex_add(&digest, entry->digest, entry->digest_size);
	record_begin(&r, "entry", &entry_table);
	record_name(&r, ENTRY_PATH, strbuf_str(&entry->name));
	record_name(&r, ENTRY_TYPE, file_type_word(type));
	if (entry->digest_size > 0) {
		record_name(&r, ENTRY_ALGO, hash_name(entry->algo));
		record_name(&r, ENTRY_DIGEST, strbuf_str(&digest));
		record_u64(&r, ENTRY_SIZE, size);
	}
	out_emit(run->ctx->out, &r);
}

static void emit_summary(struct verify_run *run)
{
	struct record r;

	record_begin(&r, "summary", &summary_table);
	for (int i = 0; i < VERIFY_STATUSES; i++)
		record_u64(&r, i, run->counts[i]);
	record_u64(&r, SUMMARY_UNREAD, run->unread);
	record_u64(&r, SUMMARY_IMPROPER, run->improper);
	record_u64(&r, SUMMARY_BYTES, atomic_load(&run->bytes));
	record_bool(&r, SUMMARY_INTERRUPTED, sig_stopped());
	out_emit(run->ctx->out, &r);
}

int verify_finish(struct verify_run *run)
{
	const uint64_t *n = run->counts;

	run->progress = progress_free(run->progress);
	if (run->opts->out.json && !run->opts->status)
		emit_summary(run);
	if (n[VERIFY_UNREADABLE] + n[VERIFY_CHANGED] > 0)
		diag_raise(run->ctx->diag, EXIT_NO);
	if (n[VERIFY_DIFFER] + n[VERIFY_MISSING] + n[VERIFY_MOVED] + n[VERIFY_TYPE] +
	            n[VERIFY_META] >
	    0)
		diag_raise(run->ctx->diag, EXIT_DAMAGED);
	if (n[VERIFY_EXTRA] > 0 && run->extra_is_error)
		diag_raise(run->ctx->diag, EXIT_DAMAGED);
	return diag_status(run->ctx->diag, EXIT_YES);
}
