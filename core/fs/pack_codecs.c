/* SPDX-License-Identifier: MIT */
#include "fs/pack_private.h"

#include "base/mem.h"
#include "fs/deflate_stream.h"
#include "fs/pieces.h"

#include <bzlib.h>
#include <errno.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zstd.h>

enum { CHUNK = 64 * 1024 };

/* gzip, RFC 1952: a header without name and time, one deflate stream, CRC-32 and length. */

static int put_deflated(const void *bytes, size_t len, void *user)
{
	return pack_put(user, bytes, len);
}

static int gzip_open(struct pack *p, int level)
{
	/* OS 3 is Unix; XFL says how hard it was tried. */
	const uint8_t header[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level >= 9 ? 2 : 0, 3 };

	p->state = deflate_stream_new(p->crew, level, put_deflated, p);
	return pack_put(p, header, sizeof(header));
}

static int gzip_write(struct pack *p, const void *bytes, size_t len)
{
	return deflate_stream_write(p->state, bytes, len);
}

static int gzip_end(struct pack *p)
{
	uint8_t trailer[8];
	uint64_t len;
	uint32_t crc;
	int r = deflate_stream_end(p->state, &crc, &len);

	for (unsigned i = 0; i < 4; i++) {
		trailer[i] = (uint8_t)(crc >> (8 * i));
		trailer[4 + i] = (uint8_t)(len >> (8 * i));
	}
	return r < 0 ? r : pack_put(p, trailer, sizeof(trailer));
}

static void gzip_close(struct pack *p)
{
	(void)deflate_stream_free(p->state);
}

const struct pack_codec pack_gzip = { 1,          DEFLATE_LEVEL_MAX, DEFLATE_LEVEL, gzip_open,
	                              gzip_write, gzip_end,          gzip_close };

/* bzip2: pieces as large as its blocks, each a stream of its own; one follows the other. */

enum { BZIP2_BLOCK = 100000 };

static size_t bzip2_work(struct piece *piece, unsigned worker, void *user)
{
	const struct pack *p = user;
	unsigned len = (unsigned)piece->room;

	(void)worker;
	return BZ2_bzBuffToBuffCompress((char *)piece->out, &len, (char *)(uintptr_t)piece->in,
	                                (unsigned)piece->in_len, p->level, 0, 0) == BZ_OK
	               ? len
	               : 0;
}

static int put_piece(const struct piece *piece, size_t len, void *user)
{
	return pack_put(user, piece->out, len);
}

static int bzip2_open(struct pack *p, int level)
{
	/* What a block may hold before it is sorted, by bzip2's manual, is a little less. */
	const size_t size = (size_t)level * BZIP2_BLOCK - 20;
	const struct pieces_opts opts = { .crew = p->crew,
		                          .size = size,
		                          .room = size + size / 100 + 600,
		                          .work = bzip2_work,
		                          .put = put_piece,
		                          .user = p };

	p->level = level;
	p->state = pieces_new(&opts);
	return 0;
}

static int pieces_pack(struct pack *p, const void *bytes, size_t len)
{
	return pieces_write(p->state, bytes, len);
}

static int pieces_finish(struct pack *p)
{
	return pieces_end(p->state);
}

static void pieces_close(struct pack *p)
{
	(void)pieces_free(p->state);
}

const struct pack_codec pack_bzip2 = {
	1, 9, 9, bzip2_open, pieces_pack, pieces_finish, pieces_close
};

/* xz: always by the encoder for threads, whose blocks do not depend on how many there are. */

static int xz_open(struct pack *p, int level)
{
	lzma_stream *s = mem_alloc_zeroed(sizeof(*s));
	const lzma_mt mt = { .threads = crew_threads(p->crew),
		             .preset = (uint32_t)level,
		             .check = LZMA_CHECK_CRC64 };

	if (lzma_stream_encoder_mt(s, &mt) != LZMA_OK) {
		free(s);
		return -ENOMEM;
	}
	p->state = s;
	return 0;
}

static int xz_run(struct pack *p, const void *bytes, size_t len, lzma_action action)
{
	lzma_stream *s = p->state;
	uint8_t out[CHUNK / 8];
	lzma_ret status;
	int r = 0;

	s->next_in = bytes;
	s->avail_in = len;
	do {
		s->next_out = out;
		s->avail_out = sizeof(out);
		status = lzma_code(s, action);
		if (status != LZMA_OK && status != LZMA_STREAM_END)
			return status == LZMA_MEM_ERROR ? -ENOMEM : -EIO;
		r = pack_put(p, out, sizeof(out) - s->avail_out);
	} while (r == 0 && (action == LZMA_RUN ? s->avail_in > 0 : status != LZMA_STREAM_END));
	return r;
}

static int xz_write(struct pack *p, const void *bytes, size_t len)
{
	return xz_run(p, bytes, len, LZMA_RUN);
}

static int xz_end(struct pack *p)
{
	return xz_run(p, NULL, 0, LZMA_FINISH);
}

static void xz_close(struct pack *p)
{
	lzma_end(p->state);
	free(p->state);
}

const struct pack_codec pack_xz = { 0, 9, 6, xz_open, xz_write, xz_end, xz_close };

/*
 * zstd: frames of 8 MiB with a checksum each, one behind the other (RFC 8878 3.1). The library's
 * own workers are not in the static one that Debian has.
 */

enum { ZSTD_PIECE = 8 << 20 };

struct zstd_state {
	struct pieces *pieces;
	int level;
	unsigned threads;
	ZSTD_CCtx **contexts; /* one a thread, made when it is needed */
};

static size_t zstd_work(struct piece *piece, unsigned worker, void *user)
{
	struct zstd_state *s = ((struct pack *)user)->state;
	ZSTD_CCtx *z = s->contexts[worker];
	size_t n;

	if (z == NULL) {
		z = ZSTD_createCCtx();
		if (z == NULL)
			mem_exhausted();
		s->contexts[worker] = z;
		if (ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, s->level)) ||
		    ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)))
			return 0;
	}
	n = ZSTD_compress2(z, piece->out, piece->room, piece->in, piece->in_len);
	return ZSTD_isError(n) ? 0 : n;
}

static int zstd_open(struct pack *p, int level)
{
	struct zstd_state *s = mem_alloc_zeroed(sizeof(*s));
	const struct pieces_opts opts = { .crew = p->crew,
		                          .size = ZSTD_PIECE,
		                          .room = ZSTD_compressBound(ZSTD_PIECE),
		                          .work = zstd_work,
		                          .put = put_piece,
		                          .user = p };

	s->level = level;
	s->threads = crew_threads(p->crew);
	s->contexts = mem_alloc_zeroed(s->threads * sizeof(ZSTD_CCtx *));
	p->state = s;
	s->pieces = pieces_new(&opts);
	return 0;
}

static int zstd_write(struct pack *p, const void *bytes, size_t len)
{
	return pieces_write(((struct zstd_state *)p->state)->pieces, bytes, len);
}

static int zstd_end(struct pack *p)
{
	return pieces_end(((struct zstd_state *)p->state)->pieces);
}

static void zstd_close(struct pack *p)
{
	struct zstd_state *s = p->state;

	s->pieces = pieces_free(s->pieces);
	for (unsigned i = 0; i < s->threads; i++)
		(void)ZSTD_freeCCtx(s->contexts[i]);
	free(s->contexts);
	free(s);
}

const struct pack_codec pack_zstd = { 1, 19, 3, zstd_open, zstd_write, zstd_end, zstd_close };

/* lz4: frames of 4 MiB blocks with a checksum of the content. */

struct lz4_state {
	LZ4F_cctx *context;
	LZ4F_preferences_t preferences;
	size_t room;
	uint8_t *out;
};

static int lz4_put(struct pack *p, size_t n)
{
	const struct lz4_state *s = p->state;

	return LZ4F_isError(n) ? -EIO : pack_put(p, s->out, n);
}

static int lz4_open(struct pack *p, int level)
{
	struct lz4_state *s = mem_alloc_zeroed(sizeof(*s));

	if (LZ4F_isError(LZ4F_createCompressionContext(&s->context, LZ4F_VERSION))) {
		free(s);
		return -ENOMEM;
	}
	s->preferences.frameInfo.blockSizeID = LZ4F_max4MB;
	s->preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
	s->preferences.compressionLevel = level;
	s->room = LZ4F_compressBound(CHUNK, &s->preferences) + LZ4F_HEADER_SIZE_MAX;
	s->out = mem_alloc(s->room);
	p->state = s;
	return lz4_put(p, LZ4F_compressBegin(s->context, s->out, s->room, &s->preferences));
}

static int lz4_write(struct pack *p, const void *bytes, size_t len)
{
	struct lz4_state *s = p->state;
	const char *at = bytes;
	int r = 0;

	while (r == 0 && len > 0) {
		const size_t n = len < CHUNK ? len : CHUNK;

		r = lz4_put(p, LZ4F_compressUpdate(s->context, s->out, s->room, at, n, NULL));
		at += n;
		len -= n;
	}
	return r;
}

static int lz4_end(struct pack *p)
{
	struct lz4_state *s = p->state;

	return lz4_put(p, LZ4F_compressEnd(s->context, s->out, s->room, NULL));
}

static void lz4_close(struct pack *p)
{
	struct lz4_state *s = p->state;

	(void)LZ4F_freeCompressionContext(s->context);
	free(s->out);
	free(s);
}

const struct pack_codec pack_lz4 = { 1, 12, 1, lz4_open, lz4_write, lz4_end, lz4_close };
