/* SPDX-License-Identifier: MIT */
#include "sys/memory_info.h"

#include "base/num.h"
#include "sys/machine.h"

#include <errno.h>

enum { RECLAIMABLE = MEMORY_FACTS, KEYS };

static const struct {
	char key[16];
	uint8_t fact;
} keys[] = {
	{ "MemTotal", MEMORY_TOTAL },       { "MemAvailable", MEMORY_AVAILABLE },
	{ "MemFree", MEMORY_FREE },         { "Buffers", MEMORY_BUFFERS },
	{ "Cached", MEMORY_CACHED },        { "Shmem", MEMORY_SHARED },
	{ "SwapTotal", MEMORY_SWAP_TOTAL }, { "SwapFree", MEMORY_SWAP_FREE },
	{ "SReclaimable", RECLAIMABLE },
};

struct raw {
	bool known[KEYS];
	uint64_t bytes[KEYS];
};

static void read_line(const char *line, size_t len, struct raw *raw, bool *ret_overflowed)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *value;
		size_t value_len;
		uint64_t kib;
		int r;

		if (!text_key(line, len, keys[i].key, &value, &value_len))
			continue;
		r = text_scan_u64(value, value_len, &kib, NULL);
		if (r == 0 && __builtin_mul_overflow(kib, 1024, &kib))
			r = -ERANGE;
		if (r == -ERANGE)
			*ret_overflowed = true;
		/* Of two lines with one name the first counts. */
		if (r == 0 && !raw->known[keys[i].fact]) {
			raw->known[keys[i].fact] = true;
			raw->bytes[keys[i].fact] = kib;
		}
		return;
	}
}

static void derive_available(struct memory_info *ret)
{
	uint64_t sum;

	if (!ret->known[MEMORY_FREE])
		return;
	sum = num_add_sat(ret->bytes[MEMORY_FREE], ret->bytes[MEMORY_BUFFERS], NULL);
	sum = num_add_sat(sum, ret->bytes[MEMORY_CACHED], NULL);
	sum -= ret->bytes[MEMORY_SHARED] < sum ? ret->bytes[MEMORY_SHARED] : sum;
	if (ret->known[MEMORY_TOTAL] && sum > ret->bytes[MEMORY_TOTAL])
		return;
	ret->known[MEMORY_AVAILABLE] = true;
	ret->bytes[MEMORY_AVAILABLE] = sum;
	ret->available_is_derived = true;
}

void memory_info_parse(const char *text, size_t len, struct memory_info *ret)
{
	struct raw raw = { 0 };
	const char *at = text;
	const char *line;
	size_t line_len;

	*ret = (struct memory_info){ 0 };
	while ((line = text_line(&at, text + len, &line_len)) != NULL)
		read_line(line, line_len, &raw, &ret->overflowed);
	for (int i = 0; i < MEMORY_FACTS; i++) {
		ret->known[i] = raw.known[i];
		ret->bytes[i] = raw.bytes[i];
	}
	if (raw.known[MEMORY_CACHED] && raw.known[RECLAIMABLE])
		ret->bytes[MEMORY_CACHED] =
			num_add_sat(raw.bytes[MEMORY_CACHED], raw.bytes[RECLAIMABLE], NULL);
	if (ret->known[MEMORY_AVAILABLE] && ret->known[MEMORY_TOTAL] &&
	    ret->bytes[MEMORY_AVAILABLE] > ret->bytes[MEMORY_TOTAL])
		ret->known[MEMORY_AVAILABLE] = false;
	if (!ret->known[MEMORY_AVAILABLE])
		derive_available(ret);
}
