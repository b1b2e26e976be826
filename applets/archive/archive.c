/* SPDX-License-Identifier: MIT */
/* archive - create, list, test and extract archives */
#include "archive.h"

#include "base/pool.h"
#include "base/sig.h"

unsigned archive_threads(const struct archive_run *run)
{
	return run->opts.threads > 0 ? (unsigned)run->opts.threads : pool_cpus();
}

static int run_verb(struct archive_run *run, enum archive_verb verb, char **operands)
{
	switch (verb) {
	case VERB_EXTRACT:
		return archive_extract(run, operands);
	case VERB_LIST:
		return archive_list(run, operands);
	case VERB_TEST:
		return archive_test(run, operands);
	case VERB_INFO:
		return archive_info(run, operands);
	case VERB_FORMATS:
		return archive_formats(run, operands);
	case VERB_CREATE:
		return archive_create(run, operands);
	case VERB_NONE:
		break;
	}
	return EXIT_USAGE;
}

/* With all that a verb needs around it. */
static int run_prepared(struct archive_run *run, enum archive_verb verb, char **operands)
{
	const struct progress_opts progress = {
		.when = run->opts.quiet ? PROGRESS_NEVER : (enum progress_when)run->opts.progress,
		.fd = STDERR_FILENO,
		.program = run->ctx->applet->name,
	};
	int status = job_begin(run->ctx, &run->opts.job, &run->job);

	if (status != 0)
		return status;
	run->progress = progress_new(&progress);
	sig_install();
	status = filter_cli_compile(run->ctx->diag, &run->opts.filter, &run->filter);
	if (status == 0)
		status = passphrase_read(run);
	if (status == 0)
		status = limits_check(run);
	if (status == 0)
		status = run_verb(run, verb, operands);
	if (run->filter != NULL)
		filter_cli_finish(run->ctx->diag, run->filter);
	run->filter = filter_free(run->filter);
	free(run->passphrase);
	run->progress = progress_free(run->progress);
	return job_end(run->job, diag_status(run->ctx->diag, status));
}

static int run_as(struct ctx *ctx, const void *options, enum archive_verb verb, char **operands)
{
	struct archive_run run = { .ctx = ctx };

	memcpy(&run.opts, options, sizeof(run.opts));
	out_begin(ctx->out, &run.opts.out);
	return run_prepared(&run, verb, operands);
}

int archive_run_create(struct ctx *ctx, const void *options, char **operands)
{
	return run_as(ctx, options, VERB_CREATE, operands);
}

int archive_run_extract(struct ctx *ctx, const void *options, char **operands)
{
	return run_as(ctx, options, VERB_EXTRACT, operands);
}

int archive_run_list(struct ctx *ctx, const void *options, char **operands)
{
	return run_as(ctx, options, VERB_LIST, operands);
}

int archive_run_test(struct ctx *ctx, const void *options, char **operands)
{
	return run_as(ctx, options, VERB_TEST, operands);
}

int archive_run_info(struct ctx *ctx, const void *options, char **operands)
{
	return run_as(ctx, options, VERB_INFO, operands);
}

int archive_run_formats(struct ctx *ctx, const void *options, char **operands)
{
	return run_as(ctx, options, VERB_FORMATS, operands);
}

/* The archive in front of the operands: -f ARCHIVE, else standard input or output. */
static char **with_file(const struct archive_run *run, char **operands)
{
	static const char standard[] = "-";
	const char *file = run->opts.file != NULL ? run->opts.file : standard;
	size_t n = 0;
	char **all;

	while (operands[n] != NULL)
		n++;
	all = mem_alloc_array(n + 2, sizeof(*all));
	all[0] = (char *)(uintptr_t)file;
	memcpy(all + 1, operands, (n + 1) * sizeof(*all));
	return all;
}

/* Short words for verbs; a letter alone is one, too, since the archive follows it. */
static enum archive_verb verb_of(const char *word)
{
	static const struct {
		char word[8];
		int verb;
	} words[] = {
		{ "x", VERB_EXTRACT }, { "unpack", VERB_EXTRACT }, { "t", VERB_LIST },
		{ "l", VERB_LIST },    { "c", VERB_CREATE },
	};

	for (size_t i = 0; word != NULL && i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return (enum archive_verb)words[i].verb;
	return VERB_NONE;
}

int archive_run_bundle(struct ctx *ctx, const void *options, char **operands)
{
	struct archive_run run = { .ctx = ctx, .is_bundle = true };
	char **all;
	int status = 0;

	memcpy(&run.opts, options, sizeof(run.opts));
	out_begin(ctx->out, &run.opts.out);
	if (run.opts.bundle == VERB_NONE && verb_of(operands[0]) != VERB_NONE) {
		run.is_bundle = false;
		run.opts.bundle = (int)verb_of(operands[0]);
		status = bundle_check(&run);
		return status != 0 ? status
		                   : run_prepared(&run, verb_of(operands[0]), operands + 1);
	}
	if (run.opts.bundle == VERB_NONE) {
		if (operands[0] == NULL)
			return diag_usage(ctx->diag,
			                  "what is to be done: create, extract, list, ...?");
		if (!bundle_fits(operands[0]))
			return diag_usage(ctx->diag, "no verb is called '%s'", operands[0]);
		status = bundle_apply(&run, &operands);
	}
	if (status == 0)
		status = bundle_check(&run);
	if (status != 0)
		return status;
	all = with_file(&run, operands);
	status = run_prepared(&run, (enum archive_verb)run.opts.bundle, all);
	free(all);
	return status;
}
