/* SPDX-License-Identifier: MIT */
#include "fs/usage.h"

#include "base/num.h"
#include "base/vec.h"
#include "fs/usage_count.h"
#include "fs/usage_links.h"

#include <dirent.h>

/* A directory that was entered and not left yet. */
struct level {
	struct usage_entry entry; /* `name` is valid at its own enter and leave only */
	struct usage_totals totals;
	size_t path_end; /* length of its whole path */
};

struct scan {
	const struct usage_opts *opts;
	const struct usage_sink *sink;
	struct usage_count count;
	struct usage_links *links; /* NULL unless `reclaim` */
	struct strbuf path;        /* of the innermost open directory, and more behind it */
	struct {
		VEC_FIELDS(struct level); /* by depth */
	} open;
};

static void totals_init(struct usage_totals *totals)
{
	usage_sum_init(&totals->own);
	usage_sum_init(&totals->files);
	usage_sum_init(&totals->below);
	totals->reclaim = 0;
}

static void place_entry(struct scan *s, const struct walk_entry *e, struct usage_entry *ret)
{
	*ret = (struct usage_entry){
		.name = e->name,
		.name_len = e->name_len,
		.depth = e->depth,
		.root = e->root,
		.path = &s->path,
	};
	if (e->depth > 0)
		ret->path_len = s->open.items[e->depth - 1].path_end;
}

static bool scan_enter(struct scan *s, const struct usage_entry *entry)
{
	struct level level = { .entry = *entry };

	(void)usage_path(entry, &level.path_end);
	totals_init(&level.totals);
	usage_entry_own(entry, &level.totals.own);
	s->open.len = entry->depth;
	vec_push(&s->open, level);
	if (s->links != NULL)
		usage_links_enter(s->links, entry->depth);
	return s->sink->enter == NULL || s->sink->enter(entry, s->sink->user);
}

/* Gives the blocks of a file to the directory whose deletion would free them. */
static void scan_reclaim(struct scan *s, const struct usage_entry *item)
{
	int64_t holder = item->depth - 1;

	if (item->nlink > 1)
		holder = usage_links_add(s->links, item->depth - 1, item->dev, item->ino,
		                         item->nlink);
	if (holder < 0)
		return;

	uint64_t *reclaim = &s->open.items[holder].totals.reclaim;

	*reclaim = num_add_sat(*reclaim, item->disk, NULL);
}

static bool scan_item(struct scan *s, const struct usage_entry *item)
{
	if (item->depth > 0) {
		usage_entry_own(item, &s->open.items[item->depth - 1].totals.files);
		if (s->links != NULL)
			scan_reclaim(s, item);
	}
	return s->sink->item == NULL || s->sink->item(item, s->sink->user);
}

static enum walk_action visit_enter(struct scan *s, const struct walk_entry *e)
{
	struct usage_entry entry;

	if (e->st == NULL)
		return WALK_CONTINUE;
	place_entry(s, e, &entry);
	usage_entry_set_stat(&entry, e->st, s->opts);
	entry.counted = usage_count_is_first(&s->count, e->st);
	if (entry.depth > 0)
		entry.mount = entry.dev != s->open.items[entry.depth - 1].entry.dev;
	if (entry.type == DT_DIR && !entry.counted)
		return WALK_PRUNE;

	bool more = entry.type == DT_DIR ? scan_enter(s, &entry) : scan_item(s, &entry);

	return more ? WALK_CONTINUE : WALK_STOP;
}

static enum walk_action visit_leave(struct scan *s, const struct walk_entry *e)
{
	struct level *level = &s->open.items[e->depth];
	struct usage_totals *totals = &level->totals;
	bool more = true;

	level->entry.name = e->name;
	if (s->links != NULL)
		totals->reclaim = num_add_sat(totals->reclaim, level->entry.disk, NULL);
	if (s->sink->leave != NULL)
		more = s->sink->leave(&level->entry, totals, s->sink->user);
	if (e->depth > 0) {
		struct usage_totals *parent = &s->open.items[e->depth - 1].totals;
		struct usage_sum all;

		usage_totals_sum(totals, false, &all);
		usage_sum_add(&parent->below, &all);
		parent->reclaim = num_add_sat(parent->reclaim, totals->reclaim, NULL);
	}
	s->open.len = e->depth;
	return more ? WALK_CONTINUE : WALK_STOP;
}

static enum walk_action visit_error(struct scan *s, const struct walk_entry *e)
{
	const bool current = s->open.len > e->depth;
	struct usage_entry entry;
	struct usage_trouble trouble = {
		.verb = usage_verb(e->verb),
		.err = e->err,
		.depth = e->depth,
		.current_dir = current,
	};

	if (current) {
		entry = s->open.items[e->depth].entry;
		entry.name = e->name;
		s->open.items[e->depth].totals.own.errors++;
	} else {
		place_entry(s, e, &entry);
		if (e->depth > 0)
			s->open.items[e->depth - 1].totals.files.errors++;
	}
	trouble.path = usage_path(&entry, NULL);
	if (s->sink->error != NULL && !s->sink->error(&trouble, s->sink->user))
		return WALK_STOP;
	return WALK_CONTINUE;
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct scan *s = user;

	switch (e->event) {
	case WALK_ENTER:
		return visit_enter(s, e);
	case WALK_LEAVE:
		return visit_leave(s, e);
	case WALK_ERROR:
		return visit_error(s, e);
	case WALK_LOOP: /* it is being counted already */
	default:
		return WALK_CONTINUE;
	}
}

static int scan_ordered(char *const *roots, const struct usage_opts *opts,
                        const struct usage_sink *sink, struct usage_result *ret)
{
	const struct walk_opts walk_opts = {
		.order = opts->order,
		.follow = opts->follow,
		.one_file_system = opts->one_file_system,
		.stat = true,
		.max_depth = WALK_DEPTH_ANY,
		.threads = opts->threads,
		.select = opts->select,
	};
	struct scan s = { .opts = opts, .sink = sink };
	struct walk_result result = { 0 };

	usage_count_init(&s.count, opts, roots);
	if (opts->reclaim)
		s.links = usage_links_new();

	int r = walk(roots, &walk_opts, visit, &s, &result);

	usage_links_free(s.links);
	usage_count_release(&s.count);
	vec_release(&s.open);
	strbuf_release(&s.path);
	if (r < 0)
		return r;
	*ret = (struct usage_result){ .vanished = result.vanished, .stopped = result.stopped };
	return 0;
}

int usage_scan(char *const *roots, const struct usage_opts *opts, const struct usage_sink *sink,
               struct usage_result *ret)
{
	char **copy = usage_roots_trimmed(roots);
	struct usage_result result = { 0 };
	int r = opts->roots_only ? usage_scan_roots(copy, opts, sink, &result)
	                         : scan_ordered(copy, opts, sink, &result);

	usage_roots_free(copy);
	if (r == 0 && ret != NULL)
		*ret = result;
	return r;
}
