/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes of a single name in an open directory. Uses listxattrat() and
 * getxattrat() of Linux 6.13; before it the way leads through /proc/self/fd.
 */
#pragma once

#include "base/base.h"

enum { XATTR_NAMES_MAX = 65536 }; /* the kernel's own limit of a list */

/* What was learned about the kernel; zeroed at first. Belongs to one thread. */
struct xattr_way {
	bool no_at_calls;
};

struct xattr_file {
	int dirfd; /* or AT_FDCWD */
	const char *name;
	bool follow;
};

/* The names, each with its NUL, into `buffer`; nowhere when `size` is 0. Their bytes, or -errno. */
MUST_USE ssize_t xattr_list_at(struct xattr_way *way, const struct xattr_file *file, char *buffer,
                               size_t size);
/* The value of one. Its bytes, or -errno. */
MUST_USE ssize_t xattr_get_at(struct xattr_way *way, const struct xattr_file *file,
                              const char *attribute, char *buffer, size_t size);
/* Is `attribute` among the names of a list? */
bool xattr_list_has(const char *list, size_t len, const char *attribute);
