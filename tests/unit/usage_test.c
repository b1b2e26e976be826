/* SPDX-License-Identifier: MIT */
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include "base/mem.h"
#include "fs/filter.h"
#include "fs/usage.h"
#include "fs/usage_links.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(usage, .init = sandbox_enter, .fini = sandbox_leave);

/* What a sink was told, one word a call. */
struct log {
	pthread_mutex_t lock;
	struct strbuf text;
	struct usage_sum last; /* of the directory left last */
	uint64_t reclaim;
	size_t stop_after; /* calls; 0: never */
	size_t calls;
	uint64_t ticked;
};

static bool note(struct log *log, const char *event, const char *path)
{
	if (log->text.len > 0)
		strbuf_add_char(&log->text, ' ');
	strbuf_add_format(&log->text, "%s%s", event, path);
	return ++log->calls != log->stop_after;
}

static bool on_enter(const struct usage_entry *dir, void *user)
{
	return note(user, ">", usage_path(dir, NULL));
}

static bool on_item(const struct usage_entry *item, void *user)
{
	return note(user, item->counted ? "" : "again:", usage_path(item, NULL));
}

static bool on_leave(const struct usage_entry *dir, const struct usage_totals *totals, void *user)
{
	struct log *log = user;

	usage_totals_sum(totals, false, &log->last);
	log->reclaim = totals->reclaim;
	return note(log, "<", usage_path(dir, NULL));
}

static bool on_error(const struct usage_trouble *trouble, void *user)
{
	struct log *log = user;
	bool more;

	(void)pthread_mutex_lock(&log->lock);
	more = note(log, "!", trouble->path);
	(void)pthread_mutex_unlock(&log->lock);
	return more;
}

static bool on_tick(uint64_t entries, void *user)
{
	struct log *log = user;

	(void)pthread_mutex_lock(&log->lock);
	log->ticked += entries;
	(void)pthread_mutex_unlock(&log->lock);
	return true;
}

static struct usage_result scan(struct log *log, const struct usage_opts *opts, char *const *roots)
{
	const struct usage_sink sink = {
		.enter = on_enter,
		.item = on_item,
		.leave = on_leave,
		.error = on_error,
		.tick = on_tick,
		.user = log,
	};
	struct usage_result result = { 0 };

	(void)pthread_mutex_init(&log->lock, NULL);
	cr_assert_eq(usage_scan(roots, opts, &sink, &result), 0);
	return result;
}

static void release(struct log *log)
{
	strbuf_release(&log->text);
	(void)pthread_mutex_destroy(&log->lock);
}

#define ROOTS(...) ((char *[]){ __VA_ARGS__, NULL })
#define SORTED     .order = WALK_SORTED, .threads = 2

static char t[] = "t", ta[] = "t/a", slashes[] = "t///", missing[] = "missing", file[] = "t/b";

Test(usage, tells_of_everything_depth_first)
{
	struct log log = { 0 };

	tree("d t/a", "f t/a/x 10", "f t/b 20", "l t/c -> b");
	(void)scan(&log, &(struct usage_opts){ SORTED }, ROOTS(t));
	cr_expect_str_eq(strbuf_str(&log.text), ">t >t/a t/a/x <t/a t/b t/c <t");
	cr_expect_eq(log.last.files, 2);
	cr_expect_eq(log.last.dirs, 2);
	cr_expect_eq(log.last.other, 1);
	cr_expect_eq(log.last.apparent, 31);
	release(&log);
}

Test(usage, all_sizes_count_directories_too)
{
	struct log log = { 0 };
	struct stat st;

	tree("d t", "f t/b 20");
	cr_assert_eq(stat("t", &st), 0);
	(void)scan(&log, &(struct usage_opts){ SORTED, .all_sizes = true }, ROOTS(t));
	cr_expect_eq(log.last.apparent, 20 + (uint64_t)st.st_size);
	release(&log);
}

Test(usage, of_several_slashes_one_stays)
{
	struct log log = { 0 };

	tree("f t/b 1");
	(void)scan(&log, &(struct usage_opts){ SORTED }, ROOTS(slashes));
	cr_expect_str_eq(strbuf_str(&log.text), ">t/ t/b <t/");
	release(&log);
}

Test(usage, an_inode_counts_once)
{
	static const struct {
		bool links;
		const char *expected;
		uint64_t files;
	} cases[] = {
		{ false, ">t >t/a t/a/x <t/a t/b again:t/c <t", 2 },
		{ true, ">t >t/a t/a/x <t/a t/b t/c <t", 3 },
	};

	tree("d t/a", "f t/a/x 10", "f t/b 20", "h t/c -> t/b");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct log log = { 0 };

		(void)scan(&log, &(struct usage_opts){ SORTED, .count_links = cases[i].links },
		           ROOTS(t));
		cr_expect_str_eq(strbuf_str(&log.text), cases[i].expected);
		cr_expect_eq(log.last.files, cases[i].files);
		cr_expect_eq(log.last.hardlink > 0, !cases[i].links);
		release(&log);
	}
}

Test(usage, several_roots_share_what_was_counted)
{
	struct log log = { 0 };

	tree("d t/a", "f t/a/x 10", "f t/b 20");
	(void)scan(&log, &(struct usage_opts){ SORTED }, ROOTS(ta, t));
	cr_expect_str_eq(strbuf_str(&log.text), ">t/a t/a/x <t/a >t t/b <t");
	release(&log);
	log = (struct log){ 0 };
	(void)scan(&log, &(struct usage_opts){ SORTED }, ROOTS(file, t));
	cr_expect_str_eq(strbuf_str(&log.text), "t/b >t >t/a t/a/x <t/a again:t/b <t");
	release(&log);
	log = (struct log){ 0 };
	(void)scan(&log, &(struct usage_opts){ SORTED }, ROOTS(t, t));
	cr_expect_str_eq(strbuf_str(&log.text), ">t >t/a t/a/x <t/a t/b <t");
	release(&log);
}

Test(usage, trouble_has_its_place)
{
	struct log log = { 0 };

	tree("d t");
	(void)scan(&log, &(struct usage_opts){ SORTED }, ROOTS(missing, t));
	cr_expect_str_eq(strbuf_str(&log.text), "!missing >t <t");
	release(&log);
}

Test(usage, a_sink_can_end_it)
{
	for (size_t stop = 1; stop <= 6; stop++) {
		struct log log = { .stop_after = stop };
		struct usage_result result;

		tree("d t/a", "f t/a/x 10", "f t/b 20");
		result = scan(&log, &(struct usage_opts){ SORTED }, ROOTS(t));
		cr_expect(result.stopped, "%zu", stop);
		cr_expect_eq(log.calls, stop);
		release(&log);
	}
}

Test(usage, roots_only_sums_up_the_same)
{
	static const struct usage_opts variants[] = {
		{ SORTED },
		{ SORTED, .count_links = true },
		{ SORTED, .all_sizes = true },
		{ SORTED, .time = USAGE_CTIME },
		{ SORTED, .follow = WALK_FOLLOW_ALWAYS },
	};
	char name[32];

	for (int i = 0; i < 600; i++) {
		(void)snprintf(name, sizeof(name), "t/d%d/f%d", i % 40, i);
		tree_size(name, (uint64_t)i * 11);
	}
	tree("h t/link -> t/d0/f0", "l t/up -> d1", "p t/fifo");
	tree_time("t/d3/f3", (struct timespec){ 2000000000, 7 });
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		struct usage_opts opts = variants[i];
		struct log each = { 0 }, roots = { 0 };

		(void)scan(&each, &opts, ROOTS(t));
		opts.roots_only = true;
		(void)scan(&roots, &opts, ROOTS(t));
		cr_expect_str_eq(strbuf_str(&roots.text), "<t");
		cr_expect_eq(memcmp(&each.last, &roots.last, offsetof(struct usage_sum, saturated)),
		             0, "variant %zu: %zu and %zu", i, (size_t)each.last.disk,
		             (size_t)roots.last.disk);
		cr_expect(each.ticked > 0 && roots.ticked > 0);
		release(&each);
		release(&roots);
	}
}

Test(usage, roots_only_shares_between_roots)
{
	struct log log = { 0 };

	tree("d t/a", "f t/a/x 10", "f t/b 20");
	(void)scan(&log, &(struct usage_opts){ .roots_only = true, .threads = 2 },
	           ROOTS(file, ta, t, t, missing));
	cr_expect_str_eq(strbuf_str(&log.text), "t/b <t/a <t !missing");
	cr_expect_eq(log.last.files, 0);
	cr_expect_eq(log.last.dirs, 1);
	release(&log);
}

Test(usage, directories_that_a_filter_passes_over_hold_what_passes)
{
	static const struct filter_opts only_files = { .types = 1U << DT_REG };
	struct filter *filter = NULL;
	struct filter_error error = { 0 };

	tree("d t/a", "f t/a/x 10", "l t/c -> b");
	cr_assert_eq(filter_compile(&only_files, &filter, &error), 0);
	/* --exclude-kernfs has hooks of its own around the filter's. */
	for (int variant = 0; variant < 4; variant++) {
		struct log log = { 0 };
		struct usage_opts opts = { SORTED, .filter = filter,
			                   .roots_only = (variant & 1) != 0,
			                   .exclude_kernfs = (variant & 2) != 0 };

		(void)scan(&log, &opts, ROOTS(t));
		cr_expect_eq(log.last.files, 1, "variant %d", variant);
		cr_expect_eq(log.last.dirs, 0);
		cr_expect_eq(log.last.other, 0);
		release(&log);
	}
	filter_free(filter);
}

Test(usage, reclaims_at_the_lowest_common_directory)
{
	struct log log = { 0 };
	struct stat st, dir;

	tree("d t/a/b", "d t/c", "f t/a/b/x 9000", "h t/a/y -> t/a/b/x", "f t/a/z 9000",
	     "h t/c/z2 -> t/a/z", "f t/a/out 9000", "h elsewhere -> t/a/out");
	cr_assert_eq(stat("t/a/z", &st), 0);
	cr_assert_eq(stat("t", &dir), 0);
	(void)scan(&log, &(struct usage_opts){ SORTED, .reclaim = true }, ROOTS(t));
	cr_expect_eq(log.reclaim,
	             2 * (uint64_t)st.st_blocks * 512 + 4 * (uint64_t)dir.st_blocks * 512);
	(void)scan(&log, &(struct usage_opts){ SORTED, .reclaim = true }, ROOTS(ta));
	cr_expect_eq(log.reclaim, (uint64_t)st.st_blocks * 512 + 2 * (uint64_t)dir.st_blocks * 512);
	release(&log);
}

Test(usage, links_find_their_holder)
{
	AUTO_FREE(usage_links) struct usage_links *links = usage_links_new();

	usage_links_enter(links, 0);
	usage_links_enter(links, 1);
	usage_links_enter(links, 2);
	cr_expect_eq(usage_links_add(links, 2, 1, 7, 3), -1);
	cr_expect_eq(usage_links_add(links, 2, 1, 8, 2), -1);
	cr_expect_eq(usage_links_add(links, 2, 1, 8, 2), 2);
	usage_links_enter(links, 2); /* a sibling */
	cr_expect_eq(usage_links_add(links, 2, 1, 7, 3), -1);
	cr_expect_eq(usage_links_add(links, 2, 2, 7, 3), -1, "another device");
	cr_expect_eq(usage_links_add(links, 2, 1, 7, 3), 1);
	cr_expect_eq(usage_links_add(links, 2, 1, 9, 2), -1);
	usage_links_enter(links, 0); /* another root */
	cr_expect_eq(usage_links_add(links, 0, 1, 9, 2), -1);
	for (uint64_t ino = 100; ino < 5000; ino++)
		cr_assert_eq(usage_links_add(links, 0, 1, ino, 2), -1);
	for (uint64_t ino = 100; ino < 5000; ino++)
		cr_assert_eq(usage_links_add(links, 0, 1, ino, 2), 0);
}

Test(usage, sums_stop_at_the_top)
{
	struct usage_sum sum, more;
	struct usage_entry entry = {
		.type = DT_REG, .counted = true, .disk = UINT64_MAX - 5, .apparent = 7
	};

	usage_sum_init(&sum);
	usage_entry_own(&entry, &sum);
	cr_expect(!sum.saturated);
	more = sum;
	usage_sum_add(&sum, &more);
	cr_expect(sum.saturated);
	cr_expect_eq(sum.disk, UINT64_MAX);
	cr_expect_eq(sum.apparent, 14);
	cr_expect_eq(usage_sum_inodes(&sum), 2);
}
