/* SPDX-License-Identifier: MIT */
/*
 * Writes archives: tar (POSIX.1-2017 pax over ustar; sparse files as GNU tar 1.0), cpio ("newc")
 * and zip (APPNOTE 6.3.10 with Zip64). Names are written byte for byte and never by way of a
 * locale. The archive depends on what is written only: no time of day, no user, no number of
 * threads.
 */
#pragma once

#include "base/strbuf.h"
#include "fs/pack.h"

#include <sys/stat.h>
#include <time.h>

enum member_format { MEMBER_TAR, MEMBER_CPIO, MEMBER_ZIP };

/* A piece of a file that is no hole. */
struct member_extent {
	uint64_t offset, len;
};

struct new_member {
	const char *path; /* relative, without a slash at its end */
	unsigned char type;
	mode_t mode;
	uint64_t uid, gid;
	const char *user, *group; /* NULL: not named */
	uint64_t size;            /* of regular files */
	struct timespec mtime;
	const char *link;     /* target of a symbolic link */
	const char *hardlink; /* an earlier member; or NULL */
	dev_t rdev;
	uint64_t number; /* of the file, the same for its hard links; not 0 */
	const struct strbuf
		*xattrs; /* name NUL, eight bytes of length as in memory, value; or NULL */
	const struct member_extent *extents; /* what there is of a sparse file; or NULL */
	size_t n_extents;
};

struct member_writer;

/* `level`: of zip, PACK_LEVEL_DEFAULT or 1 to 12, 0: nothing is compressed. `pack` and `crew`
 * outlive it; a zip wants a pack that leaves all as it is. */
struct member_writer *member_writer_new(enum member_format format, struct pack *pack,
                                        struct crew *crew, int level);
/*
 * 0; -EILSEQ, -ENAMETOOLONG, -EFBIG: the format cannot hold the name or the file, and nothing was
 * written; or -errno of writing. Of a regular file its data has to follow, of a sparse one that of
 * its extents; then member_writer_end().
 */
MUST_USE int member_writer_begin(struct member_writer *w, const struct new_member *m);
MUST_USE int member_writer_data(struct member_writer *w, const void *bytes, size_t len);
MUST_USE int member_writer_end(struct member_writer *w);
/* All of it at once; `bytes` (m->size of them, from mem.h) is taken over in any case. */
MUST_USE int member_writer_whole(struct member_writer *w, const struct new_member *m, char *bytes);
/* The archive is complete. */
MUST_USE int member_writer_finish(struct member_writer *w);
struct member_writer *member_writer_free(struct member_writer *w);
DEFINE_AUTO_FREE(member_writer)
