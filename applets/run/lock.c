/* SPDX-License-Identifier: MIT */
/*
 * The lock: flock(2) on a file that is never removed, so that it cannot be stale. The command
 * does not get the descriptor: what it leaves behind holds nothing.
 */
#include "run.h"

#include "base/clock.h"
#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { HOLDER_MAX = 200, POLL_NS = 50 * 1000 * 1000 };

/* Links are not followed: the directory may be everybody's. */
static int open_lock(const char *path)
{
	int fd =
		open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return -EINVAL;
	}
	return fd;
}

void run_lock_note(const struct run *r)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	if (r->opts->shared || r->lock < 0)
		return;
	strbuf_add_format(&text, "%d\n", (int)getpid());
	if (ftruncate(r->lock, 0) == 0)
		ignore(pwrite(r->lock, text.data, text.len, 0));
}

static int say_held(const struct run *r)
{
	char holder[HOLDER_MAX];
	ssize_t n = pread(r->lock, holder, sizeof(holder) - 1, 0);

	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	if (*holder != '\0')
		diag_warn(r->ctx->diag, r->opts->lock, "locked by process %s", holder);
	else
		diag_warn(r->ctx->diag, r->opts->lock, "locked");
	return (int)r->opts->lock_exit;
}

/* Tries until it is free or the time is over; a wait without end is left to the kernel. */
static int wait_for(const struct run *r)
{
	int how = r->opts->shared ? LOCK_SH : LOCK_EX;
	int64_t until = clock_now() + r->opts->lock_wait;

	if (r->opts->if_locked == LOCKED_WAIT && r->opts->lock_wait == 0) {
		while (flock(r->lock, how) < 0) {
			if (errno != EINTR)
				return -errno;
		}
		return 0;
	}
	while (flock(r->lock, how | LOCK_NB) < 0) {
		static const struct timespec pause = { .tv_nsec = POLL_NS };

		if (errno != EWOULDBLOCK)
			return -errno;
		if (r->opts->if_locked != LOCKED_WAIT || clock_now() >= until)
			return -EWOULDBLOCK;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

int run_lock(struct run *r, bool *ret_skip)
{
	int err;

	*ret_skip = false;
	if (r->opts->lock == NULL)
		return 0;
	r->lock = open_lock(r->opts->lock);
	if (r->lock == -EINVAL)
		return diag_fail_text(r->ctx->diag, r->opts->lock, "not a regular file");
	if (r->lock < 0)
		return diag_fail(r->ctx->diag, -r->lock, "open", r->opts->lock);
	err = wait_for(r);
	if (err == 0) {
		run_lock_note(r);
		return 0;
	}
	if (err != -EWOULDBLOCK)
		return diag_fail(r->ctx->diag, -err, "lock", r->opts->lock);
	if (r->opts->if_locked == LOCKED_SKIP) {
		*ret_skip = true;
		return 0;
	}
	return say_held(r);
}
