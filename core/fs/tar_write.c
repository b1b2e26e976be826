/* SPDX-License-Identifier: MIT */
/* tar: POSIX.1-2017 pax(1), "ustar Interchange Format" and "pax Header Block"; and cpio "newc". */
#include "fs/member_write_private.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <sys/sysmacros.h>

enum { BLOCK = 512, NAME_SIZE = 100, PREFIX_SIZE = 155, OWNER_SIZE = 32, OCTAL_7 = 07777777 };

/* The fields of a header; all are filled with zeroes to their end. */
struct ustar {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char sum[8];
	char type;
	char link[100];
	char magic[8];
	char user[32];
	char group[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char rest[12];
};

struct tar_writer {
	struct pack *pack;
	uint64_t size; /* of the member's data in the archive */
	struct strbuf records;
	struct strbuf map;
};

void *tar_writer_new(struct pack *pack)
{
	struct tar_writer *t = mem_alloc_zeroed(sizeof(*t));

	t->pack = pack;
	return t;
}

static int put_zeroes(struct pack *pack, size_t len)
{
	static const char zeroes[2 * BLOCK];

	return len > 0 ? pack_write(pack, zeroes, len) : 0;
}

/* `size` - 1 digits. */
static void put_octal(char *field, size_t size, uint64_t value)
{
	field[size - 1] = '\0';
	for (size_t i = size - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

/* "LEN key=value\n", where LEN counts itself. */
static void add_record(struct strbuf *b, const char *key, const void *value, size_t len)
{
	const size_t rest = strlen(key) + len + 3;
	size_t digits = 1;

	for (size_t n = 10; rest + digits >= n; n *= 10)
		digits++;
	strbuf_add_format(b, "%zu %s=", rest + digits, key);
	strbuf_add(b, value, len);
	strbuf_add_char(b, '\n');
}

static void add_number(struct strbuf *b, const char *key, uint64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

	add_record(b, key, text, (size_t)n);
}

/* Seconds with the fraction, as exact as it is. */
static void add_time(struct strbuf *b, struct timespec t)
{
	char text[48];
	long long seconds = t.tv_sec;
	long fraction = t.tv_nsec;
	int n;

	if (fraction == 0) {
		n = snprintf(text, sizeof(text), "%lld", seconds);
	} else {
		/* -1.5 is two seconds before the epoch and a half after that. */
		const bool negative = seconds < 0;

		if (negative) {
			seconds = -(seconds + 1);
			fraction = 1000000000 - fraction;
		}
		n = snprintf(text, sizeof(text), "%s%lld.%09ld", negative ? "-" : "", seconds,
		             fraction);
		while (text[n - 1] == '0')
			n--;
	}
	add_record(b, "mtime", text, (size_t)n);
}

static bool fits(uint64_t value, unsigned digits)
{
	return value < 1ULL << (3 * digits);
}

/* Splits a long name at a slash; false when it takes a record. */
static bool put_name(struct ustar *h, const char *name, size_t len)
{
	const size_t least = len > NAME_SIZE ? len - NAME_SIZE - 1 : 0;

	if (len <= NAME_SIZE) {
		memcpy(h->name, name, len);
		return true;
	}
	for (size_t at = least; at <= PREFIX_SIZE && at + 1 < len; at++) {
		if (at == 0 || name[at] != '/')
			continue;
		memcpy(h->prefix, name, at);
		memcpy(h->name, name + at + 1, len - at - 1);
		return true;
	}
	return false;
}

static void put_text(char *field, size_t size, const char *text)
{
	const size_t len = strlen(text);

	memcpy(field, text, len < size ? len : size);
}

static void add_xattrs(struct strbuf *b, const struct strbuf *xattrs)
{
	const char *at = strbuf_str(xattrs);
	const char *end = at + xattrs->len;

	while (at < end) {
		AUTO_RELEASE_STRBUF struct strbuf key = { 0 };
		uint64_t len;

		strbuf_add_format(&key, "SCHILY.xattr.%s", at);
		at += strlen(at) + 1;
		memcpy(&len, at, sizeof(len));
		at += sizeof(len);
		add_record(b, strbuf_str(&key), at, (size_t)len);
		at += len;
	}
}

static char type_flag(const struct new_member *m)
{
	if (m->hardlink != NULL)
		return '1';
	switch (m->type) {
	case DT_LNK:
		return '2';
	case DT_CHR:
		return '3';
	case DT_BLK:
		return '4';
	case DT_DIR:
		return '5';
	case DT_FIFO:
		return '6';
	default:
		return '0';
	}
}

/* What the header's fields are too small for goes to records. */
static void put_numbers(struct tar_writer *t, struct ustar *h, const struct new_member *m)
{
	struct strbuf *b = &t->records;
	const bool late = m->mtime.tv_sec < 0 || !fits((uint64_t)m->mtime.tv_sec, 11);

	put_octal(h->mode, sizeof(h->mode), m->mode & 07777);
	put_octal(h->uid, sizeof(h->uid), fits(m->uid, 7) ? m->uid : 0);
	put_octal(h->gid, sizeof(h->gid), fits(m->gid, 7) ? m->gid : 0);
	put_octal(h->size, sizeof(h->size), fits(t->size, 11) ? t->size : 0);
	put_octal(h->mtime, sizeof(h->mtime), late ? 0 : (uint64_t)m->mtime.tv_sec);
	put_octal(h->major, sizeof(h->major), 0);
	put_octal(h->minor, sizeof(h->minor), 0);
	if (m->type == DT_CHR || m->type == DT_BLK) {
		put_octal(h->major, sizeof(h->major), major(m->rdev) & OCTAL_7);
		put_octal(h->minor, sizeof(h->minor), minor(m->rdev) & OCTAL_7);
	}
	if (!fits(m->uid, 7))
		add_number(b, "uid", m->uid);
	if (!fits(m->gid, 7))
		add_number(b, "gid", m->gid);
	if (!fits(t->size, 11))
		add_number(b, "size", t->size);
	if (late || m->mtime.tv_nsec != 0)
		add_time(b, m->mtime);
}

static void put_owners(struct tar_writer *t, struct ustar *h, const struct new_member *m)
{
	if (m->user != NULL)
		put_text(h->user, sizeof(h->user) - 1, m->user);
	if (m->group != NULL)
		put_text(h->group, sizeof(h->group) - 1, m->group);
	if (m->user != NULL && strlen(m->user) >= OWNER_SIZE)
		add_record(&t->records, "uname", m->user, strlen(m->user));
	if (m->group != NULL && strlen(m->group) >= OWNER_SIZE)
		add_record(&t->records, "gname", m->group, strlen(m->group));
}

static int put_header(struct tar_writer *t, struct ustar *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	unsigned sum = 0;

	memcpy(h->magic,
	       "ustar\0"
	       "00",
	       sizeof(h->magic));
	memset(h->sum, ' ', sizeof(h->sum));
	for (size_t i = 0; i < sizeof(*h); i++)
		sum += bytes[i];
	put_octal(h->sum, 7, sum);
	h->sum[7] = ' ';
	return pack_write(t->pack, h, sizeof(*h));
}

/* The header whose data are the records about the next one. */
static int put_records(struct tar_writer *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct ustar h = { .type = 'x' };
	int r;

	put_text(h.name, sizeof(h.name), "PaxHeaders/");
	put_text(h.name + 11, sizeof(h.name) - 11, slash != NULL ? slash + 1 : path);
	put_octal(h.mode, sizeof(h.mode), 0644);
	put_octal(h.uid, sizeof(h.uid), 0);
	put_octal(h.gid, sizeof(h.gid), 0);
	put_octal(h.size, sizeof(h.size), t->records.len);
	put_octal(h.mtime, sizeof(h.mtime), 0);
	r = put_header(t, &h);
	if (r == 0)
		r = pack_write(t->pack, strbuf_str(&t->records), t->records.len);
	return r == 0 ? put_zeroes(t->pack, padding_of(t->records.len, BLOCK)) : r;
}

/* GNU tar's sparse format 1.0: the map, in decimal lines, is in front of the data. */
static void make_map(struct tar_writer *t, const struct new_member *m)
{
	uint64_t data = 0;

	strbuf_clear(&t->map);
	strbuf_add_format(&t->map, "%zu\n", m->n_extents);
	for (size_t i = 0; i < m->n_extents; i++) {
		strbuf_add_format(&t->map, "%llu\n%llu\n", (unsigned long long)m->extents[i].offset,
		                  (unsigned long long)m->extents[i].len);
		data += m->extents[i].len;
	}
	strbuf_add_fill(&t->map, '\0', padding_of(t->map.len, BLOCK));
	t->size = t->map.len + data;
	add_number(&t->records, "GNU.sparse.major", 1);
	add_number(&t->records, "GNU.sparse.minor", 0);
	add_record(&t->records, "GNU.sparse.name", m->path, strlen(m->path));
	add_number(&t->records, "GNU.sparse.realsize", m->size);
}

static void put_path(struct tar_writer *t, struct ustar *h, const struct new_member *m)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	if (m->extents != NULL)
		strbuf_add_str(&path, "GNUSparseFile.0/");
	strbuf_add_str(&path, m->path);
	if (m->type == DT_DIR)
		strbuf_add_char(&path, '/');
	if (!put_name(h, strbuf_str(&path), path.len)) {
		memcpy(h->name, strbuf_str(&path), NAME_SIZE);
		if (m->extents == NULL)
			add_record(&t->records, "path", strbuf_str(&path), path.len);
	}
}

static int tar_begin(void *state, const struct new_member *m)
{
	struct tar_writer *t = state;
	struct ustar h = { .type = type_flag(m) };
	const char *link = m->hardlink != NULL ? m->hardlink : m->link;
	int r = 0;

	strbuf_clear(&t->records);
	t->size = m->type == DT_REG && m->hardlink == NULL ? m->size : 0;
	if (m->extents != NULL)
		make_map(t, m);
	put_path(t, &h, m);
	if (link != NULL) {
		put_text(h.link, sizeof(h.link), link);
		if (strlen(link) > sizeof(h.link))
			add_record(&t->records, "linkpath", link, strlen(link));
	}
	put_numbers(t, &h, m);
	put_owners(t, &h, m);
	if (m->xattrs != NULL)
		add_xattrs(&t->records, m->xattrs);
	if (t->records.len > 0)
		r = put_records(t, m->path);
	if (r == 0)
		r = put_header(t, &h);
	if (r == 0 && m->extents != NULL)
		r = pack_write(t->pack, strbuf_str(&t->map), t->map.len);
	return r;
}

static int tar_data(void *state, const void *bytes, size_t len)
{
	struct tar_writer *t = state;

	return len > 0 ? pack_write(t->pack, bytes, len) : 0;
}

static int tar_end(void *state)
{
	struct tar_writer *t = state;

	return put_zeroes(t->pack, padding_of(t->size, BLOCK));
}

static int tar_finish(void *state)
{
	struct tar_writer *t = state;

	return put_zeroes(t->pack, (size_t)2 * BLOCK);
}

static void tar_close(void *state)
{
	struct tar_writer *t = state;

	strbuf_release(&t->records);
	strbuf_release(&t->map);
	free(t);
}

const struct member_writer_ops tar_writer_ops = { tar_begin, tar_data,   tar_end,
	                                          NULL,      tar_finish, tar_close };
