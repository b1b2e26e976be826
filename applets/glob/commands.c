/* SPDX-License-Identifier: MIT */
/* -x and -X: programs that are run on what is found. */
#include "glob.h"

#include "sys/spawn.h"

int glob_commands_init(struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	const bool batch = opts->exec_batch.len > 0;
	const struct strv *words = batch ? &opts->exec_batch : &opts->exec;
	struct exec_request request = { .option = batch ? "--exec-batch" : "--exec",
		                        .words = words->items,
		                        .word_count = words->len,
		                        .mode = batch ? EXEC_BATCH : EXEC_EACH,
		                        .jobs = (unsigned)opts->jobs,
		                        .fail_fast = opts->fail_fast,
		                        .dir = SPAWN_INHERIT,
		                        .diag = run->ctx->diag,
		                        .out = run->ctx->out };

	if (words->len == 0)
		return 0;
	if (opts->exec.len > 0 && opts->exec_batch.len > 0)
		return diag_usage(run->ctx->diag, "--exec and --exec-batch exclude each other");
	if (opts->out.json || opts->long_lines || opts->format != NULL || opts->count)
		return diag_usage(
			run->ctx->diag,
			"with %s nothing is printed: --json, --long, --format and --count "
			"have no meaning",
			request.option);
	/* Standard input that patterns were read from has nothing left to say. */
	for (size_t i = 0; i < opts->patterns_from.len; i++)
		request.null_stdin =
			request.null_stdin || strcmp(opts->patterns_from.items[i], "-") == 0;
	return exec_new(&request, &run->exec);
}

bool glob_give(struct glob_run *run, const struct glob_item *item, struct strbuf *lines)
{
	struct stat st;
	struct template_entry entry;

	if (run->opts->quiet && run->exec == NULL)
		return true;
	if (run->exec == NULL) {
		if (!run->opts->count)
			glob_print(run, item, lines);
		return true;
	}
	entry = glob_template_entry(run, item, &st);
	return exec_add(run->exec, &entry) == 0;
}
