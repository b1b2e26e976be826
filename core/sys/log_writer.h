/* SPDX-License-Identifier: MIT */
/*
 * A file that lines are appended to, by several processes at once if need be, and that is put
 * aside when it has grown too long: FILE becomes FILE.1, FILE.1 becomes FILE.2, and so on. That
 * happens only between two lines, so none is torn. What is no regular file is never put aside.
 */
#pragma once

#include "base/base.h"

struct log_writer;

struct log_rotation {
	uint64_t bytes; /* put aside before it becomes longer; 0: never */
	unsigned keep;  /* how many old ones there may be; at least 1 */
};

/* Opens or makes the file; `path` is copied. 0 or -errno. */
MUST_USE int log_writer_open(const char *path, const struct log_rotation *rotation,
                             struct log_writer **ret);
struct log_writer *log_writer_free(struct log_writer *w);
DEFINE_AUTO_FREE(log_writer)

/* Appends the bytes, any part of a line or several. 0 or -errno: what could not be written. */
MUST_USE int log_writer_add(struct log_writer *w, const char *bytes, size_t len);
