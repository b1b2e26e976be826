/* SPDX-License-Identifier: MIT */
#include "fs/dir_list.h"

#include "fs/dir_node.h"

#include <errno.h>
#include <sys/stat.h>

static int compare_items(const void *a, const void *b)
{
	const struct dir_item *x = a;
	const struct dir_item *y = b;

	return strcmp(x->name, y->name);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* The names lie in one buffer, which moves while it grows: the items come when it is whole. */
static void make_items(struct dir_list *list)
{
	const char *end = list->text.data + list->text.len;

	for (const char *at = list->text.data; at != NULL && at < end;) {
		size_t len = strlen(at + 1);

		vec_push(list, (struct dir_item){
				       .name = at + 1, .len = len, .type = (unsigned char)at[0] });
		at += len + 2;
	}
	if (list->len > 1)
		qsort(list->items, list->len, sizeof(*list->items), compare_items);
}

int dir_list_read(struct dir_list *list, int fd)
{
	struct dir_reader reader;
	const struct dirent64 *e;
	struct stat st;
	int r;

	vec_clear(list);
	strbuf_clear(&list->text);
	if (lseek(fd, 0, SEEK_SET) != 0)
		return -errno;
	dir_reader_init(&reader, fd);
	while ((e = dir_reader_next(&reader)) != NULL) {
		if (is_dots(e->d_name))
			continue;
		strbuf_add_char(&list->text, (char)e->d_type);
		strbuf_add(&list->text, e->d_name, strlen(e->d_name) + 1);
	}
	r = -reader.err;
	dir_reader_release(&reader);
	make_items(list);
	/* The reader takes a removed directory for an empty one. */
	if (r == 0 && list->len == 0 && fstat(fd, &st) == 0 && st.st_nlink == 0)
		r = -ENOENT;
	return r;
}

bool dir_list_has(const struct dir_list *list, const char *name, size_t len)
{
	struct dir_item wanted = { .name = name, .len = len };

	return list->len > 0 && bsearch(&wanted, list->items, list->len, sizeof(*list->items),
	                                compare_items) != NULL;
}

void dir_list_release(struct dir_list *list)
{
	vec_release(list);
	strbuf_release(&list->text);
}
