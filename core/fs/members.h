/* SPDX-License-Identifier: MIT */
/*
 * The members of an archive, one after the other: tar in all its dialects, cpio, zip, 7z, rar,
 * iso9660, cab, lha and ar, told by content, compressed or not (unpack.h). The list of formats is
 * explicit: no program is ever started, no file that an archive names is ever read, an empty
 * file or a text is no archive.
 *
 * Names come back byte for byte, whatever the locale of the process: libarchive runs under the
 * C locale for tar, cpio and ar, and under C.UTF-8 for formats that say which charset they use.
 * A name of a zip that is not UTF-8 and does not say what it is, is code page 437.
 *
 * What is needed whole (zip, 7z, ...) and comes from a pipe is kept in an unnamed temporary file.
 */
#pragma once

#include "base/strbuf.h"
#include "fs/unpack.h"

#include <time.h>

struct members;
struct archive_entry;

struct members_opts {
	unsigned threads;       /* for unpacking; at least 1 */
	const char *spool_dir;  /* of the temporary file */
	const char *passphrase; /* of a zip; may be NULL */
	bool raw_names;         /* names of zips stay as they are */
};

/* Borrowed until the next call. */
struct member {
	uint64_t index; /* from 0 */
	const char *path;
	size_t path_len;
	unsigned char type; /* DT_REG and so on; of a hard link DT_REG */
	mode_t mode;        /* with the bits of set-id and sticky, without the type */
	int64_t uid, gid;
	const char *user, *group; /* NULL: not known */
	bool has_size;
	uint64_t size;
	bool has_mtime;
	struct timespec mtime;
	const char *link;     /* target of a symbolic link, or NULL */
	const char *hardlink; /* the other name, or NULL */
	uint64_t rdev_major, rdev_minor;
	bool encrypted;
	bool sparse;
	bool charset_guessed; /* the name was taken for code page 437 */
	bool name_lost;       /* the name could not be decoded */
	const char *warning;  /* what was odd about its header, or NULL */
};

/* Takes over nothing: `fd` stays the caller's, and must outlive the reader. 0 with *ret, or -errno:
 * what reading gave, -EMEDIUMTYPE when it is no archive we know; *reterr (may be NULL) is a static
 * phrase then, or "". */
MUST_USE int members_open(int fd, const struct members_opts *opts, struct members **ret,
                          const char **reterr);
/*
 * 1 with *ret; 0 at the end; or -errno: -EBADMSG for damage, after which only
 * members_free() is left.
 */
MUST_USE int members_next(struct members *m, struct member *ret);
/*
 * The next piece of the member's content, at *ret_offset; holes are left out. 1, 0 at the end;
 * -EBADMSG: damage, of this member alone when members_goes_on(); -ENOKEY, -EKEYREJECTED: it is
 * encrypted; -ENOTSUP: packed by a method we lack.
 */
MUST_USE int members_data(struct members *m, const void **ret, size_t *ret_len,
                          uint64_t *ret_offset);
/* tar, cpio or ar, to which members can be appended: a name that occurs again is a newer version.
 */
bool members_is_stream(const struct members *m);
/* After an error of members_data(): the members that follow can be read. */
bool members_goes_on(const struct members *m);
/* Calls `attribute` for each extended attribute of the member. */
void members_attributes(struct members *m,
                        void (*attribute)(const char *name, const void *value, size_t len,
                                          void *user),
                        void *user);

/* What is known when members_next() said 0. */
struct members_end {
	const char *format; /* "tar", "zip"; static */
	char variant[64];   /* as libarchive names it: "POSIX pax interchange format" */
	enum packing packing;
	enum proof proof; /* of the weakest checksum that every byte was verified with */
	bool has_end;     /* the mark, or the list, that ends the archive was there */
	uint64_t trailing;
	uint64_t packed_bytes; /* of the file */
};

/* Reads what is left of the file. 0 or -errno as members_next(). */
MUST_USE int members_finish(struct members *m, struct members_end *ret);
/* What is known so far, without reading on: format, variant, packing, proof, packed_bytes. */
void members_about(const struct members *m, struct members_end *ret);
/* Bytes of the file that were read so far. */
uint64_t members_packed_bytes(const struct members *m);
/* What was wrong, a phrase; borrowed. "" when nothing was. */
const char *members_error(const struct members *m);
struct members *members_free(struct members *m);
DEFINE_AUTO_FREE(members)

/* The names of formats that can be read, separated by spaces; static. */
const char *members_formats(void);
