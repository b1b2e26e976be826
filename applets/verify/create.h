/* SPDX-License-Identifier: MIT */
/* What create.c, update.c, create_mtree.c and create_bag.c share: a list that is being written. */
#pragma once

#include "verify.h"

#include "base/map.h"
#include "fs/replace.h"

struct create {
	struct verify_run *run;
	enum hash_algo algo;
	struct {
		VEC_FIELDS(char *);
	} names;      /* owned, sorted */
	bool has_own; /* the list's file is there already, or is standard output */
	dev_t own_dev;
	ino_t own_ino;
	struct strbuf path;
	struct strbuf text;     /* lines that are not written yet */
	int fd;                 /* where the list goes; -1: standard output */
	atomic_int err;         /* the first failed write */
	struct replace replace; /* of the list's file, while it is_begun */
	bool is_begun;

	/* With --update. */
	struct map *listed; /* owned: normal paths that LIST names; else NULL */
	struct {
		VEC_FIELDS(char *);
	} covered;         /* owned: directories of which LIST says it names all files */
	bool has_old;      /* LIST holds something */
	uint64_t old_size; /* bytes of LIST as it was last */
	uint64_t hashed;   /* bytes since then */

	/* Of a bag. */
	enum { BAG_PAYLOAD, BAG_TAGS } part;
	size_t skip;           /* bytes of each path in front of the name in the bag */
	uint64_t bytes, files; /* that are listed */
	bool lacks_some;       /* a file could not be listed: the list is not worth having */
};

struct create_task {
	const char *name;
	struct hash_file_result result;
	struct mtree_entry *entry; /* owned; what a list of mtree says of it */
	int err;
};

/* create.c: the names that the operands lead to. 0, or the exit status. */
MUST_USE int create_collect(struct create *c, char **operands);
void create_release(struct create *c);
/* create.c: "./a" is listed as "a"; the rest as it was found. Borrowed. */
const char *create_listed_name(const char *path);
/* create.c: a name that could not be listed. */
void create_tell_trouble(struct create *c, const struct create_task *task);
/*
 * create.c: lists the names in the file `path`, which is replaced when all of them could be
 * listed, or need not be. False: it was not; that was told.
 */
bool create_replace(struct create *c, const char *path, char **operands);
/* create.c: writes what is in c->text; or only when it is worth a call. */
void create_flush(struct create *c);
void create_flush_some(struct create *c);
/* create.c: opens and hashes a regular file, on any thread; task->err says how it went. */
void create_hash(struct create *c, struct create_task *task);

/* update.c: what LIST holds by now. 0, or the exit status. */
MUST_USE int create_read_old(struct create *c);
/* update.c: LIST names it already. Uses c->path. */
bool create_is_listed(struct create *c, const char *name);
/* update.c: LIST says by now that it names all files below the normal path. */
bool create_is_covered(const struct create *c, const char *dir);
/* update.c: what LIST holds, to the new file. 0 or -errno. */
MUST_USE int create_copy_old(struct create *c);
/* update.c: a file with so many bytes was listed; sees to it that not too much can be lost. */
void create_checkpoint(struct create *c, uint64_t hashed);

/* create_mtree.c: names that a list of mtree cannot have. 0, or the exit status. */
MUST_USE int create_check_mtree(const struct create *c, char **operands);
/* create_mtree.c: the lines before all others. */
void create_begin_mtree(struct create *c);
window_step create_work_mtree;
window_step create_show_mtree;
/* create_bag.c: is the entry, whose path is in c->path, none for the list at hand? */
MUST_USE bool create_bag_skips(struct create *c, const struct walk_entry *e, enum walk_action *ret);
window_step create_show_bag;
/* create_bag.c: the directory becomes a bag; the exit status. */
int create_bag(struct create *c, char **operands);
