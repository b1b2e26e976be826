/* SPDX-License-Identifier: MIT */
/* The first byte chooses the flags; then patterns, one a line, an empty line, and the path. */
#include "fs/glob_paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 8, LINE_MAX = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data + 1;
	const char *end = (const char *)data + size;
	unsigned flags =
		size > 0 ? data[0] & (GLOB_FOLD_CASE | GLOB_LENIENT | GLOB_HIDDEN_EXPLICIT) : 0;
	struct glob_paths p = { 0 };

	for (uint32_t n = 0; n < LINES_MAX && size > 0; n++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline != NULL ? (size_t)(newline - at) : 0;
		struct glob_paths_error error = { 0 };
		AUTO_FREE_STR char *pattern = mem_strndup(at, len < LINE_MAX ? len : LINE_MAX);

		if (newline == NULL)
			break;
		at = newline + 1;
		if (pattern[0] == '\0')
			break;
		if (glob_paths_add(&p, pattern + (pattern[0] == '!'), flags, n, pattern[0] == '!',
		                   &error) < 0 &&
		    (error.where.reason == NULL || error.where.offset > strlen(error.text)))
			abort();
		glob_paths_error_release(&error);
	}
	glob_paths_finish(&p);
	if (size > 0 && at < end) {
		uint32_t winner =
			glob_paths_match(&p, at, (size_t)(end - at), false, GLOB_NO_PATTERN);

		if (winner != GLOB_NO_PATTERN && winner >= LINES_MAX)
			abort();
	}
	glob_paths_release(&p);
	return 0;
}
