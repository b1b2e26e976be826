/* SPDX-License-Identifier: MIT */
/*
 * Finds equal files in a list. Files of one size are candidates; names of one inode are one
 * file and read once. What is reported as equal was, in this run, either compared byte by
 * byte, or hashed as a whole with a cryptographic hash; and none of it changed from when it
 * was opened until that was done (device, inode, size, ctime).
 *
 * Few candidates, or small ones, are opened together and read in step: first blocks, last
 * blocks, then the rest, each byte once; who differs leaves. Many are first told apart by a
 * fast hash of the whole (to 64 KiB) or of both ends, then compared in step in batches. So
 * no more than 32 files a thread are open, fewer where RLIMIT_NOFILE is low. Memory: 0.5 MiB a
 * thread, and 80 bytes a candidate of the size that is looked at.
 *
 * On disks that rotate, what is read first of the next candidates, and the next stretch of big
 * files, is asked for in the order in which it lies there, unless it is in memory. Nothing of
 * that on others.
 */
#pragma once

#include "base/hash.h"
#include "base/vec.h"
#include "fs/file_list.h"

enum same_by {
	SAME_BY_CONTENT = 1 << 0,
	SAME_BY_NAME = 1 << 1, /* also, or alone */
	SAME_BY_SIZE = 1 << 2, /* also, or alone; content says so anyway */
};

struct same_cache; /* same_cache.h */

struct same_trouble {
	uint32_t file;
	const char *verb;
	int err; /* an errno value; ESTALE: it changed while it was read */
};

struct same_opts {
	unsigned by;              /* enum same_by */
	bool ignore_case;         /* of names */
	bool hashed;              /* whole files are hashed with `algo`, not compared */
	enum hash_algo algo;      /* one that is not cryptographic is followed by a comparison */
	bool count_links;         /* names of one inode alone make a group */
	bool first_only;          /* one group is enough */
	uint16_t skip;            /* files whose record has one of these flags are left out */
	unsigned threads;         /* 0: chosen by CPUs, and more while the disk is the limit */
	struct same_cache *cache; /* with `hashed`; or NULL */
	/* Where sysfs is, "/sys", to know disks that rotate; NULL: no disk is asked about. */
	const char *sys;
	/* Both are called from several threads at once. */
	void (*trouble)(const struct same_trouble *trouble, void *user);
	/* With bytes that were read. False ends the search. */
	bool (*tick)(uint64_t bytes, void *user);
	void *user;
};

/* A name in a group. */
struct same_member {
	uint32_t file;
	uint32_t nlink;
	uint64_t disk; /* allocated bytes */
	struct timespec mtime;
	uint32_t flags; /* the caller's */
};

/* Equal files: result.members[first .. first + len). */
struct same_group {
	uint64_t size;
	size_t first;
	size_t len;
	size_t inodes;
	size_t digest; /* offset in result.digests; SIZE_MAX: none was made */
	/* What same_reclaim() says, where it is known better (same_dirs.h). */
	uint64_t reclaim;
	bool has_reclaim;
};

struct same_groups {
	VEC_FIELDS(struct same_group);
};

struct same_members {
	VEC_FIELDS(struct same_member);
};

struct same_result {
	struct same_groups groups;
	struct same_members members;
	struct strbuf digests; /* of hash_size(algo) each */
	uint64_t read_bytes;
	uint64_t read_ahead; /* files that were asked for in the order of the disk */
	uint64_t vanished;
	bool stopped; /* tick said so */
};

/* Groups come in no particular order, nor do the members of one; names of an inode adjoin. */
void same_find(struct file_list *list, const struct same_opts *opts, struct same_result *ret);
void same_result_release(struct same_result *result);
