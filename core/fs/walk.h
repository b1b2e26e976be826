/* SPDX-License-Identifier: MIT */
/*
 * A walk over directory trees. All access is relative to an open directory
 * and by single names, so a rename or a planted symbolic link cannot redirect
 * it, and no path is too long for it. Directories are read by several threads;
 * what the caller sees is chosen by `order`:
 *
 * WALK_UNORDERED: `visit` runs on many threads at once, in any order. Memory
 *   does not grow with the number of files. A directory's ENTER comes before
 *   those of its children, its LEAVE after all of theirs.
 * WALK_READDIR, WALK_SORTED: `visit` runs on the calling thread, one entry at a
 *   time, depth first, in the order the directories list their entries (as fts
 *   does, which sorts big directories by inode) or bytewise by name. Other
 *   threads read and stat ahead of it, within a bound.
 *
 * A directory that cannot be opened gets its ENTER, a WALK_ERROR "read directory"
 * and its LEAVE; one whose reading fails midway a WALK_ERROR before its LEAVE.
 * An entry that vanishes between its listing and its stat or open is counted,
 * not reported. A directory that is its own ancestor is reported as WALK_LOOP
 * and not entered. The number of open directories stays within a budget derived
 * from RLIMIT_NOFILE; closed ones are reopened from the nearest open ancestor,
 * by single names, and checked to be the same (device, inode).
 */
#pragma once

#include "base/strbuf.h"

#include <sys/stat.h>

enum walk_event {
	WALK_ENTER, /* a file, or a directory before its children */
	WALK_LEAVE, /* a directory after its children, also when it could not be read */
	WALK_ERROR, /* `err` while doing `verb`; the entry itself may or may not be visited too */
	WALK_LOOP,  /* a directory that is already being walked */
};

enum walk_action {
	WALK_CONTINUE,
	WALK_PRUNE, /* at ENTER of a directory: do not enter it; it gets no LEAVE */
	WALK_STOP,  /* end the whole walk */
};

enum walk_order { WALK_UNORDERED, WALK_READDIR, WALK_SORTED };
enum walk_follow { WALK_FOLLOW_NEVER, WALK_FOLLOW_ROOTS, WALK_FOLLOW_ALWAYS };

struct walk;
struct walk_dir; /* a directory being walked; opaque */

struct walk_entry {
	enum walk_event event;
	const char *name; /* last component; for a root the operand, as walk_add_path() adds it */
	size_t name_len;
	unsigned depth;          /* 0 for a root */
	unsigned root;           /* index of the root this is below */
	unsigned worker;         /* which thread is calling, below walk_workers_max() */
	unsigned char type;      /* DT_REG, DT_DIR, ...; DT_UNKNOWN only when stat failed */
	int dirfd;               /* holds `name`, for *at() calls; AT_FDCWD for a root; otherwise -1
	                            in the ordered modes and at WALK_LEAVE, where the directory
	                            may be closed again; perhaps opened with O_PATH */
	const struct stat *st;   /* NULL unless `stat` was asked for and worked, and at WALK_LEAVE;
	                            at the WALK_ERROR of a dangling link, the link's own */
	const char *verb;        /* WALK_ERROR: "access", "read directory" */
	int err;                 /* WALK_ERROR: an errno value */
	struct walk_dir *parent; /* NULL for a root */
	struct walk_dir *dir;    /* this directory, when it is one that is entered */
	struct walk *walk;       /* the walk's own */
};

typedef enum walk_action walk_visit(const struct walk_entry *entry, void *user);

/*
 * Decisions taken on the reading threads, before anything is spent on an entry.
 * Called from several threads at once, in every order. Any member may be NULL.
 */
struct walk_select {
	/* False: as if the entry did not exist. Called before stat; roots are not asked. */
	bool (*wanted)(const struct walk_entry *entry, void *user);
	/*
	 * Called with the directory open as `fd`, before it is read; false: it is left
	 * unread (its ENTER and LEAVE still come). Before or after its ENTER. May set *state,
	 * which its entries see through walk_select_state(entry->parent); `forget` is called
	 * for it in the end, after the last event of its entries, on any thread.
	 */
	bool (*descend)(const struct walk_entry *entry, int fd, void **state, void *user);
	void (*forget)(void *state, void *user);
	/*
	 * Called for a directory that is its own ancestor; true: it is entered all the same.
	 * NULL: no. The caller sees to it that this ends.
	 */
	bool (*enter_loop)(const struct walk_entry *entry, void *user);
	void *user;
};

struct walk_opts {
	enum walk_order order;
	enum walk_follow follow;
	bool one_file_system; /* skip entries on another device than their parent; other
	                         than directories only when `stat` is set */
	bool stat;            /* every entry comes with `st` */
	bool open_again;      /* WALK_UNORDERED: a directory that may not be opened is tried once
	                         more after its ENTER, which may have changed that */
	unsigned max_depth;   /* directories at this depth are not entered: ENTER only */
	unsigned threads;     /* 0: chosen by CPUs, and more while the disk is the limit;
	                         fewer when RLIMIT_NOFILE is low */
	unsigned workers;     /* what walk_workers_max() said when the caller made room for their
	                         state, and no more than that; 0: there is none */
	size_t dir_data_size; /* zeroed bytes of the caller's in every directory */
	const struct walk_select *select; /* may be NULL */
};

enum { WALK_DEPTH_ANY = 0x7fffffff };

struct walk_result {
	uint64_t vanished; /* entries that went away under the walk */
	bool stopped;      /* visit said WALK_STOP */
};

/*
 * Walks all roots, one after the other in the ordered modes. Trouble with an
 * entry is an event; the return value is 0, or -errno when the walk itself could
 * not go on. `ret` may be NULL.
 */
MUST_USE int walk(char *const *roots, const struct walk_opts *opts, walk_visit *visit, void *user,
                  struct walk_result *ret);

/* The highest number of threads a walk with these options will use, at least 1, for per-worker
 * state. */
unsigned walk_workers_max(const struct walk_opts *opts);

/*
 * Adds the entry's path: the root as given (of several trailing slashes one stays),
 * then names, each after a slash.
 */
void walk_add_path(const struct walk_entry *entry, struct strbuf *ret);
/* The path of a directory. */
void walk_add_dir_path(const struct walk_dir *dir, struct strbuf *ret);
/*
 * The entry's metadata, whether `stat` was asked for or not; links are followed where the
 * walk follows them. From within `visit` only. 0 or -errno.
 */
MUST_USE int walk_stat(const struct walk_entry *entry, struct stat *ret);
/* The caller's bytes in a directory, aligned for any type; zeroed before its first ENTER. */
void *walk_dir_data(struct walk_dir *dir);
struct walk_dir *walk_dir_parent(const struct walk_dir *dir);
/* Was this directory, no root, reached by following a symbolic link? */
bool walk_dir_is_linked(const struct walk_dir *dir);
/* Is it its own ancestor, and was entered all the same? From `descend` on. */
bool walk_dir_is_looped(const struct walk_dir *dir);
/* Ends the walk as WALK_STOP does; from within `visit` or a hook. */
void walk_stop(struct walk *walk);
/* What `descend` stored for this directory. */
void *walk_select_state(const struct walk_dir *dir);
