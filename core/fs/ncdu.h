/* SPDX-License-Identifier: MIT */
/*
 * The export format of ncdu, which gdu, btdu and others read too: one JSON array
 * [1, minor, {header}, directory], a directory being an array of its own object and
 * those of its entries (https://dev.yorhel.nl/ncdu/jsonfmt, version 1.2). Names are
 * raw bytes with only the quote, the backslash and control characters escaped.
 *
 * The writer is a usage_sink and the reader feeds one, so a scan can be written
 * and a file shown like a scan. Both stream: memory follows the depth of the tree.
 */
#pragma once

#include "base/json_reader.h"
#include "fs/usage.h"

enum {
	NCDU_DEPTH_MAX = 9000,     /* directories in each other; deeper files are refused */
	NCDU_NAME_MAX = 32 * 1024, /* bytes of a name, a root's being a whole path */
};

struct ncdu_writer;

struct ncdu_header {
	const char *program;
	const char *version;
	int64_t timestamp; /* epoch seconds */
	const char *root;  /* the root's name in the file; NULL: as it comes. Borrowed */
	bool extended;     /* mtime, uid, gid and mode too, as ncdu -e writes */
};

/* Writes to `fd`, which stays the caller's. */
struct ncdu_writer *ncdu_writer_new(int fd, const struct ncdu_header *header);
struct ncdu_writer *ncdu_writer_free(struct ncdu_writer *w);
DEFINE_AUTO_FREE(ncdu_writer)
/* Takes one root, a directory; ends the run when a write failed. */
const struct usage_sink *ncdu_writer_sink(struct ncdu_writer *w);
/* Writes what is left. 0, the -errno of a failed write, or -ENODATA when no directory came. */
MUST_USE int ncdu_writer_finish(struct ncdu_writer *w);

struct ncdu_source {
	json_read *read;
	void *user;
	const struct usage_opts *opts; /* count_links, all_sizes, reclaim */
};

struct ncdu_error {
	const char *reason; /* static; NULL when the error is an errno of reading */
	uint64_t offset;    /* in bytes, of what is wrong */
};

/*
 * Reads a whole export into the sink; directories that could not be read when it was
 * made are reported to sink->error with EIO. 0, -ECANCELED when the sink ended it,
 * -EINVAL with *reterr when it is not such a file, or the -errno of a failed read.
 */
MUST_USE int ncdu_read(const struct ncdu_source *source, const struct usage_sink *sink,
                       struct ncdu_error *reterr);
