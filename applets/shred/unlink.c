/* SPDX-License-Identifier: MIT */
/* The end of a file: cut, renamed to shorter and shorter names, removed. */
#include "shred.h"

#include <errno.h>
#include <fcntl.h>

static int fail(const struct shred *s, const struct victim *v, const char *verb)
{
	return diag_fail(s->ctx->diag, errno, verb, v->path);
}

/* Is it still this file's name? */
static bool is_still(const struct victim *v, const char *name)
{
	struct stat st;

	return fstatat(v->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_dev == v->st.st_dev && st.st_ino == v->st.st_ino;
}

/* The next name of so many bytes: digits that count up. False: all of them were tried. */
static bool next_name(char *name, size_t len)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	enum { LAST = sizeof(digits) - 2 };

	for (size_t i = len; i > 0; i--) {
		const char *at = strchr(digits, name[i - 1]);

		if (at != NULL && at < digits + LAST) {
			name[i - 1] = at[1];
			return true;
		}
		name[i - 1] = digits[0];
	}
	return false;
}

/* Gives it a free name of so many bytes; false when there is none, or it must not be renamed. */
static bool rename_to(const struct victim *v, const char *name, char *ret, size_t len)
{
	enum { TRIES = 4096 };

	memset(ret, '0', len);
	ret[len] = '\0';
	for (int i = 0; i < TRIES; i++) {
		if (renameat2(v->dirfd, name, v->dirfd, ret, RENAME_NOREPLACE) == 0)
			return true;
		if (errno != EEXIST || !next_name(ret, len))
			return false;
	}
	return false;
}

int wipe_name(const struct shred *s, const struct victim *v)
{
	char name[NAME_MAX + 1], shorter[NAME_MAX + 1];
	size_t len = strlen(v->name);
	bool wipes = s->opts->remove != REMOVE_UNLINK;

	memcpy(name, v->name, len + 1);
	if (!is_still(v, name))
		return diag_fail_text(s->ctx->diag, v->path,
		                      "not removed: the name is another file's by now");
	if (ftruncate(v->fd, 0) != 0)
		return fail(s, v, "cut");
	for (; wipes && len > 0; len--) {
		if (!rename_to(v, name, shorter, len))
			continue;
		if (s->opts->remove == REMOVE_WIPESYNC && fsync(v->dirfd) != 0)
			return fail(s, v, "sync the directory of");
		memcpy(name, shorter, len + 1);
	}
	if (!is_still(v, name) || unlinkat(v->dirfd, name, 0) != 0)
		return fail(s, v, "remove");
	if (fsync(v->dirfd) != 0)
		return fail(s, v, "sync the directory of");
	if (s->opts->verbose)
		diag_warn(s->ctx->diag, v->path, "removed");
	return 0;
}
