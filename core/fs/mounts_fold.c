/* SPDX-License-Identifier: MIT */
#include "fs/mounts_fold.h"

#include "base/mem.h"

int mounts_by_point(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount *const *)a;
	const struct mount *y = *(const struct mount *const *)b;
	int order = strcmp(x->point, y->point);

	return order != 0 ? order : (x > y) - (x < y);
}

/* The topmost mount is its own parent on some kernels; it is nobody's child here. */
static uint64_t parent_key(const struct mount *mount)
{
	return mount->parent != mount->id ? mount->parent : UINT64_MAX;
}

static int by_parent_order(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount *const *)a;
	const struct mount *y = *(const struct mount *const *)b;

	if (parent_key(x) != parent_key(y))
		return parent_key(x) < parent_key(y) ? -1 : 1;
	return mounts_by_point(a, b);
}

static int by_id_order(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount *const *)a;
	const struct mount *y = *(const struct mount *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

const struct mount **mounts_sorted(const struct mounts *m, mount_order *order)
{
	const struct mount **list = mem_alloc_array(m->len, sizeof(struct mount *));

	for (size_t i = 0; i < m->len; i++)
		list[i] = &m->items[i];
	if (m->len > 1)
		qsort(list, m->len, sizeof(struct mount *), order);
	return list;
}

/* Is something mounted on the mount `parent` at exactly the first `len` bytes of `path`? */
static bool has_child_at(const struct mounts *m, const struct mount **by_parent,
                         const struct mount *parent, const char *path, size_t len)
{
	size_t low = 0;
	size_t high = m->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct mount *child = by_parent[middle];
		uint64_t key = parent_key(child);
		int order = (parent->id > key) - (parent->id < key);

		if (order == 0)
			order = mounts_compare_path(path, len, child->point);
		if (order == 0)
			return true;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static const struct mount *find_id(const struct mounts *m, const struct mount **by_id, uint64_t id)
{
	size_t low = 0;
	size_t high = m->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_id[middle]->id == id)
			return by_id[middle];
		if (by_id[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Something is mounted on its parent at a directory that its own mount point is below. */
static bool is_cut_off(const struct mounts *m, const struct mount **by_parent,
                       const struct mount *mount, const struct mount *parent)
{
	size_t len = strlen(mount->point);

	while (len > 1) {
		len = mounts_parent_len(mount->point, len);
		if (has_child_at(m, by_parent, parent, mount->point, len))
			return true;
		if (mounts_compare_path(mount->point, len, parent->point) <= 0)
			break;
	}
	return false;
}

/*
 * Whatever is on a mount that cannot be reached cannot be either; one that is only
 * covered by a mount on top of it hides nothing but itself. The input may claim circles
 * of parents, and need not list a parent first: as many rounds as the tree is deep.
 */
static void spread_cut_off(const struct mounts *m, const struct mount **parents, bool *cut_off)
{
	enum { DEPTH_MAX = 64 };
	bool changed = true;

	for (int round = 0; changed && round < DEPTH_MAX; round++) {
		changed = false;
		for (size_t i = 0; i < m->len; i++) {
			if (cut_off[i] || parents[i] == NULL || !cut_off[parents[i] - m->items])
				continue;
			cut_off[i] = true;
			changed = true;
		}
	}
}

void mounts_mark_hidden(struct mounts *m)
{
	const struct mount **by_parent = mounts_sorted(m, by_parent_order);
	const struct mount **by_id = mounts_sorted(m, by_id_order);
	const struct mount **parents = mem_alloc_array(m->len, sizeof(struct mount *));
	bool *cut_off = mem_alloc_array(m->len, sizeof(bool));

	for (size_t i = 0; i < m->len; i++) {
		const struct mount *parent = find_id(m, by_id, m->items[i].parent);

		parents[i] = parent != &m->items[i] ? parent : NULL;
		cut_off[i] =
			parents[i] != NULL && is_cut_off(m, by_parent, &m->items[i], parents[i]);
	}
	spread_cut_off(m, parents, cut_off);
	for (size_t i = 0; i < m->len; i++) {
		struct mount *mount = &m->items[i];

		mount->hidden = cut_off[i] || has_child_at(m, by_parent, mount, mount->point,
		                                           strlen(mount->point));
	}
	free(by_parent);
	free(by_id);
	free(parents);
	free(cut_off);
}

static int by_device_order(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount *const *)a;
	const struct mount *y = *(const struct mount *const *)b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->hidden != y->hidden)
		return x->hidden ? 1 : -1;
	if (x->deleted != y->deleted)
		return x->deleted ? 1 : -1;

	/* The whole file system before a part of it, then the shorter path. */
	size_t x_root = strlen(x->root);
	size_t y_root = strlen(y->root);

	if (x_root != y_root)
		return x_root < y_root ? -1 : 1;

	size_t x_point = strlen(x->point);
	size_t y_point = strlen(y->point);

	if (x_point != y_point)
		return x_point < y_point ? -1 : 1;
	return (x > y) - (x < y);
}

void mounts_mark_same_device(struct mounts *m)
{
	const struct mount **list = mounts_sorted(m, by_device_order);

	for (size_t i = 1; i < m->len; i++)
		if (list[i]->device == list[i - 1]->device)
			m->items[list[i] - m->items].repeats = true;
	free(list);
}

/* Every layer that is a mount of its own is marked; `layers` is a colon-separated list. */
static void mark_lower_layers(struct mounts *m, const char *layers, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && (layers[i] != ':' || (i > 0 && layers[i - 1] == '\\')))
			continue;

		const struct mount *lower = mounts_visible_at(m, layers + start, i - start);

		if (lower != NULL && strcmp(lower->point, "/") != 0)
			m->items[lower - m->items].overlay_lower = true;
		start = i + 1;
	}
}

void mounts_mark_overlays(struct mounts *m)
{
	for (size_t i = 0; i < m->len; i++) {
		struct mount *overlay = &m->items[i];
		size_t len;
		const char *dir;

		if (strcmp(overlay->fstype, "overlay") != 0)
			continue;
		dir = mount_option(overlay->super_options, "lowerdir", &len);
		if (dir != NULL)
			mark_lower_layers(m, dir, len);
		dir = mount_option(overlay->super_options, "upperdir", &len);
		if (dir == NULL || len == 0 || strcmp(overlay->point, "/") == 0)
			continue;

		char *path = mem_strndup(dir, len);
		const struct mount *upper = mounts_find_path(m, path);

		free(path);
		/* In a container the layers are out of sight and the path leads elsewhere. */
		if (upper != NULL && strcmp(upper->fstype, "overlay") != 0)
			overlay->repeats = true;
	}
}
