/* SPDX-License-Identifier: MIT */
#include "tar_bytes.h"

#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512 };

static char *more(struct tar_bytes *t, size_t len)
{
	char *bytes = realloc(t->bytes, t->len + len);

	if (bytes == NULL)
		abort();
	t->bytes = bytes;
	memset(bytes + t->len, 0, len);
	t->len += len;
	return bytes + t->len - len;
}

static void put(char *field, size_t size, const char *text)
{
	const size_t len = strlen(text);

	memcpy(field, text, len < size ? len : size);
}

static void add(struct tar_bytes *t, const struct tar_entry *e, const char *data, size_t len)
{
	char *h = more(t, BLOCK);
	char number[16];
	unsigned sum = 0;

	put(h, 100, e->name);
	(void)snprintf(h + 100, 8, "%07o", (e->mode != 0 ? e->mode : 0644U) & 07777U);
	(void)snprintf(h + 108, 8, "%07o", 0U);
	(void)snprintf(h + 116, 8, "%07o", 0U);
	(void)snprintf(h + 124, 12, "%011o", (unsigned)len & 07777777777U);
	(void)snprintf(h + 136, 12, "%011o", 1000000000U);
	memset(h + 148, ' ', 8);
	h[156] = e->type;
	put(h + 157, 100, e->link != NULL ? e->link : "");
	memcpy(h + 257,
	       "ustar\0"
	       "00",
	       8);
	(void)snprintf(h + 329, 8, "%07o", 1U);
	(void)snprintf(h + 337, 8, "%07o", 3U);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	(void)snprintf(number, sizeof(number), "%06o", sum & 0777777U);
	memcpy(h + 148, number, 7);
	if (len > 0)
		memcpy(more(t, (len + BLOCK - 1) / BLOCK * BLOCK), data, len);
}

void tar_add(struct tar_bytes *t, const struct tar_entry *e)
{
	add(t, e, e->data, e->data != NULL ? strlen(e->data) : 0);
}

void tar_add_pax(struct tar_bytes *t, const char *text, size_t len)
{
	add(t, &(struct tar_entry){ .name = "pax", .type = 'x' }, text, len);
}

void tar_end(struct tar_bytes *t)
{
	(void)more(t, (size_t)2 * BLOCK);
}

struct tar_bytes tar_of(const struct tar_entry *entries)
{
	struct tar_bytes t = { NULL, 0 };

	for (; entries->name != NULL; entries++)
		tar_add(&t, entries);
	tar_end(&t);
	return t;
}

void tar_save(const struct tar_bytes *t, const char *path)
{
	tree_file(path, t->bytes, t->len);
}
