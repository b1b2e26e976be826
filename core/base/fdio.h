/* SPDX-License-Identifier: MIT */
/* Whole reads and writes on descriptors: short transfers and EINTR are continued. */
#pragma once

#include "base/strbuf.h"

/* Writes all of it. 0 or -errno. */
MUST_USE int fdio_write_all(int fd, const void *data, size_t len);
/* Reads until `len` bytes are there or the file ends. Bytes read, or -errno. */
MUST_USE ssize_t fdio_read_full(int fd, void *buffer, size_t len);
/*
 * Adds everything that is left in `fd` to `ret`. 0, -errno, or -EFBIG when it
 * is more than `limit` bytes (what fits has been added).
 */
MUST_USE int fdio_read_all(int fd, size_t limit, struct strbuf *ret);
/* As fdio_read_all() on the file `name` in `dirfd`. */
MUST_USE int fdio_read_file(int dirfd, const char *name, size_t limit, struct strbuf *ret);
