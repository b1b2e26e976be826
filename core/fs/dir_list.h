/* SPDX-License-Identifier: MIT */
/* All names of a directory at once, bytewise ascending, "." and ".." left out. */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"

struct dir_item {
	const char *name; /* ends with a NUL */
	size_t len;
	unsigned char type; /* DT_REG and so on; DT_UNKNOWN where the file system does not tell */
};

/* Zeroed: empty. */
struct dir_list {
	VEC_FIELDS(struct dir_item);
	struct strbuf text; /* the names, each behind its type */
};

/* From its beginning. 0, or -errno with what was read before. -ENOENT: it has been removed. */
MUST_USE int dir_list_read(struct dir_list *list, int fd);
/* Is the name among them? */
bool dir_list_has(const struct dir_list *list, const char *name, size_t len);
void dir_list_release(struct dir_list *list);
