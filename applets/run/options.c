/* SPDX-License-Identifier: MIT */
/* Parts of the option table. */
#include "dialogue.h"

/* clang-format off */
#define S struct run_opts
static const struct opt output_rows[] = {
	OPT_STR(0, "output", "FILE", S, both_file, "send both to FILE"),
	OPT_STR(0, "tee", "FILE", S, tee, "copy both to FILE"),
	OPT_STR_OPTIONAL(0, "stamp", "FORMAT", S, stamp, "%Y-%m-%dT%H:%M:%S%:z",
	                 "put the time before each line; or elapsed, delta"),
	OPT_STR(0, "tag", "TEXT", S, tag, "put TEXT before each line"),
	OPT_BOOL(0, "line-buffered", S, line_buffered, "pass on whole lines, as soon as they are there"),
	OPT_SIZE(0, "max-output", "SIZE", S, max_output, "of more than SIZE pass on the beginning and the end"),
	OPT_BOOL(0, "capture", S, capture, "put the output into the record instead"),
	OPT_BOOL(0, "pty", S, pty, "give it a terminal of its own"),

	OPT_HEADING("Dialogue, at a terminal of its own"),
	OPT_TAGGED(0, "expect", "REGEX", S, dialogue, DIALOGUE_EXPECT, "wait until it has shown what matches REGEX"),
	OPT_TAGGED(0, "send", "TEXT", S, dialogue, DIALOGUE_SEND, "then type TEXT and Enter"),
	OPT_STR(0, "expect-timeout", "DURATION", S, expect_timeout, "how long to wait for that (default: 10s)"),

	OPT_HEADING("Log"),
	OPT_STR(0, "log", "FILE", S, log, "append its lines to FILE too"),
	OPT_STR(0, "log-rotate", "SIZE[,N]", S, log_rotate, "put FILE aside before it is longer than SIZE, keep N"),
};

static const struct opt report_rows[] = {
	OPT_HEADING("Report"),
	OPT_BOOL(0, "report", S, report, "say at the end what it was, how it ended and what it took"),
	OPT_STR(0, "status-file", "FILE", S, status_file, "replace FILE with the record of the run"),
	OPT_STR(0, "history", "FILE", S, history, "append the record of the run to FILE"),
	OPT_STR(0, "on-success", "COMMAND", S, on_success, "then run this line with /bin/sh"),
	OPT_STR(0, "on-failure", "COMMAND", S, on_failure, "the same when the status is not 0"),
	OPT_STR(0, "on-timeout", "COMMAND", S, on_timeout, "the same when a time limit was hit"),
	OPT_STR(0, "on-exit", "COMMAND", S, on_exit, "the same in any case"),
	OPT_LIST(0, "on-signal", "SIG=COMMAND", S, on_signal, "run this line when run gets the signal"),
};

static const struct opt start_rows[] = {
	OPT_STR(0, "name", "NAME", S, name, "what it is called in messages, reports and records"),
	OPT_BOOL(0, "exec", S, exec, "become the command; nothing is watched then"),
	OPT_BOOL(0, "init", S, init, "pass signals on and go by the command, as PID 1 does"),
	OPT_LIST(0, "map-exit", "N=M", S, map_exit, "exit with M instead of N"),
	OPT_LIST(0, "rewrite", "SIG=SIG", S, rewrite, "take one signal to run for another; =0 drops it"),
};

static const struct opt lock_rows[] = {
	OPT_HEADING("Lock"),
	OPT_STR('l', "lock", "FILE", S, lock, "run only while no other run holds FILE"),
	OPT_STR(0, "if-locked", "WHAT", S, if_locked, "when it is held: fail, skip, wait[:DURATION] or kill"),
	OPT_DURATION(0, "lock-timeout", "DURATION", S, lock_wait, "wait no longer than that"),
	OPT_INT(0, "lock-exit", "N", S, lock_exit, 0, 255, "the exit status when it is held (default: 75)"),
	OPT_BOOL(0, "lock-inherit", S, lock_inherit, "let the command and what it leaves hold it too"),
	OPT_BOOL(0, "shared", S, shared, "several runs may hold it at once"),
};

static const struct opt given_rows[] = {
	OPT_HEADING("What the command gets"),
	OPT_STR('C', "chdir", "DIR", S, chdir, "start it in DIR"),
	OPT_LIST('E', "env", "NAME=VALUE", S, env, "set a variable"),
	OPT_LIST(0, "env-file", "FILE", S, env_files, "set the variables that are in FILE"),
	OPT_LIST('u', "unset", "NAME", S, unset, "remove a variable"),
	OPT_BOOL('i', "clean-env", S, clean_env, "give it no variables but those of --env"),
	OPT_BOOL(0, "as-cron", S, as_cron, "give it what cron would: few variables, no terminal"),
	OPT_STR(0, "umask", "MODE", S, umask, "its file mode creation mask, octal"),
	OPT_STR(0, "user", "USER[:GROUP]", S, user, "run it as USER, with all groups of that, or GROUP alone"),
	OPT_STR(0, "nice", "N", S, nice, "its priority, from -20 to 19"),
	OPT_STR(0, "ionice", "CLASS[:N]", S, ionice, "its priority for disks: idle, best-effort, realtime"),
	OPT_SIZE(0, "memory", "SIZE", S, memory, "the memory that it may have, with all its processes"),
	OPT_STR(0, "argv0", "NAME", S, argv0, "what it is told to be its name"),
	OPT_STR(0, "stdin", "FILE", S, input, "read its standard input from FILE"),
	OPT_STR(0, "input", "TEXT", S, input_text, "give it TEXT and a newline to read"),
	OPT_BOOL(0, "no-stdin", S, no_stdin, "give it an empty standard input"),
};
#undef S
/* clang-format on */

const struct opt_table run_report_table = OPT_TABLE(report_rows);
const struct opt_table run_start_table = OPT_TABLE(start_rows);

const struct opt_table run_output_table = OPT_TABLE(output_rows);
const struct opt_table run_lock_options = OPT_TABLE(lock_rows);
const struct opt_table run_given_table = OPT_TABLE(given_rows);
