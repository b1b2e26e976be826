/* SPDX-License-Identifier: MIT */
/*
 * Compressed writing: the other direction of unpack.h. The result depends on the bytes and the
 * level only, not on the number of threads; it holds no name and no time. gzip is one standard
 * member made by all threads (deflate_stream.h), zstd has a checksum, xz is written in blocks
 * with CRC64.
 */
#pragma once

#include "fs/crew.h"
#include "fs/unpack.h"

struct pack_opts {
	enum packing packing; /* NONE, GZIP, BZIP2, XZ, ZSTD or LZ4 */
	int level;            /* PACK_LEVEL_DEFAULT, or what pack_levels() allows */
	int fd;               /* stays the caller's */
};

enum { PACK_LEVEL_DEFAULT = -1 };

struct pack;

/* `crew` outlives it. 0 with *ret or -ENOMEM. */
MUST_USE int pack_new(const struct pack_opts *opts, struct crew *crew, struct pack **ret);
/* 0 or -errno; then it stays so. */
MUST_USE int pack_write(struct pack *p, const void *bytes, size_t len);
/* What is still held back. 0 or -errno. */
MUST_USE int pack_end(struct pack *p);
/* Bytes that went to the file. */
uint64_t pack_written(const struct pack *p);
struct pack *pack_free(struct pack *p);
DEFINE_AUTO_FREE(pack)
/* False: it has no levels. */
bool pack_levels(enum packing packing, int *ret_min, int *ret_max);
