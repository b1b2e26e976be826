/* SPDX-License-Identifier: MIT */
/* kill - send signals to processes, and be sure that they have ended. */
#include "kill.h"

#include "base/human.h"
#include "base/num.h"
#include "sys/procfs.h"

#include <limits.h>
#include <signal.h>

enum { NS_PER_MS = 1000000 };

/* clang-format off */
#define S struct kill_opts

static const struct opt known_rows[] = {
	OPT_SIGNAL('s', "signal", S, signo, OPT_SIGNAL_WORDS | OPT_SIGNAL_GROUPS, "what is sent, TERM by default"),
	OPT_STR('q', "queue", "VALUE", S, queue, "send an integer with the signal"),
	OPT_STR_OPTIONAL('l', "list", "SIG", S, list, "", "list names, or convert names and numbers"),
	OPT_BOOL('L', "table", S, table, "list names and numbers in columns"),
	OPT_STR('d', "decode", "PID", S, decode, "print what a process does with signals"),
	OPT_PAIR(0, "timeout", "MS SIG", S, timeouts, "after that many milliseconds, one more signal"),
	OPT_BOOL('r', "require-handler", S, require_handler, "only processes that have a handler for it"),
	OPT_BOOL('p', "pid", S, print, "print the processes, send nothing"),
	OPT_BOOL('v', "verbose", S, verbose, "print what is signalled"),
	OPT_EXPAND('V', "", "print the version and exit", "--version"),
};
static const struct opt_table known_table = OPT_TABLE(known_rows);

static const struct opt own_rows[] = {
	OPT_HEADING("Whom"),
	OPT_BOOL(0, "tree", S, tree, "their descendants, too, but not orphans"),
	OPT_BOOL(0, "group", S, group, "the whole process groups they are in"),
	OPT_BOOL(0, "session", S, session, "the whole sessions they are in"),
	OPT_STR(0, "port", "[tcp:|udp:]N", S, port, "who holds local port N"),
	OPT_STR(0, "cgroup", "PATH", S, cgroup, "who is in the control group or below it (version 2)"),
	OPT_HEADING("How it is done"),
	OPT_BOOL(0, "dry-run", S, dry_run, "print who would be signalled"),
	OPT_STR_OPTIONAL(0, "wait", "DURATION", S, wait, "", "wait until they have ended"),
	OPT_STR(0, "escalate", "SCHEDULE", S, escalate, "signals and patience in turn: TERM/10/KILL/5"),
	OPT_BOOL(0, "json", S, json, "print one JSON object a line"),
};
static const struct opt_table own_table = OPT_TABLE_YIELDING(own_rows);
enum part { KNOWN, OWN };
static const struct opt kill_rows[] = { OPT_PART(KNOWN), OPT_PART(OWN) };
static const struct opt_link kill_links[] = { OPT_SPLICE_PART(KNOWN, known_table), OPT_SPLICE_PART(OWN, own_table) };
/* clang-format on */

static int parse_wait(struct killer *k, int64_t *ret)
{
	const char *text = k->opts->wait;
	struct text_error where;

	*ret = PROC_WAIT_FOREVER;
	if (text == NULL || text[0] == '\0' || strcmp(text, "infinity") == 0)
		return 0;
	if (human_parse_duration(text, ret, &where) < 0)
		return diag_caret(k->ctx->diag, "bad value for --wait", text, &where);
	if (*ret == 0)
		*ret = PROC_WAIT_FOREVER;
	return 0;
}

static int parse_queue(struct killer *k)
{
	int64_t value = 0;

	if (k->opts->queue == NULL)
		return 0;
	if (num_parse_i64(k->opts->queue, &value) < 0 || value < INT_MIN || value > INT_MAX)
		return diag_usage(k->ctx->diag, "--queue needs a whole number of 32 bits");
	k->value = (int)value;
	return 0;
}

/* --timeout MS SIG: each signal waits for its time behind the one before. */
static int add_follow_ups(struct killer *k)
{
	const struct strv *words = &k->opts->timeouts;

	for (size_t i = 0; i + 1 < words->len; i += 2) {
		struct signal_step step = { 0 };
		uint64_t ms;

		if (num_parse_u64(words->items[i], &ms) < 0 || ms > INT_MAX)
			return diag_usage(k->ctx->diag, "--timeout needs a number of milliseconds");
		if (signal_parse(words->items[i + 1], &step.signo) < 0)
			return diag_usage(k->ctx->diag, "--timeout needs a signal behind the time");
		if (k->steps.len == SIGNAL_STEPS_MAX)
			return diag_usage(k->ctx->diag, "more than %d signals", SIGNAL_STEPS_MAX);
		k->steps.steps[k->steps.len - 1].wait_ns = (int64_t)ms * NS_PER_MS;
		k->steps.steps[k->steps.len++] = step;
	}
	return 0;
}

static int check_usage(const struct killer *k)
{
	const struct kill_opts *o = k->opts;

	if (o->group + o->session + o->tree > 1)
		return diag_usage(k->ctx->diag, "--tree, --group and --session exclude each other");
	if (o->escalate != NULL && (o->signo != KILL_UNSET || o->timeouts.len > 0))
		return diag_usage(k->ctx->diag, "--escalate names its signals itself");
	return 0;
}

/* The signals that will be sent; 0 or the status of a usage error. */
static int plan(struct killer *k)
{
	const struct kill_opts *o = k->opts;
	struct signal_step step = { .signo = o->signo == KILL_UNSET ? SIGTERM : o->signo };
	struct text_error where;
	int64_t wait_ns;
	int status = parse_wait(k, &wait_ns);

	if (status == 0)
		status = parse_queue(k);
	if (status == 0)
		status = check_usage(k);
	if (status != 0)
		return status;
	if (o->escalate == NULL)
		k->steps = (struct signal_schedule){ .len = 1, .steps = { step } };
	else if (signal_schedule_parse(o->escalate, &k->steps, &where) < 0)
		return diag_caret(k->ctx->diag, "bad value for --escalate", o->escalate, &where);
	status = add_follow_ups(k);
	if (status != 0)
		return status;
	if (o->wait != NULL)
		k->steps.steps[k->steps.len - 1].wait_ns = wait_ns;
	k->waits = k->steps.steps[k->steps.len - 1].wait_ns != 0;
	(void)signal_name(k->steps.steps[0].signo, k->signal);
	return 0;
}

static int signal_targets(struct killer *k, char **operands)
{
	AUTO_CLOSE int proc = procfs_open();
	int status = plan(k);

	if (status == 0)
		status = kill_parse_targets(k, operands);
	if (status != 0)
		return status;
	/* A plain kill does without procfs; what needs it finds no process there and says so. */
	proc_reader_init(&k->reader, proc);
	if (proc_self(&k->reader, &k->self) < 0)
		k->self = 0;
	status = kill_send(k);
	proc_reader_release(&k->reader);
	return status;
}

static int kill_run(struct ctx *ctx, const void *options, char **operands)
{
	struct killer k = { .ctx = ctx, .opts = options, .cgroup = CGROUP_NONE };
	int status;

	out_begin(ctx->out, &(struct out_opts){ .json = k.opts->json });
	if (k.opts->list != NULL)
		return kill_list(ctx, k.opts->list, operands);
	if (k.opts->table)
		return kill_table(ctx);
	if (k.opts->decode != NULL)
		return kill_decode(ctx, k.opts->decode);
	status = signal_targets(&k, operands);
	proc_refs_release(&k.refs);
	cgroup_close(&k.cgroup);
	vec_release(&k.passed);
	vec_release(&k.targets);
	vec_release(&k.texts);
	strbuf_release(&k.line);
	return status;
}

const struct applet kill_applet = {
	.name = "kill",
	.group = "Processes",
	.summary = "send signals to processes",
	.operands = "ID...",
	.options = OPT_TABLE_LINKED(kill_rows, kill_links),
	.defaults = &(const struct kill_opts){ .signo = KILL_UNSET },
	.options_size = sizeof(struct kill_opts),
	.codes = { .usage = 2, .fail = 1 },
	.schemas =
		(const struct applet_schema[]){
			{ "each process; a plan with --dry-run", &kill_item_table },
			{ "the end", &kill_summary_table },
			{ 0 },
		},
	.run = kill_run,
};
