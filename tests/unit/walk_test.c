/* SPDX-License-Identifier: MIT */
#include "unit/walk_trees.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/vfs.h>

TestSuite(walk, .init = trees_begin, .fini = trees_end);

/* Every order with several numbers of threads. */
static const struct {
	enum walk_order order;
	unsigned threads;
} ways[] = {
	{ WALK_UNORDERED, 1 }, { WALK_UNORDERED, 2 }, { WALK_UNORDERED, 8 }, { WALK_UNORDERED, 0 },
	{ WALK_READDIR, 1 },   { WALK_READDIR, 2 },   { WALK_READDIR, 8 },   { WALK_READDIR, 0 },
	{ WALK_SORTED, 1 },    { WALK_SORTED, 2 },    { WALK_SORTED, 8 },    { WALK_SORTED, 0 },
};

static struct walk_opts way_opts(size_t way)
{
	return (struct walk_opts){ .order = ways[way].order,
		                   .threads = ways[way].threads,
		                   .stat = true,
		                   .max_depth = WALK_DEPTH_ANY };
}

#define EACH_WAY(way) (size_t way = 0; way < ARRAY_LEN(ways); way++)

static void limit_fds(rlim_t n)
{
	struct rlimit limit = { 0 };

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = n;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void make_small_tree(void)
{
	make_dir("t");
	make_dir("t/b");
	make_file("t/b/y", 1);
	make_file("t/b/x", 5000);
	make_dir("t/b/empty");
	make_file("t/a", 0);
	make_file("t/c\n\xff", 10);
	make_link("nowhere", "t/l");
}

static const char small_sorted[] = "E t\nE t/a\nE t/b\nE t/b/empty\nL t/b/empty\nE t/b/x\nE t/b/y\n"
				   "L t/b\nE t/c\n\xff\nE t/l\nL t\n";

Test(walk, sorted_is_bytewise_and_depth_first)
{
	struct record record = { 0 };
	struct strbuf text = { 0 };

	make_small_tree();
	for
		EACH_WAY(way)
		{
			struct walk_opts opts = way_opts(way);

			if (opts.order != WALK_SORTED)
				continue;
			record_walk(&record, "t", &opts);
			cr_assert_str_eq(record_text(&record, &text), small_sorted, "way %zu", way);
			record_release(&record);
		}
	strbuf_release(&text);
}

Test(walk, every_way_sees_the_same)
{
	struct record record = { 0 };
	struct strbuf expected = { 0 };
	struct strbuf text = { 0 };
	uint64_t blocks = 0;

	make_small_tree();
	for (int i = 0; i < 60; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "t/b/empty/%d", i);
		make_dir(name);
		(void)snprintf(name, sizeof(name), "t/b/empty/%d/f", i);
		make_file(name, (size_t)i);
	}
	for
		EACH_WAY(way)
		{
			struct walk_opts opts = way_opts(way);

			record_walk(&record, "t", &opts);
			record_sort(&record);
			if (way == 0) {
				(void)record_text(&record, &expected);
				blocks = record.blocks;
				cr_assert_eq(record_count(&record, "E"), 8 + 120);
				cr_assert_eq(record_count(&record, "L"), 3 + 60);
			}
			cr_assert_str_eq(record_text(&record, &text), strbuf_str(&expected),
			                 "way %zu", way);
			cr_assert_eq(record.blocks, blocks);
			cr_assert_eq(record.result.vanished, 0);
			cr_assert_not(record.result.stopped);
			record_release(&record);
			opts.stat = false;
			record_walk(&record, "t", &opts);
			record_sort(&record);
			cr_assert_str_eq(record_text(&record, &text), strbuf_str(&expected));
			cr_assert_eq(record.blocks, 0, "no metadata unless asked for");
			record_release(&record);
		}
	strbuf_release(&expected);
	strbuf_release(&text);
}

struct expected_name {
	uint64_t ino;
	size_t index;
	char name[256];
};

static int compare_expected(const void *a, const void *b)
{
	const struct expected_name *x = a;
	const struct expected_name *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

/* A directory's names as readdir lists them, sorted by inode if fts would. */
static size_t expected_order(const char *name, struct expected_name *ret, size_t max)
{
	DIR *dir = opendir(name);
	const struct dirent *d;
	struct statfs fs;
	size_t n = 0;

	cr_assert_not_null(dir);
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		cr_assert(n < max);
		ret[n].ino = d->d_ino;
		ret[n].index = n;
		(void)snprintf(ret[n].name, sizeof(ret[n].name), "%s", d->d_name);
		n++;
	}
	(void)closedir(dir);
	cr_assert_eq(statfs(name, &fs), 0);
	if (n > 10000 && fs.f_type != 0x01021994 && fs.f_type != 0x6969)
		qsort(ret, n, sizeof(*ret), compare_expected);
	return n;
}

static void check_readdir_order(size_t files)
{
	struct expected_name *names = mem_alloc_array(files, sizeof(*names));
	char name[24];

	make_dir("big");
	for (size_t i = 0; i < files; i++) {
		(void)snprintf(name, sizeof(name), "big/%zx", (i * 2654435761U) & 0xffffffffU);
		make_file(name, 0);
	}
	cr_assert_eq(expected_order("big", names, files), files);
	for
		EACH_WAY(way)
		{
			struct record record = { 0 };
			struct walk_opts opts = way_opts(way);

			record_walk(&record, "big", &opts);
			cr_assert_eq(record_count(&record, "E big/"), files);
			for (size_t i = 0; i < files && opts.order == WALK_READDIR; i++) {
				const char *found = record.lines.items[i + 1] + strlen("E big/");

				/* An assertion that holds is not free either. */
				if (strcmp(found, names[i].name) != 0)
					cr_assert_fail("way %zu, entry %zu: %s is not %s", way, i,
					               found, names[i].name);
			}
			record_release(&record);
		}
	free(names);
}

Test(walk, readdir_order_of_a_directory)
{
	check_readdir_order(1000);
}

Test(walk, big_directories_come_by_inode_as_with_fts)
{
	check_readdir_order(10001);
}

Test(walk, a_pruned_directory_is_not_entered)
{
	struct record record = { .act_at = "E t/b", .act = WALK_PRUNE };

	make_small_tree();
	make_dir("t/b/empty/deep");
	for
		EACH_WAY(way)
		{
			struct walk_opts opts = way_opts(way);

			record_walk(&record, "t", &opts);
			cr_assert(record_has(&record, "E t/b"));
			cr_assert_eq(record_count(&record, "E t/b/"), 0, "way %zu", way);
			cr_assert_eq(record_count(&record, "L"), 1);
			cr_assert(record_has(&record, "L t"));
			record_release(&record);
			record.act_at = "E t/b";
			record.act = WALK_PRUNE;
		}
}

Test(walk, stop_ends_the_walk)
{
	static const char *const where[] = { "E t", "E t/10", "E t/20/f", "L t/15", "L t" };
	char *roots[] = { (char[]){ "t" }, (char[]){ "t" }, NULL };
	char name[16];

	make_dir("t");
	for (int i = 10; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "t/%d", i);
		make_dir(name);
		(void)snprintf(name, sizeof(name), "t/%d/f", i);
		make_file(name, 1);
	}
	for
		EACH_WAY(way)
		{
			for (size_t i = 0; i < ARRAY_LEN(where); i++) {
				struct record record = { .act_at = where[i], .act = WALK_STOP };
				struct walk_opts opts = way_opts(way);

				record_roots(&record, roots, &opts);
				cr_assert(record.result.stopped, "way %zu, %s", way, where[i]);
				/* Threads that were calling already may finish their call. */
				cr_assert(record.after_stop < walk_workers_max(&opts));
				if (opts.order != WALK_UNORDERED || opts.threads == 1)
					cr_assert_eq(record.after_stop, 0, "way %zu, %s", way,
					             where[i]);
				record_release(&record);
			}
		}
}

Test(walk, max_depth_bounds_entering)
{
	struct record record = { 0 };

	make_small_tree();
	for
		EACH_WAY(way)
		{
			struct walk_opts opts = way_opts(way);

			opts.max_depth = 0;
			record_walk(&record, "t", &opts);
			cr_assert_eq(record.lines.len, 1, "way %zu", way);
			cr_assert(record_has(&record, "E t"));
			record_release(&record);
			opts.max_depth = 1;
			record_walk(&record, "t", &opts);
			cr_assert_eq(record.lines.len, 6);
			cr_assert(record_has(&record, "E t/b"));
			cr_assert_not(record_has(&record, "L t/b"));
			cr_assert(record_has(&record, "L t"));
			record_release(&record);
		}
}

Test(walk, roots_in_turn_and_missing_ones_are_errors)
{
	char *roots[] = { (char[]){ "t/b///" }, (char[]){ "missing" }, (char[]){ "t/a" },
		          (char[]){ "t/a/" },   (char[]){ "" },        NULL };
	static const char expected[] =
		"E t/b/\nE t/b/empty\nL t/b/empty\nE t/b/x\nE t/b/y\nL t/b/\n"
		"X missing access 2\nE t/a\nX t/a/ access 20\nX  access 2\n";
	struct strbuf text = { 0 };

	make_small_tree();
	for
		EACH_WAY(way)
		{
			struct record record = { 0 };
			struct walk_opts opts = way_opts(way);

			record_roots(&record, roots, &opts);
			if (opts.order == WALK_SORTED)
				cr_assert_str_eq(record_text(&record, &text), expected);
			cr_assert_eq(record.lines.len, 10);
			cr_assert(record_has(&record, "E t/b/x"), "one slash between");
			record_release(&record);
		}
	strbuf_release(&text);
}

Test(walk, slash_is_joined_without_another)
{
	struct record record = { 0 };
	struct walk_opts opts = { .order = WALK_SORTED, .max_depth = 1 };

	record_walk(&record, "/", &opts);
	cr_assert(record_has(&record, "E /tmp"));
	record_release(&record);
	record_walk(&record, "///", &opts);
	cr_assert(record_has(&record, "E /tmp"));
	record_release(&record);
	record_walk(&record, "//", &opts);
	cr_assert(record_has(&record, "E //tmp"));
	record_release(&record);
}

Test(walk, links_are_followed_as_told)
{
	make_small_tree();
	make_dir("u");
	make_link("../t/b", "u/dir");
	make_link("../t/a", "u/file");
	make_link("../u", "u/up");
	make_link("self", "u/self");
	make_link("nowhere", "u/dangling");
	make_link("u", "link");
	for
		EACH_WAY(way)
		{
			struct record record = { 0 };
			struct walk_opts opts = way_opts(way);

			record_walk(&record, "link", &opts);
			cr_assert_eq(record.lines.len, 1, "way %zu: the link itself", way);
			record_release(&record);
			record_walk(&record, "link/", &opts);
			cr_assert_eq(record.lines.len, 7, "way %zu: what a slash after it names",
			             way);
			record_release(&record);
			opts.follow = WALK_FOLLOW_ROOTS;
			record_walk(&record, "link", &opts);
			cr_assert_eq(record.lines.len, 7);
			cr_assert(record_has(&record, "E link/dir"));
			cr_assert_not(record_has(&record, "L link/dir"));
			record_release(&record);
			opts.follow = WALK_FOLLOW_ALWAYS;
			record_walk(&record, "link", &opts);
			cr_assert(record_has(&record, "E link/dir/x"));
			cr_assert(record_has(&record, "L link/dir"));
			cr_assert(record_has(&record, "E link/file"));
			cr_assert(record_has(&record, "O link/up"));
			cr_assert(record_has(&record, "X link/dangling access 2"));
			cr_assert(record_has(&record, "X link/self access 40"));
			cr_assert_eq(record.lines.len, 12, "way %zu", way);
			record_release(&record);
		}
}

static enum walk_action dangling_visit(const struct walk_entry *entry, void *user)
{
	bool *seen = user;

	if (entry->event == WALK_ERROR) {
		cr_assert_not_null(entry->st);
		cr_assert(S_ISLNK(entry->st->st_mode));
		cr_assert_eq(entry->type, DT_LNK);
		*seen = true;
	}
	return WALK_CONTINUE;
}

Test(walk, a_dangling_link_comes_with_its_own_metadata)
{
	char *roots[] = { (char[]){ "t" }, NULL };

	make_small_tree();
	for
		EACH_WAY(way)
		{
			struct walk_opts opts = way_opts(way);
			bool seen = false;

			opts.follow = WALK_FOLLOW_ALWAYS;
			cr_assert_eq(walk(roots, &opts, dangling_visit, &seen, NULL), 0);
			cr_assert(seen, "way %zu", way);
		}
}

Test(walk, an_unreadable_directory_is_entered_and_left)
{
	bool is_root = geteuid() == 0;

	if (is_root) {
		cr_assert_eq(chown(".", 65534, (gid_t)-1), 0);
		cr_assert_eq(setresuid(65534, 65534, 0), 0);
	}
	make_dir("t");
	make_dir("t/shut");
	make_file("t/shut/hidden", 1);
	cr_assert_eq(chmod("t/shut", 0), 0);
	for
		EACH_WAY(way)
		{
			struct record record = { 0 };
			struct strbuf text = { 0 };
			struct walk_opts opts = way_opts(way);

			record_walk(&record, "t", &opts);
			cr_assert_str_eq(
				record_text(&record, &text),
				"E t\nE t/shut\nX t/shut read directory 13\nL t/shut\nL t\n",
				"way %zu", way);
			cr_assert(record.blocks > 0 || record.lines.len == 5);
			record_release(&record);
			cr_assert_eq(chmod("t", 0644), 0); /* names can be read, nothing else */
			record_walk(&record, "t", &opts);
			cr_assert_str_eq(record_text(&record, &text),
			                 "E t\nX t/shut access 13\nL t\n", "way %zu", way);
			record_release(&record);
			cr_assert_eq(chmod("t", 0755), 0);
			strbuf_release(&text);
		}
	cr_assert_eq(chmod("t/shut", 0755), 0);
	cr_assert(!is_root || seteuid(0) == 0);
}

static enum walk_action tasks_visit(const struct walk_entry *entry, void *user)
{
	unsigned *most = user;
	unsigned n = tasks();

	(void)entry;
	*most = n > *most ? n : *most;
	return WALK_CONTINUE;
}

Test(walk, a_tiny_tree_stays_on_one_thread)
{
	char *roots[] = { (char[]){ "t" }, NULL };
	unsigned before = tasks();

	make_small_tree();
	for
		EACH_WAY(way)
		{
			struct walk_opts opts = way_opts(way);
			unsigned most = 0;

			cr_assert_eq(walk(roots, &opts, tasks_visit, &most, NULL), 0);
			cr_assert_eq(most, before, "way %zu", way);
		}
}

/* Of a very deep tree only the deepest path is put together: all of them are gigabytes. */
struct depths {
	uint32_t bottom;
	atomic_uint events[4]; /* by enum walk_event */
	atomic_uint at_bottom;
	atomic_size_t path_len; /* there */
};

static enum walk_action depths_visit(const struct walk_entry *entry, void *user)
{
	struct depths *depths = user;

	atomic_fetch_add(&depths->events[entry->event], 1);
	if (entry->depth == depths->bottom && entry->name[0] == 'd') {
		struct strbuf path = { 0 };

		walk_add_path(entry, &path);
		atomic_fetch_add(&depths->at_bottom, 1);
		atomic_store(&depths->path_len, path.len);
		strbuf_release(&path);
	}
	return WALK_CONTINUE;
}

static void check_deep(unsigned levels, bool comb)
{
	char *roots[] = { (char[]){ "deep" }, NULL };
	unsigned dirs = levels * (comb ? 2 : 1) + 1;
	int before = open_fds();

	/* A disk takes half a minute for ten thousand levels when others use it too. */
	if (access("/dev/shm", W_OK) == 0) {
		trees_end();
		trees_begin_in("/dev/shm");
	}
	make_chain("deep", levels, comb);
	limit_fds(16);
	for
		EACH_WAY(way)
		{
			struct depths depths = { .bottom = levels };
			struct walk_opts opts = way_opts(way);

			if (levels > 5000 && ways[way].threads != 0)
				continue;
			cr_assert_eq(walk(roots, &opts, depths_visit, &depths, NULL), 0);
			cr_assert_eq(open_fds(), before, "way %zu: descriptors are lost", way);
			cr_assert_eq(depths.events[WALK_ERROR], 0, "way %zu", way);
			cr_assert_eq(depths.events[WALK_ENTER], dirs, "way %zu", way);
			cr_assert_eq(depths.events[WALK_LEAVE], dirs, "way %zu", way);
			cr_assert_eq(depths.at_bottom, 2, "way %zu: entered and left", way);
			cr_assert_eq(depths.path_len, strlen("deep") + 2 * (size_t)levels);
		}
}

Test(walk, ten_thousand_levels_with_sixteen_descriptors)
{
	check_deep(10000, false);
}

Test(walk, a_comb_with_sixteen_descriptors)
{
	check_deep(500, true);
}

Test(walk, descriptors_may_be_scarce)
{
	int fd = -1;

	make_chain("deep", 100, true);
	limit_fds(64);
	do {
		fd = dup(STDERR_FILENO);
	} while (fd >= 0 && fd < 64 - 7);
	cr_assert(fd >= 0);
	for
		EACH_WAY(way)
		{
			struct record record = { 0 };
			struct walk_opts opts = way_opts(way);

			if (opts.threads != 1)
				continue;
			record_walk(&record, "deep", &opts);
			cr_assert_eq(record_count(&record, "X"), 0, "way %zu", way);
			cr_assert_eq(record_count(&record, "E"), 201);
			record_release(&record);
		}
}
