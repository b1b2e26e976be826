/* SPDX-License-Identifier: MIT */
/* Tar archives made byte by byte, as no decent program writes them. */
#pragma once

#include <stddef.h>

struct tar_bytes {
	char *bytes; /* never freed: the test process ends */
	size_t len;
};

struct tar_entry {
	const char *name;
	char type; /* '0' file, '1' hard link, '2' symbolic link, '3' '4' devices, '5' directory,
	              '6' */
	const char *link;
	const char *data;
	unsigned mode; /* 0: 0644 */
};

/* Adds a ustar header and the data; long names are cut. */
void tar_add(struct tar_bytes *t, const struct tar_entry *e);
/* Adds a pax header with the records `text`, already in their format. */
void tar_add_pax(struct tar_bytes *t, const char *text, size_t len);
/* Adds the two blocks at the end. */
void tar_end(struct tar_bytes *t);
/* All of it: the entries, up to one without a name, and the end. */
struct tar_bytes tar_of(const struct tar_entry *entries);
/* Writes it to a file. */
void tar_save(const struct tar_bytes *t, const char *path);
