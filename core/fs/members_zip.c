/* SPDX-License-Identifier: MIT */
/*
 * The names of a zip as they are stored. libarchive composes what is in UTF-8 (NFD becomes NFC), so
 * that two files may get one name; where a name is not ASCII it is read from its local header,
 * which is where libarchive has it from. It hands out members by the places of their headers.
 */
#include "fs/members_private.h"

#include "base/mem.h"

#include <errno.h>
#include <unistd.h>

enum {
	END_SIZE = 22,
	END_64_SIZE = 56,
	LOCATOR_SIZE = 20,
	CENTRAL_SIZE = 46,
	LOCAL_SIZE = 30,
	EXTRA_64 = 1,
	FLAG_UTF8 = 1 << 11,
	DIRECTORY_MAX = 1 << 30, /* bytes that are read at once */
};

static uint64_t le(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | p[bytes];
	return value;
}

static bool read_at(const struct members_source *s, void *ret, size_t len, uint64_t at)
{
	return at <= s->size && pread(s->fd, ret, len, (off_t)at) == (ssize_t)len;
}

/* Where the list of members is: its size, and how far all offsets are off. */
static bool find_directory(const struct members_source *s, uint64_t end, uint64_t *ret_at,
                           uint64_t *ret_size, uint64_t *ret_shift)
{
	uint8_t record[END_64_SIZE];
	uint64_t at;

	if (!read_at(s, record, END_SIZE, end))
		return false;
	*ret_size = le(record + 12, 4);
	at = le(record + 16, 4);
	if (*ret_size == UINT32_MAX || at == UINT32_MAX) {
		uint64_t where;

		if (end < LOCATOR_SIZE || !read_at(s, record, LOCATOR_SIZE, end - LOCATOR_SIZE) ||
		    memcmp(record, "PK\6\7", 4) != 0)
			return false;
		where = le(record + 8, 8);
		if (!read_at(s, record, END_64_SIZE, where) || memcmp(record, "PK\6\6", 4) != 0)
			return false;
		*ret_size = le(record + 40, 8);
		at = le(record + 48, 8);
		end = where;
	}
	if (*ret_size > end || at > end - *ret_size)
		return false;
	*ret_at = end - *ret_size;
	/* Bytes in front of the zip, of a program that unpacks itself. */
	*ret_shift = *ret_at - at;
	return true;
}

/* The place of a header, from an entry of the list; with 64 bits in the extra field where needed.
 */
static uint64_t place_of(const uint8_t *entry, size_t name_len, size_t extra_len)
{
	const uint8_t *extra = entry + CENTRAL_SIZE + name_len;
	const uint8_t *end = extra + extra_len;
	const unsigned before = (le(entry + 24, 4) == UINT32_MAX ? 8U : 0U) +
	                        (le(entry + 20, 4) == UINT32_MAX ? 8U : 0U);

	if (le(entry + 42, 4) != UINT32_MAX)
		return le(entry + 42, 4);
	while (extra + 4 <= end) {
		const size_t len = (size_t)le(extra + 2, 2);

		if (extra + 4 + len > end)
			break;
		if (le(extra, 2) == EXTRA_64 && len >= before + 8)
			return le(extra + 4 + before, 8);
		extra += 4 + len;
	}
	return UINT64_MAX;
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a;
	const uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void read_places(struct members *m, const uint8_t *list, size_t size, uint64_t shift)
{
	size_t at = 0;
	size_t n = 0;

	while (size - at >= CENTRAL_SIZE && memcmp(list + at, "PK\1\2", 4) == 0) {
		const size_t name = (size_t)le(list + at + 28, 2);
		const size_t extra = (size_t)le(list + at + 30, 2);
		const size_t whole = CENTRAL_SIZE + name + extra + (size_t)le(list + at + 32, 2);

		if (whole > size - at)
			break;
		vec_push(&m->places, place_of(list + at, name, extra) + shift);
		at += whole;
	}
	if (m->places.len == 0)
		return;
	qsort(m->places.items, m->places.len, sizeof(*m->places.items), compare);
	for (size_t i = 0; i < m->places.len; i++)
		if (i == 0 || m->places.items[i] != m->places.items[n - 1])
			m->places.items[n++] = m->places.items[i];
	m->places.len = n;
}

static void find_places(struct members *m)
{
	const struct members_source *s = &m->source;
	uint64_t at = 0;
	uint64_t size = 0;
	uint64_t shift = 0;
	uint8_t *list;

	m->has_places = true;
	if (!find_directory(s, m->zip_end, &at, &size, &shift) || size > DIRECTORY_MAX)
		return;
	list = mem_alloc((size_t)size + 1);
	if (read_at(s, list, (size_t)size, at))
		read_places(m, list, (size_t)size, shift);
	free(list);
}

/* The ASCII in both is the same, and so is where something else is: one is the other, composed. */
static bool is_like(const char *a, const char *b)
{
	for (;;) {
		while ((unsigned char)*a >= 0x80)
			a++;
		while ((unsigned char)*b >= 0x80)
			b++;
		if (*a != *b) {
			/* A letter may have gone into an accented one. */
			if (*b != '\0')
				b++;
			else
				return false;
			continue;
		}
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

bool members_zip_name(struct members *m, const char *decoded, struct strbuf *ret)
{
	uint8_t header[LOCAL_SIZE];
	uint64_t at;
	size_t len;
	char *name;
	bool ok;

	if (!m->has_places)
		find_places(m);
	if (m->index >= m->places.len)
		return false;
	at = m->places.items[m->index];
	if (!read_at(&m->source, header, LOCAL_SIZE, at) || memcmp(header, "PK\3\4", 4) != 0 ||
	    (le(header + 6, 2) & FLAG_UTF8) == 0)
		return false;
	len = (size_t)le(header + 26, 2);
	name = mem_alloc(len + 1);
	ok = read_at(&m->source, name, len, at + LOCAL_SIZE) && memchr(name, '\0', len) == NULL;
	name[len] = '\0';
	ok = ok && is_like(decoded, name);
	if (ok)
		strbuf_add(ret, name, len);
	free(name);
	return ok;
}
