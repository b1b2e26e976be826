/* SPDX-License-Identifier: MIT */
/*
 * Runs the binary under strace(1), in a scratch directory, with one system call failing. What
 * goes wrong with the tests themselves ends the program with status 2.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where exports are written. */
#define EXPORT "export"

struct bytes {
	char *data; /* owned; a NUL follows */
	size_t len;
};

struct injection {
	const char *calls;
	const char *result; /* an error's name, "retval=0" or "signal=INT" */
	unsigned when;
	/* Or, without strace: a resource limit. */
	bool limits;
	int resource;
	unsigned long limit;
};

struct outcome {
	int status; /* exit status, or 128 + signal */
	bool hung;
	bool stopped;  /* died by the signal that was sent */
	bool injected; /* the fault took place */
};

/* Makes `directory` and works in it. False when strace does not work here. */
bool begin(const char *binary, const char *directory);
/* The binary. */
const char *under_test(void);
/* Removes it. */
void end(void);

/* Output goes to the files "out" and "err". Without an injection calls are counted. */
struct outcome run_traced(const char *const *words, const struct injection *in);
/* How often the call occurred in the last run that was not interfered with. */
unsigned count_calls(const char *name);

void make_dir(const char *name);
void make_file(const char *name, const char *text);
/* Empty when it is not there. */
struct bytes read_file(const char *name);
_Noreturn void give_up(const char *what);
