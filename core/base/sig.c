/* SPDX-License-Identifier: MIT */
#include "base/sig.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };

/* Lock-free, so they may be touched in a handler, and read by any thread. */
static atomic_int stop_signal; /* which one asked; 0: none */
static atomic_bool report_wanted;
static struct sigaction inherited[ARRAY_LEN(caught)];
static unsigned installed; /* sig_install() without its sig_restore() */

/* The default action of `signo`, for which there is no way back. */
static void die_by(int signo)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t set;

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(signo, &action, NULL);
	(void)raise(signo);
	/* Inside its own handler the signal waits until it is let through. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, signo);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + signo);
}

static void on_stop(int signo)
{
	int saved = errno;

	if (atomic_load(&stop_signal) != 0)
		die_by(signo);
	atomic_store(&stop_signal, signo);
	errno = saved;
}

static void on_report(int signo)
{
	(void)signo;
	atomic_store(&report_wanted, true);
}

void sig_install(void)
{
	if (installed++ > 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
		struct sigaction action = { .sa_handler = on_stop };

		(void)sigemptyset(&action.sa_mask);
		if (caught[i] == SIGUSR1) {
			action.sa_handler = on_report;
			action.sa_flags = SA_RESTART;
		}
		(void)sigaction(caught[i], NULL, &inherited[i]);
		if (inherited[i].sa_handler != SIG_IGN)
			(void)sigaction(caught[i], &action, NULL);
	}
}

void sig_restore(void)
{
	if (installed == 0 || --installed > 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		(void)sigaction(caught[i], &inherited[i], NULL);
	atomic_store(&stop_signal, 0);
	atomic_store(&report_wanted, false);
}

bool sig_stopped(void)
{
	return sig_number() != 0;
}

int sig_number(void)
{
	return atomic_load_explicit(&stop_signal, memory_order_relaxed);
}

void sig_stop(int signo)
{
	int none = 0;

	(void)atomic_compare_exchange_strong(&stop_signal, &none, signo);
}

bool sig_take_report(void)
{
	return atomic_load_explicit(&report_wanted, memory_order_relaxed) &&
	       atomic_exchange(&report_wanted, false);
}

void sig_die_if_stopped(void)
{
	int signo = sig_number();

	if (signo != 0)
		die_by(signo);
}
