/* SPDX-License-Identifier: MIT */
/* --test and --escape: patterns and strings, without a look at the file system. */
#include "glob.h"

int glob_test_words(struct glob_run *run, char **operands)
{
	const struct glob_opts *opts = run->opts;
	const unsigned flags = (opts->hidden ? 0U : GLOB_HIDDEN_EXPLICIT) |
	                       (opts->ignore_case ? GLOB_FOLD_CASE : 0U) |
	                       (opts->strict ? 0U : GLOB_LENIENT);
	AUTO_FREE(glob) struct glob *glob = NULL;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct text_error where;
	uint64_t n = 0;

	if (operands[0] == NULL || operands[1] == NULL)
		return diag_usage(run->ctx->diag, "--test needs a PATTERN and a STRING");
	if (glob_compile(operands[0], flags, &glob, &where) < 0)
		return diag_caret(run->ctx->diag, "bad pattern", operands[0], &where);
	for (size_t i = 1; operands[i] != NULL; i++) {
		size_t len = strlen(operands[i]);

		if (!glob_matches(glob, operands[i], len))
			continue;
		n++;
		if (opts->quiet || opts->count)
			continue;
		out_add_name(run->ctx->out, &line, operands[i], len);
		out_line(run->ctx->out, &line);
	}
	if (opts->count && !opts->quiet) {
		strbuf_add_u64(&line, n);
		out_line(run->ctx->out, &line);
	}
	return n > 0 || opts->nullglob ? EXIT_YES : EXIT_NO;
}

int glob_escape_words(struct glob_run *run, char **operands)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (operands[0] == NULL)
		return diag_usage(run->ctx->diag, "--escape needs a STRING");
	for (size_t i = 0; operands[i] != NULL; i++) {
		glob_add_escaped(&line, operands[i], strlen(operands[i]));
		out_line(run->ctx->out, &line);
	}
	return EXIT_YES;
}
