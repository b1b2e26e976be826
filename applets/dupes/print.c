/* SPDX-License-Identifier: MIT */
/* Groups as records; and which of them are printed, in what form. */
#include "dupes.h"

#include "base/sig.h"
#include "cli/explain.h"

enum {
	COL_GROUP,
	COL_BY,
	COL_SIZE,
	COL_COUNT,
	COL_INODES,
	COL_RECLAIM,
	COL_HASH,
	COL_VERIFIED,
	COL_FILES,
};

static const struct column group_columns[] = {
	[COL_GROUP] = { "group", COLUMN_COUNT, "number of the group, from 1" },
	[COL_BY] = { "by", COLUMN_TEXT,
	             "what is the same: content, name, size, name,content ..., or dirs" },
	[COL_SIZE] = { "size", COLUMN_SIZE,
	               "bytes of each, of all files in a directory; null by name" },
	[COL_COUNT] = { "count", COLUMN_COUNT, "names in the group" },
	[COL_INODES] = { "inodes", COLUMN_COUNT, "files behind the names" },
	[COL_RECLAIM] = { "reclaim_bytes", COLUMN_SIZE,
	                  "allocated bytes freed when only what stays is left" },
	[COL_HASH] = { "hash", COLUMN_TEXT,
	               "algorithm and checksum; null when bytes were compared" },
	[COL_VERIFIED] = { "verified", COLUMN_TEXT,
	                   "bytes or hash; null when contents were not read" },
	[COL_FILES] = { "files", COLUMN_ITEMS, "the files, the one that stays first" },
};
static const struct column_table group_table = { group_columns, ARRAY_LEN(group_columns) };

enum {
	FILE_PATH,
	FILE_KEEP,
	FILE_REF,
	FILE_INO,
	FILE_DEV,
	FILE_NLINK,
	FILE_MTIME,
	FILE_DISK,
	FILE_LINK,
	FILE_ACTION,
	FILE_RESULT,
	FILE_REASON,
};

static const struct column file_columns[] = {
	[FILE_PATH] = { "path", COLUMN_NAME, "the operand, then names" },
	[FILE_KEEP] = { "keep", COLUMN_BOOL, "it stays" },
	[FILE_REF] = { "ref", COLUMN_BOOL, "it is below a --ref directory" },
	[FILE_INO] = { "ino", COLUMN_COUNT, "inode" },
	[FILE_DEV] = { "dev", COLUMN_COUNT, "device, as st_dev" },
	[FILE_NLINK] = { "nlink", COLUMN_COUNT,
	                 "names the inode has; null like the next two when it went away" },
	[FILE_MTIME] = { "mtime", COLUMN_TIME, "last modification" },
	[FILE_DISK] = { "disk_bytes", COLUMN_SIZE, "allocated bytes" },
	[FILE_LINK] = { "same_inode_as", COLUMN_NAME, "an earlier name of the same file, or null" },
	[FILE_ACTION] = { "action", COLUMN_TEXT, "keep, delete, hardlink ...; null without one" },
	[FILE_RESULT] = { "result", COLUMN_TEXT, "planned, done, skipped, failed; null" },
	[FILE_REASON] = { "reason", COLUMN_TEXT, "why it was skipped or failed; null" },
};
static const struct column_table file_table = { file_columns, ARRAY_LEN(file_columns) };

enum {
	SUM_GROUPS,
	SUM_FILES,
	SUM_REDUNDANT,
	SUM_RECLAIM,
	SUM_SCANNED,
	SUM_SCANNED_BYTES,
	SUM_READ,
	SUM_VANISHED,
	SUM_ERRORS,
	SUM_DONE,
	SUM_SKIPPED,
	SUM_FAILED,
	SUM_FREED,
	SUM_INTERRUPTED,
};

static const struct column summary_columns[] = {
	[SUM_GROUPS] = { "groups", COLUMN_COUNT, "groups" },
	[SUM_FILES] = { "files", COLUMN_COUNT, "names in them" },
	[SUM_REDUNDANT] = { "redundant_files", COLUMN_COUNT, "files in them that do not stay" },
	[SUM_RECLAIM] = { "reclaim_bytes", COLUMN_SIZE, "allocated bytes those take alone" },
	[SUM_SCANNED] = { "scanned_files", COLUMN_COUNT, "files that were looked at" },
	[SUM_SCANNED_BYTES] = { "scanned_bytes", COLUMN_SIZE, "their sizes" },
	[SUM_READ] = { "read_bytes", COLUMN_SIZE, "bytes that were read of them" },
	[SUM_VANISHED] = { "vanished", COLUMN_COUNT, "files that went away meanwhile" },
	[SUM_ERRORS] = { "errors", COLUMN_COUNT, "files and directories that could not be read" },
	[SUM_DONE] = { "done", COLUMN_COUNT, "copies that were acted on; null without an action" },
	[SUM_SKIPPED] = { "skipped", COLUMN_COUNT, "copies that were left as they are; null" },
	[SUM_FAILED] = { "failed", COLUMN_COUNT, "copies with which it failed; null" },
	[SUM_FREED] = { "freed_bytes", COLUMN_SIZE, "allocated bytes that this freed; null" },
	[SUM_INTERRUPTED] = { "interrupted", COLUMN_BOOL, "a signal ended it" },
};
static const struct column_table summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

const struct applet_schema dupes_schemas[] = {
	{ "each group", &group_table },
	{ "each of its files or directories", &file_table },
	{ "--unique: each file", &dupes_entry_table },
	{ "--explain=PATH (record \"verdict\")", &explain_table },
	{ "the end", &summary_table },
	{ "--log-json: the first line of a run", &job_event_table },
	{ 0 },
};

const char *dupes_action_word(enum dupe_action action)
{
	static const char *const words[] = {
		[DUPE_NONE] = "none",         [DUPE_DELETE] = "delete",
		[DUPE_HARDLINK] = "hardlink", [DUPE_SYMLINK] = "symlink",
		[DUPE_REFLINK] = "reflink",   [DUPE_MOVE] = "move",
	};

	return words[action];
}

const char *dupes_result_word(enum dupe_result result)
{
	static const char *const words[] = {
		[DUPE_PLANNED] = "planned",
		[DUPE_DONE] = "done",
		[DUPE_SKIPPED] = "skipped",
		[DUPE_FAILED] = "failed",
	};

	return words[result];
}

static const char *by_word(unsigned by)
{
	static const char *const words[] = {
		[SAME_BY_CONTENT] = "content",
		[SAME_BY_NAME] = "name",
		[SAME_BY_SIZE] = "size",
		[SAME_BY_NAME | SAME_BY_CONTENT] = "name,content",
		[SAME_BY_NAME | SAME_BY_SIZE] = "name,size",
	};

	return words[by];
}

static enum hash_algo algo_of(const struct dupes_run *run)
{
	return run->opts->hash != DUPES_NO_HASH ? (enum hash_algo)run->opts->hash : HASH_BLAKE2B;
}

void dupes_add_digest(const struct dupes_run *run, const struct same_group *g, struct strbuf *ret)
{
	for (size_t i = 0; g->digest != SIZE_MAX && i < hash_size(algo_of(run)); i++)
		strbuf_add_format(ret, "%02x",
		                  (unsigned char)run->result.digests.data[g->digest + i]);
}

static void set_hash(struct record *r, const struct dupes_run *run, const struct same_group *g,
                     struct strbuf *text)
{
	if (g->digest == SIZE_MAX)
		return;
	strbuf_add_format(text, "%s:", hash_name(algo_of(run)));
	dupes_add_digest(run, g, text);
	record_bytes(r, COL_HASH, strbuf_str(text), text->len);
}

static void set_outcome(struct record *r, const struct dupes_run *run, const struct same_member *m,
                        const struct dupe_outcome *outcome)
{
	bool keeps = (m->flags & SAME_KEEP) != 0 && (m->flags & SAME_LEFTOVER) == 0;

	record_name(r, FILE_ACTION, keeps ? "keep" : dupes_action_word(run->action));
	if (keeps)
		return;
	record_name(r, FILE_RESULT, dupes_result_word(outcome->result));
	if (outcome->result == DUPE_SKIPPED)
		record_name(r, FILE_REASON, outcome->reason);
	if (outcome->result == DUPE_FAILED)
		record_name(r, FILE_REASON, strerrordesc_np(outcome->err));
}

/* The first name of its inode in the group. */
static uint32_t first_name(const struct dupes_run *run, const struct same_group *g, size_t i)
{
	const struct same_member *m = run->result.members.items + g->first;
	const struct file_record *r = file_list_at(run->list, m[i].file);

	for (size_t k = 0; k < i; k++) {
		const struct file_record *other = file_list_at(run->list, m[k].file);

		if (other->ino == r->ino && other->device == r->device)
			return m[k].file;
	}
	return m[i].file;
}

static void add_file(struct dupes_run *run, const struct same_group *g, size_t i,
                     const struct dupe_outcome *outcome, struct strbuf *items)
{
	const struct same_member *m = run->result.members.items + g->first + i;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf link = { 0 };
	struct record r;

	record_begin(&r, "item", &file_table);
	file_list_add_path(run->list, m->file, &path);
	record_bytes(&r, FILE_PATH, strbuf_str(&path), path.len);
	record_bool(&r, FILE_KEEP, (m->flags & SAME_KEEP) != 0);
	record_bool(&r, FILE_REF, (m->flags & SAME_REF) != 0);
	record_u64(&r, FILE_INO, file_list_at(run->list, m->file)->ino);
	record_u64(&r, FILE_DEV, file_list_device(run->list, m->file));
	if (m->nlink != 0) {
		record_u64(&r, FILE_NLINK, m->nlink);
		record_time(&r, FILE_MTIME, m->mtime);
		record_u64(&r, FILE_DISK, m->disk);
	}
	if ((m->flags & SAME_LINK) != 0) {
		file_list_add_path(run->list, first_name(run, g, i), &link);
		record_bytes(&r, FILE_LINK, strbuf_str(&link), link.len);
	}
	if (outcome != NULL)
		set_outcome(&r, run, m, outcome);
	record_add_item(items, &r);
}

void dupes_emit_group(struct dupes_run *run, size_t index, const struct dupe_outcome *outcomes)
{
	const struct same_group *g = &run->result.groups.items[index];
	AUTO_RELEASE_STRBUF struct strbuf items = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf hash = { 0 };
	struct record r;

	record_begin(&r, "group", &group_table);
	record_u64(&r, COL_GROUP, index + 1);
	record_name(&r, COL_BY, run->opts->dirs ? "dirs" : by_word(run->by));
	if (run->by != SAME_BY_NAME)
		record_u64(&r, COL_SIZE, g->size);
	record_u64(&r, COL_COUNT, g->len);
	record_u64(&r, COL_INODES, g->inodes);
	record_u64(&r, COL_RECLAIM, same_reclaim(run->list, &run->result, g));
	set_hash(&r, run, g, &hash);
	if ((run->by & SAME_BY_CONTENT) != 0)
		record_name(&r, COL_VERIFIED,
		            g->digest != SIZE_MAX || (run->opts->dirs && run->hashed) ? "hash"
		                                                                      : "bytes");
	for (size_t i = 0; i < g->len; i++)
		add_file(run, g, i, outcomes != NULL ? &outcomes[i] : NULL, &items);
	record_items(&r, COL_FILES, &items);
	out_emit(run->ctx->out, &r);
}

struct dupes_totals dupes_totals(const struct dupes_run *run)
{
	const struct same_result *result = &run->result;
	struct dupes_totals t = { 0 };

	for (size_t i = 0; i < result->groups.len; i++) {
		const struct same_group *g = &result->groups.items[i];

		t.names += g->len;
		t.reclaim += same_reclaim(run->list, result, g);
		for (size_t k = 0; k < g->len; k++)
			t.redundant += (result->members.items[g->first + k].flags &
			                (SAME_KEEP | SAME_LINK)) == 0;
	}
	return t;
}

void dupes_emit_summary(struct dupes_run *run)
{
	const struct dupes_totals t = dupes_totals(run);
	struct record r;

	record_begin(&r, "summary", &summary_table);
	record_u64(&r, SUM_GROUPS, run->result.groups.len);
	record_u64(&r, SUM_FILES, t.names);
	record_u64(&r, SUM_REDUNDANT, t.redundant);
	record_u64(&r, SUM_RECLAIM, t.reclaim);
	record_u64(&r, SUM_SCANNED, run->scanned_files);
	record_u64(&r, SUM_SCANNED_BYTES, run->scanned_bytes);
	record_u64(&r, SUM_READ, run->result.read_bytes);
	record_u64(&r, SUM_VANISHED, run->vanished);
	record_u64(&r, SUM_ERRORS, atomic_load(&run->errors));
	if (run->action != DUPE_NONE) {
		record_u64(&r, SUM_DONE, run->acted[DUPE_DONE]);
		record_u64(&r, SUM_SKIPPED, run->acted[DUPE_SKIPPED]);
		record_u64(&r, SUM_FAILED, run->acted[DUPE_FAILED]);
		record_u64(&r, SUM_FREED, run->freed_bytes);
	}
	record_bool(&r, SUM_INTERRUPTED, sig_stopped());
	out_emit(run->ctx->out, &r);
}

/* What stands before the first group. */
static int begin(struct dupes_run *run)
{
	int r;

	switch ((enum dupes_format)run->opts->format) {
	case DUPES_FDUPES:
	case DUPES_PAIRS:
		break;
	case DUPES_CSV:
	case DUPES_SH:
		dupes_script_begin(run);
		break;
	case DUPES_FCLONES:
		r = dupes_fclones_begin(run);
		if (r < 0)
			return diag_fail(run->ctx->diag, -r, "find the path of", ".");
		break;
	}
	return 0;
}

int dupes_print_groups(struct dupes_run *run)
{
	bool json = out_format(run->ctx->out) == OUT_JSON;
	int status = begin(run);

	if (status != 0)
		return status;
	for (size_t i = 0; i < run->result.groups.len && !run->opts->summarize; i++) {
		if (out_wants_records(run->ctx->out))
			dupes_emit_group(run, i, NULL);
		if (!json)
			dupes_text_group(run, i);
	}
	if (run->opts->format == DUPES_FCLONES)
		dupes_fclones_end(run);
	if (run->opts->summarize && !json)
		dupes_text_summary(run);
	return 0;
}
