/* SPDX-License-Identifier: MIT */
/* What trees.c, tree.c, meta.c and moved.c share: two directory trees that are compared. */
#pragma once

#include "verify.h"

struct tree_node {
	char *path; /* owned; below the root, "." for the root itself */
	uint64_t size, dev, ino, rdev;
	struct timespec mtime;
	uint32_t mode, uid, gid;
};

struct tree {
	const char *root;
	struct verify_place place; /* dirfd is open on the root */
	struct {
		VEC_FIELDS(struct tree_node);
	} nodes; /* bytewise by path */
	struct {
		VEC_FIELDS(char *);
	} unreadable; /* owned: directories whose names are not all known */
};

/* Files that are only on one side, kept until all of them are known. */
struct tree_lone {
	VEC_FIELDS(const struct tree_node *);
};

struct trees {
	struct verify_run *run;
	struct tree a, b;
	struct tree_lone missing, extra; /* with --moved */
};

/* tree.c: 0, or the exit status after the trouble was reported. */
MUST_USE int tree_collect(struct verify_run *run, const char *root, struct tree *ret);
void tree_release(struct tree *tree);
/* The name was below a directory that could not be read: nobody knows whether it is there. */
bool tree_hides(const struct tree *tree, const char *path);
/* open.c: the name itself, not what a link leads to; O_PATH. A descriptor or -errno. */
MUST_USE int verify_open_name(const struct verify_place *place, const char *path);

struct meta_sides {
	struct strbuf *expected, *actual;
};
/* meta.c: the part of meta_compare() that stat tells. */
void meta_compare_stat(enum verify_meta meta, const struct tree_node *a, const struct tree_node *b,
                       const struct meta_sides *s);
/*
 * meta.c: adds what differs between two names of one type, as both sides have it: "mode 0644".
 * 0, or -errno when attributes could not be read.
 */
MUST_USE int meta_compare(const struct trees *t, const struct tree_node *a,
                          const struct tree_node *b, struct strbuf *ret_expected,
                          struct strbuf *ret_actual);

/* moved.c: pairs missing and extra files of equal content; reports all of them. */
void trees_tell_moved(struct trees *t);
/* trees.c: counts and shows one answer. */
void trees_report(struct trees *t, const struct verify_item *item);
