/* SPDX-License-Identifier: MIT */
/* xz (several threads when it was written in blocks), lzma and lzip through liblzma. */
#include "fs/unpack_private.h"

#include "base/mem.h"

#include <lzma.h>

static const uint64_t memory_for_threads = 256 << 20;
static const uint64_t memory_max = 1 << 30;

struct xz_state {
	lzma_stream stream;
	enum packing packing;
	unsigned threads;
};

static bool xz_init(struct xz_state *s)
{
	lzma_mt mt = { .threads = s->threads,
		       .memlimit_threading = memory_for_threads,
		       .memlimit_stop = memory_max };

	if (s->packing == PACKING_LZIP)
		return lzma_lzip_decoder(&s->stream, memory_max, 0) == LZMA_OK;
	if (s->packing == PACKING_LZMA)
		return lzma_alone_decoder(&s->stream, memory_max) == LZMA_OK;
	return s->threads > 1 ? lzma_stream_decoder_mt(&s->stream, &mt) == LZMA_OK
	                      : lzma_stream_decoder(&s->stream, memory_max, 0) == LZMA_OK;
}

static void *open_as(enum packing packing, unsigned threads)
{
	struct xz_state *s = mem_alloc_zeroed(sizeof(*s));

	s->packing = packing;
	s->threads = threads;
	if (xz_init(s))
		return s;
	free(s);
	return NULL;
}

static enum unpack_step xz_step(void *state, struct unpack_window *w)
{
	struct xz_state *s = state;
	lzma_ret r;

	s->stream.next_in = w->in;
	s->stream.avail_in = w->in_len;
	s->stream.next_out = w->out;
	s->stream.avail_out = w->out_len;
	r = lzma_code(&s->stream, w->at_eof ? LZMA_FINISH : LZMA_RUN);
	w->in = s->stream.next_in;
	w->in_len = s->stream.avail_in;
	w->out = s->stream.next_out;
	w->out_len = s->stream.avail_out;
	if (r == LZMA_OK || r == LZMA_BUF_ERROR)
		return UNPACK_GOES_ON;
	if (r == LZMA_STREAM_END)
		return UNPACK_ENDED;
	return r == LZMA_MEM_ERROR || r == LZMA_MEMLIMIT_ERROR ? UNPACK_TOO_BIG : UNPACK_DAMAGED;
}

static bool xz_again(void *state)
{
	return xz_init(state);
}

static void xz_close(void *state)
{
	struct xz_state *s = state;

	lzma_end(&s->stream);
	free(s);
}

static bool xz_begins(const uint8_t *bytes, size_t len)
{
	return len >= 6 && memcmp(bytes,
	                          "\xfd"
	                          "7zXZ",
	                          6) == 0;
}

/* The Stream Flags, xz-file-format.txt 2.1.1.2. */
static enum proof xz_proof(const uint8_t *bytes, size_t len)
{
	switch (len > 7 ? bytes[7] & 0x0f : 0) {
	case LZMA_CHECK_CRC32:
		return PROOF_CRC32;
	case LZMA_CHECK_CRC64:
		return PROOF_CRC64;
	case LZMA_CHECK_SHA256:
		return PROOF_SHA256;
	default:
		return PROOF_NONE;
	}
}

static void *xz_open(unsigned threads)
{
	return open_as(PACKING_XZ, threads);
}

const struct unpack_codec unpack_xz = { PACKING_XZ, xz_begins, xz_proof, xz_open,
	                                xz_step,    xz_again,  xz_close };

/* A header without magic: lc/lp/pb as xz(1) writes them, a dictionary of 2^n, a size below 256 GiB.
 */
static bool lzma_begins(const uint8_t *bytes, size_t len)
{
	uint32_t dictionary;

	if (len < 13 || bytes[0] != 0x5d || bytes[1] != 0)
		return false;
	dictionary = (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16 | (uint32_t)bytes[4] << 24;
	if (dictionary == 0 || (dictionary & (dictionary - 1)) != 0)
		return false;
	return memcmp(bytes + 5, "\xff\xff\xff\xff\xff\xff\xff\xff", 8) == 0 ||
	       (bytes[10] == 0 && bytes[11] == 0 && bytes[12] == 0);
}

static enum proof lzma_proof(const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	return PROOF_NONE;
}

static void *lzma_open(unsigned threads)
{
	return open_as(PACKING_LZMA, threads);
}

const struct unpack_codec unpack_lzma = { PACKING_LZMA, lzma_begins, lzma_proof, lzma_open,
	                                  xz_step,      xz_again,    xz_close };

static bool lzip_begins(const uint8_t *bytes, size_t len)
{
	return len >= 6 && memcmp(bytes, "LZIP", 4) == 0 && bytes[4] <= 1;
}

static enum proof lzip_proof(const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	return PROOF_CRC32;
}

static void *lzip_open(unsigned threads)
{
	return open_as(PACKING_LZIP, threads);
}

const struct unpack_codec unpack_lzip = { PACKING_LZIP, lzip_begins, lzip_proof, lzip_open,
	                                  xz_step,      xz_again,    xz_close };
