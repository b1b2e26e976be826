/* SPDX-License-Identifier: MIT */
/*
 * Shell patterns over whole paths. Compiled once; matching never allocates, takes
 * time linear in pattern x path, and may run on any number of threads at once.
 *
 *     ?           one character but '/'
 *     *           any number of characters but '/'
 *     [a-z] [!x]  one character of a set ([^x] is the same as [!x]); never '/';
 *                 ranges in the order of the bytes, [z-a] is empty; a ] first in
 *                 the set is a member; [[:alpha:]] and so on, ASCII
 *     **          as a whole component: any number of directories, also none, and
 *                 at the end everything below (in a/, not a itself);
 *                 elsewhere the same as *; it is in one piece, so that the stars of
 *                 {a,*}* are two
 *     {a,b}       alternatives, nestable, also empty ones; without a comma the
 *                 braces are ordinary characters
 *     \x          the character x
 *
 * Works on bytes: ? and [] take one UTF-8 character where the bytes are valid
 * UTF-8, one byte where they are not.
 *
 * Patterns become one non-deterministic automaton (Thompson, 1968) of at most
 * GLOB_INSTRUCTIONS_MAX states whose empty moves only lead forward, so that one
 * ascending pass over the set of live states handles a character. Alternatives are
 * branches in it and never multiplied out.
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"

enum glob_flags {
	GLOB_FOLD_CASE = 1 << 0,       /* upper and lower case are the same; see case_fold.h */
	GLOB_BASENAME = 1 << 1,        /* only the last component of the path is looked at */
	GLOB_NO_BRACES = 1 << 2,       /* { and } are ordinary characters */
	GLOB_CROSS_SLASH = 1 << 3,     /* * ? [] match '/' too, as fnmatch() without FNM_PATHNAME */
	GLOB_HIDDEN_EXPLICIT = 1 << 4, /* a component's leading dot is matched by a dot only */
	/*
	 * What is malformed stands for itself, as in fnmatch(): [ without ], { without },
	 * a backslash at the end. An unknown [:class:] is empty.
	 */
	GLOB_LENIENT = 1 << 5,
	GLOB_BYTES = 1 << 6, /* a character is a byte, as in git */
};

enum {
	GLOB_PATTERN_MAX = 64 * 1024,      /* bytes */
	GLOB_INSTRUCTIONS_MAX = 32 * 1024, /* states of the automaton */
	GLOB_NESTING_MAX = 64,             /* braces within braces */
};

struct glob;

/* 0, or -EINVAL with *reterr telling what is wrong and where. */
MUST_USE int glob_compile(const char *pattern, unsigned flags, struct glob **ret,
                          struct text_error *reterr);
struct glob *glob_free(struct glob *glob);
DEFINE_AUTO_FREE(glob)

/* Does the pattern match all of the `len` bytes at `path`? */
bool glob_matches(const struct glob *glob, const char *path, size_t len);
/*
 * False when no path below the directory can match, so that it need not be read. ""
 * is the directory patterns are relative to.
 */
bool glob_may_match_below(const struct glob *glob, const char *directory, size_t len);

/*
 * When the pattern has no special characters: the only path it matches, unescaped, with
 * its length. NULL otherwise, and with GLOB_FOLD_CASE or GLOB_BASENAME. Owned by `glob`.
 */
const char *glob_literal(const struct glob *glob, size_t *ret_len);

/* Finds a set with a range that holds nothing, [z-a], and its place. */
bool glob_find_empty_range(const char *pattern, struct text_error *ret);

/* Adds `name` as a pattern that matches only itself. */
void glob_add_escaped(struct strbuf *b, const char *name, size_t len);
