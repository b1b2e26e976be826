/* SPDX-License-Identifier: MIT */
/* unpack.h on a thread of its own, some MiB ahead of who reads it. */
#pragma once

#include "fs/unpack.h"

struct unpack_ahead;

/* `u` stays the caller's, who leaves it alone until unpack_ahead_free(). NULL: no thread. */
struct unpack_ahead *unpack_ahead_new(struct unpack *u);
/* The next bytes, good until the next call: how many, 0 at the end, or as unpack_read(). */
MUST_USE ssize_t unpack_ahead_next(struct unpack_ahead *a, const void **ret);
/* Bytes of the packed file that were read for what was handed out so far. */
uint64_t unpack_ahead_read_bytes(const struct unpack_ahead *a);
/* Waits for the thread. */
struct unpack_ahead *unpack_ahead_free(struct unpack_ahead *a);
