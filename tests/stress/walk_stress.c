/* SPDX-License-Identifier: MIT */
/* The walker on many threads, over a tree that stays and over one that is renamed and deleted. */
#include "fs/walk.h"

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

enum { DIRS = 300, FILES = 6, ROUNDS = 8 };

struct counts {
	atomic_uint entered;
	atomic_uint dirs;
	atomic_uint left;
	atomic_uint errors;
	unsigned stop_after; /* 0: never */
};

/* "<top>/<i>/<i>": every directory has two below it, down to a few levels. */
static unsigned make_tree(int at, const char *name, unsigned number)
{
	unsigned made = 1;
	char child[32];
	int fd;

	assert(mkdirat(at, name, 0755) == 0);
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert(fd >= 0);
	for (unsigned i = 0; i < FILES; i++) {
		(void)snprintf(child, sizeof(child), "f%u", i);
		assert(close(openat(fd, child, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) == 0);
	}
	for (unsigned i = 2 * number; i <= 2 * number + 1 && i < DIRS; i++) {
		(void)snprintf(child, sizeof(child), "%u", i);
		made += make_tree(fd, child, i);
	}
	(void)close(fd);
	return made;
}

static enum walk_action count(const struct walk_entry *entry, void *user)
{
	struct counts *counts = user;
	atomic_uint *left = entry->dir != NULL ? walk_dir_data(entry->dir) : NULL;
	unsigned n = 0;

	if (entry->parent != NULL)
		assert(atomic_load((atomic_uint *)walk_dir_data(entry->parent)) == 0);
	if (entry->event == WALK_ENTER)
		n = atomic_fetch_add(&counts->entered, 1) + 1;
	if (entry->event == WALK_ENTER && entry->dir != NULL)
		atomic_fetch_add(&counts->dirs, 1);
	if (entry->event == WALK_LEAVE) {
		assert(atomic_fetch_add(left, 1) == 0);
		atomic_fetch_add(&counts->left, 1);
	}
	if (entry->event == WALK_ERROR)
		atomic_fetch_add(&counts->errors, 1);
	return n != 0 && n == counts->stop_after ? WALK_STOP : WALK_CONTINUE;
}

/* Removes files where they are found and directories when they are left. */
static enum walk_action remove_visit(const struct walk_entry *entry, void *user)
{
	struct strbuf path = { 0 };
	int r = 0;

	(void)user;
	if (entry->event == WALK_LEAVE) {
		walk_add_path(entry, &path);
		r = rmdir(strbuf_str(&path));
		strbuf_release(&path);
	} else if (entry->event == WALK_ENTER && entry->dir == NULL) {
		r = unlinkat(entry->dirfd, entry->name, 0);
	}
	assert(r == 0);
	return WALK_CONTINUE;
}

static bool remove_tree(char *top)
{
	char *roots[] = { top, NULL };
	struct walk_opts opts = { .threads = 4, .max_depth = WALK_DEPTH_ANY };

	return walk(roots, &opts, remove_visit, NULL, NULL) == 0;
}

static struct walk_result walk_counted(char *top, unsigned way, struct counts *counts)
{
	char *roots[] = { top, NULL };
	struct walk_opts opts = {
		.order = (enum walk_order)(way % 3),
		.threads = 1 + way % 8,
		.stat = way % 2 == 0,
		.max_depth = WALK_DEPTH_ANY,
		.dir_data_size = sizeof(atomic_uint),
	};
	struct walk_result result;

	assert(walk(roots, &opts, count, counts, &result) == 0);
	return result;
}

/* Renames two subtrees to and fro until told to end. */
struct mover {
	int at;
	atomic_bool end;
};

static void *move_about(void *arg)
{
	struct mover *mover = arg;

	while (!atomic_load(&mover->end)) {
		(void)renameat(mover->at, "2", mover->at, "away");
		(void)renameat(mover->at, "away", mover->at, "3/2");
		(void)renameat(mover->at, "3/2", mover->at, "2");
		(void)unlinkat(mover->at, "f0", 0);
		(void)close(openat(mover->at, "f0", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	}
	return NULL;
}

static void walk_moving(char *top)
{
	struct mover mover = { .at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	pthread_t thread;

	assert(mover.at >= 0);
	assert(pthread_create(&thread, NULL, move_about, &mover) == 0);
	for (unsigned way = 0; way < 4 * ROUNDS; way++) {
		struct counts counts = { .stop_after = way % 5 == 4 ? 300 : 0 };
		struct walk_result result = walk_counted(top, way, &counts);

		assert(result.stopped || atomic_load(&counts.left) == atomic_load(&counts.dirs));
		assert(atomic_load(&counts.errors) == 0);
	}
	atomic_store(&mover.end, true);
	assert(pthread_join(thread, NULL) == 0);
	/* Wherever the last rename left it. */
	(void)renameat(mover.at, "away", mover.at, "2");
	(void)close(mover.at);
}

int main(void)
{
	char top[] = "/tmp/dutybox-walk-stress.XXXXXX";
	char tree[64];
	unsigned dirs;

	assert(mkdtemp(top) != NULL);
	(void)snprintf(tree, sizeof(tree), "%s/tree", top);
	dirs = make_tree(AT_FDCWD, tree, 1);
	for (unsigned way = 0; way < 3 * ROUNDS; way++) {
		struct counts counts = { 0 };
		struct walk_result result = walk_counted(tree, way, &counts);

		assert(!result.stopped && result.vanished == 0);
		assert(atomic_load(&counts.errors) == 0);
		assert(atomic_load(&counts.dirs) == dirs);
		assert(atomic_load(&counts.left) == dirs);
		assert(atomic_load(&counts.entered) == dirs * (1 + FILES));
	}
	for (unsigned way = 0; way < 3 * ROUNDS; way++) {
		struct counts counts = { .stop_after = 90 * (1 + way) };

		assert(walk_counted(tree, way, &counts).stopped ==
		       (counts.stop_after <= dirs * (1 + FILES)));
	}
	walk_moving(tree);
	assert(remove_tree(tree));
	assert(rmdir(top) == 0);
	return 0;
}
