/* SPDX-License-Identifier: MIT */
/* timeout - run a command and end it when its time is over, as GNU's */
#include "base/clock.h"
#include "base/num.h"
#include "base/quote.h"
#include "base/sig.h"
#include "cli/applet.h"
#include "sys/command_path.h"
#include "sys/event_loop.h"
#include "sys/signal_names.h"
#include "sys/spawn.h"

#include <errno.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { CODE_TIMED_OUT = 124, CODE_FAILED = 125, CODE_SIGNAL = 128 };

/* Far enough away that nothing needs to be told apart beyond it. */
static const int64_t longest = INT64_MAX / 2;

struct timeout_opts {
	bool foreground, preserve_status, verbose;
	const char *kill_after, *signal;
};

static const struct opt timeout_rows[] = {
	OPT_BOOL(0, "preserve-status", struct timeout_opts, preserve_status,
	         "exit with the command's status even when time was over"),
	OPT_BOOL(0, "foreground", struct timeout_opts, foreground,
	         "let the command use the terminal; only it is ended"),
	OPT_STR('k', "kill-after", "DURATION", struct timeout_opts, kill_after,
	        "send KILL too, this long after the first signal"),
	OPT_STR('s', "signal", "SIGNAL", struct timeout_opts, signal,
	        "send this one when the time is over, not TERM"),
	OPT_BOOL('v', "verbose", struct timeout_opts, verbose, "say which signals are sent"),
};

/* One run. */
struct limit {
	struct ctx *ctx;
	const struct timeout_opts *opts;
	char **argv;
	int signo;          /* what is sent when the time is over */
	int64_t kill_after; /* nanoseconds; 0: never, or done */
	bool timed_out;
	bool ended;
	int wait_status;
	sigset_t passed_on; /* to the group, which we are part of: they come back to us */
	struct event_loop *loop;
	struct event_timer timer;
	struct spawn_child child;
};

/* GNU's grammar: a number as C reads it, then s, m, h or d. False: it makes no sense. */
static bool parse_interval(const char *text, int64_t *ret_ns)
{
	static const struct {
		char suffix;
		double seconds;
	} units[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	double value, ns;
	size_t len;

	/* Not a number is not at least 0 either. */
	if (num_scan_real(text, &value, &len) < 0 || !(value >= 0) || strlen(text + len) > 1)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (units[i].suffix != text[len])
			continue;
		ns = value * units[i].seconds * 1e9;
		*ret_ns = ns < (double)longest ? (int64_t)ns : longest;
		/* Never too early, and 0 alone means no limit. */
		if ((double)*ret_ns < ns && *ret_ns < longest)
			++*ret_ns;
		return true;
	}
	return false;
}

static int refuse(const struct limit *l, const char *what, const char *text)
{
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };

	quote_shell_always(&quoted, text, strlen(text));
	if (strcmp(what, "signal") == 0)
		return diag_usage(l->ctx->diag, "%s: invalid signal", strbuf_str(&quoted));
	return diag_usage(l->ctx->diag, "invalid %s %s", what, strbuf_str(&quoted));
}

static void arm(struct limit *l, int64_t after)
{
	if (after > 0)
		event_loop_arm(l->loop, &l->timer, clock_now() + after);
}

/* To the command and, unless it is in the foreground, to the group that it shares with us. */
static void send(struct limit *l, int signo)
{
	if (l->opts->verbose) {
		AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };
		char name[SIGNAL_NAME_SIZE];

		quote_shell_always(&quoted, l->argv[0], strlen(l->argv[0]));
		diag_warn(l->ctx->diag, NULL, "sending signal %s to command %s",
		          signal_name(signo, name), strbuf_str(&quoted));
	}
	if (l->kill_after > 0) {
		arm(l, l->kill_after);
		l->signo = SIGKILL;
		l->kill_after = 0;
	}
	ignore(spawn_signal(&l->child, signo));
	if (l->opts->foreground)
		return;
	(void)sigaddset(&l->passed_on, signo);
	(void)kill(0, signo);
	if (signo != SIGKILL && signo != SIGCONT) {
		ignore(spawn_signal(&l->child, SIGCONT));
		(void)kill(0, SIGCONT);
	}
}

static void on_time_over(void *user)
{
	struct limit *l = user;

	l->timed_out = true;
	send(l, l->signo);
}

static void on_signal(const struct signalfd_siginfo *info, void *user)
{
	struct limit *l = user;
	int signo = (int)info->ssi_signo;

	if (signo == SIGCHLD) {
		l->ended = waitpid(l->child.pid, &l->wait_status, WNOHANG) == l->child.pid;
	} else if (signo == SIGALRM) {
		/* It stands for the end of the time, whoever sent it. */
		on_time_over(l);
	} else if (signo != SIGTTIN && signo != SIGTTOU && sigismember(&l->passed_on, signo) == 0) {
		send(l, signo);
	}
}

/* The shell's codes, and GNU's words, for a command that does not run. */
static int report_start(const struct limit *l, int err)
{
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };
	int code = spawn_failure_code(err);

	quote_shell_always(&quoted, l->argv[0], strlen(l->argv[0]));
	if (code == SPAWN_CODE_FAILED)
		return diag_fail_text(l->ctx->diag, NULL, "fork system call failed: %s",
		                      strerrordesc_np(-err));
	diag_warn(l->ctx->diag, NULL, "failed to run command %s: %s", strbuf_str(&quoted),
	          strerrordesc_np(-err));
	return code;
}

static int start(struct limit *l)
{
	AUTO_RELEASE_STRBUF struct strbuf file = { 0 };
	AUTO_FREE_STR char *standard = NULL;
	const char *list = getenv("PATH");
	struct spawn_request request = { .argv = l->argv,
		                         .envp = environ,
		                         .dir = SPAWN_INHERIT,
		                         .fds = { SPAWN_INHERIT, SPAWN_INHERIT, SPAWN_INHERIT },
		                         .mask = event_loop_mask(l->loop) };
	int r;

	if (list == NULL) {
		standard = command_path_default();
		list = standard;
	}
	r = spawn_find(list, l->argv[0], &file);
	request.file = strbuf_str(&file);
	return r < 0 ? r : spawn_start(&request, &l->child);
}

static int catch_signals(struct limit *l)
{
	static const int caught[] = { SIGALRM, SIGINT,  SIGQUIT, SIGHUP,
		                      SIGTERM, SIGCHLD, SIGTTIN, SIGTTOU };
	sigset_t set;
	int r = event_loop_new(&l->loop);

	if (r < 0)
		return r;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		(void)sigaddset(&set, caught[i]);
	if (l->signo > 0)
		(void)sigaddset(&set, l->signo);
	return event_loop_catch(l->loop, &set, on_signal, l);
}

static int exit_code(struct limit *l)
{
	bool preserves = l->opts->preserve_status;
	int code = spawn_status_code(l->wait_status);

	if (WIFSIGNALED(l->wait_status)) {
		if (WCOREDUMP(l->wait_status))
			diag_warn(l->ctx->diag, NULL, "the monitored command dumped core");
		/* One core is enough. */
		if (!l->timed_out && prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0)
			sig_stop(WTERMSIG(l->wait_status));
		preserves |= l->timed_out && code == CODE_SIGNAL + SIGKILL;
	}
	return l->timed_out && !preserves ? CODE_TIMED_OUT : code;
}

/* Our own copies of what was sent to the group, which must not end us when they are let through. */
static void forget_passed_on(const struct limit *l)
{
	static const struct timespec now = { .tv_sec = 0 };

	int signo;

	do {
		signo = sigtimedwait(&l->passed_on, NULL, &now);
	} while (signo > 0);
}

static int run_limited(struct limit *l, int64_t duration)
{
	struct spawn_collect collect;
	int r;

	if (!l->opts->foreground)
		(void)setpgid(0, 0);
	spawn_collect_begin(&collect);
	r = catch_signals(l);
	if (r == 0) {
		r = start(l);
		if (r < 0)
			r = report_start(l, r);
		else
			arm(l, duration);
		while (r == 0 && !l->ended) {
			r = event_loop_step(l->loop);
		}
		if (l->ended)
			r = exit_code(l);
	}
	if (l->child.pidfd >= 0)
		(void)close(l->child.pidfd);
	forget_passed_on(l);
	event_loop_free(l->loop);
	spawn_collect_end(&collect);
	if (r < 0)
		return diag_fail_text(l->ctx->diag, NULL, "cannot wait for events: %s",
		                      strerrordesc_np(-r));
	return r;
}

static int timeout_run(struct ctx *ctx, const void *options, char **operands)
{
	const struct timeout_opts *opts = options;
	struct limit l = { .ctx = ctx, .opts = opts, .signo = SIGTERM, .child = { .pidfd = -1 } };
	int64_t duration;

	if (opts->kill_after != NULL && !parse_interval(opts->kill_after, &l.kill_after))
		return refuse(&l, "time interval", opts->kill_after);
	if (opts->signal != NULL && signal_parse_status(opts->signal, &l.signo) < 0)
		return refuse(&l, "signal", opts->signal);
	if (operands[0] == NULL || operands[1] == NULL)
		return diag_usage(ctx->diag,
		                  operands[0] == NULL ? "missing operand" : "missing command");
	if (!parse_interval(operands[0], &duration))
		return refuse(&l, "time interval", operands[0]);
	l.argv = operands + 1;
	l.timer = (struct event_timer){ .expire = on_time_over, .user = &l };
	(void)sigemptyset(&l.passed_on);
	return run_limited(&l, duration);
}

const struct applet timeout_applet = {
	.name = "timeout",
	.group = "Processes",
	.summary = "run a command and end it when its time is over",
	.operands = "DURATION COMMAND [ARG]...",
	.options = OPT_TABLE(timeout_rows),
	.options_size = sizeof(struct timeout_opts),
	.codes = { .usage = CODE_FAILED, .fail = CODE_FAILED },
	.stop_at_operand = true,
	.takes = OPERANDS_WORD_AND_COMMAND,
	.run = timeout_run,
};
