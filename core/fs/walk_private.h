/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the walker share.
 *
 *   walk.c         the public calls, roots, the unordered walk
 *   walk_order.c   the ordered walks: delivery in order, reading ahead
 *   walk_batch.c   one directory's entries in memory, for the ordered walks
 *   walk_dir.c     directory nodes: opening, identity, events, paths
 *   walk_read.c    names from the kernel and what each entry is
 *   walk_fd.c      which directories are open
 *
 * A node lives until all nodes below it are gone. In the unordered walk that is
 * also the moment of its LEAVE.
 */
#pragma once

#include "base/pool.h"
#include "base/vec.h"
#include "fs/walk.h"

#include <dirent.h>
#include <pthread.h>

struct walk_batch;

struct walk_dir {
	union {
		struct pool_job job; /* its `queued` stays valid beside the members below */
		struct {
			struct walk_dir *newer;
			struct walk_dir *older;
		} open;                 /* while fd >= 0: by last use */
		struct walk_dir *below; /* on the way down to a directory to be reopened */
	};
	struct walk_dir *parent; /* held */
	void *state;             /* of walk_select.descend */
	struct walk_batch *batch;
	uint64_t dev; /* identity, once it was opened */
	uint64_t ino;
	_Atomic uint32_t refs;
	int fd;         /* this and the next two: under walk_fds.lock */
	unsigned pins;  /* somebody is using fd right now */
	unsigned users; /* will need it: the reader, and children that are not opened yet */
	uint32_t depth;
	uint32_t root;
	uint32_t name_at; /* bytes from the start of the node */
	uint32_t name_len;
	bool follow;   /* the name is a symbolic link, or a root's, which may be one */
	bool looped;   /* its own ancestor, and entered all the same */
	bool unopened; /* still one of its parent's users */
	bool entered;  /* a LEAVE is due */
	/* Ordered walks. `ready`, `counted` and `dropped` are under walk.lock. */
	bool ahead;                        /* given to the pool */
	bool ready;                        /* the pool has read it */
	bool counted;                      /* in walk.ahead_entries */
	bool dropped;                      /* the pool's to throw away */
	_Alignas(max_align_t) char data[]; /* the caller's, then the name */
};

struct walk_fds {
	pthread_mutex_t lock;
	struct walk_dir *newest;
	struct walk_dir *oldest;
	unsigned open;
	unsigned budget;
};

struct walk_worker {
	_Alignas(64) char *buffer; /* for getdents64 */
	uint64_t vanished;
};

struct walk {
	const struct walk_opts *opts;
	walk_visit *visit;
	void *user;
	struct pool *pool;
	struct walk_fds fds;
	struct walk_worker *workers;
	unsigned threads;
	_Atomic bool stopped;

	pthread_mutex_t lock; /* the ordered walks' reading ahead */
	pthread_cond_t became_ready;
	size_t ahead_entries;
	size_t ahead_dirs;
	bool held;
};

/* walk.c */

/* The descriptors directories may take, from RLIMIT_NOFILE. */
unsigned walk_fd_budget(void);

/* walk_fd.c; all from any thread */

void walk_fds_init(struct walk_fds *fds, unsigned budget);
/*
 * The descriptor of an opened directory, to be given back by walk_fd_unpin(); reopened
 * if need be. 0 or -errno; -ESTALE when another directory is in its place.
 */
MUST_USE int walk_fd_pin(struct walk_fds *fds, struct walk_dir *dir, int *ret);
/* Ends the use of a pinned descriptor, and `users` of the reasons to keep it. */
void walk_fd_unpin(struct walk_fds *fds, struct walk_dir *dir, unsigned users);
/* `fd` now belongs to `dir`, pinned, with one user. */
void walk_fd_adopt(struct walk_fds *fds, struct walk_dir *dir, int fd);
void walk_fd_add_users(struct walk_fds *fds, struct walk_dir *dir, unsigned users);
void walk_fd_drop_users(struct walk_fds *fds, struct walk_dir *dir, unsigned users);
void walk_fd_close(struct walk_fds *fds, struct walk_dir *dir);
/* After EMFILE at `depth`: closes a descriptor nobody is using. False when there is none. */
bool walk_fd_relieve(struct walk_fds *fds, uint32_t depth);

/* walk_dir.c */

struct walk_found;

struct walk_dir *walk_dir_new(struct walk *walk, struct walk_dir *parent,
                              const struct walk_found *found);
/* Lets go of a node, with all ancestors nobody else holds; LEAVE for those that lack it. */
void walk_dir_unref(struct walk *walk, struct walk_dir *dir, unsigned worker);
const char *walk_dir_name(const struct walk_dir *dir);

enum walk_opening {
	WALK_OPENED,
	WALK_CLOSED,   /* a directory that does not open: `err` */
	WALK_UNKNOWN,  /* not even its metadata: `err` */
	WALK_STALE,    /* the way to it is lost: `err` */
	WALK_VANISHED, /* gone */
	WALK_SKIPPED,  /* on another file system */
	WALK_LEAF,     /* no directory any more */
	WALK_LOOPED,   /* one of its own ancestors */
};

struct walk_opened {
	enum walk_opening how;
	int err;
	int dirfd; /* the parent's, pinned until walk_dir_opened(); -1: none */
	int fd;    /* WALK_OPENED: not adopted yet */
	struct stat st;
};

void walk_dir_open(struct walk *walk, struct walk_dir *dir, struct walk_opened *ret);
/* Lets go of the parent. */
void walk_dir_opened(struct walk *walk, struct walk_dir *dir, struct walk_opened *opened);
/* The events of an opening. True: `dir` is entered. `opened->dirfd` is shown to the caller. */
bool walk_dir_arrive(struct walk *walk, struct walk_dir *dir, struct walk_opened *opened,
                     unsigned worker);
/* Asks walk_select.descend. */
bool walk_dir_descend(struct walk *walk, struct walk_dir *dir, int fd, unsigned worker);

/* An event about `dir` itself, to be completed. */
struct walk_entry walk_dir_entry(struct walk *walk, struct walk_dir *dir, enum walk_event event,
                                 unsigned worker);
void walk_dir_leave(struct walk *walk, struct walk_dir *dir, unsigned worker);
enum walk_action walk_emit(struct walk *walk, const struct walk_entry *entry);
bool walk_is_stopped(const struct walk *walk);
void walk_dir_read_error(struct walk *walk, struct walk_dir *dir, int err, unsigned worker);

/* walk_read.c */

struct walk_names {
	int fd;
	char *buffer;
	size_t len;
	size_t at;
	int err; /* an errno value; 0: the end was reached */
};

void walk_names_init(struct walk_names *names, struct walk_worker *worker, int fd);
/* The next entry but "." and ".."; NULL at the end or when `err` is set. */
const struct dirent64 *walk_names_next(struct walk_names *names);

enum walk_kind {
	WALK_KIND_LEAF,
	WALK_KIND_LATER,  /* a leaf whose metadata is wanted but was not read yet */
	WALK_KIND_DIR,    /* to be entered */
	WALK_KIND_LINKED, /* the same, through a symbolic link */
	WALK_KIND_ERROR,  /* `err`; `st` is the link's own if there is one */
	WALK_KIND_GONE,
	WALK_KIND_SKIP,
};

struct walk_found {
	const char *name;
	size_t name_len;
	unsigned root;
	unsigned char type;
	bool follow;  /* name may be followed when it is opened */
	bool have_st; /* st is set */
	int err;
	struct stat st;
};

/*
 * What to do with an entry of `dir`, which is open as `dirfd`. In: name and type. Metadata is
 * read when something depends on it, or when it is wanted and `now`.
 */
enum walk_kind walk_resolve(struct walk *walk, const struct walk_dir *dir, int dirfd,
                            struct walk_found *found, bool now);
/* fstatat() by the walk's rule; on failure *st may be the link's own: *ret_own_st. 0 or errno. */
int walk_stat_at(int dirfd, const char *name, bool follow, struct stat *st, bool *ret_own_st);
/* Delivers a leaf or an error; `entry` has parent, depth, root, worker and dirfd. */
void walk_deliver(struct walk *walk, struct walk_entry *entry, const struct walk_found *found,
                  enum walk_kind kind);
/* Asks walk_select.wanted; entry->name and ->type are set. */
bool walk_is_wanted(struct walk *walk, const struct walk_entry *entry);

/* walk_batch.c */

struct walk_item {
	union {
		uint64_t ino;           /* while sorting */
		struct walk_dir *child; /* reading ahead: a directory's node, held */
	};
	uint32_t name; /* offset in names */
	uint16_t err;
	unsigned char type;
	unsigned char kind;
};

struct walk_batch {
	struct walk_opened opened;
	struct {
		VEC_FIELDS(struct walk_item);
	} items;
	struct strbuf names;
	struct stat *stats; /* one for each item; NULL: read when needed */
	size_t next;
	int err;
};

struct walk_batch *walk_batch_free(struct walk_batch *batch);
/*
 * Reads the open directory into its batch, in the order of the walk. With `list`, nodes for
 * its directories are made and added, the next needed one first.
 */
void walk_batch_read(struct walk *walk, struct walk_dir *dir, int fd, unsigned worker,
                     struct pool_list *list);
/* What is known of item `at` of dir's batch, without its metadata. */
void walk_batch_found(const struct walk_dir *dir, size_t at, struct walk_found *ret);

/* walk_order.c */

void walk_order_root(struct walk *walk, struct walk_dir *root);
/* Reads ahead: a job of the pool. */
void walk_order_job(struct pool_job *job, unsigned worker, void *user);
