/* SPDX-License-Identifier: MIT */
/* --meta: what files have beside their content. */
#include "trees.h"

#include "base/json.h"
#include "fs/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

PRINTF_LIKE(3, 4)
static void add(struct strbuf *b, const char *name, const char *format, ...)
{
	va_list args;

	if (b->len > 0)
		strbuf_add_str(b, ", ");
	strbuf_add_str(b, name);
	strbuf_add_char(b, ' ');
	va_start(args, format);
	strbuf_add_vformat(b, format, args);
	va_end(args);
}

static void add_time(struct strbuf *b, struct timespec t)
{
	add(b, "mtime", "%s", "");
	json_add_time(b, t.tv_sec, (uint32_t)t.tv_nsec);
}

/* Where one of the file systems has no fractions of seconds, the other's say nothing. */
static bool is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && (a.tv_nsec == b.tv_nsec || a.tv_nsec == 0 || b.tv_nsec == 0);
}

void meta_compare_stat(enum verify_meta meta, const struct tree_node *a, const struct tree_node *b,
                       const struct meta_sides *s)
{
	const uint32_t bits = 07777;

	/* Modes of links mean nothing; times of directories change with every copy into them. */
	if (!S_ISLNK(a->mode) && (a->mode & bits) != (b->mode & bits)) {
		add(s->expected, "mode", "%04o", a->mode & bits);
		add(s->actual, "mode", "%04o", b->mode & bits);
	}
	if ((S_ISREG(a->mode) || meta == META_ALL) && !is_same_time(a->mtime, b->mtime)) {
		add_time(s->expected, a->mtime);
		add_time(s->actual, b->mtime);
	}
	if (meta == META_ALL && (a->uid != b->uid || a->gid != b->gid)) {
		add(s->expected, "owner", "%u:%u", a->uid, a->gid);
		add(s->actual, "owner", "%u:%u", b->uid, b->gid);
	}
}

/* ---- extended attributes ---- */

/* One side: the name, held open, and the list of its attributes. */
struct attributes {
	struct xattr_way way;
	char path[64]; /* leads to the name itself */
	int fd;
	char *names; /* owned */
	size_t len;
};

static int attributes_read(const struct verify_place *place, const char *path,
                           struct attributes *ret)
{
	struct xattr_file file = { .dirfd = AT_FDCWD, .name = ret->path, .follow = true };
	ssize_t n;

	ret->fd = verify_open_name(place, path);
	if (ret->fd < 0)
		return ret->fd;
	(void)snprintf(ret->path, sizeof(ret->path), "/proc/self/fd/%d", ret->fd);
	ret->names = mem_alloc(XATTR_NAMES_MAX);
	n = xattr_list_at(&ret->way, &file, ret->names, XATTR_NAMES_MAX);
	if (n == -EOPNOTSUPP)
		n = 0;
	if (n < 0)
		return (int)n;
	ret->len = (size_t)n;
	return 0;
}

static void attributes_release(struct attributes *at)
{
	free(at->names);
	if (at->fd >= 0)
		(void)close(at->fd);
}

/* The value of one, in `buffer` of XATTR_SIZE_MAX; its bytes or -errno. */
static ssize_t attribute_value(struct attributes *at, const char *name, char *buffer)
{
	const struct xattr_file file = { .dirfd = AT_FDCWD, .name = at->path, .follow = true };

	return xattr_get_at(&at->way, &file, name, buffer, 65536);
}

/* Names in `a` whose value `b` does not have; or that `b` alone lacks. */
static int compare_attributes(struct attributes *a, struct attributes *b,
                              const struct meta_sides *s)
{
	AUTO_FREE_STR char *x = mem_alloc(65536);
	AUTO_FREE_STR char *y = mem_alloc(65536);

	for (size_t at = 0; at < a->len; at += strlen(a->names + at) + 1) {
		const char *name = a->names + at;
		ssize_t n = attribute_value(a, name, x);
		ssize_t m = xattr_list_has(b->names, b->len, name) ? attribute_value(b, name, y)
		                                                   : -ENODATA;

		if (n == -ENODATA)
			continue;
		if (n < 0 || (m < 0 && m != -ENODATA))
			return (int)(n < 0 ? n : m);
		if (n == m && memcmp(x, y, (size_t)n) == 0)
			continue;
		add(s->expected, "xattr", "%s", name);
		if (m == -ENODATA)
			add(s->actual, "no xattr", "%s", name);
		else
			add(s->actual, "other xattr", "%s", name);
	}
	for (size_t at = 0; at < b->len; at += strlen(b->names + at) + 1) {
		if (xattr_list_has(a->names, a->len, b->names + at))
			continue;
		add(s->expected, "no xattr", "%s", b->names + at);
		add(s->actual, "xattr", "%s", b->names + at);
	}
	return 0;
}

int meta_compare(const struct trees *t, const struct tree_node *a, const struct tree_node *b,
                 struct strbuf *ret_expected, struct strbuf *ret_actual)
{
	const struct meta_sides s = { ret_expected, ret_actual };
	const enum verify_meta meta = (enum verify_meta)t->run->opts->meta;
	struct attributes x = { .fd = -1 };
	struct attributes y = { .fd = -1 };
	int r;

	if (meta == META_NONE || meta == META_AUTO)
		return 0;
	meta_compare_stat(meta, a, b, &s);
	if (meta != META_ALL)
		return 0;
	r = attributes_read(&t->a.place, a->path, &x);
	if (r == 0)
		r = attributes_read(&t->b.place, b->path, &y);
	if (r == 0)
		r = compare_attributes(&x, &y, &s);
	attributes_release(&x);
	attributes_release(&y);
	return r;
}
