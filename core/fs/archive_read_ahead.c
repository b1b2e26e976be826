/* SPDX-License-Identifier: MIT */
#include "fs/archive_read_ahead.h"

#include "base/mem.h"
#include "fs/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LIST_MAX = 65536, VALUE_MAX = 65536 };

int source_open_parent(const struct source_list *l, const struct source_entry *e,
                       struct source_place *place, int *ret_fd, const char **ret_name)
{
	*ret_name = l->names.data + e->name;
	if (e->dir == SOURCE_NO_DIR) {
		*ret_name = l->roots.items[e->root].operand;
		*ret_fd = AT_FDCWD;
		return 0;
	}
	if (place->fd < 0 || place->dir != e->dir) {
		const struct source_dir *dir = &l->dirs.items[e->dir];
		const char *path = l->names.data + dir->path;
		int fd;

		if (l->roots.items[dir->root].fd < 0)
			return -EBADF;
		fd = beneath_open_dir(l->roots.items[dir->root].fd, path, strlen(path));
		if (fd < 0)
			return fd;
		source_place_release(place);
		place->dir = e->dir;
		place->fd = fd;
	}
	*ret_fd = place->fd;
	return 0;
}

void source_place_release(struct source_place *place)
{
	if (place->fd >= 0)
		(void)close(place->fd);
	place->fd = -1;
}

int source_open_entry(const struct source_list *l, const struct source_entry *e,
                      struct source_place *place)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	const char *name;
	int dirfd;
	int fd;
	int r = source_open_parent(l, e, place, &dirfd, &name);

	if (r < 0)
		return r;
	fd = openat(dirfd, name, flags);
	return fd < 0 ? -errno : fd;
}

/* The kernel's own and what is another part of the metadata is not stored. */
static bool is_wanted(const char *name)
{
	return strncmp(name, "system.", 7) != 0 && strcmp(name, "security.selinux") != 0;
}

void source_read_xattrs(int fd, struct strbuf *ret)
{
	char few[256];
	char *names = few;
	char *value = NULL;
	ssize_t len = flistxattr(fd, few, sizeof(few));

	if (len < 0 && errno == ERANGE) {
		names = mem_alloc(LIST_MAX);
		len = flistxattr(fd, names, LIST_MAX);
	}
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;
		uint64_t size;
		ssize_t n;

		if (!is_wanted(name))
			continue;
		if (value == NULL)
			value = mem_alloc(VALUE_MAX);
		n = fgetxattr(fd, name, value, VALUE_MAX);
		if (n < 0)
			continue;
		size = (uint64_t)n;
		strbuf_add(ret, name, strlen(name) + 1);
		strbuf_add(ret, &size, sizeof(size));
		strbuf_add(ret, value, (size_t)n);
	}
	free(value);
	if (names != few)
		free(names);
}

bool source_has_changed(const struct stat *before, const struct stat *after)
{
	return after->st_size < before->st_size ||
	       (after->st_size == before->st_size &&
	        (after->st_mtim.tv_sec != before->st_mtim.tv_sec ||
	         after->st_mtim.tv_nsec != before->st_mtim.tv_nsec));
}

/* Bytes that were read, or -errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = pread(fd, bytes + len, size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* 1: it changed meanwhile; 0; -errno. */
static int read_once(int fd, struct source_read *ret)
{
	struct stat after;
	ssize_t n;

	if (fstat(fd, &ret->st) != 0)
		return -errno;
	if (!S_ISREG(ret->st.st_mode))
		return -ESTALE;
	if (ret->st.st_size > READ_WHOLE_MAX)
		return -EFBIG;
	free(ret->bytes);
	ret->bytes = mem_alloc((size_t)ret->st.st_size + 1);
	n = read_all(fd, ret->bytes, (size_t)ret->st.st_size);
	if (n < 0)
		return (int)n;
	if (fstat(fd, &after) != 0)
		return -errno;
	if (n == ret->st.st_size)
		return source_has_changed(&ret->st, &after);
	/* It is shorter: what there is is all of it. */
	ret->st.st_size = n;
	return 1;
}

void source_read_whole(const struct archive_make_opts *opts, const struct source_entry *e,
                       struct source_place *place, struct source_read *ret)
{
	AUTO_CLOSE int fd = source_open_entry(opts->list, e, place);
	int r = fd < 0 ? fd : 1;

	for (unsigned i = 0; r == 1 && i <= opts->retries; i++)
		r = read_once(fd, ret);
	ret->changed = r == 1;
	ret->err = r < 0 ? -r : 0;
	if (r < 0) {
		free(ret->bytes);
		ret->bytes = NULL;
	} else if (opts->xattrs) {
		source_read_xattrs(fd, &ret->xattrs);
	}
}
