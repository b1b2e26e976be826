/* SPDX-License-Identifier: MIT */
/* Patterns from operands and files. */
#include "glob.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>

enum { PATTERNS_FILE_MAX = 64 << 20 };

static unsigned flags_of(const struct glob_opts *opts)
{
	return (opts->hidden ? 0U : GLOB_HIDDEN_EXPLICIT) |
	       (opts->ignore_case ? GLOB_FOLD_CASE : 0U) | (opts->strict ? 0U : GLOB_LENIENT);
}

/* With --strict, what means nothing is worth a word. */
static void warn_of_empty_range(struct glob_run *run, const char *pattern)
{
	struct text_error where;

	if (run->opts->strict && glob_find_empty_range(pattern, &where))
		diag_warn(run->ctx->diag, pattern, "the range %.*s matches nothing", (int)where.len,
		          pattern + where.offset);
}

static int add_pattern(struct glob_run *run, const char *pattern, bool negated)
{
	struct glob_paths_error error = { 0 };
	int status = 0;

	if (pattern[0] == '\0')
		return diag_usage(run->ctx->diag, "a pattern is empty");
	vec_push(&run->patterns, pattern);
	if (glob_paths_add(&run->paths, pattern, flags_of(run->opts),
	                   (uint32_t)run->patterns.len - 1, negated, &error) < 0)
		status = diag_caret(run->ctx->diag, "bad pattern", error.text, &error.where);
	else
		warn_of_empty_range(run, pattern);
	glob_paths_error_release(&error);
	return status;
}

/* One pattern a line, or a record with -0; ! in front takes matches back. */
static int read_file(struct glob_run *run, const char *file)
{
	const char end = run->opts->out.zero ? '\0' : '\n';
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = strcmp(file, "-") == 0 ? fdio_read_all(STDIN_FILENO, PATTERNS_FILE_MAX, &text)
	                               : fdio_read_file(AT_FDCWD, file, PATTERNS_FILE_MAX, &text);

	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "read", file);
	for (size_t at = 0; at < text.len;) {
		const char *stop = memchr(text.data + at, end, text.len - at);
		size_t len = stop != NULL ? (size_t)(stop - text.data) - at : text.len - at;
		size_t skip = text.data[at] == '!';

		if (len > skip) {
			vec_push(&run->texts, mem_strndup(text.data + at + skip, len - skip));
			r = add_pattern(run, vec_last(&run->texts), skip != 0);
			if (r != 0)
				return r;
		}
		at += len + 1;
	}
	return 0;
}

int glob_read_patterns(struct glob_run *run, char **operands)
{
	const struct strv *files = &run->opts->patterns_from;
	int status = 0;

	for (size_t i = 0; operands[i] != NULL && status == 0; i++)
		status = add_pattern(run, operands[i], false);
	for (size_t i = 0; i < files->len && status == 0; i++)
		status = read_file(run, files->items[i]);
	if (status == 0 && operands[0] == NULL && files->len == 0)
		status = diag_usage(run->ctx->diag, "missing PATTERN");
	glob_paths_finish(&run->paths);
	return status;
}
