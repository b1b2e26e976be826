/* SPDX-License-Identifier: MIT */
/*
 * Lines of checksum lists, read and written: those of GNU's sha256sum and its like
 * ("HEX  name", "HEX *name", with a backslash in front when the name has \n, \r and \\ for
 * newline, carriage return and backslash), the older "HEX name", and BSD's
 * "SHA256 (name) = HEX". Lists come from downloads: every byte in them is hostile. Nothing
 * here looks at a file. Reading keeps a little state for each list.
 */
#pragma once

#include "base/hash.h"
#include "base/strbuf.h"

enum { CHECKLIST_LINE_MAX = 1 << 20 }; /* bytes; longer lines are no lines of a list */

/* One list. Zeroed: the algorithm of each line goes by its tag, or the digest's length. */
struct checklist {
	bool has_algo; /* lines of any other algorithm than `algo` are wrong */
	enum hash_algo algo;
	bool prefers_blake2b; /* for 128 digits, instead of SHA-512 */
	bool prefers_xxh128;  /* for 32 digits, instead of MD5 */
	bool bagit;           /* a manifest of a bag (RFC 8493): "HEX name" with %0A, %0D, %25 */
	bool raw;             /* NUL ended lines: names are as they are, nothing is escaped */
	enum { SPACING_UNKNOWN, SPACING_TWO, SPACING_ONE } spacing; /* private */
};

struct checklist_entry {
	struct strbuf name; /* no NUL in it, not empty */
	enum hash_algo algo;
	unsigned char digest[HASH_SIZE_MAX];
	size_t digest_size;
};

enum checklist_kind {
	CHECKLIST_ENTRY,
	CHECKLIST_COVERS,  /* a comment of ours: the list names every file below the directory */
	CHECKLIST_COMMENT, /* with a # at its beginning; also an empty line */
	CHECKLIST_BAD,
};

/* "HEX  name", "HEX *name", "SHA256 (name) = HEX", "HEX  name" with %0A, %0D and %25. */
enum checklist_style { CHECKLIST_GNU, CHECKLIST_BINARY, CHECKLIST_TAG, CHECKLIST_BAG };

/* What the name of the list tells: B2SUMS holds BLAKE2b. */
void checklist_prefer(struct checklist *list, const char *file_name);
/*
 * Reads one line without its end (a carriage return there is dropped unless `raw`). *ret is
 * overwritten, its buffer used again: the caller releases ret->name. For CHECKLIST_COVERS
 * only the name is set, for the last two kinds nothing.
 */
enum checklist_kind checklist_parse(struct checklist *list, const char *line, size_t len,
                                    struct checklist_entry *ret);

/* An absolute path, or one with a ".." in it. */
bool checklist_is_outside(const char *name);

/* Adds the line of an entry with its end: newline, or NUL for `raw`. */
void checklist_add_line(struct strbuf *b, const struct checklist_entry *entry,
                        enum checklist_style style, bool raw);
/* Reads a name as a bag's files have it. False: it is empty, or has a NUL. */
MUST_USE bool checklist_read_bag_name(const char *text, size_t len, struct strbuf *ret);
/* Adds the comment that says that a list names every file below `dir`. */
void checklist_add_covers(struct strbuf *b, const char *dir, bool raw);
/* The name as a line shows it; true when that needs a backslash in front of the line. */
bool checklist_add_escaped(struct strbuf *b, const char *name, size_t len);
