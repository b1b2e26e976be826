/* SPDX-License-Identifier: MIT */
/*
 * --diff: what is different from an earlier snapshot. Both are JSON, and both are taken apart by
 * the same code, so that only values differ that print differently.
 */
#include "sysinfo.h"

#include "base/fdio.h"
#include "base/json_reader.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>

enum { SNAPSHOT_MAX = 64 << 20, DEPTH_MAX = 16, STRING_MAX = 1 << 20, KEY_MAX_LEN = 8192 };

/* "cpu.online" and "2"; "mounts[/home].fstype" with the length of "mounts[/home]". */
struct fact {
	char *key;
	char *value; /* NULL for null */
	size_t row;  /* 0: not in a row */
};

struct facts {
	VEC_FIELDS(struct fact);
	bool has_schema;
	uint64_t schema;
};

static void facts_release(struct facts *f)
{
	for (size_t i = 0; i < f->len; i++) {
		free(f->items[i].key);
		free(f->items[i].value);
	}
	vec_release(f);
}

struct text_source {
	const char *at;
	size_t left;
};

static ssize_t read_source(void *user, void *buffer, size_t size)
{
	struct text_source *source = user;
	size_t n = source->left < size ? source->left : size;

	memcpy(buffer, source->at, n);
	source->at += n;
	source->left -= n;
	return (ssize_t)n;
}

struct walk_json {
	struct json_reader *reader;
	struct facts *ret;
	struct strbuf key;
	size_t row;
};

static int next(struct walk_json *w, struct json_token *t)
{
	return json_reader_next(w->reader, t);
}

/* The text of a scalar; NULL for null. */
static char *scalar(const struct json_token *t)
{
	if (t->event == JSON_STRING || t->event == JSON_NUMBER)
		return mem_strndup(t->text, t->len);
	if (t->event == JSON_TRUE || t->event == JSON_FALSE)
		return mem_strdup(t->event == JSON_TRUE ? "true" : "false");
	return NULL;
}

static void add_fact(struct walk_json *w, char *value)
{
	vec_push(w->ret, (struct fact){ .key = mem_strdup(strbuf_str(&w->key)),
	                                .value = value,
	                                .row = w->row });
}

static int walk_value(struct walk_json *w, const struct json_token *first);

static int walk_object(struct walk_json *w)
{
	const size_t len = w->key.len;
	struct json_token t;
	int r;

	while ((r = next(w, &t)) == 0 && t.event == JSON_KEY) {
		if (len != 0)
			strbuf_add_char(&w->key, '.');
		strbuf_add(&w->key, t.text, t.len);
		if (w->key.len > KEY_MAX_LEN)
			return -E2BIG;
		r = next(w, &t);
		if (r == 0)
			r = walk_value(w, &t);
		if (r < 0)
			return r;
		strbuf_truncate(&w->key, len);
	}
	return r;
}

/* A row of a list: its first member is its name. */
static int walk_row(struct walk_json *w)
{
	const size_t len = w->key.len;
	struct json_token t;
	int r = next(w, &t);

	if (r < 0 || t.event == JSON_OBJECT_END)
		return r;
	r = next(w, &t);
	if (r < 0)
		return r;
	strbuf_add_char(&w->key, '[');
	if (t.event == JSON_STRING || t.event == JSON_NUMBER)
		strbuf_add(&w->key, t.text, t.len);
	strbuf_add_char(&w->key, ']');
	if (t.event == JSON_OBJECT_BEGIN || t.event == JSON_ARRAY_BEGIN)
		r = json_reader_leave(w->reader);
	w->row = w->key.len;
	if (r == 0)
		r = walk_object(w);
	w->row = 0;
	strbuf_truncate(&w->key, len);
	return r;
}

static int walk_array(struct walk_json *w)
{
	struct strbuf joined = { 0 };
	bool has_rows = false;
	bool is_first = true;
	struct json_token t;
	int r;

	while ((r = next(w, &t)) == 0 && t.event != JSON_ARRAY_END) {
		char *value;

		if (t.event == JSON_OBJECT_BEGIN) {
			has_rows = true;
			r = walk_row(w);
			if (r < 0)
				break;
			continue;
		}
		value = scalar(&t);
		if (!is_first)
			strbuf_add_char(&joined, ',');
		strbuf_add_str(&joined, value != NULL ? value : "null");
		is_first = false;
		free(value);
	}
	if (r == 0 && !has_rows)
		add_fact(w, strbuf_detach(&joined));
	else
		strbuf_release(&joined);
	return r;
}

static int walk_value(struct walk_json *w, const struct json_token *first)
{
	if (first->event == JSON_OBJECT_BEGIN)
		return walk_object(w);
	if (first->event == JSON_ARRAY_BEGIN)
		return walk_array(w);
	if (strcmp(strbuf_str(&w->key), "schema") == 0 && first->event == JSON_NUMBER &&
	    first->is_u64) {
		w->ret->has_schema = true;
		w->ret->schema = first->u64;
	}
	add_fact(w, scalar(first));
	return 0;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct fact *)a)->key, ((const struct fact *)b)->key);
}

/* 0 or -errno. */
static int facts_parse(const char *text, size_t len, struct facts *ret)
{
	struct text_source source = { text, len };
	const struct json_source reading = { .read = read_source,
		                             .user = &source,
		                             .depth_max = DEPTH_MAX,
		                             .string_max = STRING_MAX };
	struct walk_json w = { .reader = json_reader_new(&reading), .ret = ret };
	struct json_token t;
	int r = next(&w, &t);

	if (r == 0 && t.event != JSON_OBJECT_BEGIN)
		r = -EBADMSG;
	if (r == 0)
		r = walk_object(&w);
	if (r == 0)
		r = next(&w, &t);
	if (ret->len > 1)
		qsort(ret->items, ret->len, sizeof(*ret->items), by_key);
	json_reader_free(w.reader);
	strbuf_release(&w.key);
	return r;
}

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

/* Was the list that the row is in looked at, if only to find it empty? */
static bool has_list(const struct facts *f, const char *key)
{
	const size_t len = strcspn(key, "[");

	for (size_t i = 0; i < f->len; i++)
		if (strncmp(f->items[i].key, key, len) == 0 &&
		    (f->items[i].key[len] == '[' ||
		     (f->items[i].key[len] == '\0' && f->items[i].value != NULL)))
			return true;
	return false;
}

static bool is_same_row(const struct fact *a, const struct fact *b)
{
	return a->row == b->row && strncmp(a->key, b->key, a->row) == 0;
}

/*
 * A row that only one of the two has is reported once, however many fields it has; *last is the
 * one that was reported before.
 */
static bool report_row(struct snapshot *s, const struct fact *f, const struct facts *other,
                       const char *kind, const struct fact **last)
{
	if (f->row == 0 || !has_list(other, f->key))
		return false;
	for (size_t i = 0; i < other->len; i++)
		if (is_same_row(&other->items[i], f))
			return false;
	if (*last != NULL && is_same_row(*last, f))
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
		int order = a == NULL ? 1 : b == NULL ? -1 : strcmp(a->key, b->key);

		if (order < 0) {
			if (is_compared(s, a))
				changed = report_row(s, a, after, "removed", &removed) || changed;
		} else if (order > 0) {
			if (is_compared(s, b))
				changed = report_row(s, b, before, "added", &added) || changed;
		} else if (!is_same(a->value, b->value) && is_compared(s, a)) {
			report(s, &(struct change){ .field = a->key,
			                            .len = strlen(a->key),
			                            .kind = "changed",
			                            .before = a->value,
			                            .after = b->value });
			changed = true;
		}
		i += order <= 0;
		k += order >= 0;
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
