/* SPDX-License-Identifier: MIT */
/*
 * Texts with places to be filled in for a file: --format, and the words of a command. The
 * placeholders are those of fd(1), and some for metadata:
 *
 *     {}      the path                       {size}     bytes
 *     {/}     its base name                  {mtime}    epoch seconds, exact decimals
 *     {//}    its parent directory, or .     {mode}     permissions, octal: 0644
 *     {.}     the path without extension     {type}     file, dir, symlink, ...
 *     {/.}    the base name without it       {inode} {nlink} {uid} {gid}
 *     {{ }}   the braces themselves          {user} {group}  names, else the numbers
 *                                            {target}   of a symbolic link
 *
 * An extension is what follows the last dot of the base name, unless that is its first byte:
 * "a.tar" of "a.tar.gz", ".x" of ".x". Slashes at the end of a path count for {} only.
 * Backslashes are ordinary, as in fd. A brace that begins no placeholder stands for itself.
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"
#include "sys/users.h"

#include <sys/stat.h>

enum template_flags {
	/*
	 * The text is a word of a command: {unknown} stands for itself (awk '{print}'), else it
	 * is an error; and a word that begins with a placeholder of the path never becomes an
	 * option: "-x" expands to "./-x".
	 */
	TEMPLATE_COMMAND = 1 << 0,
};

enum template_needs {
	TEMPLATE_NEEDS_STAT = 1 << 0,
	TEMPLATE_NEEDS_TARGET = 1 << 1,
	TEMPLATE_NEEDS_USERS = 1 << 2,
};

/* What is known of a file, all borrowed. What a template needs and is missing shows as "?". */
struct template_entry {
	const char *path;      /* NUL-terminated */
	const struct stat *st; /* NULL: unknown */
	const char *target;    /* of a symbolic link; NULL: it is none, which shows as nothing */
	struct users *users;   /* NULL: {user} and {group} are numbers */
};

struct template;

/* Copies the text. 0, or -EINVAL with *reterr: an unknown placeholder (none in commands). */
MUST_USE int template_compile(const char *text, unsigned flags, struct template **ret,
                              struct text_error *reterr);
struct template *template_free(struct template *t);
DEFINE_AUTO_FREE(template)

/* Which fields of an entry it looks at beside the path: TEMPLATE_NEEDS_*. */
unsigned template_needs(const struct template *t);
/* False: every entry gives the same text. */
bool template_has_placeholder(const struct template *t);
/* Adds the text for `entry`. Pure but for `entry->users`. */
void template_expand(const struct template *t, const struct template_entry *entry,
                     struct strbuf *ret);
