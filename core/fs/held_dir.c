/* SPDX-License-Identifier: MIT */
#include "fs/held_dir.h"

#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

enum {
	OPEN_DEFAULT = 512, /* more than this are not worth their memory in the kernel */
	OPEN_RESERVE = 12,  /* descriptors left to others */
	OPEN_LEAST = 4,
	DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW,
};

struct held_dirs {
	pthread_mutex_t lock; /* of everything below, and of what is marked in struct held_dir */
	unsigned open;
	unsigned max_open;
	struct held_dir *newest, *oldest; /* open ones that nobody uses */
};

struct held_dir {
	struct held_dirs *all;
	struct held_dir *parent; /* held; NULL: a root */
	struct held_dir *newer, *older;
	struct stat st;
	unsigned refs;  /* under the lock, */
	unsigned users; /* this too, */
	int fd;         /* and this */
	bool known;     /* `st` is set */
	size_t name_len;
	char name[];
};

struct held_dirs *held_dirs_new(unsigned max_open)
{
	struct held_dirs *all = mem_alloc_zeroed(sizeof(*all));
	struct rlimit limit;

	(void)pthread_mutex_init(&all->lock, NULL);
	all->max_open = max_open != 0 ? max_open : OPEN_DEFAULT;
	if (max_open == 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < OPEN_DEFAULT + OPEN_RESERVE)
		all->max_open =
			limit.rlim_cur > OPEN_RESERVE ? (unsigned)limit.rlim_cur - OPEN_RESERVE : 0;
	if (all->max_open < OPEN_LEAST)
		all->max_open = OPEN_LEAST;
	return all;
}

struct held_dirs *held_dirs_free(struct held_dirs *all)
{
	if (all != NULL)
		(void)pthread_mutex_destroy(&all->lock);
	free(all);
	return NULL;
}

static void unlink_idle(struct held_dir *d)
{
	struct held_dirs *all = d->all;

	*(d->newer != NULL ? &d->newer->older : &all->newest) = d->older;
	*(d->older != NULL ? &d->older->newer : &all->oldest) = d->newer;
	d->newer = NULL;
	d->older = NULL;
}

static void add_idle(struct held_dir *d)
{
	struct held_dirs *all = d->all;

	d->older = all->newest;
	d->newer = NULL;
	*(all->newest != NULL ? &all->newest->newer : &all->oldest) = d;
	all->newest = d;
}

static void close_now(struct held_dir *d)
{
	(void)close(d->fd);
	d->fd = -1;
	d->all->open--;
}

/* Under the lock. False when all that are open are in use. */
static bool close_oldest(struct held_dirs *all)
{
	struct held_dir *d = all->oldest;

	if (d == NULL)
		return false;
	unlink_idle(d);
	close_now(d);
	return true;
}

static struct held_dir *new_dir(struct held_dirs *all, const char *name, size_t len)
{
	struct held_dir *d = mem_alloc(sizeof(*d) + len + 1);

	*d = (struct held_dir){ .all = all, .refs = 1, .fd = -1, .name_len = len };
	memcpy(d->name, name, len);
	d->name[len] = '\0';
	return d;
}

int held_dir_root(struct held_dirs *all, int fd, struct held_dir **ret)
{
	struct held_dir *d = new_dir(all, "", 0);

	if (fstat(fd, &d->st) != 0) {
		int err = -errno;

		free(d);
		(void)close(fd);
		return err;
	}
	d->known = true;
	d->fd = fd;
	d->users = 1; /* never idle, so never closed before its time */
	(void)pthread_mutex_lock(&all->lock);
	all->open++;
	(void)pthread_mutex_unlock(&all->lock);
	*ret = d;
	return 0;
}

struct held_dir *held_dir_child(struct held_dir *parent, const char *name, size_t len)
{
	struct held_dir *d = new_dir(parent->all, name, len);

	d->parent = held_dir_ref(parent);
	return d;
}

struct held_dir *held_dir_ref(struct held_dir *d)
{
	(void)pthread_mutex_lock(&d->all->lock);
	d->refs++;
	(void)pthread_mutex_unlock(&d->all->lock);
	return d;
}

struct held_dir *held_dir_free(struct held_dir *d)
{
	struct held_dirs *all = d != NULL ? d->all : NULL;

	if (d == NULL)
		return NULL;
	(void)pthread_mutex_lock(&all->lock);
	while (d != NULL && --d->refs == 0) {
		struct held_dir *parent = d->parent;

		if (d->fd >= 0) {
			if (parent != NULL)
				unlink_idle(d);
			close_now(d);
		}
		free(d);
		d = parent;
	}
	(void)pthread_mutex_unlock(&all->lock);
	return NULL;
}

/* Uses it when it is open. */
static bool use_if_open(struct held_dir *d)
{
	bool open;

	(void)pthread_mutex_lock(&d->all->lock);
	open = d->fd >= 0;
	if (open && d->users++ == 0)
		unlink_idle(d);
	(void)pthread_mutex_unlock(&d->all->lock);
	return open;
}

void held_dir_put(struct held_dir *d)
{
	struct held_dirs *all = d->all;

	(void)pthread_mutex_lock(&all->lock);
	if (--d->users == 0) {
		add_idle(d);
		while (all->open > all->max_open && close_oldest(all))
			;
	}
	(void)pthread_mutex_unlock(&all->lock);
}

/* Room for one more descriptor. */
static void make_room(struct held_dirs *all)
{
	(void)pthread_mutex_lock(&all->lock);
	while (all->open >= all->max_open && close_oldest(all))
		;
	(void)pthread_mutex_unlock(&all->lock);
}

static bool relieve(struct held_dirs *all)
{
	bool closed;

	(void)pthread_mutex_lock(&all->lock);
	closed = close_oldest(all);
	(void)pthread_mutex_unlock(&all->lock);
	return closed;
}

static int open_name(struct held_dirs *all, int dirfd, const char *name)
{
	int fd;

	make_room(all);
	do
		fd = openat(dirfd, name, DIR_FLAGS);
	while (fd < 0 &&
	       (errno == EINTR || ((errno == EMFILE || errno == ENFILE) && relieve(all))));
	return fd >= 0 ? fd : -errno;
}

/* Makes `fd` the directory's, which is then in use. Another thread may have been faster. */
static int install(struct held_dir *d, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		int err = -errno;

		(void)close(fd);
		return err;
	}
	(void)pthread_mutex_lock(&d->all->lock);
	if (d->known && (d->st.st_dev != st.st_dev || d->st.st_ino != st.st_ino)) {
		(void)pthread_mutex_unlock(&d->all->lock);
		(void)close(fd);
		return -ESTALE;
	}
	if (!d->known)
		d->st = st;
	d->known = true;
	if (d->fd >= 0) {
		(void)close(fd);
		if (d->users == 0)
			unlink_idle(d);
	} else {
		d->fd = fd;
		d->all->open++;
	}
	d->users++;
	(void)pthread_mutex_unlock(&d->all->lock);
	return 0;
}

struct chain {
	VEC_FIELDS(struct held_dir *);
};

int held_dir_get(struct held_dir *d, int *ret)
{
	struct chain closed = { 0 };
	struct held_dir *from = d;
	int r = 0;

	while (!use_if_open(from)) {
		vec_push(&closed, from);
		from = from->parent;
	}
	while (r == 0 && closed.len > 0) {
		struct held_dir *next = vec_pop(&closed);
		int fd = open_name(d->all, from->fd, next->name);

		r = fd >= 0 ? install(next, fd) : fd;
		held_dir_put(from);
		from = next;
	}
	vec_release(&closed);
	if (r == 0)
		*ret = d->fd;
	return r;
}

void held_dir_open_parent(struct held_dir *d)
{
	struct held_dir *up = d->parent;

	if (up == NULL)
		return;
	if (!use_if_open(up)) {
		int fd = open_name(d->all, d->fd, "..");

		if (fd < 0 || install(up, fd) < 0)
			return;
	}
	held_dir_put(up);
}

const struct stat *held_dir_stat(const struct held_dir *d)
{
	return &d->st;
}

struct held_dir *held_dir_parent(const struct held_dir *d)
{
	return d->parent;
}

const char *held_dir_name(const struct held_dir *d, size_t *ret_len)
{
	*ret_len = d->name_len;
	return d->name;
}
