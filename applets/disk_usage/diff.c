/* SPDX-License-Identifier: MIT */
/* What grew, shrank, came and went since an earlier export. */
#include "disk_usage.h"

#include "base/map.h"
#include "base/path.h"
#include "base/sig.h"

#include <inttypes.h>

enum change_state { STATE_SAME, STATE_CHANGED, STATE_ADDED, STATE_REMOVED };

static const char *const state_words[] = {
	[STATE_SAME] = "same",
	[STATE_CHANGED] = "changed",
	[STATE_ADDED] = "added",
	[STATE_REMOVED] = "removed",
};

/* One name in either scan. Paths are owned by du_diff.by_path, seen from the root. */
struct change {
	struct du_row old, new;
	bool has_old, has_new;
};

struct du_diff {
	const struct du_run *run;
	struct map *by_path; /* to an index in `changes` */
	struct {
		VEC_FIELDS(struct change);
	} changes;
	char *root;      /* as the newer scan calls it */
	size_t root_len; /* of the scan that is being read */
	bool reads_old;
	struct usage_sink sink;
};

enum { COL_OLD = DU_ENTRY_COLUMNS_LEN, COL_DELTA, COL_STATE };

static const struct column change_columns[] = {
	DU_ENTRY_COLUMNS,
	[COL_OLD] = { "old_disk_bytes", COLUMN_SIZE, "disk_bytes in the earlier scan" },
	[COL_DELTA] = { "delta_bytes", COLUMN_INT, "disk_bytes less old_disk_bytes" },
	[COL_STATE] = { "state", COLUMN_TEXT, "same, changed, added or removed" },
};

const struct column_table du_change_table = { change_columns, ARRAY_LEN(change_columns) };

static void add_row(struct du_diff *d, const struct du_row *row)
{
	const char *below = row->path + d->root_len;
	struct map_entry *known;
	struct change *change;
	bool added;

	below += *below == '/';
	known = map_add(d->by_path, below, row->path_len - (size_t)(below - row->path), &added);
	if (added) {
		known->value = d->changes.len;
		vec_push(&d->changes, (struct change){ 0 });
	}
	change = &d->changes.items[known->value];
	if (d->reads_old) {
		change->old = *row;
		change->has_old = true;
	} else {
		change->new = *row;
		change->has_new = true;
	}
}

/* The root comes first; its name is left out of the names that are compared. */
static void meet_root(struct du_diff *d, const struct usage_entry *root)
{
	d->root_len = root->name_len;
	if (d->reads_old && d->root != NULL)
		return;
	free(d->root);
	d->root = mem_strndup(root->name, root->name_len);
}

static bool on_enter(const struct usage_entry *dir, void *user)
{
	if (dir->depth == 0)
		meet_root(user, dir);
	return true;
}

static bool on_item(const struct usage_entry *item, void *user)
{
	struct du_diff *d = user;
	struct du_row row;

	if (item->depth == 0)
		meet_root(d, item);
	if (!item->counted || item->depth > d->run->max_depth ||
	    (item->depth > 0 && !d->run->opts->all))
		return true;
	du_row_of_item(item, &row);
	add_row(d, &row);
	return true;
}

static bool on_leave(const struct usage_entry *dir, const struct usage_totals *totals, void *user)
{
	struct du_diff *d = user;
	struct du_row row;

	if (dir->depth > d->run->max_depth)
		return true;
	du_row_of_dir(d->run, dir, totals, &row);
	add_row(d, &row);
	return true;
}

static bool on_error(const struct usage_trouble *trouble, void *user)
{
	const struct du_diff *d = user;

	du_report_trouble(d->run, trouble);
	return true;
}

static uint64_t value_of(const struct du_diff *d, const struct du_row *row, bool exists)
{
	return exists ? du_row_value(d->run, row) : 0;
}

static enum change_state state_of(const struct du_diff *d, const struct change *c)
{
	if (!c->has_new)
		return STATE_REMOVED;
	if (!c->has_old)
		return STATE_ADDED;
	return value_of(d, &c->old, true) == value_of(d, &c->new, true) ? STATE_SAME
	                                                                : STATE_CHANGED;
}

/* How much, without the direction. */
static uint64_t size_of_change(const struct du_diff *d, const struct change *c)
{
	uint64_t old = value_of(d, &c->old, c->has_old);
	uint64_t new = value_of(d, &c->new, c->has_new);

	return new > old ? new - old : old - new;
}

/* An entry of the list that is sorted: changes keep their place, names belong to the map. */
struct listed {
	const struct change *change;
	const struct map_entry *name;
	uint64_t size;
};

struct listing {
	VEC_FIELDS(struct listed);
};

static int compare_names(const struct map_entry *a, const struct map_entry *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->key, b->key, len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

struct order {
	bool by_name;
	bool reverse;
};

static int compare(const void *a, const void *b, void *user)
{
	const struct order *how = user;
	const struct listed *x = a;
	const struct listed *y = b;
	int order = 0;

	if (!how->by_name)
		order = (x->size < y->size) - (x->size > y->size);
	if (order == 0)
		order = compare_names(x->name, y->name);
	return how->reverse ? -order : order;
}

static void add_delta(const struct du_run *run, struct strbuf *line, uint64_t old, uint64_t new)
{
	strbuf_add_char(line, new < old ? '-' : '+');
	du_add_value(run, line, new < old ? old - new : new - old);
}

static int64_t signed_delta(uint64_t old, uint64_t new)
{
	uint64_t size = new > old ? new - old : old - new;

	if (size > INT64_MAX)
		return new > old ? INT64_MAX : INT64_MIN;
	return new > old ? (int64_t)size : -(int64_t)size;
}

static void emit(const struct du_diff *d, const struct listed *l, const struct du_row *row)
{
	const struct change *c = l->change;
	uint64_t old = c->has_old ? c->old.sum.disk : 0;
	struct record r;

	record_begin(&r, "entry", &du_change_table);
	du_record_row(&r, d->run, row);
	record_u64(&r, COL_OLD, old);
	record_i64(&r, COL_DELTA, signed_delta(old, row->sum.disk));
	record_name(&r, COL_STATE, state_words[state_of(d, c)]);
	out_emit(d->run->ctx->out, &r);
}

static void print_change(const struct du_diff *d, const struct listed *l, struct strbuf *line)
{
	const struct change *c = l->change;
	struct du_row row = c->has_new ? c->new : c->old;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	if (!c->has_new) {
		usage_sum_init(&row.sum);
		row.own_disk = 0;
		row.reclaim = 0;
	}
	if (l->name->len > 0)
		path_add_join(&path, d->root, l->name->key);
	else
		strbuf_add_str(&path, d->root);
	row.path = strbuf_str(&path);
	row.path_len = path.len;
	if (out_format(d->run->ctx->out) == OUT_JSON) {
		emit(d, l, &row);
		return;
	}
	add_delta(d->run, line, value_of(d, &c->old, c->has_old), value_of(d, &c->new, c->has_new));
	strbuf_add_char(line, '\t');
	du_add_value(d->run, line, value_of(d, &c->new, c->has_new));
	strbuf_add_format(line, "\t%s\t", state_words[state_of(d, c)]);
	du_add_path(d->run, line, &row);
	out_line(d->run->ctx->out, line);
}

static bool is_listed(const struct du_diff *d, const struct change *c, uint64_t size)
{
	const struct du_run *run = d->run;

	if (run->threshold_is_high ? size > run->threshold : size < run->threshold)
		return false;
	return size > 0 || state_of(d, c) != STATE_SAME || out_format(run->ctx->out) == OUT_JSON;
}

static void print_changes(const struct du_diff *d)
{
	const struct du_run *run = d->run;
	struct order how = { run->sort == DU_SORT_NAME, run->opts->reverse };
	struct listing list = { 0 };
	struct strbuf line = { 0 };
	size_t len;

	for (size_t i = 0; i < map_len(d->by_path); i++) {
		const struct map_entry *name = map_at(d->by_path, i);
		const struct change *c = &d->changes.items[name->value];
		uint64_t size = size_of_change(d, c);

		if (is_listed(d, c, size))
			vec_push(&list, (struct listed){ c, name, size });
	}
	if (list.len != 0)
		qsort_r(list.items, list.len, sizeof(list.items[0]), compare, &how);
	len = list.len;
	if (run->opts->top > 0 && len > (size_t)run->opts->top)
		len = (size_t)run->opts->top;
	for (size_t i = 0; i < len && !out_failed(run->ctx->out); i++)
		print_change(d, &list.items[i], &line);
	strbuf_release(&line);
	vec_release(&list);
}

static int read_both(struct du_diff *d)
{
	const struct du_run *run = d->run;
	int status;

	d->reads_old = true;
	status = du_import(run, run->opts->diff, &d->sink);
	if (status != EXIT_YES)
		return status;
	d->reads_old = false;
	d->root_len = 0;
	if (run->opts->input != NULL)
		return du_import(run, run->opts->input, &d->sink);
	ignore(du_scan(run, &d->sink, false));
	/* Nothing was scanned: everything would look removed. */
	return d->root_len > 0 ? EXIT_YES : diag_status(run->ctx->diag, EXIT_FAIL);
}

int disk_usage_diff(const struct du_run *run)
{
	struct du_diff d = { .run = run };
	int status = du_check_single(run, "--diff compares one directory");

	if (status != 0)
		return status;
	d.by_path = map_new();
	d.sink = (struct usage_sink){
		.enter = on_enter,
		.item = on_item,
		.leave = on_leave,
		.error = on_error,
		.user = &d,
	};
	status = read_both(&d);
	/* What a stopped scan did not reach would look removed. */
	if (status == EXIT_YES && !sig_stopped())
		print_changes(&d);
	map_free(d.by_path);
	vec_release(&d.changes);
	free(d.root);
	return diag_status(run->ctx->diag, status);
}
