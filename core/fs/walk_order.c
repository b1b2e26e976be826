/* SPDX-License-Identifier: MIT */
#include "fs/walk_private.h"

#include <errno.h>

/* How far the pool reads ahead of what is delivered, and down to where it then waits. */
enum {
	WALK_AHEAD_ENTRIES = 16384,
	WALK_AHEAD_ENTRIES_AGAIN = WALK_AHEAD_ENTRIES / 4 * 3,
	WALK_AHEAD_DIRS = 512,
	WALK_AHEAD_DIRS_AGAIN = WALK_AHEAD_DIRS / 4 * 3,
};

/* The bound was crossed in either direction; walk->lock is held. */
static void order_limit(struct walk *walk)
{
	bool held =
		walk->ahead_entries >= WALK_AHEAD_ENTRIES || walk->ahead_dirs >= WALK_AHEAD_DIRS;

	if (walk->held && !held)
		held = walk->ahead_entries >= WALK_AHEAD_ENTRIES_AGAIN ||
		       walk->ahead_dirs >= WALK_AHEAD_DIRS_AGAIN;
	if (held == walk->held)
		return;
	walk->held = held;
	pool_hold(walk->pool, held);
}

/* A directory that was read ahead is taken over; walk->lock is held. */
static void order_uncount(struct walk *walk, struct walk_dir *dir)
{
	if (!dir->counted)
		return;
	dir->counted = false;
	walk->ahead_entries -= dir->batch->items.len;
	walk->ahead_dirs--;
	order_limit(walk);
}

static void order_open(struct walk *walk, struct walk_dir *dir)
{
	struct walk_batch *batch = mem_alloc_zeroed(sizeof(*batch));

	dir->batch = batch;
	walk_dir_open(walk, dir, &batch->opened);
	walk_dir_opened(walk, dir, &batch->opened);
	if (batch->opened.fd >= 0)
		walk_fd_adopt(&walk->fds, dir, batch->opened.fd);
}

/* Reads the directory order_open() has opened, if it has. */
static void order_read(struct walk *walk, struct walk_dir *dir, unsigned worker)
{
	struct pool_list list = { 0 };
	int fd = dir->batch->opened.fd;

	if (fd < 0)
		return;
	if (walk_dir_descend(walk, dir, fd, worker))
		walk_batch_read(walk, dir, fd, worker, walk->threads > 1 ? &list : NULL);
	dir->batch->opened.fd = -1;
	walk_fd_unpin(&walk->fds, dir, 1);
	pool_add(walk->pool, &list);
}

/* Nodes to be let go of. Their links are not free for this: an ancestor may be reopened. */
struct order_nodes {
	VEC_FIELDS(struct walk_dir *);
};

/* Is it the caller's now? Otherwise the pool has it in work, and is told to drop it. */
static bool order_claim_dropped(struct walk *walk, struct walk_dir *dir, unsigned worker)
{
	bool mine;

	if (!dir->ahead || pool_take(walk->pool, &dir->job, worker))
		return true;
	(void)pthread_mutex_lock(&walk->lock);
	mine = dir->ready;
	dir->dropped = !mine;
	if (mine)
		order_uncount(walk, dir);
	(void)pthread_mutex_unlock(&walk->lock);
	return mine;
}

/* To be entered? */
static bool order_is_dir(enum walk_kind kind)
{
	return kind == WALK_KIND_DIR || kind == WALK_KIND_LINKED;
}

/* Lets go of what is left of a directory's batch; its children's nodes go to `ret`. */
static void order_drop_batch(struct walk *walk, struct walk_dir *dir, unsigned worker,
                             struct order_nodes *ret)
{
	struct walk_batch *batch = dir->batch;

	if (batch == NULL)
		return;
	if (batch->opened.fd >= 0)
		walk_fd_unpin(&walk->fds, dir, 1);
	for (; batch->next < batch->items.len; batch->next++) {
		const struct walk_item *item = &batch->items.items[batch->next];
		struct walk_dir *child = item->child;

		if (order_is_dir(item->kind) && child != NULL &&
		    order_claim_dropped(walk, child, worker))
			vec_push(ret, child);
	}
	dir->batch = walk_batch_free(batch);
}

/* Throws away what was read ahead below and in `dir`, but not the node. */
static void order_drop(struct walk *walk, struct walk_dir *dir, unsigned worker)
{
	struct order_nodes nodes = { 0 };

	order_drop_batch(walk, dir, worker, &nodes);
	while (nodes.len != 0) {
		struct walk_dir *child = vec_pop(&nodes);

		order_drop_batch(walk, child, worker, &nodes);
		walk_dir_unref(walk, child, worker);
	}
	vec_release(&nodes);
}

void walk_order_job(struct pool_job *job, unsigned worker, void *user)
{
	struct walk *walk = user;
	struct walk_dir *dir = (struct walk_dir *)(void *)job;
	bool dropped;

	(void)pthread_mutex_lock(&walk->lock);
	dropped = dir->dropped;
	(void)pthread_mutex_unlock(&walk->lock);
	if (!dropped && !walk_is_stopped(walk)) {
		order_open(walk, dir);
		order_read(walk, dir, worker);
	}
	(void)pthread_mutex_lock(&walk->lock);
	dropped = dir->dropped;
	if (!dropped) {
		dir->ready = true;
		dir->counted = dir->batch != NULL;
		if (dir->counted) {
			walk->ahead_entries += dir->batch->items.len;
			walk->ahead_dirs++;
			order_limit(walk);
		}
		(void)pthread_cond_broadcast(&walk->became_ready);
	}
	(void)pthread_mutex_unlock(&walk->lock);
	if (dropped) {
		order_drop(walk, dir, worker);
		walk_dir_unref(walk, dir, worker);
	}
}

/* Waits until the pool has read `dir`, doing other jobs meanwhile. */
static void order_await(struct walk *walk, struct walk_dir *dir)
{
	(void)pthread_mutex_lock(&walk->lock);
	while (!dir->ready) {
		bool helped = false;

		if (!walk->held) {
			(void)pthread_mutex_unlock(&walk->lock);
			helped = pool_help(walk->pool);
			(void)pthread_mutex_lock(&walk->lock);
		}
		if (!helped && !dir->ready)
			(void)pthread_cond_wait(&walk->became_ready, &walk->lock);
	}
	order_uncount(walk, dir);
	(void)pthread_mutex_unlock(&walk->lock);
}

/* Goes to a directory. True: its entries are to be delivered now. Takes the node over. */
static bool order_enter(struct walk *walk, struct walk_dir *dir)
{
	if (!dir->ahead || pool_take(walk->pool, &dir->job, 0))
		order_open(walk, dir);
	else
		order_await(walk, dir);
	if (dir->batch != NULL && walk_dir_arrive(walk, dir, &dir->batch->opened, 0)) {
		order_read(walk, dir, 0);
		return true;
	}
	order_drop(walk, dir, 0);
	walk_dir_unref(walk, dir, 0);
	return false;
}

/*
 * Reads the metadata of an entry that was left for later. One that has become a directory
 * meanwhile is entered like those that were there from the start.
 */
static enum walk_kind order_resolve(struct walk *walk, struct walk_dir *dir, size_t at,
                                    struct walk_found *found)
{
	struct walk_item *item = &dir->batch->items.items[at];
	enum walk_kind kind;
	int fd;
	int r = walk_fd_pin(&walk->fds, dir, &fd);

	if (r < 0) {
		found->err = -r;
		return r == -ENOENT ? WALK_KIND_GONE : WALK_KIND_ERROR;
	}
	kind = walk_resolve(walk, dir, fd, found, true);
	if (order_is_dir(kind)) {
		item->kind = (unsigned char)kind;
		item->type = found->type;
		walk_fd_add_users(&walk->fds, dir, 1);
	}
	walk_fd_unpin(&walk->fds, dir, 0);
	return kind;
}

/* Delivers entry `at` of `dir`. False: it is a directory, to be entered. */
static bool order_leaf(struct walk *walk, struct walk_dir *dir, size_t at)
{
	struct walk_batch *batch = dir->batch;
	struct walk_found found;
	enum walk_kind kind = batch->items.items[at].kind;
	struct walk_entry entry = {
		.depth = dir->depth + 1,
		.root = dir->root,
		.dirfd = -1,
		.parent = dir,
		.walk = walk,
	};

	walk_batch_found(dir, at, &found);
	if (kind == WALK_KIND_LATER) {
		kind = order_resolve(walk, dir, at, &found);
	} else if (batch->stats != NULL && batch->stats[at].st_mode != 0) {
		found.st = batch->stats[at];
		found.have_st = true;
	}
	if (order_is_dir(kind))
		return false;
	walk_deliver(walk, &entry, &found, kind);
	return true;
}

static struct walk_dir *order_child(struct walk *walk, struct walk_dir *dir, size_t at)
{
	struct walk_item *item = &dir->batch->items.items[at];
	struct walk_dir *child = item->child;
	struct walk_found found;

	item->child = NULL;
	if (child == NULL) {
		walk_batch_found(dir, at, &found);
		child = walk_dir_new(walk, dir, &found);
	}
	return child;
}

/* All of dir's entries are delivered. Its parent. */
static struct walk_dir *order_leave(struct walk *walk, struct walk_dir *dir)
{
	struct walk_dir *parent = dir->parent;

	if (dir->batch->err != 0)
		walk_dir_read_error(walk, dir, dir->batch->err, 0);
	walk_dir_leave(walk, dir, 0);
	order_drop(walk, dir, 0);
	walk_dir_unref(walk, dir, 0);
	return parent;
}

void walk_order_root(struct walk *walk, struct walk_dir *root)
{
	struct walk_dir *dir = order_enter(walk, root) ? root : NULL;

	while (dir != NULL) {
		struct walk_batch *batch = dir->batch;
		struct walk_dir *child;
		size_t at;

		if (batch->next == batch->items.len || walk_is_stopped(walk)) {
			dir = order_leave(walk, dir);
			continue;
		}
		at = batch->next++;
		if (!order_is_dir(batch->items.items[at].kind) && order_leaf(walk, dir, at))
			continue;
		child = order_child(walk, dir, at);
		if (order_enter(walk, child))
			dir = child;
	}
	pool_drain(walk->pool);
}
