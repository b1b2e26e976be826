/* SPDX-License-Identifier: MIT */
/*
 * Signals as flags. INT, TERM and HUP ask the program to stop at the next safe
 * point, a second one of them ends it at once by that signal; USR1 asks for a line
 * of progress. SIGPIPE is left as it was inherited, and so is each of the others
 * when it was inherited ignored (nohup, background jobs). The flags are the only
 * mutable globals of the project.
 *
 * sig_install(), sig_restore() and sig_die_if_stopped() belong to the main thread;
 * the questions may be asked from any.
 */
#pragma once

#include "base/base.h"

/*
 * Catches the signals from now on. System calls that wait are interrupted by the
 * stopping ones (EINTR), continued after USR1. May be called again; as many calls of
 * sig_restore() then go with it.
 */
void sig_install(void);
/* The last one brings the actions from before sig_install() back and clears the flags. */
void sig_restore(void);
/* A stop was asked for: clean up and return. */
bool sig_stopped(void);
/* The signal that asked, or 0. */
int sig_number(void);
/* As if `signo` had arrived: for a worker that must end the run. */
void sig_stop(int signo);
/* USR1 arrived since the last call. */
bool sig_take_report(void);
/*
 * Dies by the signal that asked for the stop, so that a shell or a supervisor sees
 * it (128+n); returns when there was none. Call it when everything is cleaned up and
 * written.
 */
void sig_die_if_stopped(void);
