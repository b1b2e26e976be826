/* SPDX-License-Identifier: MIT */
/*
 * Bytes that nobody can tell from random ones, as many as wanted: ChaCha (D. J. Bernstein, by
 * nettle) under a key of the kernel's. For overwriting, where getrandom(2) itself is too slow.
 */
#pragma once

#include "base/base.h"

struct random_stream;

/* 0, or -errno when the kernel has no randomness. */
MUST_USE int random_stream_new(struct random_stream **ret);
struct random_stream *random_stream_free(struct random_stream *r);
DEFINE_AUTO_FREE(random_stream)
void random_stream_fill(struct random_stream *r, void *buffer, size_t len);
