/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include <criterion/criterion.h>

TestSuite(map);

Test(map, finds_what_was_added)
{
	AUTO_FREE(map) struct map *m = map_new();
	bool added = false;

	cr_assert_null(map_find(m, "a", 1));
	map_add(m, "a", 1, &added)->value = 7;
	cr_assert(added);
	cr_assert_eq(map_add(m, "a", 1, &added)->value, 7);
	cr_assert(!added);
	cr_assert_eq(map_find(m, "a", 1)->value, 7);
	cr_assert_null(map_find(m, "b", 1));
	cr_assert_null(map_find(m, "ab", 2));
	cr_assert_eq(map_len(m), 1);
}

Test(map, keys_are_bytes)
{
	static const struct {
		const char *key;
		size_t len;
	} keys[] = {
		{ "", 0 },          { "\0", 1 },      { "\0\0", 2 },     { "a\0b", 3 },
		{ "a\0c", 3 },      { "a", 1 },       { "\xff\xfe", 2 }, { "12345678", 8 },
		{ "123456789", 9 }, { "1234567", 7 }, { "\n", 1 },       { "12345678\0", 9 },
	};
	AUTO_FREE(map) struct map *m = map_new();

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		bool added = false;

		map_add(m, keys[i].key, keys[i].len, &added)->value = i + 1;
		cr_assert(added, "key %zu was taken for another one", i);
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct map_entry *e = map_find(m, keys[i].key, keys[i].len);

		cr_assert_not_null(e, "key %zu", i);
		cr_expect_eq(e->value, i + 1, "key %zu", i);
		cr_expect_eq(e->len, keys[i].len, "key %zu", i);
		cr_expect_eq(memcmp(e->key, keys[i].key, e->len), 0, "key %zu", i);
		cr_expect_eq(e->key[e->len], '\0', "key %zu", i);
	}
}

Test(map, copies_its_keys)
{
	AUTO_FREE(map) struct map *m = map_new();
	char key[] = "first";

	map_add(m, key, 5, NULL)->value = 1;
	memcpy(key, "other", 5);
	cr_assert_null(map_find(m, "other", 5));
	cr_assert_not_null(map_find(m, "first", 5));
}

Test(map, grows_and_keeps_order_and_keys_in_place)
{
	enum { N = 20000 };
	AUTO_FREE(map) struct map *m = map_new();
	const char *first = map_add(m, "key-0", 5, NULL)->key;

	for (size_t i = 1; i < N; i++) {
		char key[32];
		int len = snprintf(key, sizeof(key), "key-%zu", i);

		map_add(m, key, (size_t)len, NULL)->value = i;
	}
	cr_assert_eq(map_len(m), N);
	cr_assert_eq(map_at(m, 0)->key, first);
	for (size_t i = 0; i < N; i++) {
		char key[32];
		int len = snprintf(key, sizeof(key), "key-%zu", i);
		struct map_entry *e = map_find(m, key, (size_t)len);

		cr_assert_eq(e, map_at(m, i), "entry %zu", i);
		cr_assert_eq(e->value, i, "entry %zu", i);
		cr_assert_str_eq(e->key, key);
	}
}

Test(map, a_key_larger_than_a_chunk)
{
	enum { BIG = 100 * 1000 };
	AUTO_FREE(map) struct map *m = map_new();
	char *big = calloc(1, BIG);

	memset(big, 'x', BIG);
	map_add(m, "small", 5, NULL)->value = 1;
	map_add(m, big, BIG, NULL)->value = 2;
	map_add(m, "after", 5, NULL)->value = 3;
	cr_assert_eq(map_find(m, big, BIG)->value, 2);
	cr_assert_null(map_find(m, big, BIG - 1));
	cr_assert_eq(map_find(m, "small", 5)->value, 1);
	cr_assert_eq(map_find(m, "after", 5)->value, 3);
	free(big);
}

Test(map, free_accepts_null)
{
	cr_assert_null(map_free(NULL));
}
