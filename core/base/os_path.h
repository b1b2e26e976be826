/* SPDX-License-Identifier: MIT */
/*
 * Paths as text, with the results of Python's os.path on POSIX: split, splitext, join,
 * normpath, relpath, commonpath, commonprefix, expandvars. Paths are bytes; none of this
 * looks at the file system. Pure functions.
 */
#pragma once

#include "base/strbuf.h"

/* A part of a text that was given. */
struct path_span {
	const char *at;
	size_t len;
};

/* The part up to the last slash, without the slashes that end it unless it is nothing else. */
struct path_span os_path_head(const char *path);
/* What is behind the last slash; "" when the path ends with one. */
const char *os_path_tail(const char *path);
/*
 * Where the extension begins: the last dot of the tail, unless only dots are before it.
 * The end of the text when there is none.
 */
const char *os_path_ext(const char *path);

/* `b` is a path; appends `part`, which replaces all of it when absolute. */
void os_path_join(struct strbuf *b, const char *part);
/*
 * Adds `path` without empty and "." components and with "a/.." taken out. Two slashes
 * at the start stay two, as POSIX allows them a meaning. "" gives ".".
 */
void os_path_add_norm(struct strbuf *b, const char *path);
/* Adds the way from `start` to `path`, both absolute and normal; "." when they are one. */
void os_path_add_rel(struct strbuf *b, const char *path, const char *start);

/* What several paths have in common, one after the other. Zeroed: none was given yet. */
struct os_path_common {
	struct strbuf text; /* to be released; the answer after each path */
	bool begun;
};

/* By components: 0, or -EINVAL when an absolute and a relative path come together. */
MUST_USE int os_path_common_path(struct os_path_common *c, const char *path);
/* By bytes, which may end within a name. */
void os_path_common_prefix(struct os_path_common *c, const char *path);

/* The value of a variable, or NULL when it is not set; `name` is `len` bytes without NUL behind. */
typedef const char *os_path_lookup(const char *name, size_t len, void *user);

struct os_path_vars {
	os_path_lookup *lookup;
	void *user;
	bool more_follows; /* the text is a part of a longer one */
};

/* Longer names are no variables: the kernel takes no longer string at a start. */
enum { OS_PATH_NAME_MAX = 131072 };

/*
 * Adds the text with $NAME and ${NAME} replaced; a name of the first form is made of ASCII
 * letters, digits and _, one of the second of anything but }. Variables that are not set
 * stay as they are, values are not looked at again. Returns how many bytes are done: all, but
 * when more follows not a reference at the end that may go on.
 */
size_t os_path_add_expanded(struct strbuf *b, const char *text, size_t len,
                            const struct os_path_vars *vars);
