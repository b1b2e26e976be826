/* SPDX-License-Identifier: MIT */
/*
 * Owner, mode, extended attributes, POSIX ACLs and times of an open file, set in the order in
 * which none undoes another: chown() clears set-id bits and capabilities, an ACL changes the
 * mode, any of them but the times is free to touch ctime only.
 *
 * Objects are given as descriptors; one that was opened with O_PATH (a socket, a file without
 * read permission) is reached through /proc/self/fd, so that no name is looked up twice.
 */
#pragma once

#include "base/base.h"

#include <sys/stat.h>

enum meta_part {
	META_MODE = 1 << 0,
	META_OWNER = 1 << 1,
	META_GROUP = 1 << 2,
	META_TIMES = 1 << 3,
	META_XATTRS = 1 << 4, /* user.*; for root also security.* and trusted.* */
	META_ACLS = 1 << 5,
};

struct meta_file {
	int fd;
	bool is_path; /* opened with O_PATH */
};

/* What one thread learned, and its buffers. Zeroed at first. */
struct meta_way {
	char *names;
	char *value;
	char *other;
	ssize_t listed; /* bytes of names */
	bool is_root;
	bool asked;
};

/* An attribute of the file's that is never copied, compared or removed. */
extern const char meta_own_attribute[];

/* The fields of `wish` that `parts` name. `now` may be NULL: then all are set. 0 or -errno. */
MUST_USE int meta_set_owner(struct meta_file f, unsigned parts, const struct stat *wish,
                            const struct stat *now);
MUST_USE int meta_set_mode(struct meta_file f, mode_t mode);
/*
 * Of the name `name` in `dirfd`, if it is no symbolic link, in one call: for directories where
 * nobody else can put another file in its place. 0 or -errno; -ENOSYS: before Linux 6.6.
 */
MUST_USE int meta_set_mode_at(int dirfd, const char *name, mode_t mode);
/* Access and modification time. */
MUST_USE int meta_set_times(struct meta_file f, const struct stat *wish);

struct meta_lost {
	unsigned parts; /* META_XATTRS, META_ACLS: what could not be kept */
	int err;        /* the first reason, an errno value */
};

/*
 * Reads the names of the attributes, for meta_copy_attributes() of the same file. 0 or -errno;
 * *ret_acl: it has an access ACL.
 */
MUST_USE int meta_list_attributes(struct meta_way *way, struct meta_file from, bool *ret_acl);
/*
 * After meta_list_attributes(): makes the attributes of `to` those of `from`; `fresh`: it was just
 * made and has none of its own. What the target cannot keep goes to *lost. 0, or -errno when `from`
 * could not be read.
 */
MUST_USE int meta_copy_attributes(struct meta_way *way, struct meta_file from, struct meta_file to,
                                  unsigned parts, bool fresh, struct meta_lost *lost);
/* 1: the same; 0: not; -errno. */
MUST_USE int meta_same_attributes(struct meta_way *way, struct meta_file a, struct meta_file b,
                                  unsigned parts);
/* Has the directory an ACL that new files in it inherit? */
bool meta_has_default_acl(int dirfd);
void meta_way_release(struct meta_way *way);
