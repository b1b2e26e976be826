/* SPDX-License-Identifier: MIT */
/* gzip, bzip2, zstd and lz4 through their libraries; unpack_xz.c has liblzma's formats. */
#include "fs/unpack_private.h"

#include "base/mem.h"

#include <bzlib.h>
#include <limits.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

static bool starts(const uint8_t *bytes, size_t len, const char *magic, size_t magic_len)
{
	return len >= magic_len && memcmp(bytes, magic, magic_len) == 0;
}

/* The libraries count in unsigned int. */
static unsigned at_most(size_t n)
{
	return n < UINT_MAX ? (unsigned)n : UINT_MAX;
}

static void moved(struct unpack_window *w, size_t in_left, size_t out_left)
{
	w->in += w->in_len - in_left;
	w->in_len = in_left;
	w->out += w->out_len - out_left;
	w->out_len = out_left;
}

static enum proof proof_crc32(const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	return PROOF_CRC32;
}

/* gzip: zlib verifies CRC-32 and length of each member when it reads the header itself. */

enum { GZIP_WINDOW = 15 + 16 };

static bool gzip_begins(const uint8_t *bytes, size_t len)
{
	return starts(bytes, len, "\x1f\x8b\x08", 3);
}

static void *gzip_open(unsigned threads)
{
	z_stream *z = mem_alloc_zeroed(sizeof(*z));

	(void)threads;
	if (inflateInit2(z, GZIP_WINDOW) == Z_OK)
		return z;
	free(z);
	return NULL;
}

static enum unpack_step gzip_step(void *state, struct unpack_window *w)
{
	z_stream *z = state;
	const unsigned in_len = at_most(w->in_len);
	const unsigned out_len = at_most(w->out_len);
	int r;

	z->next_in = (z_const Bytef *)(uintptr_t)w->in;
	z->avail_in = in_len;
	z->next_out = w->out;
	z->avail_out = out_len;
	r = inflate(z, Z_NO_FLUSH);
	moved(w, w->in_len - (in_len - z->avail_in), w->out_len - (out_len - z->avail_out));
	if (r == Z_STREAM_END)
		return UNPACK_ENDED;
	return r == Z_OK || r == Z_BUF_ERROR ? UNPACK_GOES_ON : UNPACK_DAMAGED;
}

static bool gzip_again(void *state)
{
	return inflateReset(state) == Z_OK;
}

static void gzip_close(void *state)
{
	(void)inflateEnd(state);
	free(state);
}

const struct unpack_codec unpack_gzip = { PACKING_GZIP, gzip_begins, proof_crc32, gzip_open,
	                                  gzip_step,    gzip_again,  gzip_close };

/* bzip2 */

static bool bzip2_begins(const uint8_t *bytes, size_t len)
{
	return starts(bytes, len, "BZh", 3) && len >= 8 && bytes[3] >= '1' && bytes[3] <= '9' &&
	       (memcmp(bytes + 4, "\x31\x41\x59\x26", 4) == 0 ||
	        memcmp(bytes + 4, "\x17\x72\x45\x38", 4) == 0);
}

static void *bzip2_open(unsigned threads)
{
	bz_stream *z = mem_alloc_zeroed(sizeof(*z));

	(void)threads;
	if (BZ2_bzDecompressInit(z, 0, 0) == BZ_OK)
		return z;
	free(z);
	return NULL;
}

static enum unpack_step bzip2_step(void *state, struct unpack_window *w)
{
	bz_stream *z = state;
	const unsigned in_len = at_most(w->in_len);
	const unsigned out_len = at_most(w->out_len);
	int r;

	z->next_in = (char *)(uintptr_t)w->in;
	z->avail_in = in_len;
	z->next_out = (char *)w->out;
	z->avail_out = out_len;
	r = BZ2_bzDecompress(z);
	moved(w, w->in_len - (in_len - z->avail_in), w->out_len - (out_len - z->avail_out));
	if (r == BZ_STREAM_END)
		return UNPACK_ENDED;
	return r == BZ_OK ? UNPACK_GOES_ON : UNPACK_DAMAGED;
}

static bool bzip2_again(void *state)
{
	bz_stream *z = state;

	(void)BZ2_bzDecompressEnd(z);
	memset(z, 0, sizeof(*z));
	return BZ2_bzDecompressInit(z, 0, 0) == BZ_OK;
}

static void bzip2_close(void *state)
{
	(void)BZ2_bzDecompressEnd(state);
	free(state);
}

const struct unpack_codec unpack_bzip2 = { PACKING_BZIP2, bzip2_begins, proof_crc32, bzip2_open,
	                                   bzip2_step,    bzip2_again,  bzip2_close };

/* zstd. A skippable frame (18 4d 2a 5x) may stand anywhere and proves nothing wrong. */

static bool zstd_is_skippable(const uint8_t *bytes, size_t len)
{
	return len >= 4 && (bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0;
}

static bool zstd_begins(const uint8_t *bytes, size_t len)
{
	return starts(bytes, len, "\x28\xb5\x2f\xfd", 4) || zstd_is_skippable(bytes, len);
}

/* Content_Checksum_flag of the Frame_Header_Descriptor, RFC 8878 3.1.1.1.1. */
static enum proof zstd_proof(const uint8_t *bytes, size_t len)
{
	if (zstd_is_skippable(bytes, len))
		return PROOF_XXH64;
	return len > 4 && (bytes[4] & 0x04) != 0 ? PROOF_XXH64 : PROOF_NONE;
}

static void *zstd_open(unsigned threads)
{
	(void)threads;
	return ZSTD_createDStream();
}

static enum unpack_step zstd_step(void *state, struct unpack_window *w)
{
	ZSTD_inBuffer in = { w->in, w->in_len, 0 };
	ZSTD_outBuffer out = { w->out, w->out_len, 0 };
	size_t r = ZSTD_decompressStream(state, &out, &in);

	moved(w, w->in_len - in.pos, w->out_len - out.pos);
	if (ZSTD_isError(r)) {
		const char *text = ZSTD_getErrorName(r);

		return strstr(text, "memory") != NULL ? UNPACK_TOO_BIG : UNPACK_DAMAGED;
	}
	return r == 0 ? UNPACK_ENDED : UNPACK_GOES_ON;
}

static bool zstd_again(void *state)
{
	return !ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only));
}

static void zstd_close(void *state)
{
	(void)ZSTD_freeDStream(state);
}

const struct unpack_codec unpack_zstd = { PACKING_ZSTD, zstd_begins, zstd_proof, zstd_open,
	                                  zstd_step,    zstd_again,  zstd_close };

/* lz4 frames */

static bool lz4_begins(const uint8_t *bytes, size_t len)
{
	return starts(bytes, len, "\x04\x22\x4d\x18", 4);
}

/* FLG: 0x04 a checksum of the content, 0x10 one of each block. */
static enum proof lz4_proof(const uint8_t *bytes, size_t len)
{
	return len > 4 && (bytes[4] & 0x14) != 0 ? PROOF_XXH32 : PROOF_NONE;
}

static void *lz4_open(unsigned threads)
{
	LZ4F_dctx *context = NULL;

	(void)threads;
	return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ? NULL
	                                                                             : context;
}

static enum unpack_step lz4_step(void *state, struct unpack_window *w)
{
	size_t used = w->in_len;
	size_t made = w->out_len;
	size_t r = LZ4F_decompress(state, w->out, &made, w->in, &used, NULL);

	if (LZ4F_isError(r))
		return UNPACK_DAMAGED;
	moved(w, w->in_len - used, w->out_len - made);
	return r == 0 ? UNPACK_ENDED : UNPACK_GOES_ON;
}

static bool lz4_again(void *state)
{
	LZ4F_resetDecompressionContext(state);
	return true;
}

static void lz4_close(void *state)
{
	(void)LZ4F_freeDecompressionContext(state);
}

const struct unpack_codec unpack_lz4 = { PACKING_LZ4, lz4_begins, lz4_proof, lz4_open,
	                                 lz4_step,    lz4_again,  lz4_close };
