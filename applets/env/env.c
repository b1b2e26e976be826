/* SPDX-License-Identifier: MIT */
/* env - run a command with other variables, or show those that there are; as GNU's */
#include "env.h"

#include "base/fdio.h"
#include "base/quote.h"
#include "cli/shared_opts.h"
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>

/* clang-format off */
#define S struct env_opts
static const struct opt env_rows[] = {
	OPT_BOOL('i', "ignore-environment", S, ignore_environment, "start with no variables"),
	OPT_LIST('u', "unset", "NAME", S, unset, "remove a variable"),
	OPT_STR('C', "chdir", "DIR", S, chdir, "start the command in DIR"),
	OPT_STR('a', "argv0", "NAME", S, argv0, "what the command is told to be its name"),
	OPT_LAST('S', "split-string", "TEXT", S, split, "take the words of TEXT as arguments, for #! lines"),
	OPT_BOOL('v', "debug", S, verbose, "say what is done, on standard error"),

	OPT_HEADING("Signals"),
	OPT_TAGGED_OPTIONAL(0, "default-signal", "SIG", S, signals, ENV_SIGNAL_DEFAULT, ENV_ALL_SIGNALS,
	                    "set signals to their default and unblock them"),
	OPT_TAGGED_OPTIONAL(0, "ignore-signal", "SIG", S, signals, ENV_SIGNAL_IGNORE, ENV_ALL_SIGNALS,
	                    "ignore signals"),
	OPT_TAGGED_OPTIONAL(0, "block-signal", "SIG", S, signals, ENV_SIGNAL_BLOCK, ENV_ALL_SIGNALS,
	                    "block signals"),
	OPT_BOOL(0, "list-signal-handling", S, list_signals,
	         "list blocked and ignored signals on standard error"),

	OPT_HEADING("Without a command"),
	OPT_SHARED(S, out),
	OPT_PART(1),
};

static const struct opt own_rows[] = {
	OPT_LIST(0, "get", "NAME", S, get, "print the value of this variable alone"),
	OPT_STR(0, "default", "TEXT", S, otherwise, "with --get, --expand: the value of one that is not set"),
	OPT_BOOL(0, "expand", S, expand, "copy standard input, with $NAME and ${NAME} replaced"),
	OPT_BOOL(0, "sort", S, sort, "in the order of their names"),
};

static const struct opt_table own_table = OPT_TABLE_YIELDING(own_rows);

static const struct opt_link links[] = {
	OPT_SPLICE(S, out, out_opt_table),
	OPT_SPLICE_PART(1, own_table),
};
#undef S
/* clang-format on */

void env_add_quoted(struct strbuf *b, const char *text)
{
	quote_add(b, text, strlen(text), &(const struct quote_form){ QUOTE_LOCALE, "" });
}

static void debug_line(const struct env_run *e, const char *what, const char *text, bool quoted)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (!e->opts.verbose)
		return;
	strbuf_add_str(&line, what);
	if (quoted)
		env_add_quoted(&line, text);
	else
		quote_add_masked(&line, text, strlen(text));
	strbuf_add_char(&line, '\n');
	ignore(fdio_write_all(STDERR_FILENO, line.data, line.len));
}

void env_debug(const struct env_run *e, const char *what, const char *text)
{
	debug_line(e, what, text, false);
}

void env_debug_quoted(const struct env_run *e, const char *what, const char *text)
{
	debug_line(e, what, text, true);
}

/* ---- the environment ---- */

/* Is `entry`, NAME=VALUE, about this name? */
static bool is_about(const char *entry, const char *name, size_t len)
{
	return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

const char *env_value(const struct env_run *e, const char *name, size_t len)
{
	for (size_t i = 0; i < e->vars.len; i++) {
		if (e->vars.items[i] != NULL && is_about(e->vars.items[i], name, len))
			return e->vars.items[i] + len + 1;
	}
	return NULL;
}

static int unset(struct env_run *e, const char *name)
{
	size_t len = strlen(name), kept = 0;

	env_debug(e, "unset:    ", name);
	if (len == 0 || strchr(name, '=') != NULL) {
		AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };

		env_add_quoted(&quoted, name);
		return diag_fail_text(e->ctx->diag, NULL, "cannot unset %s: %s",
		                      strbuf_str(&quoted), strerrordesc_np(EINVAL));
	}
	for (size_t i = 0; i < e->vars.len; i++) {
		if (!is_about(e->vars.items[i], name, len))
			e->vars.items[kept++] = e->vars.items[i];
	}
	e->vars.len = kept;
	return 0;
}

static void set(struct env_run *e, char *entry, size_t name_len)
{
	env_debug(e, "setenv:   ", entry);
	for (size_t i = 0; i < e->vars.len; i++) {
		if (is_about(e->vars.items[i], entry, name_len)) {
			e->vars.items[i] = entry;
			return;
		}
	}
	vec_push(&e->vars, entry);
}

/* *ret_command is the first operand that sets no variable. 0, or the exit status. */
static int build_environment(struct env_run *e, char ***ret_command)
{
	char **operand = e->operands;
	int status = 0;

	if (*operand != NULL && strcmp(*operand, "-") == 0) {
		e->opts.ignore_environment = true;
		operand++;
	}
	if (e->opts.ignore_environment) {
		env_debug(e, "cleaning environ", "");
	} else {
		for (char **at = environ; at != NULL && *at != NULL; at++)
			vec_push(&e->vars, *at);
		for (size_t i = 0; i < e->opts.unset.len && status == 0; i++)
			status = unset(e, e->opts.unset.items[i]);
	}
	for (; status == 0 && *operand != NULL && strchr(*operand, '=') != NULL; operand++)
		set(e, *operand, strcspn(*operand, "="));
	vec_push(&e->vars, NULL);
	*ret_command = operand;
	return status;
}

/* ---- the command ---- */

static int change_directory(struct env_run *e)
{
	const char *dir = e->opts.chdir;
	AUTO_CLOSE int fd = -1;

	if (dir == NULL)
		return 0;
	env_debug_quoted(e, "chdir:    ", dir);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fchdir(fd) < 0)
		return diag_fail(e->ctx->diag, errno, "change directory to", dir);
	return 0;
}

static int report_exec(struct env_run *e, const char *command, int err)
{
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };

	env_add_quoted(&quoted, command);
	diag_warn(e->ctx->diag, NULL, "%s: %s", strbuf_str(&quoted), strerrordesc_np(err));
	if (err != ENOENT)
		return SPAWN_CODE_NO_EXEC;
	if (strpbrk(command, " \t\n\v\f\r") != NULL)
		diag_warn(e->ctx->diag, NULL, "use -[v]S to pass options in shebang lines");
	return SPAWN_CODE_NOT_FOUND;
}

static int execute(struct env_run *e, char **command)
{
	AUTO_FREE_STR char *argv0 = e->opts.argv0 != NULL ? mem_strdup(e->opts.argv0) : NULL;
	const char *file = command[0];
	int status = env_set_signals(e);

	if (status == 0)
		status = change_directory(e);
	if (status != 0)
		return status;
	if (argv0 != NULL) {
		env_debug_quoted(e, "argv0:     ", argv0);
		command[0] = argv0;
	}
	env_debug(e, "executing: ", file);
	for (int i = 0; e->opts.verbose && command[i] != NULL; i++) {
		AUTO_RELEASE_STRBUF struct strbuf what = { 0 };

		strbuf_add_format(&what, "   arg[%d]= ", i);
		env_debug_quoted(e, what.data, command[i]);
	}
	/* execvp() looks in the PATH that the command gets. */
	environ = e->vars.items;
	(void)execvp(file, command);
	return report_exec(e, file, errno);
}

/* What goes with a command and what without one. 0, or the exit status. */
static int check(const struct env_run *e, bool has_command)
{
	const struct env_opts *opts = &e->opts;
	struct diag *diag = e->ctx->diag;
	const bool answers = opts->get.len > 0 || opts->expand || opts->sort || opts->out.json;

	if (has_command && opts->out.zero)
		return diag_usage(diag, "cannot specify --null (-0) with command");
	if (has_command && (answers || opts->otherwise != NULL))
		return diag_usage(diag, "cannot specify --get, --default, --expand, --sort or "
		                        "--json with command");
	if (!has_command && opts->chdir != NULL)
		return diag_usage(diag, "must specify command with --chdir (-C)");
	if (!has_command && opts->argv0 != NULL)
		return diag_usage(diag, "must specify command with --argv0 (-a)");
	if (opts->otherwise != NULL && opts->get.len == 0 && !opts->expand)
		return diag_usage(diag, "--default needs --get or --expand; for signals use "
		                        "--default-signal");
	if (opts->expand && (opts->get.len > 0 || opts->sort || opts->out.json || opts->out.zero))
		return diag_usage(diag, "--expand goes with none of --get, --sort, --json, --null");
	if (opts->get.len > 0 && opts->sort)
		return diag_usage(diag, "--get and --sort exclude each other");
	return 0;
}

/* The lists grow when -S brings options; those of the caller must not. */
static struct env_opts copy_options(const struct env_opts *from)
{
	struct env_opts copy = *from;

	copy.unset = (struct strv){ 0 };
	copy.get = (struct strv){ 0 };
	copy.signals = (struct tagged_strv){ 0 };
	for (size_t i = 0; i < from->unset.len; i++)
		vec_push(&copy.unset, from->unset.items[i]);
	for (size_t i = 0; i < from->get.len; i++)
		vec_push(&copy.get, from->get.items[i]);
	for (size_t i = 0; i < from->signals.len; i++)
		vec_push(&copy.signals, from->signals.items[i]);
	return copy;
}

static char **copy_operands(char **operands)
{
	size_t n = 1;
	char **copy;

	while (operands[n - 1] != NULL)
		n++;
	copy = mem_alloc_array(n, sizeof(*copy));
	memcpy(copy, operands, n * sizeof(*copy));
	return copy;
}

static int run(struct env_run *e)
{
	char **command;
	bool done = false;
	int status = env_split_words(e, &done);

	if (status != 0 || done)
		return status;
	out_begin(e->ctx->out, &e->opts.out);
	status = env_check_signals(e);
	if (status == 0)
		status = build_environment(e, &command);
	if (status == 0)
		status = check(e, *command != NULL);
	if (status != 0)
		return status;
	return *command != NULL ? execute(e, command) : env_print(e);
}

static int env_run(struct ctx *ctx, const void *options, char **operands)
{
	struct env_run e = { .ctx = ctx,
		             .opts = copy_options(options),
		             .operands = copy_operands(operands) };
	int status = run(&e);

	opt_release(&ctx->applet->options, &e.opts);
	free(e.operands);
	env_words_release(&e.words);
	/* Where the command could not be executed, this is the process's own environment by now. */
	if (environ == e.vars.items)
		environ = NULL;
	vec_release(&e.vars);
	return status;
}

static const struct applet_schema env_schemas[] = {
	{ "each variable", &env_variable_table },
	{ NULL, NULL },
};

const struct applet env_applet = {
	.name = "env",
	.group = "Processes",
	.summary = "run a command with other variables, or show those that there are",
	.operands = "[-] [NAME=VALUE]... [COMMAND [ARG]...]",
	.says_no_when = "a variable that --get asks for is not set",
	.options = OPT_TABLE_LINKED(env_rows, links),
	.options_size = sizeof(struct env_opts),
	.schemas = env_schemas,
	.codes = { .usage = SPAWN_CODE_FAILED, .fail = SPAWN_CODE_FAILED },
	.stop_at_operand = true,
	.takes = OPERANDS_COMMAND_LINE,
	.run = env_run,
};
