/* SPDX-License-Identifier: MIT */
#include "atomic_write.h"

#include "base/fdio.h"
#include "base/sig.h"
#include "cli/command.h"
#include "fs/copy_data.h"
#include "fs/pour.h"

#include <errno.h>
#include <fcntl.h>

static int fail_write(const struct atomic *a, int err)
{
	return diag_fail(a->ctx->diag, -err, "write", a->path);
}

/* --append: the old bytes come first. */
static int copy_old(struct atomic *a)
{
	struct copy_way way = { 0 };
	struct copy_result result;
	struct stat st;
	int r;

	if (!a->opts->append || a->old < 0)
		return 0;
	if (a->old_is_path)
		return diag_fail(a->ctx->diag, EACCES, "read", a->path);
	if (fstat(a->old, &st) != 0)
		return diag_fail(a->ctx->diag, errno, "read", a->path);
	if (st.st_size == 0)
		return 0;
	r = copy_data(&way, a->old, a->fd, &st, &result);
	copy_way_release(&way);
	if (r < 0)
		return result.write_failed ? fail_write(a, r)
		                           : diag_fail(a->ctx->diag, -r, "read", a->path);
	if (result.is_short)
		return diag_fail_text(a->ctx->diag, a->path, "changed while it was read");
	return lseek(a->fd, 0, SEEK_END) < 0 ? fail_write(a, -errno) : 0;
}

static int report_pour(const struct atomic *a, int err, enum pour_side side)
{
	if (err == -ECANCELED)
		return EXIT_FAIL;
	if (err == -EFBIG && side == POUR_FROM) {
		diag_warn(a->ctx->diag, a->path,
		          "more than --max-size allows: nothing was changed");
		return EXIT_GUARD;
	}
	if (side == POUR_FROM)
		return diag_fail(a->ctx->diag, -err, "read",
		                 a->command != NULL ? a->command[0] : "standard input");
	if (side == POUR_TEE)
		return diag_fail(a->ctx->diag, -err, "write", "standard output");
	return fail_write(a, err);
}

static int read_all(struct atomic *a, int from)
{
	struct pour pour = { .from = from,
		             .to = a->fd,
		             .tee = a->opts->tee ? STDOUT_FILENO : -1,
		             .max = a->opts->max_size,
		             .stopped = sig_stopped };
	enum pour_side side;
	int r = pour_run(&pour, &a->bytes, &side);

	return r < 0 ? report_pour(a, r, side) : 0;
}

/* The end of the pipe tells that all is there, the exit status that it is good. */
static int read_command(struct atomic *a)
{
	struct command command = { .words = a->command,
		                   .fds = { SPAWN_INHERIT, SPAWN_INHERIT, SPAWN_INHERIT },
		                   .keeps_descriptors = true };
	struct command_child child;
	int ends[2];
	int status;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return diag_fail_text(a->ctx->diag, NULL, "cannot make a pipe: %s",
		                      strerrordesc_np(errno));
	command.fds[1] = ends[1];
	status = command_start(a->ctx->diag, &command, &child);
	(void)close(ends[1]);
	if (status == 0) {
		int code;

		status = read_all(a, ends[0]);
		/* It may still want to write: then it gets a SIGPIPE, not a wait without end. */
		(void)close(ends[0]);
		code = command_wait(&child);
		if (status == 0 && code != 0)
			diag_warn(a->ctx->diag, a->path,
			          "not changed: the command ended with status %d", code);
		status = status != 0 ? status : code;
	} else {
		(void)close(ends[0]);
	}
	return status;
}

static int write_text(struct atomic *a)
{
	size_t len = strlen(a->opts->text);
	int r = 0;

	if (a->opts->max_size != 0 && len > a->opts->max_size)
		return report_pour(a, -EFBIG, POUR_FROM);
	r = fdio_write_all(a->fd, a->opts->text, len);
	a->bytes = len;
	if (r == 0 && a->opts->tee) {
		r = fdio_write_all(STDOUT_FILENO, a->opts->text, len);
		return r < 0 ? report_pour(a, r, POUR_TEE) : 0;
	}
	return r < 0 ? fail_write(a, r) : 0;
}

int read_source(struct atomic *a)
{
	struct stat st;
	int status = copy_old(a);

	if (status == 0 && a->command != NULL)
		status = read_command(a);
	else if (status == 0 && a->opts->text != NULL)
		status = write_text(a);
	else if (status == 0)
		status = read_all(a, STDIN_FILENO);
	if (status == 0 && sig_stopped())
		status = EXIT_FAIL;
	if (status == 0 && fstat(a->fd, &st) == 0)
		a->bytes = (uint64_t)st.st_size;
	return status;
}
