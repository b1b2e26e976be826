/* SPDX-License-Identifier: MIT */
/*
 * Paths as text: nothing here looks at the file system, so symbolic links and ..
 * mean what the letters say. Pure functions.
 */
#pragma once

#include "base/strbuf.h"

/*
 * Adds `dir`, a slash where one is needed, and `name`. An empty `dir` adds `name`
 * alone; an absolute `name` is appended all the same.
 */
void path_add_join(struct strbuf *b, const char *dir, const char *name);
/*
 * The last component, borrowed from `path`, with the slashes that end it: "b/" of
 * "/a/b/"; "/" of "/" and "//"; "" of "".
 */
const char *path_base_name(const char *path);
/* Bytes of `path` without the slashes that end it; 1 for "/" and "//". */
size_t path_trimmed_len(const char *path);
/*
 * `path` is `dir` or below it, component by component: "/ab" is not inside "/a". Both
 * normal (path_add_normal()) and both absolute or both relative; "." holds every
 * relative path that does not begin with "..".
 */
bool path_is_inside(const char *path, const char *dir);
/*
 * Adds `path` without empty and "." components and with "a/.." taken out; ".." at the
 * root disappears, at the start of a relative path it stays. "" and "a/.." give ".".
 */
void path_add_normal(struct strbuf *b, const char *path);
