/* SPDX-License-Identifier: MIT */
/* Orders of a list. Names decide between equal times and sizes. */
#include "ls.h"

#include "base/version_sort.h"

typedef int ls_compare(const struct ls_file *a, const struct ls_file *b);

static struct key_text name_of(const void *item)
{
	const struct ls_file *file = item;

	return (struct key_text){ file->name, file->len };
}

static int compare_names(const struct ls_file *a, const struct ls_file *b)
{
	return strcmp(a->name, b->name);
}

static const char *extension(const struct ls_file *file)
{
	const char *dot = strrchr(file->name, '.');

	return dot != NULL ? dot : "";
}

static int compare_extensions(const struct ls_file *a, const struct ls_file *b)
{
	int difference = strcmp(extension(a), extension(b));

	return difference != 0 ? difference : compare_names(a, b);
}

static int compare_versions(const struct ls_file *a, const struct ls_file *b)
{
	int difference = version_compare(a->name, a->len, b->name, b->len);

	return difference != 0 ? difference : compare_names(a, b);
}

static void merge_sort(struct key_slot *slots, size_t len, struct key_slot *room,
                       ls_compare *compare)
{
	size_t half = len / 2;
	size_t left = 0, right = half, at = 0;

	if (len < 2)
		return;
	merge_sort(slots, half, room, compare);
	merge_sort(slots + half, len - half, room, compare);
	memcpy(room, slots, half * sizeof(*slots));
	while (left < half && right < len)
		slots[at++] = compare(slots[right].item, room[left].item) < 0 ? slots[right++]
		                                                              : room[left++];
	memcpy(slots + at, room + left, (half - left) * sizeof(*slots));
}

/* The number that decides before the name does; smaller ones come first. */
static uint64_t number_of(const struct ls_run *run, const struct ls_list *list,
                          const struct ls_file *file, bool nanoseconds)
{
	static const struct ls_meta unknown = { 0 };
	const struct ls_meta *meta = file->meta != NULL ? file->meta : &unknown;

	if (run->sort == LS_SORT_WIDTH)
		return ls_name_width(run, list, file);
	if (run->sort == LS_SORT_SIZE)
		return ~(S_ISCHR(meta->mode) || S_ISBLK(meta->mode) ? 0 : meta->size);
	if (nanoseconds)
		return ~(uint64_t)meta->nanoseconds;
	return ~((uint64_t)meta->seconds ^ (uint64_t)1 << 63);
}

static void sort_numbers(const struct ls_run *run, struct ls_list *list, struct key_runs *runs,
                         struct key_slot *room)
{
	struct key_runs equal = { 0 };
	const struct key_run all = { 0, list->len, 0 };

	for (size_t i = 0; i < list->len; i++)
		list->items[i].key = number_of(run, list, list->items[i].item, false);
	key_sort(list->items, list->len, room);
	key_sort_find_equal(list->items, &all, run->sort == LS_SORT_TIME ? &equal : runs);
	for (size_t r = 0; r < equal.len; r++) {
		const struct key_run *same = &equal.items[r];

		for (size_t i = same->begin; i < same->begin + same->len; i++)
			list->items[i].key = number_of(run, list, list->items[i].item, true);
		key_sort(list->items + same->begin, same->len, room);
		key_sort_find_equal(list->items, same, runs);
	}
	vec_release(&equal);
}

static bool leads_to_dir(const struct ls_file *file)
{
	return ls_is_dir(file) || (file->link != NULL && S_ISDIR(file->link->mode));
}

static void group(struct ls_list *list, bool dirs_first)
{
	struct key_slot *room = mem_alloc_array(list->len, sizeof(*room));
	size_t kept = 0, moved = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (leads_to_dir(list->items[i].item) == dirs_first)
			list->items[kept++] = list->items[i];
		else
			room[moved++] = list->items[i];
	}
	memcpy(list->items + kept, room, moved * sizeof(*room));
	free(room);
}

static void reverse(struct ls_list *list)
{
	for (size_t i = 0, k = list->len; i + 1 < k; i++) {
		struct key_slot slot = list->items[i];

		list->items[i] = list->items[--k];
		list->items[k] = slot;
	}
}

void ls_sort(const struct ls_run *run, struct ls_list *list)
{
	struct key_runs runs = { 0 };
	struct key_slot *room;

	if (run->sort == LS_SORT_NONE || list->len < 2)
		return;
	if (run->sort == LS_SORT_WIDTH)
		ls_find_quoted(run, list);
	/* A merge keeps its left half aside. */
	room = mem_alloc_array(list->len / 2 + 1, sizeof(*room));
	if (run->sort == LS_SORT_EXTENSION || run->sort == LS_SORT_VERSION) {
		merge_sort(list->items, list->len, room,
		           run->sort == LS_SORT_VERSION ? compare_versions : compare_extensions);
	} else {
		if (run->sort == LS_SORT_NAME)
			vec_push(&runs, (struct key_run){ 0, list->len, 0 });
		else
			sort_numbers(run, list, &runs, room);
		key_sort_texts(list->items, &runs, room, name_of);
	}
	if (run->opts->reverse)
		reverse(list);
	if (run->opts->group_dirs != LS_GROUP_NONE)
		group(list, run->opts->group_dirs == LS_GROUP_DIRS_FIRST);
	free(room);
	vec_release(&runs);
}
