/* SPDX-License-Identifier: MIT */
/*
 * A stream cut into pieces of one size that several threads work on, each piece on its own; the
 * results come out in order. They depend on the bytes only, not on the threads.
 */
#pragma once

#include "fs/crew.h"

struct piece {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t room;
	bool is_last;
	uint32_t tag; /* something of the work's, for `put` */
};

struct pieces_opts {
	struct crew *crew;
	size_t size; /* bytes of a piece */
	size_t room; /* for its result */
	/* On any thread: the bytes of the result, 0: it failed. */
	size_t (*work)(struct piece *piece, unsigned worker, void *user);
	/* On the calling thread. 0 or -errno. */
	int (*put)(const struct piece *piece, size_t len, void *user);
	void *user;
};

struct pieces;

struct pieces *pieces_new(const struct pieces_opts *opts);
/* 0; -errno of `put`; -EIO when the work failed. */
MUST_USE int pieces_write(struct pieces *p, const void *bytes, size_t len);
/* The last piece, which may be empty. As pieces_write(). Ready for another stream. */
MUST_USE int pieces_end(struct pieces *p);
struct pieces *pieces_free(struct pieces *p);
