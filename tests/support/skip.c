/* SPDX-License-Identifier: MIT */
#include "skip.h"
#include "run.h"
#include "sandbox.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void skip(const char *format, ...)
{
	char reason[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	(void)fprintf(stderr, "SKIPPED: %s\n", reason);
	sandbox_leave(); /* Criterion does not run .fini here */
	cr_skip_test("%s", reason);
}

void need_root(void)
{
	if (geteuid() != 0)
		skip("needs root");
}

const char *need_program(const char *name)
{
	const char *path = run_find(name);

	if (path == NULL)
		skip("%s is not installed", name);
	return path;
}

void need_no_sanitizer(void)
{
	if (run_is_sanitized())
		skip("does not work under a sanitizer");
}
