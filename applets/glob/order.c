/* SPDX-License-Identifier: MIT */
/* Orders of results. */
#include "glob.h"

#include "base/version_sort.h"

static int compare_paths(const struct glob_item *a, const struct glob_item *b)
{
	return strcmp(a->path, b->path);
}

static const char *base_of(const struct glob_item *item, size_t *ret_len)
{
	size_t len = item->len;
	size_t start;

	while (len > 1 && item->path[len - 1] == '/')
		len--;
	start = len;
	while (start > 0 && item->path[start - 1] != '/')
		start--;
	*ret_len = len - start;
	return item->path + start;
}

static int compare_names(const struct glob_item *a, const struct glob_item *b)
{
	size_t a_len;
	size_t b_len;
	const char *x = base_of(a, &a_len);
	const char *y = base_of(b, &b_len);
	int c = memcmp(x, y, a_len < b_len ? a_len : b_len);

	return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

static int compare_times(struct timespec a, struct timespec b)
{
	if (a.tv_sec != b.tv_sec)
		return a.tv_sec < b.tv_sec ? -1 : 1;
	return (a.tv_nsec > b.tv_nsec) - (a.tv_nsec < b.tv_nsec);
}

/* What has no metadata comes first. */
static int compare_metadata(const struct glob_item *a, const struct glob_item *b,
                            enum glob_sort sort)
{
	if (a->meta == NULL || b->meta == NULL)
		return (a->meta != NULL) - (b->meta != NULL);
	if (sort == GLOB_SORT_SIZE)
		return (a->meta->size > b->meta->size) - (a->meta->size < b->meta->size);
	if (sort == GLOB_SORT_CTIME)
		return compare_times(a->meta->ctime, b->meta->ctime);
	return compare_times(a->meta->mtime, b->meta->mtime);
}

static int compare(const struct glob_item *a, const struct glob_item *b, enum glob_sort sort)
{
	int c = 0;

	switch (sort) {
	case GLOB_SORT_NAME:
		c = compare_names(a, b);
		break;
	case GLOB_SORT_NATURAL:
		c = version_compare(a->path, a->len, b->path, b->len);
		break;
	case GLOB_SORT_SIZE:
	case GLOB_SORT_MTIME:
	case GLOB_SORT_CTIME:
		c = compare_metadata(a, b, sort);
		break;
	case GLOB_SORT_PATH:
	case GLOB_SORT_NONE:
		break;
	}
	return c != 0 ? c : compare_paths(a, b);
}

struct order {
	enum glob_sort sort;
	bool reverse;
};

static int compare_items(const void *a, const void *b, void *user)
{
	const struct order *order = user;
	int c = compare(a, b, order->sort);

	return order->reverse ? -c : c;
}

void glob_sort(struct glob_items *all, enum glob_sort sort, bool reverse)
{
	struct order order = { sort, reverse };

	if (all->len > 1)
		qsort_r(all->items, all->len, sizeof(all->items[0]), compare_items, &order);
}
