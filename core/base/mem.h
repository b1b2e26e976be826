/* SPDX-License-Identifier: MIT */
/*
 * Allocation that cannot fail: when memory runs out, one line is written to
 * standard error and the process leaves with status 3. Nothing is ever half
 * written in place, so dying here is like being killed. Sizes that come from
 * input are checked against a limit before they get here. Free with free().
 */
#pragma once

#include "base/base.h"

void *mem_alloc(size_t size);
void *mem_alloc_zeroed(size_t size);
/* n * size bytes; dies when the product overflows. */
void *mem_alloc_array(size_t n, size_t size);
void *mem_resize(void *old, size_t size);
void *mem_resize_array(void *old, size_t n, size_t size);
char *mem_strdup(const char *s);
/* `len` bytes of `s` and a terminating NUL. */
char *mem_strndup(const char *s, size_t len);
/* Reports the shortage and leaves with status 3. */
NO_RETURN void mem_exhausted(void);

/* Hands over what `p` points to and leaves NULL, so that AUTO_FREE does nothing. */
#define take(p) take_pointer(p)
static inline void *take_pointer(void *p)
{
	void *taken;

	memcpy(&taken, p, sizeof(taken));
	memset(p, 0, sizeof(taken));
	return taken;
}
