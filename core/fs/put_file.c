/* SPDX-License-Identifier: MIT */
#include "fs/put_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

static const char prefix[] = ".dutybox.";
static const char suffix[] = ".part";
enum { DIGITS = 8, TRIES = 64 };

static int seed(struct put_names *names)
{
	ssize_t n;

	if (names->seeded)
		return 0;
	do
		n = getrandom(&names->salt, sizeof(names->salt), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(names->salt))
		return n < 0 ? -errno : -EIO;
	names->seeded = true;
	return 0;
}

void put_name_next(struct put_names *names, char ret[static PUT_NAME_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	/* An odd factor: 2^32 different numbers before one comes again. */
	uint32_t number = names->salt + names->next++ * 0x9e3779b1U;
	char *at = ret;

	memcpy(at, prefix, sizeof(prefix) - 1);
	at += sizeof(prefix) - 1;
	for (int i = DIGITS - 1; i >= 0; i--)
		*at++ = digits[(number >> (4 * i)) & 15];
	memcpy(at, suffix, sizeof(suffix));
}

bool put_is_temporary(const char *name)
{
	const char *digits = name + sizeof(prefix) - 1;

	return strncmp(name, prefix, sizeof(prefix) - 1) == 0 &&
	       strspn(digits, "0123456789abcdef") == DIGITS && strcmp(digits + DIGITS, suffix) == 0;
}

/* Calls `make` with new names until one was free. */
#define TRY_NAMES(names, ret, result, make)                                        \
	do {                                                                       \
		(result) = seed(names);                                            \
		for (int i_ = 0; (result) == 0 && i_ < TRIES; i_++) {              \
			put_name_next((names), (ret)->name);                       \
			if ((make) >= 0)                                           \
				break;                                             \
			(result) = errno == EEXIST && i_ + 1 < TRIES ? 0 : -errno; \
		}                                                                  \
	} while (0)

int put_regular(struct put_names *names, int dirfd, mode_t mode, struct put *ret)
{
	struct put p = { .dirfd = dirfd, .fd = -1 };
	int r;

	TRY_NAMES(names, &p, r,
	          p.fd = openat(dirfd, p.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                        mode));
	if (r == 0)
		*ret = p;
	return r;
}

int put_symlink(struct put_names *names, int dirfd, const char *target, struct put *ret)
{
	struct put p = { .dirfd = dirfd, .fd = -1 };
	int r;

	TRY_NAMES(names, &p, r, symlinkat(target, dirfd, p.name));
	if (r == 0)
		*ret = p;
	return r;
}

int put_special(struct put_names *names, int dirfd, const struct stat *like, struct put *ret)
{
	struct put p = { .dirfd = dirfd, .fd = -1 };
	int r;

	TRY_NAMES(names, &p, r,
	          mknodat(dirfd, p.name, (like->st_mode & S_IFMT) | 0600, like->st_rdev));
	if (r == 0)
		*ret = p;
	return r;
}

int put_directory(struct put_names *names, int dirfd, struct put *ret)
{
	struct put p = { .dirfd = dirfd, .fd = -1 };
	int r;

	TRY_NAMES(names, &p, r, mkdirat(dirfd, p.name, 0700));
	if (r == 0)
		*ret = p;
	return r;
}

int put_link(struct put_names *names, int dirfd, int from_dirfd, const char *from, struct put *ret)
{
	struct put p = { .dirfd = dirfd, .fd = -1, .is_link = true };
	int r;

	TRY_NAMES(names, &p, r, linkat(from_dirfd, from, dirfd, p.name, 0));
	if (r == 0)
		*ret = p;
	return r;
}

static int rename_new(const struct put *p, const char *name)
{
	struct stat st;

	if (renameat2(p->dirfd, p->name, p->dirfd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* The file system cannot promise it: look, then rename. */
	if (fstatat(p->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	return renameat(p->dirfd, p->name, p->dirfd, name) == 0 ? 0 : -errno;
}

/* The old one gets the temporary name, and goes; or comes back. */
static int exchange(const struct put *p, const char *name, int flags)
{
	int err;

	if (renameat2(p->dirfd, p->name, p->dirfd, name, RENAME_EXCHANGE) != 0)
		return -errno;
	if (unlinkat(p->dirfd, p->name, flags) == 0)
		return 0;
	err = -errno;
	/* The new one under the temporary name again, for put_abort(). */
	return renameat2(p->dirfd, p->name, p->dirfd, name, RENAME_EXCHANGE) == 0 ? err : -errno;
}

static int publish(const struct put *p, const char *name, enum put_over over)
{
	struct stat st;

	switch (over) {
	case PUT_NEW:
		return rename_new(p, name);
	case PUT_OVER_DIR:
		return exchange(p, name, AT_REMOVEDIR);
	case PUT_SWAP_DIR:
		return renameat2(p->dirfd, p->name, p->dirfd, name, RENAME_EXCHANGE) == 0 ? 0
		                                                                          : -errno;
	case PUT_OVER:
		break;
	}
	if (renameat(p->dirfd, p->name, p->dirfd, name) == 0) {
		/* rename(2) does nothing when both names are of one file. */
		if (p->is_link)
			ignore(unlinkat(p->dirfd, p->name, 0));
		return 0;
	}
	/* A directory takes the place of something else only by exchange. */
	if (errno == ENOTDIR && fstatat(p->dirfd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		return exchange(p, name, 0);
	return -errno;
}

int put_commit(struct put *p, const char *name, enum put_over over)
{
	int r = 0;

	if (p->fd >= 0) {
		r = close(p->fd) == 0 || errno == EINTR ? 0 : -errno;
		p->fd = -1;
	}
	if (r == 0)
		r = publish(p, name, over);
	if (r < 0)
		put_abort(p);
	return r;
}

void put_abort(struct put *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
	if (unlinkat(p->dirfd, p->name, 0) != 0 && errno == EISDIR)
		ignore(unlinkat(p->dirfd, p->name, AT_REMOVEDIR));
}
