/* SPDX-License-Identifier: MIT */
/* pidwait: until what matched has ended. */
#include "pgrep.h"

#include "base/clock.h"
#include "base/sig.h"
#include "sys/signal_names.h"

#include <errno.h>
#include <sys/wait.h>

enum {
	STATUS_PATIENCE_NS = 200000000, /* until the parent has collected the status */
	TIMED_OUT = 124,
};

enum { COL_EVENT_PID, COL_EVENT_ID, COL_EVENT_NAME, COL_EXITED_AT, COL_EXIT, COL_TERM_SIGNAL };

static const struct column event_columns[] = {
	[COL_EVENT_PID] = { "pid", COLUMN_COUNT, "process" },
	[COL_EVENT_ID] = { "id", COLUMN_TEXT, "its id while it was there" },
	[COL_EVENT_NAME] = { "name", COLUMN_NAME, "name in full" },
	[COL_EXITED_AT] = { "exited_at", COLUMN_TIME, "when its end was seen" },
	[COL_EXIT] = { "exit", COLUMN_COUNT, "exit status, where the kernel tells it" },
	[COL_TERM_SIGNAL] = { "term_signal", COLUMN_TEXT, "the signal that ended it" },
};
const struct column_table pidwait_event_table = { event_columns, ARRAY_LEN(event_columns) };

enum { COL_MATCHED, COL_ENDED, COL_TIMED_OUT, COL_INTERRUPTED };

static const struct column summary_columns[] = {
	[COL_MATCHED] = { "matched", COLUMN_COUNT, "processes that were waited for" },
	[COL_ENDED] = { "ended", COLUMN_COUNT, "of them, ones that have ended" },
	[COL_TIMED_OUT] = { "timed_out", COLUMN_BOOL, "the time of --timeout was over before" },
	[COL_INTERRUPTED] = { "interrupted", COLUMN_BOOL, "a signal stopped the command itself" },
};
const struct column_table pidwait_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

/* One run of pidwait. */
struct waiting {
	struct pgrep *p;
	struct proc_refs refs;
	struct texts names; /* beside `refs`; what may be asked for when they have ended */
	size_t ended;
};

static void emit_event(struct waiting *w, const struct proc_ref *ref, const char *name,
                       int wait_status)
{
	AUTO_RELEASE_STRBUF struct strbuf id = { 0 };
	char signal[SIGNAL_NAME_SIZE];
	const char *ended_by = wait_status >= 0 && WIFSIGNALED(wait_status)
	                               ? signal_name(WTERMSIG(wait_status), signal)
	                               : NULL;
	struct record record;

	proc_id_add(&id, ref);
	record_begin(&record, "event", &pidwait_event_table);
	record_u64(&record, COL_EVENT_PID, (uint64_t)ref->pid);
	record_name(&record, COL_EVENT_ID, strbuf_str(&id));
	record_name(&record, COL_EVENT_NAME, name);
	record_time(&record, COL_EXITED_AT, clock_wall());
	if (wait_status >= 0 && WIFEXITED(wait_status))
		record_u64(&record, COL_EXIT, (uint64_t)WEXITSTATUS(wait_status));
	if (ended_by != NULL)
		record_name(&record, COL_TERM_SIGNAL, ended_by);
	out_emit(w->p->ctx->out, &record);
}

static void print_status(struct waiting *w, const struct proc_ref *ref, const char *name,
                         int wait_status)
{
	struct strbuf *line = &w->p->line;

	pgrep_add_text(w->p, name, strlen(name));
	if (wait_status < 0) {
		strbuf_add_str(line, " has ended");
	} else if (WIFSIGNALED(wait_status)) {
		char signal[SIGNAL_NAME_SIZE];

		strbuf_add_format(line, " was ended by %s",
		                  signal_name(WTERMSIG(wait_status), signal));
	} else {
		strbuf_add_format(line, " has ended with status %d", WEXITSTATUS(wait_status));
	}
	strbuf_add_str(line, " (pid ");
	pgrep_add_pid(w->p, ref);
	strbuf_add_char(line, ')');
	out_line(w->p->ctx->out, line);
}

static void report_end(size_t index, void *user)
{
	struct waiting *w = user;
	const struct pgrep_opts *o = w->p->opts;
	const struct proc_ref *ref = &w->refs.items[index];
	const char *name = w->names.items[index];
	int wait_status = -1;

	w->ended++;
	if (!o->status && !o->out.json)
		return;
	if (proc_wait_status(ref, STATUS_PATIENCE_NS, &wait_status) < 0)
		wait_status = -1;
	if (o->out.json)
		emit_event(w, ref, name, wait_status);
	else
		print_status(w, ref, name, wait_status);
	/* Whoever waits for the next line has this one. */
	out_flush(w->p->ctx->out);
}

static void say_skipped(struct waiting *w, pid_t pid, const char *reason)
{
	struct pgrep *p = w->p;

	if (!p->opts->echo || p->opts->out.json)
		return;
	pgrep_add_name(p, &p->candidate);
	strbuf_add_format(&p->line, " skipped (pid %d): %s", (int)pid, reason);
	out_line(p->ctx->out, &p->line);
}

static void gather(struct waiting *w)
{
	struct pgrep *p = w->p;
	struct candidate *c = &p->candidate;
	struct proc_ref ref;

	for (size_t i = 0; i < p->matches.len; i++) {
		const char *reason = NULL;

		if (pgrep_hold(p, &p->matches.items[i], &ref) < 0)
			continue;
		(void)candidate_name(p, c);
		if (!candidate_stat(p, c) || proc_stat_is_dead(&c->stat))
			reason = "it has ended (zombie)";
		else if (!p->opts->ancestors && pgrep_is_ancestor(p, ref.pid))
			reason = "this command was started below it";
		if (reason != NULL) {
			say_skipped(w, ref.pid, reason);
			proc_ref_close(&ref);
			continue;
		}
		vec_push(&w->refs, ref);
		vec_push(&w->names, mem_strndup(strbuf_str(&c->name), c->name.len));
	}
}

/* How many, then who: as procps does. */
static void announce(struct waiting *w)
{
	struct pgrep *p = w->p;

	if (p->opts->out.json)
		return;
	if (p->opts->count) {
		strbuf_add_u64(&p->line, w->refs.len);
		out_line(p->ctx->out, &p->line);
	}
	for (size_t i = 0; p->opts->echo && i < w->refs.len; i++) {
		strbuf_add_str(&p->line, "waiting for ");
		pgrep_add_text(p, w->names.items[i], strlen(w->names.items[i]));
		strbuf_add_str(&p->line, " (pid ");
		pgrep_add_pid(p, &w->refs.items[i]);
		strbuf_add_char(&p->line, ')');
		out_line(p->ctx->out, &p->line);
	}
	out_flush(p->ctx->out);
}

static size_t ends_wanted(const struct waiting *w)
{
	const struct pgrep_opts *o = w->p->opts;
	size_t wanted = w->refs.len;

	if (o->any && wanted > 1)
		wanted = 1;
	if (o->count_exits > 0 && (uint64_t)o->count_exits < wanted)
		wanted = (size_t)o->count_exits;
	return wanted;
}

static void emit_summary(const struct waiting *w, int result)
{
	struct record record;

	if (!w->p->opts->out.json)
		return;
	record_begin(&record, "summary", &pidwait_summary_table);
	record_u64(&record, COL_MATCHED, w->refs.len);
	record_u64(&record, COL_ENDED, w->ended);
	record_bool(&record, COL_TIMED_OUT, result == -ETIMEDOUT);
	record_bool(&record, COL_INTERRUPTED, result == -EINTR);
	out_emit(w->p->ctx->out, &record);
}

static int wait_for_them(struct waiting *w, int64_t timeout)
{
	struct pgrep *p = w->p;
	const struct proc_wait_request request = {
		.refs = &w->refs,
		.wanted = ends_wanted(w),
		.timeout_ns = timeout,
		.gone = report_end,
		.user = w,
	};
	int result = proc_wait(&p->reader, &request);

	emit_summary(w, result);
	if (result == -ETIMEDOUT)
		return TIMED_OUT;
	if (result < 0 && result != -EINTR)
		return diag_fail_text(p->ctx->diag, NULL, "cannot wait: %s",
		                      strerrordesc_np(-result));
	return diag_status(p->ctx->diag, w->refs.len > 0 || p->opts->exited ? EXIT_YES : EXIT_NO);
}

int pidwait_act(struct pgrep *p)
{
	struct waiting w = { .p = p };
	int64_t timeout = PROC_WAIT_FOREVER;
	int status;

	if (p->opts->any && p->opts->count_exits > 0)
		return diag_usage(p->ctx->diag, "--any and --count-exits exclude each other");
	if (p->opts->timeout != NULL &&
	    !pgrep_parse_timeout(p, "timeout", p->opts->timeout, true, &timeout))
		return EXIT_USAGE;
	proc_ref_raise_limit();
	sig_install();
	status = pgrep_find(p);
	if (status == 0) {
		gather(&w);
		announce(&w);
		status = wait_for_them(&w, timeout);
	}
	proc_refs_release(&w.refs);
	for (size_t i = 0; i < w.names.len; i++)
		free(w.names.items[i]);
	vec_release(&w.names);
	return status;
}
