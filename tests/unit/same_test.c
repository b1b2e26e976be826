/* SPDX-License-Identifier: MIT */
/* The search for equal files, against a slow one that compares every pair. */
#include "fs/same_keep.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "fs/file_scan.h"
#include "fs/same_cache.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

TestSuite(same, .init = sandbox_enter, .fini = sandbox_leave);

static char here[] = ".";
static char *roots[] = { here, NULL };

static void no_scan_trouble(const struct file_scan_trouble *t, void *user)
{
	(void)user;
	cr_assert_fail("%s: %s %d", t->path, t->verb != NULL ? t->verb : t->text, t->err);
}

static void count_trouble(const struct same_trouble *t, void *user)
{
	(void)t;
	++*(int *)user;
}

static struct file_list *scan(void)
{
	const struct file_scan_opts opts = { .max_depth = WALK_DEPTH_ANY,
		                             .trouble = no_scan_trouble };
	struct file_scan_result found;
	struct filter *filter;
	struct filter_error error;
	struct file_scan_opts with_filter = opts;

	cr_assert_eq(filter_compile(&(struct filter_opts){ .min_size = 0 }, &filter, &error), 0);
	with_filter.filter = filter;
	cr_assert_eq(file_scan(roots, &with_filter, &found), 0);
	filter_free(filter);
	return found.list;
}

/* Groups as text: names with blanks, a line a group, both sorted. */
static void add_groups(struct file_list *list, struct same_result *result, struct strbuf *ret)
{
	same_arrange(list, result, &(struct same_keep_opts){ .first_ref = UINT32_MAX });
	for (size_t i = 0; i < result->groups.len; i++) {
		const struct same_group *g = &result->groups.items[i];

		for (size_t k = 0; k < g->len; k++) {
			strbuf_add_char(ret, ' ');
			file_list_add_path(list, result->members.items[g->first + k].file, ret);
		}
		strbuf_add_char(ret, '\n');
	}
}

static const char *find(const struct same_opts *opts, struct strbuf *ret)
{
	AUTO_FREE(file_list) struct file_list *list = scan();
	struct same_result result;

	same_find(list, opts, &result);
	strbuf_clear(ret);
	add_groups(list, &result, ret);
	same_result_release(&result);
	return strbuf_str(ret);
}

static const struct same_opts by_bytes = { .by = SAME_BY_CONTENT };

/* All ways that promise the same answer. */
static const struct same_opts ways[] = {
	{ .by = SAME_BY_CONTENT },
	{ .by = SAME_BY_CONTENT, .threads = 1 },
	{ .by = SAME_BY_CONTENT, .hashed = true, .algo = HASH_SHA256 },
	{ .by = SAME_BY_CONTENT, .hashed = true, .algo = HASH_BLAKE2B, .threads = 4 },
	{ .by = SAME_BY_CONTENT, .hashed = true, .algo = HASH_MD5 },
};

/* What the slow program says of the files f000 ... in the working directory. */
static void naive(unsigned n, struct strbuf *ret)
{
	struct strbuf *all = mem_alloc_zeroed(n * sizeof(*all));
	bool *used = mem_alloc_zeroed(n);

	for (unsigned i = 0; i < n; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "f%03u", i);
		cr_assert_eq(fdio_read_file(AT_FDCWD, name, SIZE_MAX, &all[i]), 0);
	}
	for (unsigned i = 0; i < n; i++) {
		bool begun = false;

		for (unsigned k = i + 1; k < n && !used[i]; k++) {
			if (used[k] || all[i].len != all[k].len ||
			    memcmp(strbuf_str(&all[i]), strbuf_str(&all[k]), all[i].len) != 0)
				continue;
			if (!begun)
				strbuf_add_format(ret, " ./f%03u", i);
			begun = true;
			used[k] = true;
			strbuf_add_format(ret, " ./f%03u", k);
		}
		if (begun)
			strbuf_add_char(ret, '\n');
	}
	for (unsigned i = 0; i < n; i++)
		strbuf_release(&all[i]);
	free(all);
	free(used);
}

static uint64_t random_state = 7;

static unsigned roll(unsigned n)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(random_state >> 33) % n;
}

/* Few sizes, few contents, differences anywhere: at the ends, in the middle, nowhere. */
static void random_file(const char *name)
{
	static const uint64_t sizes[] = { 0,      1,      5,      4095,  4096,  4097,
		                          16384,  16385,  65536,  65537, 70000, 131072,
		                          262144, 300000, 524288, 600001 };
	uint64_t size = sizes[roll(ARRAY_LEN(sizes))];
	int fd;

	tree_size(name, size);
	if (size == 0 || roll(3) == 0)
		return;
	fd = open(name, O_WRONLY | O_CLOEXEC);
	uint64_t at = roll(3) == 0 ? size - 1 : roll(2) == 0 ? size / 2 : 0;
	cr_assert_eq(pwrite(fd, roll(2) == 0 ? "X" : "Y", 1, (off_t)at), 1);
	(void)close(fd);
}

static void same_time_for_all(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "f%03u", i);
		tree_time(name, (struct timespec){ 1000000, 0 });
	}
}

Test(same, equals_a_slow_program_on_random_trees)
{
	enum { N = 120, ROUNDS = 4 };
	AUTO_RELEASE_STRBUF struct strbuf want = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < N; i++) {
			char name[16];

			(void)snprintf(name, sizeof(name), "f%03u", i);
			random_file(name);
		}
		same_time_for_all(N);
		strbuf_clear(&want);
		naive(N, &want);
		for (size_t w = 0; w < ARRAY_LEN(ways); w++)
			cr_expect_str_eq(find(&ways[w], &got), strbuf_str(&want),
			                 "round %d, way %zu", round, w);
	}
}

/* More of one size than are opened at once, equal but for a few, with differences at each end. */
Test(same, more_files_than_descriptors)
{
	enum { N = 90 };
	const struct rlimit low = { 48, 48 };
	static const uint64_t sizes[] = { 3000, 100000 };
	AUTO_RELEASE_STRBUF struct strbuf want = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		for (unsigned i = 0; i < N; i++) {
			char name[16];

			(void)snprintf(name, sizeof(name), "f%03u", i);
			tree_size(name, sizes[s]);
			if (i % 9 == 0) {
				AUTO_CLOSE int fd = open(name, O_WRONLY | O_CLOEXEC);
				off_t at = i % 18 == 0 ? 50 : (off_t)(sizes[s] / 2);

				cr_assert_eq(pwrite(fd, &"ABC"[i % 3], 1, at + (off_t)(i % 5)), 1);
			}
		}
		same_time_for_all(N);
		strbuf_clear(&want);
		naive(N, &want);
		for (size_t w = 0; w < ARRAY_LEN(ways); w++)
			cr_expect_str_eq(find(&ways[w], &got), strbuf_str(&want),
			                 "size %zu, way %zu", s, w);
	}
}

Test(same, a_file_that_changes_leaves_its_group)
{
	AUTO_FREE(file_list) struct file_list *list = NULL;
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct same_opts opts = by_bytes;
	struct same_result result;
	int trouble = 0;

	opts.trouble = count_trouble;
	opts.user = &trouble;
	tree_text("a", "equal");
	tree_text("b", "equal");
	tree_text("c", "equal");
	tree_text("d", "equal");
	list = scan();
	/* One grew, one went, one is another file now. */
	tree_text("b", "equal no more");
	cr_assert_eq(unlink("c"), 0);
	tree_text("new", "equal");
	cr_assert_eq(rename("new", "d"), 0);
	same_find(list, &opts, &result);
	add_groups(list, &result, &text);
	cr_expect_str_eq(strbuf_str(&text), "");
	cr_expect_eq(trouble, 2);
	cr_expect_eq(result.vanished, 1);
	same_result_release(&result);
}

Test(same, same_times_but_other_contents)
{
	struct timespec old = { 1000000, 5 };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	tree_text("a", "one");
	tree_text("b", "two");
	tree_time("a", old);
	tree_time("b", old);
	cr_expect_str_eq(find(&by_bytes, &text), "");
}

/* Opening follows no link that was planted after the walk. */
Test(same, a_planted_link_is_not_followed)
{
	AUTO_FREE(file_list) struct file_list *list = NULL;
	struct same_opts opts = by_bytes;
	struct same_result result;
	int trouble = 0;

	opts.trouble = count_trouble;
	opts.user = &trouble;
	tree("d dir", "d other", "t dir/a text", "t other/a text", "t b text");
	list = scan();
	cr_assert_eq(rename("dir", "moved"), 0);
	tree_symlink("dir", "moved");
	cr_assert_eq(unlink("other/a"), 0);
	tree_symlink("other/a", "../b");
	same_find(list, &opts, &result);
	cr_expect_eq(result.groups.len, 0);
	cr_expect(trouble > 0);
	same_result_release(&result);
}

Test(same, knows_its_leftovers)
{
	cr_expect(same_is_leftover(".name.dupes.0123456789abcdef~"));
	cr_expect_not(same_is_leftover("name.dupes.0123456789abcdef~"));
	cr_expect_not(same_is_leftover(".name.dupes.0123456789abcdeg~"));
	cr_expect_not(same_is_leftover(".dupes.0123456789abcdef~"));
	cr_expect_not(same_is_leftover("~"));
	cr_expect_not(same_is_leftover(""));
}

static struct file_state old_state(uint64_t ino)
{
	return (struct file_state){
		.dev = 1, .ino = ino, .size = 3, .mtime = { 1000, 1 }, .ctime = { 1000, 2 }
	};
}

Test(same, cache_keeps_what_stands_still)
{
	AUTO_FREE(same_cache) struct same_cache *cache = NULL;
	unsigned char digest[HASH_SIZE_MAX] = { 1, 2, 3 };
	unsigned char got[HASH_SIZE_MAX] = { 0 };
	const char *reason = "";
	struct file_state state = old_state(5);
	struct file_state fresh = old_state(6);

	cr_assert_eq(clock_gettime(CLOCK_REALTIME, &fresh.ctime), 0);
	cr_assert_eq(same_cache_open("cache", HASH_SHA256, &cache, &reason), 0);
	cr_expect_null(reason);
	same_cache_add(cache, &state, digest);
	same_cache_add(cache, &fresh, digest);
	cr_assert_eq(same_cache_save(cache), 0);
	cache = same_cache_free(cache);

	cr_assert_eq(same_cache_open("cache", HASH_SHA256, &cache, &reason), 0);
	cr_expect_null(reason);
	cr_expect(same_cache_find(cache, &state, got));
	cr_expect_eq(memcmp(got, digest, 32), 0);
	cr_expect_not(same_cache_find(cache, &fresh, got));
	/* Dated back: only ctime tells. */
	state.ctime.tv_nsec++;
	cr_expect_not(same_cache_find(cache, &state, got));
	cache = same_cache_free(cache);

	cr_assert_eq(same_cache_open("cache", HASH_BLAKE2B, &cache, &reason), 0);
	cr_expect_not_null(reason);
}

Test(same, damaged_caches_are_empty)
{
	AUTO_FREE(same_cache) struct same_cache *cache = NULL;
	AUTO_RELEASE_STRBUF struct strbuf whole = { 0 };
	unsigned char digest[HASH_SIZE_MAX] = { 9 };
	struct file_state state = old_state(5);
	const char *reason = NULL;

	cr_assert_eq(same_cache_open("cache", HASH_SHA256, &cache, &reason), 0);
	same_cache_add(cache, &state, digest);
	cr_assert_eq(same_cache_save(cache), 0);
	cache = same_cache_free(cache);
	cr_assert_eq(fdio_read_file(AT_FDCWD, "cache", SIZE_MAX, &whole), 0);
	for (size_t len = 1; len < whole.len; len++) {
		tree_file("cut", whole.data, len);
		cr_assert_eq(same_cache_open("cut", HASH_SHA256, &cache, &reason), 0);
		cr_expect_not_null(reason, "length %zu", len);
		cr_expect_not(same_cache_find(cache, &state, digest), "length %zu", len);
		cache = same_cache_free(cache);
	}
	for (size_t i = 0; i < whole.len; i++) {
		whole.data[i] ^= 4;
		tree_file("bent", whole.data, whole.len);
		whole.data[i] ^= 4;
		cr_assert_eq(same_cache_open("bent", HASH_SHA256, &cache, &reason), 0);
		cr_expect_not(same_cache_find(cache, &state, digest), "byte %zu", i);
		cache = same_cache_free(cache);
	}
	cr_expect_eq(same_cache_open(".", HASH_SHA256, &cache, &reason), -EISDIR);
}

/* A sysfs in which the disk that the sandbox is on rotates, or does not. */
static void make_sys(const char *answer)
{
	char path[100];
	struct stat st;

	cr_assert_eq(stat(".", &st), 0);
	(void)snprintf(path, sizeof(path), "../sys.%d/dev/block/%u:%u/queue/rotational",
	               (int)getpid(), major(st.st_dev), minor(st.st_dev));
	tree_text(path, answer);
}

/* Throws the pages of all files out. False: they stay, as on tmpfs. */
static bool make_cold(int files)
{
	bool cold = true;

	for (int i = 0; i < files; i++) {
		char name[20];
		unsigned char resident = 1;
		void *page;
		int fd;

		(void)snprintf(name, sizeof(name), "%d", i);
		fd = open(name, O_RDONLY | O_CLOEXEC);
		cr_assert_eq(fsync(fd), 0);
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
		cr_assert(page != MAP_FAILED);
		cr_assert_eq(mincore(page, 1, &resident), 0);
		cold = cold && (resident & 1) == 0;
		(void)munmap(page, 1);
		(void)close(fd);
	}
	return cold;
}

/* The answer is the same; the disk is asked ahead only when it rotates and is needed. */
Test(same, disks_that_rotate_are_read_in_their_order)
{
	enum { FILES = 40 };
	AUTO_RELEASE_STRBUF struct strbuf want = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	char sys[60];
	char name[20];

	(void)snprintf(sys, sizeof(sys), "../sys.%d", (int)getpid());
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		/* Small ones, and two that are read in step over more than one stretch. */
		tree_size(name, i < 2 ? 20 << 20 : i % 2 == 0 ? 1000 : 100000);
	}
	(void)find(&by_bytes, &want);
	for (int rotates = 0; rotates < 2; rotates++) {
		for (int cold = 0; cold < 2; cold++) {
			AUTO_FREE(file_list) struct file_list *list = scan();
			struct same_opts opts = by_bytes;
			struct same_result result;
			bool is_cold = cold == 1 && make_cold(FILES);

			make_sys(rotates != 0 ? "1\n" : "0\n");
			opts.sys = sys;
			opts.threads = 1;
			same_find(list, &opts, &result);
			cr_expect_eq(result.read_ahead, is_cold && rotates != 0 ? FILES : 0,
			             "%llu %d %d", (unsigned long long)result.read_ahead, rotates,
			             is_cold);
			strbuf_clear(&got);
			add_groups(list, &result, &got);
			cr_expect_str_eq(strbuf_str(&got), strbuf_str(&want));
			same_result_release(&result);
		}
	}
	(void)snprintf(sys, sizeof(sys), "rm -rf ../sys.%d", (int)getpid());
	cr_expect_eq(system(sys), 0);
}
