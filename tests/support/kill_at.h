/* SPDX-License-Identifier: MIT */
/* Ends the binary under test at one of its system calls, before the kernel does what it asks. */
#pragma once

#include <stdbool.h>

struct kill_at {
	const char *const *words;
	const char *input_file; /* for standard input; NULL: the null device */
	unsigned call;          /* the first one after the start of the program is 1 */
};

/*
 * True: it was killed there. False: it ended before that, with *ret_status. Skips the test where
 * processes may not be traced.
 */
bool kill_at_call(const struct kill_at *k, int *ret_status);
