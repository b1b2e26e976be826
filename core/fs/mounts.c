/* SPDX-License-Identifier: MIT */
#include "fs/mounts.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "fs/fstype.h"
#include "fs/mounts_fold.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>

enum { MOUNTINFO_MAX = 64 << 20 };

/* How the kernel marks a mounted directory that was removed; no real path holds "//". */
static const char deleted_mark[] = "//deleted";

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s);
	size_t end_len = strlen(end);

	return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* \040 and the like become their byte, in place. */
static void decode_octal(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && is_octal(s[2]) &&
		    is_octal(s[3])) {
			int byte = (s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0');

			if (byte != 0) {
				*to++ = (char)byte;
				s += 4;
				continue;
			}
		}
		*to++ = *s++;
	}
	*to = '\0';
}

/* Cuts the field at *at off and moves *at behind its blank; NULL when the line has ended. */
static char *next_field(char **at)
{
	char *field = *at;

	if (field == NULL)
		return NULL;
	*at = strchr(field, ' ');
	if (*at != NULL)
		*(*at)++ = '\0';
	return field;
}

/* Decimal digits up to `stop`, below 2^32. Moves *at behind `stop`. */
static bool read_number(const char **at, char stop, uint64_t *ret)
{
	const char *s = *at;
	uint64_t value = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		value = value * 10 + (uint64_t)(*s - '0');
		if (value > UINT32_MAX)
			return false;
	}
	if (*s != stop)
		return false;
	*at = stop != '\0' ? s + 1 : s;
	*ret = value;
	return true;
}

static bool whole_number(const char *s, uint64_t *ret)
{
	return s != NULL && read_number(&s, '\0', ret);
}

static bool device_number(const char *s, uint64_t *ret)
{
	uint64_t major_number;
	uint64_t minor_number;

	if (s == NULL || !read_number(&s, ':', &major_number) ||
	    !read_number(&s, '\0', &minor_number))
		return false;
	*ret = makedev((unsigned)major_number, (unsigned)minor_number);
	return true;
}

static void describe(struct mount *mount)
{
	unsigned traits = fstype_traits(mount->fstype, mount->source);
	size_t len;

	mount->readonly = mount_option(mount->options, "ro", &len) != NULL ||
	                  mount_option(mount->super_options, "ro", &len) != NULL;
	mount->remote = (traits & FSTYPE_REMOTE) != 0;
	mount->pseudo = (traits & FSTYPE_PSEUDO) != 0;
	mount->kernel = (traits & FSTYPE_KERNEL) != 0;
	mount->deleted =
		ends_with(mount->root, deleted_mark) || ends_with(mount->point, deleted_mark);
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG]... - FSTYPE SOURCE SUPER_OPTIONS */
static bool parse_line(char *line, struct mount *ret)
{
	char *at = line;
	struct mount mount = { 0 };
	char *tag;

	if (!whole_number(next_field(&at), &mount.id) ||
	    !whole_number(next_field(&at), &mount.parent) ||
	    !device_number(next_field(&at), &mount.device))
		return false;

	char *root = next_field(&at);
	char *point = next_field(&at);
	char *options = next_field(&at);

	do {
		tag = next_field(&at);
	} while (tag != NULL && strcmp(tag, "-") != 0);

	char *fstype = next_field(&at);
	char *source = next_field(&at);

	if (source == NULL || point[0] != '/')
		return false;

	char *super_options = at != NULL ? at : source + strlen(source);
	char *const escaped[] = { root, point, options, fstype, source, super_options };

	for (size_t i = 0; i < ARRAY_LEN(escaped); i++)
		decode_octal(escaped[i]);
	mount.root = root;
	mount.point = point;
	mount.options = options;
	mount.fstype = fstype;
	mount.source = source;
	mount.super_options = super_options;
	describe(&mount);
	*ret = mount;
	return true;
}

/* Path `path`, or one of the directories above it, cut at `len`: "/" for 0. */
int mounts_compare_path(const char *path, size_t len, const char *point)
{
	size_t point_len = strlen(point);
	int order = memcmp(path, point, len < point_len ? len : point_len);

	if (order != 0)
		return order;
	return (len > point_len) - (len < point_len);
}

/* Length of the directory above the first `len` bytes of `path`: "/a/b" -> "/a" -> "/". */
size_t mounts_parent_len(const char *path, size_t len)
{
	while (len > 0 && path[len - 1] != '/')
		len--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

static void index_points(struct mounts *m)
{
	size_t kept = 0;

	m->by_point = mounts_sorted(m, mounts_by_point);
	for (size_t i = 0; i < m->len; i++)
		if (!m->by_point[i]->hidden)
			m->by_point[kept++] = m->by_point[i];
	m->by_point_len = kept;
}

const struct mount *mounts_visible_at(const struct mounts *m, const char *path, size_t len)
{
	size_t low = 0;
	size_t high = m->by_point_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = mounts_compare_path(path, len, m->by_point[middle]->point);

		if (order == 0)
			return m->by_point[middle];
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void index_kernel_devices(struct mounts *m)
{
	m->kernel_devices = mem_alloc_array(m->len, sizeof(uint64_t));
	for (size_t i = 0; i < m->len; i++)
		if (m->items[i].kernel)
			m->kernel_devices[m->kernel_devices_len++] = m->items[i].device;
	if (m->kernel_devices_len > 1)
		qsort(m->kernel_devices, m->kernel_devices_len, sizeof(uint64_t), by_value);
}

struct mounts *mounts_parse(const char *text, size_t len)
{
	struct mounts *m = mem_alloc_zeroed(sizeof(*m));

	m->text = mem_strndup(text, len);
	for (char *line = m->text, *end = m->text + len; line < end;) {
		size_t left = (size_t)(end - line);
		char *newline = memchr(line, '\n', left);
		size_t line_len = newline != NULL ? (size_t)(newline - line) : left;

		struct mount mount;

		line[line_len] = '\0';
		if (strlen(line) == line_len && parse_line(line, &mount))
			vec_push(m, mount);
		else
			m->malformed++;
		line += line_len + 1;
	}
	mounts_mark_hidden(m);
	index_points(m);
	mounts_mark_same_device(m);
	mounts_mark_overlays(m);
	index_kernel_devices(m);
	return m;
}

int mounts_load(int root, struct mounts **ret)
{
	const char *name = root == AT_FDCWD ? "/proc/self/mountinfo" : "proc/self/mountinfo";
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(root, name, MOUNTINFO_MAX, &text);

	if (r < 0)
		return r;
	*ret = mounts_parse(strbuf_str(&text), text.len);
	return 0;
}

struct mounts *mounts_free(struct mounts *m)
{
	if (m == NULL)
		return NULL;
	free(m->items);
	free(m->text);
	free(m->by_point);
	free(m->kernel_devices);
	free(m);
	return NULL;
}

bool mount_is_folded(const struct mount *mount)
{
	return mount->pseudo || mount->deleted || mount->hidden || mount->repeats ||
	       mount->overlay_lower;
}

const char *mount_option(const char *options, const char *name, size_t *ret_len)
{
	size_t name_len = strlen(name);

	for (const char *at = options; *at != '\0';) {
		const char *end = at;

		while (*end != '\0' && *end != ',')
			end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;

		size_t len = (size_t)(end - at);

		if (len >= name_len && memcmp(at, name, name_len) == 0 &&
		    (len == name_len || at[name_len] == '=')) {
			*ret_len = len == name_len ? 0 : len - name_len - 1;
			return end - *ret_len;
		}
		at = *end == ',' ? end + 1 : end;
	}
	return NULL;
}

const struct mount *mounts_find_path(const struct mounts *m, const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0) {
		const struct mount *found = mounts_visible_at(m, path, len);

		if (found != NULL)
			return found;
		if (len == 1)
			break;
		len = mounts_parent_len(path, len);
	}
	return NULL;
}

const struct mount *mounts_find_id(const struct mounts *m, uint64_t id)
{
	for (size_t i = 0; i < m->len; i++)
		if (m->items[i].id == id)
			return &m->items[i];
	return NULL;
}

const struct mount *mounts_find_device(const struct mounts *m, uint64_t device)
{
	const struct mount *second_best = NULL;

	for (size_t i = 0; i < m->len; i++) {
		const struct mount *mount = &m->items[i];

		if (mount->device != device || mount->hidden)
			continue;
		if (!mount->repeats)
			return mount;
		if (second_best == NULL)
			second_best = mount;
	}
	return second_best;
}

static bool is_below(const char *path, const char *directory, size_t directory_len)
{
	if (directory_len <= 1)
		return path[0] == '/' && path[1] != '\0';
	return strncmp(path, directory, directory_len) == 0 && path[directory_len] == '/';
}

const struct mount *mounts_next_below(const struct mounts *m, const char *directory,
                                      const struct mount *after)
{
	size_t len = strlen(directory);
	size_t i = 0;

	while (len > 1 && directory[len - 1] == '/')
		len--;
	if (after != NULL) {
		while (i < m->by_point_len && m->by_point[i] != after)
			i++;
		i++;
	}
	for (; i < m->by_point_len; i++)
		if (is_below(m->by_point[i]->point, directory, len))
			return m->by_point[i];
	return NULL;
}

bool mounts_is_kernel_device(const struct mounts *m, uint64_t device)
{
	return m->kernel_devices_len > 0 &&
	       bsearch(&device, m->kernel_devices, m->kernel_devices_len, sizeof(uint64_t),
	               by_value) != NULL;
}
