/* SPDX-License-Identifier: MIT */
/* How much memory there is and is left, from the text of /proc/meminfo (proc(5)). Pure. */
#pragma once

#include "base/base.h"

enum memory_fact {
	MEMORY_TOTAL,
	MEMORY_AVAILABLE,
	MEMORY_FREE,
	MEMORY_BUFFERS,
	MEMORY_CACHED, /* page cache and what can be reclaimed of the slabs, as free shows it */
	MEMORY_SHARED,
	MEMORY_SWAP_TOTAL,
	MEMORY_SWAP_FREE,
	MEMORY_FACTS
};

struct memory_info {
	bool known[MEMORY_FACTS];
	uint64_t bytes[MEMORY_FACTS];
	/* The kernel (before 3.14) does not say what is available, or says more than there is:
	 * free + buffers + cached (with reclaimable slabs) - shared. */
	bool available_is_derived;
	bool overflowed; /* a value was beyond 64 bits, and is unknown */
};

void memory_info_parse(const char *text, size_t len, struct memory_info *ret);
