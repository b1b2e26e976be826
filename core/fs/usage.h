/* SPDX-License-Identifier: MIT */
/*
 * Space accounting: what a tree occupies, directory by directory. A source (a
 * scan of the disk here, an imported file elsewhere) feeds a sink, three
 * callbacks that print, sort, export or compare. Nothing is kept but the
 * directories that are open at the moment, so memory follows the depth of the
 * tree and the number of hard links, not the number of files.
 *
 * The rules are GNU du's: an inode counts once in a run, where it is met first,
 * unless `count_links`; with several roots, or when links are followed, that
 * holds for directories too. Sums stop at 2^64-1 and say so.
 */
#pragma once

#include "base/strbuf.h"
#include "fs/walk.h"

/* Sums over entries. */
struct usage_sum {
	uint64_t disk;     /* bytes of allocated blocks */
	uint64_t apparent; /* bytes a reader would see */
	uint64_t files, dirs, other;
	uint64_t hardlink;      /* disk bytes of further names of inodes that were counted before */
	uint64_t errors;        /* entries that could not be read */
	struct timespec newest; /* of the times usage_opts.time chooses */
	bool saturated;         /* a sum reached 2^64-1 */
};

/* An empty sum: `newest` lies before every time. */
void usage_sum_init(struct usage_sum *sum);
void usage_sum_add(struct usage_sum *sum, const struct usage_sum *more);
/* Regular files, directories and others together. */
uint64_t usage_sum_inodes(const struct usage_sum *sum);

/* A directory when all of it was seen; of another file only `own` is filled. */
struct usage_totals {
	struct usage_sum own;   /* the entry itself */
	struct usage_sum files; /* what is directly in it and no directory */
	struct usage_sum below; /* its directories with everything in them */
	uint64_t reclaim;       /* bytes freed if it were deleted; 0 unless usage_opts.reclaim */
};

/* Everything together, or without the directories below when `separate`. */
void usage_totals_sum(const struct usage_totals *totals, bool separate, struct usage_sum *ret);

/* One name in the tree. Valid during the call that passes it. */
struct usage_entry {
	const char *name; /* last component; for a root the root as it was given */
	size_t name_len;
	unsigned depth;     /* 0 for a root */
	unsigned root;      /* index of the root */
	unsigned char type; /* DT_REG, DT_DIR, ... */
	bool counted;       /* false: another name of an inode that was counted before */
	bool passed_over;   /* a directory the filter leaves out: what is in it counts, not it */
	bool mount;         /* on another device than the directory it is in */
	uint64_t dev, ino, nlink;
	uint64_t disk;        /* bytes; shared extents that were counted before are left out */
	uint64_t apparent;    /* bytes */
	struct timespec time; /* the one usage_opts.time chooses */
	struct timespec mtime;
	uint32_t uid, gid, mode;
	struct strbuf *path; /* for usage_path(): the source's buffer, and how much of it is */
	size_t path_len;     /* the directory `name` is in */
};

/* The path: root as given, then names. Borrowed until the next call of it or of the source. */
const char *usage_path(const struct usage_entry *entry, size_t *ret_len);
/* Adds the sums of the entry itself. */
void usage_entry_own(const struct usage_entry *entry, struct usage_sum *ret);

struct usage_trouble {
	const char *path;
	const char *verb; /* "access", "read directory" */
	int err;          /* an errno value */
	unsigned depth;   /* 0 for a root */
	bool current_dir; /* the directory entered last and not left yet */
};

/*
 * Where a source sends what it finds, depth first. Each returns false to end the
 * run; NULL members are not called.
 */
struct usage_sink {
	/* A directory, before its entries. */
	bool (*enter)(const struct usage_entry *dir, void *user);
	/* Anything that is no directory, also further names of counted inodes. */
	bool (*item)(const struct usage_entry *item, void *user);
	/* A directory, after its entries. */
	bool (*leave)(const struct usage_entry *dir, const struct usage_totals *totals, void *user);
	/* May be called on several threads at once when usage_opts.roots_only. */
	bool (*error)(const struct usage_trouble *trouble, void *user);
	/* So many more entries were met; now and then. On several threads at once as above. */
	bool (*tick)(uint64_t entries, void *user);
	void *user;
};

struct filter;

enum usage_time { USAGE_MTIME, USAGE_ATIME, USAGE_CTIME };

struct usage_opts {
	enum walk_order order; /* WALK_READDIR or WALK_SORTED */
	enum walk_follow follow;
	bool one_file_system;
	unsigned threads;            /* 0: chosen by the walker */
	const struct filter *filter; /* may be NULL; directories it passes over count nothing */
	bool exclude_kernfs;         /* file systems the kernel makes up are left unread */
	enum usage_time time;
	bool count_links; /* an inode counts once per name */
	bool all_sizes;  /* apparent size of every type of file, else regular ones and links only */
	bool hash_all;   /* the roots are only a part of the run's: treat one as several */
	bool roots_only; /* the sink hears of roots alone, and only of their end: reads in any
	                    order on all threads. Not with `reclaim` or `reflink` */
	bool reclaim;    /* fill usage_totals.reclaim; not with WALK_FOLLOW_ALWAYS */
	bool reflink;    /* count extents that files share once */
};

struct usage_result {
	uint64_t vanished; /* entries that went away under the scan */
	bool stopped;      /* the sink said so */
};

/*
 * Scans the roots in order. 0, or -errno when the walk itself could not go on;
 * trouble with entries goes to sink->error. `ret` may be NULL.
 */
MUST_USE int usage_scan(char *const *roots, const struct usage_opts *opts,
                        const struct usage_sink *sink, struct usage_result *ret);
