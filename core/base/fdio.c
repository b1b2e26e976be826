/* SPDX-License-Identifier: MIT */
#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>

int fdio_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t fdio_read_full(int fd, void *buffer, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)buffer + got, len - got);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int fdio_read_all(int fd, size_t limit, struct strbuf *ret)
{
	char chunk[8192];
	size_t total = 0;

	for (;;) {
		size_t want = sizeof(chunk);
		ssize_t n = fdio_read_full(fd, chunk, want);

		if (n < 0)
			return (int)n;
		if ((size_t)n > limit - total) {
			strbuf_add(ret, chunk, limit - total);
			return -EFBIG;
		}
		strbuf_add(ret, chunk, (size_t)n);
		total += (size_t)n;
		if ((size_t)n < want)
			return 0;
	}
}

int fdio_read_file(int dirfd, const char *name, size_t limit, struct strbuf *ret)
{
	AUTO_CLOSE int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	return fdio_read_all(fd, limit, ret);
}
