/* SPDX-License-Identifier: MIT */
#include "fs/pack.h"

#include "base/fdio.h"
#include "base/library_init.h"
#include "base/mem.h"
#include "fs/pack_private.h"

#include <errno.h>

static const struct pack_codec *codec_of(enum packing packing)
{
	switch (packing) {
	case PACKING_GZIP:
		return &pack_gzip;
	case PACKING_BZIP2:
		return &pack_bzip2;
	case PACKING_XZ:
		return &pack_xz;
	case PACKING_ZSTD:
		return &pack_zstd;
	case PACKING_LZ4:
		return &pack_lz4;
	case PACKING_NONE:
		return &pack_none;
	case PACKING_LZMA:
	case PACKING_LZIP:
		break;
	}
	return NULL;
}

bool pack_levels(enum packing packing, int *ret_min, int *ret_max)
{
	const struct pack_codec *codec = codec_of(packing);

	if (codec == NULL || codec->level_max == 0)
		return false;
	*ret_min = codec->level_min;
	*ret_max = codec->level_max;
	return true;
}

int pack_new(const struct pack_opts *opts, struct crew *crew, struct pack **ret)
{
	struct pack *p = mem_alloc_zeroed(sizeof(*p));
	int r;

	p->opts = *opts;
	p->crew = crew;
	p->codec = codec_of(opts->packing);
	p->buffer = mem_alloc(PACK_BUFFER);
	library_init();
	r = p->codec == NULL
	            ? -ENOTSUP
	            : p->codec->open(p, opts->level == PACK_LEVEL_DEFAULT ? p->codec->level_default
	                                                                  : opts->level);
	if (r < 0) {
		free(p->buffer);
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

static int flush(struct pack *p)
{
	int r = fdio_write_all(p->opts.fd, p->buffer, p->held);

	p->written += p->held;
	p->held = 0;
	return r;
}

int pack_put(struct pack *p, const void *bytes, size_t len)
{
	int r = 0;

	if (len > PACK_BUFFER - p->held)
		r = flush(p);
	if (r == 0 && len >= PACK_BUFFER) {
		p->written += len;
		return fdio_write_all(p->opts.fd, bytes, len);
	}
	if (r == 0) {
		memcpy(p->buffer + p->held, bytes, len);
		p->held += len;
	}
	return r;
}

int pack_write(struct pack *p, const void *bytes, size_t len)
{
	if (p->err == 0)
		p->err = p->codec->write(p, bytes, len);
	return p->err;
}

int pack_end(struct pack *p)
{
	if (p->err == 0)
		p->err = p->codec->end(p);
	if (p->err == 0)
		p->err = flush(p);
	return p->err;
}

uint64_t pack_written(const struct pack *p)
{
	return p->written + p->held;
}

struct pack *pack_free(struct pack *p)
{
	if (p != NULL) {
		p->codec->close(p);
		free(p->buffer);
		free(p);
	}
	return NULL;
}

static int none_open(struct pack *p, int level)
{
	(void)p;
	(void)level;
	return 0;
}

static int none_end(struct pack *p)
{
	(void)p;
	return 0;
}

static void none_close(struct pack *p)
{
	(void)p;
}

const struct pack_codec pack_none = { 0, 0, 0, none_open, pack_put, none_end, none_close };
