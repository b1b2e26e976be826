/* SPDX-License-Identifier: MIT */
#include "fs/walk_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

struct walk_dir *walk_dir_new(struct walk *walk, struct walk_dir *parent,
                              const struct walk_found *found)
{
	size_t data = walk->opts->dir_data_size;
	size_t fixed = sizeof(struct walk_dir) + data;
	struct walk_dir *dir = mem_alloc(fixed + found->name_len + 1);
	char *name = (char *)dir + fixed;

	memset(dir, 0, fixed);
	memcpy(name, found->name, found->name_len);
	name[found->name_len] = '\0';
	dir->name_at = (uint32_t)fixed;
	dir->name_len = (uint32_t)found->name_len;
	dir->follow = found->follow;
	dir->fd = -1;
	dir->root = found->root;
	atomic_init(&dir->refs, 1);
	if (parent != NULL) {
		dir->parent = parent;
		dir->unopened = true;
		dir->depth = parent->depth + 1;
		atomic_fetch_add_explicit(&parent->refs, 1, memory_order_relaxed);
	}
	return dir;
}

const char *walk_dir_name(const struct walk_dir *dir)
{
	return (const char *)dir + dir->name_at;
}

bool walk_is_stopped(const struct walk *walk)
{
	return atomic_load_explicit(&walk->stopped, memory_order_relaxed);
}

enum walk_action walk_emit(struct walk *walk, const struct walk_entry *entry)
{
	enum walk_action action;

	if (walk_is_stopped(walk))
		return WALK_STOP;
	action = walk->visit(entry, walk->user);
	if (action == WALK_STOP)
		walk_stop(walk);
	return action;
}

struct walk_entry walk_dir_entry(struct walk *walk, struct walk_dir *dir, enum walk_event event,
                                 unsigned worker)
{
	return (struct walk_entry){
		.event = event,
		.name = walk_dir_name(dir),
		.name_len = dir->name_len,
		.depth = dir->depth,
		.root = dir->root,
		.worker = worker,
		.type = DT_DIR,
		.dirfd = dir->parent != NULL ? -1 : AT_FDCWD,
		.parent = dir->parent,
		.dir = dir,
		.walk = walk,
	};
}

void walk_dir_leave(struct walk *walk, struct walk_dir *dir, unsigned worker)
{
	struct walk_entry entry = walk_dir_entry(walk, dir, WALK_LEAVE, worker);

	dir->entered = false;
	(void)walk_emit(walk, &entry);
}

void walk_dir_unref(struct walk *walk, struct walk_dir *dir, unsigned worker)
{
	const struct walk_select *select = walk->opts->select;

	/* Release what was done to the node, acquire what others did. */
	while (dir != NULL && atomic_fetch_sub_explicit(&dir->refs, 1, memory_order_acq_rel) == 1) {
		struct walk_dir *parent = dir->parent;

		if (dir->entered)
			walk_dir_leave(walk, dir, worker);
		if (dir->state != NULL && select != NULL && select->forget != NULL)
			select->forget(dir->state, select->user);
		walk_fd_close(&walk->fds, dir);
		if (dir->unopened)
			walk_fd_drop_users(&walk->fds, parent, 1);
		free(dir);
		dir = parent;
	}
}

/* Why `dir` did not open, and its metadata. */
static void open_failed(struct walk_dir *dir, int err, struct walk_opened *ret)
{
	bool own_st = false;
	int stat_err;

	ret->err = err;
	ret->how = err == ENOENT && dir->parent != NULL ? WALK_VANISHED : WALK_CLOSED;
	if (ret->how == WALK_VANISHED)
		return; /* even if it is back by now */
	stat_err = walk_stat_at(ret->dirfd, walk_dir_name(dir), dir->follow, &ret->st, &own_st);
	if (stat_err != 0) {
		ret->err = stat_err;
		ret->how = stat_err == ENOENT && dir->parent != NULL ? WALK_VANISHED : WALK_UNKNOWN;
	} else if (!S_ISDIR(ret->st.st_mode)) {
		ret->how = WALK_LEAF;
	}
}

static bool is_looped(const struct walk_dir *dir)
{
	for (const struct walk_dir *up = dir->parent; up != NULL; up = up->parent) {
		if (up->ino == dir->ino && up->dev == dir->dev)
			return true;
	}
	return false;
}

/* walk_select.enter_loop */
static bool enters_loop(struct walk *walk, struct walk_dir *dir)
{
	const struct walk_select *select = walk->opts->select;
	struct walk_entry entry;

	if (select == NULL || select->enter_loop == NULL)
		return false;
	entry = walk_dir_entry(walk, dir, WALK_LOOP, 0);
	return select->enter_loop(&entry, select->user);
}

/* Is it on another device than its parent? Asked by name, before an open mounts anything. */
static bool is_elsewhere(const struct walk_dir *dir, int dirfd)
{
	bool own_st = false;
	struct stat st;

	return walk_stat_at(dirfd, walk_dir_name(dir), dir->follow, &st, &own_st) == 0 &&
	       st.st_dev != dir->parent->dev;
}

/* The parent is pinned, or there is none. */
static void open_below(struct walk *walk, struct walk_dir *dir, struct walk_opened *ret)
{
	int flags =
		O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC | (dir->follow ? 0 : O_NOFOLLOW);
	bool same_device = walk->opts->one_file_system && dir->parent != NULL;

	if (same_device && is_elsewhere(dir, ret->dirfd)) {
		ret->how = WALK_SKIPPED;
		return;
	}
	do {
		ret->fd = openat(ret->dirfd, walk_dir_name(dir), flags);
	} while (ret->fd < 0 && (errno == EMFILE || errno == ENFILE) &&
	         walk_fd_relieve(&walk->fds, dir->depth));
	if (ret->fd < 0) {
		open_failed(dir, errno, ret);
		return;
	}
	ret->how = WALK_OPENED;
	if (fstat(ret->fd, &ret->st) != 0) {
		ret->err = errno;
		ret->how = WALK_UNKNOWN;
	} else if (same_device && ret->st.st_dev != dir->parent->dev) {
		ret->how = WALK_SKIPPED;
	} else {
		dir->dev = ret->st.st_dev;
		dir->ino = ret->st.st_ino;
		dir->looped = is_looped(dir);
		if (dir->looped && !enters_loop(walk, dir))
			ret->how = WALK_LOOPED;
	}
	if (ret->how != WALK_OPENED) {
		(void)close(ret->fd);
		ret->fd = -1;
	}
}

void walk_dir_open(struct walk *walk, struct walk_dir *dir, struct walk_opened *ret)
{
	ret->err = 0;
	ret->fd = -1;
	ret->dirfd = AT_FDCWD;
	if (dir->parent != NULL) {
		int r = walk_fd_pin(&walk->fds, dir->parent, &ret->dirfd);

		if (r < 0) {
			ret->dirfd = -1;
			ret->err = -r;
			ret->how = r == -ENOENT ? WALK_VANISHED : WALK_STALE;
			return;
		}
	}
	open_below(walk, dir, ret);
}

void walk_dir_opened(struct walk *walk, struct walk_dir *dir, struct walk_opened *opened)
{
	if (dir->parent == NULL)
		return;
	if (opened->dirfd >= 0)
		walk_fd_unpin(&walk->fds, dir->parent, 1);
	else
		walk_fd_drop_users(&walk->fds, dir->parent, 1);
	dir->unopened = false;
	opened->dirfd = -1;
}

void walk_dir_read_error(struct walk *walk, struct walk_dir *dir, int err, unsigned worker)
{
	struct walk_entry entry = walk_dir_entry(walk, dir, WALK_ERROR, worker);

	entry.verb = "read directory";
	entry.err = err;
	(void)walk_emit(walk, &entry);
}

/* walk_opts.open_again: the same directory as before, or it stays closed. */
static void open_again(struct walk *walk, struct walk_dir *dir, struct walk_opened *opened)
{
	struct stat before = opened->st;

	if (!walk->opts->open_again || walk->opts->order != WALK_UNORDERED || opened->err != EACCES)
		return;
	open_below(walk, dir, opened);
	if (opened->how == WALK_OPENED &&
	    (opened->st.st_dev != before.st_dev || opened->st.st_ino != before.st_ino)) {
		(void)close(opened->fd);
		opened->fd = -1;
		opened->how = WALK_CLOSED;
		opened->err = ESTALE;
	}
}

bool walk_dir_arrive(struct walk *walk, struct walk_dir *dir, struct walk_opened *opened,
                     unsigned worker)
{
	struct walk_entry entry = walk_dir_entry(walk, dir, WALK_ENTER, worker);
	bool has_st = opened->how == WALK_OPENED || opened->how == WALK_CLOSED ||
	              opened->how == WALK_LEAF || opened->how == WALK_LOOPED;
	bool enters = opened->how == WALK_OPENED || opened->how == WALK_CLOSED;

	if (opened->how == WALK_VANISHED)
		walk->workers[worker].vanished++;
	if (opened->how == WALK_VANISHED || opened->how == WALK_SKIPPED)
		return false;
	entry.dirfd = dir->parent != NULL ? opened->dirfd : AT_FDCWD;
	entry.st = has_st && walk->opts->stat ? &opened->st : NULL;
	entry.type = has_st ? (unsigned char)IFTODT(opened->st.st_mode) : DT_UNKNOWN;
	entry.err = opened->err;
	if (!enters)
		entry.dir = NULL;
	if (opened->how == WALK_LOOPED) {
		entry.event = WALK_LOOP;
	} else if (opened->how == WALK_UNKNOWN || opened->how == WALK_STALE) {
		entry.event = WALK_ERROR;
		entry.verb = opened->how == WALK_STALE ? "read directory" : "access";
	} else {
		entry.err = 0;
	}
	if (walk_emit(walk, &entry) != WALK_CONTINUE || !enters)
		return false;
	dir->entered = true;
	if (opened->how == WALK_CLOSED)
		open_again(walk, dir, opened);
	if (opened->how == WALK_CLOSED)
		walk_dir_read_error(walk, dir, opened->err, worker);
	return true;
}

bool walk_dir_descend(struct walk *walk, struct walk_dir *dir, int fd, unsigned worker)
{
	const struct walk_select *select = walk->opts->select;
	struct walk_entry entry;

	if (select == NULL || select->descend == NULL)
		return true;
	entry = walk_dir_entry(walk, dir, WALK_ENTER, worker);
	return select->descend(&entry, fd, &dir->state, select->user);
}

struct walk_dir *walk_dir_parent(const struct walk_dir *dir)
{
	return dir->parent;
}

bool walk_dir_is_linked(const struct walk_dir *dir)
{
	return dir->parent != NULL && dir->follow;
}

bool walk_dir_is_looped(const struct walk_dir *dir)
{
	return dir->looped;
}

void walk_stop(struct walk *walk)
{
	atomic_store_explicit(&walk->stopped, true, memory_order_relaxed);
}

void *walk_dir_data(struct walk_dir *dir)
{
	return dir->data;
}

void *walk_select_state(const struct walk_dir *dir)
{
	return dir->state;
}

/* Does a name after this one need a slash? Only a root can end in one. */
static size_t path_slash(const struct walk_dir *dir)
{
	return walk_dir_name(dir)[dir->name_len - 1] != '/';
}

void walk_add_dir_path(const struct walk_dir *dir, struct strbuf *ret)
{
	size_t total = 0;
	size_t before = ret->len;
	char *end;

	for (const struct walk_dir *up = dir; up != NULL; up = up->parent)
		total += up->name_len + (up != dir ? path_slash(up) : 0);
	strbuf_add_fill(ret, '/', total);
	if (ret->len != before + total)
		return; /* the buffer has a limit */
	end = ret->data + ret->len;
	for (const struct walk_dir *up = dir; up != NULL; up = up->parent) {
		end -= up->name_len + (up != dir ? path_slash(up) : 0);
		memcpy(end, walk_dir_name(up), up->name_len);
	}
}

void walk_add_path(const struct walk_entry *entry, struct strbuf *ret)
{
	if (entry->parent != NULL) {
		walk_add_dir_path(entry->parent, ret);
		if (path_slash(entry->parent))
			strbuf_add_char(ret, '/');
	}
	strbuf_add(ret, entry->name, entry->name_len);
}
