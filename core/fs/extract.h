/* SPDX-License-Identifier: MIT */
/*
 * Makes files of an archive's members. All of them are made in a stage, a new directory with mode
 * 0700 and a temporary name (put_file.h), and moved to where they belong when the archive
 * proved sound: until then nothing under a final name has changed, and extract_free() removes the
 * stage.
 *
 *     extract_new(&opts, &x);
 *     for each member: extract_member(x, members, &member);
 *     extract_finish(x);                        links, then metadata of directories
 *     extract_move(x, fd, existing)             into a directory that is there already, or
 *     extract_become(x, "name")                 the stage becomes a directory
 *     extract_free(x);
 *
 * Nothing is opened outside the stage: directories are opened beneath it and through no link
 * (beneath.h), files are made with O_EXCL, symbolic links are made last, and hard links lead to
 * files of the stage only. The caller has set the umask to 0. Belongs to one thread.
 */
#pragma once

#include "base/base.h"
#include "fs/member_limits.h"
#include "fs/members.h"

enum extract_policy {
	/*
	 * No absolute names, links stay inside, no devices and FIFOs; set-id bits, the sticky bit
	 * and write permission of group and others are dropped, owners ignored.
	 */
	EXTRACT_SAFE,
	/* As GNU tar does for a user: a leading slash is dropped, links may lead anywhere. */
	EXTRACT_TAR,
	/* All that the archive says. */
	EXTRACT_TRUSTED,
};

enum extract_existing {
	EXTRACT_FAIL,
	EXTRACT_SKIP,
	EXTRACT_OVERWRITE,
	EXTRACT_NEWER,
	EXTRACT_RENAME,
};

struct extract_opts {
	int dirfd; /* where the stage is made */
	enum extract_policy policy;
	bool keep_modes; /* without the umask */
	bool keep_owners;
	bool no_mtime;
	bool no_xattrs;
	bool strict; /* a name that occurs twice is an error */
	mode_t umask;
	unsigned strip; /* components */
	struct member_limits limits;
	/* One member, or part of it, could not be made. `err` 0: `text` is a whole sentence, else
	 * what was tried: "create", "link". */
	void (*trouble)(const char *path, const char *text, int err, void *user);
	/* May be NULL. False: stop. */
	bool (*go_on)(uint64_t bytes, void *user);
	void *user;
};

struct extract_counts {
	uint64_t entries; /* members that were made */
	uint64_t bytes;
	uint64_t refused; /* troubles */
	uint64_t duplicates;
	uint64_t skipped; /* existing names that were left alone on demand */
	uint64_t lost_xattrs;
};

struct extract;

/* 0 with *ret, or -errno. */
MUST_USE int extract_new(const struct extract_opts *opts, struct extract **ret);
/*
 * 0: done, or told through `trouble`; -errno when nothing more can be done: of members_data(),
 * of writing (-ENOSPC, ...; extract_write_failed()), -EDQUOT and -E2BIG for a limit
 * (extract_limit()), -ECANCELED.
 */
MUST_USE int extract_member(struct extract *x, struct members *members, const struct member *m);
bool extract_write_failed(const struct extract *x);
enum limit_hit extract_limit(const struct extract *x);
/* After the last member. 0 or -errno. */
MUST_USE int extract_finish(struct extract *x);
/* All data is on disk. 0 or -errno. */
MUST_USE int extract_sync(struct extract *x);
/* How many names are at the top of the stage; with one, *ret_only is it (to be freed). */
MUST_USE int extract_top(struct extract *x, size_t *ret_len, char **ret_only);
/* 0 or -errno; what could not be moved was told. */
MUST_USE int extract_move(struct extract *x, int to_fd, enum extract_existing existing);
/* The stage becomes `name` beside it; -EEXIST when that is there. */
MUST_USE int extract_become(struct extract *x, const char *name);
struct extract_counts extract_counts(const struct extract *x);
/* Removes what is left of the stage. */
struct extract *extract_free(struct extract *x);
DEFINE_AUTO_FREE(extract)
