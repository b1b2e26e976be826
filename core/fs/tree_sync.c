/* SPDX-License-Identifier: MIT */
#include "fs/tree_sync_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

static bool copy_goes_on(uint64_t bytes, void *user)
{
	struct sync_worker *w = user;
	const struct tree_sync_opts *o = &w->ts->opts;

	if (o->progress != NULL)
		o->progress(bytes, w->busy, o->user);
	return !o->stopped(o->user);
}

static void make_workers(struct tree_sync *ts)
{
	unsigned n = ts->opts.threads;

	ts->workers = aligned_alloc(64, n * sizeof(*ts->workers));
	if (ts->workers == NULL)
		mem_exhausted();
	for (unsigned i = 0; i < n; i++)
		ts->workers[i] = (struct sync_worker){
			.ts = ts, .data = { .go_on = copy_goes_on, .user = &ts->workers[i] }
		};
}

static int take_root(struct tree_sync *ts, int fd, struct held_dir **ret)
{
	return held_dir_root(ts->dirs, fd, ret);
}

struct tree_sync *tree_sync_new(const struct tree_sync_opts *opts, int *ret_err)
{
	struct tree_sync *ts = mem_alloc_zeroed(sizeof(*ts));
	int r;

	ts->opts = *opts;
	if (ts->opts.threads == 0)
		ts->opts.threads = 1;
	ts->grain.dirfd = -1;
	ts->uid = geteuid();
	ts->gid = getegid();
	(void)pthread_mutex_init(&ts->lock, NULL);
	ts->dirs = held_dirs_new(0);
	ts->dirty = inode_set_new(true);
	ts->extra = inode_set_new(true);
	ts->work = sync_work_new();
	ts->links = link_groups_new();
	ts->told = map_new();
	make_workers(ts);
	r = take_root(ts, opts->from_fd, &ts->from);
	if (opts->to_fd >= 0) {
		int to_result = tree_sync_set_to(ts, opts->to_fd);

		r = r < 0 ? r : to_result;
	}
	if (r == 0)
		return ts;
	*ret_err = -r;
	return tree_sync_free(ts);
}

int tree_sync_set_to(struct tree_sync *ts, int fd)
{
	int r = take_root(ts, fd, &ts->to);

	/* Whatever is in it now, the plan did not see it. */
	if (ts->planned)
		sync_work_add_all(ts->work);
	if (r == 0)
		ts->grain = time_grain_find(fd, !ts->opts.dry);
	return r;
}

struct tree_sync *tree_sync_free(struct tree_sync *ts)
{
	if (ts == NULL)
		return NULL;
	for (unsigned i = 0; i < ts->opts.threads; i++) {
		struct sync_worker *w = &ts->workers[i];

		copy_way_release(&w->data);
		meta_way_release(&w->meta);
		strbuf_release(&w->path);
		strbuf_release(&w->other);
		strbuf_release(&w->target);
	}
	free(ts->workers);
	(void)held_dir_free(ts->from);
	(void)held_dir_free(ts->to);
	(void)held_dirs_free(ts->dirs);
	(void)inode_set_free(ts->dirty);
	(void)inode_set_free(ts->extra);
	(void)sync_work_free(ts->work);
	(void)link_groups_free(ts->links);
	(void)map_free(ts->told);
	(void)pthread_mutex_destroy(&ts->lock);
	free(ts);
	return NULL;
}

/* The plan and the passes meet the same trouble: the first one tells it. */
static bool is_told(struct tree_sync *ts, bool in_to, const char *path, const char *verb)
{
	struct strbuf key = { 0 };
	bool added;

	strbuf_add_format(&key, "%d%s", in_to, verb);
	strbuf_add(&key, "", 1);
	strbuf_add_str(&key, path);
	(void)pthread_mutex_lock(&ts->lock);
	(void)map_add(ts->told, key.data, key.len, &added);
	(void)pthread_mutex_unlock(&ts->lock);
	strbuf_release(&key);
	return !added;
}

void sync_trouble(struct sync_worker *w, bool in_to, const char *path, const char *verb, int err)
{
	struct tree_sync *ts = w->ts;
	struct sync_trouble trouble = { .path = path, .in_to = in_to, .verb = verb, .err = err };

	if (is_told(ts, in_to, path, verb))
		return;
	sync_count(w, COUNT_ERRORS, 1);
	ts->opts.trouble(&trouble, ts->opts.user);
}

void sync_item(struct sync_worker *w, const struct sync_item *item)
{
	static const enum count counts[] = {
		[SYNC_COPY] = COUNT_COPIED,    [SYNC_UPDATE] = COUNT_UPDATED,
		[SYNC_META] = COUNT_META,      [SYNC_MKDIR] = COUNT_COPIED,
		[SYNC_SYMLINK] = COUNT_COPIED, [SYNC_HARDLINK] = COUNT_COPIED,
		[SYNC_SPECIAL] = COUNT_COPIED, [SYNC_DELETE] = COUNT_DELETED,
		[SYNC_KEEP] = COUNT_KEPT,      [SYNC_SKIP] = COUNT_SKIPPED,
	};
	enum count which = counts[item->action];

	if (which == COUNT_COPIED && (item->differs & DIFFERS_NEW) == 0)
		which = COUNT_UPDATED;
	sync_count(w, which, 1);
	w->ts->opts.item(item, w->ts->opts.user);
}

bool sync_stopped(void *user)
{
	struct tree_sync *ts = user;

	return atomic_load_explicit(&ts->fatal, memory_order_relaxed) != 0 ||
	       ts->opts.stopped(ts->opts.user);
}

void sync_pair_trouble(struct tree_pair_dir *dir, enum tree_side side, const char *verb, int err,
                       void *user)
{
	struct tree_sync *ts = user;
	struct strbuf path = { 0 };
	struct sync_worker *w = &ts->workers[dir->worker];

	tree_pair_add_path(dir, NULL, &path);
	if (dir->parent != NULL)
		atomic_fetch_or(&dir->parent->marks, DIR_DIRTY);
	if (side == TREE_FROM && dir->from_gone)
		sync_count(w, COUNT_VANISHED, 1);
	else
		sync_trouble(w, side == TREE_TO, strbuf_str(&path), verb, err);
	strbuf_release(&path);
}

bool sync_is_fatal(int err)
{
	return err == ENOSPC || err == EDQUOT || err == EROFS || err == EIO;
}

void sync_set_fatal(struct tree_sync *ts, int err)
{
	int none = 0;

	(void)atomic_compare_exchange_strong(&ts->fatal, &none, err);
}

bool sync_is_beyond(const struct tree_sync *ts, const struct stat *st)
{
	return ts->opts.one_file_system && st->st_dev != held_dir_stat(ts->from)->st_dev;
}

bool sync_is_extra(const struct tree_pair_dir *dir, const struct tree_pair_entry *e,
                   const struct tree_sync *ts)
{
	if (!ts->opts.delete || dir->from_failed || e->to_type == TREE_ABSENT)
		return false;
	if (e->excluded)
		return ts->opts.delete_excluded;
	return e->from_type == TREE_ABSENT;
}

const char *sync_path(struct sync_entry *e)
{
	if (!e->has_path) {
		strbuf_clear(&e->w->path);
		tree_pair_add_path(e->dir, e->entry->name, &e->w->path);
		e->has_path = true;
	}
	return strbuf_str(&e->w->path);
}

bool sync_is_member(struct sync_entry *e, bool again)
{
	struct tree_sync *ts = e->w->ts;

	if (!ts->opts.hard_links || e->st.st_nlink < 2)
		return false;
	return link_groups_meet(ts->links, &e->st, sync_path(e), e->has_to ? &e->to_st : NULL,
	                        again) == LINK_MEMBER;
}

bool sync_stat(struct sync_entry *e)
{
	const struct tree_sync *ts = e->w->ts;
	const char *name = e->entry->name;

	if (fstatat(e->dir->from_fd, name, &e->st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			sync_count(e->w, COUNT_VANISHED, 1);
		else
			sync_trouble(e->w, false, sync_path(e), "look at", errno);
		return false;
	}
	e->has_st = true;
	if (ts->opts.filter != NULL &&
	    !filter_passes_stat(ts->opts.filter, (unsigned char)IFTODT(e->st.st_mode), &e->st))
		return false;
	if (e->entry->to_type == TREE_ABSENT)
		return true;
	if (fstatat(e->dir->to_fd, name, &e->to_st, AT_SYMLINK_NOFOLLOW) == 0) {
		e->has_to = true;
	} else if (errno != ENOENT) {
		sync_trouble(e->w, true, sync_path(e), "look at", errno);
		return false;
	}
	return true;
}

bool tree_sync_may_delete(const struct tree_sync *ts)
{
	return ts->opts.delete &&atomic_load(&ts->fatal) == 0 && !ts->opts.stopped(ts->opts.user);
}

int tree_sync_flush(struct tree_sync *ts)
{
	int fd;
	int r;

	if (ts->opts.dry || ts->opts.fsync == SYNC_FSYNC_NONE || ts->to == NULL)
		return 0;
	r = held_dir_get(ts->to, &fd);
	if (r < 0)
		return r;
	r = syncfs(fd) == 0 ? 0 : -errno;
	held_dir_put(ts->to);
	return r;
}

int64_t tree_sync_grain(const struct tree_sync *ts)
{
	return ts->grain.dirfd >= 0 ? ts->grain.ns : 0;
}

static uint64_t total(const struct tree_sync *ts, enum count which)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < ts->opts.threads; i++)
		sum += ts->workers[i].counts[which];
	return sum;
}

struct tree_sync_counts tree_sync_counts(const struct tree_sync *ts)
{
	struct tree_sync_counts c = {
		.from_entries = total(ts, COUNT_FROM),
		.to_entries = total(ts, COUNT_TO),
		.copy = total(ts, COUNT_COPY),
		.update = total(ts, COUNT_UPDATE),
		.remove = total(ts, COUNT_REMOVE),
		.bytes = total(ts, COUNT_BYTES),
		.room = total(ts, COUNT_ROOM),
		.replaced = total(ts, COUNT_REPLACED),
		.newer = total(ts, COUNT_NEWER),
		.overlaps = atomic_load(&ts->overlaps),
		.files = total(ts, COUNT_FILES),
		.dirs = total(ts, COUNT_DIRS),
		.copied = total(ts, COUNT_COPIED),
		.updated = total(ts, COUNT_UPDATED),
		.meta = total(ts, COUNT_META),
		.deleted = total(ts, COUNT_DELETED),
		.kept = total(ts, COUNT_KEPT),
		.skipped = total(ts, COUNT_SKIPPED),
		.vanished = total(ts, COUNT_VANISHED),
		.grew = total(ts, COUNT_GREW),
		.changed = total(ts, COUNT_CHANGED),
		.verified = total(ts, COUNT_VERIFIED),
		.damaged = total(ts, COUNT_DAMAGED),
		.errors = total(ts, COUNT_ERRORS),
		.lost = total(ts, COUNT_LOST),
		.lost_err = ts->lost_err,
		.devices = total(ts, COUNT_DEVICES),
		.suppressed = total(ts, COUNT_SUPPRESSED),
		.bytes_copied = total(ts, COUNT_BYTES_COPIED),
		.bytes_reflinked = total(ts, COUNT_BYTES_REFLINKED),
		.fatal = atomic_load(&ts->fatal),
	};
	uint64_t touched = c.copied + c.updated + c.meta + c.kept + c.skipped;
	uint64_t seen = c.files + c.dirs;

	c.unchanged = seen > touched ? seen - touched : 0;
	return c;
}
