/* SPDX-License-Identifier: MIT */
#include "fs/member_name.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <dirent.h>
#include <sys/stat.h>

const char *member_trouble_word(unsigned n)
{
	static const char words[MEMBER_TROUBLES][20] = {
		"absolute",  "dotdot", "escapes",      "control", "not-utf8",
		"duplicate", "case",   "setuid",       "device",  "hardlink-forward",
		"long",      "empty",  "through-link", "header",
	};

	return words[n];
}

/* The next component at *at, which moves behind it; NULL when there is none. */
static const char *next_part(const char **at, const char *end, size_t *ret_len)
{
	const char *part;

	while (*at < end && **at == '/')
		(*at)++;
	part = *at;
	while (*at < end && **at != '/')
		(*at)++;
	*ret_len = (size_t)(*at - part);
	return *ret_len > 0 ? part : NULL;
}

static bool is_dots(const char *part, size_t len, size_t dots)
{
	return len == dots && memcmp(part, "..", dots) == 0;
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	return false;
}

unsigned member_name_troubles(const char *path, size_t len)
{
	const char *at = path;
	const char *part;
	size_t part_len;
	unsigned troubles = 0;

	if (len == 0)
		return TROUBLE_EMPTY;
	if (path[0] == '/')
		troubles |= TROUBLE_ABSOLUTE;
	if (len > MEMBER_PATH_MAX)
		troubles |= TROUBLE_LONG;
	if (has_control(path, len))
		troubles |= TROUBLE_CONTROL;
	if (!utf8_is_valid(path, len))
		troubles |= TROUBLE_NOT_UTF8;
	while ((part = next_part(&at, path + len, &part_len)) != NULL) {
		if (is_dots(part, part_len, 2))
			troubles |= TROUBLE_DOTDOT;
		if (part_len > MEMBER_NAME_MAX)
			troubles |= TROUBLE_LONG;
	}
	return troubles;
}

void member_name_clean(struct strbuf *ret, const char *path, size_t len, unsigned strip)
{
	const char *at = path;
	const char *part;
	size_t part_len;

	strbuf_clear(ret);
	while ((part = next_part(&at, path + len, &part_len)) != NULL) {
		if (is_dots(part, part_len, 1))
			continue;
		if (strip > 0) {
			strip--;
			continue;
		}
		if (ret->len > 0)
			strbuf_add_char(ret, '/');
		strbuf_add(ret, part, part_len);
	}
}

unsigned member_name_depth(const char *path, size_t len)
{
	unsigned depth = len > 0 ? 1 : 0;

	for (size_t i = 0; i < len; i++)
		depth += path[i] == '/';
	return depth;
}

bool member_link_is_inside(const char *path, const char *target)
{
	const char *at = target;
	const char *end = target + strlen(target);
	const char *part;
	size_t len;
	unsigned above = member_name_depth(path, strlen(path));
	bool down = false;

	if (target[0] == '/' || above == 0)
		return false;
	/* The link itself is no directory to climb from. */
	above--;
	while ((part = next_part(&at, end, &len)) != NULL) {
		if (is_dots(part, len, 1))
			continue;
		if (!is_dots(part, len, 2)) {
			down = true;
			continue;
		}
		if (down || above == 0)
			return false;
		above--;
	}
	return true;
}

enum { SEEN_LINK = 1, SEEN_OTHER = 2 };

struct member_audit {
	struct map *names; /* clean names; the value is SEEN_... */
	struct map *folded;
	bool has_links;
	struct strbuf clean;
	struct strbuf other;
};

struct member_audit *member_audit_new(void)
{
	struct member_audit *a = mem_alloc_zeroed(sizeof(*a));

	a->names = map_new();
	a->folded = map_new();
	return a;
}

struct member_audit *member_audit_free(struct member_audit *a)
{
	if (a != NULL) {
		(void)map_free(a->names);
		(void)map_free(a->folded);
		strbuf_release(&a->clean);
		strbuf_release(&a->other);
		free(a);
	}
	return NULL;
}

static bool goes_through_link(const struct member_audit *a)
{
	const char *path = strbuf_str(&a->clean);

	for (size_t i = 0; a->has_links && i < a->clean.len; i++) {
		const struct map_entry *e = path[i] == '/' ? map_find(a->names, path, i) : NULL;

		if (e != NULL && e->value == SEEN_LINK)
			return true;
	}
	return false;
}

static unsigned name_again(struct member_audit *a, unsigned char type)
{
	struct map_entry *e;
	unsigned troubles = 0;
	bool added;

	e = map_add(a->names, strbuf_str(&a->clean), a->clean.len, &added);
	if (!added && !(type == DT_DIR && e->value == SEEN_OTHER + DT_DIR))
		troubles |= TROUBLE_DUPLICATE;
	e->value = type == DT_LNK ? SEEN_LINK : (size_t)SEEN_OTHER + type;
	a->has_links = a->has_links || type == DT_LNK;
	strbuf_clear(&a->other);
	for (size_t i = 0; i < a->clean.len; i++) {
		const char c = strbuf_str(&a->clean)[i];

		strbuf_add_char(&a->other, c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c);
	}
	if (added) {
		bool folded_added;

		(void)map_add(a->folded, strbuf_str(&a->other), a->other.len, &folded_added);
		if (!folded_added)
			troubles |= TROUBLE_CASE;
	}
	return troubles;
}

static unsigned link_troubles(struct member_audit *a, const struct member *m)
{
	unsigned troubles = 0;

	if (m->type == DT_LNK &&
	    (m->link == NULL || !member_link_is_inside(strbuf_str(&a->clean), m->link)))
		troubles |= TROUBLE_ESCAPES;
	if (m->hardlink != NULL) {
		unsigned of_target = member_name_troubles(m->hardlink, strlen(m->hardlink));

		if ((of_target & (TROUBLE_ABSOLUTE | TROUBLE_DOTDOT | TROUBLE_EMPTY)) != 0)
			troubles |= TROUBLE_ESCAPES;
		member_name_clean(&a->other, m->hardlink, strlen(m->hardlink), 0);
		if (map_find(a->names, strbuf_str(&a->other), a->other.len) == NULL)
			troubles |= TROUBLE_FORWARD;
	}
	return troubles;
}

unsigned member_audit_next(struct member_audit *a, const struct member *m)
{
	unsigned troubles = member_name_troubles(m->path, m->path_len);

	if (m->name_lost)
		troubles |= TROUBLE_EMPTY;
	if (m->warning != NULL)
		troubles |= TROUBLE_HEADER;
	if ((m->mode & (S_ISUID | S_ISGID)) != 0)
		troubles |= TROUBLE_SETUID;
	if (m->type == DT_CHR || m->type == DT_BLK)
		troubles |= TROUBLE_DEVICE;
	member_name_clean(&a->clean, m->path, m->path_len, 0);
	if (goes_through_link(a))
		troubles |= TROUBLE_THROUGH;
	return troubles | link_troubles(a, m) | name_again(a, m->type);
}
