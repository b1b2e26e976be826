/* SPDX-License-Identifier: MIT */
/*
 * Checksums of whole files, kept in a file between runs. One counts only for the same device,
 * inode, size, mtime and ctime, both to the nanosecond; ctime cannot be set back by a program,
 * so contents that were changed and dated back are read again. Nothing is kept of a file
 * that changed within the last seconds, or in the future: it could change again without
 * its times showing it. A cache that is damaged, of another version or algorithm, is empty.
 *
 * find and add may be called from several threads at once.
 */
#pragma once

#include "base/hash.h"
#include "fs/file_state.h"

struct same_cache;

/*
 * Reads `path`, which need not exist. 0 with *ret, also when what is in the file is of no use
 * (*ret_reason says why then, else NULL; static); or -errno when it cannot be read.
 */
MUST_USE int same_cache_open(const char *path, enum hash_algo algo, struct same_cache **ret,
                             const char **ret_reason);
struct same_cache *same_cache_free(struct same_cache *cache);
DEFINE_AUTO_FREE(same_cache)

/* Copies hash_size() bytes when the file is known as it is now. */
bool same_cache_find(struct same_cache *cache, const struct file_state *state, unsigned char *ret);
void same_cache_add(struct same_cache *cache, const struct file_state *state,
                    const unsigned char *digest);
/*
 * Writes what was found or added in this run, and what else is known, to the file, whole or
 * not at all, for the owner's eyes. Nothing when nothing was added. 0 or -errno.
 */
MUST_USE int same_cache_save(struct same_cache *cache);
