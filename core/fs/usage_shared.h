/* SPDX-License-Identifier: MIT */
/*
 * Private to usage*.c: blocks that several files share (reflinks, deduplication)
 * and that were counted with another file already.
 */
#pragma once

#include "fs/usage.h"

struct usage_shared;

struct usage_shared *usage_shared_new(void);
struct usage_shared *usage_shared_free(struct usage_shared *shared);
/*
 * Takes what was counted before off the entry's `disk`. Costs an open and a FIEMAP call;
 * files that cannot be opened, and file systems that cannot tell, count in full.
 */
void usage_shared_apply(struct usage_shared *shared, struct usage_entry *entry, bool follow);
