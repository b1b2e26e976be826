/* SPDX-License-Identifier: MIT */
/*
 * Names for the few compiler features the project uses, and the cleanup
 * convention: AUTO_FREE(thing) releases a `struct thing *` with thing_free()
 * when it goes out of scope, AUTO_CLOSE closes a descriptor.
 */
#pragma once

#include "base/banned.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define MUST_USE                    __attribute__((warn_unused_result))
#define NO_RETURN                   __attribute__((noreturn))
#define PRINTF_LIKE(text, variadic) __attribute__((format(printf, text, variadic)))
#define UNLIKELY(x)                 __builtin_expect(!!(x), 0)

/* A deliberate disregard of a MUST_USE result; gcc does not take (void) for one. */
static inline void ignore(ssize_t result)
{
	(void)result;
}

#define AUTO_FREE(type) __attribute__((cleanup(type##_auto_free)))
#define DEFINE_AUTO_FREE(type)                               \
	static inline void type##_auto_free(struct type **p) \
	{                                                    \
		*p = type##_free(*p);                        \
	}

/* For a `char *` that came from mem.h. */
#define AUTO_FREE_STR __attribute__((cleanup(str_auto_free)))
void str_auto_free(char **p);

/* For an `int` descriptor; negative values are left alone, errno is kept. */
#define AUTO_CLOSE __attribute__((cleanup(fd_auto_close)))
void fd_auto_close(int *fd);
