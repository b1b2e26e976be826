/* SPDX-License-Identifier: MIT */
/*
 * Checksums and comparisons of whole files, or ranges of them, through open descriptors.
 * Regular files are read with pread(2): the descriptor's offset is neither used nor moved.
 * Holes are not read; they count as the zeroes they are. What is not a regular file
 * (a pipe) is read to its end from where it stands.
 *
 * A file that changes while it is read gives -ESTALE: device, inode, size, mtime and ctime
 * are compared before and after, and the bytes are counted. All functions may run on many
 * threads at once, also on one descriptor (but with `direct`, which sets a flag of the
 * open file).
 */
#pragma once

#include "fs/file_state.h"

#include "base/hash.h"

/* Called after each piece, with the bytes it had, holes included. False: -ECANCELED. */
typedef bool read_progress(uint64_t bytes, void *user);

/* Zeroed: the whole file through the page cache. */
struct read_opts {
	bool direct;     /* past the page cache (O_DIRECT) where the file system can */
	uint64_t offset; /* the range begins here, */
	uint64_t length; /* and is at most this long; 0: to the end */
	read_progress *progress;
	void *user;
};

struct hash_file_result {
	unsigned char digest[HASH_SIZE_MAX];
	size_t digest_size;
	uint64_t length;         /* bytes of the range that went into it */
	uint64_t bytes_read;     /* of them not in holes */
	struct file_state state; /* of the file that was read */
};

/*
 * `opts` may be NULL. 0 with *ret, or -errno; `h` is reset in any case. Memory: 256 KiB at
 * most.
 */
MUST_USE int hash_fd(int fd, struct hash *h, const struct read_opts *opts,
                     struct hash_file_result *ret);

/*
 * Compares two files, or the same range of them, byte by byte. 0: equal; 1: different from
 * *ret_difference on, bytes from the start of the file (where one ends before the other,
 * the end of the shorter); -errno. `ret_difference` may be NULL. Progress counts the bytes
 * of one of them. Memory: 512 KiB at most.
 */
MUST_USE int compare_fds(int a, int b, const struct read_opts *opts, uint64_t *ret_difference);
