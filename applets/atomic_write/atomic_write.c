/* SPDX-License-Identifier: MIT */
/* atomic-write - write a file so that it is the old one or the whole new one. */
#include "atomic_write.h"

#include "base/sig.h"

static const struct opt atomic_rows[] = {
	OPT_BOOL('a', "append", struct atomic_opts, append, "the old content stays, in front"),
	OPT_STR(0, "text", "TEXT", struct atomic_opts, text,
	        "write this, not what comes from standard input"),
	OPT_STR(0, "mode", "MODE", struct atomic_opts, mode,
	        "permissions as chmod takes them, not the old file's"),
	OPT_STR(0, "check", "CMD", struct atomic_opts, check,
	        "only if this shell command accepts the new file, its last word"),
	OPT_STR_OPTIONAL(0, "backup", "SUFFIX", struct atomic_opts, backup, "~",
	                 "the old file gets this name (NAME~)"),
	OPT_BOOL(0, "if-changed", struct atomic_opts, if_changed,
	         "leave a file with the same content as it is"),
	OPT_SIZE(0, "max-size", "SIZE", struct atomic_opts, max_size,
	         "not when more than this comes in"),
	OPT_BOOL(0, "new", struct atomic_opts, is_new, "not when there is something already"),
	OPT_BOOL(0, "allow-empty", struct atomic_opts, allow_empty,
	         "replace a file that is not empty by nothing"),
	OPT_BOOL(0, "in-place", struct atomic_opts, in_place,
	         "overwrite it where its directory takes no new files"),
	OPT_BOOL(0, "no-owner", struct atomic_opts, no_owner,
	         "do not keep the old file's owner and group"),
	OPT_BOOL('P', "no-dereference", struct atomic_opts, no_dereference,
	         "replace a symbolic link, not the file it leads to"),
	OPT_BOOL(0, "no-fsync", struct atomic_opts, no_fsync,
	         "do not wait until it is on the disk"),
	OPT_BOOL(0, "tee", struct atomic_opts, tee, "print it too"),
	OPT_BOOL('v', "verbose", struct atomic_opts, verbose, "say what was done"),
	OPT_SHARED(struct atomic_opts, out),
};

static const struct opt_link atomic_links[] = { OPT_SPLICE(struct atomic_opts, out,
	                                                   out_opt_table) };

enum { SUMMARY_PATH, SUMMARY_STATUS, SUMMARY_BYTES, SUMMARY_IN_PLACE, SUMMARY_INTERRUPTED };

static const struct column summary_columns[] = {
	[SUMMARY_PATH] = { "path", COLUMN_NAME, "the file, as it was given" },
	[SUMMARY_STATUS] = { "status", COLUMN_TEXT, "written, unchanged, or discarded" },
	[SUMMARY_BYTES] = { "bytes", COLUMN_SIZE, "of the new content, as far as it came" },
	[SUMMARY_IN_PLACE] = { "in_place", COLUMN_BOOL, "it was overwritten, not replaced" },
	[SUMMARY_INTERRUPTED] = { "interrupted", COLUMN_BOOL, "a signal ended it" },
};

static const struct column_table summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

const struct applet_schema atomic_schemas[] = {
	{ "the end", &summary_table },
	{ 0 },
};

static void summarize(const struct atomic *a, const char *status, bool in_place)
{
	struct record r;

	if (a->opts->verbose)
		diag_warn(a->ctx->diag, a->path, "%s", status);
	record_begin(&r, "summary", &summary_table);
	record_name(&r, SUMMARY_PATH, a->path);
	record_name(&r, SUMMARY_STATUS, status);
	record_u64(&r, SUMMARY_BYTES, a->bytes);
	record_bool(&r, SUMMARY_IN_PLACE, in_place);
	record_bool(&r, SUMMARY_INTERRUPTED, sig_stopped());
	out_emit(a->ctx->out, &r);
}

/* Guards, --if-changed and --check. 0: go on; 1: nothing is to be done; else the exit status. */
static int judge(const struct atomic *a, bool *ret_unchanged)
{
	const struct atomic_opts *opts = a->opts;
	int r;

	if (a->bytes == 0 && a->old >= 0 && a->target.st.st_size > 0 && !opts->allow_empty &&
	    !opts->is_sponge) {
		diag_warn(a->ctx->diag, a->path,
		          "not changed: nothing came in, and it is not empty (--allow-empty)");
		return EXIT_GUARD;
	}
	*ret_unchanged = false;
	if (opts->if_changed) {
		r = is_unchanged(a);
		if (r < 0)
			return diag_fail(a->ctx->diag, -r, "read", a->path);
		*ret_unchanged = r == 1;
		if (r == 1)
			return 0;
	}
	r = keep_metadata(a);
	return r == 0 ? run_check(a) : r;
}

static int write_it(struct atomic *a, const char **ret_word, bool *ret_in_place)
{
	bool unchanged = false;
	int status = open_target(a);

	if (status == 0)
		status = open_place(a);
	if (status == 0)
		status = read_source(a);
	if (status == 0)
		status = judge(a, &unchanged);
	if (status != 0 || sig_stopped())
		return status;
	*ret_word = "unchanged";
	if (unchanged)
		return 0;
	*ret_in_place = !a->beside;
	status = make_backup(a);
	if (status == 0)
		status = commit(a);
	*ret_word = status == 0 || status == EXIT_NO ? "written" : "discarded";
	return status;
}

int atomic_write(struct atomic *a)
{
	const char *word = "discarded";
	bool in_place = false;
	int status;

	a->mask = umask(0);
	(void)umask(a->mask);
	a->target.dirfd = -1;
	a->old = -1;
	a->fd = -1;
	sig_install();
	status = write_it(a, &word, &in_place);
	close_place(a);
	summarize(a, word, in_place);
	a->mode = file_mode_free(a->mode);
	/* The command's code is ours, whatever was said besides. */
	if (status != 0)
		diag_raise(a->ctx->diag, status);
	return diag_status(a->ctx->diag, status);
}

/* What makes no sense; NULL: nothing. */
static const char *find_mistake(const struct atomic_opts *opts, char **operands)
{
	if (operands[0] == NULL)
		return "expected a file";
	if (operands[1] != NULL && strcmp(operands[1], "--") != 0)
		return "options go before the file, a command behind it and --";
	if (operands[1] != NULL && operands[2] == NULL)
		return "expected a command behind --";
	if (operands[1] != NULL && opts->text != NULL)
		return "--text and a command exclude each other";
	if (opts->tee && opts->out.json)
		return "--tee and --json exclude each other";
	if (opts->is_new && (opts->append || opts->backup != NULL))
		return "--new goes with neither --append nor --backup";
	if (opts->backup != NULL && (*opts->backup == '\0' || strchr(opts->backup, '/') != NULL))
		return "--backup needs a suffix without a slash";
	return NULL;
}

static int atomic_write_run(struct ctx *ctx, const void *options, char **operands)
{
	const struct atomic_opts *opts = options;
	struct atomic a = { .ctx = ctx, .opts = opts, .path = operands[0] };
	const char *mistake = find_mistake(opts, operands);
	struct text_error where;

	out_begin(ctx->out, &opts->out);
	if (mistake != NULL)
		return diag_usage(ctx->diag, "%s", mistake);
	if (opts->mode != NULL && file_mode_parse(opts->mode, &a.mode, &where) < 0)
		return diag_caret(ctx->diag, "invalid mode", opts->mode, &where);
	if (operands[1] != NULL)
		a.command = operands + 2;
	return atomic_write(&a);
}

const struct applet atomic_write_applet = {
	.name = "atomic-write",
	.group = "Files",
	.summary = "write a file so that it is the old or the whole new one",
	.operands = "FILE [-- COMMAND [ARG]...]",
	.says_no_when = "written, but its owner or attributes could not be kept",
	.options = OPT_TABLE_LINKED(atomic_rows, atomic_links),
	.options_size = sizeof(struct atomic_opts),
	.stop_at_operand = true,
	.schemas = atomic_schemas,
	.run = atomic_write_run,
};
