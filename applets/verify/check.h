/* SPDX-License-Identifier: MIT */
/* What check.c, list.c, list_mtree.c, bag.c and extra.c share: lists that are being checked. */
#pragma once

#include "verify.h"

#include "base/map.h"
#include "fs/mtree.h"

/* What the lists say of a name first. */
struct listed {
	bool has_digest;
	enum hash_algo algo;
	size_t digest;      /* offset in `digests` */
	unsigned manifests; /* of a bag's payload: a bit for each that names it */
};

struct missing {
	char *name; /* owned */
	enum hash_algo algo;
	unsigned char digest[HASH_SIZE_MAX];
	bool is_found; /* under another name */
};

/* A list's own file: it never is in itself. */
struct list_file {
	dev_t dev;
	ino_t ino;
};

enum bag_part { PART_PAYLOAD, PART_TAGS };

struct check {
	struct verify_run *run;
	const char *dir; /* names are relative to it; NULL: the working directory */
	struct verify_place place;
	struct window *window;
	struct map *names; /* normal paths; the value is an index into `listed` */
	struct {
		VEC_FIELDS(struct listed);
	} listed;
	struct strbuf digests;
	struct {
		VEC_FIELDS(char *);
	} covers; /* owned: directories that the lists say they name every file of */
	struct {
		VEC_FIELDS(struct list_file);
	} lists;
	struct {
		VEC_FIELDS(struct missing);
	} missing;           /* with --moved: told at the end */
	struct map *ignored; /* normal paths of directories whose files nobody cares about */
	struct users *users; /* of names in lists; NULL while there was none */
	uint64_t read_failures, mismatches;
	uint64_t unlike;      /* files that are not as a list of mtree says, but for checksums */
	uint64_t without_sum; /* files of which such a list knows no checksum */
	uint64_t verified;    /* of the list at hand: files that were looked at */
	bool knows_types;     /* a list names more than regular files */
	bool is_bag;          /* lists may be empty */
	enum bag_part part;   /* of a bag: what the list at hand is about */
	unsigned manifest;    /* its bit, when that is the payload */
	bool is_without_data; /* the bag has no payload directory */
	bool is_weak;         /* MD5 or SHA-1 was used */
};

/* A line of a list, and what messages call the list. */
struct list_line {
	const char *list;
	uint64_t line;
};

/* A file that is hashed; or, with `wants`, a name that is compared with all that is said of it. */
struct check_task {
	char *name;                /* owned */
	struct mtree_entry *wants; /* owned; NULL: the digest is all */
	enum verify_status status; /* with `wants` */
	bool is_unread;            /* --sample leaves the content */
	struct strbuf want, have;  /* the same: what differs, but for checksums */
	enum hash_algo algo;
	unsigned char expected[HASH_SIZE_MAX];
	unsigned char actual[HASH_SIZE_MAX];
	size_t size; /* of a digest */
	int err;     /* -errno, or 0 and `actual` is there */
};

/* The line `NAME: WORD` of an answer, the name as coreutils shows it. */
void check_print(struct check *c, const char *name, const char *word, const char *other);
/* list.c: a name that leads outside is refused, and told. */
bool check_refuses(struct check *c, const char *name);
/* list.c: the filter leaves the name out. */
bool check_excludes(const struct check *c, const char *name);
/*
 * list.c: remembers that a list names it. Says so when another line gave it another checksum; the
 * digest may be NULL. False: it was named before.
 */
bool check_remember(struct check *c, const char *name, const struct checklist_entry *digest,
                    uint64_t line);
/* list_mtree.c: an entry of a list of mtree. Its strings are taken over. */
void check_take_mtree(struct check *c, struct mtree_entry *entry, const struct list_line *where);
/* list_mtree.c, on any thread: compares the name with what is wanted of it. */
void check_work_mtree(struct check *c, struct check_task *task);
/* list.c: checks what the list `path` says; `hints` tell what is known of it. */
void check_list(struct check *c, const char *path, const struct checklist *hints);
/*
 * bag_lists.c: do the manifests of the payload name the same files (`is_strict`), and what
 * fetch.txt names as well?
 */
void check_bag_lists(struct check *c, bool is_strict);
/* bag.c: one of a bag's own files is not as it should be; `other` ends the words, or NULL. */
void check_tell_bag(struct check *c, const char *path, const char *words, const char *other);
/* bag.c: the directory that the check is about is a bag. 0, or the exit status. */
MUST_USE int check_bag(struct check *c);
/* extra.c: tells which files the lists do not name, and with --moved who they are. */
void check_extra(struct check *c);
