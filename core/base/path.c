/* SPDX-License-Identifier: MIT */
#include "base/path.h"

void path_add_join(struct strbuf *b, const char *dir, const char *name)
{
	size_t len = strlen(dir);

	strbuf_add(b, dir, len);
	if (len != 0 && dir[len - 1] != '/' && name[0] != '/')
		strbuf_add_char(b, '/');
	strbuf_add_str(b, name + (len != 0 && dir[len - 1] == '/' ? strspn(name, "/") : 0));
}

size_t path_trimmed_len(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

const char *path_base_name(const char *path)
{
	size_t len = path_trimmed_len(path);

	/* Nothing but slashes is the root, shown as one. */
	if (len == 1 && path[0] == '/')
		return path + strlen(path) - 1;
	while (len > 0 && path[len - 1] != '/')
		len--;
	return path + len;
}

bool path_is_inside(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return path[0] == '/';
	if (strcmp(dir, ".") == 0)
		return path[0] != '/' && strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0;
	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* Takes the last component back, when there is one that is not "..". */
static bool drop_last(struct strbuf *b, size_t start)
{
	size_t at = b->len;

	while (at > start && b->data[at - 1] != '/')
		at--;
	if (at == b->len || strcmp(b->data + at, "..") == 0)
		return false;
	strbuf_truncate(b, at > start ? at - 1 : at);
	return true;
}

void path_add_normal(struct strbuf *b, const char *path)
{
	bool absolute = path[0] == '/';
	size_t before = b->len;
	size_t start;

	if (absolute)
		strbuf_add_char(b, '/');
	start = b->len;
	for (const char *p = path; *p != '\0';) {
		size_t len = strcspn(p, "/");
		bool up = len == 2 && p[0] == '.' && p[1] == '.';

		if (len != 0 && !(len == 1 && p[0] == '.') &&
		    !(up && (drop_last(b, start) || absolute))) {
			if (b->len > start)
				strbuf_add_char(b, '/');
			strbuf_add(b, p, len);
		}
		p += len;
		p += strspn(p, "/");
	}
	if (b->len == before)
		strbuf_add_char(b, '.');
}
