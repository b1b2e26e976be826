/* SPDX-License-Identifier: MIT */
#include "fs/usage.h"

#include "fs/usage_count.h"
#include "fs/usage_feed.h"
#include "fs/usage_select.h"
#include "fs/usage_shared.h"

#include <dirent.h>

struct scan {
	const struct usage_opts *opts;
	struct usage_count count;
	struct usage_feed feed;
	struct usage_shared *shared; /* NULL unless `reflink` */
	unsigned since_tick;
};

static void place_entry(struct scan *s, const struct walk_entry *e, struct usage_entry *ret)
{
	*ret = (struct usage_entry){
		.name = e->name,
		.name_len = e->name_len,
		.depth = e->depth,
		.root = e->root,
	};
	if (e->st != NULL)
		usage_entry_set_stat(ret, e->st, s->opts);
	usage_feed_place(&s->feed, ret);
}

static bool follows(enum walk_follow follow, unsigned depth)
{
	return follow == WALK_FOLLOW_ALWAYS || (follow == WALK_FOLLOW_ROOTS && depth == 0);
}

static enum walk_action visit_enter(struct scan *s, const struct walk_entry *e)
{
	struct usage_entry entry;
	bool more;

	if (e->st == NULL)
		return WALK_CONTINUE;
	place_entry(s, e, &entry);
	if (!usage_count_entry(&s->count, e->st, &entry))
		return WALK_CONTINUE;
	if (entry.type == DT_DIR && !entry.counted)
		return WALK_PRUNE;
	if (s->shared != NULL && entry.type == DT_REG && entry.counted && entry.disk > 0)
		usage_shared_apply(s->shared, &entry, follows(s->opts->follow, e->depth));
	if (entry.type == DT_DIR)
		more = usage_feed_enter(&s->feed, &entry);
	else
		more = usage_feed_item(&s->feed, &entry);
	return more ? WALK_CONTINUE : WALK_STOP;
}

static enum walk_action visit_error(struct scan *s, const struct walk_entry *e)
{
	struct usage_entry entry;
	struct usage_trouble trouble = { .verb = e->verb, .err = e->err };

	place_entry(s, e, &entry);
	return usage_feed_error(&s->feed, &entry, &trouble) ? WALK_CONTINUE : WALK_STOP;
}

/* False: the sink wants to end. */
static bool tick(struct scan *s)
{
	const struct usage_sink *sink = s->feed.sink;

	if (sink->tick == NULL || ++s->since_tick < USAGE_TICK)
		return true;
	s->since_tick = 0;
	return sink->tick(USAGE_TICK, sink->user);
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct scan *s = user;

	switch (e->event) {
	case WALK_ENTER:
		return tick(s) ? visit_enter(s, e) : WALK_STOP;
	case WALK_LEAVE:
		return usage_feed_leave(&s->feed, e->name) ? WALK_CONTINUE : WALK_STOP;
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
	struct usage_select select;

	usage_select_init(&select, opts);

	const struct walk_opts walk_opts = {
		.order = opts->order,
		.follow = opts->follow,
		.one_file_system = opts->one_file_system,
		.stat = true,
		.max_depth = WALK_DEPTH_ANY,
		.threads = opts->threads,
		.select = usage_select_hooks(&select),
	};
	struct scan s = { .opts = opts };
	struct walk_result result = { 0 };

	usage_count_init(&s.count, opts, roots);
	usage_feed_init(&s.feed, sink, opts->reclaim);
	if (opts->reflink)
		s.shared = usage_shared_new();

	int r = walk(roots, &walk_opts, visit, &s, &result);

	usage_shared_free(s.shared);
	usage_feed_release(&s.feed);
	usage_count_release(&s.count);
	if (r < 0)
		return r;
	*ret = (struct usage_result){ .vanished = result.vanished, .stopped = result.stopped };
	return 0;
}

int usage_scan(char *const *roots, const struct usage_opts *opts, const struct usage_sink *sink,
               struct usage_result *ret)
{
	struct usage_result result = { 0 };
	int r = opts->roots_only ? usage_scan_roots(roots, opts, sink, &result)
	                         : scan_ordered(roots, opts, sink, &result);

	if (r == 0 && ret != NULL)
		*ret = result;
	return r;
}
