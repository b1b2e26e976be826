/* SPDX-License-Identifier: MIT */
#include "sys/outlet.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { QUEUE_FULL = 256 * 1024 };

enum outlet_kind {
	OUTLET_FILE, /* never makes anybody wait for a reader */
	OUTLET_OWN,  /* opened anew, and non-blocking */
	OUTLET_NONBLOCKING,
	OUTLET_SOCKET,  /* asked not to wait at each call */
	OUTLET_CAREFUL, /* only written to when there is room, and no more than surely fits */
};

struct outlet {
	struct event_loop *loop;
	int fd;
	enum outlet_kind kind;
	outlet_room *room;
	void *user;
	struct strbuf queue;
	size_t done; /* bytes of it that were written */
	int err;
	bool watched; /* by the loop */
	bool waits;   /* for room; else only for the reader of a pipe to leave */
};

/* A second opening of a pipe or terminal has flags of its own. */
static int open_anew(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* A second opening of the master of a pseudo terminal would be a new one. */
static bool may_be_opened_anew(int fd, const struct stat *st)
{
	return S_ISFIFO(st->st_mode) ||
	       (S_ISCHR(st->st_mode) && isatty(fd) == 1 && st->st_rdev != makedev(5, 2));
}

static void on_event(uint32_t events, void *user);

/* To be called when there is room, or only when there is nobody to read any more. */
static void watch(struct outlet *o, bool waits)
{
	int r = 0;

	if (o->watched)
		event_loop_change(o->loop, o->fd, waits ? EPOLLOUT : 0);
	else
		r = event_loop_add(o->loop, o->fd, waits ? EPOLLOUT : 0, on_event, o);
	o->watched = r == 0;
	o->waits = waits;
	if (r < 0 && waits)
		o->err = r;
}

static void unwatch(struct outlet *o)
{
	if (o->watched)
		event_loop_remove(o->loop, o->fd);
	o->watched = false;
	o->waits = false;
}

struct outlet *outlet_new(const struct outlet_request *request)
{
	struct outlet *o = mem_alloc_zeroed(sizeof(*o));
	struct stat st;
	int own = -1;

	*o = (struct outlet){ .loop = request->loop,
		              .fd = request->fd,
		              .kind = OUTLET_CAREFUL,
		              .room = request->room,
		              .user = request->user };
	if (request->nonblocking) {
		o->kind = OUTLET_NONBLOCKING;
	} else if (fstat(request->fd, &st) < 0) {
		o->err = -errno;
	} else if ((fcntl(request->fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
		/* It would never have room, and opening it anew would make up a right. */
		o->err = -EBADF;
	} else if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
		o->kind = OUTLET_FILE;
	} else if (S_ISSOCK(st.st_mode)) {
		o->kind = OUTLET_SOCKET;
	} else if (may_be_opened_anew(request->fd, &st)) {
		own = open_anew(request->fd);
	}
	if (own >= 0) {
		o->kind = OUTLET_OWN;
		o->fd = own;
	}
	/* Who writes to us is to be told as early as when it wrote to that pipe itself. */
	if (own >= 0 && S_ISFIFO(st.st_mode))
		watch(o, false);
	return o;
}

struct outlet *outlet_free(struct outlet *o)
{
	if (o == NULL)
		return NULL;
	unwatch(o);
	if (o->kind == OUTLET_OWN)
		(void)close(o->fd);
	strbuf_release(&o->queue);
	free(o);
	return NULL;
}

static ssize_t write_some(const struct outlet *o, const char *bytes, size_t len)
{
	struct pollfd room = { .fd = o->fd, .events = POLLOUT };

	switch (o->kind) {
	case OUTLET_SOCKET:
		return send(o->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case OUTLET_CAREFUL:
		if (poll(&room, 1, 0) == 0) {
			errno = EAGAIN;
			return -1;
		}
		return write(o->fd, bytes, len < PIPE_BUF ? len : PIPE_BUF);
	case OUTLET_FILE:
	case OUTLET_OWN:
	case OUTLET_NONBLOCKING:
	default:
		return write(o->fd, bytes, len);
	}
}

/* How many bytes could be written now. */
static size_t write_now(struct outlet *o, const char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len && o->err == 0) {
		ssize_t n = write_some(o, bytes + done, len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			o->err = -errno;
	}
	return done;
}

static void on_event(uint32_t events, void *user)
{
	struct outlet *o = user;

	if (!o->waits && (events & EPOLLERR) != 0)
		o->err = -EPIPE;
	o->done += write_now(o, o->queue.data + o->done, o->queue.len - o->done);
	if (o->done == o->queue.len || o->err != 0) {
		strbuf_clear(&o->queue);
		o->done = 0;
		if (o->err != 0 || o->kind != OUTLET_OWN)
			unwatch(o);
		else
			watch(o, false);
	}
	if (!outlet_is_full(o))
		o->room(o->user);
}

void outlet_add(struct outlet *o, const char *bytes, size_t len)
{
	size_t done = outlet_is_empty(o) ? write_now(o, bytes, len) : 0;

	if (o->err != 0 || done == len)
		return;
	if (o->done > 0) {
		size_t left = o->queue.len - o->done;

		memmove(o->queue.data, o->queue.data + o->done, left);
		strbuf_truncate(&o->queue, left);
		o->done = 0;
	}
	strbuf_add(&o->queue, bytes + done, len - done);
	if (!o->waits)
		watch(o, true);
}

bool outlet_is_full(const struct outlet *o)
{
	return o->err == 0 && o->queue.len - o->done >= QUEUE_FULL;
}

bool outlet_is_empty(const struct outlet *o)
{
	return o->err != 0 || o->queue.len == 0;
}

int outlet_error(const struct outlet *o)
{
	return o->err;
}
