/* SPDX-License-Identifier: MIT */
/* The walk of --explain: every inode of one file system once, whatever is mounted over it. */
#include "explain.h"

#include "cli/progress.h"
#include "fs/inode_set.h"
#include "fs/mount_clone.h"
#include "fs/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { IN_SIGHT = 0 }; /* struct place: otherwise 1 + an index in `covered` */

/* In every directory: below which covered mount point it is. */
struct place {
	size_t covered;
};

/* One thread's sums; a cache line or more apart from those of the others. */
struct worker {
	struct share in_sight;
	struct share *covered; /* one for each mount point */
	uint64_t last_device;
	uint64_t untold; /* entries since the last look at the progress line */
	char padding[64];
};

struct explain_state {
	struct explanation *e;
	struct worker *workers;
	struct inode_set *links; /* inodes with more than one name */
	bool covers_files;       /* something is mounted on a file */
	const char *root;        /* what the walk calls the file system's root */
	struct progress *progress;
	atomic_uint_fast64_t told;
	pthread_mutex_t lock; /* of what is rare: e->unreadable, e->devices */
};

static int by_inode(const void *a, const void *b)
{
	const struct covered *x = a;
	const struct covered *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->device > y->device) - (x->device < y->device);
}

/* The index of the mount point this inode is under, or covered.len. */
static size_t find_covered(const struct explanation *e, const struct stat *st)
{
	size_t low = 0;
	size_t high = e->covered.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct covered *c = &e->covered.items[middle];

		if (c->inode == st->st_ino && c->device == st->st_dev)
			return middle;
		if (c->inode < st->st_ino || (c->inode == st->st_ino && c->device < st->st_dev))
			low = middle + 1;
		else
			high = middle;
	}
	return e->covered.len;
}

/* The path as people know it: the mount point in the place of the walk's root. */
static void note_unreadable(struct explain_state *s, const struct walk_entry *entry)
{
	struct explanation *e = s->e;
	struct strbuf path = { 0 };
	struct strbuf name = { 0 };
	const char *point = strcmp(e->mount->point, "/") == 0 ? "" : e->mount->point;

	walk_add_path(entry, &path);
	(void)pthread_mutex_lock(&s->lock);
	e->unreadable_count++;
	if (e->unreadable.len < EXPLAIN_NAMES_MAX) {
		const char *rest = strbuf_str(&path) + strlen(s->root);

		strbuf_add_str(&name, point);
		strbuf_add_str(&name, *rest != '\0' || *point != '\0' ? rest : "/");
		vec_push(&e->unreadable, strbuf_detach(&name));
	}
	(void)pthread_mutex_unlock(&s->lock);
	strbuf_release(&path);
	strbuf_release(&name);
}

/* btrfs gives each subvolume a device number; there are few, and runs of the same. */
static void note_device(struct explain_state *s, struct worker *worker, uint64_t device)
{
	if (worker->last_device == device)
		return;
	worker->last_device = device;
	(void)pthread_mutex_lock(&s->lock);
	fs_devices_add(&s->e->devices, device);
	(void)pthread_mutex_unlock(&s->lock);
}

static void add_to(struct share *share, const struct stat *st)
{
	share->disk_bytes += (uint64_t)st->st_blocks * 512;
	share->count++;
}

/* Once a directory: what it costs does not show. */
static void tell_progress(struct explain_state *s, struct worker *worker)
{
	uint64_t told = atomic_fetch_add(&s->told, worker->untold) + worker->untold;

	worker->untold = 0;
	progress_tick(s->progress, told, s->e->space.inodes_used, NULL);
}

/* Runs on all workers at once. */
static enum walk_action visit(const struct walk_entry *entry, void *user)
{
	struct explain_state *s = user;
	struct worker *worker = &s->workers[entry->worker];
	const struct stat *st = entry->st;
	const struct place *parent = entry->parent != NULL ? walk_dir_data(entry->parent) : NULL;
	size_t covered = parent != NULL ? parent->covered : IN_SIGHT;
	size_t own = covered;

	if (entry->event == WALK_ERROR)
		note_unreadable(s, entry);
	if (entry->event != WALK_ENTER || st == NULL)
		return WALK_CONTINUE;
	worker->untold++;
	if (covered == IN_SIGHT && (S_ISDIR(st->st_mode) || s->covers_files)) {
		size_t found = find_covered(s->e, st);

		if (found < s->e->covered.len)
			own = 1 + found;
	}
	if (S_ISDIR(st->st_mode)) {
		tell_progress(s, worker);
		note_device(s, worker, st->st_dev);
		/* The directory itself is no loss: only what is in it is out of sight. */
		if (entry->dir != NULL)
			((struct place *)walk_dir_data(entry->dir))->covered = own;
	} else {
		if (st->st_nlink > 1 && !inode_set_add(s->links, st->st_dev, st->st_ino))
			return WALK_CONTINUE;
		covered = own;
	}
	add_to(covered == IN_SIGHT ? &worker->in_sight : &worker->covered[covered - 1], st);
	return WALK_CONTINUE;
}

/* The mounts that sit on this mount's tree, whether they can be seen through or not. */
static void find_mount_points(struct explanation *e, const struct mounts *m)
{
	for (const struct mount *at = NULL;
	     (at = mounts_next_below(m, e->mount->point, at)) != NULL;)
		if (at->parent == e->mount->id)
			vec_push(&e->covered, (struct covered){ .mount = at });
}

/* Which inodes are under the mount points, through a copy without mounts. */
static void stat_mount_points(struct explain_state *s, int clone)
{
	struct explanation *e = s->e;
	size_t skip = strcmp(e->mount->point, "/") == 0 ? 0 : strlen(e->mount->point);

	for (size_t i = 0; i < e->covered.len; i++) {
		struct covered *c = &e->covered.items[i];
		const char *relative = c->mount->point + skip + 1;
		struct stat st;

		if (fstatat(clone, relative, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		c->device = st.st_dev;
		c->inode = st.st_ino;
		s->covers_files = s->covers_files || !S_ISDIR(st.st_mode);
	}
	if (e->covered.len > 1)
		qsort(e->covered.items, e->covered.len, sizeof(e->covered.items[0]), by_inode);
}

static void gather(struct explain_state *s, unsigned workers)
{
	struct explanation *e = s->e;

	for (unsigned w = 0; w < workers; w++) {
		const struct worker *worker = &s->workers[w];

		e->files.disk_bytes += worker->in_sight.disk_bytes;
		e->files.count += worker->in_sight.count;
		for (size_t i = 0; i < e->covered.len; i++) {
			struct share *share = &e->covered.items[i].share;

			share->disk_bytes += worker->covered[i].disk_bytes;
			share->count += worker->covered[i].count;
		}
	}
	for (size_t i = 0; i < e->covered.len; i++)
		e->hidden.disk_bytes += e->covered.items[i].share.disk_bytes;
	e->hidden.count = e->covered.len;
	e->files.examined = e->unreadable_count == 0;
}

static int run_walk(struct explain_state *s, const struct walk_opts *opts)
{
	const unsigned workers = walk_workers_max(opts);
	struct walk_opts bounded = *opts;
	char *root = mem_strdup(s->root);
	char *roots[] = { root, NULL };
	int r;

	s->workers = mem_alloc_zeroed(workers * sizeof(struct worker));
	for (unsigned w = 0; w < workers; w++) {
		s->workers[w].covered = mem_alloc_zeroed(s->e->covered.len * sizeof(struct share));
		s->workers[w].last_device = UINT64_MAX;
	}
	s->links = inode_set_new(true);
	(void)pthread_mutex_init(&s->lock, NULL);
	bounded.workers = workers;
	r = walk(roots, &bounded, visit, s, NULL);
	if (r == 0)
		gather(s, workers);
	(void)pthread_mutex_destroy(&s->lock);
	s->links = inode_set_free(s->links);
	for (unsigned w = 0; w < workers; w++)
		free(s->workers[w].covered);
	free(s->workers);
	free(root);
	return r;
}

int explain_walk(struct explanation *e, const struct mounts *m, unsigned threads)
{
	const struct progress_opts watch = {
		.when = PROGRESS_AUTO, .fd = STDERR_FILENO, .program = "disk-usage", .unit = "files"
	};
	AUTO_FREE(progress) struct progress *progress = progress_new(&watch);
	struct explain_state s = { .e = e, .root = e->mount->point, .progress = progress };
	struct walk_opts opts = {
		.order = WALK_UNORDERED,
		.stat = true,
		.max_depth = WALK_DEPTH_ANY,
		.threads = threads,
		.dir_data_size = sizeof(struct place),
	};
	char through_clone[64];
	AUTO_CLOSE int clone = mount_clone(e->mount->point);

	find_mount_points(e, m);
	if (clone >= 0) {
		/* The copy is reached through its descriptor; nothing is mounted in it. */
		(void)snprintf(through_clone, sizeof(through_clone), "/proc/self/fd/%d", clone);
		s.root = through_clone;
		opts.follow = WALK_FOLLOW_ROOTS;
		stat_mount_points(&s, clone);
		e->hidden.examined = true;
	} else {
		opts.one_file_system = true;
		e->hidden.examined = e->covered.len == 0;
	}
	return run_walk(&s, &opts);
}
