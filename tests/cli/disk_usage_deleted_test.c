/* SPDX-License-Identifier: MIT */
/* disk-usage --deleted */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

TestSuite(disk_usage_deleted, .init = sandbox_enter, .fini = sandbox_leave);

/* Root sees all descriptors; for others the answer is never whole. */
static int whole(void)
{
	return geteuid() == 0 ? 0 : 1;
}

/* A file of this test that is open, but has no name any more. */
static int open_deleted(const char *name, uint64_t size, struct stat *ret)
{
	int fd;

	tree_size(name, size);
	fd = open(name, O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0);
	cr_assert_eq(unlink(name), 0);
	cr_assert_eq(fstat(fd, ret), 0);
	return fd;
}

/* The n-th record about this inode, or NULL. */
static const struct json *find_inode(const struct json_lines *lines, const struct stat *st,
                                     size_t n)
{
	for (size_t i = 0; i < lines->len; i++) {
		const struct json *line = lines->items[i];

		if (json_int(line, "ino", -1) == (int64_t)st->st_ino &&
		    json_int(line, "dev", -1) == (int64_t)st->st_dev && n-- == 0)
			return line;
	}
	return NULL;
}

Test(disk_usage_deleted, finds_what_this_test_holds)
{
	static const char *const keys[] = { "record", "pid",        "comm",
		                            "uid",    "fd",         "dev",
		                            "ino",    "disk_bytes", "apparent_bytes",
		                            "path" };
	struct stat st;
	int fd = open_deleted("log", 300000, &st);
	struct run r = RUN("disk-usage", "--deleted", "--json");
	struct json_lines lines = JSON_LINES(r);
	const struct json *line = find_inode(&lines, &st, 0);
	char path[4096];

	EXPECT_STATUS(r, whole());
	cr_assert_not_null(line);
	cr_assert_eq(line->len, sizeof(keys) / sizeof(keys[0]));
	for (size_t i = 0; i < line->len; i++)
		cr_expect_str_eq(line->keys[i], keys[i]);
	(void)snprintf(path, sizeof(path), "%s/log", sandbox_path());
	cr_expect_str_eq(json_string(line, "path"), path);
	cr_expect_eq(json_int(line, "pid", -1), getpid());
	cr_expect_eq(json_int(line, "uid", -1), (int64_t)geteuid());
	cr_expect_eq(json_int(line, "fd", -1), fd);
	cr_expect_eq(json_int(line, "disk_bytes", -1), (int64_t)st.st_blocks * 512);
	cr_expect_eq(json_int(line, "apparent_bytes", -1), 300000);
	(void)close(fd);
	r = RUN("disk-usage", "--deleted", "--json");
	lines = JSON_LINES(r);
	/* Others may have taken the number for deleted files of theirs meanwhile. */
	line = find_inode(&lines, &st, 0);
	for (size_t n = 1; line != NULL && json_int(line, "pid", -1) != getpid(); n++)
		line = find_inode(&lines, &st, n);
	cr_expect_null(line, "closed: the space is free");
}

Test(disk_usage_deleted, keeps_to_the_operands_file_systems)
{
	struct stat st;
	int fd = open_deleted("log", 1000, &st);
	struct run here = RUN("disk-usage", "--deleted", "--json", ".");
	struct run proc = RUN("disk-usage", "--deleted", "/proc");
	struct run both = RUN("disk-usage", "--deleted", "--json", "/proc", ".");
	struct json_lines here_lines = JSON_LINES(here);
	struct json_lines both_lines = JSON_LINES(both);

	cr_expect_not_null(find_inode(&here_lines, &st, 0));
	cr_expect_not_null(find_inode(&both_lines, &st, 0));
	EXPECT_STATUS(proc, whole());
	EXPECT_OUT(proc, "");
	(void)close(fd);
}

Test(disk_usage_deleted, a_total_counts_an_inode_once)
{
	struct stat st;
	int fd = open_deleted("log", 200000, &st);
	int copy = dup(fd);
	struct run r = RUN("disk-usage", "--deleted", "--json", "-c", ".");
	struct run without = RUN("disk-usage", "--deleted", "--json", ".");
	struct json_lines lines = JSON_LINES(r);
	struct json_lines without_lines = JSON_LINES(without);
	const struct json *total = json_record(&lines, "summary", 0);
	int64_t sum = 0;

	cr_assert(copy >= 0);
	cr_assert_not_null(total);
	cr_expect_eq(json_count(&lines, "summary"), 1);
	cr_expect_eq(json_count(&without_lines, "summary"), 0);
	cr_expect_not_null(find_inode(&lines, &st, 1), "both descriptors are shown");
	for (size_t i = 0; i + 1 < lines.len; i++) {
		const struct json *line = lines.items[i];
		struct stat own = { .st_ino = (ino_t)json_int(line, "ino", 0),
			            .st_dev = (dev_t)json_int(line, "dev", 0) };

		if (find_inode(&lines, &own, 0) == line)
			sum += json_int(line, "disk_bytes", 0);
	}
	cr_expect_eq(json_int(total, "disk_bytes", -1), sum);
	cr_expect(json_is_null(total, "pid"));
	(void)close(fd);
	(void)close(copy);
}

Test(disk_usage_deleted, bigger_ones_come_first)
{
	struct stat small, big;
	int small_fd = open_deleted("small", 5000, &small);
	int big_fd = open_deleted("big", 500000, &big);
	struct run r = RUN("disk-usage", "--deleted", "-B1", ".");
	const char *small_at, *big_at;

	EXPECT_OUT_HAS(r, "Size");
	small_at = strstr(r.out, "/small\n");
	big_at = strstr(r.out, "/big\n");
	cr_assert(small_at != NULL && big_at != NULL);
	cr_expect(big_at < small_at);
	(void)close(small_fd);
	(void)close(big_fd);
}

Test(disk_usage_deleted, hostile_names_do_no_harm)
{
	static const char name[] = "a\nb\033[31m\x9b \xff (deleted)";
	struct stat st;
	int fd = open_deleted(name, 10, &st);
	struct run r = RUN("disk-usage", "--deleted", ".");
	struct run json = RUN("disk-usage", "--deleted", "--json", ".");
	struct run terminal = run_argv(&(const struct run_request){
		.words = WORDS("disk-usage", "--deleted", "."), .out_to = RUN_TO_TERMINAL });
	struct json_lines lines = JSON_LINES(json);
	const struct json *line = find_inode(&lines, &st, 0);

	EXPECT_OUT_HAS(r, "/a?b?[31m\x9b \xff (deleted)\n");
	cr_assert_not_null(line);
	cr_expect_not_null(json_string(line, "path_b64"));
	cr_expect_null(strchr(terminal.out, '\033'));
	cr_expect_not_null(strstr(terminal.out, "\\n"));
	(void)close(fd);
}

Test(disk_usage_deleted, a_missing_operand_is_no_wish_for_everything)
{
	struct run r = RUN("disk-usage", "--deleted", "nowhere");
	struct run du = RUN("du", "--deleted", "nowhere");

	EXPECT_RUN(r, 3, "", "disk-usage: cannot access 'nowhere': No such file or directory\n");
	EXPECT_STATUS(du, 1);
}

Test(disk_usage_deleted, what_may_not_be_seen_is_said_once)
{
	struct run r;

	need_root();
	r = run_argv(&(const struct run_request){ .words = WORDS("disk-usage", "--deleted"),
	                                          .uid = RUN_NOBODY });
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "processes may not be seen\n");
	cr_expect_eq(strchr(r.err, '\n'), r.err + r.err_len - 1, "one line");
}

Test(disk_usage_deleted, a_failed_write_is_an_error)
{
	struct stat st;
	int fd = open_deleted("log", 10, &st);
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("disk-usage", "--deleted", "."), .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 3);
	(void)close(fd);
}
