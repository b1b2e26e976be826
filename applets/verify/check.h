/* SPDX-License-Identifier: MIT */
/* What check.c, list.c, bag.c and extra.c share: lists that are being checked. */
#pragma once

#include "verify.h"

#include "base/map.h"

/* What the lists say of a name first. */
struct listed {
	enum hash_algo algo;
	size_t digest; /* offset in `digests` */
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
	} missing; /* with --moved: told at the end */
	uint64_t read_failures, mismatches;
	uint64_t verified; /* of the list at hand: files that were looked at */
	bool is_bag;       /* lists may be empty */
	bool is_weak;      /* MD5 or SHA-1 was used */
};

/* A file that is hashed. */
struct check_task {
	struct check *check;
	char *name; /* owned */
	enum hash_algo algo;
	unsigned char expected[HASH_SIZE_MAX];
	unsigned char actual[HASH_SIZE_MAX];
	size_t size; /* of a digest */
	int err;     /* -errno, or 0 and `actual` is there */
};

/* The line `NAME: WORD` of an answer, the name as coreutils shows it. */
void check_print(struct check *c, const char *name, const char *word, const char *other);
/* list.c: checks what the list `path` says; `hints` tell what is known of it. */
void check_list(struct check *c, const char *path, const struct checklist *hints);
/* bag.c: the directory that the check is about is a bag. 0, or the exit status. */
MUST_USE int check_bag(struct check *c);
/* extra.c: tells which files the lists do not name, and with --moved who they are. */
void check_extra(struct check *c);
