/* SPDX-License-Identifier: MIT */
/*
 * How exactly a file system keeps times: 1 ns on most of today's, 10 ms on exFAT, 1 s on old
 * ones, 2 s on FAT; and what becomes of a given time on it.
 */
#pragma once

#include "base/base.h"

struct time_grain {
	int dirfd;  /* borrowed: where it was found out; -1: nowhere */
	int64_t ns; /* times are multiples of this */
};

/*
 * Sets the time of a file without a name; where there is none, of one that is removed again, if
 * `may_write` (the directory's own times are put back), else the type of the file system tells.
 */
struct time_grain time_grain_find(int dirfd, bool may_write);
/* What `t` becomes; times outside 1970 to 2038 are tried out. */
struct timespec time_grain_stored(const struct time_grain *grain, struct timespec t);
/* a - b in nanoseconds, at the ends of the range when it does not fit. */
int64_t time_difference(struct timespec a, struct timespec b);
