/* SPDX-License-Identifier: MIT */
/*
 * Items of a list from a descriptor, one behind the other, each ended by a delimiter or by the end
 * of the list. An empty item is an item; nothing behind the last delimiter is none. It never
 * waits unless it is told to read. Belongs to one thread.
 */
#pragma once

#include "base/strbuf.h"

enum { ITEM_SIZE_MAX = 2 * 1024 * 1024 };

struct item_reader {
	int fd; /* the caller's */
	char delimiter;
	bool ended;
	struct strbuf buffer;
	size_t at;      /* what is before it has been taken */
	size_t scanned; /* no delimiter is before it */
};

void item_reader_init(struct item_reader *r, int fd, char delimiter);
void item_reader_release(struct item_reader *r);

/*
 * The next item, NUL-terminated, valid until the next call on `r`. 1; 0: there are no more;
 * -EAGAIN: item_reader_fill() has to be called first; -E2BIG: it is longer than ITEM_SIZE_MAX;
 * -EILSEQ: there is a NUL byte in it, which no word of a command can have.
 */
MUST_USE int item_reader_next(struct item_reader *r, const char **ret, size_t *ret_len);
/* Reads once; waits when nothing is there yet. 0 or -errno. */
MUST_USE int item_reader_fill(struct item_reader *r);
