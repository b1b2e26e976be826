/* SPDX-License-Identifier: MIT */
/* ls - list directories. */
#include "ls.h"

#include "cli/files0.h"

static const struct opt all_options[] = { OPT_PART(0) };
static const struct opt_link links[] = { OPT_SPLICE_PART(0, ls_option_table) };

static int ls_run(struct ctx *ctx, const void *options, char **operands)
{
	char here[] = ".";
	char *fallback[] = { here, NULL };
	const struct ls_opts *opts = options;
	struct ls_run run;
	struct files0 files0 = { 0 };
	int status;

	out_begin(ctx->out, &(struct out_opts){ .json = opts->json });
	if (opts->files0_from != NULL && operands[0] != NULL)
		return diag_usage(ctx->diag, "--files0-from cannot be combined with operands");
	status = ls_run_init(&run, ctx, opts);
	if (status == 0 && opts->files0_from != NULL &&
	    files0_read(ctx->diag, opts->files0_from, &files0) != 0)
		status = diag_status(ctx->diag, EXIT_USAGE);
	if (status == 0) {
		if (opts->files0_from != NULL)
			operands = files0.names.items;
		else if (operands[0] == NULL)
			operands = fallback;
		ls_operands(&run, operands);
		if (run.filters && run.listed == 0)
			status = EXIT_NO;
		if (run.used_color)
			ls_colors_add_farewell(run.colors, &run.out);
		out_text(ctx->out, strbuf_str(&run.out), run.out.len);
		status = diag_status(ctx->diag, status);
	}
	files0_release(&files0);
	ls_run_release(&run);
	return status;
}

const struct applet ls_applet = {
	.name = "ls",
	.group = "Files",
	.summary = "list directories, as GNU ls, as a tree, as JSON",
	.operands = "[path ...]",
	.says_no_when = "something below an operand could not be read, or nothing passed a filter",
	.options = OPT_TABLE_LINKED(all_options, links),
	.options_size = sizeof(struct ls_opts),
	.codes = { 2, 2 },
	.schemas = ls_schemas,
	.run = ls_run,
};
