/* SPDX-License-Identifier: MIT */
#include "cli/completion_private.h"

#include "cli/box_applet.h"

/* One line of fish per row and command it is for. */
struct fish {
	struct strbuf *ret;
	const char *condition; /* "-c dutybox -n '...'" or "-c du" */
	int words;             /* of the command line that are the applet's name */
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
		completion_add_choices(f->ret, choices);
		strbuf_add_char(f->ret, '\'');
	}
	strbuf_add_str(f->ret, " -d '");
	completion_add_quoted(f->ret, opt_help(opt));
	strbuf_add_str(f->ret, "'\n");
	return true;
}

static void fish_applet(const struct fish *fish, const struct applet *applet)
{
	struct fish f = *fish;
	struct strbuf *ret = f.ret;
	const int skip = completion_words_before_command(applet);

	if (applet->takes == OPERANDS_COMMANDS)
		strbuf_add_format(ret, "complete %s -f -a '(__fish_complete_command)'\n",
		                  f.condition);
	if (skip >= 0) {
		strbuf_add_format(ret,
		                  "complete %s -x -a '(__fish_complete_subcommand --fcs-skip=%d :",
		                  f.condition, f.words + skip);
		completion_add_rows(ret, applet, completion_add_valued);
		strbuf_add_str(ret, ")'\n");
	}
	opt_walk(&applet->options, fish_row, &f);
	opt_walk(&opt_builtin_table, fish_row, &f);
}

/*
 * Verbs, and what is offered behind each; `first` is a condition in fish, and fish->condition the
 * beginning of one.
 */
static void fish_verbs(const struct fish *fish, const struct applet *applet, const char *first)
{
	struct strbuf *ret = fish->ret;
	struct strbuf condition = { 0 };

	for (const struct applet *const *v = applet->verbs; v != NULL && *v != NULL; v++) {
		/* Without operands of its own no file is meant. */
		strbuf_add_format(ret, "complete %s%s -a %s -d '", first,
		                  applet->run == NULL ? " -f" : "", applet_verb(*v));
		completion_add_quoted(ret, (*v)->summary);
		strbuf_add_str(ret, "'\n");
		strbuf_clear(&condition);
		strbuf_add_format(&condition, "%s %s'", fish->condition, applet_verb(*v));
		fish_applet(&(struct fish){ ret, strbuf_str(&condition), fish->words + 1 }, *v);
	}
	strbuf_release(&condition);
}

/* `dutybox` with nothing behind it yet, or with words of the box's own. */
static void fish_box(struct strbuf *ret, const struct applet_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		strbuf_add_format(ret, "complete -c dutybox -n __dutybox_first -f -a %s -d '",
		                  list->applets[i]->name);
		completion_add_quoted(ret, list->applets[i]->summary);
		strbuf_add_str(ret, "'\n");
	}
	strbuf_add_str(ret, "complete -c dutybox -n __dutybox_first -f -a help"
	                    " -d 'show the help of an applet'\n"
	                    "complete -c dutybox -n __dutybox_first -f -a completion"
	                    " -d 'print a completion script'\n"
	                    "complete -c dutybox -n '__dutybox_is help' -f -a '");
	completion_add_names(ret, list);
	strbuf_add_str(ret, "'\ncomplete -c dutybox -n '__dutybox_is completion' -f -a"
	                    " 'bash zsh fish ");
	completion_add_names(ret, list);
	strbuf_add_str(ret, "'\n");
	fish_applet(&(struct fish){ ret, "-c dutybox -n __dutybox_first", 1 }, &box_applet);
	fish_applet(&(struct fish){ ret, "-c dutybox -n '__dutybox_is --install'", 1 },
	            &box_applet);
}

void completion_add_fish(struct strbuf *ret, const struct applet_list *list, char *const *links)
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
		fish_applet(&(struct fish){ ret, strbuf_str(&is), 2 }, list->applets[i]);
		strbuf_truncate(&is, is.len - 1);
		strbuf_add_format(&first, "-c dutybox -n '__dutybox_only %s'", name);
		fish_verbs(&(struct fish){ ret, strbuf_str(&is), 2 }, list->applets[i],
		           strbuf_str(&first));
		strbuf_release(&first);
		strbuf_release(&is);
	}
	for (; *links != NULL; links++) {
		const struct applet *applet = applet_find(list, *links);
		struct strbuf condition = { 0 };
		struct strbuf first = { 0 };

		strbuf_add_format(&condition, "-c %s", *links);
		fish_applet(&(struct fish){ ret, strbuf_str(&condition), 1 }, applet);
		strbuf_add_format(&first, "%s -n __dutybox_first", strbuf_str(&condition));
		strbuf_add_str(&condition, " -n '__dutybox_is");
		fish_verbs(&(struct fish){ ret, strbuf_str(&condition), 1 }, applet,
		           strbuf_str(&first));
		strbuf_release(&condition);
		strbuf_release(&first);
	}
}
