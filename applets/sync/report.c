/* SPDX-License-Identifier: MIT */
/* Records of plan, guards and the end; and the numbers for people. */
#include "sync.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/sig.h"
#include "cli/explain.h"

#include <unistd.h>

enum {
	PLAN_SRC,
	PLAN_DST,
	PLAN_DRY,
	PLAN_FROM,
	PLAN_TO,
	PLAN_COPY,
	PLAN_UPDATE,
	PLAN_DELETE,
	PLAN_BYTES,
	PLAN_GRAIN,
};

static const struct column plan_columns[] = {
	[PLAN_SRC] = { "src", COLUMN_NAME, "SRC as it was typed" },
	[PLAN_DST] = { "dst", COLUMN_NAME, "DST, with --into with the name below it" },
	[PLAN_DRY] = { "dry_run", COLUMN_BOOL, "nothing will be changed" },
	[PLAN_FROM] = { "src_entries", COLUMN_COUNT,
	                "entries of SRC that the filter lets through" },
	[PLAN_TO] = { "dst_entries", COLUMN_COUNT, "entries of DST" },
	[PLAN_COPY] = { "copy", COLUMN_COUNT, "entries that are not in DST" },
	[PLAN_UPDATE] = { "update", COLUMN_COUNT, "entries that differ there" },
	[PLAN_DELETE] = { "delete", COLUMN_COUNT, "entries to be removed from DST" },
	[PLAN_BYTES] = { "bytes", COLUMN_SIZE, "sizes of the files to be copied" },
	[PLAN_GRAIN] = { "granularity_ns", COLUMN_COUNT, "how exactly DST keeps times; or null" },
};
static const struct column_table plan_table = { plan_columns, ARRAY_LEN(plan_columns) };

enum { GUARD_NAME, GUARD_LIMIT, GUARD_COUNT, GUARD_OF, GUARD_ALLOW, GUARD_PASSED };

static const struct column guard_columns[] = {
	[GUARD_NAME] = { "guard", COLUMN_TEXT, "mount, root, home, empty-source, max-delete ..." },
	[GUARD_LIMIT] = { "limit", COLUMN_NAME, "what was asked for, or which side; or null" },
	[GUARD_COUNT] = { "count", COLUMN_COUNT, "entries, or bytes, that it is about" },
	[GUARD_OF] = { "of", COLUMN_COUNT, "of so many" },
	[GUARD_ALLOW] = { "allow", COLUMN_TEXT, "the option that passes it" },
	[GUARD_PASSED] = { "passed", COLUMN_BOOL, "that option was given" },
};
static const struct column_table guard_table = { guard_columns, ARRAY_LEN(guard_columns) };

enum {
	SUM_TIME,
	SUM_DURATION,
	SUM_EXIT,
	SUM_INTERRUPTED,
	SUM_GUARD,
	SUM_FILES,
	SUM_DIRS,
	SUM_UNCHANGED,
	SUM_COPIED,
	SUM_UPDATED,
	SUM_META,
	SUM_DELETED,
	SUM_KEPT,
	SUM_SKIPPED,
	SUM_VANISHED,
	SUM_GREW,
	SUM_CHANGED,
	SUM_ERRORS,
	SUM_SUPPRESSED,
	SUM_BYTES,
	SUM_REFLINKED,
	SUM_VERIFIED,
	SUM_DAMAGED,
};

static const struct column summary_columns[] = {
	[SUM_TIME] = { "time", COLUMN_TIME, "when it ended" },
	[SUM_DURATION] = { "duration_s", COLUMN_FIXED, "how long it took" },
	[SUM_EXIT] = { "exit_code", COLUMN_COUNT, "status it ends with" },
	[SUM_INTERRUPTED] = { "interrupted", COLUMN_BOOL, "a signal ended it" },
	[SUM_GUARD] = { "guard", COLUMN_TEXT, "the guard that stopped it, or null" },
	[SUM_FILES] = { "files", COLUMN_COUNT, "entries of SRC that are no directories" },
	[SUM_DIRS] = { "dirs", COLUMN_COUNT, "directories of SRC" },
	[SUM_UNCHANGED] = { "unchanged", COLUMN_COUNT, "of both, those that were the same" },
	[SUM_COPIED] = { "copied", COLUMN_COUNT, "entries that are new in DST" },
	[SUM_UPDATED] = { "updated", COLUMN_COUNT, "entries that were replaced" },
	[SUM_META] = { "meta", COLUMN_COUNT, "entries of which only attributes changed" },
	[SUM_DELETED] = { "deleted", COLUMN_COUNT, "entries that were removed" },
	[SUM_KEPT] = { "kept", COLUMN_COUNT, "files that are newer in DST, with --update" },
	[SUM_SKIPPED] = { "skipped", COLUMN_COUNT, "entries that could not be copied, or may not" },
	[SUM_VANISHED] = { "vanished", COLUMN_COUNT, "entries that went away meanwhile" },
	[SUM_GREW] = { "grew", COLUMN_COUNT, "files that grew while they were read" },
	[SUM_CHANGED] = { "changed", COLUMN_COUNT, "files that changed each time they were read" },
	[SUM_ERRORS] = { "errors", COLUMN_COUNT, "troubles" },
	[SUM_SUPPRESSED] = { "deletes_suppressed", COLUMN_COUNT,
	                     "directories unreadable in SRC: nothing removed there" },
	[SUM_BYTES] = { "bytes_copied", COLUMN_SIZE, "bytes that were written" },
	[SUM_REFLINKED] = { "bytes_reflinked", COLUMN_SIZE, "bytes that share their blocks" },
	[SUM_VERIFIED] = { "verified", COLUMN_COUNT, "copies that were read again, and equal" },
	[SUM_DAMAGED] = { "damaged", COLUMN_COUNT, "copies that were not" },
};
static const struct column_table summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

const struct applet_schema sync_schemas[] = {
	{ "before anything is changed", &plan_table },
	{ "each guard that trips", &guard_table },
	{ "each change", &sync_item_table },
	{ "--explain=PATH (record \"verdict\")", &explain_table },
	{ "the end", &summary_table },
	{ "--log-json: the first line of a run", &job_event_table },
	{ 0 },
};

void sync_emit_plan(struct sync_run *run)
{
	const struct tree_sync_counts *c = &run->counts;
	int64_t grain = tree_sync_grain(run->ts);
	struct record r;

	if (!out_wants_records(run->ctx->out))
		return;
	record_begin(&r, "plan", &plan_table);
	record_name(&r, PLAN_SRC, run->from);
	record_name(&r, PLAN_DST, run->to);
	record_bool(&r, PLAN_DRY, run->opts->dry_run);
	record_u64(&r, PLAN_FROM, c->from_entries);
	record_u64(&r, PLAN_TO, c->to_entries);
	record_u64(&r, PLAN_COPY, c->copy);
	record_u64(&r, PLAN_UPDATE, c->update);
	record_u64(&r, PLAN_DELETE, c->remove);
	record_u64(&r, PLAN_BYTES, c->bytes);
	if (grain > 0)
		record_u64(&r, PLAN_GRAIN, (uint64_t)grain);
	out_emit(run->ctx->out, &r);
}

void sync_emit_guard(struct sync_run *run, const struct sync_guard_report *report)
{
	AUTO_RELEASE_STRBUF struct strbuf allow = { 0 };
	struct record r;

	if (!out_wants_records(run->ctx->out))
		return;
	strbuf_add_format(&allow, "--allow=%s", sync_guard_word(report->guard));
	record_begin(&r, "guard", &guard_table);
	record_name(&r, GUARD_NAME, sync_guard_word(report->guard));
	if (report->seen->limit != NULL)
		record_name(&r, GUARD_LIMIT, report->seen->limit);
	record_u64(&r, GUARD_COUNT, report->seen->count);
	record_u64(&r, GUARD_OF, report->seen->of);
	record_name(&r, GUARD_ALLOW, strbuf_str(&allow));
	record_bool(&r, GUARD_PASSED, report->passed);
	out_emit(run->ctx->out, &r);
}

static void emit_counts(struct record *r, const struct tree_sync_counts *c)
{
	record_u64(r, SUM_FILES, c->files);
	record_u64(r, SUM_DIRS, c->dirs);
	record_u64(r, SUM_UNCHANGED, c->unchanged);
	record_u64(r, SUM_COPIED, c->copied);
	record_u64(r, SUM_UPDATED, c->updated);
	record_u64(r, SUM_META, c->meta);
	record_u64(r, SUM_DELETED, c->deleted);
	record_u64(r, SUM_KEPT, c->kept);
	record_u64(r, SUM_SKIPPED, c->skipped);
	record_u64(r, SUM_VANISHED, c->vanished);
	record_u64(r, SUM_GREW, c->grew);
	record_u64(r, SUM_CHANGED, c->changed);
	record_u64(r, SUM_ERRORS, c->errors);
	record_u64(r, SUM_SUPPRESSED, c->suppressed);
	record_u64(r, SUM_BYTES, c->bytes_copied);
	record_u64(r, SUM_REFLINKED, c->bytes_reflinked);
	record_u64(r, SUM_VERIFIED, c->verified);
	record_u64(r, SUM_DAMAGED, c->damaged);
}

void sync_emit_summary(struct sync_run *run, int status)
{
	int final = sig_stopped() ? 128 + sig_number() : diag_status(run->ctx->diag, status);
	struct record r;

	if (!out_wants_records(run->ctx->out))
		return;
	record_begin(&r, "summary", &summary_table);
	record_time(&r, SUM_TIME, clock_wall());
	record_fixed(&r, SUM_DURATION, clock_now() - run->began, 9);
	record_u64(&r, SUM_EXIT, (uint64_t) final);
	record_bool(&r, SUM_INTERRUPTED, sig_stopped());
	if (run->guard >= 0)
		record_name(&r, SUM_GUARD, sync_guard_word((enum sync_guard)run->guard));
	emit_counts(&r, &run->counts);
	out_emit(run->ctx->out, &r);
}

/* ", 3 updated" where there are any. */
static void add_count(struct strbuf *line, uint64_t n, const char *word)
{
	if (n > 0)
		strbuf_add_format(line, "%s%llu %s", line->len > 0 ? ", " : "",
		                  (unsigned long long)n, word);
}

void sync_print_summary(struct sync_run *run)
{
	const struct sync_opts *o = run->opts;
	const struct tree_sync_counts *c = &run->counts;
	uint64_t bytes = o->dry_run ? c->bytes : c->bytes_copied + c->bytes_reflinked;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (out_format(run->ctx->out) != OUT_TEXT || o->quiet ||
	    !(o->verbose || o->stats || o->dry_run || isatty(STDERR_FILENO)))
		return;
	add_count(&line, c->copied, "copied");
	add_count(&line, c->updated + c->meta, "updated");
	add_count(&line, c->deleted, "removed");
	add_count(&line, c->kept, "kept");
	add_count(&line, c->skipped, "skipped");
	add_count(&line, c->verified, "verified");
	add_count(&line, c->unchanged, "unchanged");
	add_count(&line, c->vanished, "vanished");
	add_count(&line, c->grew, "grew");
	if (line.len == 0)
		strbuf_add_str(&line, "nothing to do");
	if (bytes > 0) {
		strbuf_add_str(&line, "; ");
		sync_add_size(&line, bytes);
	}
	if (!o->dry_run) {
		strbuf_add_str(&line, " in ");
		human_add_duration(&line, clock_now() - run->began);
	} else {
		strbuf_add_str(&line, "; nothing was changed (dry run)");
	}
	out_line(run->ctx->out, &line);
}
