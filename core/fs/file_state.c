/* SPDX-License-Identifier: MIT */
#include "fs/file_state.h"

#include <errno.h>

struct file_state file_state_of(const struct stat *st)
{
	return (struct file_state){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime = st->st_mtim,
		.ctime = st->st_ctim,
	};
}

int file_state_read(int fd, struct file_state *ret)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	*ret = file_state_of(&st);
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_state_equal(const struct file_state *a, const struct file_state *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       same_time(a->mtime, b->mtime) && same_time(a->ctime, b->ctime);
}
