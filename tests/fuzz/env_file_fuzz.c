/* SPDX-License-Identifier: MIT */
/* Files of variables: whatever is accepted is a name, = and a value without NUL. */
#include "base/env_file.h"

#include <stdlib.h>

static void check(const char *variable, void *user)
{
	size_t *n = user;
	const char *equals = strchr(variable, '=');

	if (equals == NULL || equals == variable)
		abort();
	(*n)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text_error where = { 0 };
	char *text = malloc(size + 1);
	size_t n = 0;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	if (env_file_parse(text, size, check, &n, &where) < 0 &&
	    (where.reason == NULL || where.offset > size))
		abort();
	free(text);
	return 0;
}
