/* SPDX-License-Identifier: MIT */
#include "fs/hash_file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>

enum {
	PIECE = 256 << 10,
	ALIGNMENT = 4096,      /* of memory and lengths, enough for O_DIRECT anywhere */
	ADVISE_FROM = 1 << 20, /* bytes; smaller files are read ahead as a whole anyway */
};

/* One file being read: where we are in it and what is known of its holes. */
struct reading {
	int fd;
	bool regular;
	bool sparse;
	int restore_flags; /* -1: the descriptor's flags are as they were */
	uint64_t at;
	uint64_t end;      /* of the range and the file; UINT64_MAX: where reading ends */
	uint64_t data_end; /* data up to here, as far as it was asked for */
	struct file_state state;
	unsigned char *buffer; /* owned */
};

static int reading_begin(int fd, const struct read_opts *opts, struct reading *ret)
{
	struct reading r = { .fd = fd, .restore_flags = -1, .at = opts->offset };
	struct stat st;
	size_t room = PIECE;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	r.regular = S_ISREG(st.st_mode);
	r.state = file_state_of(&st);
	r.end = UINT64_MAX;
	if (opts->length != 0 && opts->length < UINT64_MAX - opts->offset)
		r.end = opts->offset + opts->length;
	if (r.regular) {
		/* No further than it was when it was opened, or one that grows is never done. */
		if (r.state.size != 0 && r.state.size < r.end)
			r.end = r.state.size > r.at ? r.state.size : r.at;
		r.sparse = (uint64_t)st.st_blocks * 512 < r.state.size;
		if (r.state.size != 0 && r.state.size < PIECE)
			room = ((size_t)r.state.size / ALIGNMENT + 1) * ALIGNMENT;
		if (r.state.size >= ADVISE_FROM)
			(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		if (opts->direct && opts->offset % ALIGNMENT == 0) {
			int flags = fcntl(fd, F_GETFL);

			if (flags >= 0 && (flags & O_DIRECT) == 0 &&
			    fcntl(fd, F_SETFL, flags | O_DIRECT) == 0)
				r.restore_flags = flags;
		}
	}
	r.buffer = aligned_alloc(ALIGNMENT, room);
	if (r.buffer == NULL)
		mem_exhausted();
	r.data_end = r.sparse ? r.at : UINT64_MAX;
	*ret = r;
	return 0;
}

static void reading_undirect(struct reading *r)
{
	if (r->restore_flags >= 0)
		(void)fcntl(r->fd, F_SETFL, r->restore_flags);
	r->restore_flags = -1;
}

static void reading_end(struct reading *r)
{
	reading_undirect(r);
	free(r->buffer);
	r->buffer = NULL;
}

/* How much fits into the buffer that reading_begin() made. */
static size_t reading_room(const struct reading *r)
{
	if (r->regular && r->state.size != 0 && r->state.size < PIECE)
		return ((size_t)r->state.size / ALIGNMENT + 1) * ALIGNMENT;
	return PIECE;
}

/*
 * Looks where the next data is. Returns the length of the hole at the current place (0: there
 * is none), and knows until where data goes. A file system that cannot tell has no holes.
 */
static uint64_t reading_hole(struct reading *r)
{
	uint64_t file_end = r->end;
	off_t data;
	off_t hole;

	if (!r->sparse || r->at < r->data_end || r->at >= file_end)
		return 0;
	data = lseek(r->fd, (off_t)r->at, SEEK_DATA);
	if (data < 0 && errno == ENXIO)
		return file_end - r->at;
	if (data < 0) {
		r->data_end = UINT64_MAX;
		return 0;
	}
	if ((uint64_t)data > r->at) {
		uint64_t to = (uint64_t)data < file_end ? (uint64_t)data : file_end;

		return to - r->at;
	}
	hole = lseek(r->fd, data, SEEK_HOLE);
	r->data_end = hole > data ? (uint64_t)hole : UINT64_MAX;
	return 0;
}

/* The next piece of at most `want` bytes. Bytes, 0 at the end, -errno. */
static ssize_t reading_next(struct reading *r, size_t want)
{
	ssize_t n;

	if (want > r->end - r->at)
		want = (size_t)(r->end - r->at);
	if (want == 0)
		return 0;
	/* O_DIRECT wants whole blocks; what is past the range's end is read and dropped. */
	size_t ask = want;
	if (r->restore_flags >= 0)
		ask = (want + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	for (;;) {
		n = r->regular ? pread(r->fd, r->buffer, ask, (off_t)r->at)
		               : read(r->fd, r->buffer, ask);
		if (n >= 0)
			break;
		if (errno == EINVAL && r->restore_flags >= 0) {
			reading_undirect(r);
			ask = want;
			continue;
		}
		if (errno != EINTR)
			return -errno;
	}
	if ((size_t)n > want)
		n = (ssize_t)want;
	r->at += (uint64_t)n;
	/* The rest does not begin at a block any more. */
	if (n % ALIGNMENT != 0)
		reading_undirect(r);
	return n;
}

/* After the end was met: did the file stay as it was? 0, -ESTALE or -errno. */
static int reading_check(const struct reading *r)
{
	struct file_state now;
	int err;

	if (!r->regular)
		return 0;
	err = file_state_read(r->fd, &now);
	if (err < 0)
		return err;
	if (!file_state_equal(&now, &r->state))
		return -ESTALE;
	/* Files of /proc say 0 and hold more. */
	return r->state.size != 0 && r->at != r->end ? -ESTALE : 0;
}

static bool go_on(const struct read_opts *opts, uint64_t bytes)
{
	return opts->progress == NULL || opts->progress(bytes, opts->user);
}

/* `len` zeroes, out of the buffer. */
static void hash_zeroes(struct reading *r, struct hash *h, uint64_t len)
{
	size_t room = reading_room(r);

	memset(r->buffer, 0, len < room ? (size_t)len : room);
	r->at += len;
	while (len != 0) {
		size_t n = len < room ? (size_t)len : room;

		hash_update(h, r->buffer, n);
		len -= n;
	}
}

static int hash_reading(struct reading *r, struct hash *h, const struct read_opts *opts,
                        struct hash_file_result *ret)
{
	for (;;) {
		uint64_t hole = reading_hole(r);
		ssize_t n;

		if (hole != 0) {
			/* In steps, so that progress is seen in a hole of terabytes. */
			hole = hole < (64U << 20) ? hole : (64U << 20);
			hash_zeroes(r, h, hole);
			n = (ssize_t)hole;
		} else {
			uint64_t data = r->data_end - r->at;
			size_t room = reading_room(r);

			n = reading_next(r, data < room ? (size_t)data : room);
			if (n < 0)
				return (int)n;
			if (n == 0)
				return reading_check(r);
			hash_update(h, r->buffer, (size_t)n);
			ret->bytes_read += (uint64_t)n;
		}
		ret->length += (uint64_t)n;
		if (!go_on(opts, (uint64_t)n))
			return -ECANCELED;
	}
}

int hash_fd(int fd, struct hash *h, const struct read_opts *opts, struct hash_file_result *ret)
{
	static const struct read_opts plain = { 0 };
	struct hash_file_result result = { 0 };
	struct reading r = { 0 };
	int err;

	opts = opts != NULL ? opts : &plain;
	hash_reset(h);
	err = reading_begin(fd, opts, &r);
	if (err < 0)
		return err;
	err = hash_reading(&r, h, opts, &result);
	if (err == 0) {
		result.digest_size = hash_finish(h, result.digest);
		result.state = r.state;
		*ret = result;
	}
	hash_reset(h);
	reading_end(&r);
	return err;
}

static uint64_t first_difference(const unsigned char *a, const unsigned char *b, size_t len)
{
	size_t i = 0;

	while (i < len && a[i] == b[i])
		i++;
	return i;
}

/* `want` bytes unless the file ends before. */
static ssize_t reading_fill(struct reading *r, size_t want)
{
	unsigned char *start = r->buffer;
	size_t have = 0;

	while (have < want) {
		ssize_t n = reading_next(r, want - have);

		if (n < 0) {
			r->buffer = start;
			return n;
		}
		if (n == 0)
			break;
		have += (size_t)n;
		r->buffer = start + have;
		/* Memory for O_DIRECT is aligned as the file is. */
		if (have % ALIGNMENT != 0)
			reading_undirect(r);
	}
	r->buffer = start;
	return (ssize_t)have;
}

/* One step of both: how many bytes are equal, 0 at the end of both. 0 or -errno. */
static int compare_step(struct reading *a, struct reading *b, size_t *ret_equal, bool *ret_differ)
{
	size_t room_a = reading_room(a);
	size_t room_b = reading_room(b);
	size_t want = room_a < room_b ? room_a : room_b;
	ssize_t n = reading_fill(a, want);
	ssize_t m;
	size_t common;

	if (n < 0)
		return (int)n;
	m = reading_fill(b, want);
	if (m < 0)
		return (int)m;
	common = (size_t)(n < m ? n : m);
	*ret_differ = n != m || memcmp(a->buffer, b->buffer, common) != 0;
	*ret_equal = *ret_differ ? first_difference(a->buffer, b->buffer, common) : common;
	return 0;
}

static int compare_readings(struct reading *a, struct reading *b, const struct read_opts *opts,
                            uint64_t *ret_difference)
{
	for (;;) {
		uint64_t at = a->at;
		uint64_t hole_a = reading_hole(a);
		uint64_t hole_b = reading_hole(b);
		uint64_t hole = hole_a < hole_b ? hole_a : hole_b;
		size_t equal = 0;
		bool differ = false;
		int err;

		if (hole != 0) {
			a->at += hole;
			b->at += hole;
			if (!go_on(opts, hole))
				return -ECANCELED;
			continue;
		}
		err = compare_step(a, b, &equal, &differ);
		if (err < 0)
			return err;
		if (differ) {
			*ret_difference = at + equal;
			return 1;
		}
		if (equal == 0)
			return 0;
		if (!go_on(opts, equal))
			return -ECANCELED;
	}
}

int compare_fds(int a, int b, const struct read_opts *opts, uint64_t *ret_difference)
{
	static const struct read_opts plain = { 0 };
	struct reading ra = { 0 };
	struct reading rb = { 0 };
	uint64_t difference = 0;
	int err;

	opts = opts != NULL ? opts : &plain;
	err = reading_begin(a, opts, &ra);
	if (err < 0)
		return err;
	err = reading_begin(b, opts, &rb);
	if (err < 0) {
		reading_end(&ra);
		return err;
	}
	err = compare_readings(&ra, &rb, opts, &difference);
	/* Files that differ do so even when they changed meanwhile; equal ones must have stood
	 * still. */
	if (err == 0)
		err = reading_check(&ra);
	if (err == 0)
		err = reading_check(&rb);
	if (err == 1 && ret_difference != NULL)
		*ret_difference = difference;
	reading_end(&ra);
	reading_end(&rb);
	return err;
}
