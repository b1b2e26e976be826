/* SPDX-License-Identifier: MIT */
/* The first pass: what there is to do, counted, and in which directories. Nothing is changed. */
#include "fs/tree_sync_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

enum { BLOCK = 512 };

static bool is_same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool enter(struct tree_pair_dir *dir, const struct stat *st, unsigned worker, void *user)
{
	struct tree_sync *ts = user;
	struct sync_worker *w = &ts->workers[worker];
	bool is_root = dir->parent == NULL;

	sync_count(w, COUNT_DIRS, !is_root);
	if (is_root && dir->to_fd < 0)
		atomic_fetch_or(&dir->marks, DIR_DIRTY);
	if (dir->to_fd >= 0 &&
	    sync_dir_differences(ts, w, dir->from_fd, dir->to_fd, st, held_dir_stat(dir->to)) != 0)
		atomic_fetch_or(&dir->marks, DIR_DIRTY);
	/* Through a bind mount a tree may be met again below itself. */
	if (ts->to != NULL &&
	    (is_same_inode(st, held_dir_stat(ts->to)) ||
	     (dir->to_fd >= 0 && is_same_inode(held_dir_stat(dir->to), held_dir_stat(ts->from))))) {
		atomic_store(&ts->overlaps, true);
		return false;
	}
	return !sync_is_beyond(ts, st);
}

/* How much the removal of an entry takes away; nothing is changed. */
static struct tree_removed count_extra(struct tree_pair_dir *dir, const struct tree_pair_entry *e,
                                       struct sync_worker *w)
{
	struct tree_sync *ts = w->ts;
	const struct tree_remove how = {
		.dry = true,
		.filter = ts->opts.delete_excluded ? NULL : ts->opts.filter,
		.stopped = sync_stopped,
		.user = ts,
	};
	const struct tree_victim victim = { .dir = dir->to,
		                            .filter = dir->filter,
		                            .name = e->name,
		                            .len = e->len,
		                            .type = e->to_type,
		                            .path = &w->path };
	struct tree_removed removed = { 0 };

	strbuf_clear(&w->path);
	tree_remove(&how, &victim, &removed);
	return removed;
}

static void plan_extra(struct tree_pair_dir *dir, const struct tree_pair_entry *e,
                       struct sync_worker *w)
{
	struct tree_removed removed = count_extra(dir, e, w);

	sync_count(w, COUNT_REMOVE, removed.removed);
	sync_count(w, COUNT_TO, removed.removed + removed.kept + removed.failed);
	if (removed.removed > 0 || removed.failed > 0)
		atomic_fetch_or(&dir->marks, DIR_EXTRA);
}

/* Bytes on the disk, by and large. */
static uint64_t room_of(const struct stat *st)
{
	uint64_t blocks = (uint64_t)st->st_blocks * BLOCK;

	return S_ISREG(st->st_mode) && (uint64_t)st->st_size < blocks ? (uint64_t)st->st_size
	                                                              : blocks;
}

static void plan_copy(struct sync_entry *e, unsigned differs)
{
	struct tree_sync *ts = e->w->ts;
	bool content = (differs & (DIFFERS_NEW | DIFFERS_TYPE | DIFFERS_SIZE | DIFFERS_CONTENT |
	                           DIFFERS_LINKS)) != 0;

	sync_count(e->w, e->has_to ? COUNT_UPDATE : COUNT_COPY, 1);
	if (!S_ISREG(e->st.st_mode) || !content)
		return;
	sync_count(e->w, COUNT_BYTES, (uint64_t)e->st.st_size);
	if (e->has_to && S_ISREG(e->to_st.st_mode)) {
		uint64_t old = e->to_st.st_nlink > 1 ? 0 : room_of(&e->to_st);

		sync_count(e->w, COUNT_REPLACED, 1);
		sync_count(e->w, COUNT_NEWER, sync_is_newer(ts, &e->st, &e->to_st));
		if (room_of(&e->st) > old)
			sync_count(e->w, COUNT_ROOM, room_of(&e->st) - old);
	} else {
		sync_count(e->w, COUNT_ROOM, room_of(&e->st));
	}
}

static void plan_file(struct sync_entry *e)
{
	struct tree_sync *ts = e->w->ts;
	unsigned differs;

	if (!sync_stat(e))
		return;
	if ((ts->opts.existing && !e->has_to) || (ts->opts.ignore_existing && e->has_to))
		return;
	if (sync_is_member(e, false))
		return;
	differs = sync_differences(e);
	if (differs == 0)
		return;
	atomic_fetch_or(&e->dir->marks, DIR_DIRTY);
	if (e->has_to)
		sync_work_add(ts->work, held_dir_stat(e->dir->from), e->entry->name, e->entry->len);
	if (ts->opts.update && e->has_to && sync_is_newer(ts, &e->st, &e->to_st))
		return;
	if (ts->opts.hard_links && e->st.st_nlink > 1)
		link_groups_mark(ts->links, &e->st, sync_path(e));
	plan_copy(e, differs);
}

/* A directory of the source. True: to be entered. */
static bool plan_dir(struct tree_pair_dir *dir, const struct tree_pair_entry *e,
                     struct sync_worker *w)
{
	const struct tree_sync *ts = w->ts;

	if (e->to_type == DT_DIR)
		return true;
	if (ts->opts.existing && e->to_type == TREE_ABSENT)
		return false;
	if (ts->opts.ignore_existing && e->to_type != TREE_ABSENT)
		return false;
	atomic_fetch_or(&dir->marks, DIR_DIRTY);
	sync_count(w, e->to_type == TREE_ABSENT ? COUNT_COPY : COUNT_UPDATE, 1);
	return ts->opts.sizes;
}

/* A directory of the target that makes room for something else of the source. */
static bool makes_room(const struct tree_pair_dir *dir, const struct tree_pair_entry *e,
                       const struct tree_sync *ts)
{
	return ts->opts.delete &&!dir->from_failed && !e->excluded && e->to_type == DT_DIR &&
	       e->from_type != DT_DIR && e->from_type != TREE_ABSENT;
}

static bool entry(struct tree_pair_dir *dir, const struct tree_pair_entry *e, unsigned worker,
                  void *user)
{
	struct tree_sync *ts = user;
	struct sync_worker *w = &ts->workers[worker];
	struct sync_entry s = { .dir = dir, .entry = e, .w = w };

	if (e->from_type == TREE_ABSENT && put_is_temporary(e->name))
		atomic_fetch_or(&dir->marks, DIR_DIRTY);
	if (sync_is_extra(dir, e, ts) || makes_room(dir, e, ts))
		plan_extra(dir, e, w);
	else
		sync_count(w, COUNT_TO, e->to_type != TREE_ABSENT);
	if (e->from_type == TREE_ABSENT || e->excluded)
		return false;
	sync_count(w, COUNT_FROM, 1);
	if (e->from_type == DT_DIR)
		return plan_dir(dir, e, w);
	sync_count(w, COUNT_FILES, 1);
	plan_file(&s);
	return false;
}

static void leave(struct tree_pair_dir *dir, unsigned worker, void *user)
{
	struct tree_sync *ts = user;
	unsigned marks = atomic_load(&dir->marks);
	const struct stat *st = held_dir_stat(dir->from);

	if (ts->opts.delete &&dir->from_failed && !dir->from_gone)
		sync_count(&ts->workers[worker], COUNT_SUPPRESSED, 1);
	if ((marks & DIR_DIRTY) != 0)
		(void)inode_set_add(ts->dirty, st->st_dev, st->st_ino);
	if ((marks & DIR_EXTRA) != 0)
		(void)inode_set_add(ts->extra, st->st_dev, st->st_ino);
	if (dir->parent != NULL)
		atomic_fetch_or(&dir->parent->marks, marks & (DIR_DIRTY | DIR_EXTRA));
}

void tree_sync_plan(struct tree_sync *ts)
{
	const struct tree_pair_opts opts = {
		.from = ts->from,
		.to = ts->to,
		.filter = ts->opts.filter,
		.threads = ts->opts.threads,
		.hooks = { .enter = enter,
		           .entry = entry,
		           .leave = leave,
		           .trouble = sync_pair_trouble,
		           .stopped = sync_stopped,
		           .user = ts },
	};

	tree_pair_walk(&opts);
	ts->planned = true;
}
