/* SPDX-License-Identifier: MIT */
/*
 * A growing array of any type, as macros over three fields:
 *
 *     struct rows { VEC_FIELDS(struct row); } rows = { 0 };
 *     vec_push(&rows, (struct row){ ... });
 *     for (size_t i = 0; i < rows.len; i++) use(&rows.items[i]);
 *     vec_release(&rows);
 *
 * A zeroed struct is an empty array. Elements move when the array grows.
 */
#pragma once

#include "base/mem.h"

#define VEC_FIELDS(type) \
	type *items;     \
	size_t len;      \
	size_t cap

#define vec_push(v, ...)                                                                   \
	do {                                                                               \
		if ((v)->len == (v)->cap)                                                  \
			(v)->items = vec_grow((v)->items, &(v)->cap, sizeof(*(v)->items)); \
		(v)->items[(v)->len++] = __VA_ARGS__;                                      \
	} while (0)

#define vec_pop(v)  ((v)->items[--(v)->len])
#define vec_last(v) ((v)->items[(v)->len - 1])

#define vec_clear(v) ((void)((v)->len = 0))

#define vec_release(v) ((void)((v)->items = vec_free((v)->items, &(v)->len, &(v)->cap)))

/* Twice the room; used by vec_push() only. */
void *vec_grow(void *items, size_t *cap, size_t size);
/* NULL; used by vec_release() only. */
void *vec_free(void *items, size_t *len, size_t *cap);
