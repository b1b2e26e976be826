/* SPDX-License-Identifier: MIT */
/* The files of one list, in memory that is let go of as a whole. */
#include "ls.h"

enum { CHUNK_FIRST = 16 * 1024, CHUNK_MAX = 1024 * 1024, ALIGNMENT = 8 };

struct ls_chunk {
	struct ls_chunk *next;
	size_t len;
	size_t cap;
	_Alignas(ALIGNMENT) char bytes[];
};

void *ls_list_alloc(struct ls_list *list, size_t size)
{
	struct ls_chunk *chunk = list->memory;

	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (chunk == NULL || size > chunk->cap - chunk->len) {
		size_t cap = chunk == NULL ? CHUNK_FIRST : chunk->cap * 2;

		cap = cap > CHUNK_MAX ? CHUNK_MAX : cap;
		cap = cap < size ? size : cap;
		chunk = mem_alloc(sizeof(*chunk) + cap);
		chunk->next = list->memory;
		chunk->len = 0;
		chunk->cap = cap;
		list->memory = chunk;
	}
	chunk->len += size;
	return chunk->bytes + chunk->len - size;
}

struct ls_file *ls_list_add(struct ls_list *list, const char *name, size_t len)
{
	struct ls_file *file = ls_list_alloc(list, sizeof(*file) + len + 1);

	memset(file, 0, sizeof(*file));
	file->len = (uint32_t)len;
	memcpy(file->name, name, len);
	file->name[len] = '\0';
	vec_push(list, (struct key_slot){ .item = file });
	return file;
}

void ls_list_drop_last(struct ls_list *list)
{
	list->len--;
}

void ls_list_take_memory(struct ls_list *list, struct ls_list *part)
{
	struct ls_chunk *last = part->memory;

	if (last == NULL)
		return;
	while (last->next != NULL)
		last = last->next;
	last->next = list->memory;
	list->memory = part->memory;
	part->memory = NULL;
}

void ls_list_clear(struct ls_list *list)
{
	vec_clear(list);
	/* One chunk stays: it is written over. */
	while (list->memory != NULL && list->memory->next != NULL) {
		struct ls_chunk *next = list->memory->next;

		free(list->memory);
		list->memory = next;
	}
	if (list->memory != NULL)
		list->memory->len = 0;
	list->blocks = 0;
	list->has_acl = list->has_quoted = false;
}

void ls_list_release(struct ls_list *list)
{
	while (list->memory != NULL) {
		struct ls_chunk *next = list->memory->next;

		free(list->memory);
		list->memory = next;
	}
	vec_release(list);
}

void ls_add_path(const struct ls_list *list, const char *name, struct strbuf *ret)
{
	if (list->path != NULL) {
		strbuf_add_str(ret, list->path);
		if (ret->len > 0 && ret->data[ret->len - 1] != '/')
			strbuf_add_char(ret, '/');
	}
	strbuf_add_str(ret, name);
}

void ls_add_short_path(const struct ls_list *list, const char *name, struct strbuf *ret)
{
	if (list->path != NULL && strcmp(list->path, ".") == 0)
		strbuf_add_str(ret, name);
	else
		ls_add_path(list, name, ret);
}
