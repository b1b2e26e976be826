/* SPDX-License-Identifier: MIT */
/* pgrep, pkill, pidwait - processes by what they are: list, signal, wait for. */
#include "pgrep.h"

#include "cli/shared_opts.h"

/* clang-format off */
#define S struct pgrep_opts

/* Parts of the tables. */
enum { MATCH, OWN_MATCH, KNOWN, OWN };

static const struct opt match_rows[] = {
	OPT_HEADING("What matches"),
	OPT_BOOL('f', "full", S, full, "match the command line, not only the name"),
	OPT_BOOL('i', "ignore-case", S, ignore_case, "match letters of either case"),
	OPT_BOOL('x', "exact", S, exact, "match the whole name or command line"),
	OPT_BOOL('n', "newest", S, newest, "only the one that was started last"),
	OPT_BOOL('o', "oldest", S, oldest, "only the one that was started first"),
	OPT_BOOL('A', "ignore-ancestors", S, ignore_ancestors, "leave out what this command was started by"),
	OPT_STR('p', "pid", "ID,...", S, pids, "only these processes"),
	OPT_STR('F', "pidfile", "FILE", S, pidfile, "only the process named in FILE; - is standard input"),
	OPT_BOOL('L', "logpidfile", S, need_lock, "fail when nobody locks the file of -F"),
	OPT_STR('P', "parent", "PID,...", S, parents, "children of these"),
	OPT_STR('g', "pgroup", "PGID,...", S, groups, "in these process groups; 0: its own"),
	OPT_STR('s', "session", "SID,...", S, sessions, "in these sessions; 0: its own"),
	OPT_STR('t', "terminal", "TTY,...", S, terminals, "with these terminals: pts/0, - for none"),
	OPT_STR('u', "euid", "USER,...", S, euids, "with these effective users"),
	OPT_STR('U', "uid", "USER,...", S, uids, "with these real users"),
	OPT_STR('G', "group", "GROUP,...", S, gids, "with these real groups"),
	OPT_STR('r', "runstates", "R,S,...", S, states, "in these states: R S D Z T t I"),
	OPT_DURATION('O', "older", "DURATION", S, older, "that run at least this long"),
	OPT_STR(0, "cgroup", "PATH,...", S, cgroups, "in these control groups (version 2)"),
	OPT_STR(0, "ns", "PID", S, ns, "in the namespaces of PID"),
	OPT_STR(0, "nslist", "NAME,...", S, nslist, "for --ns: ipc, mnt, net, pid, user, uts"),
	OPT_STR(0, "env", "NAME[=VALUE],...", S, env, "with one of these in the environment"),
};
static const struct opt_table match_table = OPT_TABLE(match_rows);

static const struct opt own_match_rows[] = {
	OPT_DURATION(0, "younger", "DURATION", S, younger, "that run for less than this"),
	OPT_STR(0, "exe", "PATH|PATTERN", S, exe, "whose executable is PATH, or matches"),
	OPT_STR(0, "cwd", "DIR", S, cwd, "that work in DIR"),
	OPT_STR(0, "port", "[tcp:|udp:]N", S, port, "that hold local port N"),
	OPT_STR(0, "file", "PATH", S, file, "that have PATH open, execute it or work in it"),
	OPT_STR(0, "descendants", "PID", S, descendants, "that descend from PID"),
	OPT_STR(0, "rss", "[+|-]SIZE", S, rss, "that occupy more (-: less) memory"),
	OPT_STR(0, "cpu-time", "[+|-]DURATION", S, cpu_time, "that have computed longer (-: less)"),
	OPT_BOOL(0, "same-ns", S, same_ns, "in the pid namespace of this command"),
};
static const struct opt_table own_match_table = OPT_TABLE_YIELDING(own_match_rows);

#define HANDLER_ROW OPT_BOOL('H', "require-handler", S, require_handler, "that have a handler for the signal")
#define INVERSE_ROW(l) OPT_BOOL(l, "inverse", S, inverse, "those that do not match")
#define VERSION_ROW OPT_EXPAND('V', "", "print the version and exit", "--version")

static const struct opt pgrep_rows[] = {
	OPT_BOOL('l', "list-name", S, list_name, "print names, too"),
	OPT_BOOL('a', "list-full", S, list_full, "print command lines, too"),
	OPT_BOOL('Q', "shell-quote", S, shell_quote, "print command lines quoted for a shell"),
	OPT_BOOL('c', "count", S, count, "print how many match"),
	OPT_BOOL(0, "quiet", S, quiet, "print nothing, only set the exit status"),
	OPT_STR('d', "delimiter", "STRING", S, delimiter, "what stands between results, not a newline"),
	OPT_BOOL('w', "lightweight", S, threads, "list threads"),
	VERSION_ROW,
	OPT_SHARED(S, out),
	OPT_PART(MATCH),
	INVERSE_ROW('v'),
	HANDLER_ROW,
	OPT_SIGNAL(0, "signal", S, signo, 0, "the signal that -H is about"),
};
static const struct opt_link match_links[] = { OPT_SPLICE_PART(MATCH, match_table) };
static const struct opt_link listing_links[] = { OPT_SPLICE_PART(MATCH, match_table), OPT_SPLICE(S, out, out_opt_table) };
static const struct opt_link own_match_links[] = { OPT_SPLICE_PART(OWN_MATCH, own_match_table) };
static const struct opt_table pgrep_table = OPT_TABLE_LINKED(pgrep_rows, listing_links);

static const struct opt own_pgrep_rows[] = {
	OPT_PART(OWN_MATCH),
	OPT_HEADING("More answers"),
	OPT_BOOL(0, "id", S, id, "print ids that kill can tell from later processes"),
	OPT_BOOL('T', "tree", S, tree, "draw matches with their descendants"),
	OPT_STR_OPTIONAL(0, "appear", "DURATION", S, appear, "", "wait until something matches"),
};
static const struct opt_table own_pgrep_table = OPT_TABLE_LINKED_YIELDING(own_pgrep_rows, own_match_links);
static const struct opt pgrep_parts[] = { OPT_PART(KNOWN), OPT_PART(OWN) };
static const struct opt_link pgrep_links[] = { OPT_SPLICE_PART(KNOWN, pgrep_table), OPT_SPLICE_PART(OWN, own_pgrep_table) };

#define JSON_ROW OPT_BOOL(0, "json", S, out.json, "print one JSON object a line")
#define ANCESTORS_ROW OPT_BOOL(0, "ancestors", S, ancestors, "do not spare what this command was started by")
#define ID_ROW OPT_BOOL(0, "id", S, id, "print ids that kill can tell from later processes")

static const struct opt pkill_rows[] = {
	OPT_SIGNAL(0, "signal", S, signo, OPT_SIGNAL_WORDS, "what is sent, TERM by default"),
	OPT_STR('q', "queue", "VALUE", S, queue, "send an integer with the signal"),
	OPT_BOOL('e', "echo", S, echo, "print what is signalled or spared"),
	OPT_BOOL('c', "count", S, count, "print how many match"),
	OPT_BOOL('m', "mrelease", S, release_memory, "free the memory of killed processes at once"),
	VERSION_ROW,
	OPT_PART(MATCH),
	INVERSE_ROW(0),
	HANDLER_ROW,
};
static const struct opt_table pkill_table = OPT_TABLE_LINKED(pkill_rows, match_links);

static const struct opt own_pkill_rows[] = {
	OPT_PART(OWN_MATCH),
	OPT_HEADING("How it is done"),
	ANCESTORS_ROW,
	OPT_BOOL(0, "dry-run", S, dry_run, "print what would be signalled"),
	OPT_CHOICE(0, "allow", "GUARD", S, allow, "pass the guard against many processes of others"),
	OPT_BOOL('I', "interactive", S, interactive, "ask before each"),
	OPT_BOOL('T', "tree", S, tree, "signal descendants, too"),
	OPT_STR_OPTIONAL(0, "wait", "DURATION", S, wait, "", "wait until they have ended"),
	OPT_STR(0, "escalate", "SCHEDULE", S, escalate, "signals and patience in turn: TERM/10/KILL/5"),
	ID_ROW,
	JSON_ROW,
};
static const struct opt_choice guards[] = { { "many", PGREP_ALLOW_MANY }, { "", 0 } };
static const struct opt_link own_pkill_links[] = { OPT_SPLICE_PART(OWN_MATCH, own_match_table), OPT_CHOICES(S, allow, guards) };
static const struct opt_table own_pkill_table = OPT_TABLE_LINKED_YIELDING(own_pkill_rows, own_pkill_links);
static const struct opt pkill_parts[] = { OPT_PART(KNOWN), OPT_PART(OWN) };
static const struct opt_link pkill_links[] = { OPT_SPLICE_PART(KNOWN, pkill_table), OPT_SPLICE_PART(OWN, own_pkill_table) };

static const struct opt pidwait_rows[] = {
	OPT_BOOL('e', "echo", S, echo, "print what is waited for or passed over"),
	OPT_BOOL('c', "count", S, count, "print how many match"),
	VERSION_ROW,
	OPT_PART(MATCH),
	INVERSE_ROW('v'),
};
static const struct opt_table pidwait_table = OPT_TABLE_LINKED(pidwait_rows, match_links);

static const struct opt own_pidwait_rows[] = {
	OPT_PART(OWN_MATCH),
	OPT_HEADING("How it is done"),
	ANCESTORS_ROW,
	OPT_STR(0, "timeout", "DURATION", S, timeout, "give up after this time, with status 124"),
	OPT_BOOL(0, "any", S, any, "until one has ended"),
	OPT_INT(0, "count-exits", "N", S, count_exits, 1, INT64_MAX, "until N have ended"),
	OPT_BOOL(0, "exited", S, exited, "it is no failure when nothing matches any more"),
	OPT_BOOL(0, "status", S, status, "print how each has ended"),
	ID_ROW,
	JSON_ROW,
};
static const struct opt_table own_pidwait_table = OPT_TABLE_LINKED_YIELDING(own_pidwait_rows, own_match_links);
static const struct opt pidwait_parts[] = { OPT_PART(KNOWN), OPT_PART(OWN) };
static const struct opt_link pidwait_links[] = { OPT_SPLICE_PART(KNOWN, pidwait_table), OPT_SPLICE_PART(OWN, own_pidwait_table) };
/* clang-format on */

static const struct pgrep_opts defaults = { .older = PGREP_UNSET,
	                                    .younger = PGREP_UNSET,
	                                    .signo = PGREP_UNSET };

static int run(struct ctx *ctx, const void *options, char **operands, int (*act)(struct pgrep *p))
{
	struct pgrep p;
	int status = pgrep_begin(&p, ctx, options, operands);

	if (status == 0)
		status = act(&p);
	pgrep_end(&p);
	return status;
}

static int pgrep_run(struct ctx *ctx, const void *options, char **operands)
{
	return run(ctx, options, operands, pgrep_list);
}

static int pkill_run(struct ctx *ctx, const void *options, char **operands)
{
	return run(ctx, options, operands, pkill_act);
}

static int pidwait_run(struct ctx *ctx, const void *options, char **operands)
{
	return run(ctx, options, operands, pidwait_act);
}

const struct applet pgrep_applet = {
	.name = "pgrep",
	.group = "Processes",
	.summary = "list processes by name and other properties",
	.operands = "[PATTERN]",
	.says_no_when = "nothing matched",
	.options = OPT_TABLE_LINKED(pgrep_parts, pgrep_links),
	.defaults = &defaults,
	.options_size = sizeof(struct pgrep_opts),
	.takes = OPERANDS_COMMANDS,
	.schemas = (const struct applet_schema[]){ { "each match", &pgrep_entry_table }, { 0 } },
	.run = pgrep_run,
};

const struct applet pkill_applet = {
	.name = "pkill",
	.group = "Processes",
	.summary = "signal processes by name and other properties",
	.operands = "[PATTERN]",
	.says_no_when = "nothing matched, or nothing could be signalled",
	.options = OPT_TABLE_LINKED(pkill_parts, pkill_links),
	.defaults = &defaults,
	.options_size = sizeof(struct pgrep_opts),
	.takes = OPERANDS_COMMANDS,
	.schemas =
		(const struct applet_schema[]){
			{ "each match; a plan with --dry-run", &pkill_item_table },
			{ "the end", &pkill_summary_table },
			{ 0 },
		},
	.run = pkill_run,
};

const struct applet pidwait_applet = {
	.name = "pidwait",
	.group = "Processes",
	.summary = "wait for processes by name and other properties",
	.operands = "[PATTERN]",
	.says_no_when = "nothing matched",
	.options = OPT_TABLE_LINKED(pidwait_parts, pidwait_links),
	.defaults = &defaults,
	.options_size = sizeof(struct pgrep_opts),
	.takes = OPERANDS_COMMANDS,
	.schemas =
		(const struct applet_schema[]){
			{ "each end", &pidwait_event_table },
			{ "the end of all", &pidwait_summary_table },
			{ 0 },
		},
	.run = pidwait_run,
};
