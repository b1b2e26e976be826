/* SPDX-License-Identifier: MIT */
/* --compare A B: are two files equal, byte by byte? */
#include "dupes.h"

#include "base/sig.h"
#include "fs/hash_file.h"

#include <errno.h>
#include <fcntl.h>

static bool go_on(uint64_t bytes, void *user)
{
	(void)bytes;
	(void)user;
	return !sig_stopped();
}

static int open_operand(struct ctx *ctx, const char *path, int *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return diag_fail(ctx->diag, errno, "open", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return diag_fail_text(ctx->diag, path, "is not a regular file");
	}
	*ret = fd;
	return 0;
}

int dupes_compare(struct ctx *ctx, const struct dupes_opts *opts, char **operands)
{
	const struct read_opts read_opts = { .progress = go_on };
	AUTO_CLOSE int a = -1;
	AUTO_CLOSE int b = -1;
	int status;
	int r;

	if (operands[0] == NULL || operands[1] == NULL || operands[2] != NULL)
		return diag_usage(ctx->diag, "--compare goes with two files");
	if (opts->out.json || opts->out.zero || opts->actions.len != 0 || opts->check ||
	    opts->unique || opts->dirs || opts->move_to != NULL || opts->from != NULL ||
	    job_is_asked_for(&opts->job))
		return diag_usage(ctx->diag, "--compare answers by its exit status: no other mode, "
		                             "action or format goes with it");
	if ((status = open_operand(ctx, operands[0], &a)) != 0 ||
	    (status = open_operand(ctx, operands[1], &b)) != 0)
		return status;
	sig_install();
	r = compare_fds(a, b, &read_opts, NULL);
	if (r == -ESTALE)
		return diag_fail_text(ctx->diag, operands[0], "changed while it was compared");
	if (r < 0)
		return diag_fail(ctx->diag, -r, "compare", operands[0]);
	return r == 0 ? EXIT_YES : EXIT_NO;
}
