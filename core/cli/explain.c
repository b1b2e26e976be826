/* SPDX-License-Identifier: MIT */
#include "cli/explain.h"

enum { COL_PATH, COL_INCLUDED, COL_REASON };

static const struct column columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "the path that was asked about" },
	[COL_INCLUDED] = { "included", COLUMN_BOOL, "whether the filter lets it through" },
	[COL_REASON] = { "reason", COLUMN_NAME, "the rule that decides" },
};

const struct column_table explain_table = { columns, ARRAY_LEN(columns) };

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

static void print(struct out *out, const char *path, bool included, const struct strbuf *reason)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct record r;

	if (out_format(out) == OUT_JSON) {
		record_begin(&r, "verdict", &explain_table);
		record_name(&r, COL_PATH, path);
		record_bool(&r, COL_INCLUDED, included);
		record_bytes(&r, COL_REASON, strbuf_str(reason), reason->len);
		out_emit(out, &r);
		return;
	}
	out_add_name(out, &line, path, strlen(path));
	strbuf_add_str(&line, ": ");
	strbuf_add(&line, strbuf_str(reason), reason->len);
	out_line(out, &line);
}

int explain_path(struct diag *d, struct out *out, const struct filter *f, const char *root,
                 const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf reason = { 0 };
	bool included;

	if (path[0] == '/' && root[0] != '/')
		return diag_usage(d, "--explain=PATH is below the operand '%s'", root);
	included = filter_explain(f, root, below(root, path), &reason);
	print(out, path, included, &reason);
	return included ? EXIT_YES : EXIT_NO;
}
