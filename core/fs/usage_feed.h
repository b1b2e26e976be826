/* SPDX-License-Identifier: MIT */
/*
 * Between a source of entries and a sink: keeps the directories that are open,
 * adds up what is in them, and passes everything on. The scan of a disk and the
 * reader of an export both end in it, so their sums follow the same rules.
 */
#pragma once

#include "base/vec.h"
#include "fs/usage.h"

struct usage_links;

/* A directory that was entered and not left yet. */
struct usage_level {
	struct usage_entry entry; /* `name` is valid at its own enter and leave only */
	struct usage_totals totals;
	size_t path_end; /* length of its whole path */
};

struct usage_feed {
	const struct usage_sink *sink;
	struct usage_links *links; /* NULL unless `reclaim` */
	struct strbuf path;        /* of the innermost open directory, and more behind it */
	struct {
		VEC_FIELDS(struct usage_level); /* by depth */
	} open;
};

void usage_feed_init(struct usage_feed *feed, const struct usage_sink *sink, bool reclaim);
void usage_feed_release(struct usage_feed *feed);

/*
 * Puts an entry in its place: path and `mount`, and whose child it is. `entry->depth`,
 * `name` and the numbers are filled in already.
 */
void usage_feed_place(struct usage_feed *feed, struct usage_entry *entry);
/* The sink's answer: false ends the run. */
bool usage_feed_enter(struct usage_feed *feed, const struct usage_entry *dir);
bool usage_feed_item(struct usage_feed *feed, const struct usage_entry *item);
/* The innermost open directory ends; `name` is its last component again. */
bool usage_feed_leave(struct usage_feed *feed, const char *name);
/*
 * Trouble with the open directory at the entry's depth, or with a name that is not one.
 * `verb` and `err` are filled in already.
 */
bool usage_feed_error(struct usage_feed *feed, const struct usage_entry *entry,
                      struct usage_trouble *trouble);
