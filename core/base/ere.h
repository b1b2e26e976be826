/* SPDX-License-Identifier: MIT */
/*
 * POSIX extended regular expressions over bytes, and a short way for those that are plain text.
 * The C library's regcomp() and regexec() do the rest; in the C locale, which the box keeps,
 * . and [] take one byte and letters of either case are those of ASCII.
 */
#pragma once

#include "base/strbuf.h"

enum ere_flags {
	ERE_WHOLE = 1 << 0,     /* the whole text must match */
	ERE_FOLD_CASE = 1 << 1, /* letters match in either case */
};

struct ere;

/*
 * 0; -EINVAL with the reason, a phrase of the C library, added to *reterr: `pattern` is no
 * expression.
 */
MUST_USE int ere_new(const char *pattern, unsigned flags, struct ere **ret, struct strbuf *reterr);
struct ere *ere_free(struct ere *e);
DEFINE_AUTO_FREE(ere)

/* Any thread; `text` ends with a NUL at `len`. */
bool ere_matches(const struct ere *e, const char *text, size_t len);
/* The expression has no special characters, so that it is compared as text. */
bool ere_is_literal(const struct ere *e);
