/* SPDX-License-Identifier: MIT */
#include "fs/same_dirs.h"

#include "base/mem.h"
#include "base/num.h"
#include "fs/link_target.h"
#include "fs/same_dirs_private.h"

#include <dirent.h>

enum { FLAG_SKIP = 1 << 1 }; /* of a file's record: it is in no directory that may be equal */

struct same_dirs *same_dirs_new(void)
{
	struct same_dirs *d = mem_alloc_zeroed(sizeof(*d));

	(void)pthread_mutex_init(&d->lock, NULL);
	return d;
}

struct same_dirs *same_dirs_free(struct same_dirs *d)
{
	if (d == NULL)
		return NULL;
	vec_release(&d->dirs);
	vec_release(&d->others);
	vec_release(&d->unread);
	strbuf_release(&d->names);
	same_result_release(&d->files);
	free(d->index);
	free(d->children);
	free(d->order);
	free(d->group_of);
	free(d->member_of);
	(void)pthread_mutex_destroy(&d->lock);
	free(d);
	return NULL;
}

/* Offsets are 32 bits: 4 GiB of names of directories and links. */
static uint32_t keep(struct same_dirs *d, const void *bytes, size_t len)
{
	size_t at = d->names.len;

	if (at > UINT32_MAX - len - 1)
		mem_exhausted();
	strbuf_add(&d->names, bytes, len);
	strbuf_add(&d->names, "", 1);
	return (uint32_t)at;
}

/* What makes two of a kind equal: the target of a link, the number of a device. */
static bool add_payload(const struct file_scan_other *o, struct strbuf *ret)
{
	strbuf_add_char(ret, (char)o->type);
	if (o->type == DT_LNK)
		return link_target(o->dirfd, o->name, ret) == 0;
	if (o->type == DT_CHR || o->type == DT_BLK)
		strbuf_add_u64(ret, o->st->st_rdev);
	return true;
}

static void add_dir(struct same_dirs *d, const struct file_scan_other *o)
{
	struct same_dir dir = { .number = o->dir, .up = o->parent, .root = o->root };

	if (o->st != NULL)
		dir.st = *o->st;
	(void)pthread_mutex_lock(&d->lock);
	dir.name = keep(d, o->name, o->len);
	vec_push(&d->dirs, dir);
	(void)pthread_mutex_unlock(&d->lock);
}

static void add_unread(struct same_dirs *d, uint32_t number)
{
	(void)pthread_mutex_lock(&d->lock);
	vec_push(&d->unread, number);
	(void)pthread_mutex_unlock(&d->lock);
}

void same_dirs_met(const struct file_scan_other *o, struct same_dirs *d)
{
	AUTO_RELEASE_STRBUF struct strbuf payload = { 0 };

	if (o->unread) {
		add_unread(d, o->dir != FILE_LIST_NONE ? o->dir : o->parent);
	} else if (o->dir != FILE_LIST_NONE) {
		add_dir(d, o);
	} else if (o->parent == FILE_LIST_NONE) {
		return; /* an operand is in no directory */
	} else if (o->st == NULL || !add_payload(o, &payload)) {
		add_unread(d, o->parent);
	} else {
		struct same_other other = { .up = o->parent, .payload_len = (uint32_t)payload.len };

		(void)pthread_mutex_lock(&d->lock);
		other.name = keep(d, o->name, o->len);
		other.payload = keep(d, payload.data, payload.len);
		vec_push(&d->others, other);
		(void)pthread_mutex_unlock(&d->lock);
	}
}

uint32_t same_dirs_index(const struct same_dirs *d, uint32_t number)
{
	return number < d->index_len ? d->index[number] : SAME_DIRS_NONE;
}

const char *same_dirs_child_name(const struct same_dirs *d, const struct same_child *c)
{
	switch (c->kind) {
	case SAME_CHILD_FILE:
		return file_list_name(d->list, c->ref);
	case SAME_CHILD_DIR:
		return d->names.data + d->dirs.items[c->ref].name;
	case SAME_CHILD_OTHER:
		break;
	}
	return d->names.data + d->others.items[c->ref].name;
}

static void make_index(struct same_dirs *d)
{
	for (size_t i = 0; i < d->dirs.len; i++)
		if (d->dirs.items[i].number >= d->index_len)
			d->index_len = (size_t)d->dirs.items[i].number + 1;
	d->index = mem_alloc_array(d->index_len + 1, sizeof(*d->index));
	memset(d->index, 0xff, d->index_len * sizeof(*d->index));
	for (size_t i = 0; i < d->dirs.len; i++)
		d->index[d->dirs.items[i].number] = (uint32_t)i;
	for (size_t i = 0; i < d->dirs.len; i++)
		d->dirs.items[i].up = same_dirs_index(d, d->dirs.items[i].up);
	for (size_t i = 0; i < d->others.len; i++)
		d->others.items[i].up = same_dirs_index(d, d->others.items[i].up);
	for (size_t i = 0; i < d->unread.len; i++) {
		uint32_t at = same_dirs_index(d, d->unread.items[i]);

		if (at != SAME_DIRS_NONE)
			d->dirs.items[at].failed = true;
	}
}

static void count_child(struct same_dirs *d, uint32_t up)
{
	if (up == SAME_DIRS_NONE)
		return;
	d->dirs.items[up].len++;
	d->children_len++;
}

static void put_child(struct same_dirs *d, uint32_t up, uint32_t ref, enum same_child_kind kind)
{
	struct same_dir *dir;

	if (up == SAME_DIRS_NONE)
		return;
	dir = &d->dirs.items[up];
	d->children[dir->first + dir->len++] = (struct same_child){ ref, kind };
}

static void count_file(uint32_t file, void *user)
{
	struct same_dirs *d = user;

	count_child(d, same_dirs_index(d, file_list_at(d->list, file)->dir));
}

static void put_file(uint32_t file, void *user)
{
	struct same_dirs *d = user;

	put_child(d, same_dirs_index(d, file_list_at(d->list, file)->dir), file, SAME_CHILD_FILE);
}

/* All children of a directory side by side. */
static void make_children(struct same_dirs *d)
{
	uint32_t first = 0;

	for (size_t i = 0; i < d->dirs.len; i++)
		count_child(d, d->dirs.items[i].up);
	for (size_t i = 0; i < d->others.len; i++)
		count_child(d, d->others.items[i].up);
	file_list_each(d->list, count_file, d);
	d->children = mem_alloc_array(d->children_len + 1, sizeof(*d->children));
	for (size_t i = 0; i < d->dirs.len; i++) {
		struct same_dir *dir = &d->dirs.items[i];

		dir->first = first;
		first += dir->len;
		dir->len = 0;
	}
	for (size_t i = 0; i < d->dirs.len; i++)
		put_child(d, d->dirs.items[i].up, (uint32_t)i, SAME_CHILD_DIR);
	for (size_t i = 0; i < d->others.len; i++)
		put_child(d, d->others.items[i].up, (uint32_t)i, SAME_CHILD_OTHER);
	file_list_each(d->list, put_file, d);
}

static int compare_children(const void *a, const void *b, void *user)
{
	return strcmp(same_dirs_child_name(user, a), same_dirs_child_name(user, b));
}

static int compare_depths(const void *a, const void *b, void *user)
{
	const struct same_dirs *d = user;
	uint32_t x = d->dirs.items[*(const uint32_t *)a].depth;
	uint32_t y = d->dirs.items[*(const uint32_t *)b].depth;

	return x > y ? -1 : x < y;
}

/* Deepest first: all below a directory comes before it. */
static void make_order(struct same_dirs *d)
{
	d->order = mem_alloc_array(d->dirs.len + 1, sizeof(*d->order));
	for (size_t i = 0; i < d->dirs.len; i++) {
		struct same_dir *dir = &d->dirs.items[i];

		d->order[i] = (uint32_t)i;
		for (uint32_t up = dir->up; up != SAME_DIRS_NONE; up = d->dirs.items[up].up)
			dir->depth++;
		if (dir->len > 1)
			qsort_r(d->children + dir->first, dir->len, sizeof(*d->children),
			        compare_children, d);
	}
	if (d->dirs.len > 1)
		qsort_r(d->order, d->dirs.len, sizeof(*d->order), compare_depths, d);
}

void same_dirs_build(struct same_dirs *d, struct file_list *list)
{
	d->list = list;
	make_index(d);
	make_children(d);
	make_order(d);
}

/* What a child adds to its directory's digest beside its name. By size, or by what was found. */
static void digest_child(const struct same_dirs *d, struct same_dir *dir,
                         const struct same_child *c, struct hash *h, bool by_content)
{
	const char *name = same_dirs_child_name(d, c);
	char kind = (char)c->kind;
	uint64_t value;

	hash_update(h, &kind, 1);
	hash_update(h, name, strlen(name) + 1);
	if (c->kind == SAME_CHILD_DIR) {
		const struct same_dir *child = &d->dirs.items[c->ref];

		dir->failed = dir->failed || child->failed;
		dir->height = child->height + 1 > dir->height ? child->height + 1 : dir->height;
		dir->bytes = num_add_sat(dir->bytes, child->bytes, NULL);
		hash_update(h, child->digest, sizeof(child->digest));
	} else if (c->kind == SAME_CHILD_OTHER) {
		const struct same_other *other = &d->others.items[c->ref];

		value = other->payload_len;
		hash_update(h, &value, sizeof(value));
		hash_update(h, d->names.data + other->payload, other->payload_len);
	} else {
		uint64_t size = file_list_at(d->list, c->ref)->size;

		value = by_content ? d->group_of[c->ref] : size;
		/* Without an equal one, for whatever reason. */
		dir->failed = dir->failed || (by_content && value == 0);
		dir->bytes = num_add_sat(dir->bytes, size, NULL);
		hash_update(h, &value, sizeof(value));
	}
}

static void make_digests(struct same_dirs *d, bool by_content)
{
	AUTO_FREE(hash) struct hash *h = hash_new(HASH_BLAKE2B);
	unsigned char digest[HASH_SIZE_MAX];

	for (size_t i = 0; i < d->dirs.len; i++) {
		struct same_dir *dir = &d->dirs.items[d->order[i]];

		dir->bytes = 0;
		dir->height = 0;
		for (size_t c = 0; c < dir->len; c++)
			digest_child(d, dir, &d->children[dir->first + c], h, by_content);
		(void)hash_finish(h, digest);
		memcpy(dir->digest, digest, sizeof(dir->digest));
	}
}

int same_dirs_compare(const void *a, const void *b, void *dirs)
{
	const struct same_dirs *d = dirs;
	const struct same_dir *x = &d->dirs.items[*(const uint32_t *)a];
	const struct same_dir *y = &d->dirs.items[*(const uint32_t *)b];

	if (x->failed != y->failed)
		return x->failed - y->failed;
	return memcmp(x->digest, y->digest, sizeof(x->digest));
}

bool same_dirs_equal(const struct same_dirs *d, uint32_t a, uint32_t b)
{
	const struct same_dir *x = &d->dirs.items[a];
	const struct same_dir *y = &d->dirs.items[b];

	return !x->failed && !y->failed && memcmp(x->digest, y->digest, sizeof(x->digest)) == 0;
}

static void skip_file(uint32_t file, void *user)
{
	struct same_dirs *d = user;
	struct file_record *r = file_list_at(d->list, file);
	uint32_t dir = same_dirs_index(d, r->dir);

	if (dir == SAME_DIRS_NONE || !d->dirs.items[dir].wanted)
		r->flags |= FLAG_SKIP;
	if (file >= d->files_end)
		d->files_end = (size_t)file + 1;
}

/* Only what is in directories that have their like need be read. */
static void choose_files(struct same_dirs *d)
{
	uint32_t *sorted = mem_alloc_array(d->dirs.len + 1, sizeof(*sorted));

	memcpy(sorted, d->order, d->dirs.len * sizeof(*sorted));
	if (d->dirs.len > 1)
		qsort_r(sorted, d->dirs.len, sizeof(*sorted), same_dirs_compare, d);
	for (size_t i = 1; i < d->dirs.len; i++)
		if (same_dirs_equal(d, sorted[i - 1], sorted[i]))
			d->dirs.items[sorted[i - 1]].wanted = d->dirs.items[sorted[i]].wanted =
				true;
	free(sorted);
	file_list_each(d->list, skip_file, d);
}

static void search_files(struct same_dirs *d, const struct same_opts *search)
{
	struct same_opts opts = *search;

	opts.by = SAME_BY_CONTENT;
	opts.count_links = true;
	opts.first_only = false;
	opts.skip = FLAG_SKIP;
	same_find(d->list, &opts, &d->files);
	d->group_of = mem_alloc_zeroed((d->files_end + 1) * sizeof(*d->group_of));
	d->member_of = mem_alloc_zeroed((d->files_end + 1) * sizeof(*d->member_of));
	for (size_t i = 0; i < d->files.groups.len; i++) {
		const struct same_group *g = &d->files.groups.items[i];

		for (size_t k = g->first; k < g->first + g->len; k++) {
			uint32_t file = d->files.members.items[k].file;

			d->group_of[file] = (uint32_t)i + 1;
			d->member_of[file] = (uint32_t)k;
		}
	}
}

void same_dirs_find(struct same_dirs *d, struct file_list *list, const struct same_dirs_opts *opts,
                    struct same_result *ret)
{
	*ret = (struct same_result){ 0 };
	same_dirs_build(d, list);
	make_digests(d, false);
	choose_files(d);
	search_files(d, opts->search);
	ret->read_bytes = d->files.read_bytes;
	ret->vanished = d->files.vanished;
	ret->stopped = d->files.stopped;
	if (ret->stopped)
		return;
	make_digests(d, true);
	same_dirs_tell(d, opts, ret);
}
