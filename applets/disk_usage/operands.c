/* SPDX-License-Identifier: MIT */
/* Which operands there are: those of the command line, or of --files0-from. */
#include "disk_usage.h"

int du_read_operands(struct du_run *run)
{
	const char *file = run->opts->files0_from;
	int status;

	if (file == NULL)
		return 0;
	status = files0_read(run->ctx->diag, file, &run->files0);
	if (status == 0)
		run->operands = run->files0.names.items;
	return status;
}

void du_drop_excluded(struct du_run *run)
{
	size_t kept = 0;

	if (run->filter == NULL)
		return;
	for (size_t i = 0; run->operands[i] != NULL; i++)
		if (filter_wants_root(run->filter, run->operands[i]))
			run->operands[kept++] = run->operands[i];
	run->operands[kept] = NULL;
}

int du_check_single(const struct du_run *run, const char *mode)
{
	if (run->operands[0] == NULL)
		return diag_usage(run->ctx->diag, "%s; there is none among the operands", mode);
	if (run->operands[1] != NULL)
		return diag_usage(run->ctx->diag, "%s; name only one", mode);
	return 0;
}
