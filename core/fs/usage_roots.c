/* SPDX-License-Identifier: MIT */
/*
 * Totals of whole roots: nothing below a root is reported, so the walk may go in
 * any order. Each worker adds to its own sums; the roots go one after the other,
 * so that an inode belongs to the first root that reaches it, as du has it.
 */
#include "fs/usage.h"

#include "base/mem.h"
#include "fs/usage_count.h"
#include "fs/usage_select.h"

#include <dirent.h>

enum { CACHE_LINE = 64 };

/* What one worker found below the current root. */
struct lane {
	struct usage_sum files; /* in the root itself */
	struct usage_sum below;
	unsigned since_tick;
	char apart[CACHE_LINE]; /* keeps the next worker's sums off this one's cache line */
};

struct scan {
	const struct usage_opts *opts;
	const struct usage_sink *sink;
	struct usage_count count;
	struct lane *lanes;
	unsigned workers;
	unsigned root;
	struct strbuf name;       /* of the current root, as the walk gives it */
	struct usage_entry entry; /* the current root; written by the one call that visits it */
	bool met;                 /* `entry` is filled */
};

/* The root itself: kept for the report, counted by usage_entry_own(). */
static enum walk_action visit_root(struct scan *s, const struct walk_entry *e)
{
	strbuf_clear(&s->name);
	strbuf_add(&s->name, e->name, e->name_len);
	s->entry = (struct usage_entry){
		.name = s->name.data,
		.name_len = s->name.len,
		.root = s->root,
	};
	usage_entry_set_stat(&s->entry, e->st, s->opts);
	s->met = usage_count_entry(&s->count, e->st, &s->entry);
	return s->entry.type == DT_DIR && !s->entry.counted ? WALK_PRUNE : WALK_CONTINUE;
}

static enum walk_action visit_error(struct scan *s, const struct walk_entry *e)
{
	struct strbuf path = { 0 };
	struct usage_trouble trouble = {
		.verb = e->verb,
		.err = e->err,
		.depth = e->depth,
		.current_dir = e->depth == 0 && s->met,
	};
	bool more = true;

	s->lanes[e->worker].below.errors++;
	walk_add_path(e, &path);
	trouble.path = strbuf_str(&path);
	if (s->sink->error != NULL)
		more = s->sink->error(&trouble, s->sink->user);
	strbuf_release(&path);
	return more ? WALK_CONTINUE : WALK_STOP;
}

/* False: the sink wants to end. */
static bool tick(struct scan *s, struct lane *lane)
{
	if (s->sink->tick == NULL || ++lane->since_tick < USAGE_TICK)
		return true;
	lane->since_tick = 0;
	return s->sink->tick(USAGE_TICK, s->sink->user);
}

/* Runs on every worker at once. */
static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct scan *s = user;
	struct usage_entry entry = { .depth = e->depth };

	if (e->event == WALK_ERROR)
		return visit_error(s, e);
	if (e->event != WALK_ENTER || e->st == NULL)
		return WALK_CONTINUE;
	if (e->depth == 0)
		return visit_root(s, e);

	struct lane *lane = &s->lanes[e->worker];

	if (!tick(s, lane))
		return WALK_STOP;
	usage_entry_set_stat(&entry, e->st, s->opts);
	if (!usage_count_entry(&s->count, e->st, &entry))
		return WALK_CONTINUE;
	if (entry.type == DT_DIR && !entry.counted)
		return WALK_PRUNE;
	usage_entry_own(&entry,
	                e->depth == 1 && entry.type != DT_DIR ? &lane->files : &lane->below);
	return WALK_CONTINUE;
}

static void lanes_clear(struct scan *s)
{
	for (unsigned i = 0; i < s->workers; i++) {
		usage_sum_init(&s->lanes[i].files);
		usage_sum_init(&s->lanes[i].below);
	}
}

static bool report(struct scan *s)
{
	const struct usage_sink *sink = s->sink;
	struct usage_totals totals = { .reclaim = 0 };
	struct strbuf path = { 0 };
	bool more = true;

	if (!s->met)
		return true;
	s->entry.path = &path;
	if (s->entry.type != DT_DIR) {
		more = sink->item == NULL || sink->item(&s->entry, sink->user);
	} else if (s->entry.counted && sink->leave != NULL) {
		usage_sum_init(&totals.own);
		usage_sum_init(&totals.files);
		usage_sum_init(&totals.below);
		usage_entry_own(&s->entry, &totals.own);
		for (unsigned i = 0; i < s->workers; i++) {
			usage_sum_add(&totals.files, &s->lanes[i].files);
			usage_sum_add(&totals.below, &s->lanes[i].below);
		}
		more = sink->leave(&s->entry, &totals, sink->user);
	}
	s->entry.path = NULL;
	strbuf_release(&path);
	return more;
}

int usage_scan_roots(char *const *roots, const struct usage_opts *opts,
                     const struct usage_sink *sink, struct usage_result *ret)
{
	struct usage_select select;

	usage_select_init(&select, opts);

	struct walk_opts walk_opts = {
		.order = WALK_UNORDERED,
		.follow = opts->follow,
		.one_file_system = opts->one_file_system,
		.stat = true,
		.max_depth = WALK_DEPTH_ANY,
		.threads = opts->threads,
		.select = usage_select_hooks(&select),
	};
	struct scan s = { .opts = opts, .sink = sink, .workers = walk_workers_max(&walk_opts) };
	int r = 0;

	walk_opts.workers = s.workers;
	s.lanes = mem_alloc_array(s.workers, sizeof(*s.lanes));
	memset(s.lanes, 0, s.workers * sizeof(*s.lanes));
	usage_count_init(&s.count, opts, roots);
	for (; r == 0 && !ret->stopped && roots[s.root] != NULL; s.root++) {
		char *one[] = { roots[s.root], NULL };
		struct walk_result result = { 0 };

		lanes_clear(&s);
		s.met = false;
		r = walk(one, &walk_opts, visit, &s, &result);
		ret->vanished += result.vanished;
		ret->stopped = result.stopped || (r == 0 && !report(&s));
	}
	usage_count_release(&s.count);
	strbuf_release(&s.name);
	free(s.lanes);
	return r;
}
