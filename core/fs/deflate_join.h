/* SPDX-License-Identifier: MIT */
/*
 * Makes pieces of data that were deflated each on its own (RFC 1951) into one stream: the last
 * block of a piece loses its final bit, and an empty stored block brings it to a whole byte, as
 * zlib's Z_SYNC_FLUSH does. Only the codes are read to find that block, nothing is unpacked.
 */
#pragma once

#include "base/base.h"

/* Bytes that deflate_open_end() may add. */
enum { DEFLATE_JOIN_ROOM = 5 };

/*
 * `data` is a whole stream of `len` bytes, with DEFLATE_JOIN_ROOM more behind it; it becomes one
 * that another can follow. Its new length, or 0 when it is no valid stream.
 */
MUST_USE size_t deflate_open_end(uint8_t *data, size_t len);
