/* SPDX-License-Identifier: MIT */
#include "base/item_reader.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024 };

void item_reader_init(struct item_reader *r, int fd, char delimiter)
{
	*r = (struct item_reader){ .fd = fd, .delimiter = delimiter };
}

void item_reader_release(struct item_reader *r)
{
	strbuf_release(&r->buffer);
}

static int give(struct item_reader *r, size_t len, const char **ret, size_t *ret_len)
{
	char *item = r->buffer.data + r->at;

	/* In the place of the delimiter, or of the NUL behind the buffer. */
	item[len] = '\0';
	r->at += len + 1;
	r->scanned = r->at;
	if (len > ITEM_SIZE_MAX)
		return -E2BIG;
	if (memchr(item, '\0', len) != NULL)
		return -EILSEQ;
	*ret = item;
	*ret_len = len;
	return 1;
}

int item_reader_next(struct item_reader *r, const char **ret, size_t *ret_len)
{
	size_t left = r->at < r->buffer.len ? r->buffer.len - r->at : 0;
	const char *end;

	if (left == 0)
		return r->ended ? 0 : -EAGAIN;
	end = memchr(r->buffer.data + r->scanned, r->delimiter, r->buffer.len - r->scanned);
	if (end != NULL)
		return give(r, (size_t)(end - r->buffer.data) - r->at, ret, ret_len);
	r->scanned = r->buffer.len;
	if (left > ITEM_SIZE_MAX)
		return -E2BIG;
	return r->ended ? give(r, left, ret, ret_len) : -EAGAIN;
}

/* What has been taken makes room. */
static void move_to_front(struct item_reader *r)
{
	size_t taken = r->at < r->buffer.len ? r->at : r->buffer.len;

	if (taken == 0)
		return;
	memmove(r->buffer.data, r->buffer.data + taken, r->buffer.len - taken);
	strbuf_truncate(&r->buffer, r->buffer.len - taken);
	r->at = 0;
	r->scanned = r->scanned > taken ? r->scanned - taken : 0;
}

int item_reader_fill(struct item_reader *r)
{
	char *bytes = mem_alloc(READ_SIZE);
	ssize_t n;
	int err;

	move_to_front(r);
	do {
		n = read(r->fd, bytes, READ_SIZE);
	} while (n < 0 && errno == EINTR);
	err = n < 0 ? -errno : 0;
	if (n == 0)
		r->ended = true;
	if (n > 0)
		strbuf_add(&r->buffer, bytes, (size_t)n);
	free(bytes);
	return err;
}
