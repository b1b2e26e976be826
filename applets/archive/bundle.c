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

struct use {
	char name[24];
	bool given;
};

/* The first one that was given is of no use here. 0, or the exit status. */
static int refuse(struct archive_run *run, const struct use *uses, size_t n, const char *letter)
{
	for (size_t i = 0; i < n; i++)
		if (uses[i].given)
			return diag_usage(run->ctx->diag, "%s goes with %s only", uses[i].name,
			                  letter);
	return 0;
}

static int check_create(struct archive_run *run)
{
	const struct archive_opts *o = &run->opts;
	const struct use uses[] = {
		{ "--format", o->format != NULL },
		{ "--level", o->level >= 0 },
		{ "--overwrite", o->overwrite },
		{ "--verify", o->verify },
		{ "--contents", o->contents },
		{ "--dereference", o->dereference },
		{ "--hard-dereference", o->hard_dereference },
		{ "--one-file-system", o->one_file_system },
		{ "--mtime", o->mtime != NULL },
		{ "--clamp-mtime", o->clamp_mtime },
		{ "--as-owner", o->owner != NULL },
		{ "--as-group", o->group != NULL },
		{ "--reproducible", o->reproducible },
		{ "--no-sparse", o->no_sparse },
		{ "--retry-on-change", o->retries != RETRIES_DEFAULT },
	};

	return refuse(run, uses, ARRAY_LEN(uses), "-c");
}

static int check_extract(struct archive_run *run)
{
	const struct archive_opts *o = &run->opts;
	const struct use uses[] = {
		{ "--existing", o->existing != EXTRACT_FAIL },
		{ "--policy", o->policy != EXTRACT_SAFE },
		{ "--preserve-permissions", o->keep_modes },
		{ "--same-owner", o->same_owner },
		{ "--touch", o->no_mtime },
		{ "--strip-components", o->strip != 0 },
		{ "--to-stdout", o->to_stdout },
		{ "--strict", o->strict },
		{ "--no-limits", o->no_limits },
		{ "--limit-size", o->limit_size != NULL },
		{ "--limit-entries", o->limit_entries != LIMIT_ENTRIES },
		{ "--limit-ratio", o->limit_ratio != LIMIT_RATIO },
		{ "--limit-depth", o->limit_depth != LIMIT_DEPTH },
	};

	return refuse(run, uses, ARRAY_LEN(uses), "-x");
}

int bundle_check(struct archive_run *run)
{
	const struct archive_opts *o = &run->opts;
	const enum archive_verb verb = (enum archive_verb)o->bundle;
	const struct use listing[] = { { "--problems", o->problems } };
	const struct use reading[] = {
		{ "--names-charset", o->charset != CHARSET_AUTO },
		{ "--passphrase-file", o->passphrase_file != NULL },
	};
	const struct use writing[] = {
		{ "--numeric-owner", o->numeric_owner },
		{ "--no-xattrs", o->no_xattrs },
		{ "--no-fsync", o->no_fsync },
		{ "--directory", o->directory != NULL },
	};
	int status = 0;

	if (verb != VERB_CREATE)
		status = check_create(run);
	if (status == 0 && verb != VERB_EXTRACT)
		status = check_extract(run);
	if (status == 0 && verb != VERB_LIST)
		status = refuse(run, listing, ARRAY_LEN(listing), "-t");
	if (status == 0 && verb == VERB_CREATE)
		status = refuse(run, reading, ARRAY_LEN(reading), "-x and -t");
	if (status == 0 && verb == VERB_LIST)
		status = refuse(run, writing, ARRAY_LEN(writing), "-c and -x");
	return status;
}
