/* SPDX-License-Identifier: MIT */
/* pgrep: what matched. */
#include "pgrep.h"

#include "base/clock.h"
#include "base/quote.h"
#include "base/sig.h"

#include <poll.h>

enum { APPEAR_LOOK_MS = 50 };

static void add_arguments(struct pgrep *p, const struct candidate *c)
{
	const char *at = strbuf_str(&c->argv);
	const char *end = at + c->argv.len;

	if (c->line.len > 0 && c->line.data[0] == '[' && (at == end || *at == '\0')) {
		pgrep_add_text(p, strbuf_str(&c->line), c->line.len);
		return;
	}
	/* A process that overwrites its arguments leaves NULs behind them. */
	while (end > at + 1 && end[-1] == '\0' && end[-2] == '\0' && !p->opts->shell_quote)
		end--;
	for (const char *start = at; at < end;) {
		size_t len = strnlen(at, (size_t)(end - at));

		if (at != start)
			strbuf_add_char(&p->line, ' ');
		if (p->opts->shell_quote && len == 0)
			strbuf_add_str(&p->line, "''");
		else if (p->opts->shell_quote)
			quote_shell(&p->line, at, len);
		else
			pgrep_add_text(p, at, len);
		at += len + 1;
	}
}

/* The text about p->candidate, behind its pid. */
static void add_description(struct pgrep *p)
{
	struct candidate *c = &p->candidate;

	if (p->opts->list_full || p->opts->shell_quote) {
		strbuf_add_char(&p->line, ' ');
		if (candidate_argv(p, c))
			add_arguments(p, c);
	} else if (p->opts->list_name) {
		strbuf_add_char(&p->line, ' ');
		pgrep_add_name(p, c);
	}
}

/* Adds one result; false: it has gone meanwhile. */
static bool add_match(struct pgrep *p, const struct match *match)
{
	struct proc_ref ref = { .pidfd = -1 };

	if (p->opts->id) {
		if (pgrep_hold(p, match, &ref) < 0)
			return false;
		proc_id_add(&p->line, &ref);
		proc_ref_close(&ref);
	} else {
		strbuf_add_format(&p->line, "%d", (int)(match->tid != 0 ? match->tid : match->pid));
		candidate_begin(&p->candidate, match->pid, match->tid);
	}
	add_description(p);
	return true;
}

static void print_text(struct pgrep *p)
{
	const char *delimiter = p->opts->delimiter != NULL ? p->opts->delimiter : "\n";
	bool zero = p->opts->out.zero;
	bool any = false;

	for (size_t i = 0; i < p->matches.len; i++) {
		size_t start = p->line.len;

		if (any && !zero)
			strbuf_add_str(&p->line, delimiter);
		if (!add_match(p, &p->matches.items[i])) {
			strbuf_truncate(&p->line, start);
			continue;
		}
		any = true;
		if (zero)
			strbuf_add_char(&p->line, '\0');
		/* Lines of 100 KiB exist; what is there goes out now and then. */
		if (p->line.len > 1 << 16) {
			out_text(p->ctx->out, strbuf_str(&p->line), p->line.len);
			strbuf_clear(&p->line);
		}
	}
	if (any && !zero)
		strbuf_add_char(&p->line, '\n');
	out_text(p->ctx->out, strbuf_str(&p->line), p->line.len);
	strbuf_clear(&p->line);
}

static void print_records(struct pgrep *p)
{
	for (size_t i = 0; i < p->matches.len; i++) {
		const struct match *match = &p->matches.items[i];
		struct process_texts texts = { 0 };
		struct proc_ref ref = { .pidfd = -1 };
		bool is_thread = match->tid != 0;
		struct record record;

		if (!is_thread && pgrep_hold(p, match, &ref) < 0)
			continue;
		if (is_thread)
			candidate_begin(&p->candidate, match->pid, match->tid);
		record_begin(&record, "entry", &pgrep_entry_table);
		pgrep_record(p, &record, is_thread ? NULL : &ref, &texts);
		out_emit(p->ctx->out, &record);
		process_texts_release(&texts);
		proc_ref_close(&ref);
	}
}

/* `sh -c 'pgrep -f daemon'` finds the sh. */
static void note_ancestors(struct pgrep *p)
{
	if (p->matches.len == 0 || isatty(STDERR_FILENO) != 1)
		return;
	for (size_t i = 0; i < p->matches.len; i++) {
		if (!pgrep_is_ancestor(p, p->matches.items[i].pid))
			return;
	}
	diag_warn(p->ctx->diag, NULL, "only your own shell matches; use -A to leave it out");
}

/* Looks until something is there. *ret_found false: the time is over. */
static int wait_for_match(struct pgrep *p)
{
	int64_t timeout = PROC_WAIT_FOREVER;
	int64_t start = clock_now();
	int status;

	if (p->opts->appear[0] != '\0' &&
	    !pgrep_parse_timeout(p, "appear", p->opts->appear, false, &timeout))
		return EXIT_USAGE;
	sig_install();
	for (;;) {
		int64_t passed = clock_now() - start;

		status = pgrep_find(p);
		if (status != 0 || p->matches.len > 0 || sig_stopped() ||
		    (timeout >= 0 && passed >= timeout))
			break;
		(void)poll(NULL, 0, APPEAR_LOOK_MS);
	}
	return status;
}

int pgrep_list(struct pgrep *p)
{
	const struct pgrep_opts *o = p->opts;
	int status = o->appear != NULL ? wait_for_match(p) : pgrep_find(p);

	if (status != 0)
		return status;
	if (o->count && !o->quiet && !o->out.json) {
		strbuf_add_u64(&p->line, p->matches.len);
		out_line(p->ctx->out, &p->line);
	} else if (o->out.json && !o->quiet) {
		print_records(p);
	} else if (o->tree && !o->quiet) {
		status = pgrep_print_tree(p);
	} else if (!o->quiet) {
		print_text(p);
	}
	if (!o->quiet)
		note_ancestors(p);
	if (status == 0 && p->matches.len == 0)
		status = EXIT_NO;
	return diag_status(p->ctx->diag, status);
}
