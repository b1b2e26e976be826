/* SPDX-License-Identifier: MIT */
#include "fs/copy_data.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

enum {
	BUFFER = 256 * 1024,
	RANGE_MAX = 64 << 20,
	BLOCK = 512,
	SMALL = 32 * 1024, /* the kernel's copying sets up more than it saves for less than this */
};

struct copying {
	struct copy_way *way;
	int from, to;
	uint64_t size;
	struct copy_result *result;
};

static bool report(const struct copying *c, uint64_t bytes)
{
	c->result->bytes += bytes;
	return c->way->go_on == NULL || c->way->go_on(bytes, c->way->user);
}

/* The kernel, or this pair of file systems, cannot do it at all. */
static bool is_unsupported(int err)
{
	return err == EXDEV || err == ENOSYS || err == EOPNOTSUPP || err == EINVAL ||
	       err == ENOTTY || err == EPERM;
}

static bool clone_whole(struct copying *c)
{
	if (c->way->no_reflink)
		return false;
	if (ioctl(c->to, FICLONE, c->from) == 0) {
		c->result->method = COPY_REFLINK;
		return true;
	}
	c->way->no_reflink = is_unsupported(errno);
	return false;
}

static int write_at(struct copying *c, const char *data, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(c->to, data, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			c->result->write_failed = true;
			return n < 0 ? -errno : -EIO;
		}
		data += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

static ssize_t read_at(const struct copying *c, size_t len, uint64_t at)
{
	ssize_t n;

	if (c->way->buffer == NULL)
		c->way->buffer = mem_alloc(BUFFER);
	do
		n = pread(c->from, c->way->buffer, len < BUFFER ? len : BUFFER, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* [at, end) by way of the buffer. */
static int copy_bytes(struct copying *c, uint64_t at, uint64_t end)
{
	c->result->method = COPY_BYTES;
	while (at < end) {
		ssize_t n = read_at(c, end - at < BUFFER ? (size_t)(end - at) : BUFFER, at);
		int r;

		if (n < 0)
			return (int)n;
		if (n == 0) {
			c->result->is_short = true;
			return 0;
		}
		r = write_at(c, c->way->buffer, (size_t)n, at);
		if (r < 0)
			return r;
		at += (uint64_t)n;
		if (!report(c, (uint64_t)n))
			return -ECANCELED;
	}
	return 0;
}

/* [at, end). Whatever the kernel's copying says, reading and writing tell the reason. */
static int copy_segment(struct copying *c, uint64_t at, uint64_t end)
{
	while (at < end && !c->way->no_range && c->size > SMALL) {
		off_t in = (off_t)at;
		off_t out = (off_t)at;
		size_t len = end - at < RANGE_MAX ? (size_t)(end - at) : RANGE_MAX;
		ssize_t n = copy_file_range(c->from, &in, c->to, &out, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			c->way->no_range = n < 0 && is_unsupported(errno);
			break;
		}
		at += (uint64_t)n;
		if (!report(c, (uint64_t)n))
			return -ECANCELED;
	}
	return at < end ? copy_bytes(c, at, end) : 0;
}

/* Only what is not a hole; `blocks` say that there are some. */
static int copy_sparse(struct copying *c)
{
	uint64_t at = 0;

	while (at < c->size) {
		off_t data = lseek(c->from, (off_t)at, SEEK_DATA);
		off_t hole;
		uint64_t end;
		int r;

		if (data < 0 && errno == ENXIO)
			break;
		hole = data < 0 ? -1 : lseek(c->from, data, SEEK_HOLE);
		if (hole <= data)
			return copy_segment(c, at, c->size);
		if ((uint64_t)data >= c->size)
			break;
		end = (uint64_t)hole < c->size ? (uint64_t)hole : c->size;
		r = copy_segment(c, (uint64_t)data, end);
		if (r < 0 || c->result->is_short)
			return r;
		at = end;
	}
	if (ftruncate(c->to, (off_t)c->size) != 0) {
		c->result->write_failed = true;
		return -errno;
	}
	return 0;
}

/* A file that claims to be empty. */
static int copy_unsized(struct copying *c)
{
	ssize_t n = 0;

	c->result->method = COPY_BYTES;
	for (uint64_t at = 0; at <= COPY_UNSIZED_MAX; at += (uint64_t)n) {
		int r;

		n = read_at(c, BUFFER, at);
		if (n <= 0)
			return (int)n;
		r = write_at(c, c->way->buffer, (size_t)n, at);
		if (r < 0)
			return r;
		if (!report(c, (uint64_t)n))
			return -ECANCELED;
	}
	return -EFBIG;
}

int copy_data(struct copy_way *way, int from, int to, const struct stat *from_st,
              struct copy_result *ret)
{
	struct copying c = { .way = way,
		             .from = from,
		             .to = to,
		             .size = (uint64_t)from_st->st_size,
		             .result = ret };

	*ret = (struct copy_result){ .method = COPY_RANGE };
	if (c.size == 0)
		return copy_unsized(&c);
	if (clone_whole(&c))
		return report(&c, c.size) ? 0 : -ECANCELED;
	if ((uint64_t)from_st->st_blocks * BLOCK < c.size)
		return copy_sparse(&c);
	return copy_segment(&c, 0, c.size);
}

void copy_way_release(struct copy_way *way)
{
	free(way->buffer);
	way->buffer = NULL;
}
