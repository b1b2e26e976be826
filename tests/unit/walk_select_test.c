/* SPDX-License-Identifier: MIT */
/* The walker's hooks and what they allow to stage: trees that change under the walk. */
#include "unit/walk_trees.h"

#include "support/skip.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>

TestSuite(walk_select, .init = trees_begin, .fini = trees_end);

static const struct {
	enum walk_order order;
	unsigned threads;
} ways[] = {
	{ WALK_UNORDERED, 1 }, { WALK_UNORDERED, 8 }, { WALK_READDIR, 1 },
	{ WALK_READDIR, 8 },   { WALK_SORTED, 1 },    { WALK_SORTED, 8 },
};

#define EACH_WAY(way) (size_t way = 0; way < ARRAY_LEN(ways); way++)

static struct walk_opts way_opts(size_t way)
{
	return (struct walk_opts){ .order = ways[way].order,
		                   .threads = ways[way].threads,
		                   .stat = true,
		                   .max_depth = WALK_DEPTH_ANY };
}

/* n directories "t/<i>" with a file "f" each. */
static void make_wide(unsigned n)
{
	char name[32];

	make_dir("t");
	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "t/%u", i);
		make_dir(name);
		(void)snprintf(name, sizeof(name), "t/%u/f", i);
		make_file(name, i);
	}
}

struct hooks {
	atomic_uint asked;
	atomic_uint opened;
	atomic_uint forgotten;
	atomic_uint wrong;
};

static bool hook_wanted(const struct walk_entry *entry, void *user)
{
	struct hooks *hooks = user;
	const char *state = walk_select_state(entry->parent);

	atomic_fetch_add(&hooks->asked, 1);
	if (entry->depth == 0 || entry->st != NULL || entry->dirfd < 0 || state == NULL ||
	    strcmp(state, entry->depth == 1 ? "t" : "sub") != 0 ||
	    strlen(entry->name) != entry->name_len)
		atomic_fetch_add(&hooks->wrong, 1);
	return strcmp(entry->name, "7") != 0 &&
	       (entry->parent == NULL || entry->depth != 2 || entry->type == DT_REG);
}

static bool hook_descend(const struct walk_entry *entry, int fd, void **state, void *user)
{
	struct hooks *hooks = user;
	struct stat st;

	atomic_fetch_add(&hooks->opened, 1);
	if (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode))
		atomic_fetch_add(&hooks->wrong, 1);
	*state = mem_strdup(entry->depth == 0 ? "t" : "sub");
	return strcmp(entry->name, "9") != 0;
}

static void hook_forget(void *state, void *user)
{
	struct hooks *hooks = user;

	atomic_fetch_add(&hooks->forgotten, 1);
	free(state);
}

Test(walk_select, hooks_choose_and_keep_state)
{
	make_wide(50);
	for
		EACH_WAY(way)
		{
			struct hooks hooks = { 0 };
			struct walk_select select = { .wanted = hook_wanted,
				                      .descend = hook_descend,
				                      .forget = hook_forget,
				                      .user = &hooks };
			struct record record = { 0 };
			struct walk_opts opts = way_opts(way);

			opts.select = &select;
			record_walk(&record, "t", &opts);
			cr_assert_eq(atomic_load(&hooks.wrong), 0, "way %zu", way);
			cr_assert_eq(atomic_load(&hooks.opened), 50);
			cr_assert_eq(atomic_load(&hooks.forgotten), 50);
			cr_assert_eq(atomic_load(&hooks.asked), 50 + 48,
			             "not for roots, nor below 7 and 9");
			cr_assert_not(record_has(&record, "E t/7"));
			cr_assert(record_has(&record, "E t/9"));
			cr_assert(record_has(&record, "L t/9"));
			cr_assert_not(record_has(&record, "E t/9/f"));
			cr_assert_eq(record_count(&record, "E"), 1 + 49 + 48);
			record_release(&record);
		}
}

Test(walk_select, state_is_forgotten_after_a_stop)
{
	make_wide(50);
	for
		EACH_WAY(way)
		{
			struct hooks hooks = { 0 };
			struct walk_select select = { .wanted = hook_wanted,
				                      .descend = hook_descend,
				                      .forget = hook_forget,
				                      .user = &hooks };
			struct record record = { .act_at = "E t/20", .act = WALK_STOP };
			struct walk_opts opts = way_opts(way);

			opts.select = &select;
			record_walk(&record, "t", &opts);
			cr_assert(record.result.stopped);
			cr_assert_eq(atomic_load(&hooks.forgotten), atomic_load(&hooks.opened));
			record_release(&record);
		}
}

/* The names that take part in what happens during the walk, and what happens. */
enum deed { REMOVE, REPLACE_BY_FILE, REPLACE_BY_LINK };

struct culprit {
	enum deed deed;
	const char *name;
};

static bool deed_wanted(const struct walk_entry *entry, void *user)
{
	const struct culprit *culprit = user;

	if (strcmp(entry->name, culprit->name) != 0)
		return true;
	cr_assert_eq(unlinkat(entry->dirfd, entry->name, entry->type == DT_DIR ? AT_REMOVEDIR : 0),
	             0);
	if (culprit->deed == REPLACE_BY_FILE)
		cr_assert_eq(close(openat(entry->dirfd, entry->name, O_CREAT | O_WRONLY, 0600)), 0);
	if (culprit->deed == REPLACE_BY_LINK)
		cr_assert_eq(symlinkat("/", entry->dirfd, entry->name), 0);
	return true;
}

static void check_deed(size_t way, enum deed deed, const char *name, const char *path)
{
	struct culprit culprit = { deed, name };
	struct walk_select select = { .wanted = deed_wanted, .user = &culprit };
	struct record record = { 0 };
	struct walk_opts opts = way_opts(way);
	struct strbuf line = { 0 };

	opts.select = &select;
	record_walk(&record, "t", &opts);
	cr_assert_eq(record_count(&record, "X"), 0, "way %zu", way);
	cr_assert_eq(record.result.vanished, deed == REMOVE, "way %zu %s", way, path);
	strbuf_add_format(&line, "E %s", path);
	cr_assert_eq(record_has(&record, strbuf_str(&line)), deed != REMOVE, "way %zu", way);
	cr_assert_eq(record_count(&record, strbuf_str(&line)), deed != REMOVE, "nothing below");
	strbuf_clear(&line);
	strbuf_add_format(&line, "L %s", path);
	cr_assert_not(record_has(&record, strbuf_str(&line)), "way %zu %s", way, path);
	strbuf_release(&line);
	record_release(&record);
}

Test(walk_select, entries_that_vanish_are_counted)
{
	for
		EACH_WAY(way)
		{
			make_dir("t");
			make_file("t/keep", 1);
			make_file("t/file", 1);
			make_dir("t/dir");
			check_deed(way, REMOVE, "file", "t/file");
			check_deed(way, REMOVE, "dir", "t/dir");
			cr_assert_eq(unlink("t/keep"), 0);
			cr_assert_eq(rmdir("t"), 0);
		}
}

Test(walk_select, directories_that_become_something_else_are_not_followed)
{
	for
		EACH_WAY(way)
		{
			make_dir("t");
			make_dir("t/dir");
			check_deed(way, REPLACE_BY_FILE, "dir", "t/dir");
			cr_assert_eq(unlink("t/dir"), 0);
			make_dir("t/dir");
			check_deed(way, REPLACE_BY_LINK, "dir", "t/dir");
			cr_assert_eq(unlink("t/dir"), 0);
			cr_assert_eq(rmdir("t"), 0);
		}
}

/*
 * At the bottom of a comb, directories on the way back up are moved away, and others of the
 * same names are put there. More of them than can be open, so some must be missed.
 */
enum { SWAP_LEVELS = 60, SWAP_COUNT = 15, SWAP_STEP = 3 };

struct swap {
	bool put_another;
	atomic_bool done;
	atomic_uint stale;
	atomic_uint outside;
};

static void swap_all(const struct swap *swap)
{
	struct strbuf path = { 0 };
	char aside[32];

	for (unsigned level = SWAP_COUNT * SWAP_STEP; level > 0; level -= SWAP_STEP) {
		strbuf_clear(&path);
		strbuf_add_str(&path, "t");
		for (unsigned i = 0; i < level; i++)
			strbuf_add_str(&path, "/d");
		(void)snprintf(aside, sizeof(aside), "moved.%u", level);
		cr_assert_eq(rename(strbuf_str(&path), aside), 0, "%s: %s", aside,
		             strerrordesc_np(errno));
		if (swap->put_another) {
			make_dir(strbuf_str(&path));
			strbuf_add_str(&path, "/planted");
			/* mknod(): the walk may hold every descriptor there is. */
			cr_assert_eq(mknod(strbuf_str(&path), S_IFREG | 0600, 0), 0);
		}
	}
	strbuf_release(&path);
}

static enum walk_action swap_visit(const struct walk_entry *entry, void *user)
{
	struct swap *swap = user;

	if (entry->depth == SWAP_LEVELS && !atomic_exchange(&swap->done, true))
		swap_all(swap);
	if (entry->event == WALK_ERROR) {
		cr_assert_eq(entry->err, ESTALE);
		cr_assert_str_eq(entry->verb, "read directory");
		swap->stale++;
	}
	swap->outside += strcmp(entry->name, "planted") == 0;
	return WALK_CONTINUE;
}

/*
 * More directories beside each d. In the order of a file system one of them alone came behind d
 * on two levels of sixty only: hardly a reason to come back.
 */
static void add_teeth(unsigned levels)
{
	enum { TEETH = 12 };
	int fd = open("t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert(fd >= 0);
	for (unsigned i = 0; i < levels; i++) {
		int next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		for (unsigned k = 0; k < TEETH; k++) {
			char name[16];

			(void)snprintf(name, sizeof(name), "x%u.%u", k, i);
			cr_assert_eq(mkdirat(fd, name, 0755), 0);
		}
		cr_assert(next >= 0);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
}

static void check_swap(size_t way, bool put_another)
{
	char *roots[] = { (char[]){ "t" }, NULL };
	struct swap swap = { .put_another = put_another };
	struct walk_opts opts = way_opts(way);
	struct walk_result result;

	trees_begin();
	make_chain("t", SWAP_LEVELS, true);
	add_teeth(SWAP_LEVELS);
	cr_assert_eq(walk(roots, &opts, swap_visit, &swap, &result), 0);
	cr_assert(swap.done);
	cr_assert_eq(swap.outside, 0, "way %zu", way);
	/* Other threads may have read all that lies beside the chain before its end is met. */
	if (opts.threads > 1)
		cr_assert(put_another || swap.stale == 0, "way %zu", way);
	else if (put_another)
		cr_assert(swap.stale > 0, "way %zu", way);
	else
		cr_assert(result.vanished > 0, "way %zu", way);
	trees_end();
}

Test(walk_select, a_directory_in_the_place_of_a_closed_one_is_refused)
{
	struct rlimit limit = { 0 };

	trees_end();
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 16;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for
		EACH_WAY(way)
		{
			check_swap(way, true);
			check_swap(way, false);
		}
	trees_begin();
}

/* Each directory sums its files and, when it is left, adds itself to its parent. */
struct subtotal {
	_Alignas(max_align_t) atomic_ullong size;
	atomic_uint entered;
	atomic_uint left;
};

struct totals {
	atomic_ullong size;
	atomic_uint wrong;
};

static void subtotal_leave(const struct walk_entry *entry, struct totals *totals)
{
	struct subtotal *own = walk_dir_data(entry->dir);
	unsigned long long size = atomic_load(&own->size);

	if (atomic_load(&own->entered) != 1 || atomic_fetch_add(&own->left, 1) != 0)
		atomic_fetch_add(&totals->wrong, 1);
	if (walk_dir_parent(entry->dir) != entry->parent)
		atomic_fetch_add(&totals->wrong, 1);
	if (entry->parent == NULL)
		atomic_store(&totals->size, size);
	else
		atomic_fetch_add(&((struct subtotal *)walk_dir_data(entry->parent))->size, size);
}

static enum walk_action subtotal_visit(const struct walk_entry *entry, void *user)
{
	struct totals *totals = user;
	struct subtotal *above = entry->parent != NULL ? walk_dir_data(entry->parent) : NULL;

	if (above != NULL && (atomic_load(&above->entered) != 1 || atomic_load(&above->left) != 0))
		atomic_fetch_add(&totals->wrong, 1);
	if (entry->event == WALK_LEAVE) {
		subtotal_leave(entry, totals);
	} else if (entry->dir != NULL) {
		struct subtotal *own = walk_dir_data(entry->dir);

		if ((uintptr_t)own % _Alignof(max_align_t) != 0 || atomic_load(&own->size) != 0)
			atomic_fetch_add(&totals->wrong, 1);
		atomic_fetch_add(&own->entered, 1);
	} else if (above != NULL) {
		atomic_fetch_add(&above->size, (unsigned long long)entry->st->st_size);
	}
	return WALK_CONTINUE;
}

Test(walk_select, directory_data_sums_up_the_tree)
{
	char *roots[] = { (char[]){ "t" }, NULL };

	make_wide(300);
	make_chain("t/deep", 100, true);
	make_file("t/deep/d/d/d/f", 1000);
	for
		EACH_WAY(way)
		{
			struct walk_opts opts = way_opts(way);
			struct totals totals = { 0 };

			opts.dir_data_size = sizeof(struct subtotal);
			cr_assert_eq(walk(roots, &opts, subtotal_visit, &totals, NULL), 0);
			cr_assert_eq(atomic_load(&totals.wrong), 0, "way %zu", way);
			cr_assert_eq(atomic_load(&totals.size), 300 * 299 / 2 + 1000, "way %zu",
			             way);
		}
}

struct stat_check {
	atomic_uint events;
	atomic_uint wrong;
};

static enum walk_action stat_visit(const struct walk_entry *entry, void *user)
{
	struct stat_check *check = user;
	struct strbuf path = { 0 };
	struct stat expected;
	struct stat st;

	walk_add_path(entry, &path);
	if (lstat(strbuf_str(&path), &expected) != 0 || walk_stat(entry, &st) != 0 ||
	    st.st_ino != expected.st_ino || st.st_dev != expected.st_dev ||
	    (entry->type != DT_UNKNOWN && entry->type != IFTODT(st.st_mode)))
		atomic_fetch_add(&check->wrong, 1);
	if (entry->dirfd >= 0 && faccessat(entry->dirfd, entry->name, F_OK, 0) != 0)
		atomic_fetch_add(&check->wrong, 1);
	atomic_fetch_add(&check->events, 1);
	strbuf_release(&path);
	return WALK_CONTINUE;
}

Test(walk_select, metadata_can_be_asked_for_at_every_event)
{
	char *roots[] = { (char[]){ "t" }, (char[]){ "t/1/f" }, NULL };

	make_wide(60);
	make_chain("t/deep", 30, true);
	for (int with_stat = 0; with_stat < 2; with_stat++) {
		for
			EACH_WAY(way)
			{
				struct walk_opts opts = way_opts(way);
				struct stat_check check = { 0 };

				opts.stat = with_stat != 0;
				cr_assert_eq(walk(roots, &opts, stat_visit, &check, NULL), 0);
				cr_assert_eq(atomic_load(&check.wrong), 0, "way %zu", way);
				cr_assert_eq(atomic_load(&check.events), 2 + 180 + 122 + 1,
				             "way %zu", way);
			}
	}
}

/* A mount namespace of our own, with a tmpfs at `target`. False: not possible here. */
static bool mount_at(const char *source, const char *target, unsigned long flags)
{
	if (getuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount(source, target, "tmpfs", flags, NULL) != 0) {
		const char *why = strerrordesc_np(errno);

		trees_end(); /* .fini does not run */
		skip("needs to mount: %s", why);
		return false;
	}
	return true;
}

Test(walk_select, one_file_system_skips_mounts)
{
	make_dir("t");
	make_dir("t/mnt");
	make_dir("t/own");
	if (!mount_at("none", "t/mnt", 0))
		return;
	make_file("t/mnt/inside", 1);
	for
		EACH_WAY(way)
		{
			struct record record = { 0 };
			struct walk_opts opts = way_opts(way);

			record_walk(&record, "t", &opts);
			cr_assert(record_has(&record, "E t/mnt/inside"));
			record_release(&record);
			opts.one_file_system = true;
			record_walk(&record, "t", &opts);
			cr_assert_eq(record_count(&record, "E t/mnt"), 0, "way %zu", way);
			cr_assert(record_has(&record, "L t/own"));
			cr_assert_eq(record.result.vanished, 0);
			record_release(&record);
			record_walk(&record, "t/mnt", &opts);
			cr_assert(record_has(&record, "E t/mnt/inside"), "a root may be a mount");
			record_release(&record);
			opts.max_depth = 1;
			record_walk(&record, "t", &opts);
			cr_assert_not(record_has(&record, "E t/mnt"), "nor without entering it");
			record_release(&record);
		}
	cr_assert_eq(umount2("t/mnt", MNT_DETACH), 0);
}

Test(walk_select, a_mount_of_an_ancestor_is_a_loop)
{
	make_dir("t");
	make_dir("t/a");
	make_dir("t/a/b");
	if (!mount_at("t", "t/a/b", MS_BIND))
		return;
	for
		EACH_WAY(way)
		{
			struct record record = { 0 };
			struct walk_opts opts = way_opts(way);

			record_walk(&record, "t", &opts);
			cr_assert(record_has(&record, "O t/a/b"), "way %zu", way);
			cr_assert_eq(record.lines.len, 5);
			record_release(&record);
		}
	cr_assert_eq(umount2("t/a/b", MNT_DETACH), 0);
}
