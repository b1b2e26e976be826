/* SPDX-License-Identifier: MIT */
/* From operands to processes that are held. */
#include "kill.h"

#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>

bool kill_wants_members(const struct kill_opts *o)
{
	return o->wait != NULL || o->escalate != NULL || o->timeouts.len > 0 || o->tree ||
	       o->dry_run || o->print || o->json || o->require_handler || o->queue != NULL;
}

/* -PGID and -1; the number alone is at text + 1. */
static bool parse_negative(const char *text, struct target *ret)
{
	uint64_t number;

	if (num_parse_u64(text + 1, &number) < 0 || number == 0 || number > INT_MAX)
		return false;
	ret->kind = number == 1 ? TARGET_ALL : TARGET_GROUP;
	ret->number = (pid_t)number;
	return true;
}

static int refuse(struct killer *k, const char *text, int why)
{
	struct text_error where = { .reason = "no process can have this number",
		                    .len = strlen(text) };

	if (why == -EINVAL)
		where.reason =
			text[0] == '+' || text[0] == ' ' || (text[0] >= '0' && text[0] <= '9')
				? "not a process id"
				: "not a process id; to signal by name, use pkill";
	return diag_caret(k->ctx->diag, "bad operand", text, &where);
}

static int parse_target(struct killer *k, const char *text)
{
	struct target target = { .kind = TARGET_PROCESS, .text = text };
	int r;

	if (text[0] == '-') {
		if (!parse_negative(text, &target))
			return refuse(k, text, -EINVAL);
	} else if (strcmp(text, "0") == 0) {
		target.kind = TARGET_GROUP;
		target.number = getpgrp();
	} else {
		r = proc_id_parse(text, &target.id);
		if (r < 0)
			return refuse(k, text, r);
	}
	if (target.kind != TARGET_PROCESS && (k->opts->group || k->opts->session))
		return diag_usage(k->ctx->diag, "--group and --session are about processes");
	vec_push(&k->targets, target);
	return 0;
}

int kill_parse_targets(struct killer *k, char **operands)
{
	for (; *operands != NULL; operands++) {
		int status = parse_target(k, *operands);

		if (status != 0)
			return status;
	}
	if (k->targets.len == 0 && k->opts->port == NULL && k->opts->cgroup == NULL)
		return diag_usage(k->ctx->diag, "nothing to signal: no process id is given");
	return 0;
}

void kill_let_go(struct killer *k)
{
	proc_ref_close(&k->refs.items[--k->refs.len]);
	k->texts.len--;
}

void kill_hold(struct killer *k, const char *text, const struct proc_id *id)
{
	struct proc_status status;
	struct proc_stat stat = { 0 };
	struct proc_ref ref;
	int r = proc_ref_open_id(&k->reader, id, &ref);

	if (r < 0) {
		kill_report(k, text, NULL, r);
		return;
	}
	if (proc_read_stat(&k->reader, ref.pid, 0, &stat) == 0 && proc_stat_is_dead(&stat)) {
		kill_report(k, text, &ref, -EOWNERDEAD);
		proc_ref_close(&ref);
		return;
	}
	if (k->opts->require_handler &&
	    (proc_read_status(&k->reader, ref.pid, &status) < 0 || k->steps.steps[0].signo < 1 ||
	     (status.caught >> (k->steps.steps[0].signo - 1) & 1) == 0)) {
		kill_skip(k, text, &ref, "it has no handler for the signal");
		proc_ref_close(&ref);
		return;
	}
	vec_push(&k->refs, ref);
	vec_push(&k->texts, text);
}

static bool is_meant(const struct killer *k, const struct target *t, const struct proc_stat *s)
{
	if (s->pid == k->self || proc_stat_is_dead(s))
		return false;
	if (t->kind == TARGET_GROUP)
		return s->group == t->number;
	if (t->kind == TARGET_SESSION)
		return s->session == t->number;
	return s->pid != 1 && !proc_stat_is_kernel_thread(s);
}

/* Holds all members of a group or session; each is looked at once more when it is held. */
static int hold_members(struct killer *k, const struct target *t)
{
	struct pid_list pids = { 0 };
	size_t found = 0;
	int r = proc_list(&k->reader, &pids);

	for (size_t i = 0; r == 0 && i < pids.len; i++) {
		struct proc_id id = { .pid = pids.items[i] };
		size_t before = k->refs.len;
		struct proc_stat stat = { 0 };

		if (proc_read_stat(&k->reader, id.pid, 0, &stat) < 0 || !is_meant(k, t, &stat))
			continue;
		kill_hold(k, NULL, &id);
		if (k->refs.len == before)
			continue;
		if (proc_read_stat(&k->reader, id.pid, 0, &stat) < 0 || !is_meant(k, t, &stat)) {
			kill_let_go(k);
			continue;
		}
		found++;
	}
	vec_release(&pids);
	if (r < 0)
		return diag_fail(k->ctx->diag, -r, "read", "/proc");
	if (found == 0)
		kill_report(k, t->text, NULL, -ESRCH);
	return 0;
}

/* --group, --session: of the process that is named. */
static int hold_related(struct killer *k, const struct target *t)
{
	struct target whole = { .text = t->text };
	struct proc_stat stat = { 0 };
	struct proc_ref ref;
	int r = proc_ref_open_id(&k->reader, &t->id, &ref);

	if (r == 0) {
		r = proc_read_stat(&k->reader, t->id.pid, 0, &stat);
		proc_ref_close(&ref);
	}
	if (r < 0) {
		kill_report(k, t->text, NULL, r);
		return 0;
	}
	whole.kind = k->opts->group ? TARGET_GROUP : TARGET_SESSION;
	whole.number = k->opts->group ? stat.group : stat.session;
	return hold_members(k, &whole);
}

/* Sends to a whole group by one call, so that nobody can slip away. */
static void signal_group(struct killer *k, const struct target *t)
{
	pid_t to = t->kind == TARGET_ALL ? -1 : -t->number;
	int signo = k->steps.steps[0].signo;

	kill_report(k, t->text, NULL, kill(to, signo) < 0 ? -errno : 0);
}

int kill_hold_targets(struct killer *k)
{
	int status = k->opts->port != NULL ? kill_hold_port(k) : 0;

	if (status == 0 && k->opts->cgroup != NULL)
		status = kill_hold_cgroup(k);

	for (size_t i = 0; i < k->targets.len && status == 0; i++) {
		const struct target *t = &k->targets.items[i];

		if (t->kind != TARGET_PROCESS && !kill_wants_members(k->opts))
			signal_group(k, t);
		else if (t->kind != TARGET_PROCESS)
			status = hold_members(k, t);
		else if (k->opts->group || k->opts->session)
			status = hold_related(k, t);
		else
			kill_hold(k, t->text, &t->id);
	}
	return status;
}
