/* SPDX-License-Identifier: MIT */
/* path - take paths apart, put them together, ask about the files they name */
#include "path.h"

#include "cli/shared_opts.h"

#define S struct path_opts

/* clang-format off */
static const struct opt operand_rows[] = {
	OPT_BOOL(0, "lines", S, lines, "operands are the lines of standard input"),
	OPT_SHARED(S, out),
};

static const struct opt_link out_links[] = {
	OPT_SPLICE(S, out, out_opt_table),
};

/* What every verb with operands has. */
static const struct opt_table operand_table = OPT_TABLE_LINKED(operand_rows, out_links);

static const struct opt_link operand_links[] = {
	OPT_SPLICE_PART(1, operand_table),
};

static const struct opt rel_rows[] = {
	OPT_STR(0, "from", "DIR", S, from, "from there, not from the working directory"),
	OPT_PART(1),
};

static const struct opt common_rows[] = {
	OPT_BOOL(0, "chars", S, chars, "bytes in common, not whole names"),
	OPT_PART(1),
};

static const struct opt parent_rows[] = {
	OPT_INT('n', "levels", "N", S, levels, 0, INT64_MAX, "go up N times (default: 1)"),
	OPT_PART(1),
};

static const struct opt real_rows[] = {
	OPT_SET(0, "strict", S, missing, MISSING_STRICT, "all of the path must exist"),
	OPT_SET(0, "missing-ok", S, missing, MISSING_OK, "none of it need exist (default)"),
	OPT_PART(1),
};

static const struct opt sep_rows[] = {
	OPT_BOOL(0, "list", S, list, "what separates the paths of a list"),
	OPT_BOOL(0, "alt", S, alt, "the other separator of names, which is none here"),
	OPT_SHARED(S, out),
};

static const struct opt cwd_rows[] = {
	OPT_SET('L', "logical", S, cwd, CWD_LOGICAL, "as $PWD has it, when that is right"),
	OPT_SET('P', "physical", S, cwd, CWD_PHYSICAL, "without symbolic links (default)"),
	OPT_SHARED(S, out),
};

static const struct opt tempdir_rows[] = {
	OPT_SHARED(S, out),
};

static const struct opt type_rows[] = {
	OPT_SET(0, "follow", S, follow, FOLLOW_YES, "of the file that a link leads to"),
	OPT_SET(0, "no-follow", S, follow, FOLLOW_NO, "of the link itself (default)"),
	OPT_PART(1),
};

static const struct opt stat_rows[] = {
	OPT_SET(0, "follow", S, follow, FOLLOW_YES, "of the file that a link leads to (default)"),
	OPT_SET(0, "no-follow", S, follow, FOLLOW_NO, "of the link itself"),
	OPT_STR(0, "format", "TEMPLATE", S, format, "what to print, with {size}, {mtime} and more"),
	OPT_PART(1),
};

static const struct opt read_rows[] = {
	OPT_SET(0, "text", S, encode, ENCODE_TEXT, "it must be valid UTF-8"),
	OPT_SET(0, "base64", S, encode, ENCODE_BASE64, "as base64"),
	OPT_SET(0, "hex", S, encode, ENCODE_HEX, "as hexadecimal digits"),
	OPT_PART(1),
};

static const struct opt test_rows[] = {
	OPT_MARK('e', "exists", S, tests, 'e', "it exists"),
	OPT_MARK('f', "file", S, tests, 'f', "it is a regular file"),
	OPT_MARK('d', "dir", S, tests, 'd', "it is a directory"),
	OPT_MARK('L', "symlink", S, tests, 'L', "it is a symbolic link"),
	OPT_MARK('p', "fifo", S, tests, 'p', "it is a FIFO"),
	OPT_MARK('S', "socket", S, tests, 'S', "it is a socket"),
	OPT_MARK('b', "blockdev", S, tests, 'b', "it is a block device"),
	OPT_MARK('c', "chardev", S, tests, 'c', "it is a character device"),
	OPT_MARK('s', "not-empty", S, tests, 's', "its size is not 0"),
	OPT_MARK('r', "readable", S, tests, 'r', "we may read it"),
	OPT_MARK('w', "writable", S, tests, 'w', "we may write to it"),
	OPT_MARK('x', "executable", S, tests, 'x', "we may execute or search it"),
	OPT_MARK(0, "absolute", S, tests, TEST_ABSOLUTE, "the path begins with a slash"),
	OPT_PART(1),
};
/* clang-format on */

/* What is done with each operand, where that is more than looking at the text. */
static path_act *const acts[PATH_VERBS] = {
	[VERB_REAL] = path_real_act, [VERB_EXPAND] = path_expand_act, [VERB_LIST] = path_list_act,
	[VERB_HOME] = path_home_act, [VERB_TEST] = path_test_act,     [VERB_TYPE] = path_type_act,
	[VERB_STAT] = path_stat_act, [VERB_READ] = path_read_act,
};

/* How the operands must be; the word that with-suffix and the like put in is the first one. */
static int take_operands(struct path_run *run, char **operands)
{
	const bool none_is_fine = run->verb == VERB_LIST || run->verb == VERB_HOME;

	if (run->verb == VERB_SEP || run->verb == VERB_CWD || run->verb == VERB_TEMPDIR)
		return operands[0] == NULL ? 0
		                           : diag_usage(run->ctx->diag, "there are no operands");
	if (run->verb == VERB_WITH_SUFFIX || run->verb == VERB_WITH_NAME ||
	    run->verb == VERB_WITH_STEM) {
		if (operands[0] == NULL)
			return diag_usage(run->ctx->diag, "missing operand");
		run->word = *operands++;
	}
	run->operands = operands;
	if (run->opts->lines && run->opts->out.zero)
		return diag_usage(run->ctx->diag, "--lines and --null exclude each other");
	if (run->opts->lines && operands[0] != NULL)
		return diag_usage(run->ctx->diag, "--lines reads the operands, but there are some");
	if (operands[0] == NULL && !none_is_fine && !run->opts->lines && !run->opts->out.zero)
		return diag_usage(run->ctx->diag,
		                  "missing operand; --lines and -0 read them from standard input");
	return 0;
}

static int prepare(struct path_run *run)
{
	const struct path_opts *opts = run->opts;
	struct text_error where;

	if (run->verb == VERB_TEST && opts->tests.len == 0)
		return diag_usage(run->ctx->diag, "which test? -e, -f, -d, -L, --absolute ...");
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

static int run_verb(struct path_run *run)
{
	/* Those two have an answer of their own; -0 is about how it is written. */
	const bool none = run->operands != NULL && run->operands[0] == NULL && !run->opts->lines;

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

static int path_run(struct ctx *ctx, const void *options, char **operands)
{
	struct path_run run = { .ctx = ctx, .opts = options };
	int status;

	while (path_applet.verbs[run.verb] != ctx->applet)
		run.verb++;
	out_begin(ctx->out, &run.opts->out);
	status = take_operands(&run, operands);
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

/* clang-format off */
#define VERB(id, verb_name, words, table, ...) \
	static const struct applet id##_verb = { \
		.name = "path " verb_name, \
		.group = "Files", \
		.operands = (words), \
		.options = table, \
		.options_size = sizeof(S), \
		.run = path_run, \
		__VA_ARGS__ \
	}
#define ROWS(rows) OPT_TABLE_LINKED(rows, operand_links)
#define ROWS_ALONE(rows) OPT_TABLE_LINKED(rows, out_links)
#define PLAIN ROWS_ALONE(operand_rows)
#define PATHS "[PATH]..."

VERB(split, "split", PATHS, PLAIN, .schemas = path_split_schemas, .summary = "what is before the last slash, and what is behind it");
VERB(splitext, "splitext", PATHS, PLAIN, .schemas = path_ext_schemas, .summary = "the path without its extension, and the extension");
VERB(dir, "dir", PATHS, PLAIN, .summary = "what is before the last slash");
VERB(base, "base", PATHS, PLAIN, .summary = "what is behind the last slash");
VERB(join, "join", PATHS, PLAIN, .summary = "all operands as one path; an absolute one begins anew");
VERB(abs, "abs", PATHS, PLAIN, .summary = "absolute and normal, without a look at the disk");
VERB(real, "real", PATHS, ROWS(real_rows), .summary = "absolute and without symbolic links");
VERB(rel, "rel", PATHS, ROWS(rel_rows), .summary = "the way from a directory to the path, as text");
VERB(common, "common", PATHS, ROWS(common_rows), .summary = "the path that all operands begin with");
VERB(sep, "sep", "", ROWS_ALONE(sep_rows), .summary = "the character between names",
     .says_no_when = "there is no such separator");
VERB(list, "list", "[LIST]...", PLAIN, .summary = "the elements of $PATH, or of lists like it");
VERB(name, "name", PATHS, PLAIN, .summary = "the last name of the path");
VERB(stem, "stem", PATHS, PLAIN, .summary = "the last name without its suffix");
VERB(suffix, "suffix", PATHS, PLAIN, .summary = "the last dot of the name and what follows it");
VERB(suffixes, "suffixes", PATHS, PLAIN, .schemas = path_many_schemas, .summary = "all suffixes of the name");
VERB(parent, "parent", PATHS, ROWS(parent_rows), .defaults = &defaults, .summary = "the path without its last name");
VERB(parents, "parents", PATHS, PLAIN, .schemas = path_many_schemas, .summary = "all parents, from the nearest");
VERB(with_suffix, "with-suffix", "SUFFIX " PATHS, PLAIN, .summary = "the path with another suffix");
VERB(with_name, "with-name", "NAME " PATHS, PLAIN, .summary = "the path with another last name");
VERB(with_stem, "with-stem", "STEM " PATHS, PLAIN, .summary = "the path with another stem");
VERB(expand, "expand", PATHS, PLAIN, .summary = "replace ~, ~USER, $NAME and ${NAME}");
VERB(home, "home", "[USER]...", PLAIN, .summary = "the home directory, of oneself or of users");
VERB(cwd, "cwd", "", ROWS_ALONE(cwd_rows), .summary = "the working directory");
VERB(tempdir, "tempdir", "", ROWS_ALONE(tempdir_rows), .summary = "the directory for temporary files");
VERB(test, "test", PATHS, ROWS(test_rows), .schemas = path_answer_schemas, .summary = "are all tests true for all paths?",
     .says_no_when = "a test is not true");
VERB(type, "type", PATHS, ROWS(type_rows), .summary = "what it is: file, dir, symlink, ...");
VERB(stat, "stat", PATHS, ROWS(stat_rows), .schemas = path_stat_schemas, .summary = "type, mode, size and time of modification");
VERB(read, "read", "[FILE]...", ROWS(read_rows), .schemas = path_content_schemas, .summary = "the bytes of files");

static const struct applet *const verbs[PATH_VERBS + 1] = {
	[VERB_SPLIT] = &split_verb, [VERB_SPLITEXT] = &splitext_verb, [VERB_DIR] = &dir_verb,
	[VERB_BASE] = &base_verb, [VERB_JOIN] = &join_verb, [VERB_ABS] = &abs_verb,
	[VERB_REAL] = &real_verb, [VERB_REL] = &rel_verb, [VERB_COMMON] = &common_verb,
	[VERB_SEP] = &sep_verb, [VERB_LIST] = &list_verb, [VERB_NAME] = &name_verb,
	[VERB_STEM] = &stem_verb, [VERB_SUFFIX] = &suffix_verb, [VERB_SUFFIXES] = &suffixes_verb,
	[VERB_PARENT] = &parent_verb, [VERB_PARENTS] = &parents_verb,
	[VERB_WITH_SUFFIX] = &with_suffix_verb, [VERB_WITH_NAME] = &with_name_verb,
	[VERB_WITH_STEM] = &with_stem_verb, [VERB_EXPAND] = &expand_verb, [VERB_HOME] = &home_verb,
	[VERB_CWD] = &cwd_verb, [VERB_TEMPDIR] = &tempdir_verb, [VERB_TEST] = &test_verb,
	[VERB_TYPE] = &type_verb, [VERB_STAT] = &stat_verb, [VERB_READ] = &read_verb,
};
/* clang-format on */

const struct applet path_applet = {
	.name = "path",
	.group = "Files",
	.summary = "take paths apart, put them together, ask what they name",
	.operands = "",
	.schemas = path_result_schemas,
	.verbs = verbs,
};
