/* SPDX-License-Identifier: MIT */
/* env -S: a text becomes words, and those are read as if they had been given. */
#include "env.h"

#include "base/quote.h"
#include "cli/help.h"

/* A text may hold a -S of its own, even one that its own variables make again and again. */
enum { LEVELS_MAX = 100 };

static const char *lookup(const char *name, void *user)
{
	const struct env_run *e = user;
	const char *value = getenv(name);
	AUTO_RELEASE_STRBUF struct strbuf what = { 0 };

	if (value != NULL) {
		strbuf_add_format(&what, "expanding ${%s} into ", name);
		env_debug_quoted(e, what.data, value);
	} else {
		strbuf_add_format(&what, "replacing ${%s} with null string", name);
		env_debug(e, what.data, "");
	}
	return value;
}

static int refuse(const struct env_run *e, const struct env_split_error *err)
{
	struct diag *diag = e->ctx->diag;
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };

	switch (err->trouble) {
	case ENV_SPLIT_LAST_BACKSLASH:
		return diag_fail_text(diag, NULL, "invalid backslash at end of string in -S");
	case ENV_SPLIT_NO_QUOTE:
		return diag_fail_text(diag, NULL, "no terminating quote in -S string");
	case ENV_SPLIT_QUOTED_END:
		return diag_fail_text(diag, NULL,
		                      "'\\c' must not appear in double-quoted -S string");
	case ENV_SPLIT_BAD_ESCAPE:
		quote_add_masked(&quoted, err->at, 1);
		return diag_fail_text(diag, NULL, "invalid sequence '\\%s' in -S",
		                      strbuf_str(&quoted));
	case ENV_SPLIT_BAD_VARIABLE:
		break;
	}
	quote_add_masked(&quoted, err->at, strlen(err->at));
	return diag_fail_text(diag, NULL, "only ${VARNAME} expansion is supported, error at: %s",
	                      strbuf_str(&quoted));
}

static void debug_words(const struct env_run *e, const char *text, size_t first)
{
	if (e->words.len == first)
		return;
	env_debug_quoted(e, "split -S:  ", text);
	for (size_t i = first; i < e->words.len; i++)
		env_debug_quoted(e, i == first ? " into:    " : "     &    ", e->words.items[i]);
}

static int tell(struct env_run *e, enum opt_outcome outcome, struct opt_error *err)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int status = 0;

	if (outcome == OPT_WANTS_HELP)
		help_add(&text, e->ctx->applet, e->ctx->applet->name);
	else if (outcome == OPT_WANTS_VERSION)
		help_add_version(&text, e->ctx->applet->name);
	else if (err->text != NULL)
		status =
			diag_caret(e->ctx->diag, strbuf_str(&err->message), err->text, &err->where);
	else
		status = diag_usage(e->ctx->diag, "%s", strbuf_str(&err->message));
	out_text(e->ctx->out, strbuf_str(&text), text.len);
	return status;
}

/* Options and operands are read anew: the words behind `first`, then the old operands. */
static int parse(struct env_run *e, size_t first, bool *ret_done)
{
	struct opt_request request = { .table = &e->ctx->applet->options,
		                       .fields = &e->opts,
		                       .stop_at_operand = true };
	struct opt_error err = { 0 };
	struct {
		VEC_FIELDS(char *);
	} argv = { 0 };
	char **operands = NULL;
	enum opt_outcome outcome;
	int status = 0;

	vec_push(&argv, NULL);
	for (size_t i = first; i < e->words.len; i++)
		vec_push(&argv, e->words.items[i]);
	for (char **at = e->operands; *at != NULL; at++)
		vec_push(&argv, *at);
	outcome = opt_parse(&request, (int)argv.len, argv.items, &operands, &err);
	if (outcome == OPT_PARSED) {
		free(e->operands);
		e->operands = operands;
	} else {
		*ret_done = true;
		status = tell(e, outcome, &err);
	}
	strbuf_release(&err.message);
	vec_release(&argv);
	return status;
}

int env_split_words(struct env_run *e, bool *ret_done)
{
	int status = 0;

	for (int level = 0; e->opts.split != NULL && status == 0 && !*ret_done; level++) {
		const char *text = e->opts.split;
		const size_t first = e->words.len;
		struct env_split_error err;

		if (level == LEVELS_MAX)
			return diag_fail_text(e->ctx->diag, NULL, "-S within -S %d times", level);
		e->opts.split = NULL;
		if (env_split(text, lookup, e, &e->words, &err) < 0)
			return refuse(e, &err);
		debug_words(e, text, first);
		status = parse(e, first, ret_done);
	}
	return status;
}
