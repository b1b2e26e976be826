/* SPDX-License-Identifier: MIT */
/*
 * What an applet is: one constant. Parsing, --help, the manual and the
 * completions are derived from it; applets/applets.def lists all of them.
 */
#pragma once

#include "cli/diag.h"
#include "cli/opt.h"
#include "cli/out.h"

struct applet;

/* Everything one run may touch. */
struct ctx {
	const struct applet *applet;
	struct diag *diag;
	struct out *out;
};

/* What the operands of an applet are, for the completions. */
enum operand_kind {
	OPERANDS_FILES,
	OPERANDS_COMMANDS,        /* names of commands, all of them */
	OPERANDS_COMMAND_LINE,    /* NAME=VALUE words, a command, and what is that command's own */
	OPERANDS_WORD_AND_COMMAND /* the same behind one word more */
};

struct applet {
	const char *name;         /* of a verb "archive create", with its applet's in front */
	const char *group;        /* heading in the list of applets: "Files", "Processes" */
	const char *summary;      /* a phrase: "show where the space of a tree went" */
	const char *operands;     /* "[path ...]" */
	const char *says_no_when; /* meaning of EXIT_NO, or NULL when it is never used */
	struct opt_table options;
	const void *defaults; /* an options_size struct, or NULL for zeroes */
	size_t options_size;
	struct exit_codes codes;
	bool stop_at_operand;
	enum operand_kind takes;
	/* Column tables of its records, for the manual's schema; ends with a zeroed row. */
	const struct applet_schema {
		const char *when; /* "each entry", "--fs" */
		const struct column_table *table;
	} * schemas;
	/*
	 * Returns the exit status. `operands` ends with NULL. NULL: there are verbs, and one has to
	 * be named.
	 */
	int (*run)(struct ctx *ctx, const void *options, char **operands);
	/*
	 * Applets one level down, for first words that name one; other command lines are the
	 * applet's own. Ends with NULL; NULL: none. A verb has no verbs.
	 */
	const struct applet *const *verbs;
};

/* What the user types for a verb: its name without the applet's. */
const char *applet_verb(const struct applet *verb);
/* The verb that is called so, or NULL. */
const struct applet *applet_find_verb(const struct applet *applet, const char *word);

/* All applets, in the order of applets.def. */
extern const struct applet *const applet_table[];
extern const size_t applet_table_len;
