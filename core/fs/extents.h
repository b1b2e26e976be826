/* SPDX-License-Identifier: MIT */
/*
 * Where on its device a file's bytes are, as the FIEMAP ioctl tells it
 * (Documentation/filesystems/fiemap.rst of the kernel), and a set of such places that
 * answers how many bytes of an extent it has not met yet: with it, blocks that several
 * files share are counted once.
 */
#pragma once

#include "base/base.h"

enum extent_flags {
	EXTENT_SHARED = 1 << 0,  /* other files, or other places of this one, use it too */
	EXTENT_UNKNOWN = 1 << 1, /* no address yet (delayed allocation); `physical` means nothing */
	EXTENT_INLINE = 1 << 2,  /* kept in metadata; `physical` may mean nothing */
	EXTENT_ENCODED = 1 << 3, /* compressed or encrypted: `length` is that of the contents */
	EXTENT_UNWRITTEN = 1 << 4, /* allocated, reads as zeroes */
};

struct extent {
	uint64_t logical;  /* bytes from the start of the file */
	uint64_t physical; /* bytes from the start of the device, or of the file system's own space
	                    */
	uint64_t length;   /* bytes, not 0 */
	unsigned flags;    /* enum extent_flags */
};

/* Anything but 0 ends the reading and is what extents_read() returns. */
typedef int extent_visit(const struct extent *extent, void *user);

/*
 * Calls `visit` for every extent of the file that `fd` is open on (for reading), by
 * ascending `logical`. Nothing is written back first: what is not on disk yet is
 * EXTENT_UNKNOWN. 0, what visit returned, or -errno: -EOPNOTSUPP or -ENOTTY where the
 * file system cannot tell.
 */
MUST_USE int extents_read(int fd, extent_visit *visit, void *user);

struct extent_set;

struct extent_set *extent_set_new(void);
struct extent_set *extent_set_free(struct extent_set *set);
DEFINE_AUTO_FREE(extent_set)
/*
 * Adds the bytes [start, start + length) of a device and returns how many of them were
 * not in the set. What touches is merged, so memory goes with the number of separate
 * pieces: mostly 16 to 32 bytes each. A length beyond the 64-bit range is cut.
 */
uint64_t extent_set_add(struct extent_set *set, uint64_t device, uint64_t start, uint64_t length);
/* How many separate pieces the set consists of. */
size_t extent_set_pieces(const struct extent_set *set);
