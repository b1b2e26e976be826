/* SPDX-License-Identifier: MIT */
/*
 * Lists in the format of mtree(5), read and written: one line for each name of a tree, with words
 * like type=file mode=0644 behind it. Read is what bsdtar and the mtree(8) of NetBSD and FreeBSD
 * write: names below each other, closed by "..", and whole paths; /set and /unset; lines that
 * go on behind a backslash; vis(3) escapes in names. Nothing here looks at a file: libarchive's
 * reader of this format opens the files a list names and drops the numbers of its lines.
 *
 * A list comes from a download: every byte in it is hostile. Where a line is bad, those around
 * it keep their meaning: below a directory without a usable name all relative names are bad.
 */
#pragma once

#include "base/hash.h"
#include "base/strbuf.h"

#include <time.h>

enum { MTREE_LINE_MAX = 1 << 20 }; /* bytes of a line, joined, and of a path */

/* What is said of a name. */
enum mtree_key {
	MTREE_TYPE = 1 << 0,
	MTREE_MODE = 1 << 1,
	MTREE_UID = 1 << 2,
	MTREE_GID = 1 << 3,
	MTREE_UNAME = 1 << 4,
	MTREE_GNAME = 1 << 5,
	MTREE_SIZE = 1 << 6,
	MTREE_TIME = 1 << 7,
	MTREE_LINK = 1 << 8,
	MTREE_DIGEST = 1 << 9,
	MTREE_OPTIONAL = 1 << 10, /* it need not be there */
	MTREE_NOCHANGE = 1 << 11, /* it has to be there; the rest says nothing */
	MTREE_IGNORE = 1 << 12,   /* a directory, and nobody cares what is in it */
};

struct mtree_entry {
	struct strbuf name; /* a path without "./" in front; never empty, no NUL in it */
	unsigned has;       /* MTREE_TYPE and so on: which of the rest is set */
	unsigned char type; /* DT_REG and so on */
	uint32_t mode;      /* permission bits */
	uint32_t uid, gid;
	struct strbuf uname, gname;
	uint64_t size;
	struct timespec time;
	struct strbuf link;  /* the target of a symbolic link */
	enum hash_algo algo; /* the strongest of the digests that are known here */
	unsigned char digest[HASH_SIZE_MAX];
	bool has_unknown; /* there was a word that is no keyword */
};
void mtree_entry_release(struct mtree_entry *e);

/* One list: where it has got to, and what /set said. */
struct mtree;
struct mtree *mtree_new(void);
struct mtree *mtree_free(struct mtree *m);
DEFINE_AUTO_FREE(mtree)
/* Only digests of this algorithm count; a line of a regular file without one is bad. */
void mtree_demand(struct mtree *m, enum hash_algo algo);

/* Is this, the first line of a list that is no comment, or a comment, one of mtree's? */
bool mtree_is_first_line(const char *line, size_t len);

enum mtree_kind {
	MTREE_NOTHING, /* a comment, /set, "..", or a line that goes on */
	MTREE_ENTRY,
	MTREE_BAD,
};

/*
 * Reads one line without its newline. *ret is overwritten, its buffers used again: the caller
 * releases them. Keywords that cannot be looked at here (flags, nlink, cksum ...) are
 * passed over. An empty line at the list's end brings out a line that was to go on.
 */
enum mtree_kind mtree_parse(struct mtree *m, const char *line, size_t len, struct mtree_entry *ret);

/* There is an mtree keyword for digests of this algorithm. */
bool mtree_has_algo(enum hash_algo algo);
/* Adds the line of an entry, with the whole path and a newline. The path is a relative one. */
void mtree_add_line(struct strbuf *b, const struct mtree_entry *e);
