/* SPDX-License-Identifier: MIT */
/* archive list: names, as tar -tv does, or records; with --problems what is doubtful only. */
#include "archive.h"

#include "base/clock.h"
#include "base/sig.h"
#include "cli/file_type.h"

#include <dirent.h>
#include <sys/stat.h>

enum {
	ENTRY_INDEX,
	ENTRY_PATH,
	ENTRY_TYPE,
	ENTRY_SIZE,
	ENTRY_MODE,
	ENTRY_UID,
	ENTRY_GID,
	ENTRY_USER,
	ENTRY_GROUP,
	ENTRY_MTIME,
	ENTRY_LINK,
	ENTRY_HARDLINK,
	ENTRY_ENCRYPTED,
	ENTRY_SPARSE,
	ENTRY_PROBLEMS,
};

static const struct column entry_columns[] = {
	{ "index", COLUMN_COUNT, "place in the archive, from 0" },
	{ "path", COLUMN_NAME, "name of the member, as it is stored" },
	{ "type", COLUMN_TEXT, "file, dir, symlink, fifo, socket, chardev, blockdev" },
	{ "size", COLUMN_SIZE, "bytes of its content; null when the archive does not say" },
	{ "mode", COLUMN_TEXT, "four octal digits" },
	{ "uid", COLUMN_INT, "number of its owner" },
	{ "gid", COLUMN_INT, "number of its group" },
	{ "user", COLUMN_NAME, "name of its owner, when the archive has it" },
	{ "group", COLUMN_NAME, "name of its group, when the archive has it" },
	{ "mtime", COLUMN_TIME, "modification time" },
	{ "link", COLUMN_NAME, "target of a symbolic link" },
	{ "hardlink", COLUMN_NAME, "member that this is another name of" },
	{ "encrypted", COLUMN_BOOL, "its content is encrypted" },
	{ "sparse", COLUMN_BOOL, "it has holes" },
	{ "problems", COLUMN_TEXT, "what is doubtful, words separated by commas; or null" },
};

const struct column_table list_entry_table = { entry_columns, ARRAY_LEN(entry_columns) };

enum { SUMMARY_ENTRIES, SUMMARY_BYTES, SUMMARY_PROBLEMS, SUMMARY_STATUS, SUMMARY_INTERRUPTED };

static const struct column summary_columns[] = {
	{ "entries", COLUMN_COUNT, "members that were listed" },
	{ "bytes", COLUMN_SIZE, "of their contents" },
	{ "problems", COLUMN_COUNT, "members that are doubtful" },
	{ "exit_code", COLUMN_COUNT, "the exit status" },
	{ "interrupted", COLUMN_BOOL, "a signal ended it before its time" },
};

const struct column_table list_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

struct listing {
	struct archive_run *run;
	struct member_audit *audit;
	uint64_t entries, bytes, doubtful;
	struct strbuf line;
};

static void add_troubles(struct strbuf *b, unsigned troubles)
{
	const char *before = "";

	for (unsigned i = 0; i < MEMBER_TROUBLES; i++) {
		if ((troubles & 1U << i) == 0)
			continue;
		strbuf_add_format(b, "%s%s", before, member_trouble_word(i));
		before = ",";
	}
}

void list_emit(struct archive_run *run, const struct member *m, unsigned troubles)
{
	AUTO_RELEASE_STRBUF struct strbuf words = { 0 };
	char mode[8];
	struct record r;

	(void)snprintf(mode, sizeof(mode), "%04o", m->mode & 07777U);
	record_begin(&r, "entry", &list_entry_table);
	record_u64(&r, ENTRY_INDEX, m->index);
	record_bytes(&r, ENTRY_PATH, m->path, m->path_len);
	record_name(&r, ENTRY_TYPE, file_type_word(m->type));
	if (m->has_size)
		record_u64(&r, ENTRY_SIZE, m->size);
	record_name(&r, ENTRY_MODE, mode);
	record_i64(&r, ENTRY_UID, m->uid);
	record_i64(&r, ENTRY_GID, m->gid);
	if (m->user != NULL && m->user[0] != '\0')
		record_name(&r, ENTRY_USER, m->user);
	if (m->group != NULL && m->group[0] != '\0')
		record_name(&r, ENTRY_GROUP, m->group);
	if (m->has_mtime)
		record_time(&r, ENTRY_MTIME, m->mtime);
	if (m->link != NULL)
		record_name(&r, ENTRY_LINK, m->link);
	if (m->hardlink != NULL)
		record_name(&r, ENTRY_HARDLINK, m->hardlink);
	record_bool(&r, ENTRY_ENCRYPTED, m->encrypted);
	record_bool(&r, ENTRY_SPARSE, m->sparse);
	add_troubles(&words, troubles);
	if (troubles != 0)
		record_name(&r, ENTRY_PROBLEMS, strbuf_str(&words));
	out_emit(run->ctx->out, &r);
}

static mode_t type_bits(unsigned char type)
{
	return (mode_t)type << 12; /* DTTOIF() */
}

static void add_owner(struct strbuf *b, const char *name, int64_t number)
{
	if (name != NULL && name[0] != '\0')
		strbuf_add_str(b, name);
	else
		strbuf_add_format(b, "%lld", (long long)number);
}

/* -rw-r--r-- user/group      1234 2026-11-22 07:30 */
static void add_details(struct listing *l, const struct member *m)
{
	struct strbuf *b = &l->line;
	AUTO_RELEASE_STRBUF struct strbuf owner = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf size = { 0 };
	int width;

	file_mode_add(b, (uint32_t)(m->mode | type_bits(m->type)));
	if (m->hardlink != NULL)
		b->data[b->len - 10] = 'h';
	add_owner(&owner, m->user, m->uid);
	strbuf_add_char(&owner, '/');
	add_owner(&owner, m->group, m->gid);
	if (m->type == DT_CHR || m->type == DT_BLK)
		strbuf_add_format(&size, "%llu,%llu", (unsigned long long)m->rdev_major,
		                  (unsigned long long)m->rdev_minor);
	else if (m->has_size || m->type != DT_REG)
		strbuf_add_u64(&size, m->size);
	else
		strbuf_add_char(&size, '?');
	/* As GNU tar lays them out: owner and size share 19 columns. */
	width = owner.len + size.len >= 18 ? (int)size.len : (int)(18 - owner.len);
	strbuf_add_char(b, ' ');
	out_add_name(l->run->ctx->out, b, strbuf_str(&owner), owner.len);
	strbuf_add_format(b, " %*s ", width, strbuf_str(&size));
	clock_add_time(b, m->mtime, "+%Y-%m-%d %H:%M");
	strbuf_add_char(b, ' ');
}

static void print(struct listing *l, const struct member *m, unsigned troubles)
{
	struct out *out = l->run->ctx->out;
	struct strbuf *b = &l->line;

	strbuf_clear(b);
	if (l->run->opts.problems) {
		add_troubles(b, troubles);
		strbuf_add_char(b, '\t');
	}
	if (l->run->opts.verbose)
		add_details(l, m);
	out_add_name(out, b, m->path, m->path_len);
	if (l->run->opts.verbose && m->link != NULL) {
		strbuf_add_str(b, " -> ");
		out_add_name(out, b, m->link, strlen(m->link));
	} else if (l->run->opts.verbose && m->hardlink != NULL) {
		strbuf_add_str(b, " link to ");
		out_add_name(out, b, m->hardlink, strlen(m->hardlink));
	}
	out_line(out, b);
}

static void show(struct listing *l, const struct member *m)
{
	const struct archive_run *run = l->run;
	unsigned troubles = l->audit != NULL ? member_audit_next(l->audit, m) : 0;

	l->doubtful += troubles != 0;
	if (run->opts.problems && troubles == 0)
		return;
	l->entries++;
	l->bytes += m->size;
	if (out_wants_records(run->ctx->out))
		list_emit(l->run, m, troubles);
	if (out_format(run->ctx->out) != OUT_JSON)
		print(l, m, troubles);
}

static int list_members(struct listing *l, struct source *s, char **names)
{
	struct archive_run *run = l->run;
	struct selection selection;
	struct members_end end;
	struct member m;
	int r;

	selection_begin(&selection, run, names);
	while ((r = members_next(s->members, &m)) > 0 && !sig_stopped() &&
	       !out_failed(run->ctx->out)) {
		if (selection_wants(&selection, &m))
			show(l, &m);
		progress_tick(run->progress, members_packed_bytes(s->members), 0, m.path);
	}
	selection_end(&selection, r == 0);
	if (r < 0)
		return source_trouble(run, s, r);
	return r > 0 ? EXIT_NO : source_finish(run, s, &end);
}

int archive_list(struct archive_run *run, char **operands)
{
	struct listing l = { .run = run };
	struct source s;
	struct record r;
	int status;

	if (operands[0] == NULL)
		return diag_usage(run->ctx->diag, "list: which archive?");
	/* What nobody asked for is not remembered. */
	if (run->opts.problems || out_wants_records(run->ctx->out))
		l.audit = member_audit_new();
	status = source_open(run, operands[0], &s);
	if (status == 0) {
		status = list_members(&l, &s, operands + 1);
		source_close(&s);
	}
	if (status == EXIT_YES && run->opts.problems && l.doubtful > 0)
		status = EXIT_NO;
	record_begin(&r, "summary", &list_summary_table);
	record_u64(&r, SUMMARY_ENTRIES, l.entries);
	record_u64(&r, SUMMARY_BYTES, l.bytes);
	if (l.audit != NULL)
		record_u64(&r, SUMMARY_PROBLEMS, l.doubtful);
	record_u64(&r, SUMMARY_STATUS, (uint64_t)diag_status(run->ctx->diag, status));
	record_bool(&r, SUMMARY_INTERRUPTED, sig_stopped());
	out_emit(run->ctx->out, &r);
	(void)member_audit_free(l.audit);
	strbuf_release(&l.line);
	return status;
}
