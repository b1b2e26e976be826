/* SPDX-License-Identifier: MIT */
#include "base/vec.h"

void *vec_grow(void *items, size_t *cap, size_t size)
{
	size_t bigger = *cap != 0 ? *cap * 2 : 8;

	items = mem_resize_array(items, bigger, size);
	*cap = bigger;
	return items;
}

void *vec_free(void *items, size_t *len, size_t *cap)
{
	free(items);
	*len = 0;
	*cap = 0;
	return NULL;
}
