/* SPDX-License-Identifier: MIT */
#include "fs/trash.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

enum { DIR_BITS = 0700, FILE_BITS = 0600, TRIES = 10000, SUFFIX_ROOM = 32 };

/* A trash that is open. */
struct trash {
	int files, info;
	struct strbuf path; /* of it */
	struct strbuf top;  /* what paths in it are relative to; empty: they are absolute */
};

static int where_is(int fd, struct strbuf *ret)
{
	char shown[32];
	char found[PATH_MAX];
	ssize_t len;

	(void)snprintf(shown, sizeof(shown), "/proc/self/fd/%d", fd);
	len = readlink(shown, found, sizeof(found));
	if (len < 0 || len == (ssize_t)sizeof(found))
		return len < 0 ? -errno : -ENAMETOOLONG;
	strbuf_add(ret, found, (size_t)len);
	return 0;
}

/* A directory of the user's own that nobody else can reach through a link; made when missing. */
static int open_own(int dirfd, const char *name)
{
	struct stat st;
	int fd;

	if (mkdirat(dirfd, name, DIR_BITS) != 0 && errno != EEXIST)
		return -errno;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || st.st_uid != geteuid()) {
		(void)close(fd);
		return -EPERM;
	}
	return fd;
}

/* The parts of a trash; takes the descriptor. */
static int open_parts(int fd, struct trash *t)
{
	int r = fd < 0 ? fd : where_is(fd, &t->path);

	t->files = r == 0 ? open_own(fd, "files") : -1;
	t->info = t->files >= 0 ? open_own(fd, "info") : -1;
	if (fd >= 0)
		(void)close(fd);
	if (r < 0)
		return r;
	return t->files < 0 ? t->files : t->info < 0 ? t->info : 0;
}

/* The home trash with its parents, which may all be missing. */
static int open_home(const char *path)
{
	AUTO_FREE_STR char *text = mem_strdup(path);
	int fd;

	for (char *slash = strchr(text + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(text, DIR_BITS) != 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(text, DIR_BITS) != 0 && errno != EEXIST)
		return -errno;
	fd = open(text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The top directory of the file system: as far up as the device stays the same. */
static int open_top(int dirfd, dev_t device)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0) {
		struct stat here, above;
		int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (up < 0 || fstat(fd, &here) != 0 || fstat(up, &above) != 0) {
			int err = -errno;

			(void)close(fd);
			if (up >= 0)
				(void)close(up);
			return err;
		}
		if (above.st_dev != device ||
		    (above.st_ino == here.st_ino && above.st_dev == here.st_dev)) {
			(void)close(up);
			return fd;
		}
		(void)close(fd);
		fd = up;
	}
	return -errno;
}

/* .Trash counts only where it is a real directory with the sticky bit. */
static int open_of_top(int top)
{
	char name[SUFFIX_ROOM];
	AUTO_CLOSE int shared =
		openat(top, ".Trash", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (shared >= 0 && fstat(shared, &st) == 0 && (st.st_mode & S_ISVTX) != 0) {
		int fd;

		(void)snprintf(name, sizeof(name), "%u", (unsigned)geteuid());
		fd = open_own(shared, name);
		if (fd >= 0)
			return fd;
	}
	(void)snprintf(name, sizeof(name), ".Trash-%u", (unsigned)geteuid());
	return open_own(top, name);
}

static int open_trash(const struct trash_request *q, struct trash *t)
{
	int fd = q->home != NULL ? open_home(q->home) : -ENOENT;
	struct stat st;
	int r;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == q->st.st_dev)
		return open_parts(fd, t);
	if (fd >= 0)
		(void)close(fd);
	fd = open_top(q->dirfd, q->st.st_dev);
	if (fd < 0)
		return fd;
	r = where_is(fd, &t->top);
	if (r == 0)
		r = open_parts(open_of_top(fd), t);
	(void)close(fd);
	return r;
}

static void add_escaped(struct strbuf *b, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/!$&'()*+,;=:@";

	for (; *path != '\0'; path++) {
		if (strchr(plain, *path) != NULL)
			strbuf_add_char(b, *path);
		else
			strbuf_add_format(b, "%%%02X", (unsigned)(unsigned char)*path);
	}
}

/* What the info file says. */
static int describe(const struct trash_request *q, const struct trash *t, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct tm local;
	const char *below;
	int r = where_is(q->dirfd, &path);

	if (r < 0)
		return r;
	if (strcmp(strbuf_str(&path), "/") != 0)
		strbuf_add_char(&path, '/');
	strbuf_add_str(&path, q->name);
	below = strbuf_str(&path);
	if (t->top.len > 1 && strncmp(below, t->top.data, t->top.len) == 0)
		below += t->top.len + 1;
	(void)localtime_r(&q->now.tv_sec, &local);
	strbuf_add_str(ret, "[Trash Info]\nPath=");
	add_escaped(ret, below);
	strbuf_add_format(ret, "\nDeletionDate=%04d-%02d-%02dT%02d:%02d:%02d\n",
	                  local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour,
	                  local.tm_min, local.tm_sec);
	return 0;
}

static int write_info(const struct trash *t, const char *info_name, const struct strbuf *text)
{
	int fd = openat(t->info, info_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                FILE_BITS);
	int r;

	if (fd < 0)
		return -errno;
	r = fdio_write_all(fd, strbuf_str(text), text->len);
	if (close(fd) != 0 && r == 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(t->info, info_name, 0);
	return r;
}

/* One name: the info file first, which claims it. */
static int try_name(const struct trash_request *q, const struct trash *t, const char *name,
                    const struct strbuf *text)
{
	AUTO_RELEASE_STRBUF struct strbuf info = { 0 };
	int r;

	strbuf_add_format(&info, "%s.trashinfo", name);
	r = write_info(t, strbuf_str(&info), text);
	if (r < 0)
		return r;
	if (renameat2(q->dirfd, q->name, t->files, name, RENAME_NOREPLACE) == 0)
		return 0;
	r = -errno;
	(void)unlinkat(t->info, strbuf_str(&info), 0);
	return r;
}

static int put(const struct trash_request *q, const struct trash *t, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	/* Room for a number and for ".trashinfo". */
	size_t most = NAME_MAX - SUFFIX_ROOM;
	size_t len = strnlen(q->name, most);
	int r = describe(q, t, &text);

	for (int i = 1; r == 0 && i < TRIES; i++) {
		AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

		strbuf_add(&name, q->name, len);
		if (i > 1)
			strbuf_add_format(&name, ".%d", i);
		r = try_name(q, t, strbuf_str(&name), &text);
		if (r == 0) {
			strbuf_add_format(ret, "%s/files/%s", strbuf_str(&t->path),
			                  strbuf_str(&name));
			return 0;
		}
		r = r == -EEXIST ? 0 : r;
	}
	return r < 0 ? r : -EEXIST;
}

int trash_put(const struct trash_request *q, struct strbuf *ret)
{
	struct trash t = { .files = -1, .info = -1 };
	int r = open_trash(q, &t);

	if (r == 0)
		r = put(q, &t, ret);
	if (t.files >= 0)
		(void)close(t.files);
	if (t.info >= 0)
		(void)close(t.info);
	strbuf_release(&t.path);
	strbuf_release(&t.top);
	return r;
}
