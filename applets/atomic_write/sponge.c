/* SPDX-License-Identifier: MIT */
/* sponge - soak up standard input, then write it to a file, as moreutils'. */
#include "atomic_write.h"

#include "base/fdio.h"
#include "base/sig.h"
#include "fs/pour.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

enum { CODE_TROUBLE = 1 };

struct sponge_opts {
	bool append;
};

static const struct opt sponge_rows[] = {
	OPT_BOOL('a', "append", struct sponge_opts, append, "append to the file"),
};

/* Without a file: nothing is printed before the input has ended. */
static int soak(struct ctx *ctx)
{
	AUTO_CLOSE int spool = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct pour in = { .from = STDIN_FILENO, .tee = -1, .stopped = sig_stopped };
	struct pour out = { .to = STDOUT_FILENO, .tee = -1, .stopped = sig_stopped };
	enum pour_side side;
	uint64_t bytes;
	int r;

	if (spool < 0)
		spool = memfd_create("spool", MFD_CLOEXEC);
	if (spool < 0)
		return diag_fail_text(ctx->diag, NULL, "cannot make a temporary file: %s",
		                      strerrordesc_np(errno));
	sig_install();
	in.to = spool;
	out.from = spool;
	r = pour_run(&in, &bytes, &side);
	if (r < 0)
		return r == -ECANCELED ? CODE_TROUBLE
		                       : diag_fail(ctx->diag, -r, "read", "standard input");
	if (lseek(spool, 0, SEEK_SET) == 0)
		r = pour_run(&out, &bytes, &side);
	if (r < 0 && r != -ECANCELED)
		return diag_fail(ctx->diag, -r, "write", "standard output");
	return r < 0 ? CODE_TROUBLE : EXIT_YES;
}

static int sponge_run(struct ctx *ctx, const void *options, char **operands)
{
	const struct sponge_opts *opts = options;
	struct atomic_opts as = {
		.append = opts->append, .allow_empty = true, .in_place = true, .is_sponge = true
	};
	struct atomic a = { .ctx = ctx, .opts = &as, .path = operands[0] };
	int status;

	if (operands[0] == NULL)
		return soak(ctx);
	if (operands[1] != NULL)
		return diag_usage(ctx->diag, "expected one file");
	status = atomic_write(&a);
	return status == 0 ? EXIT_YES : CODE_TROUBLE;
}

const struct applet sponge_applet = {
	.name = "sponge",
	.group = "Files",
	.summary = "soak up standard input and write it to a file",
	.operands = "[FILE]",
	.options = OPT_TABLE(sponge_rows),
	.options_size = sizeof(struct sponge_opts),
	.codes = { .usage = CODE_TROUBLE, .fail = CODE_TROUBLE },
	.run = sponge_run,
};
