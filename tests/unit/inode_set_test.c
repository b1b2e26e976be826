/* SPDX-License-Identifier: MIT */
#include "fs/inode_set.h"

#include <criterion/criterion.h>

#include <malloc.h>
#include <pthread.h>

enum { THREADS = 4, INODES = 20000 };

struct adder {
	struct inode_set *set;
	pthread_t thread;
	unsigned added;
};

static void *add_all(void *arg)
{
	struct adder *adder = arg;

	for (uint64_t i = 0; i < INODES; i++)
		adder->added += inode_set_add(adder->set, i % 3, i);
	return NULL;
}

Test(inode_set, knows_what_was_added)
{
	static const uint64_t inodes[] = {
		0, 1, 2, 47, 48, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX
	};
	static const uint64_t devices[] = { 7, 0, UINT64_MAX, 8 };

	for (int shared = 0; shared < 2; shared++) {
		AUTO_FREE(inode_set) struct inode_set *set = inode_set_new(shared);

		for (unsigned d = 0; d < ARRAY_LEN(devices); d++) {
			for (unsigned i = 0; i < ARRAY_LEN(inodes); i++) {
				cr_assert_not(inode_set_has(set, devices[d], inodes[i]));
				cr_assert(inode_set_add(set, devices[d], inodes[i]), "%u %u", d, i);
				cr_assert(inode_set_has(set, devices[d], inodes[i]));
				cr_assert_not(inode_set_add(set, devices[d], inodes[i]));
			}
		}
		cr_assert_not(inode_set_has(set, 9, 1), "an unknown device");
		cr_assert_not(inode_set_has(set, 7, 3), "an unknown inode");
	}
}

Test(inode_set, grows_and_forgets_nothing)
{
	AUTO_FREE(inode_set) struct inode_set *set = inode_set_new(false);

	/* Spaced as inodes of one ext4 group, then far apart. */
	for (uint64_t i = 1; i <= 100000; i++) {
		cr_assert(inode_set_add(set, 1, i * 16));
		cr_assert(inode_set_add(set, 2, i << 40));
	}
	for (uint64_t i = 1; i <= 100000; i++) {
		cr_assert_not(inode_set_add(set, 1, i * 16));
		cr_assert(inode_set_has(set, 2, i << 40));
		cr_assert_not(inode_set_has(set, 1, i * 16 + 1));
	}
}

Test(inode_set, many_devices)
{
	AUTO_FREE(inode_set) struct inode_set *set = inode_set_new(true);

	for (uint64_t d = 2000; d > 0; d--)
		cr_assert(inode_set_add(set, d * 257, 5));
	for (uint64_t d = 1; d <= 2000; d++) {
		cr_assert(inode_set_has(set, d * 257, 5));
		cr_assert_not(inode_set_has(set, d * 257 + 1, 5));
	}
}

Test(inode_set, sixteen_bytes_an_inode_at_most)
{
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
	AUTO_FREE(inode_set) struct inode_set *set = inode_set_new(false);
	size_t used;

	for (uint64_t i = 1; i <= 1000000; i++)
		(void)inode_set_add(set, 1, i);
	used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
	cr_assert(used <= 16 * 1000000, "%zu bytes", used);
}

Test(inode_set, threads_agree_on_who_was_first)
{
	AUTO_FREE(inode_set) struct inode_set *set = inode_set_new(true);
	struct adder adders[THREADS] = { 0 };
	unsigned added = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		adders[i].set = set;
		cr_assert_eq(pthread_create(&adders[i].thread, NULL, add_all, &adders[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		cr_assert_eq(pthread_join(adders[i].thread, NULL), 0);
		added += adders[i].added;
	}
	cr_assert_eq(added, INODES);
	for (uint64_t i = 0; i < INODES; i++)
		cr_assert(inode_set_has(set, i % 3, i));
}

Test(inode_set, free_of_null_is_nothing)
{
	cr_assert_null(inode_set_free(NULL));
}
