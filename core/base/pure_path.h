/* SPDX-License-Identifier: MIT */
/*
 * Paths as text, with the results of Python's pathlib.PurePosixPath: made normal when they are
 * read (no empty and no "." components, ".." stays; exactly two slashes at the start stay
 * two), then looked at and changed. Pure functions.
 */
#pragma once

#include "base/strbuf.h"

struct pure_path {
	struct strbuf text; /* to be released; "" is the path "." */
	size_t root;        /* slashes it begins with: 0 to 2 */
};

/* Reads `text` into `p`, whose memory is used again. */
void pure_path_read(struct pure_path *p, const char *text);
/* The path as text, "." when it is empty; borrowed. */
const char *pure_path_str(const struct pure_path *p);
/* The last component, "" of a root and of "."; borrowed. */
const char *pure_path_name(const struct pure_path *p);
/* The last dot of a name with what follows it, when there is something on both sides; else "". */
const char *pure_path_suffix(const char *name);
/* The dot of the first of all suffixes; "" when there is none, or the name ends with a dot. */
const char *pure_path_suffixes(const char *name);
/* Takes the last component away. False: there is none, nothing is changed. */
bool pure_path_to_parent(struct pure_path *p);

/*
 * Change the last component. 0; -ENOENT: the path has none; -EINVAL: the new one would be no
 * name, or (of a suffix) is neither empty nor a dot with something behind it. A name holds
 * no slash and is not ".".
 */
MUST_USE int pure_path_set_name(struct pure_path *p, const char *name);
MUST_USE int pure_path_set_stem(struct pure_path *p, const char *stem);
MUST_USE int pure_path_set_suffix(struct pure_path *p, const char *suffix);
