/* SPDX-License-Identifier: MIT */
/* The first byte chooses the flags; then the pattern, a newline, and the path. */
#include "fs/glob.h"

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pattern made from a name matches that name. */
static void check_escape(const char *path, size_t len)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	AUTO_FREE(glob) struct glob *g = NULL;
	struct text_error error;

	if (memchr(path, 0, len) || len > GLOB_PATTERN_MAX / 4)
		return;
	glob_add_escaped(&b, path, len);
	if (glob_compile(strbuf_str(&b), 0, &g, &error) || !glob_matches(g, path, len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE(glob) struct glob *g = NULL;
	AUTO_FREE_STR char *pattern = NULL;
	struct text_error error = { 0 };
	const char *text = (const char *)data + 1;
	const char *newline = size > 1 ? memchr(text, '\n', size - 1) : NULL;
	const char *path;
	size_t len;

	if (!newline)
		return 0;
	path = newline + 1;
	len = size - 1 - (size_t)(path - text);
	pattern = mem_strndup(text, (size_t)(newline - text));
	check_escape(path, len);
	if (glob_compile(pattern, data[0], &g, &error)) {
		if (!error.reason || error.offset > strlen(pattern))
			abort();
		return 0;
	}
	if (glob_matches(g, path, len) && !(data[0] & GLOB_BASENAME)) {
		const char *slash = memrchr(path, '/', len);

		if (slash && slash > path && slash[-1] != '/' &&
		    !glob_may_match_below(g, path, (size_t)(slash - path)) &&
		    slash + 1 < path + len)
			abort();
	}
	return 0;
}
