/* SPDX-License-Identifier: MIT */
/* Processes by what they have in common: a control group, a port. */
#include "kill.h"

#include <errno.h>

enum { PASSES_MAX = 200 }; /* a fork bomb in the group never stands still */

int kill_guard(struct killer *k, const struct pid_list *pids, const char *what)
{
	struct pid_list ancestors = { 0 };
	int r = process_ancestors(&k->reader, k->self, &ancestors);
	int status = 0;

	for (size_t i = 0; r == 0 && i < pids->len && status == 0; i++) {
		if (pids->items[i] != 1 && !pid_list_has(&ancestors, pids->items[i]))
			continue;
		status = diag_fail_text(
			k->ctx->diag, NULL, "%s %s (%d); nothing was signalled", what,
			pids->items[i] == 1 ? "holds the first of all processes"
					    : "holds this command itself or what started it",
			(int)pids->items[i]);
	}
	vec_release(&ancestors);
	return r < 0 ? diag_fail(k->ctx->diag, -r, "read", "/proc") : status;
}

static bool is_held(const struct killer *k, size_t from, pid_t pid)
{
	for (size_t i = from; i < k->refs.len; i++) {
		if (k->refs.items[i].pid == pid)
			return true;
	}
	return false;
}

/* Who is held and is no member now was none when it was taken hold of, or has left. */
static void drop_strangers(struct killer *k, size_t from, const struct pid_list *members)
{
	for (size_t i = from; i < k->refs.len;) {
		if (pid_list_has(members, k->refs.items[i].pid)) {
			i++;
			continue;
		}
		/* The last one takes its place. */
		proc_ref_close(&k->refs.items[i]);
		k->refs.items[i] = k->refs.items[--k->refs.len];
		k->texts.items[i] = k->texts.items[--k->texts.len];
	}
}

/* Holds the members until nobody new is there; a number that changes hands is no member then. */
static int hold_members(struct killer *k)
{
	struct pid_list members = { 0 };
	size_t from = k->refs.len;
	bool has_grown = true;
	int status = 0;

	for (int pass = 0; has_grown && status == 0 && pass < PASSES_MAX; pass++) {
		int r;

		vec_clear(&members);
		r = cgroup_list_all(&k->cgroup, &members);
		if (r < 0)
			status = diag_fail(k->ctx->diag, -r, "list the processes of",
			                   k->opts->cgroup);
		if (status == 0)
			status = kill_guard(k, &members, "the control group");
		if (status != 0)
			break;
		drop_strangers(k, from, &members);
		has_grown = false;
		for (size_t i = 0; i < members.len; i++) {
			const struct proc_id id = { .pid = members.items[i] };
			size_t before = k->refs.len;

			if (is_held(k, from, id.pid) || pid_list_has(&k->passed, id.pid))
				continue;
			kill_hold(k, NULL, &id);
			has_grown = has_grown || k->refs.len > before;
			if (k->refs.len == before)
				vec_push(&k->passed, id.pid);
		}
	}
	vec_release(&members);
	if (status == 0 && k->refs.len == from)
		kill_report(k, k->opts->cgroup, NULL, -ESRCH);
	return status;
}

int kill_hold_cgroup(struct killer *k)
{
	int r = cgroup_open(k->opts->cgroup, &k->cgroup);

	if (r == -EMEDIUMTYPE)
		return diag_fail_text(k->ctx->diag, k->opts->cgroup,
		                      "is no control group (version 2)");
	if (r < 0)
		return diag_fail(k->ctx->diag, -r, "open the control group", k->opts->cgroup);
	return hold_members(k);
}

/* Holds those with one of the sockets; each is looked at once more when it is held. */
static int hold_owners(struct killer *k, const struct socket_list *sockets)
{
	struct pid_list pids = { 0 };
	int r = sockets->len > 0 ? proc_list(&k->reader, &pids) : 0;

	for (size_t i = 0; i < pids.len; i++) {
		const struct proc_id id = { .pid = pids.items[i] };
		size_t before = k->refs.len;

		if (id.pid == k->self || !proc_has_socket(&k->reader, id.pid, sockets))
			continue;
		kill_hold(k, NULL, &id);
		if (k->refs.len > before && !proc_has_socket(&k->reader, id.pid, sockets))
			kill_let_go(k);
	}
	vec_release(&pids);
	return r;
}

int kill_hold_port(struct killer *k)
{
	struct socket_list sockets = { 0 };
	size_t before = k->refs.len;
	struct text_error where;
	unsigned protocols;
	uint16_t port;
	int r;

	if (proc_port_parse(k->opts->port, &protocols, &port, &where) < 0)
		return diag_caret(k->ctx->diag, "bad value for --port", k->opts->port, &where);
	r = proc_sockets_of_port(&k->reader, protocols, port, &sockets);
	if (r == 0)
		r = hold_owners(k, &sockets);
	vec_release(&sockets);
	if (r < 0)
		return diag_fail(k->ctx->diag, -r, "find who holds the port", k->opts->port);
	if (k->refs.len == before)
		diag_partial_text(k->ctx->diag, k->opts->port,
		                  "no process that may be seen holds this port");
	return 0;
}
