/* SPDX-License-Identifier: MIT */
/* path - take paths apart, put them together, ask about the files they name */
#include "path.h"

#include "cli/shared_opts.h"

/* clang-format off */
#define S struct path_opts
static const struct opt path_rows[] = {
	OPT_SHARED(S, out),
	OPT_BOOL(0, "lines", S, lines, "operands are the lines of standard input"),

	OPT_HEADING("Functions of text"),
	OPT_STR(0, "from", "DIR", S, from, "rel: from there, not from the working directory"),
	OPT_BOOL(0, "chars", S, chars, "common: bytes in common, not whole names"),
	OPT_INT('n', "levels", "N", S, levels, 0, INT64_MAX, "parent: go up N times"),
	OPT_BOOL(0, "list", S, list, "sep: what separates the paths of a list"),
	OPT_BOOL(0, "alt", S, alt, "sep: the other separator, which is none here"),

	OPT_HEADING("Functions of files"),
	OPT_SET(0, "strict", S, missing, MISSING_STRICT, "real: all of the path must exist"),
	OPT_SET(0, "missing-ok", S, missing, MISSING_OK, "real: none of it need exist (default)"),
	OPT_BOOL('P', "physical", S, physical, "cwd: without symbolic links (default)"),
	OPT_SET(0, "follow", S, follow, FOLLOW_YES, "type, stat: the file a link leads to (stat: default)"),
	OPT_SET(0, "no-follow", S, follow, FOLLOW_NO, "type, stat: the link itself (type: default)"),
	OPT_STR(0, "format", "TEMPLATE", S, format, "stat: what to print, with {size}, {mtime} and more"),
	OPT_SET(0, "text", S, encode, ENCODE_TEXT, "read: it must be valid UTF-8"),
	OPT_SET(0, "base64", S, encode, ENCODE_BASE64, "read: print it as base64"),
	OPT_SET(0, "hex", S, encode, ENCODE_HEX, "read: print it as hexadecimal digits"),

	OPT_HEADING("Tests"),
	OPT_MARK('e', "exists", S, tests, 'e', "it exists"),
	OPT_MARK('f', "file", S, tests, 'f', "it is a regular file"),
	OPT_MARK('d', "dir", S, tests, 'd', "it is a directory"),
	OPT_MARK('L', "symlink", S, tests, 'L', "it is a symbolic link; cwd: as $PWD has it"),
	OPT_MARK('p', "fifo", S, tests, 'p', "it is a FIFO"),
	OPT_MARK('S', "socket", S, tests, 'S', "it is a socket"),
	OPT_MARK('b', "blockdev", S, tests, 'b', "it is a block device"),
	OPT_MARK('c', "chardev", S, tests, 'c', "it is a character device"),
	OPT_MARK('s', "not-empty", S, tests, 's', "its size is not 0"),
	OPT_MARK('r', "readable", S, tests, 'r', "we may read it"),
	OPT_MARK('w', "writable", S, tests, 'w', "we may write to it"),
	OPT_MARK('x', "executable", S, tests, 'x', "we may execute or search it"),
	OPT_MARK(0, "absolute", S, tests, TEST_ABSOLUTE, "the path begins with a slash"),
};

static const struct opt_link links[] = {
	OPT_SPLICE(S, out, out_opt_table),
};
#undef S
/* clang-format on */

/* What is done with each operand, where that is more than looking at the text. */
static path_act *const acts[] = {
	[VERB_REAL] = path_real_act, [VERB_EXPAND] = path_expand_act, [VERB_LIST] = path_list_act,
	[VERB_HOME] = path_home_act, [VERB_TEST] = path_test_act,     [VERB_TYPE] = path_type_act,
	[VERB_STAT] = path_stat_act, [VERB_READ] = path_read_act,
};

static int run_verb(struct path_run *run)
{
	/* Those two have an answer of their own; -0 is about how it is written. */
	const bool none = run->operands[0] == NULL && !run->opts->lines;

	if (run->verb == VERB_JOIN)
		return path_join(run);
	if (run->verb == VERB_COMMON)
		return path_common(run);
	if (run->verb == VERB_SEP)
		return path_sep(run);
	if (run->verb == VERB_CWD)
		return path_cwd(run);
	if (run->verb == VERB_TEMPDIR)
		return path_tempdir(run);
	if (none && run->verb == VERB_LIST)
		return path_list_default(run);
	if (none && run->verb == VERB_HOME)
		return path_home_default(run);
	return path_for_each(run, acts[run->verb] != NULL ? acts[run->verb] : path_text_act);
}

static int prepare(struct path_run *run)
{
	const struct path_opts *opts = run->opts;
	struct text_error where;

	if (run->verb == VERB_TEST && opts->tests.len == 0)
		return diag_usage(run->ctx->diag,
		                  "test: which one? -e, -f, -d, -L, --absolute ...");
	if (opts->format != NULL && opts->out.json)
		return diag_usage(run->ctx->diag, "--format and --json exclude each other");
	if (opts->format != NULL && template_compile(opts->format, 0, &run->format, &where) < 0)
		return diag_caret(run->ctx->diag, "--format", opts->format, &where);
	if (opts->encode != ENCODE_NONE && opts->out.json)
		return diag_usage(run->ctx->diag,
		                  "--json has the bytes of a file itself: not with --text, "
		                  "--base64 or --hex");
	return 0;
}

static int path_run(struct ctx *ctx, const void *options, char **operands)
{
	struct path_run run = { .ctx = ctx, .opts = options };
	int status;

	out_begin(ctx->out, &run.opts->out);
	status = path_find_verb(&run, operands);
	if (status == 0)
		status = prepare(&run);
	if (status == 0)
		status = run_verb(&run);
	(void)users_free(run.users);
	(void)template_free(run.format);
	free(run.cwd);
	strbuf_release(&run.line);
	strbuf_release(&run.result);
	strbuf_release(&run.common.text);
	return diag_status(ctx->diag, status == 0 && run.said_no ? EXIT_NO : status);
}

static const struct path_opts defaults = { .levels = LEVELS_DEFAULT };

const struct applet path_applet = {
	.name = "path",
	.group = "Files",
	.summary = "take paths apart, put them together, ask what they name",
	.operands = "FUNCTION [PATH]...",
	.says_no_when = "a test is not true, or there is no such separator",
	.options = OPT_TABLE_LINKED(path_rows, links),
	.options_size = sizeof(struct path_opts),
	.defaults = &defaults,
	.schemas = path_schemas,
	.run = path_run,
};
