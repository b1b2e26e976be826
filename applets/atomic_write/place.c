/* SPDX-License-Identifier: MIT */
#include "atomic_write.h"

#include "base/fdio.h"
#include "base/sig.h"
#include "fs/copy_meta.h"
#include "fs/pour.h"
#include "fs/put_locked.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

enum { COMPARE_BUFFER = 64 * 1024, NEW_BITS = 0666, OWN_BITS = 0600 };

/* The file that is there, by its name in its directory, and really that one. */
static int open_old(struct atomic *a)
{
	struct stat st;

	a->old = openat(a->target.dirfd, a->target.name,
	                O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (a->old < 0 && (errno == EACCES || errno == EPERM)) {
		a->old = openat(a->target.dirfd, a->target.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		a->old_is_path = true;
	}
	if (a->old < 0 || fstat(a->old, &st) != 0)
		return diag_fail(a->ctx->diag, errno, "open", a->path);
	if (st.st_dev != a->target.st.st_dev || st.st_ino != a->target.st.st_ino)
		return diag_fail_text(a->ctx->diag, a->path, "changed while it was opened");
	a->target.st = st;
	return 0;
}

int open_target(struct atomic *a)
{
	unsigned flags = a->opts->no_dereference ? 0 : FINAL_FOLLOW | FINAL_TRUSTED;
	int r = final_name_find(a->path, flags, &a->target);
	mode_t type = r == 0 && a->target.exists ? a->target.st.st_mode & S_IFMT : 0;

	if (r < 0) {
		a->target.dirfd = -1;
		return diag_fail(a->ctx->diag, -r, "open", a->path);
	}
	if (type == S_IFDIR)
		return diag_fail(a->ctx->diag, EISDIR, "write", a->path);
	if (a->opts->is_new && type != 0)
		return diag_fail(a->ctx->diag, EEXIST, "make", a->path);
	/* What is no file is written to, and a link that is not followed is replaced. */
	a->beside = (type == 0 || type == S_IFREG || type == S_IFLNK) && !a->target.is_open_file;
	if (type == S_IFREG && !a->target.is_open_file) {
		r = open_old(a);
		if (r != 0)
			return r;
		if (a->target.st.st_nlink > 1 && !a->opts->is_sponge)
			diag_warn(a->ctx->diag, a->path,
			          "has other names, which keep the old content");
	}
	return 0;
}

/* A file without a name, for what is written to the target only when all is there. */
static int open_spool(struct atomic *a)
{
	const char *dir = getenv("TMPDIR");

	a->fd = open(dir != NULL && *dir == '/' ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC,
	             OWN_BITS);
	if (a->fd < 0)
		a->fd = memfd_create("spool", MFD_CLOEXEC);
	return a->fd < 0 ? diag_fail_text(a->ctx->diag, NULL, "cannot make a temporary file: %s",
	                                  strerrordesc_np(errno))
	                 : 0;
}

int open_place(struct atomic *a)
{
	AUTO_FREE_STR char *dir = NULL;
	const char *slash = strrchr(a->path, '/');
	/* A directory may say itself who else gets what is new in it. */
	bool inherits = !a->target.exists && meta_has_default_acl(a->target.dirfd);
	int r;

	if (!a->beside)
		return open_spool(a);
	r = put_regular_locked(a->target.dirfd, a->target.name, inherits ? NEW_BITS : OWN_BITS,
	                       &a->put);
	if (r == 0) {
		a->fd = a->put.fd;
		return 0;
	}
	a->beside = false;
	if (a->opts->in_place && (r == -EACCES || r == -EPERM || r == -EROFS)) {
		if (!a->opts->is_sponge)
			diag_warn(a->ctx->diag, a->path,
			          "is written in place, as its directory takes no new files (%s)",
			          strerrordesc_np(-r));
		return open_spool(a);
	}
	dir = slash == NULL ? mem_strdup(".") : mem_strndup(a->path, (size_t)(slash - a->path) + 1);
	return diag_fail(a->ctx->diag, -r, "make a file in directory", dir);
}

static int write_through(struct atomic *a)
{
	bool is_file = !a->target.exists || S_ISREG(a->target.st.st_mode);
	int follow = a->target.is_open_file ? 0 : O_NOFOLLOW;
	int flags = is_file ? O_WRONLY | O_CREAT | (a->opts->append ? 0 : O_TRUNC)
	                    : O_WRONLY | O_NOCTTY | O_APPEND;
	struct pour pour = { .from = a->fd, .tee = -1 };
	AUTO_CLOSE int fd =
		openat(a->target.dirfd, a->target.name, flags | follow | O_CLOEXEC, NEW_BITS);
	enum pour_side side;
	uint64_t bytes;
	int r;

	if (fd < 0)
		return diag_fail(a->ctx->diag, errno, "open", a->path);
	pour.to = fd;
	if (lseek(a->fd, 0, SEEK_SET) != 0)
		return diag_fail(a->ctx->diag, errno, "read", "temporary file");
	r = pour_run(&pour, &bytes, &side);
	if (r < 0)
		return diag_fail(a->ctx->diag, -r, side == POUR_FROM ? "read" : "write", a->path);
	if (is_file && a->mode != NULL) {
		r = meta_set_mode((struct meta_file){ .fd = fd }, chosen_mode(a));
		if (r < 0)
			return diag_fail(a->ctx->diag, -r, "set permissions of", a->path);
	}
	if (is_file && !a->opts->no_fsync && fsync(fd) != 0)
		return diag_fail(a->ctx->diag, errno, "sync", a->path);
	return 0;
}

int commit(struct atomic *a)
{
	int r;

	if (!a->beside)
		return write_through(a);
	if (!a->opts->no_fsync && fsync(a->fd) != 0)
		return diag_fail(a->ctx->diag, errno, "sync", a->path);
	a->fd = -1;
	a->beside = false;
	r = put_commit(&a->put, a->target.name, a->opts->is_new ? PUT_NEW : PUT_OVER);
	if (r < 0)
		return diag_fail(a->ctx->diag, -r, a->opts->is_new ? "make" : "replace", a->path);
	if (!a->opts->no_fsync && fsync(a->target.dirfd) != 0)
		return diag_partial(a->ctx->diag, errno, "sync the directory of", a->path);
	return 0;
}

void close_place(struct atomic *a)
{
	if (a->beside && a->fd >= 0)
		put_abort(&a->put);
	else if (a->fd >= 0)
		(void)close(a->fd);
	if (a->old >= 0)
		(void)close(a->old);
	final_name_release(&a->target);
}

/* Both from their beginning. */
static int compare(int a, int b)
{
	AUTO_FREE_STR char *room = mem_alloc((size_t)2 * COMPARE_BUFFER);
	char *other = room + COMPARE_BUFFER;

	if (lseek(a, 0, SEEK_SET) != 0 || lseek(b, 0, SEEK_SET) != 0)
		return -errno;
	for (;;) {
		ssize_t n = fdio_read_full(a, room, COMPARE_BUFFER);
		ssize_t m = n < 0 ? n : fdio_read_full(b, other, COMPARE_BUFFER);

		if (n < 0 || m < 0)
			return (int)(n < 0 ? n : m);
		if (n != m || memcmp(room, other, (size_t)n) != 0)
			return 0;
		if (n == 0)
			return 1;
	}
}

int is_unchanged(const struct atomic *a)
{
	int fd = a->fd;
	int r;

	if (a->old < 0 || a->old_is_path || (uint64_t)a->target.st.st_size != a->bytes)
		return 0;
	/* What is made beside it is open for writing only. */
	if (a->beside)
		fd = openat(a->put.dirfd, a->put.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : compare(fd, a->old);
	if (a->beside && fd >= 0)
		(void)close(fd);
	return r;
}
