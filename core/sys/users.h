/* SPDX-License-Identifier: MIT */
/*
 * Users and groups by number and by name. A cache object belongs to one thread at a
 * time; different objects may be used at once. Names come from the C library's name
 * services; in a static binary, which cannot load those, from /etc/passwd and /etc/group.
 */
#pragma once

#include "base/strbuf.h"

#include <sys/types.h>

struct users;

struct users *users_new(void);
struct users *users_free(struct users *u);
DEFINE_AUTO_FREE(users)

/* Borrowed until users_free(); NULL when the number has no name or nobody can tell. */
const char *users_name(struct users *u, uid_t uid);
const char *users_group_name(struct users *u, gid_t gid);

/* 0, -ENOENT, or -errno when the name service failed. Numbers are not names here. */
MUST_USE int users_uid(struct users *u, const char *name, uid_t *ret);
MUST_USE int users_gid(struct users *u, const char *name, gid_t *ret);

/*
 * Adds the home directory of the user `name` or, when that is NULL, of the user with the number
 * `uid`. 0, -ENOENT, or -errno when the name service failed.
 */
MUST_USE int users_home(struct users *u, const char *name, uid_t uid, struct strbuf *ret);

/*
 * The parser for passwd(5) and group(5), where NAME:PASSWORD:NUMBER begins each line. Pure.
 * Lines with an empty name or without a number are skipped, so are NIS's + and - lines.
 * Of several lines that fit, the first counts.
 */
/* The name for a number: points into the text, its length goes to *ret_len. NULL: none. */
const char *users_text_name(const char *text, size_t len, uint32_t id, size_t *ret_len);
/* The sixth field of the line for a name or, when that is NULL, a number. NULL: no such line. */
const char *users_text_home(const char *text, size_t len, const char *name, uint32_t id,
                            size_t *ret_len);
/* 0 or -ENOENT. */
MUST_USE int users_text_id(const char *text, size_t len, const char *name, uint32_t *ret);
