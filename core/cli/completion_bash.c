/* SPDX-License-Identifier: MIT */
#include "cli/completion_private.h"

#include "cli/box_applet.h"

static void bash_word(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;

	if (opt->letter != '\0')
		strbuf_add_format(ret, " -%c", opt->letter);
	if (opt_name(opt)[0] != '\0')
		strbuf_add_format(ret, " --%s%s", opt_name(opt),
		                  opt->takes == OPT_TAKES_VALUE ? "=" : "");
}

static void bash_choices(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;
	const struct opt_choice *choices = opt_choices(row);

	if (choices == NULL || opt_name(opt)[0] == '\0')
		return;
	strbuf_add_str(ret, "\t\t");
	if (opt->letter != '\0' && opt->takes == OPT_TAKES_VALUE)
		strbuf_add_format(ret, "-%c | ", opt->letter);
	strbuf_add_format(ret, "--%s) words='", opt_name(opt));
	completion_add_choices(ret, choices);
	strbuf_add_str(ret, "' ;;\n");
}

static void bash_valued(struct strbuf *ret, const struct applet *applet)
{
	size_t before = ret->len, start;

	strbuf_add_format(ret, "\t'%s') valued='", applet->name);
	start = ret->len;
	completion_add_rows(ret, applet, completion_add_valued);
	if (ret->len == start)
		strbuf_truncate(ret, before);
	else
		strbuf_add_str(ret, " ' ;;\n");
}

static void bash_skip(struct strbuf *ret, const struct applet *applet)
{
	if (completion_words_before_command(applet) >= 0)
		strbuf_add_format(ret, "\t'%s') skip=%d ;;\n", applet->name,
		                  completion_words_before_command(applet));
}

/* Behind the command all is that command's, whose own completion is asked where there is one. */
static void bash_command_lines(struct strbuf *ret, const struct applet_list *list)
{
	strbuf_add_str(ret, "\tcase $applet in\n");
	completion_add_applets(ret, list, bash_skip);
	strbuf_add_str(ret,
	               "\tesac\n"
	               "\tif ((skip >= 0)); then\n"
	               "\t\twhile ((at < COMP_CWORD)); do\n"
	               "\t\t\tnext=${COMP_WORDS[at+1]}\n"
	               "\t\t\tif [[ $next != '=' && $valued == *\" ${COMP_WORDS[at]} \"* ]]; then\n"
	               "\t\t\t\t((at += 2))\n"
	               "\t\t\telif [[ $next == '=' || ${COMP_WORDS[at]} == -* ]] ||"
	               " ((skip-- > 0)); then\n"
	               "\t\t\t\t((at += 1))\n"
	               "\t\t\telse\n"
	               "\t\t\t\tbreak\n"
	               "\t\t\tfi\n"
	               "\t\t\twhile ((at < COMP_CWORD)) && [[ ${COMP_WORDS[at]} == '=' ]]; do\n"
	               "\t\t\t\t((at += 2))\n"
	               "\t\t\tdone\n"
	               "\t\tdone\n"
	               "\t\tif ((at < COMP_CWORD)); then\n"
	               "\t\t\tif declare -F _command_offset >/dev/null; then\n"
	               "\t\t\t\t_command_offset \"$at\"\n"
	               "\t\t\tfi\n"
	               "\t\t\treturn\n"
	               "\t\tfi\n"
	               "\tfi\n");
}

static void bash_applet(struct strbuf *ret, const struct applet *applet)
{
	strbuf_add_format(ret, "\t'%s')\n\t\tcase $option in\n", applet->name);
	completion_add_rows(ret, applet, bash_choices);
	strbuf_add_str(ret, "\t\t'') words='");
	completion_add_rows(ret, applet, bash_word);
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
	if (applet->verbs == NULL && applet->takes == OPERANDS_FILES)
		return;
	strbuf_add_format(ret, "\t\t'%s')\n", applet->name);
	if (applet->verbs != NULL) {
		strbuf_add_str(ret, "\t\t\t((COMP_CWORD > first)) || words='");
		completion_add_verbs(ret, applet);
		strbuf_add_str(ret, "' ;;\n");
		return;
	}
	if (applet->takes == OPERANDS_WORD_AND_COMMAND)
		strbuf_add_str(ret, "\t\t\t((skip > 0)) ||\n\t");
	strbuf_add_str(ret, "\t\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	                    "\t\t\treturn ;;\n");
}

/* The operands that are no files; those are left to the shell, which knows how to quote them. */
static void bash_operands(struct strbuf *ret, const struct applet_list *list)
{
	strbuf_add_str(ret, "\t\tcase $applet in\n"
	                    "\t\thelp) words='");
	completion_add_names(ret, list);
	strbuf_add_str(ret, "' ;;\n"
	                    "\t\tcompletion) words='bash zsh fish ");
	completion_add_names(ret, list);
	strbuf_add_str(ret, "' ;;\n");
	completion_add_applets(ret, list, bash_operand);
	strbuf_add_str(ret, "\t\tesac\n"
	                    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	                    "\t\treturn\n");
}

void completion_add_bash(struct strbuf *ret, const struct applet_list *list, char *const *links)
{
	strbuf_add_str(ret, "# bash completion for dutybox\n"
	                    "_dutybox() {\n"
	                    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} applet=${COMP_WORDS[0]##*/}\n"
	                    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]} option= words= first=1\n"
	                    "\tlocal valued= skip=-1 at next\n"
	                    "\tCOMPREPLY=()\n"
	                    "\tif [[ $applet == dutybox ]]; then\n"
	                    "\t\tapplet=${COMP_WORDS[1]} first=2\n"
	                    "\t\tif ((COMP_CWORD == 1)); then\n"
	                    "\t\t\tapplet=dutybox\n"
	                    "\t\tfi\n"
	                    "\tfi\n");
	bash_verbs(ret, list);
	strbuf_add_str(ret, "\tat=$first\n"
	                    "\tcase $applet in\n");
	completion_add_applets(ret, list, bash_valued);
	strbuf_add_str(ret, "\tesac\n");
	bash_command_lines(ret, list);
	strbuf_add_str(ret, "\tif [[ $cur == '=' ]]; then\n"
	                    "\t\toption=$prev cur=\n"
	                    "\telif [[ $prev == '=' ]] && ((COMP_CWORD > first)); then\n"
	                    "\t\toption=${COMP_WORDS[COMP_CWORD-2]}\n"
	                    "\telif [[ $valued == *\" $prev \"* ]]; then\n"
	                    "\t\toption=$prev\n"
	                    "\telif [[ $cur != -* && $applet != dutybox ]]; then\n");
	bash_operands(ret, list);
	strbuf_add_str(ret, "\tfi\n"
	                    "\tcase $applet in\n");
	completion_add_applets(ret, list, bash_applet);
	strbuf_add_str(ret, "\t*)\n\t\twords='help completion ");
	completion_add_names(ret, list);
	completion_add_rows(ret, &box_applet, bash_word);
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
