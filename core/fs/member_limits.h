/* SPDX-License-Identifier: MIT */
/*
 * What an archive may become when it is unpacked, measured on what was really unpacked, never on
 * what its headers say.
 */
#pragma once

#include "base/base.h"

struct member_limits {
	uint64_t size;    /* bytes of contents */
	uint64_t entries; /* members */
	uint64_t ratio;   /* bytes unpacked for each byte of the file, after the first GiB */
	uint64_t depth;   /* components of a name */
};

enum { LIMIT_ENTRIES = 10000000, LIMIT_RATIO = 200, LIMIT_DEPTH = 256 };

enum limit_hit {
	LIMIT_HIT_NONE,
	LIMIT_HIT_SIZE,
	LIMIT_HIT_ENTRIES,
	LIMIT_HIT_RATIO,
	LIMIT_HIT_DEPTH
};

/* Which one is passed: `bytes` unpacked from `packed` bytes of the file. */
static inline enum limit_hit member_limits_bytes(const struct member_limits *l, uint64_t bytes,
                                                 uint64_t packed)
{
	static const uint64_t free_of_ratio = 1 << 30;

	if (bytes > l->size)
		return LIMIT_HIT_SIZE;
	if (bytes > free_of_ratio && bytes / (packed > 0 ? packed : 1) >= l->ratio)
		return LIMIT_HIT_RATIO;
	return LIMIT_HIT_NONE;
}
