/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include "base/library_init.h"
#include "base/mem.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <sodium/core.h>
#include <sodium/crypto_generichash_blake2b.h>
#include <xxhash.h>
#include <zlib.h>

struct hash {
	enum hash_algo algo;
	union {
		XXH3_state_t *xxh; /* aligned more strictly than our allocations */
		struct sha256_ctx sha256;
		struct sha512_ctx sha512;
		struct md5_ctx md5;
		struct sha1_ctx sha1;
		crypto_generichash_blake2b_state *blake2b; /* likewise */
		uLong crc32;
	} of;
};

static const struct {
	const char *name;
	unsigned char size;
	bool cryptographic;
} algorithms[] = {
	[HASH_XXH128] = { "xxh128", 16, false },
	[HASH_SHA256] = { "sha256", SHA256_DIGEST_SIZE, true },
	[HASH_SHA512] = { "sha512", SHA512_DIGEST_SIZE, true },
	[HASH_BLAKE2B] = { "blake2b", crypto_generichash_blake2b_BYTES_MAX, true },
	[HASH_MD5] = { "md5", MD5_DIGEST_SIZE, false },
	[HASH_SHA1] = { "sha1", SHA1_DIGEST_SIZE, false },
	[HASH_CRC32] = { "crc32", 4, false },
};

struct hash *hash_new(enum hash_algo algo)
{
	struct hash *h = mem_alloc_zeroed(sizeof(*h));

	h->algo = algo;
	switch (algo) {
	case HASH_XXH128:
		h->of.xxh = XXH3_createState();
		if (h->of.xxh == NULL)
			mem_exhausted();
		break;
	case HASH_BLAKE2B:
		/* Picks the implementation; without it the slow one is used, which is right too. */
		ignore(sodium_init());
		h->of.blake2b = aligned_alloc(64, sizeof(*h->of.blake2b));
		if (h->of.blake2b == NULL)
			mem_exhausted();
		break;
	case HASH_SHA256:
	case HASH_SHA512:
	case HASH_MD5:
	case HASH_SHA1:
		library_init();
		break;
	case HASH_CRC32:
		break;
	}
	hash_reset(h);
	return h;
}

struct hash *hash_free(struct hash *h)
{
	if (h == NULL)
		return NULL;
	if (h->algo == HASH_XXH128)
		(void)XXH3_freeState(h->of.xxh);
	if (h->algo == HASH_BLAKE2B)
		free(h->of.blake2b);
	free(h);
	return NULL;
}

void hash_reset(struct hash *h)
{
	switch (h->algo) {
	case HASH_XXH128:
		(void)XXH3_128bits_reset(h->of.xxh);
		break;
	case HASH_SHA256:
		sha256_init(&h->of.sha256);
		break;
	case HASH_SHA512:
		sha512_init(&h->of.sha512);
		break;
	case HASH_BLAKE2B:
		(void)crypto_generichash_blake2b_init(h->of.blake2b, NULL, 0,
		                                      algorithms[HASH_BLAKE2B].size);
		break;
	case HASH_MD5:
		md5_init(&h->of.md5);
		break;
	case HASH_SHA1:
		sha1_init(&h->of.sha1);
		break;
	case HASH_CRC32:
		h->of.crc32 = 0;
		break;
	}
}

void hash_update(struct hash *h, const void *data, size_t len)
{
	switch (h->algo) {
	case HASH_XXH128:
		(void)XXH3_128bits_update(h->of.xxh, data, len);
		break;
	case HASH_SHA256:
		sha256_update(&h->of.sha256, len, data);
		break;
	case HASH_SHA512:
		sha512_update(&h->of.sha512, len, data);
		break;
	case HASH_BLAKE2B:
		(void)crypto_generichash_blake2b_update(h->of.blake2b, data, len);
		break;
	case HASH_MD5:
		md5_update(&h->of.md5, len, data);
		break;
	case HASH_SHA1:
		sha1_update(&h->of.sha1, len, data);
		break;
	case HASH_CRC32:
		h->of.crc32 = crc32_z(h->of.crc32, data, len);
		break;
	}
}

/* Most significant byte first, as all tools print a CRC. */
static void put_crc32(uLong crc, unsigned char *ret)
{
	for (unsigned i = 0; i < 4; i++)
		ret[i] = (unsigned char)(crc >> (24 - 8 * i));
}

size_t hash_finish(struct hash *h, unsigned char ret[static HASH_SIZE_MAX])
{
	size_t size = algorithms[h->algo].size;
	XXH128_canonical_t canonical;

	switch (h->algo) {
	case HASH_XXH128:
		XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(h->of.xxh));
		memcpy(ret, canonical.digest, size);
		break;
	case HASH_SHA256:
		sha256_digest(&h->of.sha256, size, ret);
		break;
	case HASH_SHA512:
		sha512_digest(&h->of.sha512, size, ret);
		break;
	case HASH_BLAKE2B:
		(void)crypto_generichash_blake2b_final(h->of.blake2b, ret, size);
		break;
	case HASH_MD5:
		md5_digest(&h->of.md5, size, ret);
		break;
	case HASH_SHA1:
		sha1_digest(&h->of.sha1, size, ret);
		break;
	case HASH_CRC32:
		put_crc32(h->of.crc32, ret);
		break;
	}
	hash_reset(h);
	return size;
}

enum hash_algo hash_algo(const struct hash *h)
{
	return h->algo;
}

size_t hash_size(enum hash_algo algo)
{
	return algorithms[algo].size;
}

const char *hash_name(enum hash_algo algo)
{
	return algorithms[algo].name;
}

bool hash_by_name(const char *name, enum hash_algo *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		if (strcmp(name, algorithms[i].name) == 0) {
			*ret = (enum hash_algo)i;
			return true;
		}
	}
	return false;
}

bool hash_is_cryptographic(enum hash_algo algo)
{
	return algorithms[algo].cryptographic;
}
