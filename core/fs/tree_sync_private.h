/* SPDX-License-Identifier: MIT */
/* What the files of the synchronization share; see tree_sync.h. */
#pragma once

#include "base/map.h"
#include "fs/inode_set.h"
#include "fs/link_groups.h"
#include "fs/put_file.h"
#include "fs/time_grain.h"
#include "fs/tree_pair.h"
#include "fs/tree_remove.h"
#include "fs/tree_sync.h"

#include <pthread.h>
#include <stdatomic.h>

enum dir_mark {
	DIR_DIRTY = 1 << 0,      /* there is something to copy in it, or below */
	DIR_EXTRA = 1 << 1,      /* or to remove */
	DIR_NEW = 1 << 2,        /* the target did not have it: the plan did not look below */
	DIR_CLEAN = 1 << 3,      /* nothing is done in it */
	DIR_INHERITS = 1 << 4,   /* its new files get an ACL of their own */
	DIR_TOUCHED = 1 << 5,    /* something was removed from it */
	DIR_FOREIGN = 1 << 6,    /* its group is not ours: new files may get it */
	DIR_ATTRIBUTES = 1 << 7, /* differ */
};

enum count {
	COUNT_FROM,
	COUNT_TO,
	COUNT_COPY,
	COUNT_UPDATE,
	COUNT_REMOVE,
	COUNT_BYTES,
	COUNT_ROOM,
	COUNT_REPLACED,
	COUNT_NEWER,
	COUNT_FILES,
	COUNT_DIRS,
	COUNT_COPIED,
	COUNT_UPDATED,
	COUNT_META,
	COUNT_DELETED,
	COUNT_KEPT,
	COUNT_SKIPPED,
	COUNT_VANISHED,
	COUNT_GREW,
	COUNT_CHANGED,
	COUNT_VERIFIED,
	COUNT_DAMAGED,
	COUNT_ERRORS,
	COUNT_LOST,
	COUNT_DEVICES,
	COUNT_SUPPRESSED,
	COUNT_BYTES_COPIED,
	COUNT_BYTES_REFLINKED,
	COUNTS,
};

/* One thread's. */
struct sync_worker {
	_Alignas(64) struct tree_sync *ts;
	struct copy_way data;
	struct meta_way meta;
	struct put_names names;
	struct strbuf path, other, target;
	const char *busy; /* the path whose bytes are being copied */
	uint64_t counts[COUNTS];
};

struct tree_sync {
	struct tree_sync_opts opts;
	struct held_dirs *dirs;
	struct held_dir *from, *to; /* roots; `to` may be NULL */
	struct time_grain grain;
	uid_t uid;
	gid_t gid;
	struct inode_set *dirty, *extra; /* directories of the source */
	struct sync_work *work;
	struct link_groups *links;
	struct sync_worker *workers; /* opts.threads */
	pthread_mutex_t lock;        /* of the next */
	struct map *told;            /* troubles that were told */
	int lost_err;
	bool planned;
	_Atomic int fatal; /* an errno value */
	_Atomic bool overlaps;
};

/* Of one entry: what is known of it so far. */
struct sync_entry {
	struct tree_pair_dir *dir;
	const struct tree_pair_entry *entry;
	struct sync_worker *w;
	bool has_path; /* it is in w->path */
	bool has_st, has_to;
	struct stat st;    /* in the source; with has_st */
	struct stat to_st; /* in the target; with has_to */
};

/* tree_sync.c */
static inline void sync_count(struct sync_worker *w, enum count which, uint64_t n)
{
	w->counts[which] += n;
}
/* Tells it once, and counts it. */
void sync_trouble(struct sync_worker *w, bool in_to, const char *path, const char *verb, int err);
void sync_item(struct sync_worker *w, const struct sync_item *item);
bool sync_stopped(void *user);
/* Hooks that all passes share. */
void sync_pair_trouble(struct tree_pair_dir *dir, enum tree_side side, const char *verb, int err,
                       void *user);
/* A write failed: does that end the copying? */
bool sync_is_fatal(int err);
void sync_set_fatal(struct tree_sync *ts, int err);
/* Is the directory to be skipped since it is beyond the source's file system? */
bool sync_is_beyond(const struct tree_sync *ts, const struct stat *st);
/* Is what the target has, and the source not, to go? */
bool sync_is_extra(const struct tree_pair_dir *dir, const struct tree_pair_entry *e,
                   const struct tree_sync *ts);
/* Has the plan looked at what is in the entry's directory? */
static inline bool sync_was_planned(const struct sync_entry *e)
{
	return e->w->ts->opts.sizes || (atomic_load(&e->dir->marks) & DIR_NEW) == 0;
}
/*
 * Fills st (and to_st) of an entry that is no directory. False: it is told, or with has_st the
 * filter passes it over.
 */
bool sync_stat(struct sync_entry *e);
/* Below the roots; good until the worker turns to another entry. */
const char *sync_path(struct sync_entry *e);
/* A further name of a file with several, which is linked in the end. `again`: met before. */
bool sync_is_member(struct sync_entry *e, bool again);

/*
 * tree_work.c: which entries the plan found something to do with, so that the copying need not
 * look at the others of their directories again. Beyond a number of them it does. Locked.
 */
struct sync_work *sync_work_new(void);
struct sync_work *sync_work_free(struct sync_work *work);
void sync_work_add(struct sync_work *work, const struct stat *dir, const char *name, size_t len);
/* From now on all entries are meant. */
void sync_work_add_all(struct sync_work *work);
/* After the plan. May there be something to do? */
bool sync_work_has(const struct sync_work *work, const struct stat *dir, const char *name,
                   size_t len);

/* tree_same.c: what of a target differs. */
/* What the copy of a source is to look like; `to_st` may be NULL. */
struct stat sync_wish(const struct tree_sync *ts, const struct stat *st, const struct stat *to_st);
/* enum sync_difference; 0: the same. May read both contents. */
unsigned sync_differences(struct sync_entry *e);
unsigned sync_dir_differences(struct tree_sync *ts, struct sync_worker *w, int from_fd, int to_fd,
                              const struct stat *st, const struct stat *to_st);
bool sync_is_newer(const struct tree_sync *ts, const struct stat *st, const struct stat *to_st);
enum sync_reason sync_reason_of(unsigned differs);
/* Does a link at `path` stay within the tree? */
bool sync_link_is_safe(const char *target, const char *path);
/* False with errno. */
bool sync_reads_link(int dirfd, const char *name, struct strbuf *ret);

/* tree_copy.c */
/* Copies, or brings up to date, an entry that is no directory. */
void sync_copy_entry(struct sync_entry *e);

/* tree_copy_file.c */
/*
 * Makes it under a temporary name, which then takes its own: `over` is what is there now. With
 * PUT_SWAP_DIR the directory is called `ret_swapped` then. True when the target has it now, or
 * would in a dry run; else the reason is told.
 */
bool sync_make(struct sync_entry *e, unsigned differs, enum put_over over,
               char ret_swapped[static PUT_NAME_SIZE]);
/* Owner, mode, times and attributes of what is there already. True when the target has them. */
bool sync_change_meta(struct sync_entry *e, unsigned differs);

/* tree_verify.c: 0: the same, or not asked for; 1: not; -errno; -ESTALE: the source changed. */
MUST_USE int sync_verify_copy(const struct tree_sync *ts, int from, const struct put *put,
                              uint64_t size);

/* tree_copy_meta.c */
/* Counts what of `lost` could not be kept; trouble when it was asked for. */
void sync_lost(struct sync_worker *w, const char *path, const struct meta_lost *lost);
/* Of a symbolic link or special file that was just made, by its name in the target. */
void sync_set_by_name(struct sync_entry *e, const char *name, const struct stat *wish);
void sync_set_owner(struct sync_entry *e, struct meta_file f, struct stat *wish,
                    const struct stat *now);
/* A sentence for sync_trouble(). */
extern const char sync_dir_stays[];
/* The target refused it: told, and the end of everything when it is full. */
void sync_refused(struct sync_entry *e, const char *verb, int err);

/* tree_copy_dir.c */
bool sync_enter_dir(struct tree_pair_dir *dir, const struct stat *st, unsigned worker, void *user);
void sync_leave_dir(struct tree_pair_dir *dir, unsigned worker, void *user);
/* Mode and times of the target's directory again, after something was removed from it. */
void sync_restore_meta(struct sync_worker *w, struct tree_pair_dir *dir);

/* tree_links.c */
/* The entry was copied, or could not be: its other names will become links to what it is now. */
void sync_note_leader(struct sync_entry *e, bool made);
void sync_link_all(struct tree_sync *ts);
/* Of those groups again that have a name which replaced a directory since. */
void sync_link_late(struct tree_sync *ts);
