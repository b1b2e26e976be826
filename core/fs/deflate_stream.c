/* SPDX-License-Identifier: MIT */
#include "fs/deflate_stream.h"

#include "base/mem.h"
#include "fs/deflate_join.h"
#include "fs/pieces.h"

#include <libdeflate.h>
#include <zlib.h>

struct deflate_stream {
	struct pieces *pieces;
	deflate_put *put;
	void *user;
	struct libdeflate_compressor **compressors; /* one a thread, made when it is needed */
	unsigned threads;
	int level;
	uint32_t crc;
	uint64_t len;
};

uint32_t deflate_crc(uint32_t crc, const void *bytes, size_t len)
{
	return libdeflate_crc32(crc, bytes, len);
}

size_t deflate_once(struct deflate_stream *s, unsigned worker, const void *bytes, size_t len,
                    void *ret, size_t room)
{
	if (s->compressors[worker] == NULL)
		s->compressors[worker] = libdeflate_alloc_compressor(s->level);
	if (s->compressors[worker] == NULL)
		mem_exhausted();
	return libdeflate_deflate_compress(s->compressors[worker], bytes, len, ret, room);
}

static size_t compress_piece(struct piece *p, unsigned worker, void *user)
{
	size_t n =
		deflate_once(user, worker, p->in, p->in_len, p->out, p->room - DEFLATE_JOIN_ROOM);

	p->tag = libdeflate_crc32(0, p->in, p->in_len);
	return n > 0 && !p->is_last ? deflate_open_end(p->out, n) : n;
}

static int put_piece(const struct piece *p, size_t len, void *user)
{
	struct deflate_stream *s = user;

	s->crc = (uint32_t)crc32_combine(s->crc, p->tag, (z_off_t)p->in_len);
	s->len += p->in_len;
	return s->put(p->out, len, s->user);
}

struct deflate_stream *deflate_stream_new(struct crew *crew, int level, deflate_put *put,
                                          void *user)
{
	struct deflate_stream *s = mem_alloc_zeroed(sizeof(*s));
	const size_t bound = libdeflate_deflate_compress_bound(NULL, DEFLATE_PIECE);
	const struct pieces_opts opts = { .crew = crew,
		                          .size = DEFLATE_PIECE,
		                          .room = bound + DEFLATE_JOIN_ROOM,
		                          .work = compress_piece,
		                          .put = put_piece,
		                          .user = s };

	s->threads = crew_threads(crew);
	s->put = put;
	s->user = user;
	s->level = level;
	s->compressors = mem_alloc_zeroed(s->threads * sizeof(struct libdeflate_compressor *));
	s->pieces = pieces_new(&opts);
	return s;
}

int deflate_stream_write(struct deflate_stream *s, const void *bytes, size_t len)
{
	return pieces_write(s->pieces, bytes, len);
}

int deflate_stream_end(struct deflate_stream *s, uint32_t *ret_crc, uint64_t *ret_len)
{
	int r = pieces_end(s->pieces);

	*ret_crc = s->crc;
	*ret_len = s->len;
	s->crc = 0;
	s->len = 0;
	return r;
}

struct deflate_stream *deflate_stream_free(struct deflate_stream *s)
{
	if (s == NULL)
		return NULL;
	s->pieces = pieces_free(s->pieces);
	for (unsigned i = 0; i < s->threads; i++)
		libdeflate_free_compressor(s->compressors[i]);
	free(s->compressors);
	free(s);
	return NULL;
}
