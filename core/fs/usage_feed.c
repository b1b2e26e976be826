/* SPDX-License-Identifier: MIT */
#include "fs/usage_feed.h"

#include "base/num.h"
#include "fs/usage_links.h"

void usage_feed_init(struct usage_feed *feed, const struct usage_sink *sink, bool reclaim)
{
	*feed = (struct usage_feed){ .sink = sink };
	if (reclaim)
		feed->links = usage_links_new();
}

void usage_feed_release(struct usage_feed *feed)
{
	feed->links = usage_links_free(feed->links);
	vec_release(&feed->open);
	strbuf_release(&feed->path);
}

static void totals_init(struct usage_totals *totals)
{
	usage_sum_init(&totals->own);
	usage_sum_init(&totals->files);
	usage_sum_init(&totals->below);
	totals->reclaim = 0;
}

void usage_feed_place(struct usage_feed *feed, struct usage_entry *entry)
{
	entry->path = &feed->path;
	entry->path_len = 0;
	entry->mount = false;
	if (entry->depth > 0) {
		const struct usage_level *parent = &feed->open.items[entry->depth - 1];

		entry->path_len = parent->path_end;
		entry->mount = entry->dev != parent->entry.dev;
	}
}

bool usage_feed_enter(struct usage_feed *feed, const struct usage_entry *dir)
{
	struct usage_level level = { .entry = *dir };

	(void)usage_path(dir, &level.path_end);
	totals_init(&level.totals);
	usage_entry_own(dir, &level.totals.own);
	feed->open.len = dir->depth;
	vec_push(&feed->open, level);
	if (feed->links != NULL)
		usage_links_enter(feed->links, dir->depth);
	return feed->sink->enter == NULL || feed->sink->enter(dir, feed->sink->user);
}

/* Gives the blocks of a file to the directory whose deletion would free them. */
static void add_reclaim(struct usage_feed *feed, const struct usage_entry *item)
{
	int64_t holder = item->depth - 1;

	if (item->nlink > 1)
		holder = usage_links_add(feed->links, item->depth - 1, item->dev, item->ino,
		                         item->nlink);
	if (holder < 0)
		return;

	uint64_t *reclaim = &feed->open.items[holder].totals.reclaim;

	*reclaim = num_add_sat(*reclaim, item->disk, NULL);
}

bool usage_feed_item(struct usage_feed *feed, const struct usage_entry *item)
{
	if (item->depth > 0) {
		usage_entry_own(item, &feed->open.items[item->depth - 1].totals.files);
		if (feed->links != NULL)
			add_reclaim(feed, item);
	}
	return feed->sink->item == NULL || feed->sink->item(item, feed->sink->user);
}

bool usage_feed_leave(struct usage_feed *feed, const char *name)
{
	size_t depth = feed->open.len - 1;
	struct usage_level *level = &feed->open.items[depth];
	struct usage_totals *totals = &level->totals;
	bool more = true;

	level->entry.name = name;
	if (feed->links != NULL)
		totals->reclaim = num_add_sat(totals->reclaim, level->entry.disk, NULL);
	if (feed->sink->leave != NULL)
		more = feed->sink->leave(&level->entry, totals, feed->sink->user);
	if (depth > 0) {
		struct usage_totals *parent = &feed->open.items[depth - 1].totals;
		struct usage_sum all;

		usage_totals_sum(totals, false, &all);
		usage_sum_add(&parent->below, &all);
		parent->reclaim = num_add_sat(parent->reclaim, totals->reclaim, NULL);
	}
	feed->open.len = depth;
	return more;
}

bool usage_feed_error(struct usage_feed *feed, const struct usage_entry *entry,
                      struct usage_trouble *trouble)
{
	struct usage_entry where = *entry;

	trouble->depth = entry->depth;
	trouble->current_dir = feed->open.len > entry->depth;
	if (trouble->current_dir) {
		struct usage_level *level = &feed->open.items[entry->depth];

		where = level->entry;
		where.name = entry->name;
		level->totals.own.errors++;
	} else if (entry->depth > 0) {
		feed->open.items[entry->depth - 1].totals.files.errors++;
	}
	trouble->path = usage_path(&where, NULL);
	return feed->sink->error == NULL || feed->sink->error(trouble, feed->sink->user);
}
