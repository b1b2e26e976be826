/* SPDX-License-Identifier: MIT */
#include "base/key_sort.h"

#include "base/strbuf.h"

#include <criterion/criterion.h>

TestSuite(key_sort);

static struct key_text text_of(const void *item)
{
	return (struct key_text){ item, strlen(item) };
}

static void sort(struct key_slot *slots, size_t len)
{
	struct key_slot *room = mem_alloc_array(len / 2 + 1, sizeof(room[0]));
	struct key_runs runs = { 0 };

	vec_push(&runs, (struct key_run){ 0, len, 0 });
	key_sort_texts(slots, &runs, room, text_of);
	vec_release(&runs);
	free(room);
}

Test(key_sort, numbers_keep_the_order_of_equal_ones)
{
	struct key_slot slots[100];
	struct key_slot room[51];
	char items[100];

	for (size_t i = 0; i < 100; i++)
		slots[i] = (struct key_slot){ i * 7919 % 10, &items[i] };
	key_sort(slots, 100, room);
	for (size_t i = 1; i < 100; i++)
		cr_assert(slots[i - 1].key < slots[i].key ||
		          (slots[i - 1].key == slots[i].key && slots[i - 1].item < slots[i].item));
}

Test(key_sort, equal_stretches_are_found)
{
	struct key_slot slots[] = { { 1, NULL }, { 2, NULL }, { 2, NULL }, { 3, NULL },
		                    { 4, NULL }, { 4, NULL }, { 4, NULL } };
	struct key_run all = { 0, ARRAY_LEN(slots), 9 };
	struct key_runs runs = { 0 };

	key_sort_find_equal(slots, &all, &runs);
	cr_assert_eq(runs.len, 2);
	cr_expect_eq(runs.items[0].begin, 1);
	cr_expect_eq(runs.items[0].len, 2);
	cr_expect_eq(runs.items[1].begin, 4);
	cr_expect_eq(runs.items[1].len, 3);
	cr_expect_eq(runs.items[1].at, 0);
	vec_release(&runs);
}

/* Texts of all lengths around eight bytes, with high bytes and common starts. */
Test(key_sort, texts_are_in_the_order_of_their_bytes)
{
	enum { N = 500 };
	static const char *const pieces[] = { "a",    "ab",   "a/",   "abcdefgh",
		                              "\x7f", "\x80", "\xff", "-" };
	char *texts[N];
	struct key_slot slots[N];
	uint64_t seed = 1234567;

	for (size_t i = 0; i < N; i++) {
		struct strbuf b = { 0 };

		do {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			strbuf_add_str(&b, pieces[seed % ARRAY_LEN(pieces)]);
		} while (seed % 5 != 0);
		texts[i] = strbuf_detach(&b);
		slots[i].item = texts[i];
	}
	sort(slots, N);
	for (size_t i = 1; i < N; i++)
		cr_assert(strcmp(slots[i - 1].item, slots[i].item) <= 0, "'%s' before '%s'",
		          (char *)slots[i - 1].item, (char *)slots[i].item);
	for (size_t i = 0; i < N; i++)
		free(texts[i]);
}
