/* SPDX-License-Identifier: MIT */
/*
 * Running a command for files, as fd's -x (once for each) and -X (for as many as fit), without
 * a shell:
 *
 *     status = exec_new(&request, &exec);         0, or the usage error was reported
 *     while (files) if (exec_add(exec, &entry) < 0) break;
 *     status = exec_finish(exec);
 *     exec_free(exec);
 *
 * Words. Placeholders (template.h) may stand anywhere but in the command itself; without one,
 * the path is appended as the last argument. A batch has one argument with placeholders,
 * which is repeated for each file. A path that begins with '-' is given as "./-...", so that
 * no name becomes an option. The command is looked for in PATH once, when the first file is
 * there: without files nothing is run and nothing can be missing.
 *
 * Batches are filled up to what the kernel takes (a quarter of the stack limit, at most 6 MiB,
 * with the environment; should it refuse one all the same, that one is divided); a file
 * whose argument alone is too long (128 KiB) is reported and left out.
 *
 * Jobs. With one, commands run in the order of the files and have the box's standard input
 * and output. With more, standard input is the null device, and the outputs of a command
 * are kept in unnamed files and passed on in one piece when it has ended, in that order.
 * What the box has printed itself always comes before.
 *
 * Status. A command that fails says why itself; one that is killed by a signal, or cannot be
 * run, is reported here. When the command does not exist or cannot be executed, or standard
 * output has no reader any more, no further one is started. So it is after sig_stopped():
 * those that run are waited for, and get a TERM or HUP that the box got (INT comes from
 * the terminal to all). The applet installs the signal handlers if it wants this.
 *
 * A struct exec belongs to the main thread.
 */
#pragma once

#include "cli/diag.h"
#include "cli/out.h"
#include "cli/template.h"

enum exec_mode { EXEC_EACH, EXEC_BATCH };

struct exec_request {
	const char *option;       /* for messages: "--exec" */
	const char *const *words; /* the command, exec_word_count() of them; borrowed */
	size_t word_count;
	enum exec_mode mode;
	unsigned jobs;   /* commands at a time; 0 counts as 1 */
	bool fail_fast;  /* after the first that fails none is started */
	bool null_stdin; /* also with one job: the box needs its standard input itself */
	int dir;         /* working directory of the commands, or SPAWN_INHERIT (sys/spawn.h) */
	struct diag *diag;
	struct out *out; /* standard output */
};

struct exec;

/* How many of the words are the command: up to ";" alone, or NULL. */
size_t exec_word_count(const char *const *words);

/* 0; or the status of the usage error that was reported: no command, a placeholder in it. */
MUST_USE int exec_new(const struct exec_request *request, struct exec **ret);
/* Waits for what runs; a batch that exec_finish() did not see is dropped. */
struct exec *exec_free(struct exec *e);
DEFINE_AUTO_FREE(exec)

/* What the entries must bring: TEMPLATE_NEEDS_*. */
unsigned exec_needs(const struct exec *e);
/*
 * Runs the command for this file, or keeps it for the batch. May wait for a command that runs.
 * The entry is not used afterwards. 0, or -ECANCELED: no further command will be started.
 */
MUST_USE int exec_add(struct exec *e, const struct template_entry *entry);
/*
 * Runs the last batch and waits for all. 0; 1: a command failed, or a file was left out;
 * 125, 126, 127: it could not be run, as SPAWN_CODE_*. Messages count 1 in the diagnostics.
 */
int exec_finish(struct exec *e);

struct exec_totals {
	uint64_t started;
	uint64_t failed; /* of those, ended with a code other than 0 or by a signal */
};
struct exec_totals exec_totals(const struct exec *e);
