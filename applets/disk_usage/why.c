/* SPDX-License-Identifier: MIT */
/* --explain=PATH: which rule of the filter decides. */
#include "disk_usage.h"

#include "cli/explain.h"

int du_explain_filter(const struct du_run *run)
{
	const struct ctx *ctx = run->ctx;

	if (run->operands[0] == NULL || run->operands[1] != NULL)
		return diag_usage(ctx->diag, "--explain=PATH goes with one operand");
	return explain_path(ctx->diag, ctx->out, run->filter, run->operands[0], run->opts->explain);
}
