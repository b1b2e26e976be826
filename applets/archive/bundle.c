/* SPDX-License-Identifier: MIT */
/* "czf A.tar.gz DIR" and "-xf A": tar's letters, with or without the dash. */
#include "archive.h"

#include "cli/opt_value.h"

static const char verbs[] = "cxt";
static const char letters[] = "zjJavfCkOmp";

bool bundle_fits(const char *word)
{
	bool verb = false;

	for (const char *c = word; *c != '\0'; c++) {
		if (strchr(verbs, *c) != NULL)
			verb = true;
		else if (strchr(letters, *c) == NULL)
			return false;
	}
	return verb;
}

int bundle_apply(struct archive_run *run, char ***operands)
{
	const char *word = *(*operands)++;

	for (const char *c = word; *c != '\0'; c++) {
		const struct opt_hit hit = opt_find_letter(&run->ctx->applet->options, *c);
		struct opt_error error = { 0 };
		const char *value = NULL;
		int status = 0;

		if (hit.opt == NULL)
			return diag_usage(run->ctx->diag, "'%s': there is no letter '%c'", word,
			                  *c);
		if (hit.opt->takes == OPT_TAKES_VALUE) {
			value = *(*operands);
			if (value == NULL)
				return diag_usage(run->ctx->diag,
				                  "'%s': the letter '%c' needs a value", word, *c);
			(*operands)++;
		}
		if (!opt_store(&hit, &run->opts, *c, value, &error))
			status = diag_usage(run->ctx->diag, "%s", strbuf_str(&error.message));
		strbuf_release(&error.message);
		if (status != 0)
			return status;
	}
	return 0;
}
