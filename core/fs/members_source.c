/* SPDX-License-Identifier: MIT */
/* Bytes for libarchive: a stream, unpacked, or a file that can be read at any place. */
#include "fs/members_private.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ZIP_END_SIZE = 22,
	ZIP_COMMENT_MAX = 65535,
	ISO_MAGIC_AT = 32769,
	TRAILING_MAX = 65536, /* bytes behind an end record that are looked through */
};

int members_source_open(struct members_source *s, int fd, const struct members_opts *opts)
{
	struct stat st;
	int r;

	s->fd = fd;
	s->spool = -1;
	if (fstat(fd, &st) != 0)
		return -errno;
	if (S_ISREG(st.st_mode)) {
		s->size = (uint64_t)st.st_size;
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	r = unpack_open(fd, opts->threads, &s->unpack);
	if (r < 0)
		return r;
	s->first = mem_alloc(MEMBERS_BLOCK);
	while (s->first_len < MEMBERS_BLOCK) {
		ssize_t n = unpack_read(s->unpack, s->first + s->first_len,
		                        MEMBERS_BLOCK - s->first_len);

		if (n < 0) {
			s->err = (int)n;
			/* What came before the damage may tell what it was. */
			if (s->first_len == 0)
				return (int)n;
			break;
		}
		if (n == 0)
			break;
		s->first_len += (size_t)n;
	}
	s->is_seekable = S_ISREG(st.st_mode) && unpack_packing(s->unpack) == PACKING_NONE &&
	                 lseek(fd, 0, SEEK_CUR) == (off_t)unpack_read_bytes(s->unpack);
	return 0;
}

static bool has(const struct members_source *s, size_t at, const char *magic, size_t len)
{
	return s->first_len >= at + len && memcmp(s->first + at, magic, len) == 0;
}

enum members_kind members_source_kind(struct members_source *s)
{
	uint64_t at;
	uint64_t trailing;

	if (has(s, 0, "PK\3\4", 4) || has(s, 0, "PK\5\6", 4) || has(s, 0, "PK00PK", 6))
		return KIND_ZIP;
	if (has(s, 0, "7z\xbc\xaf\x27\x1c", 6) || has(s, 0, "Rar!\x1a\x07", 6) ||
	    has(s, 0, "MSCF", 4) || has(s, ISO_MAGIC_AT, "CD001", 5))
		return KIND_WHOLE;
	if (has(s, 2, "-lh", 3) || has(s, 2, "-lz", 3))
		return KIND_WHOLE;
	if (has(s, 257, "ustar", 5))
		return KIND_STREAM;
	/* A program that unpacks itself: the zip is at its end. */
	return s->is_seekable && members_zip_end(s, &at, &trailing) ? KIND_ZIP : KIND_STREAM;
}

int members_source_whole(struct members_source *s, const char *spool_dir)
{
	const void *bytes = NULL;
	ssize_t n;

	if (s->is_seekable)
		return 0;
	s->spool = open(spool_dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (s->spool < 0)
		return -errno;
	while ((n = members_source_next(s, &bytes)) > 0) {
		int r = fdio_write_all(s->spool, bytes, (size_t)n);

		if (r < 0)
			return r;
	}
	if (n < 0)
		return (int)n;
	s->fd = s->spool;
	s->size = s->given;
	s->is_seekable = true;
	return 0;
}

bool members_zip_end(struct members_source *s, uint64_t *ret_at, uint64_t *ret_trailing)
{
	const size_t want = ZIP_END_SIZE + ZIP_COMMENT_MAX + TRAILING_MAX;
	const size_t len = s->size < want ? (size_t)s->size : want;
	uint8_t *tail = mem_alloc(len + 1);
	ssize_t n = pread(s->fd, tail, len, (off_t)(s->size - len));
	bool found = false;

	for (size_t at = n > ZIP_END_SIZE - 1 ? (size_t)n - ZIP_END_SIZE + 1 : 0; at-- > 0;) {
		uint64_t end;

		if (memcmp(tail + at, "PK\5\6", 4) != 0)
			continue;
		end = at + ZIP_END_SIZE + tail[at + 20] + ((uint64_t)tail[at + 21] << 8);
		found = end <= (uint64_t)n;
		*ret_at = s->size - len + at;
		*ret_trailing = found ? (uint64_t)n - end : 0;
		break;
	}
	free(tail);
	return found;
}

/* Where the last byte is that is not zero, which tells an end of zeroes from more data. */
static void note(struct members_source *s, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t n = len;

	while (n > 0 && p[n - 1] == 0)
		n--;
	if (n > 0)
		s->last_nonzero = s->given + n;
	s->given += len;
}

ssize_t members_source_next(struct members_source *s, const void **ret)
{
	ssize_t n;

	if (!s->first_given) {
		s->first_given = true;
		*ret = s->first;
		n = (ssize_t)s->first_len;
		/* A thread is worth it when there is more. */
		if (s->first_len == MEMBERS_BLOCK && unpack_packing(s->unpack) != PACKING_NONE)
			s->ahead = unpack_ahead_new(s->unpack);
	} else if (s->err != 0) {
		return s->err;
	} else if (s->ahead != NULL) {
		n = unpack_ahead_next(s->ahead, ret);
	} else {
		if (s->block == NULL)
			s->block = mem_alloc(MEMBERS_BLOCK);
		n = unpack_read(s->unpack, s->block, MEMBERS_BLOCK);
		*ret = s->block;
	}
	if (n < 0)
		s->err = (int)n;
	else
		note(s, *ret, (size_t)n);
	return n;
}

static ssize_t read_at(struct members_source *s, const void **ret)
{
	ssize_t n;

	if (s->block == NULL)
		s->block = mem_alloc(MEMBERS_BLOCK);
	do
		n = pread(s->fd, s->block, MEMBERS_BLOCK, (off_t)s->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		s->err = -errno;
	else
		s->at += (uint64_t)n;
	*ret = s->block;
	return n < 0 ? s->err : n;
}

la_ssize_t members_feed(struct archive *a, void *user, const void **ret)
{
	struct members *m = user;
	struct members_source *s = &m->source;
	ssize_t n = m->kind == KIND_STREAM ? members_source_next(s, ret) : read_at(s, ret);

	if (n >= 0)
		return n;
	archive_set_error(a, (int)-n, "%s", "reading failed");
	return -1;
}

la_int64_t members_seek(struct archive *a, void *user, la_int64_t offset, int whence)
{
	struct members_source *s = &((struct members *)user)->source;
	int64_t base = whence == SEEK_CUR   ? (int64_t)s->at
	               : whence == SEEK_END ? (int64_t)s->size
	                                    : 0;

	(void)a;
	if (offset < -base || offset > INT64_MAX - base)
		return ARCHIVE_FATAL;
	s->at = (uint64_t)(base + offset);
	return base + offset;
}

la_int64_t members_skip(struct archive *a, void *user, la_int64_t request)
{
	struct members_source *s = &((struct members *)user)->source;
	uint64_t left = s->at < s->size ? s->size - s->at : 0;
	uint64_t n = request < 0 ? 0 : (uint64_t)request;

	(void)a;
	if (n > left)
		n = left;
	s->at += n;
	return (la_int64_t)n;
}

void members_source_release(struct members_source *s)
{
	s->ahead = unpack_ahead_free(s->ahead);
	s->unpack = unpack_free(s->unpack);
	if (s->spool >= 0)
		(void)close(s->spool);
	s->spool = -1;
	free(s->first);
	free(s->block);
	s->first = NULL;
	s->block = NULL;
}
