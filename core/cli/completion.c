/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include "cli/box_applet.h"

/* Text inside single quotes, for all three shells: a quote ends, is escaped, begins again. */
static void add_quoted(struct strbuf *ret, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			strbuf_add_str(ret, "'\\''");
		else
			strbuf_add_char(ret, *text);
	}
}

/* Calls it for every applet and every verb. */
typedef void applet_writer(struct strbuf *ret, const struct applet *applet);

static void add_applets(struct strbuf *ret, const struct applet_list *list, applet_writer *write)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct applet *const *v = list->applets[i]->verbs;

		write(ret, list->applets[i]);
		for (; v != NULL && *v != NULL; v++)
			write(ret, *v);
	}
}

static void add_verbs(struct strbuf *ret, const struct applet *applet)
{
	for (const struct applet *const *v = applet->verbs; *v != NULL; v++)
		strbuf_add_format(ret, "%s%s", v != applet->verbs ? " " : "", applet_verb(*v));
}

typedef void row_writer(struct strbuf *ret, const struct opt_hit *row);

struct rows {
	struct strbuf *ret;
	row_writer *write;
};

static bool visit_row(const struct opt_hit *row, void *user)
{
	const struct rows *rows = user;

	if (row->opt->kind != OPT_KIND_HEADING)
		rows->write(rows->ret, row);
	return true;
}

static void add_rows(struct strbuf *ret, const struct applet *applet, row_writer *write)
{
	struct rows rows = { ret, write };

	opt_walk(&applet->options, visit_row, &rows);
	opt_walk(&opt_builtin_table, visit_row, &rows);
}

static void bash_word(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;

	if (opt->letter != '\0')
		strbuf_add_format(ret, " -%c", opt->letter);
	if (opt_name(opt)[0] != '\0')
		strbuf_add_format(ret, " --%s%s", opt_name(opt),
		                  opt->takes == OPT_TAKES_VALUE ? "=" : "");
}

/* The names of `choices` with blanks between them. */
static void add_choices(struct strbuf *ret, const struct opt_choice *choices)
{
	for (const struct opt_choice *c = choices; c->name[0] != '\0'; c++)
		strbuf_add_format(ret, "%s%s", c != choices ? " " : "", c->name);
}

static void bash_choices(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;
	const struct opt_choice *choices = opt_choices(row);

	if (choices == NULL || opt_name(opt)[0] == '\0')
		return;
	strbuf_add_format(ret, "\t\t--%s) words='", opt_name(opt));
	add_choices(ret, choices);
	strbuf_add_str(ret, "' ;;\n");
}

static void bash_applet(struct strbuf *ret, const struct applet *applet)
{
	strbuf_add_format(ret, "\t'%s')\n\t\tcase $option in\n", applet->name);
	add_rows(ret, applet, bash_choices);
	strbuf_add_str(ret, "\t\t'') words='");
	add_rows(ret, applet, bash_word);
	strbuf_add_str(ret, "' ;;\n\t\tesac ;;\n");
}

/* Once the verb is typed, it and its applet are what is completed for. */
static void bash_verbs(struct strbuf *ret, const struct applet_list *list)
{
	strbuf_add_str(ret, "\tif ((COMP_CWORD > first)); then\n"
	                    "\t\tcase \"$applet ${COMP_WORDS[first]}\" in\n");
	for (size_t i = 0; i < list->len; i++) {
		const struct applet *const *v = list->applets[i]->verbs;

		for (; v != NULL && *v != NULL; v++)
			strbuf_add_format(ret, "\t\t'%s') applet+=\" ${COMP_WORDS[first++]}\" ;;\n",
			                  (*v)->name);
	}
	strbuf_add_str(ret, "\t\tesac\n\tfi\n");
}

static void bash_operand(struct strbuf *ret, const struct applet *applet)
{
	if (applet->verbs == NULL && applet->takes != OPERANDS_COMMANDS)
		return;
	strbuf_add_format(ret, "\t\t'%s')\n", applet->name);
	if (applet->verbs != NULL) {
		strbuf_add_str(ret, "\t\t\t((COMP_CWORD > first)) || words='");
		add_verbs(ret, applet);
		strbuf_add_str(ret, "' ;;\n");
		return;
	}
	strbuf_add_str(ret, "\t\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	                    "\t\t\treturn ;;\n");
}

static void add_names(struct strbuf *ret, const struct applet_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		strbuf_add_format(ret, "%s%s", i != 0 ? " " : "", list->applets[i]->name);
}

/* The operands that are no files; those are left to the shell, which knows how to quote them. */
static void bash_operands(struct strbuf *ret, const struct applet_list *list)
{
	strbuf_add_str(ret, "\t\tcase $applet in\n"
	                    "\t\thelp) words='");
	add_names(ret, list);
	strbuf_add_str(ret, "' ;;\n"
	                    "\t\tcompletion) words='bash zsh fish ");
	add_names(ret, list);
	strbuf_add_str(ret, "' ;;\n");
	add_applets(ret, list, bash_operand);
	strbuf_add_str(ret, "\t\tesac\n"
	                    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	                    "\t\treturn\n");
}

static void bash_script(struct strbuf *ret, const struct applet_list *list, char *const *links)
{
	strbuf_add_str(ret, "# bash completion for dutybox\n"
	                    "_dutybox() {\n"
	                    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} applet=${COMP_WORDS[0]##*/}\n"
	                    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]} option= words= first=1\n"
	                    "\tCOMPREPLY=()\n"
	                    "\tif [[ $applet == dutybox ]]; then\n"
	                    "\t\tapplet=${COMP_WORDS[1]} first=2\n"
	                    "\t\tif ((COMP_CWORD == 1)); then\n"
	                    "\t\t\tapplet=dutybox\n"
	                    "\t\tfi\n"
	                    "\tfi\n");
	bash_verbs(ret, list);
	strbuf_add_str(ret, "\tif [[ $cur == '=' ]]; then\n"
	                    "\t\toption=$prev cur=\n"
	                    "\telif [[ $prev == '=' ]] && ((COMP_CWORD > first)); then\n"
	                    "\t\toption=${COMP_WORDS[COMP_CWORD-2]}\n"
	                    "\telif [[ $cur != -* && $applet != dutybox ]]; then\n");
	bash_operands(ret, list);
	strbuf_add_str(ret, "\tfi\n"
	                    "\tcase $applet in\n");
	add_applets(ret, list, bash_applet);
	strbuf_add_str(ret, "\t*)\n\t\twords='help completion ");
	add_names(ret, list);
	add_rows(ret, &box_applet, bash_word);
	strbuf_add_str(ret, "' ;;\n"
	                    "\tesac\n"
	                    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	                    "\tif [[ ${COMPREPLY[0]-} == *= ]]; then\n"
	                    "\t\tcompopt -o nospace\n"
	                    "\tfi\n"
	                    "}\n"
	                    "complete -o default -F _dutybox dutybox");
	for (; *links != NULL; links++)
		strbuf_add_format(ret, " %s", *links);
	strbuf_add_char(ret, '\n');
}

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
	add_choices(ret, choices);
	strbuf_add_char(ret, ')');
}

static void zsh_row(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;
	bool repeats = opt->kind == OPT_KIND_LIST || opt->kind == OPT_KIND_TAGGED ||
	               opt->kind == OPT_KIND_MARK;
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
		add_quoted(ret, list->applets[i]->summary);
		strbuf_add_str(ret, "'\n");
	}
	strbuf_add_str(ret, "\t)\n");
}

static void zsh_arguments(struct strbuf *ret, const struct applet *applet)
{
	strbuf_add_str(ret, "_arguments -s -S");
	add_rows(ret, applet, zsh_row);
	strbuf_add_format(ret, " \\\n\t\t'*:operand:%s'",
	                  applet->takes == OPERANDS_COMMANDS ? "_command_names -e" : "_files");
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
			add_quoted(ret, (*v)->summary);
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

static void zsh_script(struct strbuf *ret, const struct applet_list *list, char *const *links)
{
	strbuf_add_str(ret, "#compdef dutybox");
	for (char *const *link = links; *link != NULL; link++)
		strbuf_add_format(ret, " %s", *link);
	strbuf_add_str(ret, "\n"
	                    "_dutybox_applet() {\n"
	                    "\tcase $1 in\n");
	add_applets(ret, list, zsh_applet);
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

/* One line of fish per row and command it is for. */
struct fish {
	struct strbuf *ret;
	const char *condition; /* "-c dutybox -n '...'" or "-c du" */
};

static bool fish_row(const struct opt_hit *row, void *user)
{
	const struct fish *f = user;
	const struct opt *opt = row->opt;
	const struct opt_choice *choices = opt_choices(row);

	if (opt->kind == OPT_KIND_HEADING || opt->kind == OPT_KIND_ALIAS)
		return true;
	strbuf_add_format(f->ret, "complete %s", f->condition);
	if (opt->letter != '\0')
		strbuf_add_format(f->ret, " -s %c", opt->letter);
	if (opt_name(opt)[0] != '\0')
		strbuf_add_format(f->ret, " -l %s", opt_name(opt));
	/* An optional value comes behind = only: the next word is an operand. */
	if (opt->takes == OPT_TAKES_VALUE)
		strbuf_add_str(f->ret, " -r");
	if (choices != NULL) {
		strbuf_add_str(f->ret, " -f -a '");
		add_choices(f->ret, choices);
		strbuf_add_char(f->ret, '\'');
	}
	strbuf_add_str(f->ret, " -d '");
	add_quoted(f->ret, opt_help(opt));
	strbuf_add_str(f->ret, "'\n");
	return true;
}

static void fish_applet(struct strbuf *ret, const struct applet *applet, const char *condition)
{
	struct fish f = { ret, condition };

	if (applet->takes == OPERANDS_COMMANDS)
		strbuf_add_format(ret, "complete %s -f -a '(__fish_complete_command)'\n",
		                  condition);
	opt_walk(&applet->options, fish_row, &f);
	opt_walk(&opt_builtin_table, fish_row, &f);
}

/* Verbs, and what is offered behind each; `first` and `behind` begin conditions in fish. */
static void fish_verbs(struct strbuf *ret, const struct applet *applet, const char *first,
                       const char *behind)
{
	struct strbuf condition = { 0 };

	for (const struct applet *const *v = applet->verbs; v != NULL && *v != NULL; v++) {
		/* Without operands of its own no file is meant. */
		strbuf_add_format(ret, "complete %s%s -a %s -d '", first,
		                  applet->run == NULL ? " -f" : "", applet_verb(*v));
		add_quoted(ret, (*v)->summary);
		strbuf_add_str(ret, "'\n");
		strbuf_clear(&condition);
		strbuf_add_format(&condition, "%s %s'", behind, applet_verb(*v));
		fish_applet(ret, *v, strbuf_str(&condition));
	}
	strbuf_release(&condition);
}

/* `dutybox` with nothing behind it yet, or with words of the box's own. */
static void fish_box(struct strbuf *ret, const struct applet_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		strbuf_add_format(ret, "complete -c dutybox -n __dutybox_first -f -a %s -d '",
		                  list->applets[i]->name);
		add_quoted(ret, list->applets[i]->summary);
		strbuf_add_str(ret, "'\n");
	}
	strbuf_add_str(ret, "complete -c dutybox -n __dutybox_first -f -a help"
	                    " -d 'show the help of an applet'\n"
	                    "complete -c dutybox -n __dutybox_first -f -a completion"
	                    " -d 'print a completion script'\n"
	                    "complete -c dutybox -n '__dutybox_is help' -f -a '");
	add_names(ret, list);
	strbuf_add_str(ret, "'\ncomplete -c dutybox -n '__dutybox_is completion' -f -a"
	                    " 'bash zsh fish ");
	add_names(ret, list);
	strbuf_add_str(ret, "'\n");
	fish_applet(ret, &box_applet, "-c dutybox -n __dutybox_first");
	fish_applet(ret, &box_applet, "-c dutybox -n '__dutybox_is --install'");
}

static void fish_script(struct strbuf *ret, const struct applet_list *list, char *const *links)
{
	strbuf_add_str(ret, "# fish completion for dutybox\n"
	                    "function __dutybox_first\n"
	                    "\ttest (count (commandline -opc)) -eq 1\n"
	                    "end\n"
	                    "function __dutybox_is\n"
	                    "\tset -l words (commandline -opc)\n"
	                    "\ttest (count $words) -gt (count $argv)\n"
	                    "\tand string match -q -- \"$argv *\" \"$words[2..-1] \"\n"
	                    "end\n"
	                    "function __dutybox_only\n"
	                    "\t__dutybox_is $argv\n"
	                    "\tand test (count (commandline -opc)) -eq (math 1 + (count $argv))\n"
	                    "end\n");
	fish_box(ret, list);
	for (size_t i = 0; i < list->len; i++) {
		const char *name = list->applets[i]->name;
		struct strbuf first = { 0 };
		struct strbuf is = { 0 };

		strbuf_add_format(&is, "-c dutybox -n '__dutybox_is %s'", name);
		fish_applet(ret, list->applets[i], strbuf_str(&is));
		strbuf_truncate(&is, is.len - 1);
		strbuf_add_format(&first, "-c dutybox -n '__dutybox_only %s'", name);
		fish_verbs(ret, list->applets[i], strbuf_str(&first), strbuf_str(&is));
		strbuf_release(&first);
		strbuf_release(&is);
	}
	for (; *links != NULL; links++) {
		const struct applet *applet = applet_find(list, *links);
		struct strbuf condition = { 0 };
		struct strbuf first = { 0 };

		strbuf_add_format(&condition, "-c %s", *links);
		fish_applet(ret, applet, strbuf_str(&condition));
		strbuf_add_format(&first, "%s -n __dutybox_first", strbuf_str(&condition));
		strbuf_add_str(&condition, " -n '__dutybox_is");
		fish_verbs(ret, applet, strbuf_str(&first), strbuf_str(&condition));
		strbuf_release(&condition);
		strbuf_release(&first);
	}
}

bool completion_add(struct strbuf *ret, const char *shell, const struct applet_list *list,
                    char *const *links)
{
	if (strcmp(shell, "bash") == 0)
		bash_script(ret, list, links);
	else if (strcmp(shell, "zsh") == 0)
		zsh_script(ret, list, links);
	else if (strcmp(shell, "fish") == 0)
		fish_script(ret, list, links);
	else
		return false;
	return true;
}
