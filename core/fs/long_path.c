/* SPDX-License-Identifier: MIT */
#include "fs/long_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

int long_path_open(const char *path, int *ret_dirfd, const char **ret_name)
{
	int dirfd = AT_FDCWD;

	while (strlen(path) >= PATH_MAX) {
		char piece[PATH_MAX];
		size_t len = PATH_MAX - 1;
		int fd;

		while (len > 0 && path[len] != '/')
			len--;
		/* A name of thousands of bytes fits nowhere. */
		if (len == 0) {
			fd_auto_close(&dirfd);
			return -ENAMETOOLONG;
		}
		memcpy(piece, path, len);
		piece[len] = '\0';
		fd = openat(dirfd, piece, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
		fd_auto_close(&dirfd);
		if (fd < 0)
			return fd;
		dirfd = fd;
		path += len;
		path += strspn(path, "/");
	}
	*ret_dirfd = dirfd;
	/* Slashes at the end ask for a directory, which this one is. */
	*ret_name = dirfd >= 0 && *path == '\0' ? "." : path;
	return 0;
}
