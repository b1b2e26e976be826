/* SPDX-License-Identifier: MIT */
#include "trees.h"

#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

enum { PART_MAX = PATH_MAX - 1 };

/* Without openat2(2): name by name, and no link at all where not all of them are allowed. */
static int open_by_steps(const struct verify_place *place, int dirfd, const char *path, int flags)
{
	AUTO_CLOSE int held = -1;

	if (place->outside)
		return openat(dirfd, path, flags | O_CLOEXEC);
	for (;;) {
		const size_t len = strcspn(path, "/");
		const char *rest = path + len + strspn(path + len, "/");
		char name[NAME_MAX + 1];
		int next;

		if (*rest == '\0')
			return openat(held >= 0 ? held : dirfd, path,
			              flags | O_NOFOLLOW | O_CLOEXEC);
		if (len > NAME_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, path, len);
		name[len] = '\0';
		next = openat(held >= 0 ? held : dirfd, name,
		              O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -1;
		if (held >= 0)
			(void)close(held);
		held = next;
		path = rest;
	}
}

static int open_part(const struct verify_place *place, int dirfd, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC };
	long fd;

	if (place->without_links)
		how.resolve = RESOLVE_NO_SYMLINKS;
	else if (!place->outside)
		how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
	do {
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN);
	if (fd < 0 && errno == ENOSYS)
		fd = open_by_steps(place, dirfd, path, flags);
	return fd < 0 ? -errno : (int)fd;
}

/* The directory that the first `len` bytes of `path`, less than PATH_MAX, lead to. */
static int open_start(const struct verify_place *place, int dirfd, const char *path, size_t len)
{
	char part[PATH_MAX];

	memcpy(part, path, len);
	part[len] = '\0';
	return open_part(place, dirfd, part, O_PATH | O_DIRECTORY);
}

/*
 * Enters the directories of a path that is too long for one call. *path becomes the rest of
 * it. The directory to go on from (`place->dirfd`, or one that the caller closes), or -errno.
 */
static int enter_long(const struct verify_place *place, const char **path)
{
	int dirfd = place->dirfd;

	while (strlen(*path) > PART_MAX) {
		const char *slash = memrchr(*path, '/', PART_MAX);
		int next = slash == NULL || slash == *path
		                   ? -ENAMETOOLONG
		                   : open_start(place, dirfd, *path, (size_t)(slash - *path));

		if (dirfd != place->dirfd)
			(void)close(dirfd);
		if (next < 0)
			return next;
		dirfd = next;
		*path = slash + strspn(slash, "/");
	}
	return dirfd;
}

static int judge(const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return 0;
	return S_ISDIR(st->st_mode) ? -EISDIR : -ENXIO;
}

static int open_regular(const struct verify_place *place, int dirfd, const char *name)
{
	const int no_links = place->without_links ? AT_SYMLINK_NOFOLLOW : 0;
	struct stat st;
	int fd;
	int r;

	/* A look at it first, as opening alone acts on FIFOs and devices. */
	if (fstatat(dirfd, name, &st, no_links | AT_NO_AUTOMOUNT) != 0)
		return -errno;
	r = judge(&st);
	if (r < 0)
		return r;
	fd = open_part(place, dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	/* It may be another one by now. */
	r = fstat(fd, &st) != 0 ? -errno : judge(&st);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

int verify_open(const struct verify_place *place, const char *path)
{
	int dirfd = enter_long(place, &path);
	int fd;

	if (dirfd < 0 && dirfd != AT_FDCWD)
		return dirfd;
	fd = open_regular(place, dirfd, path);
	if (dirfd != place->dirfd)
		(void)close(dirfd);
	return fd;
}

int verify_open_name(const struct verify_place *place, const char *path)
{
	int dirfd = enter_long(place, &path);
	int fd;

	if (dirfd < 0 && dirfd != AT_FDCWD)
		return dirfd;
	fd = open_part(place, dirfd, path, O_PATH | O_NOFOLLOW);
	if (dirfd != place->dirfd)
		(void)close(dirfd);
	return fd;
}

const char *verify_why(int err)
{
	const char *why;

	switch (err) {
	case ENXIO:
		return "is not a regular file";
	case EXDEV:
		return "a link leads outside the directory; --allow-outside reads it";
	case ESTALE:
		return "changed while it was read";
	default:
		why = strerrordesc_np(err);
		return why != NULL ? why : "unknown error";
	}
}

static bool tick(uint64_t bytes, void *user)
{
	struct verify_run *run = user;
	uint64_t done = atomic_fetch_add_explicit(&run->bytes, bytes, memory_order_relaxed);

	progress_tick(run->progress, done + bytes, 0, NULL);
	return !sig_stopped();
}

struct read_opts verify_read_opts(struct verify_run *run)
{
	return (struct read_opts){ .direct = run->opts->direct, .progress = tick, .user = run };
}
