/* SPDX-License-Identifier: MIT */
/*
 * Looking for commands in a list of directories, the way the shells do it: an empty
 * element is the working directory, `~` means itself, nothing is normalised, and a
 * file counts when it is a regular one, after following links, and may be executed
 * by the effective user. Facts only: no words, no environment. A struct command_path
 * belongs to one thread.
 */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"

#include <sys/stat.h>

struct command_path;

/* The list to search when PATH is not set, confstr(_CS_PATH); the caller frees it. */
char *command_path_default(void);

/*
 * `list` is split at its colons and copied; "" is one empty element. `access` is a mask of
 * R_OK, W_OK and X_OK as for access(2), or F_OK; without X_OK anything but a directory counts.
 * `names` is how many names will be looked up: with several, each directory is
 * opened once, and one that is missing is not asked again.
 */
struct command_path *command_path_new(const char *list, int access, size_t names);
struct command_path *command_path_free(struct command_path *p);
DEFINE_AUTO_FREE(command_path)

size_t command_path_len(const struct command_path *p);
/* The element as it was in the list. */
const char *command_path_dir(const struct command_path *p, size_t index);
/* The element is passed over from now on, and is never a match. */
void command_path_skip(struct command_path *p, size_t index);
/* Adds DIR/NAME: "./NAME" for an empty element, no second slash behind one. */
void command_path_add(const struct command_path *p, size_t index, const char *name,
                      struct strbuf *ret);

struct command_match {
	size_t dir; /* index of the element; COMMAND_NO_DIR for a name with a slash */
	struct stat st;
};

enum { COMMAND_NO_DIR = -1 };

struct command_matches {
	VEC_FIELDS(struct command_match);
};

/* Some of the elements, in the order of the list. */
struct command_dirs {
	const size_t *items;
	size_t len;
};

/*
 * Adds the matches of `name` to `ret`, in the order of the list: all of them, or only the
 * first. `only` limits the search to these elements; NULL searches all. A name with a
 * slash is not searched for but tested itself. The empty name has no matches.
 */
void command_path_find(struct command_path *p, const char *name, const struct command_dirs *only,
                       bool all, struct command_matches *ret);

/*
 * Why a candidate of the last command_path_find() could not be looked at, an errno value, and
 * which element it is in; of several the first. 0: all could. That it is missing, or may not
 * be reached, is no trouble.
 */
int command_path_trouble(const struct command_path *p, size_t *ret_dir);

/* Why a candidate is, or is not, the command. */
enum command_verdict {
	COMMAND_FOUND,
	COMMAND_DIR_MISSING, /* the directory does not exist */
	COMMAND_DIR_NO_DIR,  /* the element is a file */
	COMMAND_DIR_DENIED,  /* the directory may not be searched */
	COMMAND_MISSING,     /* no such file in it */
	COMMAND_IS_DIR,      /* a directory of that name */
	COMMAND_NOT_REGULAR, /* a fifo, socket or device */
	COMMAND_DENIED,      /* not executable (or not readable, writable) for the effective user */
	COMMAND_NO_EXEC_MOUNT, /* executable, but its file system is mounted noexec */
	COMMAND_DANGLING,      /* a symbolic link that leads nowhere */
	COMMAND_LINK_LOOP,     /* symbolic links that lead in a circle */
	COMMAND_TOO_LONG,      /* no system call could be given that path */
	COMMAND_SKIPPED,       /* command_path_skip() */
	COMMAND_TROUBLE,       /* anything else: see `err` */
};

struct command_reason {
	enum command_verdict verdict;
	int err;        /* the errno value behind it, or 0 */
	struct stat st; /* COMMAND_FOUND: of the file */
};

/* `index` is COMMAND_NO_DIR for a name with a slash. Takes more system calls than a search. */
struct command_reason command_path_explain(struct command_path *p, size_t index, const char *name);

/* A name that several directories hold, and which. */
struct command_name {
	const char *name;
	struct command_dirs dirs;
};

struct command_names {
	VEC_FIELDS(struct command_name);
	struct map *keys; /* owns the names */
	size_t *pool;     /* owns the dirs */
};

/*
 * Reads the directories and collects, in bytewise order, the names that occur in at least two
 * different ones; whether they are executable is not looked at. A directory that is listed
 * twice, or under two names, counts once; one that cannot be read is passed over.
 */
void command_path_names(struct command_path *p, struct command_names *ret);
void command_names_release(struct command_names *names);

/*
 * Adds the relative `path` as seen from `cwd`, an absolute path without symbolic links:
 * leading "./" and "../" are worked in, the rest stays as it is. An absolute path is
 * added unchanged. Pure.
 */
void command_path_add_absolute(struct strbuf *ret, const char *cwd, const char *path);
