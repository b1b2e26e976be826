/* SPDX-License-Identifier: MIT */
/* What the files of the search for equal files share; see same.h. */
#pragma once

#include "base/pool.h"
#include "fs/same.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	SAME_SMALL = 64 << 10, /* bytes; such a file is read whole at once */
	SAME_ROOM = 128 << 10, /* bytes of buffer a thread has */
	SAME_STEP_MAX = 32,    /* files read in step */
	SAME_PIECE_MAX = 128 << 10,
	SAME_PIECE_MIN = 4096,
	SAME_DIGEST = 16, /* bytes of the fast hash */
};

/* A candidate: an inode, and the names that lead to it. */
struct same_node {
	uint32_t first; /* its names: search.order[first .. first + names) */
	uint32_t names;
	uint32_t nlink;
	bool grouped;
	uint64_t disk;
	struct timespec mtime;
};

struct same_search {
	struct file_list *list;
	const struct same_opts *opts;
	uint32_t *order; /* numbers of files, those of one candidate set side by side */
	size_t order_len;
	size_t step;   /* files in step */
	bool *rotates; /* by a record's device; NULL: none does */
	struct same_worker *workers;
	unsigned workers_len;
	pthread_mutex_t lock; /* of the result */
	struct same_result *result;
	atomic_bool stopped;
	atomic_uint_fast64_t vanished;
};

/* A thread's own. */
struct same_worker {
	_Alignas(64) struct same_search *search;
	struct file_opener *opener;
	unsigned char *room; /* SAME_ROOM and one page, made on first use */
	struct hash *fast;
	struct hash *strong;
	uint64_t read_bytes;
	uint64_t read_ahead;
	struct {
		VEC_FIELDS(struct same_node);
	} nodes; /* of the set in hand */
};

/* The file behind a node, by its first name that still leads to it. */
static inline uint32_t same_file(const struct same_worker *w, const struct same_node *node)
{
	return w->search->order[node->first];
}

/* same_read.c */

/*
 * Opens the node's file and sees that it is the one that was found, unchanged or at least of
 * that size; *ret_sparse (may be NULL): it has holes. A descriptor, or -1 after the trouble was
 * reported.
 */
int same_open(struct same_worker *w, struct same_node *node, bool *ret_sparse);
/* Has it stood still since? Otherwise that is reported. */
bool same_still(struct same_worker *w, struct same_node *node, int fd);
void same_trouble(struct same_worker *w, const struct same_node *node, const char *verb, int err);
/* All of [at, at + len), or an error, reported. */
bool same_read_at(struct same_worker *w, const struct same_node *node, int fd, void *buffer,
                  size_t len, uint64_t at);
/* The room, or the end when the search is over. */
bool same_goes_on(struct same_worker *w, uint64_t bytes);
unsigned char *same_room(struct same_worker *w);
/* Files that fit into the room together. Emits the groups. */
void same_in_memory(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size);
/* A fast hash of all of a small file, or both ends of a bigger one. False: drop it. */
bool same_fingerprint(struct same_worker *w, struct same_node *node, uint64_t size,
                      unsigned char *ret);
/* The fast hash of all of it. */
bool same_fast_hash(struct same_worker *w, struct same_node *node, unsigned char *ret);

/* same_ahead.c: of these files, those on disks that rotate. */
void same_read_ahead(struct same_worker *w, const uint32_t *files, size_t n);
bool same_on_rotating(const struct same_search *s, uint32_t file);
/* Reading there would not wait for a disk, or nobody can tell. */
bool same_is_cached(int fd, uint64_t at);

/* same_step.c: reads up to search->step files in step and emits the groups among them. */
void same_in_step(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size);
/*
 * The same for the first of them alone: moves those that equal it to the front and returns how
 * many that are, itself included; 0 when it could not be read. Drops none but the unreadable,
 * whose places become NULL. Emits nothing.
 */
size_t same_with_first(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size);

/* same_many.c: any number of nodes of one size. */
void same_compare(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size);
void same_hash(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size);

/* same.c: these are equal. `digest` may be NULL. */
void same_emit(struct same_worker *w, struct same_node *const *nodes, size_t n, uint64_t size,
               const unsigned char *digest);
