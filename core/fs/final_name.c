/* SPDX-License-Identifier: MIT */
#include "fs/final_name.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

enum { LINKS_MAX = 40 };

/* Opens the directory of `path`, from the one it was in, and keeps the last component. */
static int enter_directory(struct final_name *f, const char *path)
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

	fd = openat(f->dirfd >= 0 ? f->dirfd : AT_FDCWD, directory,
	            O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (f->dirfd >= 0)
		(void)close(f->dirfd);
	f->dirfd = fd;
	memcpy(f->name, name, len + 1);
	return 0;
}

/* The text of such a link is no path. */
static bool leads_to_open_file(struct final_name *f)
{
	struct statfs fs;

	f->is_open_file = fstatfs(f->dirfd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
	                  strspn(f->name, "0123456789") == strlen(f->name);
	return f->is_open_file && fstatat(f->dirfd, f->name, &f->st, 0) == 0;
}

/* 1: it was a link, and `f` is where that leads; 0: it was not; -errno. */
static int follow(struct final_name *f, unsigned flags)
{
	char link[PATH_MAX];
	ssize_t len;
	int r;

	if (fstatat(f->dirfd, f->name, &f->st, AT_SYMLINK_NOFOLLOW) != 0) {
		f->exists = false;
		return errno == ENOENT ? 0 : -errno;
	}
	f->exists = true;
	if (!S_ISLNK(f->st.st_mode) || (flags & FINAL_FOLLOW) == 0 || leads_to_open_file(f))
		return 0;
	if ((flags & FINAL_TRUSTED) != 0 && f->st.st_uid != 0 && f->st.st_uid != geteuid())
		return -ELOOP;
	len = readlinkat(f->dirfd, f->name, link, sizeof(link) - 1);
	if (len < 0)
		return -errno;
	link[len] = '\0';
	r = enter_directory(f, link);
	return r < 0 ? r : 1;
}

int final_name_find(const char *path, unsigned flags, struct final_name *ret)
{
	struct final_name f = { .dirfd = -1 };
	int r = enter_directory(&f, path);

	for (int i = 0; r == 0 && i < LINKS_MAX; i++) {
		r = follow(&f, flags);
		if (r == 0) {
			*ret = f;
			return 0;
		}
		r = r == 1 ? 0 : r;
	}
	final_name_release(&f);
	return r != 0 ? r : -ELOOP;
}

void final_name_release(struct final_name *f)
{
	if (f->dirfd >= 0)
		(void)close(f->dirfd);
	f->dirfd = -1;
}
