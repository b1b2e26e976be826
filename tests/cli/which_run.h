/* SPDX-License-Identifier: MIT */
/* What the tests of `which` share: runs with a PATH of their own. */
#pragma once

#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A run with this PATH; NULL leaves it out of the environment. */
static inline struct run with_path(const char *path, const char *const *words)
{
	static char set[8192];
	const char *env[] = { "PATH", NULL };
	struct run_request request = { .words = words, .env = env };

	if (path != NULL) {
		(void)snprintf(set, sizeof(set), "PATH=%s", path);
		env[0] = set;
	}
	return run_argv(&request);
}

#define WHICH(path, ...) with_path((path), WORDS("which", __VA_ARGS__))

/* The sandbox's path and what follows it, in a buffer of its own. */
static inline const char *below_sandbox(const char *rest)
{
	char *path;

	cr_assert(asprintf(&path, "%s%s", sandbox_path(), rest) >= 0);
	return path;
}
