/* SPDX-License-Identifier: MIT */
/*
 * A new file to replace `target`, made by put_regular() but locked (flock(2)) while it is being
 * written and under a name that follows from the target's: what a run that was killed has left is
 * found by the next run for the same target, which takes it away because nobody holds its lock.
 */
#pragma once

#include "fs/put_file.h"

/* 0 with *ret, or -errno. put_commit() or put_abort() must follow. */
MUST_USE int put_regular_locked(int dirfd, const char *target, mode_t mode, struct put *ret);
