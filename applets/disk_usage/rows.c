/* SPDX-License-Identifier: MIT */
/* Rows kept for sorting. With --top they form a heap whose first row is the one to go next. */
#include "disk_usage.h"

#include <stdlib.h>

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_time(struct timespec a, struct timespec b)
{
	if (a.tv_sec != b.tv_sec)
		return (a.tv_sec > b.tv_sec) - (a.tv_sec < b.tv_sec);
	return (a.tv_nsec > b.tv_nsec) - (a.tv_nsec < b.tv_nsec);
}

/* Bytewise, but a directory before what is in it. */
static int compare_path(const struct du_row *a, const struct du_row *b)
{
	size_t common = a->path_len < b->path_len ? a->path_len : b->path_len;
	int order = memcmp(a->path, b->path, common);

	return order != 0 ? order : compare_u64(a->path_len, b->path_len);
}

int du_row_compare(const struct du_row *a, const struct du_row *b, const struct du_run *run)
{
	int order = 0;

	switch (run->sort) {
	case DU_SORT_SIZE:
		order = compare_u64(du_row_value(run, b), du_row_value(run, a));
		break;
	case DU_SORT_COUNT:
		order = compare_u64(usage_sum_inodes(&b->sum), usage_sum_inodes(&a->sum));
		break;
	case DU_SORT_MTIME:
		order = compare_time(b->sum.newest, a->sum.newest);
		break;
	case DU_SORT_UNSET:
	case DU_SORT_NONE:
	case DU_SORT_NAME:
	default:
		break;
	}
	return order != 0 ? order : compare_path(a, b);
}

static struct du_row copy_of(const struct du_row *row)
{
	struct du_row copy = *row;

	copy.path = mem_strndup(row->path, row->path_len);
	return copy;
}

static void swap(struct du_row *a, struct du_row *b)
{
	struct du_row kept = *a;

	*a = *b;
	*b = kept;
}

static void sift_up(struct du_rows *rows, const struct du_run *run, size_t at)
{
	while (at > 0) {
		size_t above = (at - 1) / 2;

		if (du_row_compare(&rows->items[at], &rows->items[above], run) <= 0)
			return;
		swap(&rows->items[at], &rows->items[above]);
		at = above;
	}
}

static void sift_down(struct du_rows *rows, const struct du_run *run)
{
	size_t at = 0;

	for (;;) {
		size_t last = at;

		for (size_t below = 2 * at + 1; below <= 2 * at + 2 && below < rows->len; below++)
			if (du_row_compare(&rows->items[below], &rows->items[last], run) > 0)
				last = below;
		if (last == at)
			return;
		swap(&rows->items[at], &rows->items[last]);
		at = last;
	}
}

void du_rows_add(struct du_rows *rows, const struct du_run *run, const struct du_row *row)
{
	const uint64_t top = (uint64_t)run->opts->top;

	if (top == 0 || rows->len < top) {
		vec_push(rows, copy_of(row));
		if (top != 0)
			sift_up(rows, run, rows->len - 1);
	} else if (du_row_compare(row, &rows->items[0], run) < 0) {
		du_row_release(&rows->items[0]);
		rows->items[0] = copy_of(row);
		sift_down(rows, run);
	}
}

static int compare_items(const void *a, const void *b, void *run)
{
	return du_row_compare(a, b, run);
}

void du_rows_sort(struct du_rows *rows, const struct du_run *run)
{
	struct du_run order = *run;

	if (run->sort != DU_SORT_NONE && rows->len > 1)
		qsort_r(rows->items, rows->len, sizeof(*rows->items), compare_items, &order);
	if (run->opts->reverse)
		for (size_t i = 0; i < rows->len / 2; i++)
			swap(&rows->items[i], &rows->items[rows->len - 1 - i]);
}

void du_row_release(struct du_row *row)
{
	void *path = take(&row->path);

	free(path);
}

void du_rows_release(struct du_rows *rows)
{
	for (size_t i = 0; i < rows->len; i++)
		du_row_release(&rows->items[i]);
	vec_release(rows);
}
