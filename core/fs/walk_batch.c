/* SPDX-License-Identifier: MIT */
#include "fs/walk_private.h"

#include <errno.h>
#include <sys/vfs.h>

enum {
	WALK_SEGMENT = 100000, /* entries fts reads, and sorts, at a time */
	WALK_SORT_MIN = 10000, /* fts sorts more than these by inode */
	WALK_STAT_MAX = 4096,  /* larger directories are not held in memory with their metadata */
};

/* On these file systems inode order gains nothing, and fts leaves it. */
enum { WALK_FS_TMPFS = 0x01021994, WALK_FS_NFS = 0x6969 };
#define WALK_FS_CIFS 0xff534d42U

struct walk_batch *walk_batch_free(struct walk_batch *batch)
{
	if (batch == NULL)
		return NULL;
	vec_release(&batch->items);
	strbuf_release(&batch->names);
	free(batch->stats);
	free(batch);
	return NULL;
}

static int compare_inodes(const void *a, const void *b)
{
	const struct walk_item *x = a;
	const struct walk_item *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name; /* as they were read */
}

static int compare_names(const void *a, const void *b, void *names)
{
	const struct walk_item *x = a;
	const struct walk_item *y = b;
	const char *base = names;

	return strcmp(base + x->name, base + y->name);
}

static bool sorts_by_inode(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return true;
	/* Only the low 32 bits of a magic number are defined. */
	switch ((uint32_t)fs.f_type) {
	case WALK_FS_TMPFS:
	case WALK_FS_NFS:
	case WALK_FS_CIFS:
		return false;
	default:
		return true;
	}
}

/* The items from `first` on are what fts would have read at one time. */
static void batch_sort_segment(struct walk_batch *batch, size_t first, int fd)
{
	size_t n = batch->items.len - first;

	if (n > WALK_SORT_MIN && sorts_by_inode(fd))
		qsort(batch->items.items + first, n, sizeof(struct walk_item), compare_inodes);
}

static void batch_add(struct walk_batch *batch, const struct dirent64 *d, size_t len)
{
	if (batch->names.len > UINT32_MAX - len - 1)
		mem_exhausted();
	vec_push(&batch->items, (struct walk_item){ .ino = d->d_ino,
	                                            .name = (uint32_t)batch->names.len,
	                                            .type = d->d_type });
	strbuf_add(&batch->names, d->d_name, len + 1);
}

static void batch_list(struct walk *walk, struct walk_dir *dir, int fd, unsigned worker)
{
	struct walk_batch *batch = dir->batch;
	struct walk_entry entry = {
		.event = WALK_ENTER,
		.depth = dir->depth + 1,
		.root = dir->root,
		.worker = worker,
		.dirfd = fd,
		.parent = dir,
		.walk = walk,
	};
	bool as_fts = walk->opts->order == WALK_READDIR;
	struct walk_names names;
	const struct dirent64 *d;
	size_t segment = 0;

	walk_names_init(&names, &walk->workers[worker], fd);
	while (!walk_is_stopped(walk) && (d = walk_names_next(&names)) != NULL) {
		entry.name = d->d_name;
		entry.name_len = strlen(d->d_name);
		entry.type = d->d_type;
		if (!walk_is_wanted(walk, &entry))
			continue;
		batch_add(batch, d, entry.name_len);
		if (as_fts && batch->items.len - segment == WALK_SEGMENT) {
			batch_sort_segment(batch, segment, fd);
			segment = batch->items.len;
		}
	}
	batch->err = names.err;
	if (as_fts)
		batch_sort_segment(batch, segment, fd);
	else if (batch->items.len > 1)
		qsort_r(batch->items.items, batch->items.len, sizeof(struct walk_item),
		        compare_names, batch->names.data);
}

void walk_batch_found(const struct walk_dir *dir, size_t at, struct walk_found *ret)
{
	const struct walk_batch *batch = dir->batch;
	const struct walk_item *item = &batch->items.items[at];

	ret->name = batch->names.data + item->name;
	ret->name_len = strlen(ret->name);
	ret->root = dir->root;
	ret->type = item->type;
	ret->err = item->err;
	ret->have_st = false;
	ret->follow = item->kind == WALK_KIND_LINKED;
}

/* Reads what is needed about item `at`. True: a directory. */
static bool batch_resolve(struct walk *walk, struct walk_dir *dir, int fd, size_t at)
{
	struct walk_batch *batch = dir->batch;
	struct walk_item *item = &batch->items.items[at];
	struct walk_found found;
	bool keep = batch->stats != NULL;

	walk_batch_found(dir, at, &found);
	item->child = NULL;
	item->kind = (unsigned char)walk_resolve(walk, dir, fd, &found, keep);
	item->type = found.type;
	if (item->kind == WALK_KIND_ERROR && found.have_st && !keep && walk->opts->stat)
		item->kind = WALK_KIND_LATER; /* its metadata would be lost */
	if (item->kind == WALK_KIND_ERROR)
		item->err = (uint16_t)found.err;
	if (keep) {
		batch->stats[at].st_nlink = 0;
		batch->stats[at].st_mode = 0;
		if (found.have_st)
			batch->stats[at] = found.st;
	}
	return item->kind == WALK_KIND_DIR || item->kind == WALK_KIND_LINKED;
}

void walk_batch_read(struct walk *walk, struct walk_dir *dir, int fd, unsigned worker,
                     struct pool_list *list)
{
	struct walk_batch *batch = dir->batch;
	unsigned users = 0;
	bool later;

	batch_list(walk, dir, fd, worker);
	later = walk->opts->stat && batch->items.len > WALK_STAT_MAX;
	if (walk->opts->stat && !later)
		batch->stats = mem_alloc_array(batch->items.len, sizeof(batch->stats[0]));
	for (size_t i = 0; i < batch->items.len; i++) {
		if (walk_is_stopped(walk)) {
			batch->items.len = i;
			break;
		}
		if (!batch_resolve(walk, dir, fd, i))
			continue;
		users++;
		if (list != NULL) {
			struct walk_found found;
			struct walk_dir *child;

			walk_batch_found(dir, i, &found);
			child = walk_dir_new(walk, dir, &found);
			child->ahead = true;
			batch->items.items[i].child = child;
			pool_list_add(list, &child->job);
		}
	}
	walk_fd_add_users(&walk->fds, dir, users + (later ? 1 : 0));
}
