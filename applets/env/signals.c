/* SPDX-License-Identifier: MIT */
/* env: the actions and the mask of signals that the command starts with. */
#include "env.h"

#include "base/fdio.h"
#include "sys/signal_names.h"

#include <errno.h>
#include <signal.h>

enum action { ACTION_KEEP, ACTION_DEFAULT, ACTION_IGNORE };

struct signal_plan {
	const struct env_run *e;
	struct {
		enum action action;
		bool lenient; /* came with all signals, of which some cannot be changed */
	} actions[SIGNAL_NUMBER_MAX + 1];
	sigset_t block, unblock;
};

static void add_all(struct signal_plan *p, enum env_signal_option option)
{
	for (int signo = 1; signo <= SIGNAL_NUMBER_MAX && option != ENV_SIGNAL_BLOCK; signo++) {
		if (!signal_has_name(signo))
			continue;
		p->actions[signo].action =
			option == ENV_SIGNAL_DEFAULT ? ACTION_DEFAULT : ACTION_IGNORE;
		p->actions[signo].lenient = true;
	}
	if (option == ENV_SIGNAL_DEFAULT)
		(void)sigfillset(&p->unblock);
	else if (option == ENV_SIGNAL_BLOCK)
		(void)sigfillset(&p->block);
}

static void add_one(struct signal_plan *p, enum env_signal_option option, int signo)
{
	if (option != ENV_SIGNAL_BLOCK) {
		p->actions[signo].action =
			option == ENV_SIGNAL_DEFAULT ? ACTION_DEFAULT : ACTION_IGNORE;
		p->actions[signo].lenient = false;
	}
	if (option == ENV_SIGNAL_DEFAULT) {
		(void)sigaddset(&p->unblock, signo);
		(void)sigdelset(&p->block, signo);
	} else if (option == ENV_SIGNAL_BLOCK) {
		(void)sigaddset(&p->block, signo);
		(void)sigdelset(&p->unblock, signo);
	}
}

/* One option's list, with commas. 0, or the exit status. */
static int add_list(struct signal_plan *p, enum env_signal_option option, const char *list)
{
	const char *at = list + strspn(list, ",");

	if (strcmp(list, ENV_ALL_SIGNALS) == 0) {
		add_all(p, option);
		return 0;
	}
	for (; *at != '\0'; at += strspn(at, ",")) {
		AUTO_FREE_STR char *name = mem_strndup(at, strcspn(at, ","));
		AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };
		int signo;

		env_add_quoted(&quoted, name);
		if (signal_parse_status(name, &signo) < 0 || signo == 0 || !signal_has_name(signo))
			return diag_usage(p->e->ctx->diag, "%s: invalid signal",
			                  strbuf_str(&quoted));
		add_one(p, option, signo);
		at += strlen(name);
	}
	return 0;
}

static int set_action(const struct signal_plan *p, int signo)
{
	const enum action action = p->actions[signo].action;
	const bool lenient = p->actions[signo].lenient;
	const char *verb = "get";
	struct sigaction act;
	AUTO_RELEASE_STRBUF struct strbuf what = { 0 };
	char name[SIGNAL_NAME_SIZE];
	int r = sigaction(signo, NULL, &act);

	if (r == 0) {
		verb = "set";
		act.sa_handler = action == ACTION_DEFAULT ? SIG_DFL : SIG_IGN;
		r = sigaction(signo, &act, NULL);
	}
	if (r != 0 && !lenient)
		return diag_fail_text(p->e->ctx->diag, NULL,
		                      "failed to %s signal action for signal %d: %s", verb, signo,
		                      strerrordesc_np(errno));
	strbuf_add_format(&what, "Reset signal %s (%d) to %s%s", signal_name(signo, name), signo,
	                  action == ACTION_DEFAULT ? "DEFAULT" : "IGNORE",
	                  r != 0 ? " (failure ignored)" : "");
	env_debug(p->e, what.data, "");
	return 0;
}

static void set_mask(const struct signal_plan *p)
{
	sigset_t set;

	(void)sigprocmask(SIG_BLOCK, NULL, &set);
	for (int signo = 1; signo <= SIGNAL_NUMBER_MAX; signo++) {
		AUTO_RELEASE_STRBUF struct strbuf what = { 0 };
		const bool blocks = sigismember(&p->block, signo) == 1;
		char name[SIGNAL_NAME_SIZE];

		if (!blocks && sigismember(&p->unblock, signo) != 1)
			continue;
		if (blocks)
			(void)sigaddset(&set, signo);
		else
			(void)sigdelset(&set, signo);
		strbuf_add_format(&what, "signal %s (%d) mask set to %s", signal_name(signo, name),
		                  signo, blocks ? "BLOCK" : "UNBLOCK");
		env_debug(p->e, what.data, "");
	}
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
}

static void list_handling(void)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	sigset_t set;

	(void)sigprocmask(SIG_BLOCK, NULL, &set);
	for (int signo = 1; signo <= SIGNAL_NUMBER_MAX; signo++) {
		struct sigaction act;
		char name[SIGNAL_NAME_SIZE];
		const bool blocked = sigismember(&set, signo) == 1;
		bool ignored;

		if (sigaction(signo, NULL, &act) != 0)
			continue;
		ignored = act.sa_handler == SIG_IGN;
		if (!ignored && !blocked)
			continue;
		strbuf_add_format(&text, "%-10s (%2d): %s%s%s\n", signal_name(signo, name), signo,
		                  blocked ? "BLOCK" : "", blocked && ignored ? "," : "",
		                  ignored ? "IGNORE" : "");
	}
	ignore(fdio_write_all(STDERR_FILENO, strbuf_str(&text), text.len));
}

/* What the options say. 0, or the exit status. */
static int plan(struct env_run *e, struct signal_plan *ret)
{
	int status = 0;

	*ret = (struct signal_plan){ .e = e };
	(void)sigemptyset(&ret->block);
	(void)sigemptyset(&ret->unblock);
	for (size_t i = 0; i < e->opts.signals.len && status == 0; i++)
		status = add_list(ret, (enum env_signal_option)e->opts.signals.items[i].tag,
		                  e->opts.signals.items[i].text);
	return status;
}

int env_check_signals(struct env_run *e)
{
	struct signal_plan p;

	return plan(e, &p);
}

int env_set_signals(struct env_run *e)
{
	struct signal_plan p;
	int status = plan(e, &p);

	for (int signo = 1; signo <= SIGNAL_NUMBER_MAX && status == 0; signo++) {
		if (p.actions[signo].action != ACTION_KEEP)
			status = set_action(&p, signo);
	}
	if (status != 0)
		return status;
	set_mask(&p);
	if (e->opts.list_signals)
		list_handling();
	return 0;
}
