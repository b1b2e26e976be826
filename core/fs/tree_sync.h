/* SPDX-License-Identifier: MIT */
/*
 * Makes one tree equal to another: what differs is found out (plan), then copied, linked, and what
 * the source does not have removed, each in a pass of its own, so that the caller can look at the
 * plan and stop before anything was changed.
 *
 *     ts = tree_sync_new(&opts);
 *     tree_sync_plan(ts);       reads both trees, changes nothing
 *     ... tree_sync_counts(ts), guards ...
 *     tree_sync_set_to(ts, fd)  when the target's root had to be made
 *     tree_sync_copy(ts);       directories, files, then hard links
 *     tree_sync_delete(ts);     only if tree_sync_may_delete(ts)
 *     tree_sync_flush(ts);
 *
 * A file of the target is at every moment its old or its new version (put_file.h). An entry is
 * removed only from a directory whose source was listed to its end without error in the same
 * pass, and did not have it. Only directories that the plan found work in are looked at again.
 *
 * Same: type, size, and modification time as the target keeps it. A copy that was made within
 * a moment of the source's last change is compared by content, since a later change in the same
 * tick of the clock would not show; that moves its change time, so it happens once. Attributes and
 * ACLs are compared when the source's inode was changed after the copy, or on demand.
 *
 * The caller has set the umask to 0. Hooks run on several threads at once.
 */
#pragma once

#include "base/base.h"
#include "fs/copy_data.h"
#include "fs/copy_meta.h"
#include "fs/filter.h"

enum sync_action {
	SYNC_COPY,
	SYNC_UPDATE,
	SYNC_META,
	SYNC_MKDIR,
	SYNC_SYMLINK,
	SYNC_HARDLINK,
	SYNC_SPECIAL,
	SYNC_DELETE,
	SYNC_KEEP,
	SYNC_SKIP,
};

enum sync_reason {
	SYNC_IS_NEW,
	SYNC_SIZE,
	SYNC_MTIME,
	SYNC_CONTENT,
	SYNC_TYPE,
	SYNC_ATTRIBUTES, /* owner, mode, times, attributes */
	SYNC_LINKS,      /* it is, or is not, another name of the same file */
	SYNC_EXTRA,
	SYNC_NEWER,
	SYNC_UNREADABLE,
	SYNC_CHANGED, /* while it was read */
	SYNC_UNSAFE,  /* a link that leads out of the tree */
	SYNC_DEVICE,  /* that only root may make */
};

enum sync_difference {
	DIFFERS_TYPE = 1 << 0,
	DIFFERS_SIZE = 1 << 1,
	DIFFERS_TIME = 1 << 2,
	DIFFERS_CONTENT = 1 << 3,
	DIFFERS_MODE = 1 << 4,
	DIFFERS_OWNER = 1 << 5,
	DIFFERS_GROUP = 1 << 6,
	DIFFERS_ATTRIBUTES = 1 << 7,
	DIFFERS_ACL = 1 << 8,
	DIFFERS_LINKS = 1 << 9,
	DIFFERS_TARGET = 1 << 10, /* of a symbolic link */
	DIFFERS_NEW = 1 << 11,
};

struct sync_item {
	enum sync_action action;
	enum sync_reason reason;
	unsigned differs;   /* enum sync_difference */
	unsigned char type; /* DT_REG and so on */
	const char *path;   /* below the roots; "" is the root */
	const char
		*from; /* of a hard link the other name, of a symbolic link its target; or NULL */
	uint64_t size;
	int method; /* enum copy_method; -1: no bytes were copied */
};

struct sync_trouble {
	const char *path; /* below the root of the side */
	bool in_to;       /* it is the target's */
	const char *verb; /* "open", "remove" */
	int err;          /* an errno value; 0: `verb` is a whole sentence */
};

enum sync_compare { SYNC_BY_TIME, SYNC_BY_CHECKSUM, SYNC_BY_SIZE, SYNC_BY_NOTHING };
enum sync_fsync { SYNC_FSYNC_END, SYNC_FSYNC_EACH, SYNC_FSYNC_NONE };

/* Copies are read again and compared; DIRECT: from the disk, past the page cache. */
enum sync_verify { SYNC_VERIFY_NONE, SYNC_VERIFY_CACHED, SYNC_VERIFY_DIRECT };

struct tree_sync_opts {
	int from_fd; /* taken over, as the next */
	int to_fd;   /* -1: not there yet */
	unsigned threads;
	unsigned keep;  /* enum meta_part */
	unsigned asked; /* of them those that are an error when they cannot be kept */
	bool hard_links;
	bool devices;
	mode_t umask; /* for new files when modes are not kept */
	enum sync_compare compare;
	bool has_window;
	int64_t window_ns; /* times that differ by at most this are the same; with has_window */
	bool update;       /* what is newer in the target stays */
	bool existing;     /* only what is there already */
	bool ignore_existing;
	bool delete;
	bool delete_excluded;
	bool one_file_system;
	bool safe_links; /* links that lead out of the tree are left out */
	bool dry;        /* all passes only tell what they would do */
	bool sizes;      /* the plan counts everything, also below what is new */
	enum sync_fsync fsync;
	enum sync_verify verify;
	const struct filter *filter; /* may be NULL */
	void (*item)(const struct sync_item *item, void *user);
	void (*trouble)(const struct sync_trouble *trouble, void *user);
	/* With bytes that were copied. May be NULL. */
	void (*progress)(uint64_t bytes, const char *name, void *user);
	bool (*stopped)(void *user);
	void *user;
};

struct tree_sync_counts {
	/* Of the plan. */
	uint64_t from_entries, to_entries; /* below what is new and gone only with `sizes` */
	uint64_t copy, update, remove;
	uint64_t bytes;    /* to be copied */
	uint64_t room;     /* that they will take beyond what they replace */
	uint64_t replaced; /* regular files that will be replaced, */
	uint64_t newer;    /* and of them those that are newer in the target */
	bool overlaps;     /* a directory of one tree is the root of the other */
	/* Of what was done. */
	uint64_t files, dirs; /* looked at, in the source */
	uint64_t unchanged;
	uint64_t copied, updated, meta, deleted, kept, skipped;
	uint64_t vanished, grew, changed;
	uint64_t errors;            /* troubles; each makes the run incomplete */
	uint64_t verified, damaged; /* copies that were read again; of which the second differed */
	uint64_t lost;              /* files whose attributes could not be kept, */
	int lost_err;               /* the first reason */
	uint64_t devices;           /* that were left out */
	uint64_t suppressed;        /* directories in which nothing was removed since the source was
	                               unreadable */
	uint64_t bytes_copied, bytes_reflinked;
	int fatal; /* an errno value: nothing more can be written */
};

struct tree_sync;

/* NULL, and *ret_err an errno value, when the roots cannot be looked at; they are closed then. */
struct tree_sync *tree_sync_new(const struct tree_sync_opts *opts, int *ret_err);
struct tree_sync *tree_sync_free(struct tree_sync *ts);
DEFINE_AUTO_FREE(tree_sync)

void tree_sync_plan(struct tree_sync *ts);
/* The root, made after the plan. 0 or -errno; it is taken over in any case. */
MUST_USE int tree_sync_set_to(struct tree_sync *ts, int fd);
void tree_sync_copy(struct tree_sync *ts);
/* Nothing failed in a way that makes it doubtful what the target needs. */
bool tree_sync_may_delete(const struct tree_sync *ts);
void tree_sync_delete(struct tree_sync *ts);
/* To disk, as `fsync` says. 0 or -errno. */
MUST_USE int tree_sync_flush(struct tree_sync *ts);
/* Not while a pass runs. */
struct tree_sync_counts tree_sync_counts(const struct tree_sync *ts);
/* How exactly the target keeps times, in nanoseconds; 0 as long as there is none. */
int64_t tree_sync_grain(const struct tree_sync *ts);
