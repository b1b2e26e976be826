/* SPDX-License-Identifier: MIT */
/*
 * Patterns as lists of components, for those who find out which paths match them: what a
 * name in a directory is compared with, and with what its own entries will be.
 *
 * A pattern is cut at its slashes. Braces that hold a slash, or a ** (which has to be a
 * whole component), are multiplied out before; all others stay within their component. Components
 * of all patterns form one non-deterministic automaton over names: a set of live parts for
 * each directory, one step for each name on the way down.
 *
 * A leading / or ./ or ../ is the anchor: text that paths begin with. Patterns with
 * different anchors describe different paths, also when they mean the same files.
 */
#pragma once

#include "fs/glob.h"

#include "base/vec.h"

enum {
	GLOB_PATHS_MAX = 16 * 1024,              /* patterns that one is multiplied out to */
	GLOB_PATHS_BYTES_MAX = 16 * 1024 * 1024, /* and their bytes together */
};

enum glob_part_kind {
	GLOB_PART_NAME, /* `glob` */
	GLOB_PART_DEEP, /* **: this directory and all below */
	GLOB_PART_DOT,  /* . or .. behind a wildcard: only by its `tail` */
};

struct glob_part {
	enum glob_part_kind kind;
	bool is_last;
	bool directories; /* of the last: a slash ends the pattern */
	bool negated;
	uint32_t pattern;    /* the caller's number of it */
	struct glob *glob;   /* owned; only of GLOB_PART_NAME */
	const char *literal; /* the only name it matches, of `glob`; or NULL */
	char *tail; /* owned: the path from here to the end when it has no wildcard, or NULL */
};

/* A path without a wildcard. */
struct glob_literal_path {
	char *path; /* owned */
	size_t len;
	bool directory; /* a slash ends the pattern, not the path */
	uint32_t pattern;
};

/* A directory below which matches are. */
struct glob_root {
	uint32_t anchor;
	char *path;     /* owned, "" for the working directory; else a slash ends it */
	uint32_t depth; /* names behind the anchor */
};

struct glob_anchor {
	char *text; /* owned: "", "/", "./", "../", "a/../" */
	/* The parts its patterns begin with. */
	struct {
		VEC_FIELDS(uint32_t);
	} starts;
};

struct glob_paths {
	struct {
		VEC_FIELDS(struct glob_part);
	} parts;
	struct {
		VEC_FIELDS(struct glob_literal_path);
	} literals;
	struct {
		VEC_FIELDS(struct glob_anchor);
	} anchors;
	struct {
		VEC_FIELDS(struct glob_root);
	} roots;     /* filled by glob_paths_finish(); none is below another of its anchor */
	bool hidden; /* wildcards match names with a leading dot */
	bool has_negated;
};

/* Where a pattern is wrong, in the text of the caller. */
struct glob_paths_error {
	char *text; /* owned: the pattern, multiplied out where that was done */
	struct text_error where;
};

/*
 * Adds a pattern. `flags` are GLOB_FOLD_CASE, GLOB_LENIENT and GLOB_HIDDEN_EXPLICIT, the same
 * for all patterns of a set. A negated one takes back what those before it matched.
 * 0, or -EINVAL with *reterr.
 */
MUST_USE int glob_paths_add(struct glob_paths *p, const char *pattern, unsigned flags,
                            uint32_t number, bool negated, struct glob_paths_error *reterr);
/* After the last pattern: chooses the roots. */
void glob_paths_finish(struct glob_paths *p);
void glob_paths_release(struct glob_paths *p);
void glob_paths_error_release(struct glob_paths_error *e);

/* The parts that the names in a directory are compared with, ascending. */
struct glob_live {
	VEC_FIELDS(uint32_t);
};

/* Those at the anchor. */
void glob_live_start(const struct glob_paths *p, uint32_t anchor, struct glob_live *ret);

enum glob_step {
	GLOB_STEP_PLAIN,  /* a directory */
	GLOB_STEP_LINKED, /* reached through a link, or its own ancestor: ** does not go through it
	                   */
};

/* A way down: into the directory `name`. */
struct glob_down {
	const char *name;
	size_t len;
	enum glob_step how;
};

/* Those in the directory; added to *ret, which is empty. */
void glob_live_step(const struct glob_paths *p, const uint32_t *live, size_t n,
                    const struct glob_down *down, struct glob_live *ret);
/* Would anything but negated parts be live in it? */
bool glob_live_enters(const struct glob_paths *p, const uint32_t *live, size_t n,
                      const struct glob_down *down);
/* Do all that are not negated have a tail? */
bool glob_live_is_literal(const struct glob_paths *p, const uint32_t *live, size_t n);

enum { GLOB_NO_PATTERN = INT32_MAX };

/* What `name` in such a directory is. */
struct glob_name {
	const char *name;
	size_t len;
	bool is_directory; /* or a link to one */
	uint32_t also;     /* a pattern that is known to match it, or GLOB_NO_PATTERN */
};
/*
 * The pattern that matches it: the first, or when negated ones match, the first behind
 * them; GLOB_NO_PATTERN. *ret_directories (may be NULL): that one ends in a slash.
 */
uint32_t glob_live_match(const struct glob_paths *p, const uint32_t *live, size_t n,
                         const struct glob_name *name, bool *ret_directories);
/* The same for a relative path, component by component. */
uint32_t glob_live_match_path(const struct glob_paths *p, const uint32_t *live, size_t n,
                              const struct glob_name *path);

/*
 * Which pattern of the set matches a path as text, whatever is there; a slash at its end makes
 * it a directory's. `also` as in struct glob_name.
 */
uint32_t glob_paths_match(const struct glob_paths *p, const char *path, size_t len,
                          bool is_directory, uint32_t also);
