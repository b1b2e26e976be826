/* SPDX-License-Identifier: MIT */
/*
 * The order of names with numbers in them: a2 before a10, a.tar before a-1.tar. The rules are
 * those of gnulib's filevercmp() (2022 and later; Debian's for versions of packages, with
 * suffixes like .tar.gz left for the end), which GNU ls -v and sort -V use. Pure functions.
 */
#pragma once

#include "base/base.h"

/* Negative, 0 or positive. 0 does not mean that the bytes are the same: a01 and a1. */
int version_compare(const char *a, size_t a_len, const char *b, size_t b_len);
