/* SPDX-License-Identifier: MIT */
/* The last pass: removes what the source does not have. */
#include "fs/tree_sync_private.h"

#include <dirent.h>
#include <errno.h>

static bool stopped(void *user)
{
	const struct sync_worker *w = user;

	return sync_stopped(w->ts);
}

static void tell_item(const char *path, unsigned char type, void *user)
{
	struct sync_item item = { .action = SYNC_DELETE,
		                  .reason = SYNC_EXTRA,
		                  .type = type,
		                  .path = path,
		                  .method = -1 };

	sync_item(user, &item);
}

static void tell_trouble(const char *path, const char *verb, int err, void *user)
{
	sync_trouble(user, true, path, verb, err);
}

static bool enter(struct tree_pair_dir *dir, const struct stat *st, unsigned worker, void *user)
{
	struct tree_sync *ts = user;

	(void)worker;
	if (dir->to_fd < 0 || !inode_set_has(ts->extra, st->st_dev, st->st_ino))
		return false;
	return !sync_is_beyond(ts, st);
}

enum remove_how { REMOVE_DRY, REMOVE_STOPPABLY, REMOVE_WHOLLY };

static struct tree_removed remove_entry(struct tree_pair_dir *dir, const struct tree_victim *victim,
                                        struct sync_worker *w, enum remove_how way)
{
	bool dry = way == REMOVE_DRY;
	struct tree_sync *ts = w->ts;
	const struct tree_remove how = {
		.dry = dry || ts->opts.dry,
		.filter = ts->opts.delete_excluded ? NULL : ts->opts.filter,
		.item = dry ? NULL : tell_item,
		.trouble = dry ? NULL : tell_trouble,
		.stopped = way == REMOVE_WHOLLY ? NULL : stopped,
		.user = w,
	};
	struct tree_removed removed = { 0 };

	if (!dry && !ts->opts.dry && ts->uid != 0 &&
	    (held_dir_stat(dir->to)->st_mode & S_IWUSR) == 0)
		ignore(fchmod(dir->to_fd, (held_dir_stat(dir->to)->st_mode & 07777) | S_IRWXU));
	tree_remove(&how, victim, &removed);
	if (!dry && removed.removed > 0)
		atomic_fetch_or(&dir->marks, DIR_TOUCHED);
	return removed;
}

/* A directory gives way to something else: it is removed under the name it was given then. */
static void swap(struct tree_pair_dir *dir, const struct tree_pair_entry *e, struct sync_worker *w)
{
	struct sync_entry s = { .dir = dir, .entry = e, .w = w };
	struct tree_victim victim = { .dir = dir->to,
		                      .filter = dir->filter,
		                      .name = e->name,
		                      .len = e->len,
		                      .type = DT_DIR };
	struct strbuf path = { 0 };
	char swapped[PUT_NAME_SIZE];

	tree_pair_add_path(dir, e->name, &path);
	victim.path = &path;
	if (!sync_stat(&s)) {
		strbuf_release(&path);
		return;
	}
	if (w->ts->opts.hard_links && s.st.st_nlink > 1)
		link_groups_mark_late(w->ts->links, &s.st);
	if (remove_entry(dir, &victim, w, REMOVE_DRY).kept > 0) {
		sync_trouble(w, true, strbuf_str(&path),
		             "a directory that stays: the filter protects what is in it", 0);
	} else if (sync_make(&s, DIFFERS_TYPE, PUT_SWAP_DIR, swapped)) {
		sync_note_leader(&s, true);
		if (swapped[0] != '\0') {
			victim.name = swapped;
			victim.len = strlen(swapped);
		}
		/* Not to be left under a temporary name, also when asked to stop. */
		(void)remove_entry(dir, &victim, w, REMOVE_WHOLLY);
	}
	strbuf_release(&path);
}

static bool entry(struct tree_pair_dir *dir, const struct tree_pair_entry *e, unsigned worker,
                  void *user)
{
	struct tree_sync *ts = user;
	struct sync_worker *w = &ts->workers[worker];

	if (sync_is_extra(dir, e, ts)) {
		struct tree_victim victim = { .dir = dir->to,
			                      .filter = dir->filter,
			                      .name = e->name,
			                      .len = e->len,
			                      .type = e->to_type,
			                      .path = &w->path };

		strbuf_clear(&w->path);
		tree_pair_add_path(dir, e->name, &w->path);
		(void)remove_entry(dir, &victim, w, REMOVE_STOPPABLY);
		return false;
	}
	if (e->from_type == TREE_ABSENT || e->excluded || e->to_type != DT_DIR)
		return false;
	if (e->from_type == DT_DIR)
		return true;
	if (!dir->from_failed)
		swap(dir, e, w);
	return false;
}

static void leave(struct tree_pair_dir *dir, unsigned worker, void *user)
{
	struct tree_sync *ts = user;

	if ((atomic_load(&dir->marks) & DIR_TOUCHED) != 0 && !ts->opts.dry)
		sync_restore_meta(&ts->workers[worker], dir);
}

void tree_sync_delete(struct tree_sync *ts)
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

	if (ts->to != NULL)
		tree_pair_walk(&opts);
	if (ts->to != NULL && !sync_stopped(ts))
		sync_link_late(ts);
}
