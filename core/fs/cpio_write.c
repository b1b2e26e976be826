/* SPDX-License-Identifier: MIT */
/* cpio "newc" (cpio(5)): numbers of eight hexadecimal digits, names and data padded to four bytes.
 */
#include "fs/member_write_private.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <sys/sysmacros.h>

enum { HEADER_SIZE = 110, ALIGN = 4 };

struct cpio_writer {
	struct pack *pack;
	uint64_t size;
};

void *cpio_writer_new(struct pack *pack)
{
	struct cpio_writer *c = mem_alloc_zeroed(sizeof(*c));

	c->pack = pack;
	return c;
}

static int pad(struct cpio_writer *c, uint64_t len)
{
	const size_t n = padding_of(len, ALIGN);

	return n > 0 ? pack_write(c->pack, "\0\0\0", n) : 0;
}

static int put_header(struct cpio_writer *c, const struct new_member *m, const char *name)
{
	const size_t name_size = strlen(name) + 1;
	const mode_t type = (mode_t)m->type << 12;
	char header[HEADER_SIZE + 1];
	int r;

	(void)snprintf(header, sizeof(header),
	               "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
	               (unsigned)m->number, type | (m->mode & 07777U), (unsigned)m->uid,
	               (unsigned)m->gid, 1U, (unsigned)m->mtime.tv_sec, (unsigned)c->size, 0U, 0U,
	               major(m->rdev), minor(m->rdev), (unsigned)name_size, 0U);
	r = pack_write(c->pack, header, HEADER_SIZE);
	if (r == 0)
		r = pack_write(c->pack, name, name_size);
	return r == 0 ? pad(c, HEADER_SIZE + name_size) : r;
}

/* Hard links are written as files of their own: the format ties data to the last of them. */
static int cpio_begin(void *state, const struct new_member *m)
{
	struct cpio_writer *c = state;
	int r;

	c->size = m->type == DT_REG ? m->size : m->type == DT_LNK ? strlen(m->link) : 0;
	if (c->size > UINT32_MAX)
		return -EFBIG;
	if (m->mtime.tv_sec < 0 || m->mtime.tv_sec > UINT32_MAX || m->uid > UINT32_MAX ||
	    m->gid > UINT32_MAX)
		return -ERANGE;
	r = put_header(c, m, m->path);
	if (r == 0 && m->type == DT_LNK) {
		r = pack_write(c->pack, m->link, (size_t)c->size);
		if (r == 0)
			r = pad(c, c->size);
	}
	return r;
}

static int cpio_data(void *state, const void *bytes, size_t len)
{
	struct cpio_writer *c = state;

	return len > 0 ? pack_write(c->pack, bytes, len) : 0;
}

static int cpio_end(void *state)
{
	struct cpio_writer *c = state;

	return pad(c, c->size);
}

static int cpio_finish(void *state)
{
	struct cpio_writer *c = state;
	const struct new_member end = { .number = 0 };

	c->size = 0;
	return put_header(c, &end, "TRAILER!!!");
}

const struct member_writer_ops cpio_writer_ops = { cpio_begin, cpio_data,   cpio_end,
	                                           NULL,       cpio_finish, free };
