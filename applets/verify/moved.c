/* SPDX-License-Identifier: MIT */
/* --moved: which missing files are there under other names, told by content. */
#include "trees.h"

#include "base/map.h"
#include "base/sig.h"

/* A lone file with its checksum. */
struct lone {
	const struct tree_node *node;
	bool is_hashed;
	bool is_paired;
	unsigned char digest[HASH_SIZE_MAX];
};

static int compare_sizes(const void *a, const void *b)
{
	const struct tree_node *x = *(const struct tree_node *const *)a;
	const struct tree_node *y = *(const struct tree_node *const *)b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int compare_paths(const void *a, const void *b)
{
	const struct tree_node *x = *(const struct tree_node *const *)a;
	const struct tree_node *y = *(const struct tree_node *const *)b;

	return strcmp(x->path, y->path);
}

static bool has_size(const struct tree_lone *list, uint64_t size)
{
	size_t low = 0;
	size_t high = list->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->items[middle]->size < size)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->len && list->items[low]->size == size;
}

static bool hash_lone(struct trees *t, const struct tree *tree, struct lone *l)
{
	AUTO_CLOSE int fd = verify_open(&tree->place, l->node->path);
	struct hash_file_result result;

	if (fd < 0 || verify_hash(t->run, fd, HASH_SHA256, &result) != 0)
		return false;
	memcpy(l->digest, result.digest, result.digest_size);
	l->is_hashed = true;
	return true;
}

static void tell_lone(struct trees *t, enum verify_status status, const struct tree_node *node,
                      const char *other)
{
	const struct verify_item item = { .status = status, .path = node->path, .other = other };

	trees_report(t, &item);
}

/* Files that could be somewhere else: regular, not empty, and of a size that is there. */
static struct lone *candidates(const struct tree_lone *list, const struct tree_lone *others)
{
	struct lone *lones = mem_alloc_zeroed((list->len + 1) * sizeof(lones[0]));

	for (size_t i = 0; i < list->len; i++) {
		const struct tree_node *node = list->items[i];

		if (S_ISREG(node->mode) && node->size > 0 && has_size(others, node->size))
			lones[i].node = node;
	}
	return lones;
}

/* The first of the missing files that has this content; NULL. */
static struct lone *find_twin(const struct map *by_digest, struct lone *missing, const size_t *next,
                              const struct lone *extra)
{
	struct map_entry *e = map_find(by_digest, extra->digest, hash_size(HASH_SHA256));

	if (e == NULL)
		return NULL;
	for (size_t i = e->value; i != SIZE_MAX; i = next[i]) {
		if (!missing[i].is_paired && missing[i].node->size == extra->node->size)
			return &missing[i];
	}
	return NULL;
}

/* Missing files by their checksum; those of one checksum are chained in `next`. */
static struct map *index_missing(struct trees *t, struct lone *missing, size_t *next)
{
	struct map *by_digest = map_new();

	/* From the end, so that a chain begins with its first name. */
	for (size_t i = t->missing.len; i-- > 0 && !sig_stopped();) {
		struct map_entry *e;
		bool is_new;

		next[i] = SIZE_MAX;
		if (missing[i].node == NULL || !hash_lone(t, &t->a, &missing[i]))
			continue;
		e = map_add(by_digest, missing[i].digest, hash_size(HASH_SHA256), &is_new);
		if (!is_new)
			next[i] = e->value;
		e->value = i;
	}
	return by_digest;
}

static void sort(struct tree_lone *list, int (*compare)(const void *, const void *))
{
	if (list->len > 1)
		qsort(list->items, list->len, sizeof(list->items[0]), compare);
}

static void drop_told(struct tree_lone *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (list->items[i] != NULL)
			list->items[kept++] = list->items[i];
	}
	list->len = kept;
}

void trees_tell_moved(struct trees *t)
{
	struct lone *missing;
	struct lone *extra;
	size_t *next = mem_alloc_array(t->missing.len + 1, sizeof(next[0]));
	struct map *by_digest;

	sort(&t->missing, compare_sizes);
	sort(&t->extra, compare_sizes);
	missing = candidates(&t->missing, &t->extra);
	extra = candidates(&t->extra, &t->missing);
	by_digest = index_missing(t, missing, next);
	for (size_t i = 0; i < t->extra.len && !sig_stopped(); i++) {
		struct lone *twin = NULL;

		if (extra[i].node != NULL && hash_lone(t, &t->b, &extra[i]))
			twin = find_twin(by_digest, missing, next, &extra[i]);
		if (twin == NULL)
			continue;
		twin->is_paired = true;
		tell_lone(t, VERIFY_MOVED, twin->node, t->extra.items[i]->path);
		t->missing.items[twin - missing] = NULL;
		t->extra.items[i] = NULL;
	}
	(void)map_free(by_digest);
	free(next);
	free(missing);
	free(extra);
	drop_told(&t->missing);
	drop_told(&t->extra);
	sort(&t->missing, compare_paths);
	sort(&t->extra, compare_paths);
	for (size_t i = 0; i < t->missing.len && !sig_stopped(); i++)
		tell_lone(t, VERIFY_MISSING, t->missing.items[i], NULL);
	for (size_t i = 0; i < t->extra.len && !sig_stopped(); i++)
		tell_lone(t, VERIFY_EXTRA, t->extra.items[i], NULL);
}
