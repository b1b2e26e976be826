/* SPDX-License-Identifier: MIT */
/* --explain=PATH: which rule of the filter decides. */
#include "disk_usage.h"

enum { COL_PATH, COL_INCLUDED, COL_REASON };

static const struct column columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the path that was asked about" },
	[COL_INCLUDED] = { "included", COLUMN_BOOL, "whether it is counted" },
	[COL_REASON] = { "reason", COLUMN_NAME, "the rule that decides" },
};

const struct column_table du_verdict_table = { columns, ARRAY_LEN(columns) };

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

static void print(const struct du_run *run, bool included, const struct strbuf *reason)
{
	const char *path = run->opts->explain;
	struct strbuf line = { 0 };
	struct record r;

	if (out_format(run->ctx->out) == OUT_JSON) {
		record_begin(&r, "verdict", &du_verdict_table);
		record_name(&r, COL_PATH, path);
		record_bool(&r, COL_INCLUDED, included);
		record_bytes(&r, COL_REASON, strbuf_str(reason), reason->len);
		out_emit(run->ctx->out, &r);
		return;
	}
	out_add_name(run->ctx->out, &line, path, strlen(path));
	strbuf_add_format(&line, ": %s", strbuf_str(reason));
	out_line(run->ctx->out, &line);
	strbuf_release(&line);
}

int du_explain_filter(const struct du_run *run)
{
	const char *path = run->opts->explain;
	struct strbuf reason = { 0 };
	bool included;

	if (run->operands[0] == NULL || run->operands[1] != NULL)
		return diag_usage(run->ctx->diag, "--explain=PATH goes with one operand");
	if (path[0] == '/' && run->operands[0][0] != '/')
		return diag_usage(run->ctx->diag, "--explain=PATH is below the operand '%s'",
		                  run->operands[0]);
	included = filter_explain(run->filter, run->operands[0], below(run->operands[0], path),
	                          &reason);
	print(run, included, &reason);
	strbuf_release(&reason);
	return included ? EXIT_YES : EXIT_NO;
}
