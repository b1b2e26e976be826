/* SPDX-License-Identifier: MIT */
/* A run that goes on in a session of its own while the caller goes on without it. */
#include "run.h"

#include "base/fdio.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { PIDFILE_MAX = 32 };

/* A link is not followed, and what is no file of ours to write is not emptied. */
static int open_pidfile(struct run *r)
{
	struct stat st;

	r->pidfile = open(r->opts->pidfile,
	                  O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	if (r->pidfile < 0)
		return diag_fail(r->ctx->diag, errno, "open", r->opts->pidfile);
	if (fstat(r->pidfile, &st) < 0 || !S_ISREG(st.st_mode))
		return diag_fail_text(r->ctx->diag, r->opts->pidfile, "not a regular file");
	if (ftruncate(r->pidfile, 0) < 0)
		return diag_fail(r->ctx->diag, errno, "empty", r->opts->pidfile);
	return 0;
}

/* Called by both sides, whoever is first: the caller may rely on it, and the run remove it. */
static int write_pidfile(const struct run *r, pid_t pid)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	ssize_t n;

	strbuf_add_format(&text, "%d\n", (int)pid);
	n = pwrite(r->pidfile, text.data, text.len, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == text.len ? 0 : -ENOSPC;
}

void background_end(const struct run *r)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	uint64_t pid;

	if (r->pidfile < 0 || fdio_read_file(AT_FDCWD, r->opts->pidfile, PIDFILE_MAX, &text) < 0)
		return;
	strbuf_truncate(&text, strcspn(strbuf_str(&text), "\n"));
	/* Another run's by now? */
	if (num_parse_u64(strbuf_str(&text), &pid) == 0 && pid == (uint64_t)getpid())
		(void)unlink(r->opts->pidfile);
}

/* Nobody's terminal, and none of the caller's pipes held open. */
static int leave_caller(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int err = 0;

	if (null < 0)
		return -errno;
	(void)setsid();
	for (int fd = 0; fd <= 2 && err == 0; fd++) {
		if (dup2(null, fd) < 0)
			err = -errno;
	}
	(void)close(null);
	return err;
}

int background_begin(struct run *r, bool *ret_is_caller)
{
	pid_t pid;
	int err;

	*ret_is_caller = false;
	if (r->opts->pidfile != NULL) {
		int status = open_pidfile(r);

		if (status != 0)
			return status;
	}
	pid = r->opts->background ? fork() : getpid();
	if (pid < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot start a process: %s",
		                      strerrordesc_np(errno));
	if (pid == 0) {
		err = leave_caller();
		if (err == 0 && r->pidfile >= 0)
			err = write_pidfile(r, getpid());
		run_lock_note(r);
		return err < 0 ? CODE_FAILED : 0;
	}
	*ret_is_caller = r->opts->background;
	err = r->pidfile >= 0 ? write_pidfile(r, pid) : 0;
	if (err < 0)
		return diag_fail(r->ctx->diag, -err, "write", r->opts->pidfile);
	return 0;
}
