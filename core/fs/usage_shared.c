/* SPDX-License-Identifier: MIT */
#include "fs/usage_shared.h"

#include "base/mem.h"
#include "fs/extents.h"

#include <fcntl.h>
#include <limits.h>

struct usage_shared {
	struct extent_set *seen;
};

/* One file's extents. */
struct reading {
	struct extent_set *seen;
	uint64_t dev;
	uint64_t repeated; /* bytes */
};

struct usage_shared *usage_shared_new(void)
{
	struct usage_shared *shared = mem_alloc(sizeof(*shared));

	shared->seen = extent_set_new();
	return shared;
}

struct usage_shared *usage_shared_free(struct usage_shared *shared)
{
	if (shared != NULL)
		extent_set_free(shared->seen);
	free(shared);
	return NULL;
}

static int on_extent(const struct extent *extent, void *user)
{
	struct reading *r = user;

	if ((extent->flags & EXTENT_SHARED) == 0 ||
	    (extent->flags & (EXTENT_UNKNOWN | EXTENT_INLINE)) != 0)
		return 0;
	r->repeated +=
		extent->length - extent_set_add(r->seen, r->dev, extent->physical, extent->length);
	return 0;
}

/* Opens directories on the way until what is left of the path is short enough for the kernel. */
static int open_any_length(const char *path, size_t len, int flags)
{
	int dir = AT_FDCWD;

	while (len >= PATH_MAX) {
		char part[PATH_MAX];
		size_t n = PATH_MAX - 1;
		int next;

		while (n > 0 && path[n] != '/')
			n--;
		if (n == 0)
			break;
		memcpy(part, path, n);
		part[n] = '\0';
		next = openat(dir, part, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0)
			(void)close(dir);
		if (next < 0)
			return -1;
		dir = next;
		path += n + 1;
		len -= n + 1;
	}

	int fd = openat(dir, path, flags);

	if (dir >= 0)
		(void)close(dir);
	return fd;
}

void usage_shared_apply(struct usage_shared *shared, struct usage_entry *entry, bool follow)
{
	struct reading reading = { .seen = shared->seen, .dev = entry->dev };
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW);
	struct stat st;
	size_t len;
	const char *path = usage_path(entry, &len);
	AUTO_CLOSE int fd = open_any_length(path, len, flags);

	/* The path may lead elsewhere by now. */
	if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_ino != entry->ino ||
	    (uint64_t)st.st_dev != entry->dev)
		return;
	if (extents_read(fd, on_extent, &reading) < 0)
		return;
	entry->disk -= reading.repeated < entry->disk ? reading.repeated : entry->disk;
}
