/* SPDX-License-Identifier: MIT */
#include "fs/dupe_private.h"

#include "base/mem.h"
#include "fs/hash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { ATTRIBUTE_LIST = 65536, ATTRIBUTE_VALUE = 65536 };

bool dupe_skip(struct dupe_turn *t, const char *reason)
{
	t->outcome = (struct dupe_outcome){ .result = DUPE_SKIPPED, .reason = reason };
	return false;
}

bool dupe_changed(struct dupe_turn *t, const char *reason)
{
	(void)dupe_skip(t, reason);
	t->outcome.trouble = true;
	return false;
}

bool dupe_fail(struct dupe_turn *t, const char *verb, int err)
{
	t->outcome = (struct dupe_outcome){
		.result = DUPE_FAILED, .verb = verb, .err = err, .trouble = true
	};
	return false;
}

static bool is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/* Immutable or append-only; a file system that cannot tell has neither. */
static bool is_locked(int fd)
{
	int flags = 0;

	return ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
	       (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0;
}

/* One attribute of both files. */
static bool is_same_xattr(int a, int b, const char *name)
{
	AUTO_FREE_STR char *value_a = mem_alloc(ATTRIBUTE_VALUE);
	AUTO_FREE_STR char *value_b = mem_alloc(ATTRIBUTE_VALUE);
	ssize_t n = fgetxattr(a, name, value_a, ATTRIBUTE_VALUE);

	return n >= 0 && n == fgetxattr(b, name, value_b, ATTRIBUTE_VALUE) &&
	       memcmp(value_a, value_b, (size_t)n) == 0;
}

/* ACLs are among them. What cannot be read is not the same. */
static bool has_same_xattrs(int a, int b)
{
	AUTO_FREE_STR char *list = mem_alloc(ATTRIBUTE_LIST);
	ssize_t n = flistxattr(a, list, ATTRIBUTE_LIST);
	ssize_t m = flistxattr(b, NULL, 0);

	if (n < 0 || m < 0)
		return n == m && errno == ENOTSUP;
	if (n != m)
		return false;
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(list + at) + 1)
		if (!is_same_xattr(a, b, list + at))
			return false;
	return true;
}

/* A link makes two names of one inode: what the inode says must hold for both. */
static bool may_link(struct dupe_turn *t)
{
	const struct stat *k = &t->kept.st;
	const struct stat *v = &t->victim.st;

	if (k->st_uid != v->st_uid || k->st_gid != v->st_gid)
		return dupe_skip(t, "it has another owner or group than the file that stays");
	if (k->st_mode != v->st_mode)
		return dupe_skip(t, "it has other permissions than the file that stays");
	if (!has_same_xattrs(t->kept.fd, t->victim.fd))
		return dupe_skip(t, "it has other attributes than the file that stays");
	return true;
}

/* The name can be replaced or taken away; sharing extents does not touch it. */
static bool may_rename(const struct dupe_turn *t)
{
	return t->actor->opts.action == DUPE_REFLINK ||
	       faccessat(t->victim.dirfd, ".", W_OK | X_OK, AT_EACCESS) == 0 ||
	       (errno != EACCES && errno != EROFS);
}

bool dupe_is_allowed(struct dupe_turn *t)
{
	const enum dupe_action action = t->actor->opts.action;
	const struct dupe_opts *opts = &t->actor->opts;
	const struct stat *k = &t->kept.st;
	const struct stat *v = &t->victim.st;
	uid_t user = geteuid();

	if (k->st_dev == v->st_dev && k->st_ino == v->st_ino)
		return dupe_skip(t, "it is the file that stays, by another name");
	if (opts->has_older && is_later(v->st_mtim, opts->older))
		return dupe_skip(t, "it was modified too lately");
	if (is_locked(t->victim.fd))
		return dupe_skip(t, "it is immutable or append-only");
	if (!may_rename(t))
		return dupe_skip(t, "its directory may not be written to");
	if (user != 0 && v->st_uid != user)
		return dupe_skip(t, "it belongs to another user");
	if ((action == DUPE_HARDLINK || action == DUPE_REFLINK) && k->st_dev != v->st_dev)
		return dupe_skip(t, "it is on another file system than the file that stays");
	if ((action == DUPE_DELETE || action == DUPE_SYMLINK) && k->st_uid != v->st_uid &&
	    k->st_uid != 0 && k->st_uid != user)
		return dupe_skip(t, "the file that stays belongs to another user");
	return action != DUPE_HARDLINK || may_link(t);
}

static bool go_on(uint64_t bytes, void *user)
{
	const struct dupe_opts *opts = user;

	(void)bytes;
	return opts->go_on == NULL || opts->go_on(opts->user);
}

bool dupe_is_equal(struct dupe_turn *t)
{
	const struct read_opts opts = { .progress = go_on, .user = &t->actor->opts };
	int r = compare_fds(t->kept.fd, t->victim.fd, &opts, NULL);

	if (r == 0)
		return true;
	if (r == 1)
		return dupe_changed(t, "it is not equal any more");
	if (r == -ESTALE)
		return dupe_changed(t, "it changed while it was compared");
	return dupe_fail(t, "compare", -r);
}

static bool is_unchanged(const struct stat *then, const struct stat *now)
{
	return S_ISREG(now->st_mode) && now->st_dev == then->st_dev &&
	       now->st_ino == then->st_ino && now->st_size == then->st_size &&
	       now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
	       now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* Linking and renaming change ctime: mtime, size and inode tell. */
bool dupe_kept_stands(struct dupe_turn *t)
{
	struct stat now;

	if (fstatat(t->kept.dirfd, t->kept.name, &now, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !is_unchanged(&t->kept.st, &now) || fstat(t->kept.fd, &now) != 0 || now.st_nlink == 0)
		return dupe_changed(t, "the file that stays has changed");
	return true;
}

bool dupe_is_victim(const struct dupe_turn *t, int dirfd, const char *name)
{
	struct stat now;

	return fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       is_unchanged(&t->victim.st, &now);
}
