/* SPDX-License-Identifier: MIT */
#include "fs/extents.h"

#include "base/mem.h"

#include "support/skip.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

TestSuite(extents);

Test(extents, counts_only_new_bytes)
{
	static const struct {
		uint64_t device, start, length, new;
		size_t pieces;
	} steps[] = {
		{ 1, 100, 50, 50, 1 },
		{ 1, 100, 50, 0, 1 },
		{ 1, 110, 10, 0, 1 },
		{ 2, 100, 50, 50, 2 },
		{ 1, 150, 10, 10, 2 },
		{ 1, 90, 10, 10, 2 },
		{ 1, 200, 10, 10, 3 },
		{ 1, 155, 50, 40, 2 },
		{ 1, 0, 1000, 880, 2 },
		{ 1, 5, 0, 0, 2 },
		{ 1, UINT64_MAX - 10, 100, 10, 3 },
		{ 1, UINT64_MAX - 5, 100, 0, 3 },
		{ 1, 0, UINT64_MAX, UINT64_MAX - 1010, 2 },
	};
	AUTO_FREE(extent_set) struct extent_set *set = extent_set_new();

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		cr_expect_eq(extent_set_add(set, steps[i].device, steps[i].start, steps[i].length),
		             steps[i].new, "step %zu", i);
		cr_expect_eq(extent_set_pieces(set), steps[i].pieces, "step %zu", i);
	}
}

/* Against a plain bitmap, with lengths that make pieces meet, merge and swallow chunks. */
Test(extents, agrees_with_a_bitmap)
{
	enum { SPACE = 1 << 16, ROUNDS = 60000 };
	AUTO_FREE(extent_set) struct extent_set *set = extent_set_new();
	bool *bitmap = mem_alloc_zeroed(SPACE);
	uint32_t random = 12345;
	uint64_t total = 0;
	size_t pieces = 0;

	for (int round = 0; round < ROUNDS; round++) {
		uint32_t start;
		uint32_t length;
		uint64_t expected = 0;

		random = random * 1664525 + 1013904223;
		start = (random >> 8) % SPACE;
		random = random * 1664525 + 1013904223;
		length = (random >> 8) % (round % 997 == 0 ? 900 : 3);
		if (start + length > SPACE)
			length = SPACE - start;
		for (uint32_t i = start; i < start + length; i++) {
			expected += !bitmap[i];
			bitmap[i] = true;
		}
		total += expected;
		cr_assert_eq(extent_set_add(set, 7, start, length), expected, "round %d", round);
	}
	for (size_t i = 0; i < SPACE; i++)
		pieces += bitmap[i] && (i == 0 || !bitmap[i - 1]);
	cr_expect_eq(extent_set_pieces(set), pieces);
	cr_expect_eq(extent_set_add(set, 7, 0, SPACE), SPACE - total);
	cr_expect_eq(extent_set_pieces(set), 1);
	free(bitmap);
}

Test(extents, holds_very_many_pieces)
{
	enum { PIECES = 1 << 20 };
	AUTO_FREE(extent_set) struct extent_set *set = extent_set_new();

	/* A permutation: every place once, far from the last one. */
	for (uint64_t i = 0; i < PIECES; i++) {
		uint64_t at = (i * 700001) % PIECES;

		cr_assert_eq(extent_set_add(set, 1, at * 8192, 4096), 4096);
	}
	cr_expect_eq(extent_set_pieces(set), PIECES);
	cr_expect_eq(extent_set_add(set, 1, 0, (uint64_t)PIECES * 8192), (uint64_t)PIECES * 4096);
	cr_expect_eq(extent_set_pieces(set), 1);
}

struct seen {
	uint64_t bytes;
	uint64_t end;
	size_t n;
	int answer;
};

static int count(const struct extent *extent, void *user)
{
	struct seen *seen = user;

	cr_expect(extent->length > 0);
	cr_expect(extent->logical >= seen->end, "ascending");
	seen->end = extent->logical + extent->length;
	seen->bytes += extent->length;
	seen->n++;
	return seen->answer;
}

/* A file on the disk below the working directory, or a skip. */
static int scratch_file(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct seen seen = { 0 };
	int r;

	if (fd < 0)
		skip("no O_TMPFILE here");
	r = extents_read(fd, count, &seen);
	if (r == -EOPNOTSUPP || r == -ENOTTY)
		skip("no FIEMAP here");
	cr_assert_eq(r, 0);
	cr_assert_eq(seen.n, 0, "an empty file");
	return fd;
}

Test(extents, reads_a_file_with_holes)
{
	enum { BLOCKS = 300, STEP = 16384, BLOCK = 4096 };
	AUTO_CLOSE int fd = scratch_file();
	char block[BLOCK] = { 1 };
	struct seen seen = { 0 };

	for (int i = 0; i < BLOCKS; i++)
		cr_assert_eq(pwrite(fd, block, BLOCK, (off_t)i * STEP), BLOCK);
	cr_assert_eq(fsync(fd), 0);
	cr_assert_eq(extents_read(fd, count, &seen), 0);
	cr_expect(seen.n > 128, "more than one call's worth");
	cr_expect(seen.bytes >= (uint64_t)BLOCKS * BLOCK);
	cr_expect(seen.end >= (uint64_t)(BLOCKS - 1) * STEP + BLOCK);

	seen = (struct seen){ .answer = 42 };
	cr_expect_eq(extents_read(fd, count, &seen), 42);
	cr_expect_eq(seen.n, 1);
}

static int find_unwritten(const struct extent *extent, void *user)
{
	if ((extent->flags & EXTENT_UNWRITTEN) != 0)
		*(uint64_t *)user += extent->length;
	return 0;
}

Test(extents, tells_allocated_from_written)
{
	AUTO_CLOSE int fd = scratch_file();
	uint64_t unwritten = 0;

	if (posix_fallocate(fd, 0, 1 << 20) != 0)
		skip("no fallocate here");
	cr_assert_eq(extents_read(fd, find_unwritten, &unwritten), 0);
	if (unwritten == 0)
		skip("this file system writes zeroes");
	cr_expect_eq(unwritten, 1 << 20);
}

Test(extents, says_when_it_cannot_tell)
{
	AUTO_CLOSE int proc = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	struct seen seen = { 0 };
	int r = extents_read(proc, count, &seen);

	cr_expect(r == -EOPNOTSUPP || r == -ENOTTY, "%d", r);
	cr_expect_eq(extents_read(-1, count, &seen), -EBADF);
	cr_expect_eq(seen.n, 0);
}
