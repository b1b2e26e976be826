/* SPDX-License-Identifier: MIT */
/*
 * Names are compared eight bytes at a time, as numbers that lie beside the pointers: a merge
 * sort by them, then the runs of equal ones by the next eight. Times and sizes are such numbers
 * as well, and names decide between equal ones.
 */
#include "ls.h"

#include "base/version_sort.h"

enum { RUN_SMALL = 12, KEY_BYTES = 8 };

typedef int ls_compare(const struct ls_file *a, const struct ls_file *b);

/* Eight bytes of the name from `at` on, the first one in front; 0 behind its end. */
static uint64_t name_key(const struct ls_file *file, size_t at)
{
	uint64_t key = 0;

	if (at + KEY_BYTES <= file->len) {
		memcpy(&key, file->name + at, sizeof(key));
		return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(key) : key;
	}
	for (size_t i = 0; i < KEY_BYTES; i++)
		key = key << 8 | (at + i < file->len ? (unsigned char)file->name[at + i] : 0);
	return key;
}

static void insertion_sort(struct ls_slot *slots, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		struct ls_slot slot = slots[i];
		size_t at = i;

		for (; at > 0 && slots[at - 1].key > slot.key; at--)
			slots[at] = slots[at - 1];
		slots[at] = slot;
	}
}

/* Stable; the depth is the logarithm of `len`. */
static void sort_keys(struct ls_slot *slots, size_t len, struct ls_slot *room)
{
	size_t half = len / 2;
	size_t left = 0, right = half, at = 0;

	if (len <= RUN_SMALL) {
		insertion_sort(slots, len);
		return;
	}
	sort_keys(slots, half, room);
	sort_keys(slots + half, len - half, room);
	if (slots[half - 1].key <= slots[half].key)
		return;
	memcpy(room, slots, half * sizeof(*slots));
	while (left < half && right < len)
		slots[at++] = slots[right].key < room[left].key ? slots[right++] : room[left++];
	memcpy(slots + at, room + left, (half - left) * sizeof(*slots));
}

/* A part of the list whose names are the same up to `at`. */
struct run {
	size_t begin, len, at;
};

struct runs {
	VEC_FIELDS(struct run);
};

/* Adds the stretches of equal keys whose names go on. */
static void find_runs(struct runs *runs, const struct ls_slot *slots, const struct run *of,
                      size_t next_at)
{
	size_t end = of->begin + of->len;

	for (size_t i = of->begin; i < end;) {
		size_t first = i;

		while (i < end && slots[i].key == slots[first].key)
			i++;
		/* The last byte of a name key is 0 only where the name ends. */
		if (i - first > 1 && (next_at == 0 || (slots[first].key & 0xFF) != 0))
			vec_push(runs, (struct run){ first, i - first, next_at });
	}
}

static void sort_names(struct ls_slot *slots, struct runs *runs, struct ls_slot *room)
{
	while (runs->len > 0) {
		struct run r = vec_pop(runs);

		for (size_t i = r.begin; i < r.begin + r.len; i++)
			slots[i].key = name_key(slots[i].file, r.at);
		sort_keys(slots + r.begin, r.len, room);
		find_runs(runs, slots, &r, r.at + KEY_BYTES);
	}
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

static void merge_sort(struct ls_slot *slots, size_t len, struct ls_slot *room, ls_compare *compare)
{
	size_t half = len / 2;
	size_t left = 0, right = half, at = 0;

	if (len < 2)
		return;
	merge_sort(slots, half, room, compare);
	merge_sort(slots + half, len - half, room, compare);
	memcpy(room, slots, half * sizeof(*slots));
	while (left < half && right < len)
		slots[at++] = compare(slots[right].file, room[left].file) < 0 ? slots[right++]
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

static void sort_numbers(const struct ls_run *run, struct ls_list *list, struct runs *runs,
                         struct ls_slot *room)
{
	struct runs equal = { 0 };
	const struct run all = { 0, list->len, 0 };

	for (size_t i = 0; i < list->len; i++)
		list->items[i].key = number_of(run, list, list->items[i].file, false);
	sort_keys(list->items, list->len, room);
	find_runs(run->sort == LS_SORT_TIME ? &equal : runs, list->items, &all, 0);
	for (size_t r = 0; r < equal.len; r++) {
		const struct run *same = &equal.items[r];

		for (size_t i = same->begin; i < same->begin + same->len; i++)
			list->items[i].key = number_of(run, list, list->items[i].file, true);
		sort_keys(list->items + same->begin, same->len, room);
		find_runs(runs, list->items, same, 0);
	}
	vec_release(&equal);
}

static bool leads_to_dir(const struct ls_file *file)
{
	return ls_is_dir(file) || (file->link != NULL && S_ISDIR(file->link->mode));
}

static void group(struct ls_list *list, bool dirs_first)
{
	struct ls_slot *room = mem_alloc_array(list->len, sizeof(*room));
	size_t kept = 0, moved = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (leads_to_dir(list->items[i].file) == dirs_first)
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
		struct ls_slot slot = list->items[i];

		list->items[i] = list->items[--k];
		list->items[k] = slot;
	}
}

void ls_sort(const struct ls_run *run, struct ls_list *list)
{
	struct runs runs = { 0 };
	struct ls_slot *room;

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
			vec_push(&runs, (struct run){ 0, list->len, 0 });
		else
			sort_numbers(run, list, &runs, room);
		sort_names(list->items, &runs, room);
	}
	if (run->opts->reverse)
		reverse(list);
	if (run->opts->group_dirs != LS_GROUP_NONE)
		group(list, run->opts->group_dirs == LS_GROUP_DIRS_FIRST);
	free(room);
	vec_release(&runs);
}
