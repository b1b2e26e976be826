/* SPDX-License-Identifier: MIT */
/*
 * zip, by APPNOTE.TXT 6.3.10. Small files are compressed by several threads, each as a whole; a
 * large one in pieces (deflate_stream.h), with its sizes behind it. What does not shrink is stored.
 * Modes and types are those of Unix in the external attributes, times to the second in the "UT"
 * field, owners in "ux", as Info-ZIP has them.
 */
#include "fs/member_write_private.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "fs/deflate_stream.h"

#include <dirent.h>
#include <errno.h>

enum {
	SIG_LOCAL = 0x04034b50,
	SIG_DESCRIPTOR = 0x08074b50,
	SIG_CENTRAL = 0x02014b50,
	SIG_END = 0x06054b50,
	SIG_END_64 = 0x06064b50,
	SIG_LOCATOR_64 = 0x07064b50,
	FLAG_DESCRIPTOR = 1 << 3,
	FLAG_UTF8 = 1 << 11,
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	VERSION = 20,
	VERSION_64 = 45,
	MADE_BY_UNIX = 3 << 8,
	EXTRA_64 = 0x0001,
	EXTRA_TIME = 0x5455,
	EXTRA_OWNER = 0x7875,
	NAME_MAX_ZIP = 65535,
	QUEUE_BYTES_MAX = 64 << 20,
	QUEUE_ENTRY = 4096, /* what an entry counts beside its bytes */
};

static const uint64_t max_32 = 0xffffffff;

/* A member, from its header to the list at the end. */
struct zip_member {
	char *path; /* owned; of a directory with a slash */
	uint64_t uid, gid;
	int64_t mtime;
	uint32_t attributes; /* external */
	uint32_t crc;
	uint64_t size, packed, offset;
	uint16_t flags, method;
};

/* A small file that is compressed ahead. */
struct zip_work {
	struct crew_work work;
	struct zip_writer *zip;
	struct zip_work *next;
	struct zip_member member;
	char *in;  /* owned */
	char *out; /* owned; NULL: it is stored */
};

struct zip_writer {
	struct pack *pack;
	struct crew *crew;
	struct deflate_stream *stream;
	bool stores; /* level 0 */
	struct strbuf header;
	struct zip_work *first, *last; /* the queue */
	uint64_t queued;
	struct zip_member current; /* a large one, or one without data */
	struct {
		VEC_FIELDS(struct zip_member);
	} members;
};

static int put_deflated(const void *bytes, size_t len, void *user)
{
	struct zip_writer *z = user;

	z->current.packed += len;
	return pack_write(z->pack, bytes, len);
}

void *zip_writer_new(struct pack *pack, struct crew *crew, int level)
{
	struct zip_writer *z = mem_alloc_zeroed(sizeof(*z));

	z->pack = pack;
	z->crew = crew;
	z->stores = level == 0;
	z->stream = deflate_stream_new(crew, level > 0 ? level : DEFLATE_LEVEL, put_deflated, z);
	return z;
}

static void add_le(struct strbuf *b, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, value >>= 8)
		strbuf_add_char(b, (char)(value & 0xff));
}

/* MS-DOS's date and time, of UTC so that no time zone matters; the field "UT" is exact. */
static uint32_t dos_time(int64_t seconds)
{
	const time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < 80)
		return 1U << 21 | 1U << 16;
	if (tm.tm_year > 207)
		return 0xff9fbf7d;
	return (uint32_t)(tm.tm_year - 80) << 25 | (uint32_t)(tm.tm_mon + 1) << 21 |
	       (uint32_t)tm.tm_mday << 16 | (uint32_t)tm.tm_hour << 11 | (uint32_t)tm.tm_min << 5 |
	       (uint32_t)tm.tm_sec >> 1;
}

static void add_owner(struct strbuf *b, const struct zip_member *m)
{
	if (m->mtime >= INT32_MIN && m->mtime <= INT32_MAX) {
		add_le(b, EXTRA_TIME, 2);
		add_le(b, 5, 2);
		add_le(b, 1, 1);
		add_le(b, (uint64_t)m->mtime, 4);
	}
	if (m->uid <= max_32 && m->gid <= max_32) {
		add_le(b, EXTRA_OWNER, 2);
		add_le(b, 11, 2);
		add_le(b, 1, 1);
		add_le(b, 4, 1);
		add_le(b, m->uid, 4);
		add_le(b, 4, 1);
		add_le(b, m->gid, 4);
	}
}

static bool is_64(const struct zip_member *m)
{
	return m->size >= max_32 || m->packed >= max_32;
}

/* What the local header and the list have in common, from "version needed" to the sizes. */
static void add_middle(struct strbuf *b, const struct zip_member *m, bool wide, bool unknown)
{
	add_le(b, wide ? VERSION_64 : VERSION, 2);
	add_le(b, m->flags, 2);
	add_le(b, m->method, 2);
	add_le(b, dos_time(m->mtime), 4);
	add_le(b, unknown ? 0 : m->crc, 4);
	add_le(b, wide ? max_32 : unknown ? 0 : m->packed, 4);
	add_le(b, wide ? max_32 : unknown ? 0 : m->size, 4);
	add_le(b, strlen(m->path), 2);
}

/* Sizes that are not known yet are behind the data, with 64 bits when they may be needed. */
static int put_local(struct zip_writer *z, struct zip_member *m)
{
	const bool unknown = (m->flags & FLAG_DESCRIPTOR) != 0;
	const bool wide = unknown ? m->size >= max_32 - (max_32 >> 4) : is_64(m);
	AUTO_RELEASE_STRBUF struct strbuf extra = { 0 };
	struct strbuf *b = &z->header;

	m->offset = pack_written(z->pack);
	if (wide) {
		add_le(&extra, EXTRA_64, 2);
		add_le(&extra, 16, 2);
		add_le(&extra, unknown ? 0 : m->size, 8);
		add_le(&extra, unknown ? 0 : m->packed, 8);
	}
	add_owner(&extra, m);
	strbuf_clear(b);
	add_le(b, SIG_LOCAL, 4);
	add_middle(b, m, wide, unknown);
	add_le(b, extra.len, 2);
	strbuf_add_str(b, m->path);
	strbuf_add(b, strbuf_str(&extra), extra.len);
	return pack_write(z->pack, strbuf_str(b), b->len);
}

static int put_descriptor(struct zip_writer *z, const struct zip_member *m, bool wide)
{
	struct strbuf *b = &z->header;

	strbuf_clear(b);
	add_le(b, SIG_DESCRIPTOR, 4);
	add_le(b, m->crc, 4);
	add_le(b, m->packed, wide ? 8 : 4);
	add_le(b, m->size, wide ? 8 : 4);
	return pack_write(z->pack, strbuf_str(b), b->len);
}

static int describe(const struct new_member *m, struct zip_member *ret)
{
	const mode_t type = (mode_t)m->type << 12;
	const size_t len = strlen(m->path);

	if (len + 1 > NAME_MAX_ZIP)
		return -ENAMETOOLONG;
	if (!utf8_is_valid(m->path, len))
		return -EILSEQ;
	*ret = (struct zip_member){ .uid = m->uid,
		                    .gid = m->gid,
		                    .mtime = m->mtime.tv_sec,
		                    .attributes = (uint32_t)(type | (m->mode & 07777)) << 16,
		                    .size = m->type == DT_REG ? m->size : 0,
		                    .path = mem_alloc(len + 2) };
	memcpy(ret->path, m->path, len + 1);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)m->path[i] >= 0x80)
			ret->flags = FLAG_UTF8;
	if (m->type == DT_DIR) {
		memcpy(ret->path + len, "/", 2);
		/* What MS-DOS calls a directory. */
		ret->attributes |= 0x10;
	}
	return 0;
}

/* On any thread. */
static void compress(struct crew_work *work, unsigned worker)
{
	struct zip_work *w = (struct zip_work *)(void *)work;
	struct zip_member *m = &w->member;
	const size_t size = (size_t)m->size;

	m->crc = deflate_crc(0, w->in, size);
	m->packed = m->size;
	/* A link's target stays as it is. */
	if (w->zip->stores || size < 8 || (m->attributes >> 28) == DT_LNK)
		return;
	/* A buffer of that size takes only what shrinks. */
	w->out = mem_alloc(size);
	m->packed = deflate_once(w->zip->stream, worker, w->in, size, w->out, size - 1);
	if (m->packed > 0) {
		m->method = METHOD_DEFLATED;
		return;
	}
	m->packed = m->size;
	free(w->out);
	w->out = NULL;
}

static int put_first(struct zip_writer *z)
{
	struct zip_work *w = z->first;
	int r;

	crew_wait(z->crew, &w->work);
	z->first = w->next;
	z->queued -= w->member.size + QUEUE_ENTRY;
	r = put_local(z, &w->member);
	if (r == 0 && w->member.packed > 0)
		r = pack_write(z->pack, w->out != NULL ? w->out : w->in, (size_t)w->member.packed);
	vec_push(&z->members, w->member);
	free(w->in);
	free(w->out);
	free(w);
	return r;
}

static int put_queue(struct zip_writer *z, uint64_t down_to)
{
	int r = 0;

	while (r == 0 && z->first != NULL && (z->queued > down_to || down_to == 0))
		r = put_first(z);
	return r;
}

/* Takes over `bytes`, `size` of them, which may be NULL. */
static int enqueue(struct zip_writer *z, const struct new_member *m, char *bytes, uint64_t size)
{
	struct zip_work *w = mem_alloc_zeroed(sizeof(*w));
	int r = describe(m, &w->member);

	if (r < 0) {
		free(w);
		free(bytes);
		return r;
	}
	w->in = bytes;
	w->member.size = size;
	w->zip = z;
	w->work.run = compress;
	if (z->first == NULL)
		z->first = w;
	else
		z->last->next = w;
	z->last = w;
	z->queued += size + QUEUE_ENTRY;
	crew_add(z->crew, &w->work);
	return put_queue(z, crew_threads(z->crew) > 1 ? QUEUE_BYTES_MAX : 0);
}

static int zip_whole(void *state, const struct new_member *m, char *bytes)
{
	return enqueue(state, m, bytes, m->size);
}

static int zip_begin(void *state, const struct new_member *m)
{
	struct zip_writer *z = state;
	int r;

	if (m->type == DT_DIR)
		return enqueue(z, m, NULL, 0);
	if (m->type == DT_LNK)
		return enqueue(z, m, mem_strdup(m->link), strlen(m->link));
	if (m->type != DT_REG)
		return -EOPNOTSUPP;
	r = describe(m, &z->current);
	if (r < 0)
		return r;
	z->current.flags |= FLAG_DESCRIPTOR;
	z->current.method = z->stores ? METHOD_STORED : METHOD_DEFLATED;
	r = put_queue(z, 0);
	return r == 0 ? put_local(z, &z->current) : r;
}

static int zip_data(void *state, const void *bytes, size_t len)
{
	struct zip_writer *z = state;

	if (z->current.method == METHOD_DEFLATED)
		return deflate_stream_write(z->stream, bytes, len);
	z->current.crc = deflate_crc(z->current.crc, bytes, len);
	z->current.packed += len;
	return len > 0 ? pack_write(z->pack, bytes, len) : 0;
}

static int zip_end(void *state)
{
	struct zip_writer *z = state;
	struct zip_member *m = &z->current;
	const bool wide = m->size >= max_32 - (max_32 >> 4);
	int r = 0;

	if (m->method == METHOD_DEFLATED)
		r = deflate_stream_end(z->stream, &m->crc, &m->size);
	if (r == 0)
		r = put_descriptor(z, m, wide);
	vec_push(&z->members, *m);
	z->current.path = NULL;
	return r;
}

static int put_central(struct zip_writer *z, const struct zip_member *m)
{
	const bool far = m->offset >= max_32;
	const bool wide = is_64(m) ||
	                  ((m->flags & FLAG_DESCRIPTOR) != 0 && m->size >= max_32 - (max_32 >> 4));
	AUTO_RELEASE_STRBUF struct strbuf extra = { 0 };
	struct strbuf *b = &z->header;

	if (wide || far) {
		add_le(&extra, EXTRA_64, 2);
		add_le(&extra, (wide ? 16U : 0U) + (far ? 8U : 0U), 2);
		if (wide) {
			add_le(&extra, m->size, 8);
			add_le(&extra, m->packed, 8);
		}
		if (far)
			add_le(&extra, m->offset, 8);
	}
	add_owner(&extra, m);
	strbuf_clear(b);
	add_le(b, SIG_CENTRAL, 4);
	add_le(b, MADE_BY_UNIX | (wide || far ? VERSION_64 : VERSION), 2);
	add_middle(b, m, wide, false);
	if (far && !wide)
		b->data[6] = VERSION_64;
	add_le(b, extra.len, 2);
	/* No comment, the first disk, no text. */
	add_le(b, 0, 6);
	add_le(b, m->attributes, 4);
	add_le(b, far ? max_32 : m->offset, 4);
	strbuf_add_str(b, m->path);
	strbuf_add(b, strbuf_str(&extra), extra.len);
	return pack_write(z->pack, strbuf_str(b), b->len);
}

static void add_end(struct zip_writer *z, uint64_t at, uint64_t size)
{
	struct strbuf *b = &z->header;
	const uint64_t n = z->members.len;
	const bool wide = n >= 0xffff || at >= max_32 || size >= max_32;

	strbuf_clear(b);
	if (wide) {
		add_le(b, SIG_END_64, 4);
		add_le(b, 44, 8);
		add_le(b, MADE_BY_UNIX | VERSION_64, 2);
		add_le(b, VERSION_64, 2);
		add_le(b, 0, 8);
		add_le(b, n, 8);
		add_le(b, n, 8);
		add_le(b, size, 8);
		add_le(b, at, 8);
		add_le(b, SIG_LOCATOR_64, 4);
		add_le(b, 0, 4);
		add_le(b, at + size, 8);
		add_le(b, 1, 4);
	}
	add_le(b, SIG_END, 4);
	add_le(b, 0, 4);
	add_le(b, n >= 0xffff ? 0xffff : n, 2);
	add_le(b, n >= 0xffff ? 0xffff : n, 2);
	add_le(b, size >= max_32 ? max_32 : size, 4);
	add_le(b, at >= max_32 ? max_32 : at, 4);
	add_le(b, 0, 2);
}

static int zip_finish(void *state)
{
	struct zip_writer *z = state;
	int r = put_queue(z, 0);
	const uint64_t at = pack_written(z->pack);

	for (size_t i = 0; r == 0 && i < z->members.len; i++)
		r = put_central(z, &z->members.items[i]);
	if (r < 0)
		return r;
	add_end(z, at, pack_written(z->pack) - at);
	return pack_write(z->pack, strbuf_str(&z->header), z->header.len);
}

static void zip_close(void *state)
{
	struct zip_writer *z = state;

	while (z->first != NULL) {
		struct zip_work *w = z->first;

		crew_wait(z->crew, &w->work);
		z->first = w->next;
		free(w->member.path);
		free(w->in);
		free(w->out);
		free(w);
	}
	(void)deflate_stream_free(z->stream);
	free(z->current.path);
	for (size_t i = 0; i < z->members.len; i++)
		free(z->members.items[i].path);
	vec_release(&z->members);
	strbuf_release(&z->header);
	free(z);
}

const struct member_writer_ops zip_writer_ops = { zip_begin, zip_data,   zip_end,
	                                          zip_whole, zip_finish, zip_close };
