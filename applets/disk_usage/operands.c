/* SPDX-License-Identifier: MIT */
/* Which operands there are: those of the command line, or of --files0-from. */
#include "disk_usage.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>

/* What --files0-from may hold, in bytes. */
enum { NAMES_MAX = 1 << 30 };

static int read_names(struct du_run *run, const char *file)
{
	const bool is_stdin = strcmp(file, "-") == 0;
	AUTO_CLOSE int opened = is_stdin ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	int r;

	if (!is_stdin && opened < 0)
		return diag_fail(run->ctx->diag, errno, "open", file);
	r = fdio_read_all(is_stdin ? STDIN_FILENO : opened, NAMES_MAX, &run->names);
	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "read", file);
	return 0;
}

/* Trouble with one name is reported under its number; the others go on. */
static bool is_usable(const struct du_run *run, const char *file, const char *name, size_t number)
{
	if (name[0] == '\0') {
		(void)diag_fail_text(run->ctx->diag, NULL, "%s:%zu: invalid zero-length file name",
		                     file, number);
		return false;
	}
	if (strcmp(file, "-") == 0 && strcmp(name, "-") == 0) {
		(void)diag_fail_text(run->ctx->diag, NULL,
		                     "when reading file names from stdin, no file name of '-' "
		                     "allowed");
		return false;
	}
	return true;
}

int du_read_operands(struct du_run *run)
{
	const char *file = run->opts->files0_from;
	struct {
		VEC_FIELDS(char *);
	} list = { 0 };
	size_t number = 0;
	int status;

	if (file == NULL)
		return 0;
	status = read_names(run, file);
	if (status != 0)
		return status;
	for (size_t at = 0; at < run->names.len; at += strlen(run->names.data + at) + 1)
		if (is_usable(run, file, run->names.data + at, ++number))
			vec_push(&list, run->names.data + at);
	vec_push(&list, NULL);
	run->list = list.items;
	run->operands = list.items;
	return 0;
}

void du_drop_excluded(struct du_run *run)
{
	size_t kept = 0;

	if (run->filter == NULL)
		return;
	for (size_t i = 0; run->operands[i] != NULL; i++)
		if (filter_wants_root(run->filter, run->operands[i]))
			run->operands[kept++] = run->operands[i];
	run->operands[kept] = NULL;
}

int du_check_single(const struct du_run *run, const char *mode)
{
	if (run->operands[0] == NULL)
		return diag_usage(run->ctx->diag, "%s; there is none among the operands", mode);
	if (run->operands[1] != NULL)
		return diag_usage(run->ctx->diag, "%s; name only one", mode);
	return 0;
}
