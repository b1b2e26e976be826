/* SPDX-License-Identifier: MIT */
/*
 * The ignore files above a root: a part of a repository is listed by the rules of the whole, as
 * git does it (gitignore(5)). The repository begins at the nearest directory with a .git, on
 * the same file system; where there is none, nothing above the root counts. Rules that
 * would leave out the root itself are not asked about it: it was named by the user.
 */
#include "fs/filter_private.h"

#include "base/strbuf.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

static bool begins_repository(int fd)
{
	struct stat st;

	return fstatat(fd, ".git", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static struct filter_outer *new_outer(const char *path, size_t dir_len)
{
	size_t len = strlen(path);
	size_t skipped = dir_len > 1 ? dir_len + 1 : dir_len;
	struct filter_outer *o = mem_alloc_zeroed(sizeof(*o));
	struct strbuf below = { 0 };

	o->dir = mem_strndup(path, dir_len);
	strbuf_add(&below, path + skipped, len - skipped);
	strbuf_add_char(&below, '/');
	o->below_len = below.len;
	o->below = strbuf_detach(&below);
	return o;
}

struct filter_outer *filter_outer_free(struct filter_outer *o)
{
	while (o) {
		struct filter_outer *next = o->next;

		(void)gitignore_free(o->ignore);
		free(o->dir);
		free(o->below);
		free(o);
		o = next;
	}
	return NULL;
}

/* Where the directory that holds `path`, of `len` bytes, ends in it; 0: there is none. */
static size_t parent_len(const char *path, size_t len)
{
	if (len <= 1)
		return 0;
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len > 1 ? len - 1 : len;
}

/* The parent of `fd`, on the same file system; else -1. */
static int open_parent(int fd, dev_t dev)
{
	int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (up >= 0 && fstat(up, &st) == 0 && st.st_dev == dev)
		return up;
	if (up >= 0)
		(void)close(up);
	return -1;
}

/* Its path without links. False when that cannot be told, or it was removed. */
static bool path_of(int fd, char *ret, size_t size)
{
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, size - 1);
	if (n <= 0 || ret[0] != '/')
		return false;
	ret[n] = '\0';
	return true;
}

struct filter_outer *filter_outer_read(int fd, unsigned *ret_unusable)
{
	char path[PATH_MAX];
	struct filter_outer *first = NULL;
	struct filter_outer **last = &first;
	unsigned unusable = 0;
	bool found = begins_repository(fd);
	struct stat st;
	size_t len;
	int at;

	if (found || fstat(fd, &st) < 0 || !path_of(fd, path, sizeof(path)))
		return NULL;
	at = open_parent(fd, st.st_dev);
	for (len = parent_len(path, strlen(path)); at >= 0 && len > 0 && !found;
	     len = parent_len(path, len)) {
		struct gitignore *rules = gitignore_read(at, &unusable);
		int up;

		if (rules) {
			*last = new_outer(path, len);
			(*last)->ignore = rules;
			last = &(*last)->next;
		}
		found = begins_repository(at);
		up = found ? -1 : open_parent(at, st.st_dev);
		(void)close(at);
		at = up;
	}
	if (at >= 0)
		(void)close(at);
	if (!found)
		return filter_outer_free(first);
	*ret_unusable += unusable;
	return first;
}

const struct ignore_rule *filter_outer_find(const struct filter_outer *o,
                                            const struct ignore_subject *below_root,
                                            const struct filter_outer **ret_where)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	for (; o; o = o->next) {
		struct ignore_subject s = *below_root;
		const struct ignore_rule *rule;

		strbuf_clear(&path);
		strbuf_add(&path, o->below, o->below_len);
		strbuf_add(&path, below_root->path, below_root->path_len);
		s.path = strbuf_str(&path);
		s.path_len = path.len;
		rule = gitignore_find(o->ignore, &s);
		if (rule) {
			*ret_where = o;
			return rule;
		}
	}
	return NULL;
}
