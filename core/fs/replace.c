/* SPDX-License-Identifier: MIT */
#include "fs/replace.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "fs/final_name.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { REPLACE_TRIES = 16 };

static void release(struct replace *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->dirfd >= 0)
		(void)close(r->dirfd);
	free(r->temporary);
	*r = (struct replace){ .fd = -1, .dirfd = -1 };
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
	struct final_name target;
	int result = final_name_find(path, FINAL_FOLLOW, &target);

	if (result < 0)
		return result;
	r.dirfd = target.dirfd;
	memcpy(r.name, target.name, sizeof(r.name));
	if (target.exists && S_ISDIR(target.st.st_mode)) {
		result = -EISDIR;
		goto fail;
	}
	if (target.exists && (!S_ISREG(target.st.st_mode) || target.is_open_file)) {
		r.fd = openat(r.dirfd, r.name,
		              O_WRONLY | O_NOCTTY | O_CLOEXEC |
		                      (target.is_open_file ? 0 : O_NOFOLLOW));
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
