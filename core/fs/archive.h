/* SPDX-License-Identifier: MIT */
/*
 * The door to libarchive, with members.h: nothing else includes <archive.h>. No external program
 * is ever started for a format, and what libarchive says is data, never trusted.
 */
#pragma once

#include "base/base.h"
#include "base/strbuf.h"

/*
 * A file as it was before it was packed: gzip, bzip2, xz, lzma, zstd or lz4, told by
 * its content, is unpacked on the fly; anything else comes through unchanged. The
 * source may be a pipe. Memory is bounded by the codec's window, not by the file.
 * libarchive does not verify gzip's checksum; a reader of what comes out must be strict.
 */
struct packed_reader;

/*
 * Reads from `fd`, from where it stands; it stays the caller's and must outlive the
 * reader. Looks at the first bytes at once. 0 or -errno: what reading gave, or
 * -EBADMSG when it began as a packed file and is damaged; the reader is returned in
 * both cases, for packed_reader_error(), and is to be freed.
 */
MUST_USE int packed_reader_open(int fd, struct packed_reader **ret);
/*
 * Up to `size` bytes; how many, or 0 at the end. -errno from reading, -EBADMSG when
 * the packed data is damaged or ends too early.
 */
MUST_USE ssize_t packed_reader_read(struct packed_reader *r, void *buffer, size_t size);
/* What was wrong, a phrase; "" when nothing was. Borrowed until the next call. */
const char *packed_reader_error(const struct packed_reader *r);
/* "none", "gzip", "bzip2", "xz", "lzma", "zstd" or "lz4": the outermost one. */
const char *packed_reader_filter(const struct packed_reader *r);
struct packed_reader *packed_reader_free(struct packed_reader *r);
DEFINE_AUTO_FREE(packed_reader)

/*
 * The versions of libarchive and its codecs, "libarchive 3.6.2 zlib/1.2.13 ...", and the
 * formats that were left out. Not for several threads at once.
 */
void archive_add_versions(struct strbuf *ret);
