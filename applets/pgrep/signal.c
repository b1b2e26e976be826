/* SPDX-License-Identifier: MIT */
/* pkill: signals to what matched, but never to the command's own ancestors unasked. */
#include "pgrep.h"

#include "base/num.h"
#include "base/sig.h"
#include "sys/proc_gather.h"
#include "sys/signal_names.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>

enum { STRANGERS_MAX = 50 }; /* processes of other users that a pattern may hit */

enum { COL_SIGNAL = COL_PROCESS_COUNT, COL_RESULT, COL_REASON };

static const struct column item_columns[] = {
	PROCESS_COLUMNS,
	[COL_SIGNAL] = { "signal", COLUMN_TEXT, "the signal's name" },
	[COL_RESULT] = { "result", COLUMN_TEXT,
	                 "sent, gone, denied or skipped; planned with --dry-run" },
	[COL_REASON] = { "reason", COLUMN_TEXT, "why it was not sent" },
};
const struct column_table pkill_item_table = { item_columns, ARRAY_LEN(item_columns) };

enum { COL_MATCHED, COL_SENT, COL_GONE, COL_DENIED, COL_SKIPPED, COL_LEFT, COL_INTERRUPTED };

static const struct column summary_columns[] = {
	[COL_MATCHED] = { "matched", COLUMN_COUNT, "processes that matched" },
	[COL_SENT] = { "sent", COLUMN_COUNT, "of them, ones that got the first signal" },
	[COL_GONE] = { "gone", COLUMN_COUNT, "ones that had ended before" },
	[COL_DENIED] = { "denied", COLUMN_COUNT, "ones that may not be signalled" },
	[COL_SKIPPED] = { "skipped", COLUMN_COUNT, "ones that were spared" },
	[COL_LEFT] = { "left", COLUMN_COUNT,
	               "ones that had not ended in time; null without --wait" },
	[COL_INTERRUPTED] = { "interrupted", COLUMN_BOOL, "a signal stopped the command itself" },
};
const struct column_table pkill_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

/* One run of pkill. */
struct killing {
	struct pgrep *p;
	struct proc_refs refs;
	struct signal_schedule steps;
	int signo; /* of the first step */
	bool waits;
	size_t reported; /* of the first step */
	size_t sent, gone, denied, skipped, ended;
	char signal[SIGNAL_NAME_SIZE];
	/* About p->candidate, from before its signal: afterwards it may be gone. */
	struct record record;
	struct process_texts texts;
	bool is_elsewhere;
};

/* Prepares what is printed about p->candidate. */
static void describe(struct killing *k, const struct proc_ref *ref)
{
	struct pgrep *p = k->p;

	if (p->opts->out.json) {
		record_begin(&k->record, p->opts->dry_run ? "plan" : "item", &pkill_item_table);
		pgrep_record(p, &k->record, ref, &k->texts);
	} else if (p->opts->echo || p->opts->dry_run) {
		(void)candidate_name(p, &p->candidate);
		k->is_elsewhere = pgrep_is_elsewhere(p, ref->pid);
	}
}

/* Prints the record that describe() has prepared. */
static void emit(struct killing *k, const char *result, const char *reason)
{
	if (!k->p->opts->out.json)
		return;
	record_name(&k->record, COL_SIGNAL, k->signal);
	record_name(&k->record, COL_RESULT, result);
	if (reason != NULL)
		record_name(&k->record, COL_REASON, reason);
	out_emit(k->p->ctx->out, &k->record);
	process_texts_release(&k->texts);
}

/* "NAME WHAT (pid PID)" as procps prints it. */
static void say(struct killing *k, const struct proc_ref *ref, const char *what)
{
	struct pgrep *p = k->p;

	pgrep_add_name(p, &p->candidate);
	strbuf_add_format(&p->line, " %s (pid ", what);
	pgrep_add_pid(p, ref);
	strbuf_add_str(&p->line, k->is_elsewhere ? ") in another pid namespace" : ")");
	out_line(p->ctx->out, &p->line);
}

/* Decides about one match. True: it is to be signalled. */
static bool is_target(struct killing *k, const struct proc_ref *ref)
{
	struct pgrep *p = k->p;
	struct candidate *c = &p->candidate;
	const char *reason = NULL;

	/* Asked about again and again by -e and --json; now it can still be seen. */
	(void)candidate_name(p, c);
	if (!candidate_stat(p, c) || proc_stat_is_dead(&c->stat))
		reason = "it has ended and waits for its parent (zombie)";
	else if (proc_stat_is_kernel_thread(&c->stat))
		reason = "it belongs to the kernel";
	else if (!p->opts->ancestors && pgrep_is_ancestor(p, ref->pid))
		reason = "this command was started below it";
	else if (!p->opts->ancestors && ref->pid == 1)
		reason = "it is the first of all processes";
	else if (p->opts->interactive && !pgrep_confirms(p, k->signal, ref->pid))
		reason = "not confirmed";
	if (reason == NULL)
		return true;
	k->skipped++;
	describe(k, ref);
	emit(k, "skipped", reason);
	if (p->opts->echo && !p->opts->out.json) {
		pgrep_add_name(p, c);
		strbuf_add_format(&p->line, " skipped (pid %d): %s", (int)ref->pid, reason);
		out_line(p->ctx->out, &p->line);
	}
	return false;
}

/* Holds on to all that are to be signalled; they are looked at again on the way. */
static void gather(struct killing *k)
{
	struct pgrep *p = k->p;
	struct proc_ref ref;

	for (size_t i = 0; i < p->matches.len; i++) {
		if (pgrep_hold(p, &p->matches.items[i], &ref) < 0) {
			k->gone++;
			continue;
		}
		if (is_target(k, &ref))
			vec_push(&k->refs, ref);
		else
			proc_ref_close(&ref);
	}
}

/* --tree: the targets with their descendants, stopped so that none runs away. */
static int gather_tree(struct killing *k)
{
	struct pgrep *p = k->p;
	bool stops = !p->opts->dry_run && k->signo != 0;
	size_t len = 0;
	int r = k->refs.len > 0 ? proc_gather_tree(&p->reader, p->self, stops, &k->refs) : 0;

	for (size_t i = 0; k->refs.items != NULL && i < k->refs.len; i++) {
		struct proc_ref *ref = &k->refs.items[i];

		if (ref->pid == p->self || (!p->opts->ancestors && pgrep_is_ancestor(p, ref->pid)))
			proc_ref_close(ref);
		else
			k->refs.items[len++] = *ref;
	}
	k->refs.len = len;
	if (r < 0)
		return diag_fail_text(p->ctx->diag, NULL, "cannot follow the tree: %s",
		                      strerrordesc_np(-r));
	return 0;
}

static void describe_target(size_t index, int signo, void *user)
{
	struct killing *k = user;
	const struct proc_ref *ref = &k->refs.items[index];

	(void)signo;
	if (k->reported == k->refs.len)
		return;
	candidate_begin(&k->p->candidate, ref->pid, 0);
	describe(k, ref);
}

static void report_sent(size_t index, int signo, int result, void *user)
{
	struct killing *k = user;
	struct pgrep *p = k->p;
	const struct proc_ref *ref = &k->refs.items[index];

	(void)signo;
	/* Later steps are about the same processes. */
	if (k->reported == k->refs.len)
		return;
	k->reported++;
	if (result == 0) {
		k->sent++;
		emit(k, "sent", NULL);
		if (p->opts->echo && !p->opts->out.json)
			say(k, ref, "killed");
	} else if (result == -ESRCH) {
		k->gone++;
		emit(k, "gone", "no such process");
	} else {
		k->denied++;
		emit(k, "denied", strerrordesc_np(-result));
		diag_warn(p->ctx->diag, NULL, "killing pid %d failed: %s", (int)ref->pid,
		          strerrordesc_np(-result));
	}
}

static void count_ended(size_t index, void *user)
{
	struct killing *k = user;

	(void)index;
	k->ended++;
}

static void emit_summary(struct killing *k)
{
	struct record record;

	if (!k->p->opts->out.json)
		return;
	record_begin(&record, "summary", &pkill_summary_table);
	record_u64(&record, COL_MATCHED, k->p->matches.len);
	record_u64(&record, COL_SENT, k->sent);
	record_u64(&record, COL_GONE, k->gone);
	record_u64(&record, COL_DENIED, k->denied);
	record_u64(&record, COL_SKIPPED, k->skipped);
	if (k->waits)
		record_u64(&record, COL_LEFT, k->sent - k->ended);
	record_bool(&record, COL_INTERRUPTED, sig_stopped());
	out_emit(k->p->ctx->out, &record);
}

/* The signals that will be sent; 0 or the status of a usage error. */
static int plan(struct killing *k, int64_t *ret_value)
{
	const struct pgrep_opts *o = k->p->opts;
	struct diag *diag = k->p->ctx->diag;
	struct signal_step step = { .signo = o->signo == PGREP_UNSET ? SIGTERM : o->signo };
	struct text_error where;

	if (o->queue != NULL && (num_parse_i64(o->queue, ret_value) < 0 || *ret_value < INT_MIN ||
	                         *ret_value > INT_MAX))
		return diag_usage(diag, "--queue needs a whole number of 32 bits");
	if (o->interactive && isatty(STDIN_FILENO) != 1)
		return diag_usage(diag, "-I needs a terminal to ask on");
	if (o->wait != NULL) {
		step.wait_ns = PROC_WAIT_FOREVER;
		if (o->wait[0] != '\0' &&
		    !pgrep_parse_timeout(k->p, "wait", o->wait, true, &step.wait_ns))
			return EXIT_USAGE;
	}
	if (o->escalate == NULL) {
		k->steps = (struct signal_schedule){ .len = 1, .steps = { step } };
	} else if (signal_schedule_parse(o->escalate, &k->steps, &where) < 0) {
		return diag_caret(diag, "bad value for --escalate", o->escalate, &where);
	} else if (o->signo != PGREP_UNSET) {
		return diag_usage(diag, "--escalate names its signals itself");
	} else if (o->wait != NULL) {
		k->steps.steps[k->steps.len - 1].wait_ns = step.wait_ns;
	}
	k->waits = k->steps.steps[k->steps.len - 1].wait_ns != 0;
	k->signo = k->steps.steps[0].signo;
	(void)signal_name(k->signo, k->signal);
	return 0;
}

static void show_plan(struct killing *k)
{
	struct pgrep *p = k->p;

	for (size_t i = 0; i < k->refs.len; i++) {
		const struct proc_ref *ref = &k->refs.items[i];

		candidate_begin(&p->candidate, ref->pid, 0);
		describe(k, ref);
		emit(k, "planned", NULL);
		if (p->opts->out.json)
			continue;
		pgrep_add_name(p, &p->candidate);
		strbuf_add_format(&p->line, " would get %s (pid ", k->signal);
		pgrep_add_pid(p, ref);
		strbuf_add_char(&p->line, ')');
		out_line(p->ctx->out, &p->line);
	}
}

/* 0, -ETIMEDOUT, -EINTR or -errno. */
static int send(struct killing *k, int64_t value)
{
	const struct pgrep_opts *o = k->p->opts;
	const struct proc_end_request request = {
		.refs = &k->refs,
		.schedule = &k->steps,
		.resume = o->tree || o->escalate != NULL,
		.queue = o->queue != NULL,
		.value = (int)value,
		.release_memory = o->release_memory,
		.sending = describe_target,
		.sent = report_sent,
		.gone = count_ended,
		.user = k,
	};

	return proc_end(&k->p->reader, &request);
}

static int finish(struct killing *k, int result)
{
	struct pgrep *p = k->p;

	if (p->opts->count && !p->opts->out.json) {
		strbuf_add_u64(&p->line, p->matches.len - k->skipped);
		out_line(p->ctx->out, &p->line);
	}
	emit_summary(k);
	if (result == -ETIMEDOUT) {
		diag_warn(p->ctx->diag, NULL, "time is over: %zu still there", k->sent - k->ended);
		return 124;
	}
	if (result < 0 && result != -EINTR)
		return diag_fail_text(p->ctx->diag, NULL, "cannot wait: %s",
		                      strerrordesc_np(-result));
	return diag_status(p->ctx->diag, k->sent > 0 ? EXIT_YES : EXIT_NO);
}

/* A pattern that is wider than it was meant to be: nothing is sent to that many strangers. */
static int guard(struct killing *k)
{
	const struct pgrep_opts *o = k->p->opts;
	uid_t own = geteuid();
	size_t strangers = 0;

	if (k->p->want.pattern == NULL || o->euids != NULL || o->uids != NULL || k->signo == 0 ||
	    o->dry_run || o->allow == PGREP_ALLOW_MANY)
		return 0;
	for (size_t i = 0; i < k->refs.len; i++) {
		uid_t euid;

		if (proc_read_euid(&k->p->reader, k->refs.items[i].pid, &euid) == 0 && euid != own)
			strangers++;
	}
	if (strangers <= STRANGERS_MAX)
		return 0;
	return diag_fail_text(k->p->ctx->diag, NULL,
	                      "the pattern matches %zu processes of other users; nothing was "
	                      "signalled. --allow=many, or -u with the users, lets it pass",
	                      strangers);
}

/* Holds, signals, waits; the exit status. */
static int act(struct killing *k, int64_t value)
{
	struct pgrep *p = k->p;
	int result = 0;
	int tree_status = 0;
	int status;

	sig_install();
	proc_ref_raise_limit();
	gather(k);
	status = guard(k);
	if (status != 0)
		return status;
	if (p->opts->tree)
		tree_status = gather_tree(k);
	if (p->opts->dry_run) {
		show_plan(k);
		k->sent = k->refs.len;
	} else {
		result = send(k, value);
	}
	status = finish(k, result);
	return tree_status != 0 ? tree_status : status;
}

int pkill_act(struct pgrep *p)
{
	struct killing k = { .p = p };
	int64_t value = 0;
	int status = plan(&k, &value);

	if (status == 0)
		status = pgrep_find(p);
	if (status == 0)
		status = act(&k, value);
	proc_refs_release(&k.refs);
	return status;
}
