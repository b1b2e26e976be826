/* SPDX-License-Identifier: MIT */
/* --explain=PATH: which rule of the filter decides. */
#include "disk_usage.h"

/* PATH is looked at below the operand, whether it repeats it or not. */
static const char *below(const char *root, const char *path)
{
	size_t len = strlen(root);

	while (len > 1 && root[len - 1] == '/')
		len--;
	if (strncmp(path, root, len) != 0 || path[len] != '/')
		return path;
	path += len;
	return path + strspn(path, "/");
}

int du_explain_filter(const struct du_run *run)
{
	const char *path = run->opts->explain;
	struct strbuf why = { 0 }, line = { 0 };
	bool included;

	if (run->operands[0] == NULL || run->operands[1] != NULL)
		return diag_usage(run->ctx->diag, "--explain=PATH goes with one operand");
	if (path[0] == '/' && run->operands[0][0] != '/')
		return diag_usage(run->ctx->diag, "--explain=PATH is below the operand '%s'",
		                  run->operands[0]);
	included =
		filter_explain(run->filter, run->operands[0], below(run->operands[0], path), &why);
	out_add_name(run->ctx->out, &line, path, strlen(path));
	strbuf_add_format(&line, ": %s", strbuf_str(&why));
	out_line(run->ctx->out, &line);
	strbuf_release(&why);
	strbuf_release(&line);
	return included ? EXIT_YES : EXIT_NO;
}
