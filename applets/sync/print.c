/* SPDX-License-Identifier: MIT */
/* One change, as a line for people and as a record; and one trouble. */
#include "sync.h"

#include "base/human.h"
#include "base/path.h"
#include "cli/file_type.h"

#include <dirent.h>

enum { ITEM_ACTION, ITEM_TYPE, ITEM_PATH, ITEM_FROM, ITEM_SIZE, ITEM_REASON, ITEM_METHOD };

static const struct column item_columns[] = {
	[ITEM_ACTION] = { "action", COLUMN_TEXT,
	                  "copy update meta mkdir symlink hardlink special delete keep skip" },
	[ITEM_TYPE] = { "type", COLUMN_TEXT, "file, dir, symlink, ..." },
	[ITEM_PATH] = { "path", COLUMN_NAME, "below SRC and DST; \"\" is DST itself" },
	[ITEM_FROM] = { "from", COLUMN_NAME, "the other name of a hard link, a link's target" },
	[ITEM_SIZE] = { "size", COLUMN_SIZE, "bytes of a file that is copied; else null" },
	[ITEM_REASON] = { "reason", COLUMN_TEXT,
	                  "new size mtime content type meta links extra newer unreadable ..." },
	[ITEM_METHOD] = { "method", COLUMN_TEXT, "reflink, range or copy; null without bytes" },
};
const struct column_table sync_item_table = { item_columns, ARRAY_LEN(item_columns) };

static const char *const actions[] = {
	[SYNC_COPY] = "copy",       [SYNC_UPDATE] = "update",   [SYNC_META] = "meta",
	[SYNC_MKDIR] = "mkdir",     [SYNC_SYMLINK] = "symlink", [SYNC_HARDLINK] = "hardlink",
	[SYNC_SPECIAL] = "special", [SYNC_DELETE] = "delete",   [SYNC_KEEP] = "keep",
	[SYNC_SKIP] = "skip",
};

static const char *const reasons[] = {
	[SYNC_IS_NEW] = "new",      [SYNC_SIZE] = "size",
	[SYNC_MTIME] = "mtime",     [SYNC_CONTENT] = "content",
	[SYNC_TYPE] = "type",       [SYNC_ATTRIBUTES] = "meta",
	[SYNC_LINKS] = "links",     [SYNC_EXTRA] = "extra",
	[SYNC_NEWER] = "newer",     [SYNC_UNREADABLE] = "unreadable",
	[SYNC_CHANGED] = "changed", [SYNC_UNSAFE] = "unsafe",
	[SYNC_DEVICE] = "device",
};

static const char *const methods[] = {
	[COPY_REFLINK] = "reflink",
	[COPY_RANGE] = "range",
	[COPY_BYTES] = "copy",
};

static bool has_size(const struct sync_item *item)
{
	return item->type == DT_REG && (item->action == SYNC_COPY || item->action == SYNC_UPDATE ||
	                                item->action == SYNC_HARDLINK);
}

static void emit(struct sync_run *run, const struct sync_item *item)
{
	struct record r;

	record_begin(&r, "item", &sync_item_table);
	record_name(&r, ITEM_ACTION, actions[item->action]);
	record_name(&r, ITEM_TYPE, file_type_word(item->type));
	record_name(&r, ITEM_PATH, item->path);
	if (item->from != NULL)
		record_name(&r, ITEM_FROM, item->from);
	if (has_size(item))
		record_u64(&r, ITEM_SIZE, item->size);
	record_name(&r, ITEM_REASON, reasons[item->reason]);
	if (item->method >= 0)
		record_name(&r, ITEM_METHOD, methods[item->method]);
	out_emit(run->ctx->out, &r);
}

/* What is said about each; "" when the line does without. */
static const char *phrase_of(const struct sync_item *item)
{
	switch (item->reason) {
	case SYNC_NEWER:
		return "newer here";
	case SYNC_UNSAFE:
		return "link that leads out of SRC";
	case SYNC_DEVICE:
		return "device";
	case SYNC_ATTRIBUTES:
		return (item->differs & ~(unsigned)DIFFERS_TIME) == 0 ? "times" : "attributes";
	case SYNC_EXTRA:
		return "";
	case SYNC_IS_NEW:
	case SYNC_SIZE:
	case SYNC_MTIME:
	case SYNC_CONTENT:
	case SYNC_TYPE:
	case SYNC_LINKS:
	case SYNC_UNREADABLE:
	case SYNC_CHANGED:
		break;
	}
	return reasons[item->reason];
}

static const char *verb_of(const struct sync_item *item)
{
	static const char *const verbs[] = {
		[SYNC_COPY] = "copied",    [SYNC_UPDATE] = "updated", [SYNC_META] = "updated",
		[SYNC_MKDIR] = "created",  [SYNC_SYMLINK] = "copied", [SYNC_HARDLINK] = "linked",
		[SYNC_SPECIAL] = "copied", [SYNC_DELETE] = "removed", [SYNC_KEEP] = "kept",
		[SYNC_SKIP] = "skipped",
	};

	return verbs[item->action];
}

static void add_path(const struct sync_run *run, struct strbuf *line, const struct sync_item *item)
{
	const struct out *out = run->ctx->out;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	strbuf_add_str(&path, item->path[0] != '\0' ? item->path : ".");
	if (item->type == DT_DIR)
		strbuf_add_char(&path, '/');
	out_add_name(out, line, strbuf_str(&path), path.len);
	if (item->from == NULL)
		return;
	strbuf_add_str(line, item->action == SYNC_HARDLINK ? " => " : " -> ");
	out_add_name(out, line, item->from, strlen(item->from));
}

/* "copied   a/b (new, 12K)"; with -i rsync's letters, then the path. */
static void print_line(struct sync_run *run, const struct sync_item *item)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	const char *phrase = phrase_of(item);

	if (run->opts->itemize) {
		if (item->action == SYNC_KEEP || item->action == SYNC_SKIP)
			return;
		sync_add_code(&line, item);
		add_path(run, &line, item);
	} else {
		strbuf_add_format(&line, "%-8s ", verb_of(item));
		add_path(run, &line, item);
		if (phrase[0] != '\0')
			strbuf_add_format(&line, " (%s", phrase);
		if (has_size(item) && item->action != SYNC_HARDLINK) {
			strbuf_add_str(&line, ", ");
			sync_add_size(&line, item->size);
		}
		if (phrase[0] != '\0')
			strbuf_add_char(&line, ')');
	}
	progress_clear(run->progress);
	out_line(run->ctx->out, &line);
}

void sync_add_size(struct strbuf *line, uint64_t bytes)
{
	human_add_bytes(line, bytes);
	/* A number alone would say nothing. */
	if (bytes < 1024)
		strbuf_add_str(line, bytes == 1 ? " byte" : " bytes");
}

void sync_print_item(const struct sync_item *item, void *user)
{
	struct sync_run *run = user;

	if (run->shows_items)
		print_line(run, item);
	if (out_wants_records(run->ctx->out))
		emit(run, item);
}

void sync_print_trouble(const struct sync_trouble *trouble, void *user)
{
	struct sync_run *run = user;
	struct diag *diag = run->ctx->diag;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	strbuf_add_str(&path, trouble->in_to ? run->to : run->from);
	if (trouble->path[0] != '\0') {
		strbuf_truncate(&path, path_trimmed_len(strbuf_str(&path)));
		if (strbuf_str(&path)[path.len - 1] != '/')
			strbuf_add_char(&path, '/');
		strbuf_add_str(&path, trouble->path);
	}
	progress_clear(run->progress);
	if (trouble->err == 0)
		(void)diag_partial_text(diag, strbuf_str(&path), "%s", trouble->verb);
	else if (trouble->path[0] == '\0' && !trouble->in_to && !run->planned) {
		atomic_store(&run->from_unreadable, true);
		(void)diag_fail(diag, trouble->err, trouble->verb, strbuf_str(&path));
	} else
		(void)diag_partial(diag, trouble->err, trouble->verb, strbuf_str(&path));
}
