/* SPDX-License-Identifier: MIT */
/*
 * Directories of a listing: each is opened by a single name in its parent, so that no path is
 * too long and no renamed parent leads elsewhere. Only so many stay open as RLIMIT_NOFILE
 * allows; an older one is opened again when it is needed, from its nearest open ancestor, and
 * checked to be the same (device, inode). Meant for going down depth first, on one thread.
 */
#pragma once

#include "base/base.h"

#include <dirent.h>
#include <sys/stat.h>

struct dir_node;

/*
 * A directory that is not open yet, below `parent`, which it keeps alive, or with NULL a root,
 * by its path. `follow`: the name may be a symbolic link.
 */
struct dir_node *dir_node_new(struct dir_node *parent, const char *name, size_t len, bool follow);
/* Lets go of it, and of the ancestors that only it held. Always NULL. */
struct dir_node *dir_node_free(struct dir_node *d);
DEFINE_AUTO_FREE(dir_node)

/* Its descriptor, which stays the node's and is good until the next call. 0 or -errno. */
MUST_USE int dir_node_open(struct dir_node *d, int *ret);
/* After dir_node_open(): true when one of its ancestors is the same directory. */
bool dir_node_is_loop(const struct dir_node *d);
/* Its device, after dir_node_open(). */
dev_t dir_node_device(const struct dir_node *d);
struct dir_node *dir_node_parent(const struct dir_node *d);
/* Something of the caller's that lives as long as the node; `release` may be NULL. Once only. */
void dir_node_attach(struct dir_node *d, void *data, void (*release)(void *data));
void *dir_node_data(const struct dir_node *d);
/* 0 for a root. */
unsigned dir_node_depth(const struct dir_node *d);

/* Names from an open directory, one after the other, "." and ".." included. */
struct dir_reader {
	int fd;
	int err;      /* an errno value; 0: the end was reached */
	char *buffer; /* owned */
	size_t len;
	size_t at;
};

void dir_reader_init(struct dir_reader *r, int fd);
/* NULL at the end, or when `err` is set. Good until the next call. */
const struct dirent64 *dir_reader_next(struct dir_reader *r);
void dir_reader_release(struct dir_reader *r);
