/* SPDX-License-Identifier: MIT */
/*
 * Signals by number and by name. Names are those of Linux without SIG; real-time signals count
 * from the nearer end, as shells show them: RTMIN+3, RTMAX-1. The numbers between the standard
 * and the real-time signals, which the C library keeps for itself, have no name. Signal 0,
 * which asks whether a process is there, is called EXIT, as in shells. Pure functions; any
 * thread may call them.
 */
#pragma once

#include "base/strbuf.h"

enum {
	SIGNAL_NAME_SIZE = 24, /* bytes for any name or number with its NUL */
	SIGNAL_NUMBER_MAX = 64,
};

/*
 * A signal somebody typed: a name in either case, with or without SIG, synonyms (CLD, IO, IOT,
 * UNUSED) among them, RTMIN+N, RTMAX-N; or a number from 0 to SIGNAL_NUMBER_MAX. 0 or -EINVAL.
 */
MUST_USE int signal_parse(const char *text, int *ret);
/*
 * As signal_parse(), and 128 + N as a shell shows the end by signal N. The number of a signal,
 * or -EINVAL: for what a name is wanted, not for what is sent.
 */
MUST_USE int signal_parse_status(const char *text, int *ret);
/* The name of a signal, its number when it has none; written to `buffer` and returned. */
const char *signal_name(int signo, char buffer[SIGNAL_NAME_SIZE]);
bool signal_has_name(int signo);
/* The known name that is most like the one somebody typed, written to `buffer`; NULL: none is. */
const char *signal_nearest(const char *typed, char buffer[SIGNAL_NAME_SIZE]);

/* As kill -l: all names, in lines of about 75 columns; the real-time ones begin a new line. */
void signal_add_list(struct strbuf *b);
/* As kill -L: numbers and names in columns. */
void signal_add_table(struct strbuf *b);
/*
 * The names in a mask as procfs shows it (bit N-1 stands for signal N), with `separator` between
 * them.
 */
void signal_add_mask(struct strbuf *b, uint64_t mask, const char *separator);
