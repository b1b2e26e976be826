/* SPDX-License-Identifier: MIT */
/* Between the files of extract.h. */
#pragma once

#include "base/map.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "fs/extract.h"
#include "fs/member_name.h"
#include "fs/put_file.h"

/* A directory of the stage, as it will be in the end. */
struct extract_dir {
	bool has_meta; /* a member said what it is like */
	mode_t mode;
	int64_t uid, gid;
	bool has_mtime;
	struct timespec mtime;
};

/* A link that is made in the end. */
struct extract_link {
	char *path;   /* owned; NULL: it is not wanted any more */
	char *target; /* owned; of a hard link a clean path */
	bool is_hard;
	bool has_mtime;
	struct timespec mtime;
	int64_t uid, gid;
};

struct extract {
	struct extract_opts opts;
	struct extract_counts counts;
	struct put put; /* the stage's name */
	struct put_names names;
	int stage; /* -1: it was given away */
	bool write_failed;
	enum limit_hit limit;
	uint64_t members;
	struct map *dir_names; /* the n-th is that of dirs.items[n] */
	struct {
		VEC_FIELDS(struct extract_dir);
	} dirs;
	struct map *link_names; /* symbolic links; the value is an index into links */
	struct {
		VEC_FIELDS(struct extract_link);
	} links;
	/* The directory that was opened last. */
	struct strbuf parent;
	int parent_fd;
	struct strbuf path;
	struct strbuf target;
};

/* Where the clean path `path` is: its parent, opened, and made when `make`; owned by x and good
 * until the next call. 0 or -errno: -ELOOP: it leads through a symbolic link of the archive. */
MUST_USE int extract_parent(struct extract *x, const char *path, size_t len, bool make, int *ret_fd,
                            const char **ret_name);
/* Tells it and returns 0. */
int extract_refuse(struct extract *x, const char *path, const char *text, int err);
/* The record of a directory; made when it is missing. */
struct extract_dir *extract_dir_at(struct extract *x, const char *path, size_t len);
/* Owner, as far as it is kept. 0 or -errno. */
MUST_USE int extract_chown(const struct extract *x, int dirfd, const char *name, int64_t uid,
                           int64_t gid);
mode_t extract_mode(const struct extract *x, mode_t mode, bool is_dir);
