/* SPDX-License-Identifier: MIT */
/* What the completions of the three shells share; each shell has a file of its own. */
#pragma once

#include "cli/completion.h"

void completion_add_bash(struct strbuf *ret, const struct applet_list *list, char *const *links);
void completion_add_zsh(struct strbuf *ret, const struct applet_list *list, char *const *links);
void completion_add_fish(struct strbuf *ret, const struct applet_list *list, char *const *links);

typedef void completion_applet(struct strbuf *ret, const struct applet *applet);
typedef void completion_row(struct strbuf *ret, const struct opt_hit *row);

/* Calls it for every applet and every verb. */
void completion_add_applets(struct strbuf *ret, const struct applet_list *list,
                            completion_applet *write);
/* Calls it for every option of the applet, and for the built-in ones. */
void completion_add_rows(struct strbuf *ret, const struct applet *applet, completion_row *write);

/* Text inside single quotes, for all three shells: a quote ends, is escaped, begins again. */
void completion_add_quoted(struct strbuf *ret, const char *text);
/* The names of all applets, of an applet's verbs, of `choices`: with blanks between them. */
void completion_add_names(struct strbuf *ret, const struct applet_list *list);
void completion_add_verbs(struct strbuf *ret, const struct applet *applet);
void completion_add_choices(struct strbuf *ret, const struct opt_choice *choices);
/* The forms of an option whose value may be the next word, a blank before each; others: none. */
void completion_add_valued(struct strbuf *ret, const struct opt_hit *row);
/* How many operands come before the command that is one of them; -1: none is. */
int completion_words_before_command(const struct applet *applet);
