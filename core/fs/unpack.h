/* SPDX-License-Identifier: MIT */
/*
 * A compressed file as it was before: gzip (RFC 1952), bzip2, xz, lzma, lzip, zstd (RFC 8878) or
 * lz4 frames, told by its first bytes; anything else comes through unchanged. Every checksum and
 * length that the format has is verified, of every member or frame, to the end of the file: a
 * stream that ends early is damage, and what follows the last stream is counted. The file may
 * be a pipe. Memory is bounded by the codec's window, at most 128 MiB for zstd and 1 GiB for xz.
 */
#pragma once

#include "base/base.h"

enum packing {
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_BZIP2,
	PACKING_XZ,
	PACKING_LZMA,
	PACKING_LZIP,
	PACKING_ZSTD,
	PACKING_LZ4,
};

/* What a checksum proves, the weakest first. */
enum proof { PROOF_NONE, PROOF_XXH32, PROOF_CRC32, PROOF_CRC64, PROOF_XXH64, PROOF_SHA256 };

enum { UNPACK_PEEK = 512 };

struct unpack;

/*
 * Reads from `fd`, from where it stands; it stays the caller's and must outlive the reader.
 * `threads`: for formats that can be unpacked in parallel. 0 or -errno of the first read.
 */
MUST_USE int unpack_open(int fd, unsigned threads, struct unpack **ret);
/*
 * Up to `size` bytes; how many, or 0 at the end. -errno from reading, -EBADMSG: the data is damaged
 * or ends too early; -ENOMEM: its window is larger than allowed.
 */
MUST_USE ssize_t unpack_read(struct unpack *u, void *buffer, size_t size);
enum packing unpack_packing(const struct unpack *u);
/* The weakest checksum among the streams so far. */
enum proof unpack_proof(const struct unpack *u);
/* Bytes of the file so far. */
uint64_t unpack_read_bytes(const struct unpack *u);
/* At the end: bytes that follow the last stream; zeroes that only fill up do not count. */
uint64_t unpack_trailing(const struct unpack *u);
/* What was wrong, a phrase; static. "" when nothing was. */
const char *unpack_error(const struct unpack *u);
struct unpack *unpack_free(struct unpack *u);
DEFINE_AUTO_FREE(unpack)

/* "gzip", "none"; static. */
const char *packing_name(enum packing packing);
/* "crc32", "none"; static. */
const char *proof_name(enum proof proof);
