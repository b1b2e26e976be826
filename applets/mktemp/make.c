/* SPDX-License-Identifier: MIT */
#include "mktemp.h"

#include "fs/copy_meta.h"
#include "fs/tree_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>

enum { TRIES = 1000, RANDOM_BYTES = 256, FILE_BITS = 0600, DIR_BITS = 0700 };

const char random_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
enum { LETTERS = sizeof(random_letters) - 1 };

/* Each letter equally likely: bytes beyond the last whole multiple are drawn again. */
static int fill_random(char *at, size_t len)
{
	unsigned char bytes[RANDOM_BYTES];
	size_t have = 0, used = 0;

	while (len > 0) {
		unsigned char byte;

		if (used == have) {
			ssize_t n = getrandom(bytes, sizeof(bytes), 0);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return n < 0 ? -errno : -EIO;
			have = (size_t)n;
			used = 0;
		}
		byte = bytes[used++];
		if (byte >= RANDOM_BYTES / LETTERS * LETTERS)
			continue;
		*at++ = random_letters[byte % LETTERS];
		len--;
	}
	return 0;
}

/* Where anybody may rename and remove what is others'. */
static void warn_of_directory(const struct mktemp_run *m, const char *path, int dirfd)
{
	struct stat st;

	if (!m->opts->quiet && fstat(dirfd, &st) == 0 && (st.st_mode & S_IWOTH) != 0 &&
	    (st.st_mode & S_ISVTX) == 0)
		diag_warn(m->ctx->diag, path,
		          "anybody can replace what is in this directory: it has no sticky bit");
}

static int open_parent(const struct mktemp_run *m, struct made *made)
{
	const char *slash = strrchr(strbuf_str(&made->path), '/');
	AUTO_FREE_STR char *dir =
		slash == NULL ? mem_strdup(".")
			      : mem_strndup(made->path.data, (size_t)(slash - made->path.data) + 1);

	made->name = slash != NULL ? slash + 1 : strbuf_str(&made->path);
	made->dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* In a directory that does not exist every name is free. */
	if (made->dirfd < 0)
		return m->opts->dry_run && errno == ENOENT ? 0 : -errno;
	warn_of_directory(m, dir, made->dirfd);
	return 0;
}

/* Takes the lock that cleaners respect. False: one of them was faster, and it is gone. */
static bool lock(int fd)
{
	struct stat st;

	/* Where there are no locks nobody can be asked to respect one. */
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno != EWOULDBLOCK;
	return fstat(fd, &st) != 0 || st.st_nlink > 0;
}

static int set_mode(const struct mktemp_run *m, const struct made *made)
{
	struct stat st;
	struct file_mode_on on = { .mask = m->mask, .is_dir = made->is_dir, .exact = true };

	if (m->mode == NULL)
		return 0;
	if (fstat(made->fd, &st) != 0)
		return -errno;
	on.old = st.st_mode;
	return meta_set_mode((struct meta_file){ .fd = made->fd },
	                     file_mode_apply(m->mode, &on, NULL));
}

static int open_new_dir(const struct made *made)
{
	int fd;

	if (mkdirat(made->dirfd, made->name, DIR_BITS) != 0)
		return -errno;
	fd = openat(made->dirfd, made->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* A umask of 0700 takes our own rights to it, but not those to its name. */
	if (fd < 0 && errno == EACCES)
		fd = openat(made->dirfd, made->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_new_file(const struct made *made)
{
	int fd = openat(made->dirfd, made->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	                FILE_BITS);

	return fd < 0 ? -errno : fd;
}

/* One attempt. 0; -EEXIST: the name is in use; -EAGAIN: it was lost to a cleaner. */
static int make_one(const struct mktemp_run *m, struct made *made)
{
	struct stat st;
	int fd;

	if (m->opts->dry_run) {
		if (made->dirfd < 0)
			return 0;
		if (fstatat(made->dirfd, made->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return -EEXIST;
		return errno == ENOENT ? 0 : -errno;
	}
	if (made->is_dir)
		fd = open_new_dir(made);
	else
		fd = open_new_file(made);
	if (fd < 0)
		return fd;
	made->fd = fd;
	if (lock(fd))
		return 0;
	(void)close(fd);
	made->fd = -1;
	return -EAGAIN;
}

static int try_names(const struct mktemp_run *m, struct made *made, const struct pattern *pattern)
{
	int r = open_parent(m, made);

	if (r < 0)
		return r;
	for (int i = 0; i < TRIES; i++) {
		r = fill_random(made->path.data + pattern->random_at, pattern->random_len);
		if (r == 0)
			r = make_one(m, made);
		if (r != -EEXIST && r != -EAGAIN)
			return r;
	}
	return -EEXIST;
}

int make_temporary(struct mktemp_run *m, const struct pattern *pattern)
{
	struct made *made = &m->made;
	int r;

	*made = (struct made){ .dirfd = -1, .fd = -1, .is_dir = m->opts->directory };
	strbuf_add(&made->path, pattern->path.data, pattern->path.len);
	r = try_names(m, made, pattern);
	if (r == 0 && !m->opts->dry_run) {
		r = set_mode(m, made);
		if (r < 0)
			(void)remove_made(m);
	}
	if (r == 0)
		return 0;
	if (!m->opts->quiet) {
		AUTO_RELEASE_STRBUF struct strbuf verb = { 0 };

		strbuf_add_format(&verb, "create %s via template",
		                  made->is_dir ? "directory" : "file");
		return diag_fail(m->ctx->diag, -r, strbuf_str(&verb), strbuf_str(&pattern->path));
	}
	diag_raise(m->ctx->diag, CODE_TROUBLE);
	return CODE_TROUBLE;
}

static void tell_trouble(const char *path, const char *verb, int err, void *user)
{
	const struct mktemp_run *m = user;

	(void)diag_partial(m->ctx->diag, err, verb, path);
}

static bool remove_tree(const struct mktemp_run *m)
{
	AUTO_FREE(held_dirs) struct held_dirs *dirs = held_dirs_new(0);
	AUTO_FREE(held_dir) struct held_dir *parent = NULL;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct mktemp_run own = *m;
	struct tree_remove how = { .trouble = tell_trouble, .user = &own };
	struct tree_removed removed = { 0 };
	struct tree_victim victim = {
		.name = m->made.name, .len = strlen(m->made.name), .type = DT_DIR, .path = &path
	};
	int fd = openat(m->made.dirfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -errno : held_dir_root(dirs, fd, &parent);

	if (r < 0) {
		(void)diag_partial(m->ctx->diag, -r, "remove", strbuf_str(&m->made.path));
		return false;
	}
	strbuf_add(&path, m->made.path.data, m->made.path.len);
	victim.dir = parent;
	tree_remove(&how, &victim, &removed);
	return removed.failed == 0;
}

bool remove_made(const struct mktemp_run *m)
{
	/* What is empty, as mostly, needs no more. */
	if (unlinkat(m->made.dirfd, m->made.name, m->made.is_dir ? AT_REMOVEDIR : 0) == 0 ||
	    errno == ENOENT)
		return true;
	if (m->made.is_dir && (errno == ENOTEMPTY || errno == EEXIST))
		return remove_tree(m);
	(void)diag_partial(m->ctx->diag, errno, "remove", strbuf_str(&m->made.path));
	return false;
}

void made_release(struct made *made)
{
	if (made->fd >= 0)
		(void)close(made->fd);
	if (made->dirfd >= 0)
		(void)close(made->dirfd);
	strbuf_release(&made->path);
	made->fd = -1;
	made->dirfd = -1;
}
