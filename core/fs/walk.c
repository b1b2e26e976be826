/* SPDX-License-Identifier: MIT */
#include "fs/walk_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/resource.h>

enum {
	WALK_FDS_MIN = 4,
	WALK_FDS_MAX = 256,
	WALK_FDS_EACH = 8,       /* for a thread: parent, itself, and some to come back to */
	WALK_THREADS_DISK = 8,   /* more did not help a cold disk */
	WALK_ROOTS_WAITING = 64, /* root directories queued before some are worked off */
};

unsigned walk_fd_budget(void)
{
	struct rlimit limit = { 0 };
	rlim_t n;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return WALK_FDS_MIN;
	n = limit.rlim_cur / 2;
	if (n > WALK_FDS_MAX)
		return WALK_FDS_MAX;
	return n > WALK_FDS_MIN ? (unsigned)n : WALK_FDS_MIN;
}

unsigned walk_workers_max(const struct walk_opts *opts)
{
	unsigned possible = walk_fd_budget() / WALK_FDS_EACH;
	unsigned n = opts->threads;

	if (n == 0) {
		n = pool_cpus();
		n = n > WALK_THREADS_DISK ? n : WALK_THREADS_DISK;
	}
	n = n < possible ? n : possible;
	/* The limit may have been raised since, by another process even: prlimit(2). */
	if (opts->workers != 0 && n > opts->workers)
		n = opts->workers;
	return n > 1 ? n : 1; /* the calling thread is there at any limit */
}

int walk_stat(const struct walk_entry *entry, struct stat *ret)
{
	struct walk *walk = entry->walk;
	bool follow = walk->opts->follow == WALK_FOLLOW_ALWAYS ||
	              (walk->opts->follow == WALK_FOLLOW_ROOTS && entry->parent == NULL);
	bool own_st = false;
	struct stat st;
	int dirfd = entry->dirfd;
	int err;

	if (entry->st != NULL && entry->event != WALK_ERROR) {
		*ret = *entry->st;
		return 0;
	}
	if (dirfd == -1) {
		int r = walk_fd_pin(&walk->fds, entry->parent, &dirfd);

		if (r < 0)
			return r;
	}
	err = walk_stat_at(dirfd, entry->name, follow, &st, &own_st);
	if (entry->dirfd == -1)
		walk_fd_unpin(&walk->fds, entry->parent, 0);
	if (err == 0)
		*ret = st;
	return -err;
}

static void unordered_flush(struct walk *walk, struct walk_dir *dir, struct pool_list *list)
{
	if (list->len == 0)
		return;
	walk_fd_add_users(&walk->fds, dir, (unsigned)list->len);
	pool_add(walk->pool, list);
}

static void unordered_read(struct walk *walk, struct walk_dir *dir, int fd, unsigned worker)
{
	struct walk_entry entry = {
		.depth = dir->depth + 1,
		.root = dir->root,
		.worker = worker,
		.dirfd = fd,
		.parent = dir,
		.walk = walk,
	};
	struct pool_list list = { 0 };
	struct walk_found found;
	struct walk_names names;
	const struct dirent64 *d;

	walk_names_init(&names, &walk->workers[worker], fd);
	while (!walk_is_stopped(walk) && (d = walk_names_next(&names)) != NULL) {
		enum walk_kind kind;

		entry.event = WALK_ENTER;
		entry.name = found.name = d->d_name;
		entry.name_len = found.name_len = strlen(d->d_name);
		entry.type = found.type = d->d_type;
		entry.st = NULL;
		if (!walk_is_wanted(walk, &entry))
			continue;
		found.root = dir->root;
		found.have_st = false;
		kind = walk_resolve(walk, dir, fd, &found, true);
		found.follow = kind == WALK_KIND_LINKED;
		if (kind == WALK_KIND_DIR || kind == WALK_KIND_LINKED)
			pool_list_add(&list, &walk_dir_new(walk, dir, &found)->job);
		else
			walk_deliver(walk, &entry, &found, kind);
		if (names.at == names.len)
			unordered_flush(walk, dir, &list);
	}
	unordered_flush(walk, dir, &list);
	if (names.err != 0)
		walk_dir_read_error(walk, dir, names.err, worker);
}

/* A directory of the unordered walk, from its opening to the end of its own entries. */
static void unordered_job(struct pool_job *job, unsigned worker, void *user)
{
	struct walk *walk = user;
	struct walk_dir *dir = (struct walk_dir *)(void *)job;
	struct walk_opened opened;

	if (!walk_is_stopped(walk)) {
		bool entered;

		walk_dir_open(walk, dir, &opened);
		entered = walk_dir_arrive(walk, dir, &opened, worker);
		walk_dir_opened(walk, dir, &opened);
		if (opened.fd >= 0) {
			walk_fd_adopt(&walk->fds, dir, opened.fd);
			if (entered && walk_dir_descend(walk, dir, opened.fd, worker))
				unordered_read(walk, dir, opened.fd, worker);
			walk_fd_unpin(&walk->fds, dir, 1);
		}
	}
	walk_dir_unref(walk, dir, worker);
}

/* Of several trailing slashes one stays, as GNU's tools print operands; "//" is its own. */
static size_t root_name_len(const char *operand)
{
	size_t len = strlen(operand);

	if (len > 2) {
		while (len > 1 && operand[len - 1] == '/' && operand[len - 2] == '/')
			len--;
	}
	return len;
}

static void walk_root(struct walk *walk, const char *operand, unsigned root)
{
	AUTO_FREE_STR char *name = mem_strndup(operand, root_name_len(operand));
	struct walk_found found = { .name = name, .name_len = strlen(name), .root = root };
	struct walk_entry entry = { .root = root, .dirfd = AT_FDCWD, .walk = walk };
	struct pool_list list = { 0 };
	struct walk_dir *dir;
	bool own_st = false;

	found.follow = walk->opts->follow != WALK_FOLLOW_NEVER;
	found.err = walk_stat_at(AT_FDCWD, name, found.follow, &found.st, &own_st);
	found.have_st = found.err == 0 || own_st;
	found.type = found.have_st ? (unsigned char)IFTODT(found.st.st_mode) : DT_UNKNOWN;
	if (found.err != 0) {
		walk_deliver(walk, &entry, &found, WALK_KIND_ERROR);
	} else if (found.type != DT_DIR || walk->opts->max_depth == 0) {
		walk_deliver(walk, &entry, &found, WALK_KIND_LEAF);
	} else {
		dir = walk_dir_new(walk, NULL, &found);
		if (walk->opts->order != WALK_UNORDERED) {
			walk_order_root(walk, dir);
			return;
		}
		pool_list_add(&list, &dir->job);
		pool_add(walk->pool, &list);
	}
}

static void walk_roots(struct walk *walk, char *const *roots)
{
	for (unsigned i = 0; roots[i] != NULL && !walk_is_stopped(walk); i++) {
		walk_root(walk, roots[i], i);
		while (pool_queued(walk->pool) > WALK_ROOTS_WAITING && pool_help(walk->pool))
			;
	}
	if (walk->opts->order == WALK_UNORDERED)
		pool_drain(walk->pool);
}

int walk(char *const *roots, const struct walk_opts *opts, walk_visit *visit, void *user,
         struct walk_result *ret)
{
	struct walk walk = { .opts = opts, .visit = visit, .user = user };
	struct walk_result result = { 0 };
	unsigned busy;

	walk.threads = walk_workers_max(opts);
	busy = opts->threads != 0 ? opts->threads : pool_cpus();
	walk.workers =
		aligned_alloc(_Alignof(struct walk_worker), walk.threads * sizeof(walk.workers[0]));
	if (walk.workers == NULL)
		mem_exhausted();
	memset(walk.workers, 0, walk.threads * sizeof(walk.workers[0]));
	walk_fds_init(&walk.fds, walk_fd_budget());
	(void)pthread_mutex_init(&walk.lock, NULL);
	(void)pthread_cond_init(&walk.became_ready, NULL);
	walk.pool = pool_new(busy, walk.threads,
	                     opts->order == WALK_UNORDERED ? unordered_job : walk_order_job, &walk);
	walk_roots(&walk, roots);
	walk.pool = pool_free(walk.pool);
	(void)pthread_cond_destroy(&walk.became_ready);
	(void)pthread_mutex_destroy(&walk.lock);
	(void)pthread_mutex_destroy(&walk.fds.lock);
	for (unsigned i = 0; i < walk.threads; i++) {
		result.vanished += walk.workers[i].vanished;
		free(walk.workers[i].buffer);
	}
	free(walk.workers);
	result.stopped = walk_is_stopped(&walk);
	if (ret != NULL)
		*ret = result;
	return 0;
}
