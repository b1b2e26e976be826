/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. shred.c holds the options and goes through the operands;
 * file.c does one file from its opening to its end; assurance.c says whether overwriting means
 * anything there; overwrite.c writes and reads back; unlink.c wipes the name; tree.c finds the
 * files below a directory.
 */
#pragma once

#include "base/random_stream.h"
#include "cli/applet.h"
#include "cli/guards.h"
#include "cli/shared_opts.h"
#include "fs/final_name.h"

enum { CODE_TROUBLE = 1 };
enum shred_remove { REMOVE_NOT, REMOVE_UNLINK, REMOVE_WIPE, REMOVE_WIPESYNC };

/* What overwriting in place is worth; the higher, the more. */
enum assurance { ASSURANCE_NONE, ASSURANCE_BEST_EFFORT, ASSURANCE_IN_PLACE };

#define SIZE_NOT_GIVEN UINT64_MAX

struct shred_opts {
	bool force, exact, verbose, zero, recursive, check, follow, dry_run;
	int64_t iterations;
	const char *random_source;
	uint64_t size; /* SIZE_NOT_GIVEN */
	int remove;    /* enum shred_remove */
	int require;   /* enum assurance */
	struct strv allow;
	struct out_opts out;
};

struct shred {
	struct ctx *ctx;
	const struct shred_opts *opts;
	unsigned allowed; /* guards */
	struct random_stream *random;
	int source;   /* --random-source, or -1 */
	char *buffer; /* SHRED_BUFFER bytes */
};

enum { SHRED_BUFFER = 1 << 20 };

/* One file. */
struct victim {
	const char *path; /* for messages */
	int fd;
	int dirfd; /* and name: where it is; dirfd -1: it is not to be removed */
	const char *name;
	struct stat st;
	bool readable;  /* fd is open for reading, too */
	bool sparse;    /* only what is there is written */
	uint64_t bytes; /* of each pass */
	enum assurance assurance;
	const char *reason; /* for the assurance; static */
};

/* file.c: 0, or the exit status after the trouble was reported. */
int shred_file(struct shred *s, int dirfd, const char *name, const char *path);
int shred_output(struct shred *s);
extern const struct column_table shred_item_table;

/* assurance.c: sets that of the victim, and its reason. */
void judge_assurance(struct victim *v);
const char *assurance_word(enum assurance assurance);

/* overwrite.c: all passes, and what --check reads back. The same. */
MUST_USE int overwrite(struct shred *s, struct victim *v);

/* unlink.c: the same. */
MUST_USE int wipe_name(const struct shred *s, const struct victim *v);

/* tree.c: all files below the directory. */
int shred_tree(struct shred *s, const char *path);
