/* SPDX-License-Identifier: MIT */
/* --test and --escape: patterns and strings, without a look at the file system. */
#include "glob.h"

int glob_test_words(struct glob_run *run, char **operands)
{
	const struct glob_opts *opts = run->opts;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	char *pattern[] = { operands[0], NULL };
	uint64_t n = 0;
	int status;

	if (operands[0] == NULL || operands[1] == NULL)
		return diag_usage(run->ctx->diag, "--test needs a PATTERN and a STRING");
	status = glob_read_patterns(run, pattern);
	if (status != 0)
		return status;
	for (size_t i = 1; operands[i] != NULL; i++) {
		size_t len = strlen(operands[i]);

		if (glob_paths_match(&run->paths, operands[i], len, false, GLOB_NO_PATTERN) ==
		    GLOB_NO_PATTERN)
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
