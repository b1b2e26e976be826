/* SPDX-License-Identifier: MIT */
#include "cli/files0.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>

enum { TEXT_MAX = 1 << 30 };

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
		number++;
		if (ret->text.data[at] != '\0')
			vec_push(&ret->names, ret->text.data + at);
		else
			(void)diag_fail_text(d, file, "name %zu is empty", number);
	}
	vec_push(&ret->names, NULL);
	return 0;
}

void files0_release(struct files0 *f)
{
	strbuf_release(&f->text);
	vec_release(&f->names);
}
