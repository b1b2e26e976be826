/* SPDX-License-Identifier: MIT */
/*
 * Streaming checksums of maintained libraries behind one interface: XXH3 with 128 bits
 * (xxHash; fast, no proof against somebody who tries), SHA-2, SHA-1 and MD5 (nettle, FIPS
 * 180-4, RFC 1321), BLAKE2b with 512 bits (libsodium, RFC 7693), CRC-32 (zlib, that of ISO
 * 3309 as in gzip and zip). The bytes of a result are in the order in which their usual
 * tools print them.
 */
#pragma once

#include "base/base.h"

enum hash_algo {
	HASH_XXH128,
	HASH_SHA256,
	HASH_SHA512,
	HASH_BLAKE2B,
	HASH_MD5,
	HASH_SHA1,
	HASH_CRC32,
};

enum { HASH_ALGOS = HASH_CRC32 + 1, HASH_SIZE_MAX = 64 };

struct hash;

/* Ready for the first byte. The libraries are set up here, not at the program's start. */
struct hash *hash_new(enum hash_algo algo);
struct hash *hash_free(struct hash *h);
DEFINE_AUTO_FREE(hash)
/* Forgets what it was given. */
void hash_reset(struct hash *h);
void hash_update(struct hash *h, const void *data, size_t len);
/* The checksum; returns its size, hash_size(). Ready for the first byte again. */
size_t hash_finish(struct hash *h, unsigned char ret[static HASH_SIZE_MAX]);

enum hash_algo hash_algo(const struct hash *h);
/* Bytes of a checksum. */
size_t hash_size(enum hash_algo algo);
/* "sha256"; static. */
const char *hash_name(enum hash_algo algo);
/* By that name. False when there is none such. */
bool hash_by_name(const char *name, enum hash_algo *ret);
/* Nobody can make two files with the same checksum: SHA-2 and BLAKE2b. */
bool hash_is_cryptographic(enum hash_algo algo);
