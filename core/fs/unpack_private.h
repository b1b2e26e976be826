/* SPDX-License-Identifier: MIT */
/* One codec's part in unpack.h. */
#pragma once

#include "fs/unpack.h"

/* Bytes to be read, and room for bytes to be written; both are moved on. */
struct unpack_window {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	bool at_eof; /* nothing follows `in` */
};

enum unpack_step {
	UNPACK_GOES_ON,
	UNPACK_ENDED, /* the stream; another may follow */
	UNPACK_DAMAGED,
	UNPACK_TOO_BIG, /* for the memory it may use */
};

enum { UNPACK_MAGIC = 8 }; /* bytes that tell a stream and its checksum */

struct unpack_codec {
	enum packing packing;
	/* Does a stream begin with these bytes? Shorter than UNPACK_MAGIC at the end of the file.
	 */
	bool (*begins)(const uint8_t *bytes, size_t len);
	enum proof (*proof)(const uint8_t *bytes, size_t len);
	/* NULL when memory is short. */
	void *(*open)(unsigned threads);
	enum unpack_step (*step)(void *state, struct unpack_window *w);
	/* Ready for another stream. False: memory is short. */
	bool (*again)(void *state);
	void (*close)(void *state);
};

extern const struct unpack_codec unpack_gzip, unpack_bzip2, unpack_xz, unpack_lzma, unpack_lzip,
	unpack_zstd, unpack_lz4;
