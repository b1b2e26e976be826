/* SPDX-License-Identifier: MIT */
/*
 * What deleting a directory would free: an inode with several names goes when
 * the last one does, so it belongs to the lowest directory that holds them all.
 * Names come in depth-first order, which makes that directory cheap to know:
 * between two names it is the deepest directory open now that was already open
 * at the first; over all names the shallowest of those. A name costs one hash
 * look-up and a binary search over the open directories.
 */
#pragma once

#include "base/base.h"

struct usage_links;

struct usage_links *usage_links_new(void);
struct usage_links *usage_links_free(struct usage_links *links);
DEFINE_AUTO_FREE(usage_links)

/* A directory at this depth is entered; the directories at lower depths are open. */
void usage_links_enter(struct usage_links *links, unsigned depth);
/*
 * A name in the directory at `depth` was met. Returns the depth of the directory that
 * frees the inode when this was its last name and one directory holds all of them, else -1.
 */
int64_t usage_links_add(struct usage_links *links, unsigned depth, uint64_t dev, uint64_t ino,
                        uint64_t nlink);
