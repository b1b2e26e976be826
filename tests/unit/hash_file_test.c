/* SPDX-License-Identifier: MIT */
#include "fs/hash_file.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>

TestSuite(hash_file, .init = sandbox_enter, .fini = sandbox_leave);

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	cr_assert(fd >= 0, "%s", path);
	return fd;
}

static void same_digest(const struct hash_file_result *a, const struct hash_file_result *b,
                        const char *what)
{
	cr_expect_eq(a->digest_size, b->digest_size, "%s", what);
	cr_expect_eq(memcmp(a->digest, b->digest, a->digest_size), 0, "%s", what);
}

static struct hash_file_result hash_path(const char *path, const struct read_opts *opts)
{
	AUTO_FREE(hash) struct hash *h = hash_new(HASH_SHA256);
	AUTO_CLOSE int fd = open_file(path);
	struct hash_file_result result = { 0 };

	cr_assert_eq(hash_fd(fd, h, opts, &result), 0, "%s", path);
	return result;
}

static const uint64_t sizes[] = { 0,      1,      4095,    4096,    4097,    65536,  262143,
	                          262144, 262145, 1048575, 1048576, 1048577, 3000000 };

/* Against the checksum of the same bytes in memory, with and without the page cache. */
Test(hash_file, equals_the_sum_of_the_bytes)
{
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		static const struct read_opts direct = { .direct = true };
		AUTO_FREE(hash) struct hash *h = hash_new(HASH_SHA256);
		AUTO_RELEASE_STRBUF struct strbuf all = { 0 };
		struct hash_file_result want = { 0 };
		struct hash_file_result got;

		tree_size("f", sizes[i]);
		cr_assert_eq(fdio_read_file(AT_FDCWD, "f", SIZE_MAX, &all), 0);
		hash_update(h, strbuf_str(&all), all.len);
		want.digest_size = hash_finish(h, want.digest);
		got = hash_path("f", NULL);
		same_digest(&got, &want, "plain");
		cr_expect_eq(got.length, sizes[i]);
		cr_expect_eq(got.state.size, sizes[i]);
		got = hash_path("f", &direct);
		same_digest(&got, &want, "direct");
	}
}

Test(hash_file, reads_a_range)
{
	static const struct read_opts opts[] = { { .offset = 3, .length = 5 },
		                                 { .offset = 3, .length = 5, .direct = true },
		                                 { .length = 4, .direct = true } };
	static const char *const parts[] = { "lo wo", "lo wo", "hel!" };

	for (size_t i = 0; i < ARRAY_LEN(opts); i++) {
		AUTO_FREE(hash) struct hash *h = hash_new(HASH_SHA256);
		struct hash_file_result want = { 0 };
		struct hash_file_result got;

		tree_text("f", i == 2 ? "hel!and so on" : "hello world");
		hash_update(h, parts[i], strlen(parts[i]));
		want.digest_size = hash_finish(h, want.digest);
		got = hash_path("f", &opts[i]);
		same_digest(&got, &want, parts[i]);
		cr_expect_eq(got.length, strlen(parts[i]));
	}
	struct hash_file_result past = hash_path("f", &(struct read_opts){ .offset = 1000 });

	cr_expect_eq(past.length, 0);
}

/* A hole counts as zeroes, and is not read. */
Test(hash_file, holes_are_zeroes)
{
	enum { SIZE = 9 << 20 };
	char *zeroes = mem_alloc_zeroed(SIZE);
	struct hash_file_result hole;
	struct hash_file_result written;

	memcpy(zeroes + (5 << 20), "data", 4);
	tree_file("written", zeroes, SIZE);
	tree_sparse("hole", SIZE);
	AUTO_CLOSE int fd = open_file("hole");
	cr_assert_eq(pwrite(fd, "data", 4, 5 << 20), 4);

	hole = hash_path("hole", NULL);
	written = hash_path("written", NULL);
	same_digest(&hole, &written, "sparse");
	cr_expect_eq(hole.length, SIZE);
	cr_expect_eq(written.bytes_read, SIZE);
	cr_expect(hole.bytes_read < SIZE, "%ju", (uintmax_t)hole.bytes_read);

	AUTO_CLOSE int other = open_file("written");
	uint64_t at = 77;

	cr_expect_eq(compare_fds(fd, other, NULL, &at), 0);
	cr_expect_eq(compare_fds(other, fd, NULL, &at), 0);
	cr_expect_eq(at, 77);
	cr_assert_eq(pwrite(fd, "x", 1, (8 << 20) + 5), 1);
	cr_expect_eq(compare_fds(fd, other, NULL, &at), 1);
	cr_expect_eq(at, (8 << 20) + 5);
	free(zeroes);
}

Test(hash_file, compares_to_the_first_difference)
{
	for (size_t i = 1; i < ARRAY_LEN(sizes); i++) {
		uint64_t places[] = { 0, sizes[i] / 2, sizes[i] - 1 };

		tree_size("a", sizes[i]);
		tree_size("b", sizes[i]);
		AUTO_CLOSE int a = open_file("a");
		AUTO_CLOSE int b = open_file("b");
		cr_expect_eq(compare_fds(a, b, NULL, NULL), 0);
		cr_expect_eq(compare_fds(a, b, &(struct read_opts){ .direct = true }, NULL), 0);
		for (size_t k = 0; k < ARRAY_LEN(places); k++) {
			uint64_t at = 0;
			unsigned char old;
			unsigned char changed;

			cr_assert_eq(pread(b, &old, 1, (off_t)places[k]), 1);
			changed = (unsigned char)(old + 1);
			cr_assert_eq(pwrite(b, &changed, 1, (off_t)places[k]), 1);
			cr_expect_eq(compare_fds(a, b, NULL, &at), 1);
			cr_expect_eq(at, places[k]);
			cr_assert_eq(pwrite(b, &old, 1, (off_t)places[k]), 1);
		}
		uint64_t at = 0;

		cr_assert_eq(ftruncate(b, (off_t)sizes[i] - 1), 0);
		cr_expect_eq(compare_fds(a, b, NULL, &at), 1);
		cr_expect_eq(at, sizes[i] - 1);
	}
}

static bool grow(uint64_t bytes, void *user)
{
	const int *fd = user;
	struct stat st;

	(void)bytes;
	cr_assert_eq(fstat(*fd, &st), 0);
	cr_assert_eq(pwrite(*fd, "more", 4, st.st_size), 4);
	return st.st_size < (3 << 20);
}

static bool cut(uint64_t bytes, void *user)
{
	const int *fd = user;

	(void)bytes;
	cr_assert_eq(ftruncate(*fd, 300000), 0);
	return true;
}

static bool stop(uint64_t bytes, void *user)
{
	uint64_t *seen = user;

	*seen += bytes;
	return *seen < 500000;
}

Test(hash_file, notices_a_change)
{
	AUTO_FREE(hash) struct hash *h = hash_new(HASH_XXH128);
	struct hash_file_result result = { .length = 99 };
	uint64_t seen = 0;

	tree_size("a", 2 << 20);
	tree_size("b", 2 << 20);
	AUTO_CLOSE int a = open_file("a");
	AUTO_CLOSE int b = open_file("b");
	cr_expect_eq(hash_fd(a, h, &(struct read_opts){ .progress = stop, .user = &seen }, &result),
	             -ECANCELED);
	cr_expect(seen >= 500000 && seen < (2 << 20));
	cr_expect_eq(hash_fd(a, h, &(struct read_opts){ .progress = grow, .user = &a }, &result),
	             -ESTALE);
	cr_expect_eq(compare_fds(b, b, &(struct read_opts){ .progress = cut, .user = &b }, NULL),
	             -ESTALE);
	cr_expect_eq(result.length, 99);
	cr_expect_eq(lseek(a, 0, SEEK_CUR), 0);
}

Test(hash_file, what_is_not_a_file)
{
	AUTO_FREE(hash) struct hash *h = hash_new(HASH_MD5);
	struct hash_file_result result;
	struct hash_file_result want;
	int ends[2];
	AUTO_CLOSE int dir = open(".", O_RDONLY | O_CLOEXEC);

	cr_expect_eq(hash_fd(dir, h, NULL, &result), -EISDIR);
	cr_expect_eq(hash_fd(-1, h, NULL, &result), -EBADF);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(write(ends[1], "hello", 5), 5);
	(void)close(ends[1]);
	cr_assert_eq(hash_fd(ends[0], h, NULL, &result), 0);
	(void)close(ends[0]);
	tree_text("f", "hello");
	AUTO_CLOSE int fd = open_file("f");
	cr_assert_eq(hash_fd(fd, h, NULL, &want), 0);
	same_digest(&result, &want, "pipe");
	/* Files of /proc claim to be empty. */
	AUTO_CLOSE int proc = open("/proc/version", O_RDONLY | O_CLOEXEC);
	cr_assert_eq(hash_fd(proc, h, NULL, &result), 0);
	cr_expect(result.length > 0);
}
