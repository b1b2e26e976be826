/* SPDX-License-Identifier: MIT */
#include "fs/put_locked.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

enum { TRIES = 16, RACES = 8 };

/* FNV-1a, which spreads similar names well enough (Fowler, Noll, Vo). */
static uint32_t hash_name(const char *name)
{
	uint32_t h = 0x811c9dc5U;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 0x01000193U;
	return h;
}

/* Takes it away when it is ours and nobody works on it. */
static void reclaim(int dirfd, const char *name)
{
	AUTO_CLOSE int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st, named;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    flock(fd, LOCK_EX | LOCK_NB) != 0)
		return;
	/* The name may be a newer file's by now, or that of the finished one. */
	if (fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == st.st_dev &&
	    named.st_ino == st.st_ino)
		ignore(unlinkat(dirfd, name, 0));
}

/* False: another run took it for a leftover before it was locked. */
static bool lock(const struct put *p)
{
	struct stat st;

	if (flock(p->fd, LOCK_EX | LOCK_NB) != 0)
		return errno != EWOULDBLOCK;
	return fstat(p->fd, &st) != 0 || st.st_nlink > 0;
}

int put_regular_locked(int dirfd, const char *target, mode_t mode, struct put *ret)
{
	struct put_names names = { .salt = hash_name(target), .seeded = true };
	char name[PUT_NAME_SIZE];

	for (int i = 0; i < TRIES; i++) {
		struct stat st;

		put_name_next(&names, name);
		if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			break;
		reclaim(dirfd, name);
	}
	names.next = 0;
	for (int i = 0; i < RACES; i++) {
		struct put p;
		int r = put_regular(&names, dirfd, mode, &p);

		if (r < 0)
			return r;
		if (lock(&p)) {
			*ret = p;
			return 0;
		}
		(void)close(p.fd);
	}
	return -EBUSY;
}
