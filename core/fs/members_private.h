/* SPDX-License-Identifier: MIT */
/* Between members.c and members_source.c. */
#pragma once

#include "base/vec.h"
#include "fs/members.h"
#include "fs/unpack_ahead.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

enum members_kind { KIND_STREAM, KIND_ZIP, KIND_WHOLE };

enum { MEMBERS_BLOCK = 256 * 1024 };

/* Where libarchive gets its bytes. */
struct members_source {
	int fd; /* the file, or the temporary one */
	struct unpack *unpack;
	struct unpack_ahead *ahead; /* or NULL */
	bool is_seekable;           /* read from `fd` at `at`, not through `unpack` */
	uint64_t at, size;
	int spool; /* a descriptor to close, or -1 */
	int err;
	/* Of a stream. */
	uint64_t given;
	uint64_t last_nonzero; /* offset behind the last byte that is not zero */
	uint8_t *first;        /* what was read to tell the format */
	size_t first_len;
	bool first_given;
	uint8_t *block;
};

struct members {
	struct archive *archive;
	struct members_source source;
	enum members_kind kind;
	locale_t locale;
	struct archive_entry *entry;
	uint64_t index;
	uint64_t data_end; /* of a stream: where the last member ended */
	uint64_t end_at;   /* of a stream: where libarchive stopped */
	bool at_end;
	bool goes_on;
	bool raw_names;
	bool is_odd; /* a checksum was missing */
	bool failed; /* damage, or a stop that only members_free() ends */
	struct strbuf error;
	struct strbuf path;
	struct strbuf warning;
	/* Of a zip. */
	bool has_directory; /* its end record was found */
	uint64_t zip_end;   /* where that is */
	bool has_places;
	struct {
		VEC_FIELDS(uint64_t);
	} places; /* of local headers, in order */
	uint64_t trailing;
};

/* Reads the first bytes and tells what is to be done with the rest. 0 or -errno. */
MUST_USE int members_source_open(struct members_source *s, int fd, const struct members_opts *opts);
enum members_kind members_source_kind(struct members_source *s);
/* Makes the source one that can be read at any place. 0 or -errno. */
MUST_USE int members_source_whole(struct members_source *s, const char *spool_dir);
/* The next block of a stream. */
MUST_USE ssize_t members_source_next(struct members_source *s, const void **ret);
void members_source_release(struct members_source *s);
/* The end record of a zip (APPNOTE.TXT 4.3.16): found, and how many bytes follow it. */
bool members_zip_end(struct members_source *s, uint64_t *ret_at, uint64_t *ret_trailing);
/* members_zip.c: adds the name of the current member as it is stored, in UTF-8. False: not known.
 */
bool members_zip_name(struct members *m, const char *decoded, struct strbuf *ret);

la_ssize_t members_feed(struct archive *a, void *user, const void **ret);
la_int64_t members_seek(struct archive *a, void *user, la_int64_t offset, int whence);
la_int64_t members_skip(struct archive *a, void *user, la_int64_t request);
