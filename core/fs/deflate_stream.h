/* SPDX-License-Identifier: MIT */
/*
 * One deflate stream (RFC 1951), made by several threads: pieces of 1 MiB are compressed each on
 * its own by libdeflate and joined. The result depends on the bytes and the level, not on the
 * threads.
 */
#pragma once

#include "fs/crew.h"

enum { DEFLATE_PIECE = 1 << 20, DEFLATE_LEVEL = 6, DEFLATE_LEVEL_MAX = 12 };

/* What takes the result, in order. 0 or -errno. */
typedef int deflate_put(const void *bytes, size_t len, void *user);

struct deflate_stream;

/* `crew` outlives it. NULL: memory is short. */
struct deflate_stream *deflate_stream_new(struct crew *crew, int level, deflate_put *put,
                                          void *user);
/* 0 or -errno of `put`; -EIO: a piece could not be made. */
MUST_USE int deflate_stream_write(struct deflate_stream *s, const void *bytes, size_t len);
/* The end, with the checksum (CRC-32) and the length of all that was written. As write. Ready for
 * another stream. */
MUST_USE int deflate_stream_end(struct deflate_stream *s, uint32_t *ret_crc, uint64_t *ret_len);
struct deflate_stream *deflate_stream_free(struct deflate_stream *s);

/*
 * One piece alone, on the thread `worker` of the crew, as a whole stream. How many bytes, 0 when
 * `room` does not suffice.
 */
size_t deflate_once(struct deflate_stream *s, unsigned worker, const void *bytes, size_t len,
                    void *ret, size_t room);
/* CRC-32 of more bytes. */
uint32_t deflate_crc(uint32_t crc, const void *bytes, size_t len);
