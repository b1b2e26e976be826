/* SPDX-License-Identifier: MIT */
/*
 * The ignore files of one directory: .git/info/exclude, .gitignore and .ignore, later
 * ones over earlier ones, read through the directory's descriptor by single names.
 * Symbolic links and anything but regular files are not read (nor does git), nor is
 * a .git that is a file (a worktree's), and no repository is needed. Malformed patterns
 * match nothing, as in git.
 */
#pragma once

#include "fs/ignore_rules.h"

enum { GITIGNORE_SIZE_MAX = 1 << 20 }; /* bytes of one file */

struct gitignore;

/*
 * NULL when the directory has none. A file that is too big or cannot be read is left
 * out as a whole, and counted in *ret_unusable.
 */
struct gitignore *gitignore_read(int dirfd, unsigned *ret_unusable);
struct gitignore *gitignore_free(struct gitignore *g);
DEFINE_AUTO_FREE(gitignore)
/* The rule that decides on something below the directory; NULL when none does. */
const struct ignore_rule *gitignore_find(const struct gitignore *g,
                                         const struct ignore_subject *subject);
/* The file a rule is from, relative to the directory. */
const char *gitignore_file(const struct ignore_rule *rule);
