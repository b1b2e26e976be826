/* SPDX-License-Identifier: MIT */
/*
 * Sorting things by a number or a text that lies beside the pointer to them. Texts are compared
 * eight bytes at a time as such numbers: a merge sort by the first eight, then the runs of
 * equal ones by the next. Stable; bytewise as memcmp(), and a text comes before those it is
 * the start of. Texts hold no NUL.
 */
#pragma once

#include "base/vec.h"

struct key_slot {
	uint64_t key;
	void *item;
};

struct key_text {
	const char *bytes;
	size_t len;
};

typedef struct key_text key_text_of(const void *item);

/* Slots from `begin` on that are still to be ordered among themselves. */
struct key_run {
	size_t begin, len;
	size_t at; /* texts are the same up to here */
};

struct key_runs {
	VEC_FIELDS(struct key_run);
};

/* By the keys. `room` holds len / 2 + 1 slots, here and below. */
void key_sort(struct key_slot *slots, size_t len, struct key_slot *room);
/* Adds the runs of equal keys among the sorted slots of `of`. */
void key_sort_find_equal(const struct key_slot *slots, const struct key_run *of,
                         struct key_runs *ret);
/* Sorts each run by the texts of its items; overwrites their keys and empties `runs`. */
void key_sort_texts(struct key_slot *slots, struct key_runs *runs, struct key_slot *room,
                    key_text_of *text);
