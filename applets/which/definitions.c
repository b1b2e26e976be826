/* SPDX-License-Identifier: MIT */
/* which --read-alias and --read-functions: what a shell's own definitions hide. */
#include "which.h"

#include "base/fdio.h"
#include "base/utf8.h"

/* Far more than any shell prints about its aliases and functions. */
enum { INPUT_MAX = 64 * 1024 * 1024 };

void which_read_definitions(struct search *s)
{
	bool aliases = s->opts->read_alias && !s->opts->skip_alias;
	bool functions = s->opts->read_functions && !s->opts->skip_functions;
	int r;

	if (!aliases && !functions)
		return;
	if (isatty(STDIN_FILENO) == 1)
		diag_warn(s->ctx->diag, NULL,
		          "reading definitions from the terminal; end them with Ctrl-D");
	r = fdio_read_all(STDIN_FILENO, INPUT_MAX, &s->input);
	if (r < 0)
		diag_warn(s->ctx->diag, NULL, "cannot read standard input: %s",
		          strerrordesc_np(-r));
	shell_defs_parse(&s->defs, strbuf_str(&s->input), s->input.len, aliases, functions);
}

/* Adds lines, each behind `indent`; nothing in them may steer a terminal. */
static void add_lines(struct search *s, struct shell_span text, const char *indent)
{
	bool is_terminal = out_quotes(s->ctx->out);

	strbuf_add_str(&s->line, indent);
	for (size_t i = 0, n = 1; i < text.len; i += n) {
		int32_t cp;

		n = 1;
		cp = is_terminal ? utf8_decode(text.at + i, text.len - i, &n) : text.at[i];
		if (is_terminal && cp != '\n' && cp != '\t' && (cp < 0 || utf8_is_unsafe(cp)))
			strbuf_add_char(&s->line, '?');
		else
			strbuf_add(&s->line, text.at + i, n);
		if (cp == '\n')
			strbuf_add_str(&s->line, indent);
	}
}

static bool report_function(struct search *s, const char *name, const char *indent)
{
	const struct shell_function *f = shell_defs_function(&s->defs, name);

	if (f != NULL && !s->opts->quiet) {
		add_lines(s, f->text, indent);
		out_line(s->ctx->out, &s->line);
	}
	return f != NULL;
}

/* The alias, then the commands it runs, indented. True when one of them is the name itself. */
static bool report_alias(struct search *s, const struct shell_alias *alias, const char *name)
{
	struct shell_span command;
	bool is_itself = false;
	size_t at = 0;

	if (!s->opts->quiet) {
		add_lines(s, alias->line, "");
		out_line(s->ctx->out, &s->line);
	}
	while (shell_alias_command(alias, &at, &command)) {
		AUTO_FREE_STR char *word = mem_strndup(command.at, command.len);

		is_itself = is_itself || strcmp(word, name) == 0;
		if (!report_function(s, word, "\t") || s->opts->all)
			(void)which_report(s, word, "\t");
	}
	return is_itself;
}

bool which_report_defined(struct search *s, const char *name)
{
	const struct shell_alias *alias = shell_defs_alias(&s->defs, name);
	bool found = false;

	if (alias != NULL) {
		bool is_itself = report_alias(s, alias, name);

		if (is_itself || !s->opts->all)
			return true;
		found = true;
	}
	if (report_function(s, name, "")) {
		if (!s->opts->all)
			return true;
		found = true;
	}
	return which_report(s, name, "") || found;
}
