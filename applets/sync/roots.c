/* SPDX-License-Identifier: MIT */
/* SRC and DST: opened, proved to be apart, and DST locked against other runs. */
#include "sync.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/path.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
	POLL_NS = 50 * 1000 * 1000,
	LOCKS_MAX = 16 << 20,
};

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is `st` the directory `fd`, or above it? The kernel's "..", so links and mounts count. */
static int is_at_or_above(const struct stat *st, int fd)
{
	int at = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat here;
	struct stat last = { 0 };
	int found = 0;

	while (at >= 0 && found == 0) {
		int above;

		if (fstat(at, &here) != 0 || is_same(&here, &last))
			break;
		found = is_same(&here, st);
		last = here;
		above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)close(at);
		at = above;
	}
	if (at >= 0)
		(void)close(at);
	return found;
}

int sync_open_above(const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf above = { 0 };
	int fd = -1;

	strbuf_add(&above, path, path_trimmed_len(path));
	do {
		size_t len = above.len;

		while (len > 0 && above.data[len - 1] != '/')
			len--;
		while (len > 1 && above.data[len - 1] == '/')
			len--;
		strbuf_truncate(&above, len);
		fd = open(len > 0 ? strbuf_str(&above) : ".", DIR_FLAGS);
	} while (fd < 0 && errno == ENOENT && above.len > 0 && strcmp(above.data, "/") != 0);
	return fd >= 0 ? fd : -errno;
}

/* DST is not there yet: where will it be? */
static int check_place(const struct sync_run *run, const struct stat *from)
{
	AUTO_CLOSE int above = sync_open_above(run->to);

	if (above < 0)
		return diag_fail(run->ctx->diag, -above, "open the directory of", run->to);
	return is_at_or_above(from, above) ? diag_usage(run->ctx->diag, "DST is inside SRC") : 0;
}

static int check_apart(const struct sync_run *run)
{
	struct diag *d = run->ctx->diag;
	struct stat from;
	struct stat to;

	if (fstat(run->from_fd, &from) != 0)
		return diag_fail(d, errno, "look at", run->from);
	if (run->to_fd < 0)
		return check_place(run, &from);
	if (fstat(run->to_fd, &to) != 0)
		return diag_fail(d, errno, "look at", run->to);
	if (is_same(&from, &to))
		return diag_usage(d, "SRC and DST are the same directory");
	if (is_at_or_above(&from, run->to_fd))
		return diag_usage(d, "DST is inside SRC");
	if (is_at_or_above(&to, run->from_fd))
		return diag_usage(d, "SRC is inside DST");
	return 0;
}

int sync_open_roots(struct sync_run *run)
{
	struct diag *d = run->ctx->diag;
	struct stat st;

	run->from_fd = open(run->from, DIR_FLAGS);
	if (run->from_fd < 0)
		return diag_fail(d, errno, "open directory", run->from);
	run->to_fd = open(run->to, DIR_FLAGS);
	if (run->to_fd < 0 && errno == ENOENT &&
	    fstatat(AT_FDCWD, run->to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return diag_fail_text(d, run->to, "a symbolic link to nothing");
	if (run->to_fd < 0 && errno != ENOENT)
		return diag_fail(d, errno, "open directory", run->to);
	return check_apart(run);
}

/* Who holds it, by the kernel's own list: "1: FLOCK ADVISORY WRITE 4711 fd:01:1234 0 EOF". */
static bool find_holder(int fd, uint64_t *ret_pid)
{
	FILE *list = fopen("/proc/locks", "re");
	char line[256];
	struct stat st;
	bool found = false;

	if (list == NULL)
		return false;
	while (fstat(fd, &st) == 0 && !found && fgets(line, sizeof(line), list) != NULL) {
		char mine[64];
		char *flock_word = strstr(line, "FLOCK");
		char *pid = flock_word != NULL ? strstr(flock_word, "WRITE ") : NULL;

		(void)snprintf(mine, sizeof(mine), " %02x:%02x:%" PRIu64 " ", major(st.st_dev),
		               minor(st.st_dev), (uint64_t)st.st_ino);
		if (pid != NULL && strstr(line, "->") == NULL && strstr(line, mine) != NULL) {
			size_t len;

			found = num_scan_c(pid + 6, ret_pid, &len) == 0 && *ret_pid > 0;
		}
	}
	(void)fclose(list);
	return found;
}

static int say_held(const struct sync_run *run, int fd)
{
	uint64_t pid = 0;

	if (find_holder(fd, &pid))
		diag_warn(run->ctx->diag, run->to, "another run holds the lock: process %" PRIu64,
		          pid);
	else
		diag_warn(run->ctx->diag, run->to, "another run holds the lock");
	return EXIT_LOCKED;
}

/* Tries until it is free or the time is over. */
static int wait_for(const struct sync_run *run, int fd)
{
	static const struct timespec pause = { .tv_nsec = POLL_NS };
	int64_t until = clock_now() + (run->opts->lock_wait > 0 ? run->opts->lock_wait : 0);

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (clock_now() >= until || sig_stopped())
			return -EWOULDBLOCK;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/* The lock is the descriptor's own: it ends with the process, whatever ends that. */
int sync_lock(struct sync_run *run)
{
	int r;

	if (run->to_fd < 0 || run->opts->no_lock || run->opts->dry_run)
		return 0;
	r = wait_for(run, run->to_fd);
	if (r == -EWOULDBLOCK)
		return say_held(run, run->to_fd);
	return r == 0 ? 0 : diag_fail(run->ctx->diag, -r, "lock", run->to);
}

/* All directories of the path that are missing, the last one included. */
static int make_path(const char *path, mode_t mode)
{
	AUTO_RELEASE_STRBUF struct strbuf part = { 0 };
	size_t len = path_trimmed_len(path);

	for (size_t at = 1; at <= len; at++) {
		if (at < len && path[at] != '/')
			continue;
		strbuf_clear(&part);
		strbuf_add(&part, path, at);
		if (mkdir(strbuf_str(&part), at < len ? 0777 : mode) != 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int sync_make_root(struct sync_run *run)
{
	struct diag *d = run->ctx->diag;
	int status;
	int fd;
	int r;

	if (run->to_fd >= 0 || run->opts->dry_run)
		return 0;
	/* Those above it are the user's as any other new directory. */
	(void)umask(run->umask);
	r = make_path(run->to, (run->keep & META_MODE) != 0 ? 0700 : 0777);
	(void)umask(0);
	if (r < 0)
		return diag_fail(d, -r, "create directory", run->to);
	run->to_fd = open(run->to, DIR_FLAGS);
	if (run->to_fd < 0)
		return diag_fail(d, errno, "open directory", run->to);
	status = sync_lock(run);
	if (status != 0)
		return status;
	fd = fcntl(run->to_fd, F_DUPFD_CLOEXEC, 3);
	r = fd < 0 ? -errno : tree_sync_set_to(run->ts, fd);
	return r == 0 ? 0 : diag_fail(d, -r, "look at", run->to);
}
