/* SPDX-License-Identifier: MIT */
#include "fs/dir_node.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

enum {
	OPEN_MAX_NODES = 64, /* along one path from the root */
	OPEN_RESERVE = 8,    /* descriptors left to others */
	READER_BUFFER = 64 * 1024,
};

struct dir_node {
	struct dir_node *parent; /* held */
	struct dir_node *below;  /* while an ancestor is opened again: the way down */
	void *data;              /* the caller's */
	void (*release)(void *data);
	dev_t dev;
	ino_t ino;
	unsigned refs;
	unsigned depth;
	unsigned budget; /* how many nodes of this path may be open */
	int fd;          /* -1: closed */
	bool known;      /* dev and ino are set */
	bool follow;
	char name[];
};

static unsigned open_budget(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur >= OPEN_MAX_NODES + OPEN_RESERVE)
		return OPEN_MAX_NODES;
	return limit.rlim_cur > OPEN_RESERVE + 2 ? (unsigned)limit.rlim_cur - OPEN_RESERVE : 2;
}

struct dir_node *dir_node_new(struct dir_node *parent, const char *name, size_t len, bool follow)
{
	struct dir_node *d = mem_alloc(sizeof(*d) + len + 1);

	*d = (struct dir_node){ .parent = parent, .refs = 1, .fd = -1, .follow = follow };
	memcpy(d->name, name, len);
	d->name[len] = '\0';
	d->budget = parent != NULL ? parent->budget : open_budget();
	if (parent != NULL) {
		d->depth = parent->depth + 1;
		parent->refs++;
	}
	return d;
}

static void close_node(struct dir_node *d)
{
	if (d->fd >= 0)
		(void)close(d->fd);
	d->fd = -1;
}

struct dir_node *dir_node_free(struct dir_node *d)
{
	while (d != NULL && --d->refs == 0) {
		struct dir_node *parent = d->parent;

		close_node(d);
		if (d->release != NULL)
			d->release(d->data);
		free(d);
		d = parent;
	}
	return NULL;
}

/* Opens one node whose parent is open. */
static int open_one(struct dir_node *d)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
	struct stat st;
	int fd = openat(d->parent != NULL ? d->parent->fd : AT_FDCWD, d->name,
	                d->follow ? flags : flags | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0) {
		int err = -errno;

		(void)close(fd);
		return err;
	}
	if (d->known && (st.st_dev != d->dev || st.st_ino != d->ino)) {
		(void)close(fd);
		return -ESTALE;
	}
	d->dev = st.st_dev;
	d->ino = st.st_ino;
	d->known = true;
	d->fd = fd;
	return 0;
}

/* The node `budget` levels above is the only one that going down has left open too many. */
static void close_distant(struct dir_node *d)
{
	struct dir_node *up = d;

	for (unsigned i = 0; i < d->budget && up != NULL; i++)
		up = up->parent;
	for (; up != NULL && up->fd >= 0; up = up->parent)
		close_node(up);
}

/* After EMFILE: closes what is open above the parent. False when nothing is. */
static bool relieve(const struct dir_node *d)
{
	struct dir_node *up = d->parent != NULL ? d->parent->parent : NULL;
	bool closed = false;

	for (; up != NULL; up = up->parent) {
		closed = closed || up->fd >= 0;
		close_node(up);
	}
	return closed;
}

int dir_node_open(struct dir_node *d, int *ret)
{
	struct dir_node *from = d;
	int r;

	while (from->fd < 0 && from->parent != NULL) {
		from->parent->below = from;
		from = from->parent;
	}
	for (;;) {
		if (from->fd < 0) {
			r = open_one(from);
			if (r == -EMFILE && relieve(from))
				r = open_one(from);
			if (r < 0)
				return r;
			close_distant(from);
		}
		if (from == d)
			break;
		from = from->below;
	}
	*ret = d->fd;
	return 0;
}

bool dir_node_is_loop(const struct dir_node *d)
{
	for (const struct dir_node *up = d->parent; up != NULL; up = up->parent) {
		if (up->ino == d->ino && up->dev == d->dev)
			return true;
	}
	return false;
}

dev_t dir_node_device(const struct dir_node *d)
{
	return d->dev;
}

struct dir_node *dir_node_parent(const struct dir_node *d)
{
	return d->parent;
}

void dir_node_attach(struct dir_node *d, void *data, void (*release)(void *data))
{
	d->data = data;
	d->release = release;
}

void *dir_node_data(const struct dir_node *d)
{
	return d->data;
}

unsigned dir_node_depth(const struct dir_node *d)
{
	return d->depth;
}

void dir_reader_init(struct dir_reader *r, int fd)
{
	*r = (struct dir_reader){ .fd = fd, .buffer = mem_alloc(READER_BUFFER) };
}

const struct dirent64 *dir_reader_next(struct dir_reader *r)
{
	const void *at;
	const struct dirent64 *d;

	if (r->at == r->len) {
		ssize_t n = getdents64(r->fd, r->buffer, READER_BUFFER);

		/* ENOENT: the directory was removed, which is an end like any other. */
		if (n < 0 && errno != ENOENT)
			r->err = errno;
		r->at = 0;
		r->len = n > 0 ? (size_t)n : 0;
		if (n <= 0)
			return NULL;
	}
	at = r->buffer + r->at;
	d = at;
	r->at += d->d_reclen;
	return d;
}

void dir_reader_release(struct dir_reader *r)
{
	free(r->buffer);
	r->buffer = NULL;
}
