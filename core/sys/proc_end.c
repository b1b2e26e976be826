/* SPDX-License-Identifier: MIT */
#include "sys/proc_end.h"

#include <errno.h>
#include <signal.h>

struct ending {
	struct proc_reader *reader;
	const struct proc_end_request *request;
	struct proc_refs left; /* borrowed references: those that may still be there */
	size_t *indices;       /* in request->refs, beside `left` */
	bool *is_gone;         /* beside `left` */
};

/* A stopped process does not act on a signal before it is resumed. */
static bool wants_resume(const struct ending *e, int signo)
{
	return e->request->resume && signo != 0 && signo != SIGKILL && signo != SIGSTOP &&
	       signo != SIGTSTP && signo != SIGTTIN && signo != SIGTTOU && signo != SIGCONT;
}

static int send_one(const struct ending *e, const struct proc_ref *ref, int signo)
{
	const struct proc_end_request *q = e->request;
	int result = q->queue ? proc_ref_queue(e->reader, ref, signo, q->value)
	                      : proc_ref_signal(e->reader, ref, signo);

	if (result == 0 && wants_resume(e, signo))
		ignore(proc_ref_signal(e->reader, ref, SIGCONT));
	if (result == 0 && signo == SIGKILL && q->release_memory)
		ignore(proc_ref_release_memory(ref));
	return result;
}

/* Keeps those that are worth waiting for. */
static void keep(struct ending *e, const bool *is_kept)
{
	size_t len = 0;

	for (size_t i = 0; i < e->left.len; i++) {
		if (!is_kept[i])
			continue;
		e->left.items[len] = e->left.items[i];
		e->indices[len++] = e->indices[i];
	}
	e->left.len = len;
}

static void send_all(struct ending *e, int signo)
{
	bool *is_kept = mem_alloc_array(e->left.len + 1, sizeof(*is_kept));

	for (size_t i = 0; i < e->left.len; i++) {
		int result;

		if (e->request->sending != NULL)
			e->request->sending(e->indices[i], signo, e->request->user);
		result = send_one(e, &e->left.items[i], signo);

		is_kept[i] = result == 0;
		if (e->request->sent != NULL)
			e->request->sent(e->indices[i], signo, result, e->request->user);
	}
	/* Whoever was started since they were held; before 5.14 there is no such thing. */
	if (signo == SIGKILL && e->request->cgroup != NULL)
		ignore(cgroup_kill(e->request->cgroup));
	keep(e, is_kept);
	free(is_kept);
}

static void mark_gone(size_t index, void *user)
{
	struct ending *e = user;

	e->is_gone[index] = true;
	if (e->request->gone != NULL)
		e->request->gone(e->indices[index], e->request->user);
}

static int wait_for_left(struct ending *e, int64_t wait_ns)
{
	struct proc_wait_request request = { .refs = &e->left,
		                             .wanted = e->left.len,
		                             .timeout_ns = wait_ns,
		                             .gone = mark_gone,
		                             .user = e };
	int result;

	memset(e->is_gone, 0, e->left.len * sizeof(*e->is_gone));
	result = proc_wait(e->reader, &request);
	for (size_t i = 0; i < e->left.len; i++)
		e->is_gone[i] = !e->is_gone[i];
	keep(e, e->is_gone);
	return result;
}

int proc_end(struct proc_reader *r, const struct proc_end_request *request)
{
	struct ending e = { .reader = r,
		            .request = request,
		            .indices = mem_alloc_array(request->refs->len + 1, sizeof(*e.indices)),
		            .is_gone =
		                    mem_alloc_array(request->refs->len + 1, sizeof(*e.is_gone)) };
	int result = 0;

	for (size_t i = 0; i < request->refs->len; i++) {
		vec_push(&e.left, request->refs->items[i]);
		e.indices[i] = i;
	}
	for (size_t i = 0; i < request->schedule->len; i++) {
		const struct signal_step *step = &request->schedule->steps[i];

		send_all(&e, step->signo);
		result = step->wait_ns == 0 ? 0 : wait_for_left(&e, step->wait_ns);
		if (result != -ETIMEDOUT && (result < 0 || e.left.len == 0))
			break;
	}
	vec_release(&e.left);
	free(e.indices);
	free(e.is_gone);
	return result;
}
