/* SPDX-License-Identifier: MIT */
/* --total-size: what directories hold, by the engine of disk-usage. */
#include "ls.h"

#include "base/map.h"
#include "fs/usage.h"

#include <errno.h>

enum { BLOCK = 512 };

struct total {
	uint64_t size;
	uint64_t disk;
};

struct ls_totals {
	struct ls_run *run;
	struct map *places; /* from identity to an index in sums */
	struct {
		VEC_FIELDS(struct total);
	} sums;
	unsigned depth; /* directories below this are not listed */
};

struct identity {
	uint64_t dev, ino;
};

static bool keep(const struct usage_entry *dir, const struct usage_totals *totals, void *user)
{
	struct ls_totals *t = user;
	const struct identity id = { dir->dev, dir->ino };
	struct usage_sum sum;
	bool added;
	struct map_entry *entry;

	if (dir->depth > t->depth || !dir->counted)
		return true;
	usage_totals_sum(totals, false, &sum);
	entry = map_add(t->places, &id, sizeof(id), &added);
	if (!added)
		return true;
	entry->value = t->sums.len;
	vec_push(&t->sums, (struct total){ sum.apparent, sum.disk });
	return true;
}

/* What cannot be read makes a total too small; the listing itself says what it cannot read. */
static bool report(const struct usage_trouble *trouble, void *user)
{
	struct ls_totals *t = user;

	if (trouble->depth > 0)
		diag_partial(t->run->ctx->diag, trouble->err, trouble->verb, trouble->path);
	return true;
}

struct ls_totals *ls_totals_new(struct ls_run *run, char **operands)
{
	struct ls_totals *t = mem_alloc_zeroed(sizeof(*t));
	const struct usage_sink sink = { .leave = keep, .error = report, .user = t };
	struct usage_opts opts = { .order = WALK_SORTED, .follow = WALK_FOLLOW_NEVER };
	int r;

	t->run = run;
	t->places = map_new();
	t->depth = run->opts->recursive || run->opts->tree ? UINT32_MAX : 1;
	if (run->follow == LS_FOLLOW_ALWAYS)
		opts.follow = WALK_FOLLOW_ALWAYS;
	else if (run->follow != LS_FOLLOW_NEVER)
		opts.follow = WALK_FOLLOW_ROOTS;
	r = usage_scan(operands, &opts, &sink, NULL);
	if (r < 0)
		diag_partial_text(run->ctx->diag, NULL, "the totals are not complete: %s",
		                  strerrordesc_np(-r));
	return t;
}

struct ls_totals *ls_totals_free(struct ls_totals *t)
{
	if (t == NULL)
		return NULL;
	t->places = map_free(t->places);
	vec_release(&t->sums);
	free(t);
	return NULL;
}

void ls_totals_apply(const struct ls_totals *t, struct ls_file *file, struct ls_extra *extra)
{
	const struct identity id = { extra->dev, file->ino };
	const struct map_entry *entry = map_find(t->places, &id, sizeof(id));

	if (entry == NULL)
		return;
	extra->has_total = true;
	extra->total_size = t->sums.items[entry->value].size;
	extra->total_blocks = t->sums.items[entry->value].disk / BLOCK;
	file->meta->blocks = extra->total_blocks;
}
