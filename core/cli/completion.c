/* SPDX-License-Identifier: MIT */
#include "cli/completion_private.h"

void completion_add_quoted(struct strbuf *ret, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			strbuf_add_str(ret, "'\\''");
		else
			strbuf_add_char(ret, *text);
	}
}

void completion_add_applets(struct strbuf *ret, const struct applet_list *list,
                            completion_applet *write)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct applet *const *v = list->applets[i]->verbs;

		write(ret, list->applets[i]);
		for (; v != NULL && *v != NULL; v++)
			write(ret, *v);
	}
}

void completion_add_verbs(struct strbuf *ret, const struct applet *applet)
{
	for (const struct applet *const *v = applet->verbs; *v != NULL; v++)
		strbuf_add_format(ret, "%s%s", v != applet->verbs ? " " : "", applet_verb(*v));
}

struct rows {
	struct strbuf *ret;
	completion_row *write;
};

static bool visit_row(const struct opt_hit *row, void *user)
{
	const struct rows *rows = user;

	if (row->opt->kind != OPT_KIND_HEADING)
		rows->write(rows->ret, row);
	return true;
}

void completion_add_rows(struct strbuf *ret, const struct applet *applet, completion_row *write)
{
	struct rows rows = { ret, write };

	opt_walk(&applet->options, visit_row, &rows);
	opt_walk(&opt_builtin_table, visit_row, &rows);
}

void completion_add_choices(struct strbuf *ret, const struct opt_choice *choices)
{
	for (const struct opt_choice *c = choices; c->name[0] != '\0'; c++)
		strbuf_add_format(ret, "%s%s", c != choices ? " " : "", c->name);
}

void completion_add_valued(struct strbuf *ret, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;

	if (opt->takes != OPT_TAKES_VALUE)
		return;
	if (opt->letter != '\0')
		strbuf_add_format(ret, " -%c", opt->letter);
	if (opt_name(opt)[0] != '\0')
		strbuf_add_format(ret, " --%s", opt_name(opt));
}

int completion_words_before_command(const struct applet *applet)
{
	if (applet->takes == OPERANDS_WORD_AND_COMMAND)
		return 1;
	return applet->takes == OPERANDS_COMMAND_LINE ? 0 : -1;
}

void completion_add_names(struct strbuf *ret, const struct applet_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		strbuf_add_format(ret, "%s%s", i != 0 ? " " : "", list->applets[i]->name);
}

bool completion_add(struct strbuf *ret, const char *shell, const struct applet_list *list,
                    char *const *links)
{
	if (strcmp(shell, "bash") == 0)
		completion_add_bash(ret, list, links);
	else if (strcmp(shell, "zsh") == 0)
		completion_add_zsh(ret, list, links);
	else if (strcmp(shell, "fish") == 0)
		completion_add_fish(ret, list, links);
	else
		return false;
	return true;
}
