/* SPDX-License-Identifier: MIT */
#include "fs/space.h"

#include "base/clock.h"
#include "base/mem.h"

#include "support/skip.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

TestSuite(space);

static const int64_t second = 1000000000;

Test(space, percent_is_df_s)
{
	static const struct {
		uint64_t used, rest;
		int pct;
	} cases[] = {
		{ 0, 0, SPACE_PCT_NONE },
		{ 0, 1, 0 },
		{ 1, 0, 100 },
		{ 1, 99, 1 },
		{ 1, 100, 1 },
		{ 1, 1000000, 1 },
		{ 101, 9899, 2 },
		{ 50, 50, 50 },
		{ 9999, 1, 100 },
		{ UINT64_MAX, 0, 100 },
		{ 0, UINT64_MAX, 0 },
		{ UINT64_MAX, UINT64_MAX, 50 },
		{ UINT64_MAX / 4, UINT64_MAX / 4 * 3, 25 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(space_percent(cases[i].used, cases[i].rest), cases[i].pct, "case %zu",
		             i);
}

Test(space, says_what_statvfs_says)
{
	static const char *const paths[] = { "/", "/proc", "/dev", "." };
	struct space_answer answers[ARRAY_LEN(paths)];

	cr_assert_eq(space_ask(paths, ARRAY_LEN(paths), 10 * second, answers), 0);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct statvfs fs;
		struct stat st;
		const struct space *space = &answers[i].space;

		cr_assert_eq(answers[i].outcome, SPACE_KNOWN, "%s: %d", paths[i], answers[i].err);
		cr_assert_eq(statvfs(paths[i], &fs), 0);
		cr_assert_eq(stat(paths[i], &st), 0);
		cr_expect_eq(space->total_bytes, fs.f_blocks * fs.f_frsize);
		cr_expect_eq(space->used_bytes, space->total_bytes - space->free_bytes);
		cr_expect(space->avail_bytes <= space->free_bytes);
		cr_expect_eq(space->inodes_total, fs.f_files);
		cr_expect_eq(space->inodes_used + space->inodes_free, space->inodes_total);
		cr_expect_eq(space->device, st.st_dev);
		cr_expect_eq(space->used_pct, space_percent(space->used_bytes, space->avail_bytes));
	}
	cr_expect_eq(answers[1].space.used_pct, SPACE_PCT_NONE, "procfs has no blocks");
}

Test(space, one_failure_leaves_the_others_alone)
{
	static const char *const paths[] = { "/", "/nowhere/at/all", "/dev/null/x", "/" };
	struct space_answer answers[ARRAY_LEN(paths)];

	cr_assert_eq(space_ask(paths, ARRAY_LEN(paths), 10 * second, answers), 0);
	cr_expect_eq(answers[0].outcome, SPACE_KNOWN);
	cr_expect_eq(answers[1].outcome, SPACE_FAILED);
	cr_expect_eq(answers[1].err, ENOENT);
	cr_expect_eq(answers[2].outcome, SPACE_FAILED);
	cr_expect_eq(answers[2].err, ENOTDIR);
	cr_expect_eq(answers[3].outcome, SPACE_KNOWN);
	cr_expect_eq(answers[0].space.device, answers[3].space.device);
	cr_expect_eq(space_ask(paths, 0, second, answers), 0);
}

Test(space, many_paths_are_answered_in_order)
{
	enum { MANY = 2000 };
	const char *paths[MANY];
	struct space_answer *answers = mem_alloc_array(MANY, sizeof(*answers));

	for (size_t i = 0; i < MANY; i++)
		paths[i] = i % 3 == 0 ? "/proc" : "/nowhere";
	cr_assert_eq(space_ask(paths, MANY, 30 * second, answers), 0);
	for (size_t i = 0; i < MANY; i++)
		cr_assert_eq(answers[i].outcome, i % 3 == 0 ? SPACE_KNOWN : SPACE_FAILED, "%zu", i);
	free(answers);
}

/* Descriptors and children of this process. */
static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	cr_assert_not_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

Test(space, leaves_neither_descriptors_nor_children)
{
	static const char *const paths[] = { "/", "/nowhere", "/proc" };
	struct space_answer answers[ARRAY_LEN(paths)];
	size_t before = count_entries("/proc/self/fd");

	for (int i = 0; i < 20; i++)
		cr_assert_eq(space_ask(paths, ARRAY_LEN(paths), 10 * second, answers), 0);
	cr_expect_eq(count_entries("/proc/self/fd"), before);
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
	cr_expect_eq(errno, ECHILD);
}

Test(space, works_where_children_are_ignored)
{
	static const char *const paths[] = { "/" };
	struct space_answer answer;

	(void)signal(SIGCHLD, SIG_IGN);
	cr_assert_eq(space_ask(paths, 1, 10 * second, &answer), 0);
	cr_expect_eq(answer.outcome, SPACE_KNOWN);
}

/*
 * A file system that never answers: FUSE without a server. Its statfs sleeps until the
 * connection is closed.
 */
static int mount_dead_fuse(const char *point)
{
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("dead", point, "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

Test(space, a_dead_mount_is_given_up_and_delays_nobody)
{
	enum { DEAD = 3 };
	char root[] = "/tmp/space_test.XXXXXX";
	char points[DEAD][64];
	int servers[DEAD];
	const char *paths[2 * DEAD + 1];
	struct space_answer answers[2 * DEAD + 1];
	int64_t start;
	int64_t took;

	if (getuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		skip("needs root and a mount namespace");
	cr_assert_not_null(mkdtemp(root));
	for (size_t i = 0; i < DEAD; i++) {
		(void)snprintf(points[i], sizeof(points[i]), "%s/%zu", root, i);
		cr_assert_eq(mkdir(points[i], 0700), 0);
		servers[i] = mount_dead_fuse(points[i]);
		if (servers[i] < 0)
			skip("no FUSE here");
		paths[2 * i] = "/";
		paths[2 * i + 1] = points[i];
	}
	paths[2 * DEAD] = "/";
	start = clock_now();
	cr_assert_eq(space_ask(paths, ARRAY_LEN(paths), second / 2, answers), 0);
	took = clock_now() - start;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		cr_expect_eq(answers[i].outcome, i % 2 == 0 ? SPACE_KNOWN : SPACE_TIMED_OUT,
		             "path %zu", i);
	/* In turn it would take at least DEAD limits; a loaded machine needs room too. */
	cr_expect(took >= second / 2);
	for (size_t i = 0; i < DEAD; i++) {
		(void)close(servers[i]);
		(void)umount2(points[i], MNT_DETACH);
		(void)rmdir(points[i]);
	}
	(void)rmdir(root);
}
