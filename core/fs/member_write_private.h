/* SPDX-License-Identifier: MIT */
/* One format's part in member_write.h. */
#pragma once

#include "fs/member_write.h"

struct member_writer_ops {
	/* `whole` NULL: begin, data and end do it. */
	MUST_USE int (*begin)(void *state, const struct new_member *m);
	MUST_USE int (*data)(void *state, const void *bytes, size_t len);
	MUST_USE int (*end)(void *state);
	MUST_USE int (*whole)(void *state, const struct new_member *m, char *bytes);
	MUST_USE int (*finish)(void *state);
	void (*close)(void *state);
};

void *tar_writer_new(struct pack *pack);
void *cpio_writer_new(struct pack *pack);
void *zip_writer_new(struct pack *pack, struct crew *crew, int level);

extern const struct member_writer_ops tar_writer_ops, cpio_writer_ops, zip_writer_ops;

/* The nearest multiple of `to` above has so many bytes more. */
static inline size_t padding_of(uint64_t len, unsigned to)
{
	return (size_t)((to - len % to) % to);
}
