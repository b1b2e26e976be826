/* SPDX-License-Identifier: MIT */
/*
 * What shells know about names that are no files: their own words, and what `alias` and
 * `declare -f` print about a user's. Pure functions; all strings are borrowed from the
 * text that was given.
 */
#pragma once

#include "base/strv.h"

enum shell_word { SHELL_WORD_NONE, SHELL_WORD_BUILTIN, SHELL_WORD_KEYWORD };

/* Is the name a builtin or a reserved word of POSIX shells or of bash? */
enum shell_word shell_word_of(const char *name);

struct shell_span {
	const char *at;
	size_t len;
};

struct shell_alias {
	struct shell_span name;
	struct shell_span line; /* all of it, without the newline */
	struct shell_span body; /* what it stands for, as it was quoted */
};

struct shell_function {
	struct shell_span name;
	struct shell_span text; /* from its name to the closing brace, without the last newline */
};

struct shell_defs {
	struct shell_aliases {
		VEC_FIELDS(struct shell_alias);
	} aliases;
	struct shell_functions {
		VEC_FIELDS(struct shell_function);
	} functions;
};

/*
 * Reads what `alias`, `declare -f` or both, in this order, printed: bash, dash, ksh, zsh and
 * csh write `alias NAME='TEXT'`, `NAME=TEXT` or NAME, a tab and TEXT; functions start with a line
 * `NAME ()` or `NAME () {` and end with a line `}`. As in GNU which, lines are functions only when
 * they were asked for, and no alias follows the first function.
 */
void shell_defs_parse(struct shell_defs *defs, const char *text, size_t len, bool aliases,
                      bool functions);
void shell_defs_release(struct shell_defs *defs);

/* NULL when there is none. Of two aliases with one name, the first. */
const struct shell_alias *shell_defs_alias(const struct shell_defs *defs, const char *name);
const struct shell_function *shell_defs_function(const struct shell_defs *defs, const char *name);

/*
 * The next command an alias runs: the first word of its body, and of each part behind | & or ;.
 * *at starts at 0 and remembers the place. False when there are no more.
 */
bool shell_alias_command(const struct shell_alias *alias, size_t *at, struct shell_span *ret);
