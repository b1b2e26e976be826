/* SPDX-License-Identifier: MIT */
/* Which signals to the run mean something, and what: --init, --rewrite, --on-signal. */
#include "run.h"

#include "base/num.h"

#include <errno.h>
#include <signal.h>

enum { SIGNAL_TEXT_MAX = 24 };

/* What cannot be caught, tells of a mistake of one's own, or is for the keeper itself. */
static bool is_for_us(int signo)
{
	static const int ours[] = { SIGKILL, SIGSTOP, SIGCHLD, SIGTTIN, SIGTTOU,
		                    SIGTSTP, SIGCONT, SIGPIPE, SIGILL,  SIGTRAP,
		                    SIGABRT, SIGBUS,  SIGFPE,  SIGSEGV, SIGSYS };

	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		if (signo == ours[i])
			return true;
	}
	return !signal_has_name(signo);
}

/* SIG=TEXT. The rest of the text, or NULL. */
static const char *split(const char *text, int *ret_signo)
{
	size_t len = strcspn(text, "=");
	char name[SIGNAL_TEXT_MAX];

	if (len == 0 || len >= sizeof(name) || text[len] != '=')
		return NULL;
	memcpy(name, text, len);
	name[len] = '\0';
	if (signal_parse(name, ret_signo) < 0 || *ret_signo == 0 || is_for_us(*ret_signo))
		return NULL;
	return text + len + 1;
}

static int parse_rewrites(struct run *r)
{
	const struct strv *list = &r->opts->rewrite;

	for (int signo = 0; signo <= SIGNAL_NUMBER_MAX; signo++)
		r->rewrite[signo] = signo;
	for (size_t i = 0; i < list->len; i++) {
		int from = 0, to = 0;
		const char *target = split(list->items[i], &from);

		if (target == NULL || signal_parse(target, &to) < 0)
			return diag_usage(r->ctx->diag, "--rewrite needs two signals: TERM=QUIT, "
			                                "or HUP=0 to drop one");
		r->rewrite[from] = to;
		(void)sigaddset(&r->signals, from);
	}
	return 0;
}

static int parse_hooks(struct run *r)
{
	const struct strv *list = &r->opts->on_signal;

	for (size_t i = 0; i < list->len; i++) {
		int signo = 0;
		const char *line = split(list->items[i], &signo);

		if (line == NULL || *line == '\0')
			return diag_usage(r->ctx->diag,
			                  "--on-signal needs a signal that can be caught and a "
			                  "command: HUP=COMMAND");
		r->on_signal[signo] = line;
		(void)sigaddset(&r->signals, signo);
	}
	return 0;
}

static bool parse_code(const char *text, size_t len, int *ret)
{
	AUTO_FREE_STR char *word = mem_strndup(text, len);
	uint64_t value;

	if (num_parse_u64(word, &value) < 0 || value > UINT8_MAX)
		return false;
	*ret = (int)value;
	return true;
}

static int parse_exit_map(struct run *r)
{
	const struct strv *list = &r->opts->map_exit;

	for (int i = 0; i <= UINT8_MAX; i++)
		r->map_exit[i] = i;
	for (size_t i = 0; i < list->len; i++) {
		const char *text = list->items[i];
		size_t len = strcspn(text, "=");
		int from, to;

		if (text[len] != '=' || !parse_code(text, len, &from) ||
		    !parse_code(text + len + 1, strlen(text + len + 1), &to))
			return diag_usage(r->ctx->diag, "--map-exit needs two statuses: 143=0");
		r->map_exit[from] = to;
	}
	return 0;
}

int signals_prepare(struct run *r)
{
	static const int always[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
	int status;

	(void)sigemptyset(&r->signals);
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		(void)sigaddset(&r->signals, always[i]);
	r->init = r->opts->init || getpid() == 1;
	for (int signo = 1; r->init && signo <= SIGNAL_NUMBER_MAX; signo++) {
		if (!is_for_us(signo))
			(void)sigaddset(&r->signals, signo);
	}
	status = parse_rewrites(r);
	if (status == 0)
		status = parse_hooks(r);
	return status == 0 ? parse_exit_map(r) : status;
}
