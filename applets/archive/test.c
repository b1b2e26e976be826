/* SPDX-License-Identifier: MIT */
/* archive test: reads all of it, and says how strong the proof is; archive info: what it is. */
#include "archive.h"

#include "base/human.h"
#include "base/sig.h"

#include <errno.h>

enum {
	VERDICT_PATH,
	VERDICT_OK,
	VERDICT_FORMAT,
	VERDICT_VARIANT,
	VERDICT_PACKING,
	VERDICT_INTEGRITY,
	VERDICT_ENTRIES,
	VERDICT_BYTES,
	VERDICT_PACKED,
	VERDICT_END,
	VERDICT_TRAILING,
	VERDICTS,
};

/* info leaves out what only reading tells. */
static const struct column verdict_columns[] = {
	{ "path", COLUMN_NAME, "the archive, as given" },
	{ "ok", COLUMN_BOOL, "nothing was wrong" },
	{ "format", COLUMN_TEXT, "tar, cpio, zip, 7z, rar, iso, cab, lha, ar" },
	{ "variant", COLUMN_TEXT, "the dialect, in words" },
	{ "packing", COLUMN_TEXT, "none, gzip, bzip2, xz, lzma, lzip, zstd, lz4" },
	{ "integrity", COLUMN_TEXT, "what proves the content: none, crc32, xxh64, ..." },
	{ "entries", COLUMN_COUNT, "members" },
	{ "bytes", COLUMN_SIZE, "of their contents" },
	{ "packed_bytes", COLUMN_SIZE, "of the archive" },
	{ "eof_marker", COLUMN_BOOL, "the mark at the end was there" },
	{ "trailing_bytes", COLUMN_SIZE, "that follow the end" },
};

const struct column_table test_verdict_table = { verdict_columns, ARRAY_LEN(verdict_columns) };
const struct column_table info_table = { verdict_columns, ARRAY_LEN(verdict_columns) };

enum { SUMMARY_OK, SUMMARY_ARCHIVES, SUMMARY_BAD, SUMMARY_STATUS, SUMMARY_INTERRUPTED };

static const struct column summary_columns[] = {
	{ "ok", COLUMN_BOOL, "all archives are" },
	{ "archives", COLUMN_COUNT, "that were tested" },
	{ "bad", COLUMN_COUNT, "those with which something is wrong" },
	{ "exit_code", COLUMN_COUNT, "the exit status" },
	{ "interrupted", COLUMN_BOOL, "a signal ended it before its time" },
};

const struct column_table test_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

struct tested {
	struct member_limits limits;
	uint64_t entries, bytes;
	struct members_end end;
	bool known; /* `end` is set */
	bool whole; /* it was read to its end */
};

/* Reads the content. 0 or -errno of what stops the whole. */
static int read_member(struct archive_run *run, struct source *s, const struct member *m,
                       struct tested *t)
{
	const void *bytes;
	size_t len;
	uint64_t offset;
	int r;

	while ((r = members_data(s->members, &bytes, &len, &offset)) > 0 && !sig_stopped()) {
		enum limit_hit hit;

		t->bytes += len;
		hit = member_limits_bytes(&t->limits, t->bytes, members_packed_bytes(s->members));
		if (hit != LIMIT_HIT_NONE) {
			(void)limits_trouble(run, hit);
			return -ECANCELED;
		}
		progress_tick(run->progress, members_packed_bytes(s->members), 0, m->path);
	}
	if (r >= 0)
		return 0;
	(void)source_member_trouble(run, s, m->path, r);
	return members_goes_on(s->members) ? 0 : -ECANCELED;
}

/* Everything of one archive. */
static void test_members(struct archive_run *run, struct source *s, struct tested *t)
{
	struct member m;
	int r;

	while ((r = members_next(s->members, &m)) > 0 && !sig_stopped()) {
		if (++t->entries > t->limits.entries) {
			(void)limits_trouble(run, LIMIT_HIT_ENTRIES);
			return;
		}
		if (m.name_lost)
			(void)diag_partial_text(run->ctx->diag, s->name,
			                        "member %llu has a name that cannot be decoded",
			                        (unsigned long long)m.index);
		else if (m.warning != NULL)
			(void)diag_partial_text(run->ctx->diag, m.path, "%s", m.warning);
		if (m.hardlink == NULL && read_member(run, s, &m, t) < 0)
			return;
	}
	if (r < 0) {
		(void)source_trouble(run, s, r);
	} else if (r == 0) {
		(void)source_finish(run, s, &t->end);
		t->whole = t->end.format != NULL;
		t->known = t->whole;
	}
}

int source_verify(struct archive_run *run, struct source *s, uint64_t *ret_entries)
{
	const uint64_t before = diag_count(run->ctx->diag);
	struct tested t = { 0 };
	int status = source_attach(run, s);

	if (status == 0) {
		/* It was made here: what it unpacks to is known to fit. */
		t.limits = (struct member_limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
		test_members(run, s, &t);
		source_close(s);
		*ret_entries = t.entries;
	}
	return diag_count(run->ctx->diag) == before ? status
	                                            : diag_status(run->ctx->diag, EXIT_DAMAGED);
}

static void emit(struct archive_run *run, const char *name, const struct tested *t, bool ok)
{
	struct record r;

	record_begin(&r, "verdict", &test_verdict_table);
	record_name(&r, VERDICT_PATH, name);
	record_bool(&r, VERDICT_OK, ok);
	if (t->known) {
		record_name(&r, VERDICT_FORMAT, t->end.format);
		record_name(&r, VERDICT_VARIANT, t->end.variant);
		record_name(&r, VERDICT_PACKING, packing_name(t->end.packing));
		record_name(&r, VERDICT_INTEGRITY, proof_name(t->end.proof));
		record_u64(&r, VERDICT_PACKED, t->end.packed_bytes);
	}
	if (t->whole) {
		record_bool(&r, VERDICT_END, t->end.has_end);
		record_u64(&r, VERDICT_TRAILING, t->end.trailing);
	}
	record_u64(&r, VERDICT_ENTRIES, t->entries);
	record_u64(&r, VERDICT_BYTES, t->bytes);
	out_emit(run->ctx->out, &r);
}

static void print(struct archive_run *run, const char *name, const struct tested *t, bool ok)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct out *out = run->ctx->out;

	if (run->opts.quiet || out_format(out) == OUT_JSON)
		return;
	out_add_name(out, &line, name, strlen(name));
	if (ok)
		strbuf_add_format(&line, ": OK, %llu members, %llu bytes; ",
		                  (unsigned long long)t->entries, (unsigned long long)t->bytes);
	else
		strbuf_add_str(&line, ": FAILED");
	if (ok && t->end.proof == PROOF_NONE)
		strbuf_add_format(&line, "no checksum proves the contents (%s)", t->end.format);
	else if (ok)
		strbuf_add_format(&line, "proved by %s", proof_name(t->end.proof));
	out_line(out, &line);
}

static bool test_one(struct archive_run *run, const char *name)
{
	const uint64_t before = diag_count(run->ctx->diag);
	struct tested t = { 0 };
	struct source s;
	bool ok;

	limits_read(run, -1, &t.limits);
	if (source_open(run, name, &s) == 0) {
		test_members(run, &s, &t);
		if (!t.known) {
			members_about(s.members, &t.end);
			t.known = true;
		}
		source_close(&s);
	}
	if (sig_stopped())
		return false;
	ok = diag_count(run->ctx->diag) == before;
	emit(run, name, &t, ok);
	print(run, name, &t, ok);
	return ok;
}

int archive_test(struct archive_run *run, char **operands)
{
	uint64_t n = 0;
	uint64_t bad = 0;
	struct record r;

	if (operands[0] == NULL)
		return diag_usage(run->ctx->diag, "test: which archive?");
	for (; operands[n] != NULL && !sig_stopped(); n++)
		bad += !test_one(run, operands[n]);
	record_begin(&r, "summary", &test_summary_table);
	record_bool(&r, SUMMARY_OK, bad == 0);
	record_u64(&r, SUMMARY_ARCHIVES, n);
	record_u64(&r, SUMMARY_BAD, bad);
	record_u64(&r, SUMMARY_STATUS, (uint64_t)diag_status(run->ctx->diag, EXIT_YES));
	record_bool(&r, SUMMARY_INTERRUPTED, sig_stopped());
	out_emit(run->ctx->out, &r);
	return diag_status(run->ctx->diag, EXIT_YES);
}

static void tell(struct archive_run *run, const char *name, const struct members_end *end)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct record r;

	record_begin(&r, "entry", &info_table);
	record_name(&r, VERDICT_PATH, name);
	record_name(&r, VERDICT_FORMAT, end->format);
	record_name(&r, VERDICT_VARIANT, end->variant);
	record_name(&r, VERDICT_PACKING, packing_name(end->packing));
	record_name(&r, VERDICT_INTEGRITY, proof_name(end->proof));
	out_emit(run->ctx->out, &r);
	if (out_format(run->ctx->out) == OUT_JSON)
		return;
	out_add_name(run->ctx->out, &text, name, strlen(name));
	strbuf_add_format(&text, ": %s (%s), packing %s, integrity %s", end->format, end->variant,
	                  packing_name(end->packing), proof_name(end->proof));
	out_line(run->ctx->out, &text);
}

int archive_info(struct archive_run *run, char **operands)
{
	if (operands[0] == NULL)
		return diag_usage(run->ctx->diag, "info: which archive?");
	for (size_t i = 0; operands[i] != NULL; i++) {
		struct members_end end;
		struct member m;
		struct source s;
		int r;

		if (source_open(run, operands[i], &s) != 0)
			continue;
		/* The first member tells the dialect. */
		r = members_next(s.members, &m);
		members_about(s.members, &end);
		if (r < 0)
			(void)source_trouble(run, &s, r);
		else
			tell(run, operands[i], &end);
		source_close(&s);
	}
	return diag_status(run->ctx->diag, EXIT_YES);
}
