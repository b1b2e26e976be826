/* SPDX-License-Identifier: MIT */
/*
 * Which entries of a tree a job is about: one engine for all applets.
 *
 * The rules --include, --exclude, --include-from, --exclude-from and --ignore are asked
 * in the order of the command line, and the FIRST that matches decides, as in rsync.
 * When none matches, the ignore files of --gitignore are asked, which are those below the root
 * operand and in a part of a git repository those above it too; when they say nothing
 * either, the entry is included. So `--include='*.c' --exclude='*'` keeps the *.c files at
 * the top and enters no directory; an --include of a star and a slash in front of it keeps
 * those at any depth. --include alone keeps nothing out.
 *
 * A file of --include-from or --exclude-from is one rule at its place. Within it the
 * LAST line that matches decides, as in .gitignore, where a line with ! says the
 * opposite of the file's option: `*.o` and then `!keep.o` excludes all but keep.o.
 *
 * Patterns are those of ignore_rules.h and glob.h, relative to the root operand: without
 * a slash they match the base name at any depth, with one the path from the root; with
 * one at the end directories only. --ignore is a base name always. An excluded
 * directory is not entered, so nothing below it can be included again.
 *
 * `gnu_exclude` gives --exclude and --exclude-from the meaning they have in GNU du
 * (gnulib's exclude, EXCLUDE_WILDCARDS): fnmatch() patterns whose * and ? match slashes,
 * compared with the path as printed and with each part of it after a slash; in files
 * one a line, blanks at its end dropped, nothing else special. Operands are asked too,
 * by filter_wants_root().
 *
 * --type, sizes, times and owner restrict what is not a directory; directories are
 * entered all the same. All limits are inclusive.
 *
 * A filter is constant; all functions may run on many threads at once.
 */
#pragma once

#include "fs/walk.h"

#include "base/strv.h"
#include "base/text.h"

enum filter_tag {
	FILTER_EXCLUDE,
	FILTER_INCLUDE,
	FILTER_EXCLUDE_FROM,
	FILTER_INCLUDE_FROM,
	FILTER_IGNORE,
};

/* Plain data; zeroed it lets everything through. */
struct filter_opts {
	struct tagged_strv rules; /* enum filter_tag; "-" as a file is standard input */
	bool gnu_exclude;
	unsigned types; /* bits 1 << DT_REG and so on; 0: all */
	uint64_t min_size;
	uint64_t max_size;
	bool has_max_size;
	struct timespec newer; /* st_mtime at this time or later */
	struct timespec older; /* st_mtime at this time or earlier */
	bool has_newer, has_older;
	uid_t owner;
	gid_t group;
	bool has_owner, has_group;
	bool not_owner, not_group; /* all but that one */
	bool gitignore;
	bool exclude_caches;            /* directories with a CACHEDIR.TAG are left unread */
	struct strv exclude_if_present; /* so are those that hold such a name */
};

enum { FILTER_FILE_MAX = 16 << 20 }; /* bytes of an --exclude-from file */

struct filter;

/* What is wrong with the rules. */
struct filter_error {
	const char *option; /* "--exclude"; static */
	const char *file;   /* of --exclude-from, borrowed from the options; or NULL */
	size_t line;        /* in it */
	int err;            /* an errno value: the file could not be read */
	char *text;         /* otherwise: the pattern or line, and the mistake in it */
	struct text_error where;
};

/* 0, -EINVAL or -errno with *reterr. The strings in `opts` must outlive the filter. */
MUST_USE int filter_compile(const struct filter_opts *opts, struct filter **ret,
                            struct filter_error *reterr);
void filter_error_release(struct filter_error *error);
struct filter *filter_free(struct filter *f);
DEFINE_AUTO_FREE(filter)

/* Lets everything through: need not be asked. */
bool filter_is_trivial(const struct filter *f);
/* filter_passes_stat() looks at more than the type. */
bool filter_needs_stat(const struct filter *f);
/* Hooks for walk(): names, ignore files, and types as far as they are known there. */
struct walk_select filter_select(const struct filter *f);
/* Is an operand itself included? False only with gnu_exclude. */
bool filter_wants_root(const struct filter *f, const char *root);
/*
 * --type, sizes, times and owner, for an entry of type DT_REG and so on. A directory has
 * to pass --type only; sizes are asked of regular files only.
 */
bool filter_passes_stat(const struct filter *f, unsigned char type, const struct stat *st);
/* The same for owner and group alone. */
bool filter_owner_fits(const struct filter_opts *opts, const struct stat *st);
/* How many ignore files could not be read or were too big so far, and were left out. */
uint64_t filter_unusable_files(const struct filter *f);

/*
 * Tells which rule decides on `path` (relative to the operand `root`), and how: adds
 * "--exclude='*.o': excluded", "list:3: '!a.o': included", "no rule matches: included".
 * The directories on the way are looked at as a walk would. What does not exist is a
 * directory when a slash ends it. Returns whether it is included.
 */
bool filter_explain(const struct filter *f, const char *root, const char *path, struct strbuf *ret);

/*
 * For traversals that are not walk(): the directory `name` in `parent` (NULL: a root, by
 * the name it was given), open as `fd` (-1: nothing in it is looked at). It keeps
 * its parents alive. Always sets *ret; false: to be left unread.
 */
struct filter_dir;
bool filter_enter(const struct filter *f, struct filter_dir *parent, const char *name, int fd,
                  struct filter_dir **ret);
struct filter_dir *filter_dir_free(struct filter_dir *dir);
DEFINE_AUTO_FREE(filter_dir)
/* The entry `name` in `dir`, of type DT_REG and so on. */
bool filter_wants(const struct filter *f, const struct filter_dir *dir, const char *name,
                  size_t len, unsigned char type);
