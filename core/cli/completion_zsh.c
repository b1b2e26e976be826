/* SPDX-License-Identifier: MIT */
#include "cli/completion_private.h"

#include "cli/box_applet.h"

/* Help texts go into [brackets] of an _arguments specification. */
static void zsh_help(struct strbuf *ret, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
			strbuf_add_char(ret, '\\');
		if (*text == '\'')
			strbuf_add_str(ret, "'\\''");
		else
			strbuf_add_char(ret, *text);
	}
}

static void zsh_value(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt_choice *choices = opt_choices(row);

	if (row->opt->takes == OPT_TAKES_NOTHING)
		return;
	strbuf_add_str(ret, row->opt->takes == OPT_MAY_TAKE_VALUE ? "::" : ":");
	zsh_help(ret, opt_arg(row->opt));
	strbuf_add_char(ret, ':');
	if (choices == NULL) {
		strbuf_add_str(ret, "_files");
		return;
	}
	strbuf_add_char(ret, '(');
	completion_add_choices(ret, choices);
	strbuf_add_char(ret, ')');
}

static void zsh_row(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;
	bool repeats = opt->kind == OPT_KIND_LIST || opt->kind == OPT_KIND_PAIR ||
	               opt->kind == OPT_KIND_TAGGED || opt->kind == OPT_KIND_MARK;
	const char *star = repeats ? "*" : "";

	if (opt->kind == OPT_KIND_ALIAS)
		return;
	if (opt->letter != '\0') {
		strbuf_add_format(ret, " \\\n\t\t'%s-%c%s[", star, opt->letter,
		                  opt->takes == OPT_TAKES_NOTHING ? ""
		                  : opt->takes == OPT_TAKES_VALUE ? "+"
		                                                  : "-");
		zsh_help(ret, opt_help(opt));
		strbuf_add_char(ret, ']');
		zsh_value(ret, row);
		strbuf_add_char(ret, '\'');
	}
	if (opt_name(opt)[0] != '\0') {
		strbuf_add_format(ret, " \\\n\t\t'%s--%s%s[", star, opt_name(opt),
		                  opt->takes == OPT_TAKES_NOTHING ? ""
		                  : opt->takes == OPT_TAKES_VALUE ? "="
		                                                  : "=-");
		zsh_help(ret, opt_help(opt));
		strbuf_add_char(ret, ']');
		zsh_value(ret, row);
		strbuf_add_char(ret, '\'');
	}
}

/* `name: its help` for _describe. */
static void zsh_applets(struct strbuf *ret, const struct applet_list *list)
{
	strbuf_add_str(ret, "\tlocal -a applets\n"
	                    "\tapplets=(\n");
	for (size_t i = 0; i < list->len; i++) {
		strbuf_add_format(ret, "\t\t'%s:", list->applets[i]->name);
		completion_add_quoted(ret, list->applets[i]->summary);
		strbuf_add_str(ret, "'\n");
	}
	strbuf_add_str(ret, "\t)\n");
}

static void zsh_arguments(struct strbuf *ret, const struct applet *applet)
{
	const int skip = completion_words_before_command(applet);

	/* Behind the command its own options are meant. */
	strbuf_add_str(ret, skip >= 0 ? "_arguments -s -S -A '-*'" : "_arguments -s -S");
	completion_add_rows(ret, applet, zsh_row);
	if (skip >= 0)
		strbuf_add_format(ret, " \\\n\t\t'*:::command: _dutybox_command %d'", skip);
	else
		strbuf_add_format(ret, " \\\n\t\t'*:operand:%s'",
		                  applet->takes == OPERANDS_COMMANDS ? "_command_names -e"
		                                                     : "_files");
}

/* The first word: a verb, or what the applet itself takes. */
static void zsh_applet(struct strbuf *ret, const struct applet *applet)
{
	strbuf_add_format(ret, "\t'%s') ", applet->name);
	if (applet->verbs != NULL) {
		strbuf_add_str(ret, "if (( CURRENT == 2 )) && [[ ${words[2]} != -* ]]; then\n"
		                    "\t\t\tlocal -a verbs\n"
		                    "\t\t\tverbs=(\n");
		for (const struct applet *const *v = applet->verbs; *v != NULL; v++) {
			strbuf_add_format(ret, "\t\t\t\t'%s:", applet_verb(*v));
			completion_add_quoted(ret, (*v)->summary);
			strbuf_add_str(ret, "'\n");
		}
		strbuf_add_str(ret, "\t\t\t)\n"
		                    "\t\t\t_describe verb verbs\n"
		                    "\t\t\t_files\n"
		                    "\t\telif [[ ${words[2]} == (");
		for (const struct applet *const *v = applet->verbs; *v != NULL; v++)
			strbuf_add_format(ret, "%s%s", v != applet->verbs ? "|" : "",
			                  applet_verb(*v));
		strbuf_add_format(ret,
		                  ") ]]; then\n"
		                  "\t\t\tshift words\n"
		                  "\t\t\t(( CURRENT-- ))\n"
		                  "\t\t\t_dutybox_applet \"%s ${words[1]}\"\n"
		                  "\t\telse\n\t\t\t",
		                  applet->name);
	}
	zsh_arguments(ret, applet);
	strbuf_add_str(ret, applet->verbs != NULL ? "\n\t\tfi ;;\n" : " ;;\n");
}

void completion_add_zsh(struct strbuf *ret, const struct applet_list *list, char *const *links)
{
	strbuf_add_str(ret, "#compdef dutybox");
	for (char *const *link = links; *link != NULL; link++)
		strbuf_add_format(ret, " %s", *link);
	strbuf_add_str(ret, "\n"
	                    "_dutybox_command() {\n"
	                    "\tlocal -i skip=$1\n"
	                    "\twhile (( CURRENT > 1 )); do\n"
	                    "\t\tif [[ ${words[1]} != *=* ]] && (( skip-- <= 0 )); then\n"
	                    "\t\t\t_normal\n"
	                    "\t\t\treturn\n"
	                    "\t\tfi\n"
	                    "\t\tshift words\n"
	                    "\t\t(( CURRENT-- ))\n"
	                    "\tdone\n"
	                    "\t(( skip > 0 )) || _command_names -e\n"
	                    "}\n"
	                    "_dutybox_applet() {\n"
	                    "\tcase $1 in\n");
	completion_add_applets(ret, list, zsh_applet);
	strbuf_add_str(ret, "\thelp) _describe applet applets ;;\n"
	                    "\tcompletion) (( CURRENT == 2 )) && compadd bash zsh fish ||"
	                    " _describe link applets ;;\n"
	                    "\t-*) ");
	zsh_arguments(ret, &box_applet);
	strbuf_add_str(ret, " ;;\n\tesac\n"
	                    "}\n"
	                    "_dutybox() {\n");
	zsh_applets(ret, list);
	strbuf_add_str(ret, "\tif [[ ${service} != dutybox ]]; then\n"
	                    "\t\t_dutybox_applet ${service}\n"
	                    "\telif [[ ${words[2]} == -* ]]; then\n"
	                    "\t\t_dutybox_applet ${words[2]}\n"
	                    "\telif (( CURRENT == 2 )); then\n"
	                    "\t\tapplets+=(\n"
	                    "\t\t\t'help:show the help of an applet'\n"
	                    "\t\t\t'completion:print a completion script'\n"
	                    "\t\t)\n"
	                    "\t\t_describe applet applets\n"
	                    "\telse\n"
	                    "\t\tshift words\n"
	                    "\t\t(( CURRENT-- ))\n"
	                    "\t\t_dutybox_applet ${words[1]}\n"
	                    "\tfi\n"
	                    "}\n"
	                    "if [[ ${funcstack[1]} == _dutybox ]]; then\n"
	                    "\t_dutybox \"$@\"\n"
	                    "else\n"
	                    "\tcompdef _dutybox dutybox");
	for (char *const *link = links; *link != NULL; link++)
		strbuf_add_format(ret, " %s", *link);
	strbuf_add_str(ret, "\nfi\n");
}
