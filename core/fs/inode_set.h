/* SPDX-License-Identifier: MIT */
/*
 * Has this (device, inode) been seen? A compact hash set; 16 bytes an inode at
 * most when full, split into shards with a lock each when `shared`.
 */
#pragma once

#include "base/base.h"

struct inode_set;

/* `shared`: inode_set_add() may be called from several threads. */
struct inode_set *inode_set_new(bool shared);
struct inode_set *inode_set_free(struct inode_set *set);
DEFINE_AUTO_FREE(inode_set)
/* True when it was not there yet. */
bool inode_set_add(struct inode_set *set, uint64_t device, uint64_t inode);
/* Not while other threads add. */
bool inode_set_has(const struct inode_set *set, uint64_t device, uint64_t inode);
