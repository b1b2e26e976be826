/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include "base/vec.h"

#include <endian.h>
#include <sys/auxv.h>

enum {
	MAP_SLOTS_FIRST = 64,
	MAP_CHUNK = 16 * 1024,
};

/* Where keys live: chunks that are filled from the start, the newest first. */
struct map_chunk {
	struct map_chunk *older;
	size_t used;
	size_t size;
	char bytes[];
};

struct map {
	struct map_entries {
		VEC_FIELDS(struct map_entry);
	} entries;
	struct map_hashes {
		VEC_FIELDS(uint64_t);
	} hashes;      /* beside entries */
	size_t *slots; /* entry number + 1; 0: free. A power of two, at most half full */
	size_t slots_len;
	struct map_chunk *chunk;
	uint64_t secret[2];
};

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein, 2012; the variant with one and three rounds). */
static uint64_t sip_hash(const uint64_t secret[2], const char *bytes, size_t len)
{
	uint64_t v[4] = {
		secret[0] ^ UINT64_C(0x736f6d6570736575),
		secret[1] ^ UINT64_C(0x646f72616e646f6d),
		secret[0] ^ UINT64_C(0x6c7967656e657261),
		secret[1] ^ UINT64_C(0x7465646279746573),
	};
	uint64_t last = (uint64_t)len << 56;
	size_t at = 0;

	for (; len - at >= 8; at += 8) {
		uint64_t word;

		memcpy(&word, bytes + at, 8);
		word = le64toh(word);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	for (unsigned shift = 0; at < len; at++, shift += 8)
		last |= (uint64_t)(unsigned char)bytes[at] << shift;
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct map *map_new(void)
{
	struct map *m = mem_alloc_zeroed(sizeof(*m));
	/* The address of sixteen random bytes the kernel gives to every process; no call needed. */
	unsigned long address = getauxval(AT_RANDOM);
	const void *random;

	_Static_assert(sizeof(random) == sizeof(address), "an address fits");
	memcpy(&random, &address, sizeof(random));
	if (random != NULL)
		memcpy(m->secret, random, sizeof(m->secret));
	m->slots_len = MAP_SLOTS_FIRST;
	m->slots = mem_alloc_zeroed(m->slots_len * sizeof(*m->slots));
	return m;
}

struct map *map_free(struct map *m)
{
	if (m == NULL)
		return NULL;
	while (m->chunk != NULL) {
		struct map_chunk *older = m->chunk->older;

		free(m->chunk);
		m->chunk = older;
	}
	vec_release(&m->entries);
	vec_release(&m->hashes);
	free(m->slots);
	free(m);
	return NULL;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t *map_slot(const struct map *m, uint64_t hash, const void *key, size_t len)
{
	size_t mask = m->slots_len - 1;

	for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
		size_t *slot = &m->slots[at];
		const struct map_entry *e;

		if (*slot == 0)
			return slot;
		e = &m->entries.items[*slot - 1];
		if (m->hashes.items[*slot - 1] == hash && e->len == len &&
		    (len == 0 || memcmp(e->key, key, len) == 0))
			return slot;
	}
}

static void map_double(struct map *m)
{
	size_t mask;

	free(m->slots);
	m->slots_len *= 2;
	m->slots = mem_alloc_array(m->slots_len, sizeof(*m->slots));
	memset(m->slots, 0, m->slots_len * sizeof(*m->slots));
	mask = m->slots_len - 1;
	for (size_t i = 0; i < m->entries.len; i++) {
		size_t at = (size_t)m->hashes.items[i] & mask;

		while (m->slots[at] != 0)
			at = (at + 1) & mask;
		m->slots[at] = i + 1;
	}
}

static const char *map_keep(struct map *m, const void *key, size_t len)
{
	struct map_chunk *chunk = m->chunk;
	char *kept;

	if (chunk == NULL || chunk->size - chunk->used < len + 1) {
		size_t size = len + 1 > MAP_CHUNK ? len + 1 : MAP_CHUNK;

		chunk = mem_alloc(sizeof(*chunk) + size);
		*chunk = (struct map_chunk){ .older = m->chunk, .size = size };
		m->chunk = chunk;
	}
	kept = chunk->bytes + chunk->used;
	if (len != 0)
		memcpy(kept, key, len);
	kept[len] = '\0';
	chunk->used += len + 1;
	return kept;
}

struct map_entry *map_add(struct map *m, const void *key, size_t len, bool *ret_added)
{
	uint64_t hash = sip_hash(m->secret, key, len);
	size_t *slot = map_slot(m, hash, key, len);
	bool added = *slot == 0;

	if (ret_added != NULL)
		*ret_added = added;
	if (!added)
		return &m->entries.items[*slot - 1];
	if ((m->entries.len + 1) * 2 > m->slots_len) {
		map_double(m);
		slot = map_slot(m, hash, key, len);
	}
	vec_push(&m->entries, (struct map_entry){ .key = map_keep(m, key, len), .len = len });
	vec_push(&m->hashes, hash);
	*slot = m->entries.len;
	return &vec_last(&m->entries);
}

struct map_entry *map_find(const struct map *m, const void *key, size_t len)
{
	const size_t *slot = map_slot(m, sip_hash(m->secret, key, len), key, len);

	return *slot != 0 ? &m->entries.items[*slot - 1] : NULL;
}

size_t map_len(const struct map *m)
{
	return m->entries.len;
}

struct map_entry *map_at(const struct map *m, size_t n)
{
	return &m->entries.items[n];
}
