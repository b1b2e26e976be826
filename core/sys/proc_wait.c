/* SPDX-License-Identifier: MIT */
#include "sys/proc_wait.h"

#include "base/clock.h"
#include "base/sig.h"

#include <errno.h>
#include <poll.h>

enum {
	LOOK_MS = 50,      /* between looks at processes without a pidfd */
	NAP_MAX_MS = 1000, /* a stop that arrives just before poll() is seen after this */
	NS_PER_MS = 1000000,
};

/* poll(2) takes no more entries than there may be descriptors: those without one are apart. */
struct waiter {
	struct proc_reader *reader;
	const struct proc_wait_request *request;
	struct pollfd *fds; /* of those that have not ended */
	size_t *held;       /* indices of the references, beside `fds` */
	size_t n_held;
	size_t *loose; /* indices of those without a pidfd */
	size_t n_loose;
	size_t ended;
	int64_t deadline;
};

static void end_one(struct waiter *w, size_t index)
{
	if (w->request->gone != NULL)
		w->request->gone(index, w->request->user);
	w->ended++;
}

/* Those that stay keep their order, in which ends that come together are reported. */
static void collect(struct waiter *w)
{
	const struct proc_ref *refs = w->request->refs->items;
	size_t kept = 0;

	for (size_t i = 0; i < w->n_held; i++) {
		if (w->fds[i].revents != 0 && w->ended < w->request->wanted) {
			end_one(w, w->held[i]);
			continue;
		}
		w->fds[kept] = w->fds[i];
		w->held[kept++] = w->held[i];
	}
	w->n_held = kept;
	kept = 0;
	for (size_t i = 0; i < w->n_loose; i++) {
		if (w->ended < w->request->wanted &&
		    proc_ref_is_gone(w->reader, &refs[w->loose[i]]))
			end_one(w, w->loose[i]);
		else
			w->loose[kept++] = w->loose[i];
	}
	w->n_loose = kept;
}

/* Milliseconds until something must be looked at again, rounded up. */
static int next_nap(const struct waiter *w)
{
	int64_t nap = w->n_loose > 0 ? LOOK_MS : NAP_MAX_MS;

	if (w->deadline != INT64_MAX) {
		int64_t left = (w->deadline - clock_now() + NS_PER_MS - 1) / NS_PER_MS;

		if (left < nap)
			nap = left > 0 ? left : 0;
	}
	return (int)nap;
}

static int run(struct waiter *w)
{
	int nap = 0;

	for (;;) {
		int n = poll(w->fds, w->n_held, nap);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (sig_stopped())
			return -EINTR;
		if (n >= 0)
			collect(w);
		if (w->ended >= w->request->wanted)
			return 0;
		if (w->deadline != INT64_MAX && clock_now() >= w->deadline)
			return -ETIMEDOUT;
		nap = next_nap(w);
	}
}

static int64_t deadline_after(int64_t timeout_ns)
{
	int64_t now = clock_now();

	return timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}

int proc_wait(struct proc_reader *r, const struct proc_wait_request *request)
{
	const struct proc_refs *refs = request->refs;
	struct waiter w = {
		.reader = r,
		.request = request,
		.fds = mem_alloc_array(refs->len + 1, sizeof(*w.fds)),
		.held = mem_alloc_array(refs->len + 1, sizeof(*w.held)),
		.loose = mem_alloc_array(refs->len + 1, sizeof(*w.loose)),
		.deadline = deadline_after(request->timeout_ns),
	};
	int result;

	for (size_t i = 0; i < refs->len; i++) {
		int pidfd = refs->items[i].pidfd;

		if (pidfd < 0) {
			w.loose[w.n_loose++] = i;
			continue;
		}
		w.fds[w.n_held] = (struct pollfd){ .fd = pidfd, .events = POLLIN };
		w.held[w.n_held++] = i;
	}
	result = run(&w);
	free(w.fds);
	free(w.held);
	free(w.loose);
	return result;
}

int proc_wait_status(const struct proc_ref *ref, int64_t patience_ns, int *ret_status)
{
	struct pollfd fd = { .fd = ref->pidfd };
	int64_t deadline = deadline_after(patience_ns);

	for (;;) {
		int64_t left = deadline - clock_now();

		if (proc_ref_exit_status(ref, ret_status) == 0)
			return 0;
		if (ref->pidfd < 0 || left <= 0)
			return -ENODATA;
		/* Only the hang-up is waited for: the process is no more, not even as a zombie. */
		if (poll(&fd, 1, (int)(left / NS_PER_MS) + 1) < 0 && errno != EINTR)
			return -ENODATA;
		if (fd.revents != 0)
			return proc_ref_exit_status(ref, ret_status);
	}
}
