/* SPDX-License-Identifier: MIT */
/*
 * The last step of each action. Where a name is replaced, the new one and the victim change
 * places, so that the name leads somewhere at every moment; then the victim, under the
 * temporary name where nobody looks for it, is seen to be the one that was compared; and only
 * then it goes.
 */
#include "fs/dupe_private.h"

#include "base/mem.h"
#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { DEDUPE_PIECE = 16 << 20 };

/* The victim is called `from` in its directory, and comes back; else it is told under which name.
 */
static bool bring_back(struct dupe_turn *t, int dirfd, const char *from)
{
	if (renameat2(dirfd, from, t->victim.dirfd, t->victim.name, RENAME_NOREPLACE) != 0)
		return dupe_fail(t, "give back its name to a temporary name of", errno);
	return false;
}

/* Neither changed up to now: with the victim under its temporary name. */
static bool is_sure(struct dupe_turn *t, int dirfd, const char *name)
{
	if (!dupe_is_victim(t, dirfd, name))
		return dupe_changed(t, "it changed at the last moment");
	return dupe_kept_stands(t);
}

bool dupe_delete(struct dupe_turn *t)
{
	int dirfd = t->victim.dirfd;

	if (!is_sure(t, dirfd, t->victim.name))
		return false;
	if (renameat2(dirfd, t->victim.name, dirfd, t->temporary, RENAME_NOREPLACE) != 0)
		return dupe_fail(t, "delete", errno);
	if (!is_sure(t, dirfd, t->temporary))
		return bring_back(t, dirfd, t->temporary);
	if (unlinkat(dirfd, t->temporary, 0) != 0) {
		(void)dupe_fail(t, "delete", errno);
		return bring_back(t, dirfd, t->temporary);
	}
	return true;
}

/* Makes the victim's directories below `move_to`; the last one open in *ret. */
static bool make_way(struct dupe_turn *t, char *path, int *ret)
{
	int held = fcntl(t->actor->move_fd, F_DUPFD_CLOEXEC, 3);
	char *rest = path;

	if (held < 0)
		return dupe_fail(t, "open", errno);
	for (char *name; (name = strsep(&rest, "/")) != NULL && rest != NULL;) {
		int next;

		/* Names of the place it came from; none leads up or out. */
		if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (mkdirat(held, name, 0777) != 0 && errno != EEXIST) {
			(void)dupe_fail(t, "make a directory for", errno);
			(void)close(held);
			return false;
		}
		next = openat(held, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		(void)close(held);
		if (next < 0)
			return dupe_fail(t, "open the new directory of", errno);
		held = next;
	}
	*ret = held;
	return true;
}

bool dupe_move(struct dupe_turn *t)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_CLOSE int to = -1;
	const char *name = t->victim.name;

	file_list_add_path(t->actor->list, t->victim.number, &path);
	if (!make_way(t, path.data, &to) || !is_sure(t, t->victim.dirfd, name))
		return false;
	if (renameat2(t->victim.dirfd, name, to, name, RENAME_NOREPLACE) != 0) {
		if (errno == EXDEV)
			return dupe_skip(t, "the directory to move to is on another file system");
		if (errno == EEXIST)
			return dupe_skip(t, "there is a file of that name where it would be moved");
		return dupe_fail(t, "move", errno);
	}
	return is_sure(t, to, name) || bring_back(t, to, name);
}

/* The new one, now under the temporary name, and the victim change places; the victim goes. */
static bool exchange(struct dupe_turn *t)
{
	int dirfd = t->victim.dirfd;
	const char *name = t->victim.name;

	if (!is_sure(t, dirfd, name)) {
		(void)unlinkat(dirfd, t->temporary, 0);
		return false;
	}
	if (renameat2(dirfd, t->temporary, dirfd, name, RENAME_EXCHANGE) != 0) {
		int err = errno;

		/* A file system that knows no exchange replaces at once; what was seen is moments
		 * old. */
		if (err == EINVAL && renameat(dirfd, t->temporary, dirfd, name) == 0)
			return true;
		(void)unlinkat(dirfd, t->temporary, 0);
		return dupe_fail(t, "replace", err);
	}
	if (!is_sure(t, dirfd, t->temporary)) {
		if (renameat2(dirfd, t->temporary, dirfd, name, RENAME_EXCHANGE) != 0)
			return dupe_fail(t, "give back its name to a temporary name of", errno);
		(void)unlinkat(dirfd, t->temporary, 0);
		return false;
	}
	if (unlinkat(dirfd, t->temporary, 0) != 0)
		return dupe_fail(t, "remove the old contents of", errno);
	return true;
}

bool dupe_hardlink(struct dupe_turn *t)
{
	struct stat linked;
	int dirfd = t->victim.dirfd;

	if (linkat(t->kept.dirfd, t->kept.name, dirfd, t->temporary, 0) != 0) {
		if (errno == EMLINK)
			return dupe_skip(t, "the file that stays has as many names as it may have");
		return dupe_fail(t, "link", errno);
	}
	/* The name may have led to another file just then. */
	if (fstatat(dirfd, t->temporary, &linked, AT_SYMLINK_NOFOLLOW) != 0 ||
	    linked.st_ino != t->kept.st.st_ino || linked.st_dev != t->kept.st.st_dev) {
		(void)unlinkat(dirfd, t->temporary, 0);
		return dupe_changed(t, "the file that stays has changed");
	}
	return exchange(t);
}

/* Where the directory really is. */
static bool real_path(int fd, char *ret)
{
	char link[32];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, PATH_MAX - 1);
	if (n <= 0 || ret[0] != '/')
		return false;
	ret[n] = '\0';
	return true;
}

/* From the directory `from` to `name` in the directory `to`, both absolute and without links. */
static void add_relative(struct strbuf *b, const char *from, const char *to, const char *name)
{
	size_t common = 0;
	size_t i = 0;

	/* Up to the last component both have. */
	for (; from[i] == to[i] && from[i] != '\0'; i++)
		if (from[i] == '/')
			common = i;
	if ((from[i] == '\0' || from[i] == '/') && (to[i] == '\0' || to[i] == '/'))
		common = i;
	for (const char *at = from + common; *at != '\0'; at++)
		if (*at == '/' && at[1] != '\0')
			strbuf_add_str(b, "../");
	to += common;
	to += *to == '/';
	strbuf_add_str(b, to);
	if (*to != '\0')
		strbuf_add_char(b, '/');
	strbuf_add_str(b, name);
}

bool dupe_symlink(struct dupe_turn *t)
{
	AUTO_RELEASE_STRBUF struct strbuf target = { 0 };
	char from[PATH_MAX];
	char to[PATH_MAX];
	struct stat linked;
	int dirfd = t->victim.dirfd;

	if (!real_path(dirfd, from) || !real_path(t->kept.dirfd, to))
		return dupe_skip(t, "where it is cannot be told (no /proc, or too long a path)");
	add_relative(&target, from, to, t->kept.name);
	if (symlinkat(strbuf_str(&target), dirfd, t->temporary) != 0)
		return dupe_fail(t, "link", errno);
	if (fstatat(dirfd, t->temporary, &linked, 0) != 0 || linked.st_ino != t->kept.st.st_ino ||
	    linked.st_dev != t->kept.st.st_dev) {
		(void)unlinkat(dirfd, t->temporary, 0);
		return dupe_skip(t, "a symbolic link would not lead to the file that stays");
	}
	return exchange(t);
}

/* One range; *ret_done gets what the kernel shared of it. */
static bool dedupe_range(struct dupe_turn *t, int victim, uint64_t at, uint64_t len,
                         uint64_t *ret_done)
{
	union {
		struct file_dedupe_range range;
		char room[sizeof(struct file_dedupe_range) + sizeof(struct file_dedupe_range_info)];
	} request = { .range = { .src_offset = at, .src_length = len, .dest_count = 1 } };
	struct file_dedupe_range_info *info = &request.range.info[0];

	info->dest_fd = victim;
	info->dest_offset = at;
	if (ioctl(t->kept.fd, FIDEDUPERANGE, &request.range) != 0)
		return errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL || errno == EXDEV
		               ? dupe_skip(t, "the file system cannot share extents")
		               : dupe_fail(t, "share extents of", errno);
	if (info->status == FILE_DEDUPE_RANGE_DIFFERS)
		return dupe_changed(t, "it is not equal any more");
	if (info->status < 0)
		return info->status == -EOPNOTSUPP || info->status == -EINVAL
		               ? dupe_skip(t, "the file system cannot share extents")
		               : dupe_fail(t, "share extents of", -info->status);
	*ret_done = info->bytes_deduped;
	return true;
}

/* The kernel wants the victim's descriptor to be one for writing, or its owner's. */
static int open_for_dedupe(const struct dupe_turn *t)
{
	int fd = openat(t->victim.dirfd, t->victim.name,
	                O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		fd = fcntl(t->victim.fd, F_DUPFD_CLOEXEC, 3);
	return fd;
}

bool dupe_reflink(struct dupe_turn *t)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, t->victim.st.st_mtim };
	uint64_t size = (uint64_t)t->victim.st.st_size;
	AUTO_CLOSE int fd = open_for_dedupe(t);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return dupe_fail(t, "open", errno);
	if (st.st_ino != t->victim.st.st_ino || st.st_dev != t->victim.st.st_dev)
		return dupe_changed(t, "it has changed");
	for (uint64_t at = 0, done = 0; at < size; at += done) {
		uint64_t len = size - at < DEDUPE_PIECE ? size - at : DEDUPE_PIECE;

		if (!dedupe_range(t, fd, at, len, &done))
			return false;
		if (done == 0)
			return dupe_skip(t, "the kernel shared none of its extents");
	}
	/* Some kernels touch mtime when they share the last block. */
	if (fstat(fd, &st) == 0 &&
	    (st.st_mtim.tv_sec != times[1].tv_sec || st.st_mtim.tv_nsec != times[1].tv_nsec))
		(void)futimens(fd, times);
	return true;
}
