/* SPDX-License-Identifier: MIT */
/* Reasons not to run a test, always printed. CTest shows such a test as skipped. */
#pragma once

#include <stdbool.h>

/* Prints "SKIPPED: ..." and ends the test as skipped. */
void skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Skips unless the test runs as root. */
void need_root(void);
/* The path of a program in PATH; skips when it is not installed. */
const char *need_program(const char *name);
/* Skips when the binary was built with a sanitizer. */
void need_no_sanitizer(void);
