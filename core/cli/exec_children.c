/* SPDX-License-Identifier: MIT */
#include "cli/exec_children.h"

#include "base/fdio.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

enum { COPY_SIZE = 8192 };

void exec_children_init(struct exec_children *c, size_t max, bool capture, struct out *out)
{
	const char *directory = getenv("TMPDIR");

	if (directory == NULL || directory[0] != '/')
		directory = "/tmp";
	*c = (struct exec_children){
		.max = max > 0 ? max : 1, .capture = capture, .out = out, .directory = directory
	};
}

void exec_children_release(struct exec_children *c)
{
	vec_release(c);
}

bool exec_children_full(const struct exec_children *c)
{
	return c->len >= c->max;
}

/* A descriptor or -errno. Appending: also what the command opens by name goes behind the rest. */
static int open_capture(const struct exec_children *c)
{
	int fd = open(c->directory, O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);

	if (fd >= 0 || errno == EMFILE || errno == ENFILE)
		return fd >= 0 ? fd : -errno;
	fd = memfd_create("output", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void)fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

static void close_output(struct exec_child *child)
{
	for (size_t i = 0; i < ARRAY_LEN(child->output); i++) {
		if (child->output[i] >= 0)
			(void)close(child->output[i]);
	}
}

static int start(struct exec_children *c, const struct spawn_request *request,
                 struct exec_child *child)
{
	struct spawn_request own = *request;

	for (int i = 0; c->capture && i < 2; i++) {
		int fd = open_capture(c);

		if (fd < 0)
			return fd;
		child->output[i] = fd;
		own.fds[i + 1] = fd;
	}
	return spawn_start(&own, &child->process);
}

int exec_children_start(struct exec_children *c, const struct spawn_request *request,
                        const char *label)
{
	struct exec_child child = { .output = { -1, -1 } };
	int r = start(c, request, &child);

	if (r < 0) {
		close_output(&child);
		return r;
	}
	if (label != NULL)
		child.label = mem_strdup(label);
	vec_push(c, child);
	return 0;
}

/* What the command wrote, to where it would have gone. True when there was something. */
static bool pass_on(const struct exec_children *c, int from, int to)
{
	char buffer[COPY_SIZE];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, buffer, sizeof(buffer), at)) > 0) {
		if (to == STDOUT_FILENO)
			out_text(c->out, buffer, (size_t)n);
		else
			ignore(fdio_write_all(to, buffer, (size_t)n));
		at += n;
	}
	return at > 0;
}

/* Those that are told to stop by the terminal know already. */
static void forward_stop(struct exec_children *c)
{
	int signo = sig_number();

	if (signo == 0 || c->forwarded)
		return;
	c->forwarded = true;
	for (size_t i = 0; i < c->len && (signo == SIGTERM || signo == SIGHUP); i++)
		ignore(spawn_signal(&c->items[i].process, signo));
}

static bool has_ended(const struct pollfd *fds, size_t n, size_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (fds[i].revents != 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/*
 * The next that has ended, or, where the kernel cannot tell which will be that, the first. The
 * stopping signals are let in only while poll() sleeps: none is missed before it does.
 */
static bool find_ended(struct exec_children *c, struct pollfd *fds, bool wait, size_t *ret)
{
	static const struct timespec at_once = { 0 };
	sigset_t stopping, before;
	bool found = false;

	for (size_t i = 0; i < c->len; i++) {
		fds[i] = (struct pollfd){ .fd = c->items[i].process.pidfd, .events = POLLIN };
		if (fds[i].fd < 0) {
			*ret = 0;
			return wait;
		}
	}
	(void)sigemptyset(&stopping);
	(void)sigaddset(&stopping, SIGINT);
	(void)sigaddset(&stopping, SIGTERM);
	(void)sigaddset(&stopping, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &stopping, &before);
	do {
		forward_stop(c);
		if (ppoll(fds, c->len, wait ? NULL : &at_once, &before) > 0)
			found = has_ended(fds, c->len, ret);
	} while (wait && !found);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return found;
}

static int wait_for(struct exec_children *c, struct exec_child *child, int *ret_status)
{
	int r;

	do {
		forward_stop(c);
		r = spawn_wait(&child->process, ret_status);
	} while (r == -EINTR);
	return r;
}

bool exec_children_collect(struct exec_children *c, bool wait, struct exec_end *ret)
{
	struct pollfd *fds;
	struct exec_child *child;
	size_t index = 0;
	bool found;
	bool wrote = false;

	if (c->len == 0)
		return false;
	fds = mem_alloc_array(c->len, sizeof(*fds));
	found = find_ended(c, fds, wait, &index);
	free(fds);
	if (!found)
		return false;
	child = &c->items[index];
	*ret = (struct exec_end){ .label = child->label };
	ret->err = wait_for(c, child, &ret->wait_status);
	if (child->output[0] >= 0)
		wrote = pass_on(c, child->output[0], STDOUT_FILENO);
	/* Seen when it is there, and before what the command had to complain about. */
	if (wrote)
		out_flush(c->out);
	if (child->output[1] >= 0)
		(void)pass_on(c, child->output[1], STDERR_FILENO);
	close_output(child);
	memmove(child, child + 1, (c->len - index - 1) * sizeof(*child));
	c->len--;
	return true;
}
