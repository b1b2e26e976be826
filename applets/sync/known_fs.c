/* SPDX-License-Identifier: MIT */
/*
 * Which file systems SRC and DST were on in the last run, kept in an extended attribute of DST
 * that no sync copies: an unmounted disk shows as another file system under the same path. Where
 * DST cannot have attributes nothing is known, and the other guards have to do.
 */
#include "sync.h"

#include <stdio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

enum { TEXT_MAX = 128 };

struct fs_id {
	char text[48];
};

/* Type and f_fsid, which is made from the file system's own number where it has one. */
static bool find_id(int fd, struct fs_id *ret)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	(void)snprintf(ret->text, sizeof(ret->text), "%lx:%08x%08x", (unsigned long)fs.f_type,
	               (unsigned)fs.f_fsid.__val[0], (unsigned)fs.f_fsid.__val[1]);
	return fs.f_fsid.__val[0] != 0 || fs.f_fsid.__val[1] != 0;
}

int sync_fs_is_new(const struct sync_run *run, const char **ret_side)
{
	char text[TEXT_MAX];
	char from[sizeof(struct fs_id)];
	char to[sizeof(struct fs_id)];
	struct fs_id now;
	ssize_t n = run->to_fd < 0
	                    ? -1
	                    : fgetxattr(run->to_fd, meta_own_attribute, text, sizeof(text) - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	if (sscanf(text, "1 %47s %47s", from, to) != 2)
		return 0;
	*ret_side = "SRC";
	if (find_id(run->from_fd, &now) && strcmp(now.text, from) != 0)
		return 1;
	*ret_side = "DST";
	return find_id(run->to_fd, &now) && strcmp(now.text, to) != 0;
}

void sync_fs_remember(const struct sync_run *run)
{
	char text[TEXT_MAX];
	char old[TEXT_MAX];
	struct fs_id from;
	struct fs_id to;
	ssize_t n;
	int len;

	if (run->to_fd < 0 || !find_id(run->from_fd, &from) || !find_id(run->to_fd, &to))
		return;
	len = snprintf(text, sizeof(text), "1 %s %s", from.text, to.text);
	n = fgetxattr(run->to_fd, meta_own_attribute, old, sizeof(old));
	if (n == len && memcmp(old, text, (size_t)len) == 0)
		return;
	ignore(fsetxattr(run->to_fd, meta_own_attribute, text, (size_t)len, 0));
}
