/* SPDX-License-Identifier: MIT */
/*
 * Many regular files, in about 50 bytes each: what stat said of them, and their paths as a name
 * in a directory in a directory. They are added by the threads of a walk, each its own share,
 * and afterwards opened by their number.
 *
 * Opening resolves no symbolic link below the operand that led to the file (unless the list
 * is told that links were followed), whatever has been planted there since; the caller
 * compares what was opened with what was found. No path is too long.
 */
#pragma once

#include "base/base.h"
#include "base/strbuf.h"
#include "fs/file_state.h"

#define FILE_LIST_NONE UINT32_MAX

struct file_record {
	uint64_t size;
	uint64_t ino;
	int64_t ctime_sec;
	uint32_t ctime_nsec;
	uint32_t dir;  /* the directory's number */
	uint32_t name; /* private */
	uint16_t device;
	uint16_t flags; /* the caller's */
};

struct file_list;

/*
 * `workers` is what walk_workers_max() says; `roots` are the walk's, borrowed. `follow`:
 * symbolic links may lead to directories.
 */
struct file_list *file_list_new(unsigned workers, char *const *roots, bool follow);
struct file_list *file_list_free(struct file_list *list);
DEFINE_AUTO_FREE(file_list)

/* What is added, by the thread `worker`. */
struct file_list_name {
	unsigned worker;
	uint32_t root;   /* index of the operand */
	uint32_t parent; /* the directory's number, or FILE_LIST_NONE for an operand */
	const char *name;
	size_t len;
};

/* A directory; its number. Those of all threads are different. */
uint32_t file_list_add_dir(struct file_list *list, const struct file_list_name *name);
/* A file; its number likewise. */
uint32_t file_list_add(struct file_list *list, const struct file_list_name *name,
                       const struct stat *st);

/* The rest is for when nothing is added any more. */

size_t file_list_len(const struct file_list *list);
/* Calls for every file, in no particular order. */
void file_list_each(const struct file_list *list, void (*visit)(uint32_t file, void *user),
                    void *user);
struct file_record *file_list_at(const struct file_list *list, uint32_t file);
/* All devices that files are on, by the `device` of their records. How many; borrowed. */
size_t file_list_devices(const struct file_list *list, const uint64_t **ret);
uint64_t file_list_device(const struct file_list *list, uint32_t file);
/* Index of the operand it is below. */
uint32_t file_list_root(const struct file_list *list, uint32_t file);
/* The last component; borrowed. */
const char *file_list_name(const struct file_list *list, uint32_t file);
/* How many directories lie between the operand and it; 0 for an operand. */
unsigned file_list_depth(const struct file_list *list, uint32_t file);
/* Adds the path: the operand, then names. */
void file_list_add_path(const struct file_list *list, uint32_t file, struct strbuf *ret);
void file_list_add_dir_path(const struct file_list *list, uint32_t dir, struct strbuf *ret);
/* By operand, then bytewise by path; below, at or above 0. */
int file_list_compare(const struct file_list *list, uint32_t a, uint32_t b);

/* Opens files for one thread: keeps the directories of operands open, a bounded number of them. */
struct file_opener;
struct file_opener *file_opener_new(const struct file_list *list);
struct file_opener *file_opener_free(struct file_opener *o);
DEFINE_AUTO_FREE(file_opener)
/* For reading; never blocks on a FIFO that took its place. A descriptor, or -errno. */
MUST_USE int file_opener_open(struct file_opener *o, uint32_t file);
/*
 * The directory that holds it: a descriptor that the caller closes, and in *ret_name the name in
 * it (borrowed). Or -errno.
 */
MUST_USE int file_opener_open_dir(struct file_opener *o, uint32_t file, const char **ret_name);

/* Is this (device, inode, size, ctime) what was found? */
bool file_list_is_same(const struct file_list *list, uint32_t file, const struct stat *st);
/* Takes over what is now known of it. */
void file_list_update(struct file_list *list, uint32_t file, const struct stat *st);
