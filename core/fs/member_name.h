/* SPDX-License-Identifier: MIT */
/*
 * What is doubtful about the names and links of an archive's members, and the name under which a
 * member may be extracted. Pure functions, but for the audit, which remembers names.
 */
#pragma once

#include "base/strbuf.h"
#include "fs/members.h"

enum member_trouble {
	TROUBLE_ABSOLUTE = 1 << 0,
	TROUBLE_DOTDOT = 1 << 1,
	TROUBLE_ESCAPES = 1 << 2, /* a link that leads out of the archive, or may */
	TROUBLE_CONTROL = 1 << 3, /* control characters in the name */
	TROUBLE_NOT_UTF8 = 1 << 4,
	TROUBLE_DUPLICATE = 1 << 5, /* the name occurred before */
	TROUBLE_CASE = 1 << 6,      /* one that differs in case only did */
	TROUBLE_SETUID = 1 << 7,    /* set-user-id or set-group-id */
	TROUBLE_DEVICE = 1 << 8,
	TROUBLE_FORWARD = 1 << 9,  /* a hard link to what did not come before */
	TROUBLE_LONG = 1 << 10,    /* a component over 255 bytes, or a path over 4095 */
	TROUBLE_EMPTY = 1 << 11,   /* no name, or one that cannot be decoded */
	TROUBLE_THROUGH = 1 << 12, /* its path leads through a symbolic link of the archive */
	TROUBLE_HEADER = 1 << 13,  /* libarchive found its header odd */
};

enum { MEMBER_TROUBLES = 14, MEMBER_NAME_MAX = 255, MEMBER_PATH_MAX = 4095 };

/* "absolute", "dotdot", ...; static. `n` is the number of the bit. */
const char *member_trouble_word(unsigned n);

/* Of the name alone: ABSOLUTE, DOTDOT, CONTROL, NOT_UTF8, LONG, EMPTY. */
unsigned member_name_troubles(const char *path, size_t len);
/*
 * Makes `ret` the path without empty and "." components, without slashes at either end, and without
 * its first `strip` components; "" when nothing is left. ".." stays: the caller refuses it.
 */
void member_name_clean(struct strbuf *ret, const char *path, size_t len, unsigned strip);
/* How many components a clean path has. */
unsigned member_name_depth(const char *path, size_t len);
/*
 * May the symbolic link at the clean path `path` lead to `target` without leaving the
 * directory all of it lies in? Not when it is absolute, climbs above it, or goes up (..) after it
 * went down, perhaps through another link.
 */
bool member_link_is_inside(const char *path, const char *target);

struct member_audit;

struct member_audit *member_audit_new(void);
struct member_audit *member_audit_free(struct member_audit *a);
DEFINE_AUTO_FREE(member_audit)
/* All that is doubtful about the member, given those before it; bits of enum member_trouble. */
unsigned member_audit_next(struct member_audit *a, const struct member *m);
