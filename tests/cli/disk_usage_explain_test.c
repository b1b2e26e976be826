/* SPDX-License-Identifier: MIT */
/* disk-usage --explain, on small file systems of its own */
#include "private_mounts.h"
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

TestSuite(disk_usage_explain, .init = sandbox_enter, .fini = sandbox_leave);

/* The item (or, from n = 1 on, its details) with this "what"; NULL when there is none. */
static const struct json *item(const struct json_lines *lines, const char *what, size_t n)
{
	for (size_t i = 0; i < lines->len; i++) {
		const char *own = json_string(lines->items[i], "what");

		if (own != NULL && strcmp(own, what) == 0 && n-- == 0)
			return lines->items[i];
	}
	return NULL;
}

static int64_t bytes_of(const struct json_lines *lines, const char *what)
{
	return json_int(item(lines, what, 0), "disk_bytes", -1);
}

/*
 * A tmpfs, where used blocks are those of files and nothing else:
 * 200 K with names (one file with two), 400 K below a mount point, 800 K open only.
 */
static int make_full(void)
{
	int fd;

	enter_private_mounts();
	mount_tmpfs("m", "size=16m");
	tree("f m/dir/a 204800", "h m/dir/b -> m/dir/a", "l m/link -> dir/a", "d m/over",
	     "f m/over/lost 409600", "f m/gone 819200");
	fd = open("m/gone", O_RDONLY | O_CLOEXEC);
	cr_assert(fd >= 0);
	cr_assert_eq(unlink("m/gone"), 0);
	mount_tmpfs("m/over", "size=1m");
	tree("f m/over/other 4096");
	return fd;
}

Test(disk_usage_explain, accounts_for_every_byte)
{
	int fd = make_full();
	struct run r = RUN("disk-usage", "--explain", "--json", "m");
	struct json_lines lines = JSON_LINES(r);
	const struct json *summary = json_record(&lines, "summary", 0);
	const struct json *detail;

	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	cr_expect_eq(bytes_of(&lines, "files"), 204800);
	cr_expect_eq(bytes_of(&lines, "hidden"), 409600);
	cr_expect_eq(bytes_of(&lines, "deleted"), 819200);
	cr_expect_eq(bytes_of(&lines, "rest"), 0);
	cr_expect_eq(bytes_of(&lines, "reserved"), 0);
	/* m, dir, a (once), link, over. */
	cr_expect_eq(json_int(item(&lines, "files", 0), "count", -1), 5);
	cr_expect_eq(json_int(item(&lines, "hidden", 0), "count", -1), 1);
	cr_expect(json_is_true(item(&lines, "hidden", 0), "examined"));
	cr_expect(json_is_true(item(&lines, "deleted", 0), "examined"));
	cr_expect_null(item(&lines, "unreadable", 0));

	detail = item(&lines, "deleted", 1);
	cr_assert_not_null(detail);
	cr_expect(json_is_true(detail, "detail"));
	cr_expect_eq(json_int(detail, "pid", -1), getpid());
	detail = item(&lines, "hidden", 1);
	cr_assert_not_null(detail);
	cr_expect_not_null(strstr(json_string(detail, "path"), "/m/over"));
	cr_expect_eq(json_int(detail, "count", -1), 1);

	cr_assert_not_null(summary);
	cr_expect_eq(json_int(summary, "used_bytes", -1), 204800 + 409600 + 819200);
	cr_expect_eq(json_int(summary, "found_bytes", -1), 204800 + 409600 + 819200);
	cr_expect_eq(json_int(summary, "total_bytes", -1), 16 << 20);
	cr_expect(json_is_true(summary, "complete"));
	cr_expect(json_is_true(summary, "whole"));
	(void)close(fd);
}

Test(disk_usage_explain, says_it_to_people)
{
	int fd = make_full();
	struct run r = RUN("disk-usage", "--explain", "-k", "m/dir/a");
	char pid[64];

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "/m (memory, tmpfs): 1400 used of 16384, 14984 available\n");
	EXPECT_OUT_HAS(r, " 200      5  files and directories\n");
	EXPECT_OUT_HAS(r, " 800      1  deleted, but still open\n");
	EXPECT_OUT_HAS(r, " 400      1  hidden under mount points\n");
	(void)snprintf(pid, sizeof(pid), "    pid %d ", (int)getpid());
	EXPECT_OUT_HAS(r, pid);
	(void)close(fd);
}

Test(disk_usage_explain, a_user_is_told_what_was_not_examined)
{
	int fd = make_full();
	struct run r;
	struct json_lines lines;
	const struct json *directory;

	tree("d m/secret", "f m/secret/a 8192");
	tree_mode("m/secret", 0700);
	r = run_argv(&(const struct run_request){
		.words = WORDS("disk-usage", "--explain", "--json", "m"), .uid = RUN_NOBODY });
	lines = JSON_LINES(r);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "not examined: 1 unreadable entry, the descriptors of ");
	EXPECT_ERR_HAS(r, "what is under 1 mount point\n");
	cr_expect_eq(bytes_of(&lines, "files"), 204800);
	cr_expect(json_is_false(item(&lines, "files", 0), "examined"));
	cr_expect(json_is_null(item(&lines, "hidden", 0), "disk_bytes"));
	cr_expect(json_is_false(item(&lines, "hidden", 0), "examined"));
	cr_expect_eq(bytes_of(&lines, "rest"), 409600 + 819200 + 8192);
	directory = item(&lines, "unreadable", 1);
	cr_assert_not_null(directory);
	cr_expect_not_null(strstr(json_string(directory, "path"), "/m/secret"));
	cr_expect(json_is_false(json_record(&lines, "summary", 0), "complete"));
	(void)close(fd);
}

Test(disk_usage_explain, a_file_can_be_mounted_over_too)
{
	struct run r;
	struct json_lines lines;

	enter_private_mounts();
	mount_tmpfs("m", "size=16m");
	tree("f m/big 409600", "f m/small 4096");
	cr_assert_eq(mount("m/small", "m/big", NULL, MS_BIND, NULL), 0);
	r = RUN("disk-usage", "--explain", "--json", "m");
	lines = JSON_LINES(r);
	EXPECT_STATUS(r, 0);
	cr_expect_eq(bytes_of(&lines, "files"), 4096);
	cr_expect_eq(bytes_of(&lines, "hidden"), 409600);
	cr_expect_eq(bytes_of(&lines, "rest"), 0);
}

Test(disk_usage_explain, a_bind_mount_stands_for_its_file_system)
{
	struct run r;
	struct json_lines lines;

	enter_private_mounts();
	mount_tmpfs("m", "size=16m");
	tree("f m/a 8192", "f m/sub/b 4096", "d bound");
	cr_assert_eq(mount("m/sub", "bound", NULL, MS_BIND, NULL), 0);
	r = RUN("disk-usage", "--explain", "--json", "bound");
	lines = JSON_LINES(r);
	EXPECT_STATUS(r, 0);
	cr_expect_eq(bytes_of(&lines, "files"), 12288);
	cr_expect_eq(bytes_of(&lines, "rest"), 0);
}

Test(disk_usage_explain, takes_several_operands_and_says_what_it_cannot)
{
	struct run r;
	struct json_lines lines;

	enter_private_mounts();
	mount_tmpfs("m", "size=1m");
	mount_tmpfs("n", "size=1m");
	r = RUN("disk-usage", "--explain", "--json", "m", "/proc", "nowhere", "n");
	lines = JSON_LINES(r);
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "'/proc': not on a file system that has blocks\n");
	EXPECT_ERR_HAS(r, "cannot access 'nowhere': No such file or directory\n");
	cr_expect_eq(json_count(&lines, "summary"), 2);
	cr_expect_eq(json_count(&lines, "error"), 2);
}

Test(disk_usage_explain, a_dead_mount_below_does_not_matter)
{
	struct run r, dead;
	int server;

	enter_private_mounts();
	mount_tmpfs("m", "size=1m");
	server = mount_dead("m/dead", "server:/export");
	r = RUN("disk-usage", "--explain", "m");
	dead = RUN("disk-usage", "--explain", "m/dead");
	EXPECT_STATUS(r, 0);
	EXPECT_STATUS(dead, 3);
	EXPECT_ERR(dead, "disk-usage: 'm/dead': no answer in time\n");
	(void)close(server);
}
