/* SPDX-License-Identifier: MIT */
/* Signals, waits, and says what became of it. */
#include "kill.h"

#include "base/sig.h"
#include "sys/proc_gather.h"

#include <errno.h>
#include <signal.h>

enum { COL_TARGET, COL_PID, COL_ID, COL_SIGNAL, COL_RESULT, COL_REASON };

static const struct column item_columns[] = {
	[COL_TARGET] = { "target", COLUMN_TEXT,
	                 "the operand; the pid for members of groups and trees" },
	[COL_PID] = { "pid", COLUMN_COUNT, "process" },
	[COL_ID] = { "id", COLUMN_TEXT, "what tells it from later processes with its pid" },
	[COL_SIGNAL] = { "signal", COLUMN_TEXT, "the signal's name" },
	[COL_RESULT] = { "result", COLUMN_TEXT,
	                 "sent, gone, denied or skipped; planned with --dry-run" },
	[COL_REASON] = { "reason", COLUMN_TEXT, "why it was not sent" },
};
const struct column_table kill_item_table = { item_columns, ARRAY_LEN(item_columns) };

enum { COL_SENT, COL_GONE, COL_DENIED, COL_SKIPPED, COL_LEFT, COL_INTERRUPTED };

static const struct column summary_columns[] = {
	[COL_SENT] = { "sent", COLUMN_COUNT, "processes that got the first signal" },
	[COL_GONE] = { "gone", COLUMN_COUNT, "ones that were not there" },
	[COL_DENIED] = { "denied", COLUMN_COUNT, "ones that may not be signalled" },
	[COL_SKIPPED] = { "skipped", COLUMN_COUNT, "ones without a handler, with -r" },
	[COL_LEFT] = { "left", COLUMN_COUNT,
	               "ones that had not ended in time; null without --wait" },
	[COL_INTERRUPTED] = { "interrupted", COLUMN_BOOL, "a signal stopped the command itself" },
};
const struct column_table kill_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

static void emit(struct killer *k, const char *text, const struct proc_ref *ref, const char *result,
                 const char *reason)
{
	AUTO_RELEASE_STRBUF struct strbuf id = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf pid = { 0 };
	struct record record;

	if (!k->opts->json)
		return;
	record_begin(&record, k->opts->dry_run ? "plan" : "item", &kill_item_table);
	if (ref != NULL) {
		strbuf_add_u64(&pid, (uint64_t)ref->pid);
		proc_id_add(&id, ref);
		record_u64(&record, COL_PID, (uint64_t)ref->pid);
		record_name(&record, COL_ID, strbuf_str(&id));
		text = text != NULL ? text : strbuf_str(&pid);
	}
	if (text != NULL)
		record_name(&record, COL_TARGET, text);
	record_name(&record, COL_SIGNAL, k->signal);
	record_name(&record, COL_RESULT, result);
	if (reason != NULL)
		record_name(&record, COL_REASON, reason);
	out_emit(k->ctx->out, &record);
}

void kill_skip(struct killer *k, const char *text, const struct proc_ref *ref, const char *reason)
{
	k->counts.skipped++;
	emit(k, text, ref, "skipped", reason);
	if (k->opts->verbose && !k->opts->json) {
		strbuf_add_format(&k->line, "%d skipped: %s", (int)ref->pid, reason);
		out_line(k->ctx->out, &k->line);
	}
}

static void report_sent(struct killer *k, const char *text, const struct proc_ref *ref)
{
	k->counts.sent++;
	emit(k, text, ref, "sent", NULL);
	if (!k->opts->verbose || k->opts->json)
		return;
	strbuf_add_format(&k->line, "sent %s to ", k->signal);
	if (ref != NULL)
		strbuf_add_format(&k->line, "%d", (int)ref->pid);
	else
		strbuf_add_str(&k->line, text);
	out_line(k->ctx->out, &k->line);
}

void kill_report(struct killer *k, const char *text, const struct proc_ref *ref, int result)
{
	const char *reason = "permission denied";
	bool is_gone = result == -ESRCH || result == -EOWNERDEAD;
	char pid[16] = "?";

	if (result == 0) {
		report_sent(k, text, ref);
		return;
	}
	if (ref != NULL && text == NULL)
		(void)snprintf(pid, sizeof(pid), "%d", (int)ref->pid);
	if (result == -ESRCH)
		reason = "no such process";
	else if (result == -EOWNERDEAD)
		reason = "already dead (zombie)";
	else if (result != -EPERM && result != -EACCES)
		reason = strerrordesc_np(-result);
	if (result == -EOWNERDEAD)
		k->counts.zombies++;
	if (is_gone)
		k->counts.gone++;
	else
		k->counts.denied++;
	emit(k, text, ref, is_gone ? "gone" : "denied", reason);
	diag_warn(k->ctx->diag, text != NULL ? text : pid, "%s", reason);
}

static void on_sent(size_t index, int signo, int result, void *user)
{
	struct killer *k = user;

	(void)signo;
	/* Later steps are about the same processes. */
	if (k->parsed == k->refs.len)
		return;
	k->parsed++;
	kill_report(k, k->texts.items[index], &k->refs.items[index], result);
}

static void on_gone(size_t index, void *user)
{
	struct killer *k = user;

	(void)index;
	k->counts.ended++;
}

static int guard_tree(struct killer *k)
{
	struct pid_list pids = { 0 };
	int status;

	for (size_t i = 0; i < k->refs.len; i++)
		vec_push(&pids, k->refs.items[i].pid);
	status = kill_guard(k, &pids, "the tree");
	vec_release(&pids);
	return status;
}

static int gather_tree(struct killer *k)
{
	bool stops = !k->opts->dry_run && !k->opts->print && k->steps.steps[0].signo != 0;
	int status = guard_tree(k);
	int r;

	if (status != 0)
		return status;
	r = k->refs.len > 0 ? proc_gather_tree(&k->reader, k->self, stops, &k->refs) : 0;
	while (k->texts.len < k->refs.len)
		vec_push(&k->texts, NULL);
	if (r < 0)
		(void)diag_fail_text(k->ctx->diag, NULL, "cannot follow the tree: %s",
		                     strerrordesc_np(-r));
	return 0;
}

/* --dry-run and --pid. */
static void show(struct killer *k)
{
	for (size_t i = 0; i < k->refs.len; i++) {
		const struct proc_ref *ref = &k->refs.items[i];

		emit(k, k->texts.items[i], ref, "planned", NULL);
		if (k->opts->json)
			continue;
		strbuf_add_format(&k->line, k->opts->print ? "%d" : "%d would get %s",
		                  (int)ref->pid, k->signal);
		out_line(k->ctx->out, &k->line);
	}
	k->counts.sent = k->refs.len;
}

static void summarize(struct killer *k)
{
	const struct counts *c = &k->counts;
	struct record record;

	if (k->opts->tree && !k->opts->json && (k->opts->verbose || isatty(STDOUT_FILENO) == 1)) {
		strbuf_add_format(&k->line, "%zu process%s", c->sent, c->sent == 1 ? "" : "es");
		out_line(k->ctx->out, &k->line);
	}
	if (!k->opts->json)
		return;
	record_begin(&record, "summary", &kill_summary_table);
	record_u64(&record, COL_SENT, c->sent);
	record_u64(&record, COL_GONE, c->gone);
	record_u64(&record, COL_DENIED, c->denied);
	record_u64(&record, COL_SKIPPED, c->skipped);
	if (k->waits)
		record_u64(&record, COL_LEFT, c->sent - c->ended);
	record_bool(&record, COL_INTERRUPTED, sig_stopped());
	out_emit(k->ctx->out, &record);
}

static int status_of(struct killer *k, int result)
{
	const struct counts *c = &k->counts;
	size_t done;

	if (result == -ETIMEDOUT) {
		diag_warn(k->ctx->diag, NULL, "time is over: %zu still there", c->sent - c->ended);
		return KILL_TIMED_OUT;
	}
	if (result < 0 && result != -EINTR)
		return diag_fail_text(k->ctx->diag, NULL, "cannot wait: %s",
		                      strerrordesc_np(-result));
	/* Who waits for an end has it: a zombie is only not collected yet. */
	done = c->sent + (k->waits ? c->zombies : 0);
	if (done == 0)
		return diag_status(k->ctx->diag, EXIT_NO);
	return diag_status(k->ctx->diag, done < c->sent + c->gone + c->denied + c->skipped
	                                         ? KILL_SOME
	                                         : EXIT_YES);
}

int kill_send(struct killer *k)
{
	const struct proc_end_request request = {
		.refs = &k->refs,
		.schedule = &k->steps,
		.resume = k->opts->tree || k->opts->escalate != NULL,
		.cgroup = k->cgroup.dir >= 0 ? &k->cgroup : NULL,
		.queue = k->opts->queue != NULL,
		.value = k->value,
		.sent = on_sent,
		.gone = on_gone,
		.user = k,
	};
	int status;
	int result = 0;

	sig_install();
	proc_ref_raise_limit();
	status = kill_hold_targets(k);
	if (status == 0 && k->opts->tree)
		status = gather_tree(k);
	if (status != 0)
		return status;
	if (k->opts->dry_run || k->opts->print)
		show(k);
	else
		result = proc_end(&k->reader, &request);
	summarize(k);
	return status_of(k, result);
}
