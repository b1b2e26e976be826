/* SPDX-License-Identifier: MIT */
/*
 * --diff: what is different from an earlier snapshot. Both are JSON, and both are taken apart by
 * the same code, so that only values differ that print differently.
 */
#include "diff_facts.h"
#include "sysinfo.h"

#include "base/fdio.h"
#include "base/quote.h"

#include <fcntl.h>

enum { SNAPSHOT_MAX = 64 << 20 }; /* bytes of an old one */

/* "mounts[/x].fstype" is a "mounts.fstype". */
static void add_generic(const struct fact *f, struct strbuf *ret)
{
	size_t list = f->row != 0 ? strcspn(f->key, "[") : strlen(f->key);

	strbuf_add(ret, f->key, list);
	if (f->row != 0)
		strbuf_add_str(ret, f->key + f->row);
}

static bool begins_with_field(const char *name, const char *field, size_t len)
{
	return strncmp(name, field, len) == 0 && (name[len] == '\0' || name[len] == '.');
}

static bool is_ignored(const struct sysinfo_opts *opts, const char *name)
{
	for (size_t i = 0; i < opts->ignore.len; i++) {
		const char *at = opts->ignore.items[i];

		while (*at != '\0') {
			size_t len = strcspn(at, ",");

			if (len > 0 && begins_with_field(name, at, len))
				return true;
			at += len + (at[len] == ',');
		}
	}
	return false;
}

/* What changes all the time, and what is about the run and not the machine. */
static bool is_volatile(const char *name)
{
	static const char lists[][24] = {
		"record",
		"schema",
		"collected_at",
		"errors",
		"top",
		"process",
		"mounts.used_bytes",
		"mounts.free_bytes",
		"mounts.avail_bytes",
		"mounts.used_pct",
		"mounts.inodes_used",
		"mounts.inodes_free",
		"mounts.inodes_pct",
		"mounts.timed_out",
		"load",
	};
	struct wish wish;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (begins_with_field(name, lists[i], strlen(lists[i])))
			return true;
	return field_find(name, &wish) && wish.column >= 0 &&
	       (sections[wish.section].fields[wish.column].flags & FIELD_VOLATILE) != 0;
}

enum { CHANGE_FIELD, CHANGE_KIND, CHANGE_OLD, CHANGE_NEW, CHANGE_COLS };

static const struct column change_columns[] = {
	[CHANGE_FIELD] = { "field", COLUMN_NAME, "which; mounts[/x] is a row" },
	[CHANGE_KIND] = { "change", COLUMN_TEXT, "changed, added or removed" },
	[CHANGE_OLD] = { "old", COLUMN_NAME, "the value in the file, as text" },
	[CHANGE_NEW] = { "new", COLUMN_NAME, "the value now, as text" },
};

const struct column_table change_table = { change_columns, CHANGE_COLS };

struct change {
	const char *field;
	size_t len;
	const char *kind;
	const char *before, *after; /* NULL: null, or not there */
};

static void report(struct snapshot *s, const struct change *c)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct record r;

	if (out_format(s->ctx->out) == OUT_JSON) {
		record_begin(&r, "item", &change_table);
		record_bytes(&r, CHANGE_FIELD, c->field, c->len);
		record_name(&r, CHANGE_KIND, c->kind);
		if (c->before != NULL)
			record_name(&r, CHANGE_OLD, c->before);
		if (c->after != NULL)
			record_name(&r, CHANGE_NEW, c->after);
		out_emit(s->ctx->out, &r);
		return;
	}
	quote_add_masked(&line, c->field, c->len);
	strbuf_add_str(&line, ": ");
	if (strcmp(c->kind, "changed") == 0) {
		const char *before = c->before != NULL ? c->before : "unknown";
		const char *after = c->after != NULL ? c->after : "unknown";

		quote_add_masked(&line, before, strlen(before));
		strbuf_add_str(&line, " -> ");
		quote_add_masked(&line, after, strlen(after));
	} else {
		strbuf_add_str(&line, c->kind);
	}
	out_line(s->ctx->out, &line);
}

/* The first fact whose key begins with the `len` bytes, or what follows in order. */
static size_t first_with(const struct facts *f, const char *prefix, size_t len)
{
	size_t low = 0;
	size_t high = f->items != NULL ? f->len : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(f->items[middle].key, prefix, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool begins_with(const struct facts *f, size_t i, const char *prefix, size_t len)
{
	return f->items != NULL && i < f->len && strncmp(f->items[i].key, prefix, len) == 0;
}

/* Was the list that the row is in looked at, if only to find it empty? */
static bool has_list(const struct facts *f, const char *key)
{
	const size_t len = strcspn(key, "[");

	for (size_t i = first_with(f, key, len); begins_with(f, i, key, len); i++)
		if (f->items[i].key[len] == '[' ||
		    (f->items[i].key[len] == '\0' && f->items[i].value != NULL))
			return true;
	return false;
}

static bool has_row(const struct facts *f, const struct fact *row)
{
	for (size_t i = first_with(f, row->key, row->row); begins_with(f, i, row->key, row->row);
	     i++)
		if (f->items[i].row == row->row)
			return true;
	return false;
}

/*
 * A row that only one of the two has is reported once, however many fields it has; *last is the
 * one that was reported before.
 */
static bool report_row(struct snapshot *s, const struct fact *f, const struct facts *other,
                       const char *kind, const struct fact **last)
{
	if (f->row == 0 ||
	    (*last != NULL && (*last)->row == f->row && strncmp((*last)->key, f->key, f->row) == 0))
		return false;
	if (!has_list(other, f->key) || has_row(other, f))
		return false;
	*last = f;
	report(s, &(struct change){ .field = f->key, .len = f->row, .kind = kind });
	return true;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_compared(const struct snapshot *s, const struct fact *f)
{
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

	add_generic(f, &name);
	return !is_volatile(strbuf_str(&name)) && !is_ignored(s->opts, strbuf_str(&name));
}

/* One fact of both. */
static bool compare_values(struct snapshot *s, const struct fact *a, const struct fact *b)
{
	if (is_same(a->value, b->value) || !is_compared(s, a))
		return false;
	report(s, &(struct change){ .field = a->key,
	                            .len = strlen(a->key),
	                            .kind = "changed",
	                            .before = a->value,
	                            .after = b->value });
	return true;
}

static bool compare(struct snapshot *s, const struct facts *before, const struct facts *after)
{
	const struct fact *removed = NULL;
	const struct fact *added = NULL;
	bool changed = false;
	size_t i = 0;
	size_t k = 0;

	while (i < before->len || k < after->len) {
		const struct fact *a = i < before->len ? &before->items[i] : NULL;
		const struct fact *b = k < after->len ? &after->items[k] : NULL;

		if (a != NULL && (b == NULL || strcmp(a->key, b->key) < 0)) {
			changed |=
				is_compared(s, a) && report_row(s, a, after, "removed", &removed);
			i++;
		} else if (b != NULL && (a == NULL || strcmp(a->key, b->key) > 0)) {
			changed |= is_compared(s, b) && report_row(s, b, before, "added", &added);
			k++;
		} else if (a != NULL && b != NULL) {
			changed |= compare_values(s, a, b);
			i++;
			k++;
		}
	}
	return changed;
}

/* 0, or the status to leave with. */
static int load(struct snapshot *s, const char *file, struct facts *ret)
{
	struct diag *diag = s->ctx->diag;
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(AT_FDCWD, file, SNAPSHOT_MAX, &text);

	if (r < 0)
		return diag_fail(diag, -r, "read", file);
	r = facts_parse(strbuf_str(&text), text.len, ret);
	if (r < 0 || !ret->has_schema)
		return diag_usage(diag, "'%s' is not a snapshot of sysinfo --json", file);
	if (ret->schema == SCHEMA_VERSION)
		return 0;
	return diag_usage(diag, "'%s' has schema version %llu, this program has %d", file,
	                  (unsigned long long)ret->schema, (int)SCHEMA_VERSION);
}

int print_diff(struct snapshot *s, const char *file)
{
	AUTO_RELEASE_STRBUF struct strbuf now = { 0 };
	struct facts before = { 0 };
	struct facts after = { 0 };
	int status = load(s, file, &before);

	if (status == 0) {
		add_json(s, &now);
		if (facts_parse(strbuf_str(&now), now.len, &after) < 0)
			status = diag_fail_text(s->ctx->diag, NULL,
			                        "the machine's state is too large to compare");
		else
			status = compare(s, &before, &after) ? EXIT_NO : EXIT_YES;
	}
	facts_release(&before);
	facts_release(&after);
	return status;
}
