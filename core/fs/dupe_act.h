/* SPDX-License-Identifier: MIT */
/*
 * What is done with a file that equals another one: deleted, replaced by a hard link, a
 * relative symbolic link or shared extents, or moved away. Immediately before, both are
 * opened, seen to be what was found, and compared byte by byte (--reflink: by the kernel,
 * which holds both still meanwhile). At every moment the victim's name leads to a whole
 * file with its contents, or, while it is deleted or moved, the file lies under a temporary
 * name beside it: ".NAME.dupes.<16 digits>~", for as long as it is looked at once more.
 * What turns out to have changed gets its name back. Killed at any point, at least the kept
 * file and the temporary name hold the contents; the next run takes such names away
 * (same_is_leftover()). No symbolic link is followed at the end of any name.
 *
 * Not touched, with a reason: what is immutable or append-only, belongs to somebody else, is
 * another name of the kept file, lies on another file system where that matters, or would
 * change its owner, permissions or attributes by becoming a link.
 */
#pragma once

#include "fs/file_list.h"

enum dupe_action { DUPE_NONE, DUPE_DELETE, DUPE_HARDLINK, DUPE_SYMLINK, DUPE_REFLINK, DUPE_MOVE };
enum dupe_result { DUPE_PLANNED, DUPE_DONE, DUPE_SKIPPED, DUPE_FAILED };

struct dupe_opts {
	enum dupe_action action;
	const char *move_to; /* an existing directory; with DUPE_MOVE */
	bool has_older;      /* only what was last modified at `older` or before */
	struct timespec older;
	/*
	 * The list is of names that were read somewhere, not of files that were found and read in
	 * this run: no change time is known of them.
	 */
	bool unread;
	bool compare_first;        /* dupe_check() compares bytes as dupe_act() does */
	bool (*go_on)(void *user); /* asked while contents are compared; may be NULL */
	void *user;
};

struct dupe_outcome {
	enum dupe_result result;
	const char *verb;   /* DUPE_FAILED: what could not be done, for "cannot ..."; static */
	int err;            /* and the errno value */
	const char *reason; /* DUPE_SKIPPED; static */
	/*
	 * One of the two could not be read, or is not what was found. A file that is skipped for
	 * what it is (immutable, say) is no trouble.
	 */
	bool trouble;
};

struct dupe_actor;

/* 0, or -errno when `move_to` cannot be opened. */
MUST_USE int dupe_actor_new(struct file_list *list, const struct dupe_opts *opts,
                            struct dupe_actor **ret);
struct dupe_actor *dupe_actor_free(struct dupe_actor *a);
DEFINE_AUTO_FREE(dupe_actor)

/*
 * Looks whether dupe_act() would do it, and changes nothing: DUPE_PLANNED, or why not. What was
 * found in this run must not even have another change time, so ask before the first of a group
 * is acted on.
 */
struct dupe_outcome dupe_check(struct dupe_actor *a, uint32_t kept, uint32_t victim);
/* `kept` and `victim` are numbers in the list. Sends the victim away. */
struct dupe_outcome dupe_act(struct dupe_actor *a, uint32_t kept, uint32_t victim);
/* Takes away what an interrupted run left: a name whose contents `kept` has too. */
struct dupe_outcome dupe_clean(struct dupe_actor *a, uint32_t kept, uint32_t leftover);
