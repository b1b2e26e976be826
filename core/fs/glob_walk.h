/* SPDX-License-Identifier: MIT */
/*
 * Finds the paths that patterns match, with the walker: relative to the working directory,
 * each path once, only in directories that can hold matches. Links to directories are
 * followed where a component names them, as in a shell; ** follows them with `follow` only, and
 * then never into a directory that is its own ancestor.
 *
 * A pattern without wildcards is looked up and never searched for. What is excluded
 * by the filter is neither a match nor entered; the filter sees the parts of patterns
 * in front of the first wildcard too. Its --type is not to be set: a link that leads on is
 * no match.
 */
#pragma once

#include "fs/filter.h"
#include "fs/glob_paths.h"

struct glob_walk_opts {
	const struct glob_paths *paths; /* finished */
	const struct filter *filter;    /* may be NULL */
	bool follow;
	bool one_file_system;
	unsigned min_depth; /* names in the path, but . and .. */
	unsigned max_depth; /* WALK_DEPTH_ANY */
	unsigned threads;   /* as in struct walk_opts */
	unsigned workers;
};

struct glob_match {
	int dirfd;
	const char *name;   /* below dirfd, NUL-terminated; perhaps with slashes */
	unsigned char type; /* of the link's target with `follow`, if it has one */
	bool slash;         /* the path ends with one: the pattern did */
	unsigned depth;
	uint32_t pattern; /* its number */
	unsigned worker;
	/* For glob_match_add_path() only. */
	const struct walk_dir *parent;
	size_t skip;
};

/* Called on several threads at once. */
struct glob_walk_hooks {
	/* False ends the walk. */
	bool (*found)(const struct glob_match *match, void *user);
	/* `verb` as in "cannot VERB path". */
	void (*failed)(const char *verb, const char *path, int err, void *user);
	void *user;
};

/* 0 or -errno, when the walk itself could not go on. */
MUST_USE int glob_walk(const struct glob_walk_opts *opts, const struct glob_walk_hooks *hooks);
unsigned glob_walk_workers(const struct glob_walk_opts *opts);
/* Adds the path as the pattern spells it. */
void glob_match_add_path(const struct glob_match *match, struct strbuf *ret);
