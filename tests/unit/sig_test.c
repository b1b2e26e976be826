/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/sig.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

TestSuite(sig);

Test(sig, a_stopping_signal_sets_the_flag)
{
	static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_LEN(stopping); i++) {
		(void)signal(stopping[i], SIG_DFL);
		sig_install();
		cr_assert_not(sig_stopped());
		cr_assert_eq(sig_number(), 0);
		cr_assert_eq(raise(stopping[i]), 0);
		cr_assert(sig_stopped(), "signal %d", stopping[i]);
		cr_assert_eq(sig_number(), stopping[i]);
		sig_restore();
		cr_assert_not(sig_stopped());
	}
}

Test(sig, usr1_asks_for_one_report)
{
	sig_install();
	cr_assert_not(sig_take_report());
	cr_assert_eq(raise(SIGUSR1), 0);
	cr_assert(sig_take_report());
	cr_assert_not(sig_take_report());
	cr_assert_not(sig_stopped());
	sig_restore();
}

Test(sig, the_first_reason_to_stop_stays)
{
	sig_install();
	sig_stop(SIGTERM);
	sig_stop(SIGINT);
	cr_assert_eq(sig_number(), SIGTERM);
	sig_restore();
}

static bool handler_is(int signo, void (*handler)(int))
{
	struct sigaction action;

	cr_assert_eq(sigaction(signo, NULL, &action), 0);
	return action.sa_handler == handler;
}

Test(sig, what_was_ignored_stays_ignored)
{
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	sig_install();
	cr_expect(handler_is(SIGHUP, SIG_IGN));
	cr_expect_not(handler_is(SIGINT, SIG_DFL));
	cr_expect(handler_is(SIGPIPE, SIG_IGN));
	cr_assert_eq(raise(SIGHUP), 0);
	cr_expect_not(sig_stopped());
	sig_restore();
	cr_expect(handler_is(SIGHUP, SIG_IGN));
	cr_expect(handler_is(SIGINT, SIG_DFL));
}

/* The signal waits, blocked, until ppoll() lets it in: no race. */
Test(sig, a_waiting_call_is_interrupted)
{
	sigset_t term, before;

	(void)signal(SIGTERM, SIG_DFL);
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	cr_assert_eq(sigprocmask(SIG_BLOCK, &term, &before), 0);
	sig_install();
	cr_assert_eq(raise(SIGTERM), 0);
	cr_assert_not(sig_stopped());
	(void)sigdelset(&before, SIGTERM);
	cr_assert_eq(ppoll(NULL, 0, NULL, &before), -1);
	cr_assert_eq(errno, EINTR);
	cr_assert_eq(sig_number(), SIGTERM);
	sig_restore();
}

/* The wait status of a child that runs `body`. */
static int status_of(void (*body)(void))
{
	pid_t child = fork();
	int status;

	cr_assert(child >= 0);
	if (child == 0) {
		body();
		_exit(42);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return status;
}

static void stop_and_die(void)
{
	(void)signal(SIGTERM, SIG_DFL);
	sig_install();
	(void)raise(SIGTERM);
	sig_die_if_stopped();
}

static void stop_twice(void)
{
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	sig_install();
	(void)raise(SIGTERM);
	(void)raise(SIGINT);
}

static void not_stopped(void)
{
	sig_install();
	sig_die_if_stopped();
}

static void stop_by_word(void)
{
	(void)signal(SIGHUP, SIG_DFL);
	sig_install();
	sig_stop(SIGHUP);
	sig_die_if_stopped();
}

Test(sig, the_end_is_by_the_signal)
{
	int status = status_of(stop_and_die);

	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "%x", status);
	status = status_of(stop_twice);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "%x", status);
	status = status_of(stop_by_word);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP, "%x", status);
	status = status_of(not_stopped);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 42, "%x", status);
}

Test(sig, only_the_last_restore_counts)
{
	struct sigaction action;

	sig_install();
	sig_install();
	(void)raise(SIGTERM);
	sig_restore();
	cr_assert(sig_stopped(), "the outer one still wants to know");
	cr_assert_eq(sigaction(SIGTERM, NULL, &action), 0);
	cr_assert(action.sa_handler != SIG_DFL);
	sig_restore();
	cr_assert_not(sig_stopped());
	cr_assert_eq(sigaction(SIGTERM, NULL, &action), 0);
	cr_assert(action.sa_handler == SIG_DFL);
	sig_restore();
	sig_install();
	(void)raise(SIGTERM);
	cr_assert(sig_stopped(), "one restore too many does no harm");
	sig_restore();
}
