/* SPDX-License-Identifier: MIT */
/*
 * Patterns in the style of .gitignore (gitignore(5)), in order:
 *
 *     name      this base name at any depth
 *     a/b /a    a slash at the start or within: the path from the rules' directory
 *     name/     directories only
 *     !name     (in files) not this one after all
 *     # ...     (in files) a comment; \# and \! start a name
 *
 * Blanks at a line's end are dropped unless a backslash is before them. The last rule
 * that matches decides. Rules are constant once read and may be asked by many threads.
 */
#pragma once

#include "fs/glob.h"

#include "base/vec.h"

enum ignore_syntax {
	/* As git reads it: bytewise, no braces; a malformed pattern matches nothing. */
	IGNORE_GIT,
	/* glob.h's patterns; a malformed one is an error. */
	IGNORE_HOUSE,
};

struct ignore_rule {
	char *text;        /* as it was written; owned */
	struct glob *glob; /* owned; NULL matches nothing */
	bool negated;      /* ! */
	bool directories_only;
	bool anchored;   /* the path is compared, not the base name */
	unsigned source; /* which of the caller's files it is from */
	size_t line;     /* in it, from 1; 0 when it is not from a file */
};

struct ignore_rules {
	VEC_FIELDS(struct ignore_rule);
};

/* What is asked about. */
struct ignore_subject {
	const char *path; /* relative to the rules' directory */
	size_t path_len;
	const char *name; /* its last component */
	size_t name_len;
	bool is_directory;
};

/* A mistake in a file. */
struct ignore_error {
	size_t line; /* from 1 */
	char *text;  /* the line; the caller frees it */
	struct text_error where;
};

/* Adds one pattern, nothing stripped and no ! read. 0, or -EINVAL with *reterr (HOUSE only). */
MUST_USE int ignore_rules_add(struct ignore_rules *rules, const char *pattern,
                              enum ignore_syntax syntax, struct text_error *reterr);
/* Adds a file's lines. 0, or -EINVAL with *reterr for its first mistake (HOUSE only). */
MUST_USE int ignore_rules_add_lines(struct ignore_rules *rules, const char *text, size_t len,
                                    enum ignore_syntax syntax, unsigned source,
                                    struct ignore_error *reterr);
/* The rule that decides, the last that matches; NULL when none does. */
const struct ignore_rule *ignore_rules_find(const struct ignore_rules *rules,
                                            const struct ignore_subject *subject);
void ignore_rules_release(struct ignore_rules *rules);
