/* SPDX-License-Identifier: MIT */
/* The engine of sync: what the target is like after plan, copy and removal. */
#include "fs/tree_sync.h"

#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

TestSuite(tree_sync, .init = sandbox_enter, .fini = sandbox_leave);

static atomic_int items, troubles;

static void on_item(const struct sync_item *item, void *user)
{
	(void)item;
	(void)user;
	atomic_fetch_add(&items, 1);
}

static void on_trouble(const struct sync_trouble *trouble, void *user)
{
	(void)user;
	(void)trouble;
	atomic_fetch_add(&troubles, 1);
}

static bool never(void *user)
{
	(void)user;
	return false;
}

static struct tree_sync_opts usual(void)
{
	return (struct tree_sync_opts){
		.from_fd = open("src", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.to_fd = open("dst", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.threads = 1,
		.keep = META_MODE | META_TIMES | META_XATTRS | META_ACLS,
		.hard_links = true,
		.devices = true,
		.item = on_item,
		.trouble = on_trouble,
		.stopped = never,
	};
}

static struct tree_sync_counts run_sync(const struct tree_sync_opts *opts)
{
	struct tree_sync_counts counts;
	struct tree_sync *ts;
	int err = 0;

	atomic_store(&items, 0);
	atomic_store(&troubles, 0);
	(void)umask(0);
	ts = tree_sync_new(opts, &err);
	cr_assert_not_null(ts, "errno %d", err);
	tree_sync_plan(ts);
	tree_sync_copy(ts);
	if (tree_sync_may_delete(ts))
		tree_sync_delete(ts);
	cr_expect_eq(tree_sync_flush(ts), 0);
	counts = tree_sync_counts(ts);
	tree_sync_free(ts);
	return counts;
}

Test(tree_sync, first_copy_and_nothing_to_do_after_it)
{
	struct tree_sync_opts opts;

	tree("d src/a 750", "t src/a/1 text", "f src/big 300000", "l src/link -> a/1",
	     "h src/other -> src/a/1", "p src/fifo", "s src/hole 1000000", "d src/empty", "d dst");
	tree_time("src/a/1", (struct timespec){ 1000000000, 123456789 });
	tree_time("src/a", (struct timespec){ 1000000001, 5 });
	opts = usual();
	run_sync(&opts);
	cr_expect_eq(atomic_load(&troubles), 0);
	expect_names("dst", "a", "big", "empty", "fifo", "hole", "link", "other");
	expect_file("dst/a/1", "text");
	expect_same_file("dst/a/1", "dst/other");
	expect_size("dst/big", 300000);
	expect_link("dst/link", "a/1");
	expect_mode("dst/a", 0750);
	expect_mtime("dst/a/1", ((struct timespec){ 1000000000, 123456789 }));
	expect_mtime("dst/a", ((struct timespec){ 1000000001, 5 }));
	opts = usual();
	run_sync(&opts);
	cr_expect_eq(atomic_load(&items), 0);
}

Test(tree_sync, same_size_and_second_but_changed_is_copied)
{
	struct tree_sync_opts opts;

	tree("t src/f old", "t dst/f new");
	tree_time("src/f", (struct timespec){ 1000000000, 1 });
	tree_time("dst/f", (struct timespec){ 1000000000, 2 });
	opts = usual();
	run_sync(&opts);
	expect_file("dst/f", "old");
	expect_names("dst", "f");
}

Test(tree_sync, extra_is_removed_only_on_demand)
{
	struct tree_sync_opts opts;

	tree("t src/f x", "t dst/gone/deep/file y", "t dst/more z", "t out/side w",
	     "l dst/way -> ../out");
	opts = usual();
	run_sync(&opts);
	expect_names("dst", "f", "gone", "more", "way");
	opts = usual();
	opts.delete = true;
	run_sync(&opts);
	expect_names("dst", "f");
	expect_file("out/side", "w");
}

Test(tree_sync, a_dry_run_changes_nothing)
{
	struct tree_sync_opts opts;

	tree("t src/a/f x", "t dst/more z");
	opts = usual();
	opts.delete = true;
	opts.dry = true;
	run_sync(&opts);
	cr_expect(atomic_load(&items) >= 3, "%d items", atomic_load(&items));
	expect_names("dst", "more");
}

Test(tree_sync, kinds_replace_each_other)
{
	struct tree_sync_opts opts;

	tree("t src/1 file", "t src/2/in x", "l src/3 -> t", "t dst/1/old y", "t dst/2 file",
	     "d dst/3");
	opts = usual();
	run_sync(&opts);
	expect_is_dir("dst/1");
	expect_file("dst/1/old", "y");
	cr_expect(atomic_load(&troubles) > 0);
	expect_file("dst/2/in", "x");
	expect_link("dst/3", "t");
	opts = usual();
	opts.delete = true;
	run_sync(&opts);
	expect_file("dst/1", "file");
	expect_names("dst", "1", "2", "3");
}

Test(tree_sync, a_leftover_of_a_killed_run_goes)
{
	struct tree_sync_opts opts;

	tree("t src/f x", "t dst/.dutybox.0123abcd.part half", "t src/.dutybox.01234567.part mine");
	opts = usual();
	run_sync(&opts);
	expect_names("dst", ".dutybox.01234567.part", "f");
}

Test(tree_sync, many_directories_on_several_threads)
{
	struct tree_sync_opts opts;
	char path[64];

	tree("d dst");
	for (int i = 0; i < 300; i++) {
		(void)snprintf(path, sizeof(path), "src/%d/%d/file", i % 20, i);
		tree_text(path, path);
		(void)snprintf(path, sizeof(path), "src/%d/%d/other", i % 20, i);
		if (i % 3 == 0)
			tree_link(path, "src/0/0/file");
	}
	opts = usual();
	opts.threads = 4;
	run_sync(&opts);
	cr_expect_eq(atomic_load(&troubles), 0);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(path, sizeof(path), "dst/%d/%d/file", i % 20, i);
		expect_is_file(path);
		(void)snprintf(path, sizeof(path), "dst/%d/%d/other", i % 20, i);
		if (i % 3 == 0)
			expect_same_file(path, "dst/0/0/file");
	}
	opts = usual();
	opts.threads = 4;
	run_sync(&opts);
	cr_expect_eq(atomic_load(&items), 0, "%d items", atomic_load(&items));
}

Test(tree_sync, nothing_is_removed_below_an_unreadable_directory)
{
	struct tree_sync_opts opts;
	struct tree_sync_counts counts;

	sandbox_drop_root();
	tree("d src/shut", "d src/open", "t dst/shut/mine x", "t dst/open/extra y");
	tree_mode("src/shut", 0);
	opts = usual();
	opts.delete = true;
	counts = run_sync(&opts);
	cr_expect_eq(counts.suppressed, 1);
	cr_expect(atomic_load(&troubles) > 0);
	expect_file("dst/shut/mine", "x");
	expect_empty_dir("dst/open");
}

Test(tree_sync, metadata_never_changes_through_another_name)
{
	struct tree_sync_opts opts;

	tree("t src/f x", "t dst/f x", "h snapshot -> dst/f", "m src/f 600", "m dst/f 644");
	tree_time("src/f", (struct timespec){ 1000000000, 1 });
	tree_time("dst/f", (struct timespec){ 1000000000, 1 });
	opts = usual();
	run_sync(&opts);
	expect_mode("dst/f", 0600);
	expect_mode("snapshot", 0644);
}

Test(tree_sync, names_that_are_no_longer_links_are_parted)
{
	struct tree_sync_opts opts;

	tree("t src/a x", "t src/b x", "t dst/a x", "h dst/b -> dst/a");
	tree_time("src/a", (struct timespec){ 1000000000, 1 });
	tree_time("src/b", (struct timespec){ 1000000000, 1 });
	tree_time("dst/a", (struct timespec){ 1000000000, 1 });
	opts = usual();
	run_sync(&opts);
	expect_other_file("dst/a", "dst/b");
}

Test(tree_sync, a_file_with_several_names_takes_the_place_of_a_directory)
{
	struct tree_sync_opts opts;

	/* Once as the name that leads, once as another. */
	tree("t src/a/1 x", "h src/b/2 -> src/a/1", "h src/c -> src/a/1", "t dst/a/1/full y",
	     "t dst/c/full y", "d dst/b");
	opts = usual();
	run_sync(&opts);
	cr_expect(atomic_load(&troubles) >= 2, "%d", atomic_load(&troubles));
	expect_file("dst/a/1/full", "y");
	expect_file("dst/c/full", "y");
	expect_file("dst/b/2", "x");
	opts = usual();
	opts.delete = true;
	run_sync(&opts);
	cr_expect_eq(atomic_load(&troubles), 0);
	expect_file("dst/a/1", "x");
	expect_same_file("dst/a/1", "dst/b/2");
	expect_same_file("dst/a/1", "dst/c");
	expect_names("dst", "a", "b", "c");
	opts = usual();
	opts.delete = true;
	run_sync(&opts);
	cr_expect_eq(atomic_load(&items), 0, "%d items", atomic_load(&items));
}

/* Takes one name away once the plan is made. */
static struct tree_sync_counts run_without(const struct tree_sync_opts *opts, const char *gone)
{
	struct tree_sync_counts counts;
	struct tree_sync *ts;
	int err = 0;

	atomic_store(&troubles, 0);
	(void)umask(0);
	ts = tree_sync_new(opts, &err);
	cr_assert_not_null(ts, "errno %d", err);
	tree_sync_plan(ts);
	cr_assert_eq(unlink(gone), 0);
	tree_sync_copy(ts);
	counts = tree_sync_counts(ts);
	tree_sync_free(ts);
	return counts;
}

Test(tree_sync, other_names_are_copied_when_the_first_goes_away)
{
	struct tree_sync_opts opts = { 0 };

	for (int sizes = 0; sizes < 2; sizes++) {
		tree("t src/a x", "h src/b -> src/a", "h src/c -> src/a", "d dst");
		opts = usual();
		opts.sizes = sizes != 0;
		run_without(&opts, "src/a");
		cr_expect_eq(atomic_load(&troubles), 0);
		expect_names("dst", "b", "c");
		expect_file("dst/b", "x");
		expect_same_file("dst/b", "dst/c");
		cr_assert_eq(unlink("dst/b") | unlink("dst/c"), 0);
		cr_assert_eq(unlink("src/b") | unlink("src/c"), 0);
	}
}

Test(tree_sync, another_file_under_the_first_name_is_not_linked_to)
{
	struct tree_sync_opts opts;
	struct tree_sync *ts;
	int err = 0;

	tree("t src/a x", "h src/b -> src/a", "d dst", "t new other");
	opts = usual();
	ts = tree_sync_new(&opts, &err);
	cr_assert_not_null(ts);
	tree_sync_plan(ts);
	cr_assert_eq(rename("new", "src/a"), 0);
	tree_sync_copy(ts);
	tree_sync_free(ts);
	expect_file("dst/a", "other");
	expect_file("dst/b", "x");
}

Test(tree_sync, links_in_a_directory_without_write_permission)
{
	struct tree_sync_opts opts;

	sandbox_drop_root();
	tree("t src/a x", "d src/shut", "h src/shut/b -> src/a", "d dst", "m src/shut 555");
	tree_time("src/shut", (struct timespec){ 1000000000, 7 });
	opts = usual();
	run_sync(&opts);
	cr_expect_eq(atomic_load(&troubles), 0);
	expect_same_file("dst/a", "dst/shut/b");
	expect_mode("dst/shut", 0555);
	expect_mtime("dst/shut", ((struct timespec){ 1000000000, 7 }));
}

Test(tree_sync, attributes_of_links_and_special_files)
{
	struct tree_sync_opts opts;
	char value[8];

	tree("l src/link -> nowhere", "p src/fifo", "d dst");
	if (lsetxattr("src/link", "trusted.test", "one", 3, 0) != 0 ||
	    lsetxattr("src/fifo", "trusted.test", "two", 3, 0) != 0)
		skip("trusted attributes need root and a file system that has them");
	opts = usual();
	run_sync(&opts);
	cr_expect_eq(lgetxattr("dst/link", "trusted.test", value, sizeof(value)), 3);
	cr_expect_eq(lgetxattr("dst/fifo", "trusted.test", value, sizeof(value)), 3);
	cr_assert_eq(lsetxattr("src/link", "trusted.test", "three", 5, 0), 0);
	cr_assert_eq(lsetxattr("src/fifo", "trusted.test", "three", 5, 0), 0);
	opts = usual();
	run_sync(&opts);
	cr_expect_eq(lgetxattr("dst/link", "trusted.test", value, sizeof(value)), 5);
	cr_expect_eq(lgetxattr("dst/fifo", "trusted.test", value, sizeof(value)), 5);
	opts = usual();
	run_sync(&opts);
	cr_expect_eq(atomic_load(&items), 0, "%d items", atomic_load(&items));
}
