/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

enum { HELP_COLUMN = 30 };

void help_add_synopsis(struct strbuf *ret, const struct opt *opt)
{
	const char *arg = opt_arg(opt);
	const char *name = opt_name(opt);
	bool optional = opt->takes == OPT_MAY_TAKE_VALUE;

	if (opt->kind == OPT_KIND_SIGNAL && opt->value != 0)
		strbuf_add_format(ret, "-%s%s", arg, opt->letter != '\0' ? ", " : "");
	else if (opt->letter == '\0')
		strbuf_add_str(ret, "    ");
	if (opt->letter != '\0')
		strbuf_add_format(ret, "-%c", opt->letter);
	if (name[0] == '\0') {
		if (opt->takes != OPT_TAKES_NOTHING)
			strbuf_add_format(ret, optional ? "[%s]" : " %s", arg);
		return;
	}
	strbuf_add_format(ret, "%s--%s", ret->data[ret->len - 1] != ' ' ? ", " : "", name);
	if (opt->takes != OPT_TAKES_NOTHING)
		strbuf_add_format(ret,
		                  optional                     ? "[=%s]"
		                  : opt->kind == OPT_KIND_PAIR ? " %s"
		                                               : "=%s",
		                  arg);
}

struct aliases {
	struct strbuf *ret;
	const struct opt *opt;
	size_t start;
};

static bool add_alias(const struct opt_hit *row, void *user)
{
	struct aliases *a = user;

	if (row->opt->kind != OPT_KIND_ALIAS || strcmp(opt_more(row->opt), opt_name(a->opt)) != 0)
		return true;
	strbuf_add_format(a->ret, "%s--%s", a->ret->len > a->start ? ", " : "", opt_name(row->opt));
	return true;
}

void help_add_aliases(struct strbuf *ret, const struct opt_table *table, const struct opt *opt)
{
	struct aliases a = { ret, opt, ret->len };

	opt_walk(table, add_alias, &a);
}

struct printer {
	struct strbuf *ret;
	const struct opt_table *table;
};

static void add_choices(struct strbuf *ret, const struct opt_choice *choices)
{
	const char *before = ": ";

	if (choices == NULL)
		return;
	for (const struct opt_choice *c = choices; c->name[0] != '\0'; c++) {
		if (c != choices && c->value == c[-1].value)
			continue;
		strbuf_add_format(ret, "%s%s", before, c->name);
		before = ", ";
	}
}

static bool add_row(const struct opt_hit *row, void *user)
{
	struct printer *p = user;
	const struct opt *opt = row->opt;
	size_t start = p->ret->len;
	struct strbuf aliases = { 0 };

	if (opt->kind == OPT_KIND_ALIAS)
		return true;
	if (opt->kind == OPT_KIND_HEADING) {
		strbuf_add_format(p->ret, "\n%s:\n", opt_help(opt));
		return true;
	}
	strbuf_add_str(p->ret, "  ");
	help_add_synopsis(p->ret, opt);
	if (p->ret->len - start + 2 > HELP_COLUMN) {
		strbuf_add_char(p->ret, '\n');
		start = p->ret->len;
	}
	strbuf_add_fill(p->ret, ' ', HELP_COLUMN - (p->ret->len - start));
	strbuf_add_str(p->ret, opt_help(opt));
	add_choices(p->ret, opt_choices(row));
	help_add_aliases(&aliases, p->table, opt);
	if (aliases.len > 0)
		strbuf_add_format(p->ret, " (also %s)", strbuf_str(&aliases));
	strbuf_add_char(p->ret, '\n');
	strbuf_release(&aliases);
	return true;
}

static void add_statuses(struct strbuf *ret, const struct applet *applet)
{
	int usage = applet->codes.usage != 0 ? applet->codes.usage : EXIT_USAGE;
	int fail = applet->codes.fail != 0 ? applet->codes.fail : EXIT_FAIL;

	strbuf_add_str(ret, "\nExit status: 0 done");
	if (applet->says_no_when != NULL)
		strbuf_add_format(ret, "; 1 %s", applet->says_no_when);
	if (usage == fail)
		strbuf_add_format(ret, "; %d wrong usage or failure", fail);
	else
		strbuf_add_format(ret, "; %d wrong usage; %d failure", usage, fail);
	strbuf_add_str(ret, ".\n");
}

void help_add_verbs(struct strbuf *ret, const struct applet *applet)
{
	for (const struct applet *const *v = applet->verbs; v != NULL && *v != NULL; v++)
		strbuf_add_format(ret, "  %-15s %s\n", applet_verb(*v), (*v)->summary);
}

static void add_usage(struct strbuf *ret, const struct applet *applet, const char *invocation)
{
	const char *begin = "Usage:";

	if (applet->run != NULL || applet->verbs == NULL) {
		strbuf_add_format(ret, "%s %s [OPTION]...%s%s\n", begin, invocation,
		                  applet->operands[0] != '\0' ? " " : "", applet->operands);
		begin = "  or: ";
	}
	if (applet->verbs != NULL)
		strbuf_add_format(ret, "%s %s VERB [ARGUMENT]...\n", begin, invocation);
}

void help_add(struct strbuf *ret, const struct applet *applet, const char *invocation)
{
	struct printer p = { ret, &applet->options };

	add_usage(ret, applet, invocation);
	strbuf_add_format(ret, "%c%s.\n\n", applet->summary[0] & ~0x20, applet->summary + 1);
	if (applet->verbs != NULL) {
		strbuf_add_str(ret, "Verbs, each with a --help of its own:\n");
		help_add_verbs(ret, applet);
		strbuf_add_char(ret, '\n');
	}
	opt_walk(&applet->options, add_row, &p);
	if (applet->options.len > 0)
		strbuf_add_char(ret, '\n');
	p.table = &opt_builtin_table;
	opt_walk(&opt_builtin_table, add_row, &p);
	add_statuses(ret, applet);
}

void help_add_version(struct strbuf *ret, const char *program)
{
	strbuf_add_str(ret, program);
	strbuf_add_str(ret, " (dutybox) " DUTYBOX_VERSION "\n");
}
