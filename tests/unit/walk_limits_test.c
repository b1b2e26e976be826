/* SPDX-License-Identifier: MIT */
/* The walker with next to nothing to work with, and with a tree that changes under it. */
#include "unit/walk_trees.h"

#include <sys/resource.h>

TestSuite(walk_limits, .init = trees_begin, .fini = trees_end);

static const enum walk_order orders[] = { WALK_UNORDERED, WALK_READDIR, WALK_SORTED };

Test(walk_limits, there_is_always_one_thread)
{
	static const rlim_t limits[] = { 1, 3, 7, 8, 9, 15, 16, 17 };
	struct walk_opts opts = { .max_depth = WALK_DEPTH_ANY };
	struct rlimit before;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct rlimit limit = { limits[i], before.rlim_max };

		cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
		for (opts.threads = 0; opts.threads <= 8; opts.threads += 4)
			cr_expect_eq(walk_workers_max(&opts), 1, "RLIMIT_NOFILE %u, %u asked for",
			             (unsigned)limits[i], opts.threads);
	}
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* Files enough that their metadata is read when they are delivered. */
enum { MANY = 4200 };

struct swap {
	unsigned entered;
	unsigned left;
	unsigned inside;
	bool done;
};

/* At the first file, replaces the one delivered last, in either order, by a directory. */
static enum walk_action swap_visit(const struct walk_entry *e, void *user)
{
	struct swap *swap = user;

	if (e->event == WALK_LEAVE) {
		swap->left++;
		return WALK_CONTINUE;
	}
	cr_assert_eq(e->event, WALK_ENTER);
	if (e->dir != NULL)
		swap->entered++;
	else
		cr_assert_neq(e->type, DT_DIR, "a directory is entered");
	if (strcmp(e->name, "inside") == 0)
		swap->inside++;
	if (e->depth != 1 || swap->done)
		return WALK_CONTINUE;
	swap->done = true;
	for (unsigned i = 0; i < MANY; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "t/f%04u", i);
		if (i % 100 != 99 || strcmp(name + 2, e->name) == 0)
			continue;
		cr_assert_eq(unlink(name), 0);
		make_dir(name);
		(void)snprintf(name, sizeof(name), "t/f%04u/inside", i);
		make_file(name, 1);
	}
	return WALK_CONTINUE;
}

Test(walk_limits, a_file_that_becomes_a_directory_is_entered)
{
	for (size_t i = 1; i < ARRAY_LEN(orders); i++) {
		for (unsigned threads = 1; threads <= 4; threads += 3) {
			char *roots[] = { (char[]){ "t" }, NULL };
			struct walk_opts opts = { .order = orders[i],
				                  .threads = threads,
				                  .stat = true,
				                  .max_depth = WALK_DEPTH_ANY };
			struct swap swap = { 0 };
			int before = open_fds();

			make_dir("t");
			for (unsigned k = 0; k < MANY; k++) {
				char name[32];

				(void)snprintf(name, sizeof(name), "t/f%04u", k);
				make_file(name, 0);
			}
			cr_assert_eq(walk(roots, &opts, swap_visit, &swap, NULL), 0);
			cr_expect(swap.inside >= MANY / 100 - 1, "%u", swap.inside);
			cr_expect_eq(swap.entered, swap.left, "%u %u", swap.entered, swap.left);
			cr_expect_eq(swap.entered, swap.inside + 1);
			cr_expect_eq(open_fds(), before);
			trees_end();
			trees_begin();
		}
	}
}
