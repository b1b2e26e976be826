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

struct waiter {
	struct proc_reader *reader;
	const struct proc_wait_request *request;
	struct pollfd *fds; /* of those that have not ended */
	size_t *indices;    /* of the references, beside `fds` */
	size_t len;
	size_t ended;
	int64_t deadline;
};

static void end_one(struct waiter *w, size_t at)
{
	if (w->request->gone != NULL)
		w->request->gone(w->indices[at], w->request->user);
	w->ended++;
	/* The others keep their order, in which ends that come together are reported. */
	w->len--;
	memmove(&w->fds[at], &w->fds[at + 1], (w->len - at) * sizeof(w->fds[0]));
	memmove(&w->indices[at], &w->indices[at + 1], (w->len - at) * sizeof(w->indices[0]));
}

static void collect(struct waiter *w)
{
	for (size_t i = 0; i < w->len && w->ended < w->request->wanted;) {
		const struct proc_ref *ref = &w->request->refs->items[w->indices[i]];
		bool is_gone =
			ref->pidfd >= 0 ? w->fds[i].revents != 0 : proc_ref_is_gone(w->reader, ref);

		if (is_gone)
			end_one(w, i);
		else
			i++;
	}
}

/* Milliseconds until something must be looked at again, rounded up. */
static int next_nap(const struct waiter *w)
{
	int64_t nap = NAP_MAX_MS;

	for (size_t i = 0; i < w->len; i++) {
		if (w->fds[i].fd < 0)
			nap = LOOK_MS;
	}
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
		int n = poll(w->fds, w->len, nap);

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
		.indices = mem_alloc_array(refs->len + 1, sizeof(*w.indices)),
		.len = refs->len,
		.deadline = deadline_after(request->timeout_ns),
	};
	int result;

	for (size_t i = 0; i < refs->len; i++) {
		w.fds[i] = (struct pollfd){ .fd = refs->items[i].pidfd, .events = POLLIN };
		w.indices[i] = i;
	}
	result = run(&w);
	free(w.fds);
	free(w.indices);
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
