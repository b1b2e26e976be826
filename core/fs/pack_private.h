/* SPDX-License-Identifier: MIT */
/* One codec's part in pack.h. */
#pragma once

#include "fs/pack.h"

enum { PACK_BUFFER = 256 * 1024 };

struct pack {
	struct pack_opts opts;
	const struct pack_codec *codec;
	struct crew *crew;
	void *state;
	int level;
	int err;
	uint64_t written;
	size_t held; /* bytes in the buffer */
	uint8_t *buffer;
};

struct pack_codec {
	int level_min, level_max, level_default;
	MUST_USE int (*open)(struct pack *p, int level);
	MUST_USE int (*write)(struct pack *p, const void *bytes, size_t len);
	MUST_USE int (*end)(struct pack *p);
	void (*close)(struct pack *p);
};

extern const struct pack_codec pack_none, pack_gzip, pack_bzip2, pack_xz, pack_zstd, pack_lz4;

/* Compressed bytes, through the buffer. */
MUST_USE int pack_put(struct pack *p, const void *bytes, size_t len);
