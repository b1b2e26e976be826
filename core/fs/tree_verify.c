/* SPDX-License-Identifier: MIT */
/* A copy is read again, and compared, before it gets its name. */
#include "fs/tree_sync_private.h"

#include "fs/hash_file.h"

#include <errno.h>
#include <fcntl.h>

int sync_verify_copy(const struct tree_sync *ts, int from, const struct put *put, uint64_t size)
{
	/* Growth behind what was copied is no difference. */
	const struct read_opts opts = { .length = size };
	AUTO_CLOSE int fd = -1;

	if (ts->opts.verify == SYNC_VERIFY_NONE || size == 0)
		return 0;
	if (ts->opts.verify == SYNC_VERIFY_DIRECT) {
		/* What is on the disk, not what the kernel remembers of it. */
		if (fdatasync(put->fd) != 0)
			return -errno;
		ignore(posix_fadvise(put->fd, 0, 0, POSIX_FADV_DONTNEED));
	}
	fd = openat(put->dirfd, put->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return compare_fds(from, fd, &opts, NULL);
}
