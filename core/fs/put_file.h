/* SPDX-License-Identifier: MIT */
/*
 * Gives a new file, of any kind, its name in one step: it is made under a temporary name in the
 * same directory, ".dutybox.<8 hexadecimal digits>.part", filled by the caller, and renamed. At
 * every moment the name leads to what it led to before or to the whole new file. When the
 * program is killed a temporary name may be left; put_is_temporary() tells them.
 */
#pragma once

#include "base/base.h"

#include <sys/stat.h>

/* Where names come from. Zeroed at first; belongs to one thread. */
struct put_names {
	uint32_t salt;
	uint32_t next;
	bool seeded;
};

enum { PUT_NAME_SIZE = 24 };

struct put {
	int dirfd;
	int fd; /* of a regular file, open for writing; else -1 */
	bool is_link;
	char name[PUT_NAME_SIZE];
};

/* What is at the final name now. */
enum put_over {
	PUT_NEW,      /* nothing: -EEXIST when there is something after all */
	PUT_OVER,     /* anything but a directory */
	PUT_OVER_DIR, /* a directory, which is removed when it is empty, else -ENOTEMPTY */
	PUT_SWAP_DIR, /* a directory, which is called p->name from then on, for the caller to remove
	               */
};

/* All: 0 with *ret, or -errno. On success put_commit() or put_abort() must follow. */
MUST_USE int put_regular(struct put_names *names, int dirfd, mode_t mode, struct put *ret);
MUST_USE int put_symlink(struct put_names *names, int dirfd, const char *target, struct put *ret);
/* A FIFO, socket or device, with mode 0600. */
MUST_USE int put_special(struct put_names *names, int dirfd, const struct stat *like,
                         struct put *ret);
/* A directory with mode 0700. */
MUST_USE int put_directory(struct put_names *names, int dirfd, struct put *ret);
/* Another name for the file `from` in `from_dirfd`. */
MUST_USE int put_link(struct put_names *names, int dirfd, int from_dirfd, const char *from,
                      struct put *ret);

/*
 * Closes the file, and renames. 0 or -errno: then what had the name still has it, and the
 * new file is gone. A directory that takes the name of something else removes that.
 */
MUST_USE int put_commit(struct put *p, const char *name, enum put_over over);
void put_abort(struct put *p);

/* The name that the next file will be tried under; `names` has its salt. */
void put_name_next(struct put_names *names, char ret[static PUT_NAME_SIZE]);
/* Is it a name as they are made here? */
bool put_is_temporary(const char *name);
