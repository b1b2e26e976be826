/* SPDX-License-Identifier: MIT */
#include "cli/files0.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>

enum { TEXT_MAX = 1 << 30 };

/* What is wrong with one name is told under its number; the others go on. As GNU du does it. */
static bool is_usable(struct diag *d, const char *file, const char *name, size_t number)
{
	if (name[0] == '\0') {
		(void)diag_fail_text(d, NULL, "%s:%zu: invalid zero-length file name", file,
		                     number);
		return false;
	}
	if (strcmp(file, "-") == 0 && strcmp(name, "-") == 0) {
		(void)diag_fail_text(d, NULL,
		                     "when reading file names from stdin, no file name of '-' "
		                     "allowed");
		return false;
	}
	return true;
}

int files0_read(struct diag *d, const char *file, struct files0 *ret)
{
	const bool is_stdin = strcmp(file, "-") == 0;
	AUTO_CLOSE int opened = is_stdin ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	size_t number = 0;
	int r;

	if (!is_stdin && opened < 0)
		return diag_fail(d, errno, "open", file);
	r = fdio_read_all(is_stdin ? STDIN_FILENO : opened, TEXT_MAX, &ret->text);
	if (r < 0)
		return diag_fail(d, -r, "read", file);
	for (size_t at = 0; at < ret->text.len; at += strlen(ret->text.data + at) + 1) {
		if (is_usable(d, file, ret->text.data + at, ++number))
			vec_push(&ret->names, ret->text.data + at);
	}
	vec_push(&ret->names, NULL);
	return 0;
}

void files0_release(struct files0 *f)
{
	strbuf_release(&f->text);
	vec_release(&f->names);
}
