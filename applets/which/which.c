/* SPDX-License-Identifier: MIT */
/* which - print the file a command name runs */
#include "which.h"

#include "cli/shared_opts.h"

#include <errno.h>

/* What GNU which's options ask for; --tty-only acts on those to its right. */
enum { MARK_TTY_ONLY, MARK_SKIP_DOT, MARK_SHOW_DOT, MARK_SKIP_TILDE, MARK_SHOW_TILDE };

/* A switch whose place among its like matters. */
#define MARK(n, tag, h) OPT_MARK(0, n, struct which_opts, marks, tag, h)

static const struct opt which_rows[] = {
	OPT_BOOL('a', "all", struct which_opts, all, "print every match, not only the first"),
	OPT_BOOL('s', "silent", struct which_opts, quiet,
	         "print nothing, only set the exit status"),
	OPT_EXPAND('q', "quiet", "print nothing, only set the exit status", "--silent"),
	OPT_BOOL('u', "unique", struct which_opts, unique, "drop later matches of the same file"),
	OPT_BOOL('A', "absolute", struct which_opts, absolute, "make relative results absolute"),
	OPT_BOOL('r', "resolve", struct which_opts, resolve, "print the file behind all links"),
	OPT_STR('p', "path", "LIST", struct which_opts, path, "search LIST instead of PATH"),
	OPT_BOOL(0, "default-path", struct which_opts, default_path,
	         "search the system's default path"),
	OPT_STR(0, "mode", "LETTERS", struct which_opts, mode,
	        "access needed: x (default), r, w, f for none"),
	OPT_BOOL(0, "why", struct which_opts, why, "say what was found in each directory"),
	OPT_BOOL(0, "shadowed", struct which_opts, shadowed,
	         "print commands hidden by an earlier, different file"),
	OPT_SHARED(struct which_opts, out),
	OPT_HEADING("As in GNU which"),
	OPT_BOOL('i', "read-alias", struct which_opts, read_alias,
	         "read aliases from standard input, report them"),
	OPT_BOOL(0, "read-functions", struct which_opts, read_functions,
	         "read functions from standard input, report them"),
	OPT_BOOL(0, "skip-alias", struct which_opts, skip_alias, "ignore --read-alias"),
	OPT_BOOL(0, "skip-functions", struct which_opts, skip_functions, "ignore --read-functions"),
	MARK("skip-dot", MARK_SKIP_DOT, "pass over directories that are not absolute"),
	MARK("skip-tilde", MARK_SKIP_TILDE, "pass over directories in HOME"),
	MARK("show-dot", MARK_SHOW_DOT, "print ./NAME for matches in the working directory"),
	MARK("show-tilde", MARK_SHOW_TILDE, "print ~/NAME for matches in HOME, unless root"),
	MARK("tty-only", MARK_TTY_ONLY, "off a terminal, ignore dot and tilde options that follow"),
	OPT_EXPAND('v', "", "print the version and exit", "--version"),
	OPT_EXPAND('V', "", "print the version and exit", "--version"),
};

static const struct opt_link links[] = { OPT_SPLICE(struct which_opts, out, out_opt_table) };

/* The mask for access(2). Letters combine; false with *reterr set when one is unknown. */
static bool parse_mode(const char *text, int *ret, struct text_error *reterr)
{
	static const struct {
		char letter;
		int access;
	} letters[] = { { 'x', X_OK }, { 'r', R_OK }, { 'w', W_OK }, { 'f', F_OK } };
	int access = 0;

	for (const char *at = text; at == text || *at != '\0'; at++) {
		size_t i = 0;

		while (i < ARRAY_LEN(letters) && letters[i].letter != *at)
			i++;
		if (i == ARRAY_LEN(letters)) {
			*reterr =
				(struct text_error){ .reason = "expected letters out of x, r, w, f",
				                     .offset = (size_t)(at - text),
				                     .len = 1 };
			return false;
		}
		access |= letters[i].access;
	}
	*ret = access;
	return true;
}

static void settle_marks(struct search *s)
{
	bool is_ignored = false;

	for (size_t i = 0; i < s->opts->marks.len; i++) {
		switch (s->opts->marks.items[i].tag) {
		case MARK_TTY_ONLY:
			is_ignored = isatty(STDOUT_FILENO) != 1;
			break;
		case MARK_SKIP_DOT:
			s->skip_dot = !is_ignored;
			break;
		case MARK_SHOW_DOT:
			s->show_dot = !is_ignored;
			break;
		case MARK_SKIP_TILDE:
			s->skip_tilde = !is_ignored;
			break;
		default:
			s->show_tilde = !is_ignored && geteuid() != 0;
			break;
		}
	}
}

/* Is the directory HOME, or below it? */
static bool is_in_home(const struct search *s, const char *dir)
{
	AUTO_RELEASE_STRBUF struct strbuf absolute = { 0 };
	size_t len = s->home != NULL ? strlen(s->home) : 0;

	while (len > 0 && s->home[len - 1] == '/')
		len--;
	if (len == 0 || (s->cwd == NULL && dir[0] != '/'))
		return false;
	command_path_add_absolute(&absolute, s->cwd != NULL ? s->cwd : "/", dir);
	return strncmp(strbuf_str(&absolute), s->home, len) == 0 &&
	       (absolute.data[len] == '/' || absolute.data[len] == '\0');
}

static void skip_dirs(struct search *s)
{
	for (size_t i = 0; i < command_path_len(s->path); i++) {
		const char *dir = command_path_dir(s->path, i);

		if ((s->skip_dot && dir[0] != '/') ||
		    (s->skip_tilde && (dir[0] == '~' || is_in_home(s, dir))))
			command_path_skip(s->path, i);
	}
}

/* The list to search; *ret_owned is to be freed. */
static const char *path_list(struct search *s, char **ret_owned)
{
	const char *list = s->opts->path;

	if (list == NULL && !s->opts->default_path) {
		list = getenv("PATH");
		s->is_default_path = list == NULL;
	}
	if (list != NULL)
		return list;
	*ret_owned = command_path_default();
	return *ret_owned;
}

/* 0, or the exit status of a run that cannot start. */
static int prepare(struct search *s, char **names)
{
	const struct which_opts *opts = s->opts;
	AUTO_FREE_STR char *owned = NULL;
	struct text_error where;
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	if (n == 0 && !opts->shadowed)
		return diag_usage(s->ctx->diag, "missing name");
	if (opts->path != NULL && opts->default_path)
		return diag_usage(s->ctx->diag, "--path and --default-path exclude each other");
	if (opts->why && opts->shadowed)
		return diag_usage(s->ctx->diag, "--why and --shadowed exclude each other");
	if (!parse_mode(opts->mode != NULL ? opts->mode : "x", &s->access, &where))
		return diag_caret(s->ctx->diag, "bad value for --mode", opts->mode, &where);

	settle_marks(s);
	s->home = getenv("HOME");
	if (opts->absolute || s->show_dot || s->show_tilde || s->skip_tilde)
		s->cwd = getcwd(NULL, 0);
	if (opts->absolute && s->cwd == NULL)
		return diag_fail(s->ctx->diag, errno, "find the path of", ".");
	s->path = command_path_new(path_list(s, &owned), s->access, n != 0 ? n : SIZE_MAX);
	if (s->skip_dot || s->skip_tilde)
		skip_dirs(s);
	/* Definitions are text for people; records, verdicts and shadows are about files. */
	if (!opts->out.json && !opts->why && !opts->shadowed)
		which_read_definitions(s);
	return 0;
}

/* The status when nothing went wrong. */
static int report_names(struct search *s, char **names)
{
	int status = EXIT_YES;

	if (s->opts->shadowed && names[0] == NULL)
		return which_report_all_shadowed(s) ? EXIT_NO : EXIT_YES;
	for (char **name = names; *name != NULL; name++) {
		bool is_yes;

		if (s->opts->why)
			is_yes = which_explain(s, *name);
		else if (s->opts->shadowed)
			is_yes = !which_report_shadowed(s, *name);
		else
			is_yes = which_report_defined(s, *name);
		if (!is_yes)
			status = EXIT_NO;
	}
	return status;
}

static int which_run(struct ctx *ctx, const void *options, char **operands)
{
	struct search s = { .ctx = ctx, .opts = options };
	int status;

	out_begin(ctx->out, &s.opts->out);
	status = prepare(&s, operands);
	if (status == 0)
		status = diag_status(s.ctx->diag, report_names(&s, operands));
	command_path_free(s.path);
	free(s.cwd);
	shell_defs_release(&s.defs);
	vec_release(&s.matches);
	strbuf_release(&s.input);
	strbuf_release(&s.line);
	return status;
}

const struct applet which_applet = {
	.name = "which",
	.group = "System",
	.summary = "print the file a command name runs",
	.operands = "NAME...",
	.says_no_when = "some NAME was not found (with --shadowed: something is hidden)",
	.options = OPT_TABLE_LINKED(which_rows, links),
	.options_size = sizeof(struct which_opts),
	.takes = OPERANDS_COMMANDS,
	.codes = { .usage = 2, .fail = 2 },
	.schemas =
		(const struct applet_schema[]){
			{ "each match, or name without one", &which_entry_table },
			{ "--why", &which_verdict_table },
			{ 0 },
		},
	.run = which_run,
};
