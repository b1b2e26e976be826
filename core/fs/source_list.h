/* SPDX-License-Identifier: MIT */
/*
 * What goes into an archive: the entries of some trees in the order they are stored, depth first
 * and bytewise by name, with the metadata they had when they were listed. Memory: about 120 bytes
 * an entry, and its name.
 */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"
#include "fs/filter.h"

#include <sys/stat.h>

enum { SOURCE_NO_DIR = INT32_MAX };

struct source_entry {
	uint32_t dir;  /* index of the directory it is in; SOURCE_NO_DIR for a root */
	uint32_t root; /* index of the root */
	size_t name;   /* offset of its name in `names`; of a root the operand */
	size_t link;   /* index + 1 of an earlier entry that is the same file; 0: none */
	uint32_t own;  /* of a directory its index among the directories */
	unsigned char type;
	bool failed; /* it is not in the archive */
	struct {
		uint64_t dev, ino, size;
		struct timespec mtime;
		mode_t mode;
		uid_t uid;
		gid_t gid;
		dev_t rdev;
		bool is_linked; /* has other names */
	} st;
};

/* A directory: the path below its root; "" is the root. */
struct source_dir {
	uint32_t root;
	size_t path; /* offset in `names` */
};

struct source_root {
	const char *operand;
	char *prefix; /* of its members' names; owned; "" for none */
	bool omit;    /* the root itself is no member */
	int fd;       /* of a directory, open; else -1 */
};

struct source_list {
	struct {
		VEC_FIELDS(struct source_entry);
	} entries;
	struct {
		VEC_FIELDS(struct source_dir);
	} dirs;
	struct {
		VEC_FIELDS(struct source_root);
	} roots;
	struct strbuf names; /* each ends with NUL */
	uint64_t bytes;      /* of regular files */
	uint64_t vanished;
};

struct source_list_opts {
	const struct filter *filter;
	bool follow;
	bool one_file_system;
	bool hard_links;  /* names of one file become links to the first */
	bool omit_roots;  /* what is in a directory is stored, not the directory */
	const char *base; /* operands are below it; "" or a path that ends with a slash */
	/* A file that is never stored: the archive itself. */
	dev_t skip_dev[2];
	ino_t skip_ino[2];
	void (*trouble)(const char *path, const char *verb, int err, void *user);
	bool (*stopped)(void *user);
	void *user;
};

/* 0 with *ret, or -errno when the walk could not go on. *ret is to be released in any case. */
MUST_USE int source_list_read(char *const *operands, const struct source_list_opts *opts,
                              struct source_list *ret);
/* Adds the name of the entry as a member; "" for a root that is none. */
void source_list_add_member(const struct source_list *l, const struct source_entry *e,
                            struct strbuf *ret);
/* Adds the path of the entry for messages. */
void source_list_add_path(const struct source_list *l, const struct source_entry *e,
                          struct strbuf *ret);
void source_list_release(struct source_list *l);
/*
 * The name under which an operand is stored: without the slashes in front and without all up to its
 * last "..", as tar does. *ret_cut: something was left out. To be freed.
 */
char *source_prefix(const char *operand, bool *ret_cut);
