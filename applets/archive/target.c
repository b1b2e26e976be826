/* SPDX-License-Identifier: MIT */
#include "target.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is what has the name an archive? Anything else is not replaced by a slip of the tongue. */
static bool is_archive(const struct target *t)
{
	const struct members_opts opts = { .threads = 1, .spool_dir = "/tmp" };
	AUTO_CLOSE int fd = openat(t->dirfd, t->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct members *m = NULL;
	struct member member;
	bool is =
		fd >= 0 && members_open(fd, &opts, &m, NULL) == 0 && members_next(m, &member) >= 0;

	(void)members_free(m);
	return is;
}

static int guard(struct archive_run *run, const struct target *t, const char *text)
{
	(void)diag_partial_text(run->ctx->diag, t->path, "guard 'existing': %s", text);
	diag_raise(run->ctx->diag, EXIT_GUARD);
	return EXIT_GUARD;
}

static int look_at_old(struct archive_run *run, struct target *t)
{
	struct stat st;

	if (fstatat(t->dirfd, t->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : diag_fail(run->ctx->diag, errno, "access", t->path);
	if (S_ISLNK(st.st_mode))
		return guard(run, t, "it is a symbolic link");
	if (!S_ISREG(st.st_mode))
		return guard(run, t, "it is no regular file");
	t->old_dev = st.st_dev;
	t->old_ino = st.st_ino;
	t->replaces = true;
	if (run->opts.overwrite)
		return 0;
	if (!run->is_bundle)
		return guard(run, t, "it is there already (--overwrite replaces it)");
	return is_archive(t) ? 0
	                     : guard(run, t,
	                             "it is there already, and no archive (--overwrite replaces "
	                             "it)");
}

static int open_dir(struct archive_run *run, struct target *t)
{
	const size_t len = strlen(t->path);
	const char *slash = memrchr(t->path, '/', len);
	char *above = slash == NULL ? mem_strdup(".")
	                            : mem_strndup(t->path, (size_t)(slash - t->path) + 1);

	t->name = mem_strdup(slash != NULL ? slash + 1 : t->path);
	t->dirfd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(above);
	if (t->dirfd < 0)
		return diag_fail(run->ctx->diag, errno, "open the directory of", t->path);
	if (t->name[0] == '\0' || strcmp(t->name, ".") == 0 || strcmp(t->name, "..") == 0)
		return diag_fail_text(run->ctx->diag, t->path, "is a directory");
	return 0;
}

int target_open(struct archive_run *run, const char *path, struct target *ret)
{
	const mode_t mask = umask(0);
	int status;
	int r;

	(void)umask(mask);
	*ret = (struct target){ .path = path, .dirfd = -1, .fd = -1 };
	if (strcmp(path, "-") == 0) {
		ret->is_stdout = true;
		ret->fd = STDOUT_FILENO;
		if (isatty(STDOUT_FILENO) != 0)
			return diag_usage(run->ctx->diag,
			                  "an archive is not written to a terminal; which file?");
		return 0;
	}
	status = open_dir(run, ret);
	if (status == 0)
		status = look_at_old(run, ret);
	if (status != 0)
		return status;
	r = put_regular(&ret->names, ret->dirfd, 0666 & ~mask, &ret->put);
	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "create a file beside", path);
	ret->fd = ret->put.fd;
	return 0;
}

int target_commit(struct archive_run *run, struct target *t)
{
	struct diag *d = run->ctx->diag;
	int r;

	if (t->is_stdout)
		return 0;
	if (!run->opts.no_fsync && fdatasync(t->fd) != 0)
		return diag_fail(d, errno, "write to disk", t->path);
	t->fd = -1;
	r = put_commit(&t->put, t->name, t->replaces ? PUT_OVER : PUT_NEW);
	if (r < 0)
		return diag_fail(d, -r, "name", t->path);
	if (!run->opts.no_fsync && fsync(t->dirfd) != 0 && errno != EINVAL)
		return diag_fail(d, errno, "write to disk the directory of", t->path);
	return 0;
}

void target_close(struct target *t)
{
	if (!t->is_stdout && t->fd >= 0)
		put_abort(&t->put);
	t->fd = -1;
	if (t->dirfd >= 0)
		(void)close(t->dirfd);
	free(t->name);
}
