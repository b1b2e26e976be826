/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <errno.h>

enum { PIECE = 8 << 10 };

/* Reads on behind what is not used yet. 0 or -errno. */
static int read_more(struct lines *l)
{
	char piece[PIECE];
	ssize_t n;

	if (l->at > 0) {
		memmove(l->buffer.data, l->buffer.data + l->at, l->buffer.len - l->at);
		strbuf_truncate(&l->buffer, l->buffer.len - l->at);
		l->at = 0;
	}
	do {
		n = read(l->fd, piece, sizeof(piece));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	l->ended = n == 0;
	strbuf_add(&l->buffer, piece, (size_t)n);
	return 0;
}

int lines_next(struct lines *l, const char **ret, size_t *ret_len)
{
	bool is_too_long = false;
	size_t searched = 0;

	for (;;) {
		size_t left = l->buffer.len - l->at;
		const char *start = strbuf_str(&l->buffer) + l->at;
		const char *end = memchr(start + searched, l->end, left - searched);
		int r;

		if (end != NULL || (l->ended && (left > 0 || is_too_long))) {
			size_t len = end != NULL ? (size_t)(end - start) : left;

			*ret = is_too_long ? "/" : start;
			*ret_len = is_too_long ? 1 : len;
			l->at += len + (end != NULL ? 1 : 0);
			return 1;
		}
		if (l->ended)
			return 0;
		searched = left;
		if (left > CHECKLIST_LINE_MAX) {
			is_too_long = true;
			l->at = l->buffer.len;
			searched = 0;
		}
		r = read_more(l);
		if (r < 0)
			return r;
	}
}

void lines_release(struct lines *l)
{
	strbuf_release(&l->buffer);
	if (l->fd > STDIN_FILENO)
		(void)close(l->fd);
	l->fd = -1;
}
