/* SPDX-License-Identifier: MIT */
/* Directories of the target: made before what is in them, their modes and times set after it. */
#include "fs/tree_sync_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

static void tell_dir(struct sync_worker *w, struct tree_pair_dir *dir, enum sync_action action,
                     unsigned differs)
{
	struct sync_item item = { .action = action,
		                  .differs = differs,
		                  .reason = sync_reason_of(differs),
		                  .type = DT_DIR,
		                  .method = -1 };

	strbuf_clear(&w->path);
	tree_pair_add_path(dir, NULL, &w->path);
	item.path = strbuf_str(&w->path);
	sync_item(w, &item);
}

static void tell_trouble(struct sync_worker *w, struct tree_pair_dir *dir, const char *verb,
                         int err)
{
	strbuf_clear(&w->path);
	tree_pair_add_path(dir, NULL, &w->path);
	if (sync_is_fatal(err))
		sync_set_fatal(w->ts, err);
	sync_trouble(w, true, strbuf_str(&w->path), verb, err);
}

/* In the parent's directory. *ret_replaced: there was something else. */
static int make_in(struct sync_worker *w, int parent, const char *name, bool *ret_replaced)
{
	struct stat st;
	struct put put;
	int r;

	*ret_replaced = false;
	if (mkdirat(parent, name, 0700) == 0)
		return 0;
	if (errno != EEXIST || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return 0;
	*ret_replaced = true;
	r = put_directory(&w->names, parent, &put);
	return r < 0 ? r : put_commit(&put, name, PUT_OVER);
}

/* Is there something else that gives way? For a dry run. */
static bool is_in_the_way(struct tree_pair_dir *dir)
{
	struct stat st;
	size_t len;
	const char *name = held_dir_name(dir->from, &len);

	return dir->parent->to_fd >= 0 &&
	       fstatat(dir->parent->to_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool make_dir(struct sync_worker *w, struct tree_pair_dir *dir)
{
	bool replaced = false;
	size_t len;
	int parent;
	int r;

	atomic_fetch_or(&dir->marks, DIR_NEW);
	dir->to_is_empty = true;
	if (w->ts->opts.dry) {
		replaced = dir->parent != NULL && is_in_the_way(dir);
		tell_dir(w, dir, SYNC_MKDIR, replaced ? DIFFERS_TYPE : DIFFERS_NEW);
		return true;
	}
	r = held_dir_get(dir->parent->to, &parent);
	if (r == 0) {
		r = make_in(w, parent, held_dir_name(dir->from, &len), &replaced);
		held_dir_put(dir->parent->to);
	}
	if (r == 0)
		r = tree_pair_open_to(dir);
	if (r < 0) {
		dir->to_failed = true;
		tell_trouble(w, dir, "create directory", -r);
		return false;
	}
	tell_dir(w, dir, SYNC_MKDIR, replaced ? DIFFERS_TYPE : DIFFERS_NEW);
	return true;
}

/* What new files in it would inherit, and whether we may write there at all. */
static void prepare(struct sync_worker *w, struct tree_pair_dir *dir)
{
	const struct tree_sync *ts = w->ts;
	const struct stat *st = held_dir_stat(dir->to);

	if (meta_has_default_acl(dir->to_fd))
		atomic_fetch_or(&dir->marks, DIR_INHERITS);
	if (st->st_gid != ts->gid)
		atomic_fetch_or(&dir->marks, DIR_FOREIGN);
	if (ts->uid != 0 && st->st_uid == ts->uid && (st->st_mode & S_IRWXU) != S_IRWXU)
		ignore(fchmod(dir->to_fd, (st->st_mode & 07777) | S_IRWXU));
}

bool sync_enter_dir(struct tree_pair_dir *dir, const struct stat *st, unsigned worker, void *user)
{
	struct tree_sync *ts = user;
	struct sync_worker *w = &ts->workers[worker];
	bool below_new = dir->parent != NULL && (atomic_load(&dir->parent->marks) & DIR_NEW) != 0;
	unsigned differs;

	if (below_new && !ts->opts.sizes)
		sync_count(w, COUNT_DIRS, 1);
	if (!dir->has_to && dir->parent != NULL) {
		if (!make_dir(w, dir))
			return false;
		if (!ts->opts.dry)
			prepare(w, dir);
		return !sync_is_beyond(ts, st);
	}
	/* A root that a dry run would make. */
	if (!dir->has_to) {
		atomic_fetch_or(&dir->marks, DIR_NEW);
		return true;
	}
	if (!below_new && !inode_set_has(ts->dirty, st->st_dev, st->st_ino)) {
		atomic_fetch_or(&dir->marks, DIR_CLEAN);
		return false;
	}
	differs = sync_dir_differences(ts, w, dir->from_fd, dir->to_fd, st, held_dir_stat(dir->to));
	if (differs != 0)
		tell_dir(w, dir, SYNC_META, differs);
	if ((differs & (DIFFERS_ATTRIBUTES | DIFFERS_ACL)) != 0)
		atomic_fetch_or(&dir->marks, DIR_ATTRIBUTES);
	if (!ts->opts.dry)
		prepare(w, dir);
	return !sync_is_beyond(ts, st);
}

static void copy_dir_attributes(struct sync_worker *w, struct tree_pair_dir *dir, int to_fd)
{
	unsigned parts = w->ts->opts.keep & (META_XATTRS | META_ACLS);
	struct meta_file to = { to_fd, false };
	struct meta_lost lost = { 0 };
	bool has_acl;
	int fd;
	int r;

	if (parts == 0 || held_dir_get(dir->from, &fd) < 0)
		return;
	r = meta_list_attributes(&w->meta, (struct meta_file){ fd, false }, &has_acl);
	if (r == 0)
		r = meta_copy_attributes(&w->meta, (struct meta_file){ fd, false }, to, parts,
		                         false, &lost);
	held_dir_put(dir->from);
	strbuf_clear(&w->path);
	tree_pair_add_path(dir, NULL, &w->path);
	sync_lost(w, strbuf_str(&w->path), &lost);
	if (r < 0)
		sync_trouble(w, false, strbuf_str(&w->path), "read the attributes of", -r);
}

static int set_dir_meta(struct sync_worker *w, struct tree_pair_dir *dir, int fd)
{
	struct tree_sync *ts = w->ts;
	unsigned marks = atomic_load(&dir->marks);
	bool is_new = (marks & DIR_NEW) != 0;
	struct meta_file to = { fd, false };
	struct stat now;
	struct stat wish;
	int r;

	if (fstat(fd, &now) != 0)
		return -errno;
	/* One that was there keeps its own mode where modes are not copied, not what we gave it. */
	wish = sync_wish(ts, held_dir_stat(dir->from), is_new ? NULL : held_dir_stat(dir->to));
	r = meta_set_owner(to, ts->opts.keep & (META_OWNER | META_GROUP), &wish, &now);
	if (r < 0) {
		wish.st_mode &= ~(mode_t)S_ISUID;
		strbuf_clear(&w->path);
		tree_pair_add_path(dir, NULL, &w->path);
		sync_lost(w, strbuf_str(&w->path),
		          &(struct meta_lost){ META_OWNER | META_GROUP, -r });
	}
	if (((wish.st_mode ^ now.st_mode) & 07777) != 0) {
		r = meta_set_mode(to, wish.st_mode);
		if (r < 0)
			return r;
	}
	if (is_new || (marks & DIR_ATTRIBUTES) != 0)
		copy_dir_attributes(w, dir, fd);
	if ((ts->opts.keep & META_TIMES) != 0 && time_difference(wish.st_mtim, now.st_mtim) != 0)
		return meta_set_times(to, &wish);
	return 0;
}

void sync_leave_dir(struct tree_pair_dir *dir, unsigned worker, void *user)
{
	struct tree_sync *ts = user;
	struct sync_worker *w = &ts->workers[worker];
	int fd;
	int r;

	/* Nothing was done, or nothing is known about it. */
	if (ts->opts.dry || (atomic_load(&dir->marks) & DIR_CLEAN) != 0 || dir->to_failed ||
	    !dir->has_to || held_dir_stat(dir->from)->st_ino == 0)
		return;
	r = held_dir_get(dir->to, &fd);
	if (r == 0) {
		r = set_dir_meta(w, dir, fd);
		held_dir_put(dir->to);
	}
	if (r < 0)
		tell_trouble(w, dir, "change directory", -r);
}

void sync_restore_meta(struct sync_worker *w, struct tree_pair_dir *dir)
{
	const struct tree_sync *ts = w->ts;
	struct meta_file to = { -1, false };
	struct stat wish;

	if (held_dir_get(dir->to, &to.fd) < 0)
		return;
	wish = sync_wish(ts, held_dir_stat(dir->from), held_dir_stat(dir->to));
	if (ts->uid != 0)
		ignore(meta_set_mode(to, wish.st_mode));
	if ((ts->opts.keep & META_TIMES) != 0)
		ignore(meta_set_times(to, &wish));
	held_dir_put(dir->to);
}
