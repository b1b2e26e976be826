/* SPDX-License-Identifier: MIT */
#include "fs/walk_private.h"

#include <errno.h>
#include <fcntl.h>

/* Descriptors that reopening leaves free for what comes next. */
enum { WALK_FD_SPARE = 2 };

void walk_fds_init(struct walk_fds *fds, unsigned budget)
{
	*fds = (struct walk_fds){ .budget = budget };
	(void)pthread_mutex_init(&fds->lock, NULL);
}

static void fds_link(struct walk_fds *fds, struct walk_dir *dir)
{
	dir->open.newer = NULL;
	dir->open.older = fds->newest;
	if (fds->newest != NULL)
		fds->newest->open.newer = dir;
	else
		fds->oldest = dir;
	fds->newest = dir;
}

static void fds_unlink(struct walk_fds *fds, struct walk_dir *dir)
{
	if (dir->open.newer != NULL)
		dir->open.newer->open.older = dir->open.older;
	else
		fds->newest = dir->open.older;
	if (dir->open.older != NULL)
		dir->open.older->open.newer = dir->open.newer;
	else
		fds->oldest = dir->open.newer;
}

static void fds_keep(struct walk_fds *fds, struct walk_dir *dir, int fd)
{
	dir->fd = fd;
	fds->open++;
	fds_link(fds, dir);
}

/* The descriptor, which the directory no longer has. */
static int fds_take(struct walk_fds *fds, struct walk_dir *dir)
{
	int fd = dir->fd;

	fds_unlink(fds, dir);
	dir->fd = -1;
	fds->open--;
	return fd;
}

static void fds_close(struct walk_fds *fds, struct walk_dir *dir)
{
	(void)close(fds_take(fds, dir));
}

/* Powers of two between a directory and the depth the walk is at. */
static unsigned fds_octave(const struct walk_dir *dir, uint32_t depth)
{
	uint32_t away = dir->depth < depth ? depth - dir->depth : dir->depth - depth;

	return away != 0 ? 32 - (unsigned)__builtin_clz(away) : 0;
}

/*
 * Closes one that is not in use, while the walk is at `depth`. Evicting by age
 * alone would lose exactly the ancestors a deep tree is unwound through. Those
 * that stay are spread so that each is about twice as far away as the one
 * before: of the distance with the most of them the oldest goes.
 */
static bool fds_evict(struct walk_fds *fds, uint32_t depth, int keep)
{
	unsigned count[33] = { 0 };
	struct walk_dir *victim = NULL;
	unsigned most = 0;

	for (struct walk_dir *dir = fds->oldest; dir != NULL; dir = dir->open.newer) {
		if (dir->pins == 0 && dir->fd != keep)
			count[fds_octave(dir, depth)]++;
	}
	for (unsigned i = 1; i < ARRAY_LEN(count); i++) {
		if (count[i] > count[most])
			most = i;
	}
	for (struct walk_dir *dir = fds->oldest; dir != NULL; dir = dir->open.newer) {
		if (dir->pins != 0 || dir->fd == keep || fds_octave(dir, depth) != most)
			continue;
		victim = dir;
		break;
	}
	if (victim == NULL)
		return false;
	fds_close(fds, victim);
	return true;
}

static void fds_shrink(struct walk_fds *fds, uint32_t depth)
{
	while (fds->open > fds->budget && fds_evict(fds, depth, -1))
		;
}

/* Opens `dir` below `base` again; another directory of that name is refused. */
static int fds_open_same(struct walk_fds *fds, int base, const struct walk_dir *dir, int *ret)
{
	int flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (dir->follow ? 0 : O_NOFOLLOW);
	struct stat st;
	int fd;

	do {
		fd = openat(base, walk_dir_name(dir), flags);
	} while (fd < 0 && (errno == EMFILE || errno == ENFILE) &&
	         fds_evict(fds, dir->depth, base));
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? -ESTALE : -errno;
	if (fstat(fd, &st) != 0 || st.st_dev != dir->dev || st.st_ino != dir->ino) {
		(void)close(fd);
		return -ESTALE;
	}
	*ret = fd;
	return 0;
}

/*
 * Where on a way of `length` steps the first directory should stay open when
 * `room` of them may: binomial checkpointing (Griewank and Walther, "revolve"). A
 * walk that climbs back up n levels then takes about r * n steps in all, r being the
 * least number with (room + r over r) >= n; 13 for 10,000 levels and room for 5.
 */
static uint32_t fds_stride(uint32_t length, unsigned room)
{
	uint64_t covered = 1; /* (room + r over r) */
	uint64_t before = 1;

	for (uint64_t r = 1; covered < length; r++) {
		before = covered;
		covered = covered * (room + r) / r;
	}
	return (uint32_t)before;
}

/* The depth of the next directory to stay open between `depth` and `target`; 0: none. */
static uint32_t fds_mark(const struct walk_fds *fds, uint32_t depth, uint32_t target)
{
	unsigned taken = fds->open + WALK_FD_SPARE;

	if (taken >= fds->budget || target - depth < 2)
		return 0;
	return depth + fds_stride(target - depth, fds->budget - taken);
}

/*
 * Opens `dir` from its nearest open ancestor. On a long way some of those
 * between stay open, for what is reopened next is probably near.
 */
static int fds_reopen(struct walk_fds *fds, struct walk_dir *dir)
{
	struct walk_dir *at = dir;
	int passing = -1; /* the descriptor to be closed after the next step */
	uint32_t mark;
	int base;

	dir->below = NULL;
	while (at->parent != NULL && at->parent->fd < 0) {
		at->parent->below = at;
		at = at->parent;
	}
	base = at->parent != NULL ? at->parent->fd : AT_FDCWD;
	mark = at->parent != NULL ? fds_mark(fds, at->parent->depth, dir->depth) : 0;
	while (at != NULL) {
		struct walk_dir *next = at->below;
		int fd = -1;
		int r = fds_open_same(fds, base, at, &fd);

		if (passing >= 0)
			(void)close(passing);
		if (r < 0)
			return r;
		passing = -1;
		if (at == dir || at->depth == mark || at->parent == NULL) {
			fds_keep(fds, at, fd);
			mark = fds_mark(fds, at->depth, dir->depth);
		} else {
			passing = fd;
		}
		base = fd;
		at = next;
	}
	return 0;
}

int walk_fd_pin(struct walk_fds *fds, struct walk_dir *dir, int *ret)
{
	int r = 0;

	(void)pthread_mutex_lock(&fds->lock);
	if (dir->fd < 0) {
		r = fds_reopen(fds, dir);
	} else if (fds->newest != dir) {
		fds_unlink(fds, dir);
		fds_link(fds, dir);
	}
	if (r == 0) {
		dir->pins++;
		*ret = dir->fd;
		fds_shrink(fds, dir->depth);
	}
	(void)pthread_mutex_unlock(&fds->lock);
	return r;
}

/* The descriptor when nobody will use it any more, else -1. */
static int fds_settle(struct walk_fds *fds, struct walk_dir *dir)
{
	return dir->pins == 0 && dir->users == 0 && dir->fd >= 0 ? fds_take(fds, dir) : -1;
}

/* Closing takes longer than all else here: the other threads are not to wait for it. */
static void fds_unlock_and_close(struct walk_fds *fds, int fd)
{
	(void)pthread_mutex_unlock(&fds->lock);
	if (fd >= 0)
		(void)close(fd);
}

void walk_fd_unpin(struct walk_fds *fds, struct walk_dir *dir, unsigned users)
{
	(void)pthread_mutex_lock(&fds->lock);
	dir->pins--;
	dir->users -= users;
	fds_unlock_and_close(fds, fds_settle(fds, dir));
}

void walk_fd_adopt(struct walk_fds *fds, struct walk_dir *dir, int fd)
{
	(void)pthread_mutex_lock(&fds->lock);
	dir->pins = 1;
	dir->users = 1;
	fds_keep(fds, dir, fd);
	fds_shrink(fds, dir->depth);
	(void)pthread_mutex_unlock(&fds->lock);
}

void walk_fd_add_users(struct walk_fds *fds, struct walk_dir *dir, unsigned users)
{
	(void)pthread_mutex_lock(&fds->lock);
	dir->users += users;
	(void)pthread_mutex_unlock(&fds->lock);
}

void walk_fd_drop_users(struct walk_fds *fds, struct walk_dir *dir, unsigned users)
{
	(void)pthread_mutex_lock(&fds->lock);
	dir->users -= users;
	fds_unlock_and_close(fds, fds_settle(fds, dir));
}

void walk_fd_close(struct walk_fds *fds, struct walk_dir *dir)
{
	(void)pthread_mutex_lock(&fds->lock);
	fds_unlock_and_close(fds, dir->fd >= 0 ? fds_take(fds, dir) : -1);
}

bool walk_fd_relieve(struct walk_fds *fds, uint32_t depth)
{
	bool closed;

	(void)pthread_mutex_lock(&fds->lock);
	closed = fds_evict(fds, depth, -1);
	if (closed && fds->budget > fds->open && fds->open >= WALK_FD_SPARE)
		fds->budget = fds->open; /* somebody else has taken the difference */
	(void)pthread_mutex_unlock(&fds->lock);
	return closed;
}
