/* SPDX-License-Identifier: MIT */
#include "fs/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK };

/* The part of a path that one call takes: whole names. */
static size_t part_len(const char *path, size_t len, size_t max)
{
	if (len < max)
		return len;
	for (size_t at = max - 1; at > 0; at--)
		if (path[at] == '/')
			return at;
	return 0;
}

static int open_part(int dirfd, const char *path, bool single)
{
	const struct open_how how = { .flags = DIR_FLAGS,
		                      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	long fd = single ? openat(dirfd, path, DIR_FLAGS | O_NOFOLLOW)
	                 : syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd >= 0 ? (int)fd : -errno;
}

/* In pieces of at most `max` bytes. */
static int open_pieces(int dirfd, const char *path, size_t len, size_t max)
{
	char piece[PATH_MAX];
	int held = -1;
	bool single = max <= NAME_MAX + 1;

	while (len > 0) {
		size_t n = single ? strnlen(path, len) : part_len(path, len, max);
		const char *slash = memchr(path, '/', len);
		int fd;

		if (single && slash != NULL)
			n = (size_t)(slash - path);
		if (n == 0 || n >= sizeof(piece)) {
			if (held >= 0)
				(void)close(held);
			return -ENAMETOOLONG;
		}
		memcpy(piece, path, n);
		piece[n] = '\0';
		fd = open_part(held >= 0 ? held : dirfd, piece, single);
		if (held >= 0)
			(void)close(held);
		if (fd < 0)
			return fd;
		held = fd;
		path += n;
		len -= n;
		while (len > 0 && *path == '/') {
			path++;
			len--;
		}
	}
	return held;
}

int beneath_open_dir(int dirfd, const char *path, size_t len)
{
	int fd;

	if (len == 0)
		return open_part(dirfd, ".", true);
	fd = open_pieces(dirfd, path, len, PATH_MAX);
	/* Old sandboxes answer EPERM to calls they do not know. */
	if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN)
		fd = open_pieces(dirfd, path, len, NAME_MAX + 1);
	return fd;
}
