/* SPDX-License-Identifier: MIT */
/* What pack.h writes, unpack.h reads; and deflate_join.h between them. */
#include "base/mem.h"
#include "fs/deflate_stream.h"
#include "fs/member_name.h"
#include "fs/pack.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

TestSuite(pack);

static const enum packing packings[] = { PACKING_NONE, PACKING_GZIP, PACKING_BZIP2,
	                                 PACKING_XZ,   PACKING_ZSTD, PACKING_LZ4 };

enum { PACKINGS = sizeof(packings) / sizeof(packings[0]) };

/* Text, noise or the same byte, by `kind`. */
static uint8_t *make(size_t len, unsigned kind)
{
	uint8_t *bytes = mem_alloc(len + 1);
	uint32_t x = 12345 + kind;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = kind == 0   ? (uint8_t)(x >> 24)
		           : kind == 1 ? 'a'
		                       : (uint8_t) "etaoin shrdlu"[(x >> 24) % 13];
	}
	return bytes;
}

static int write_packed(const uint8_t *bytes, size_t len, enum packing packing, unsigned threads)
{
	int fd = memfd_create("pack", MFD_CLOEXEC);
	const struct pack_opts opts = { packing, PACK_LEVEL_DEFAULT, fd };
	struct crew *crew = crew_new(threads);
	struct pack *p = NULL;
	size_t half = len / 3;

	cr_assert(fd >= 0);
	cr_assert_eq(pack_new(&opts, crew, &p), 0);
	cr_assert_eq(pack_write(p, bytes, half), 0);
	cr_assert_eq(pack_write(p, bytes + half, len - half), 0);
	cr_assert_eq(pack_end(p), 0);
	cr_assert_eq((off_t)pack_written(p), lseek(fd, 0, SEEK_END));
	(void)pack_free(p);
	(void)crew_free(crew);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void expect_unpacked(int fd, const uint8_t *bytes, size_t len, enum packing packing)
{
	uint8_t *back = mem_alloc(len + 100);
	struct unpack *u = NULL;
	size_t at = 0;
	ssize_t n;

	cr_assert_eq(unpack_open(fd, 2, &u), 0);
	while ((n = unpack_read(u, back + at, len + 100 - at)) > 0)
		at += (size_t)n;
	cr_expect_eq(n, 0, "%s: %s", packing_name(packing), unpack_error(u));
	cr_expect_eq(at, len, "%s: %zu of %zu bytes", packing_name(packing), at, len);
	cr_expect_eq(memcmp(back, bytes, len), 0, "%s, %zu bytes", packing_name(packing), len);
	cr_expect_eq(unpack_packing(u), packing);
	cr_expect_eq(unpack_trailing(u), 0);
	(void)unpack_free(u);
	free(back);
}

Test(pack, comes_back)
{
	static const size_t lengths[] = { 0, 1, 1000, DEFLATE_PIECE, DEFLATE_PIECE + 1, 3500000 };

	for (size_t i = 0; i < PACKINGS; i++) {
		for (size_t k = 0; k < 3 * sizeof(lengths) / sizeof(lengths[0]); k++) {
			const size_t len = lengths[k / 3];
			uint8_t *bytes;
			int fd;

			/* No magic: nothing packed has no bytes, and is nothing. */
			if (packings[i] == PACKING_NONE && len == 0)
				continue;
			bytes = make(len, (unsigned)(k % 3));
			fd = write_packed(bytes, len, packings[i], 1 + (unsigned)k % 4);
			expect_unpacked(fd, bytes, len, packings[i]);
			close(fd);
			free(bytes);
		}
	}
}

Test(pack, streams_follow_each_other)
{
	uint8_t *bytes = make(50000, 2);

	for (size_t i = 1; i < PACKINGS; i++) {
		int a = write_packed(bytes, 20000, packings[i], 1);
		int b = write_packed(bytes + 20000, 30000, packings[i], 1);
		char buffer[4096];
		ssize_t n;

		(void)lseek(a, 0, SEEK_END);
		while ((n = read(b, buffer, sizeof(buffer))) > 0)
			cr_assert_eq(write(a, buffer, (size_t)n), n);
		(void)lseek(a, 0, SEEK_SET);
		expect_unpacked(a, bytes, 50000, packings[i]);
		close(a);
		close(b);
	}
	free(bytes);
}

Test(pack, links_are_judged_by_their_letters)
{
	static const struct {
		const char *path, *target;
		bool inside;
	} links[] = {
		{ "a", "b", true },        { "a", "..", false },
		{ "d/a", "../b", true },   { "d/a", "../../b", false },
		{ "a", "/b", false },      { "a", "b/..", false },
		{ "d/a", "./../b", true }, { "d/e/a", "../../b/c", true },
		{ "a", ".", true },        { "d/a", "..", true },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		cr_expect_eq(member_link_is_inside(links[i].path, links[i].target), links[i].inside,
		             "%s -> %s", links[i].path, links[i].target);
}

Test(pack, names_are_cleaned)
{
	static const struct {
		const char *path, *clean;
		unsigned strip, troubles;
	} names[] = {
		{ "a/b", "a/b", 0, 0 },
		{ "./a//b/", "a/b", 0, 0 },
		{ "/a", "a", 0, TROUBLE_ABSOLUTE },
		{ "a/../b", "a/../b", 0, TROUBLE_DOTDOT },
		{ "a/b/c", "c", 2, 0 },
		{ "a", "", 1, 0 },
		{ "", "", 0, TROUBLE_EMPTY },
		{ "a\033b", "a\033b", 0, TROUBLE_CONTROL },
		{ "\xff", "\xff", 0, TROUBLE_NOT_UTF8 },
		{ "...", "...", 0, 0 },
	};
	struct strbuf b = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		member_name_clean(&b, names[i].path, strlen(names[i].path), names[i].strip);
		cr_expect_str_eq(strbuf_str(&b), names[i].clean, "%s", names[i].path);
		cr_expect_eq(member_name_troubles(names[i].path, strlen(names[i].path)),
		             names[i].troubles, "%s", names[i].path);
	}
	strbuf_release(&b);
}
