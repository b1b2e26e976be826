/* SPDX-License-Identifier: MIT */
#include "fs/replace.h"

#include "base/mem.h"
#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { REPLACE_LINKS_MAX = 40, REPLACE_TRIES = 16 };

static void release(struct replace *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->dirfd >= 0)
		(void)close(r->dirfd);
	free(r->temporary);
	*r = (struct replace){ .fd = -1, .dirfd = -1 };
}

/* Opens the directory of `path` in `dirfd` and moves `r` to it and to the last component. */
static int enter_directory(struct replace *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name);
	int fd;

	if (*name == '\0')
		return *path == '\0' ? -ENOENT : -EISDIR;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;

	AUTO_FREE_STR char *directory =
		slash == NULL ? mem_strdup(".") : mem_strndup(path, (size_t)(slash - path) + 1);

	fd = openat(r->dirfd >= 0 ? r->dirfd : AT_FDCWD, directory,
	            O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (r->dirfd >= 0)
		(void)close(r->dirfd);
	r->dirfd = fd;
	memcpy(r->name, name, len + 1);
	return 0;
}

/* The file that is to be replaced: links are followed one by one, each from its own directory. */
static int find_target(struct replace *r, const char *path, struct stat *ret_st, bool *ret_exists)
{
	char link[PATH_MAX];
	int result = enter_directory(r, path);

	for (int i = 0; result == 0 && i < REPLACE_LINKS_MAX; i++) {
		ssize_t len;

		if (fstatat(r->dirfd, r->name, ret_st, AT_SYMLINK_NOFOLLOW) != 0) {
			*ret_exists = false;
			return errno == ENOENT ? 0 : -errno;
		}
		*ret_exists = true;
		if (!S_ISLNK(ret_st->st_mode))
			return 0;
		len = readlinkat(r->dirfd, r->name, link, sizeof(link) - 1);
		if (len < 0)
			return -errno;
		link[len] = '\0';
		result = enter_directory(r, link);
	}
	return result != 0 ? result : -ELOOP;
}

/* Where the kernel shows what a descriptor is open on. */
static const char *shown_at(int fd, char (*room)[32])
{
	(void)snprintf(*room, sizeof(*room), "/proc/self/fd/%d", fd);
	return *room;
}

/* A file without a name, which is gone if we are killed. Not every file system has them. */
static bool make_unnamed(struct replace *r)
{
	char room[32];
	struct stat st;
	int fd = openat(r->dirfd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd < 0)
		return false;
	/* Without procfs it could not be given a name later on. */
	if (fstatat(AT_FDCWD, shown_at(fd, &room), &st, AT_SYMLINK_NOFOLLOW) != 0) {
		(void)close(fd);
		return false;
	}
	r->fd = fd;
	r->unnamed = true;
	return true;
}

/* Gives the file the name r->temporary: the unnamed one, or a new one. 0 or -errno. */
static int take_name(struct replace *r)
{
	char room[32];

	if (r->unnamed)
		return linkat(AT_FDCWD, shown_at(r->fd, &room), r->dirfd, r->temporary,
		              AT_SYMLINK_FOLLOW) == 0
		               ? 0
		               : -errno;
	r->fd = openat(r->dirfd, r->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return r->fd >= 0 ? 0 : -errno;
}

static int make_temporary(struct replace *r)
{
	int result = -EEXIST;

	for (int i = 0; result == -EEXIST && i < REPLACE_TRIES; i++) {
		struct strbuf name = { 0 };
		uint64_t salt;
		ssize_t n;

		do
			n = getrandom(&salt, sizeof(salt), 0);
		while (n < 0 && errno == EINTR);
		if (n != (ssize_t)sizeof(salt)) {
			result = n < 0 ? -errno : -EIO;
			break;
		}
		/* A target whose own name leaves no room for more is not repeated in it. */
		strbuf_add_format(&name, ".%.*s.dutybox.%016llx~", NAME_MAX - 32, r->name,
		                  (unsigned long long)salt);
		free(r->temporary);
		r->temporary = strbuf_detach(&name);
		result = take_name(r);
	}
	/* A name that is not ours must not be removed. */
	if (result < 0) {
		free(r->temporary);
		r->temporary = NULL;
	}
	return result;
}

int replace_begin(const char *path, struct replace *ret)
{
	struct replace r = { .fd = -1, .dirfd = -1 };
	struct stat st;
	bool exists = false;
	int result = find_target(&r, path, &st, &exists);

	if (result < 0)
		goto fail;
	if (exists && S_ISDIR(st.st_mode)) {
		result = -EISDIR;
		goto fail;
	}
	if (exists && !S_ISREG(st.st_mode)) {
		r.fd = openat(r.dirfd, r.name, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
		result = r.fd >= 0 ? 0 : -errno;
		r.in_place = true;
	} else if (!make_unnamed(&r)) {
		result = make_temporary(&r);
	}
	if (result < 0)
		goto fail;
	*ret = r;
	return 0;
fail:
	release(&r);
	return result;
}

/* Owner before mode: chown clears set-id bits. A foreign owner is kept where we may. */
static int take_over(const struct replace *r)
{
	struct stat old;

	if (fstatat(r->dirfd, r->name, &old, AT_SYMLINK_NOFOLLOW) != 0) {
		mode_t mask;

		if (errno != ENOENT)
			return -errno;
		mask = umask(0);
		(void)umask(mask);
		return fchmod(r->fd, r->mode != 0 ? r->mode : 0666 & ~mask) == 0 ? 0 : -errno;
	}
	if (!S_ISREG(old.st_mode))
		return -EEXIST;
	ignore(fchown(r->fd, old.st_uid, old.st_gid));
	return fchmod(r->fd, r->mode != 0 ? r->mode : old.st_mode & 0777) == 0 ? 0 : -errno;
}

static int publish(struct replace *r)
{
	int result = take_over(r);

	if (result < 0)
		return result;
	if (fsync(r->fd) != 0)
		return -errno;
	if (r->unnamed)
		result = make_temporary(r);
	if (result < 0)
		return result;
	result = close(r->fd);
	r->fd = -1;
	if (result != 0)
		return -errno;
	if (renameat(r->dirfd, r->temporary, r->dirfd, r->name) != 0)
		return -errno;
	free(r->temporary);
	r->temporary = NULL;
	return fsync(r->dirfd) == 0 ? 0 : -errno;
}

int replace_commit(struct replace *r)
{
	int result = 0;

	if (r->in_place) {
		result = close(r->fd) == 0 ? 0 : -errno;
		r->fd = -1;
	} else {
		result = publish(r);
	}
	replace_abort(r);
	return result;
}

void replace_abort(struct replace *r)
{
	if (r->temporary != NULL)
		(void)unlinkat(r->dirfd, r->temporary, 0);
	release(r);
}
