/* SPDX-License-Identifier: MIT */
/*
 * A map from byte strings to numbers. Keys are copied and stay where they are for the
 * life of the map; entries are numbered in the order they were added and are never
 * removed. The hash is keyed anew in every process, so that chosen keys cannot
 * make it slow.
 */
#pragma once

#include "base/base.h"

struct map_entry {
	const char *key; /* owned by the map; a NUL follows its last byte */
	size_t len;
	size_t value; /* the caller's: an index into an array of its own, say */
};

struct map;

struct map *map_new(void);
struct map *map_free(struct map *m);
DEFINE_AUTO_FREE(map)

/*
 * The key's entry, added with the value 0 when it was missing; *ret_added (may be NULL)
 * says which. The pointer is good until the next map_add().
 */
struct map_entry *map_add(struct map *m, const void *key, size_t len, bool *ret_added);
/* NULL when the key is not there. */
struct map_entry *map_find(const struct map *m, const void *key, size_t len);
size_t map_len(const struct map *m);
/* The n-th entry that was added. */
struct map_entry *map_at(const struct map *m, size_t n);
