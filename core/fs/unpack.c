/* SPDX-License-Identifier: MIT */
#include "fs/unpack.h"

#include "base/library_init.h"
#include "base/mem.h"
#include "fs/unpack_private.h"

#include <errno.h>
#include <unistd.h>

enum { BUFFER_SIZE = 256 * 1024 };

/* lzma last: its magic is the weakest. */
static const struct unpack_codec *const codecs[] = {
	&unpack_gzip, &unpack_bzip2, &unpack_xz,   &unpack_zstd,
	&unpack_lz4,  &unpack_lzip,  &unpack_lzma,
};

struct unpack {
	int fd;
	const struct unpack_codec *codec; /* NULL: none */
	void *state;
	enum proof proof;
	bool at_eof;
	bool in_stream;
	bool ended;
	uint64_t read_bytes;
	uint64_t trailing;
	const char *error;
	int err; /* what unpack_read() answers from now on */
	size_t at;
	size_t len; /* bytes in the buffer from `at` on */
	uint8_t buffer[BUFFER_SIZE];
};

const char *packing_name(enum packing packing)
{
	static const char names[][8] = { "none", "gzip", "bzip2", "xz",
		                         "lzma", "lzip", "zstd",  "lz4" };

	return names[packing];
}

const char *proof_name(enum proof proof)
{
	static const char names[][8] = { "none", "xxh32", "crc32", "crc64", "xxh64", "sha256" };

	return names[proof];
}

/* Until `want` bytes are in the buffer, or the file ends. 0 or -errno. */
static int fill(struct unpack *u, size_t want)
{
	if (u->len >= want || u->at_eof)
		return 0;
	if (u->at > 0)
		memmove(u->buffer, u->buffer + u->at, u->len);
	u->at = 0;
	while (u->len < want) {
		ssize_t n = read(u->fd, u->buffer + u->len, sizeof(u->buffer) - u->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) {
			u->at_eof = true;
			return 0;
		}
		u->len += (size_t)n;
		u->read_bytes += (uint64_t)n;
	}
	return 0;
}

static int fail(struct unpack *u, int err, const char *text)
{
	u->err = err;
	u->error = text;
	return err;
}

static void consume(struct unpack *u, size_t n)
{
	u->at += n;
	u->len -= n;
}

int unpack_open(int fd, unsigned threads, struct unpack **ret)
{
	struct unpack *u = mem_alloc_zeroed(sizeof(*u));
	int r;

	u->fd = fd;
	u->error = "";
	r = fill(u, UNPACK_PEEK);
	if (r < 0) {
		free(u);
		return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(codecs) && u->codec == NULL; i++)
		if (codecs[i]->begins(u->buffer, u->len))
			u->codec = codecs[i];
	if (u->codec != NULL) {
		library_init();
		u->state = u->codec->open(threads);
		if (u->state == NULL)
			mem_exhausted();
		u->proof = u->codec->proof(u->buffer, u->len);
		u->in_stream = true;
	}
	*ret = u;
	return 0;
}

/* All the rest is no stream. */
static int count_trailing(struct unpack *u, uint64_t before)
{
	u->trailing = before;
	while (u->len > 0) {
		int r;

		u->trailing += u->len;
		consume(u, u->len);
		r = fill(u, 1);
		if (r < 0)
			return fail(u, r, "");
	}
	u->ended = true;
	return 0;
}

/*
 * After a stream: another one, or the end. Zeroes up to the end are the padding of a medium with
 * blocks; xz allows them between streams too, four at a time.
 */
static int next_stream(struct unpack *u)
{
	uint64_t zeroes = 0;

	for (;;) {
		int r = fill(u, UNPACK_MAGIC);

		if (r < 0)
			return fail(u, r, "");
		if (u->len == 0) {
			u->ended = true;
			return 0;
		}
		if (u->buffer[u->at] != 0)
			break;
		consume(u, 1);
		zeroes++;
	}
	if ((zeroes > 0 && (u->codec->packing != PACKING_XZ || zeroes % 4 != 0)) ||
	    !u->codec->begins(u->buffer + u->at, u->len))
		return count_trailing(u, zeroes);
	if (u->codec->proof(u->buffer + u->at, u->len) < u->proof)
		u->proof = u->codec->proof(u->buffer + u->at, u->len);
	if (!u->codec->again(u->state))
		mem_exhausted();
	u->in_stream = true;
	return 0;
}

static ssize_t copy_through(struct unpack *u, void *buffer, size_t size)
{
	size_t n;
	int r;

	if (u->len == 0 && size >= sizeof(u->buffer) && !u->at_eof) {
		ssize_t got;

		do
			got = read(u->fd, buffer, size);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return fail(u, -errno, "");
		u->at_eof = got == 0;
		u->read_bytes += (uint64_t)got;
		return got;
	}
	r = fill(u, 1);
	if (r < 0)
		return fail(u, r, "");
	n = u->len < size ? u->len : size;
	memcpy(buffer, u->buffer + u->at, n);
	consume(u, n);
	return (ssize_t)n;
}

/* One step of the codec. 0 or -errno. */
static int step(struct unpack *u, struct unpack_window *w)
{
	const size_t out_before = w->out_len;
	const size_t in_before = u->len;
	enum unpack_step s;

	w->in = u->buffer + u->at;
	w->in_len = u->len;
	w->at_eof = u->at_eof;
	s = u->codec->step(u->state, w);
	consume(u, in_before - w->in_len);
	switch (s) {
	case UNPACK_GOES_ON:
		if (u->at_eof && u->len == 0 && w->out_len == out_before)
			return fail(u, -EBADMSG, "it ends too early");
		return 0;
	case UNPACK_ENDED:
		u->in_stream = false;
		return 0;
	case UNPACK_TOO_BIG:
		return fail(u, -ENOMEM, "it needs more memory to unpack than is allowed");
	case UNPACK_DAMAGED:
		break;
	}
	return fail(u, -EBADMSG, "the compressed data is damaged");
}

ssize_t unpack_read(struct unpack *u, void *buffer, size_t size)
{
	struct unpack_window w = { .out = buffer, .out_len = size };

	if (u->codec == NULL)
		return u->err != 0 ? u->err : copy_through(u, buffer, size);
	/* What came before the damage is handed out first. */
	while (w.out_len > 0 && !u->ended && u->err == 0) {
		int r = u->in_stream ? fill(u, 1) : next_stream(u);

		if (r < 0) {
			(void)fail(u, r, u->error);
			break;
		}
		if (u->in_stream && step(u, &w) < 0)
			break;
	}
	return w.out_len == size && u->err != 0 ? u->err : (ssize_t)(size - w.out_len);
}

enum packing unpack_packing(const struct unpack *u)
{
	return u->codec != NULL ? u->codec->packing : PACKING_NONE;
}

enum proof unpack_proof(const struct unpack *u)
{
	return u->proof;
}

uint64_t unpack_read_bytes(const struct unpack *u)
{
	return u->read_bytes;
}

uint64_t unpack_trailing(const struct unpack *u)
{
	return u->trailing;
}

const char *unpack_error(const struct unpack *u)
{
	return u->error;
}

struct unpack *unpack_free(struct unpack *u)
{
	if (u != NULL) {
		if (u->state != NULL)
			u->codec->close(u->state);
		free(u);
	}
	return NULL;
}
