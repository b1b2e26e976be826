/* SPDX-License-Identifier: MIT */
#include "fs/disk_kind.h"

#include "base/fdio.h"
#include "fs/extents.h"

#include <fcntl.h>
#include <sys/sysmacros.h>

enum { ANSWER_MAX = 16 };

/* '0', '1', or 0 when there is no such file. */
static char read_answer(const char *sys, uint64_t device, const char *below)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf answer = { 0 };

	strbuf_add_format(&path, "%s/dev/block/%u:%u/%squeue/rotational", sys, major(device),
	                  minor(device), below);
	if (fdio_read_file(AT_FDCWD, strbuf_str(&path), ANSWER_MAX, &answer) < 0)
		return 0;
	return strbuf_str(&answer)[0];
}

bool disk_rotates(const char *sys, uint64_t device)
{
	char answer = read_answer(sys, device, "");

	/* The entry of a partition is a directory in that of its disk. */
	if (answer == 0)
		answer = read_answer(sys, device, "../");
	return answer == '1';
}

static int take_first(const struct extent *extent, void *user)
{
	if ((extent->flags & (EXTENT_UNKNOWN | EXTENT_INLINE)) == 0)
		*(uint64_t *)user = extent->physical;
	return 1;
}

uint64_t disk_first_byte(int fd)
{
	uint64_t first = UINT64_MAX;

	ignore(extents_read(fd, take_first, &first));
	return first;
}
