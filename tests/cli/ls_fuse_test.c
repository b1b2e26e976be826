/* SPDX-License-Identifier: MIT */
/*
 * ls on file systems that a test makes up: directories that do not tell types, numbers that no
 * usual file system has, directories without end, and a user database that counts its readers.
 */
#include "private_mounts.h"
#include "support/expect.h"
#include "support/fuse_fs.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"

#include <sys/stat.h>

TestSuite(ls_fuse, .init = sandbox_enter, .fini = sandbox_leave);

#define END                                     \
	{                                       \
		NULL, 0, 0, 0, 0, NULL, NULL, 0 \
	}

static const struct fuse_node below[] = {
	{ "deep", 21, S_IFDIR | 0755, 0, 0, NULL, NULL, 0 },
	{ "in", 22, S_IFREG | 0644, 0, 0, "x", NULL, 0 },
	END,
};
/* All types there are, none of which the directory tells. */
static const struct fuse_node typeless[] = {
	{ "dir", 11, S_IFDIR | 0755, 0, 0, NULL, below, 0 },
	{ "exe", 12, S_IFREG | 0755, 0, 0, "#!", NULL, 0 },
	{ "fifo", 13, S_IFIFO | 0644, 0, 0, NULL, NULL, 0 },
	{ "gone", 14, S_IFLNK | 0777, 0, 0, "nowhere", NULL, 0 },
	{ "plain", 15, S_IFREG | 0644, 0, 0, "text", NULL, 0 },
	{ "todir", 16, S_IFLNK | 0777, 0, 0, "dir", NULL, 0 },
	END,
};
static const struct fuse_node typeless_root = { "", 1, S_IFDIR | 0755, 0, 0, NULL, typeless, 0 };

static void compare(const char *options)
{
	struct run_request request = { .words = WORDS("ls", options, "m"),
		                       .env = WORDS("LC_ALL=C", "LS_COLORS=di=34:ex=32:ln=36:"
		                                                "or=31:pi=33:fi=1:*n=35") };
	struct run ours = run_argv(&request);
	struct run theirs;

	request.program = "ls";
	request.words = WORDS(options, "m");
	request.may_complain = true;
	theirs = run_argv(&request);
	cr_assert(theirs.out_len > 0);
	cr_expect_eq(ours.status, theirs.status, "ls %s: status %d, GNU %d", options, ours.status,
	             theirs.status);
	cr_expect_str_eq(ours.out, theirs.out, "ls %s: the output differs:\n%s\nGNU:\n%s", options,
	                 ours.out, theirs.out);
}

Test(ls_fuse, directories_that_tell_no_types)
{
	static const char *const options[] = { "-1",  "-F",
		                               "-p",  "--file-type",
		                               "-R",  "-l",
		                               "-i",  "-FR",
		                               "-s",  "--color=always",
		                               "-lR", "-a",
		                               "-L",  "-FL",
		                               "-RL", "-U",
		                               "-x",  "--group-directories-first" };
	struct fuse_fs fs;

	need_program("ls");
	enter_private_mounts();
	fuse_begin(&fs, "m", &typeless_root);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		compare(options[i]);
	fuse_end(&fs);
}

Test(ls_fuse, what_is_ours_finds_the_types_too)
{
	struct json_lines lines;
	struct fuse_fs fs;
	struct run r;

	enter_private_mounts();
	fuse_begin(&fs, "m", &typeless_root);
	r = RUN("ls", "--only-dirs", "m");
	EXPECT_RUN(r, 0, "dir\n", "");
	r = RUN("ls", "--only-files", "m");
	EXPECT_RUN(r, 0, "exe\nfifo\ngone\nplain\ntodir\n", "");
	r = RUN("ls", "--tree", "--only-dirs", "m");
	EXPECT_RUN(r, 0, "m\n└── dir\n    └── deep\n", "");
	r = RUN("ls", "-RU", "m");
	EXPECT_RUN(r, 0,
	           "m:\ndir\nexe\nfifo\ngone\nplain\ntodir\n\nm/dir:\ndeep\nin\n\nm/dir/deep:\n",
	           "");
	r = RUN("ls", "--json", "-U", "m");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_find(&lines, "name", "dir"), "type"), "dir");
	cr_expect_str_eq(json_string(json_find(&lines, "name", "todir"), "target_type"), "dir");
	fuse_end(&fs);
}

/* Names alone cost no look at the files. */
Test(ls_fuse, names_alone_look_nothing_up)
{
	struct fuse_fs fs;
	struct run r;

	enter_private_mounts();
	fuse_begin(&fs, "m", &typeless_root);
	r = RUN("ls", "-a", "m");
	EXPECT_RUN(r, 0, ".\n..\ndir\nexe\nfifo\ngone\nplain\ntodir\n", "");
	cr_expect_eq(fs.counts->looked, 0);
	r = RUN("ls", "-F", "m");
	EXPECT_STATUS(r, 0);
	cr_expect(fs.counts->looked >= 6);
	fuse_end(&fs);
}

/* Above 2^53, where numbers of floating point have gaps. */
Test(ls_fuse, inode_numbers_of_64_bits)
{
	static const struct fuse_node big[] = {
		{ "a", (UINT64_C(1) << 53) + 1, S_IFREG | 0644, 0, 0, NULL, NULL, 0 },
		{ "b", UINT64_MAX, S_IFREG | 0644, 0, 0, NULL, NULL, 0 },
		{ "c", UINT64_C(9223372036854775809), S_IFREG | 0644, 0, 0, NULL, NULL, 0 },
		END,
	};
	static const struct fuse_node root = { "", 1, S_IFDIR | 0755, 0, 0, NULL, big, 0 };
	struct fuse_fs fs;
	struct run r;

	enter_private_mounts();
	fuse_begin(&fs, "m", &root);
	r = RUN("ls", "-i", "m");
	EXPECT_RUN(r, 0, "    9007199254740993 a\n18446744073709551615 b\n 9223372036854775809 c\n",
	           "");
	r = RUN("ls", "--json", "m");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(JSON_LINES(r).len, 3);
	EXPECT_OUT_HAS(r, "\"ino\":9007199254740993,");
	EXPECT_OUT_HAS(r, "\"ino\":18446744073709551615,");
	EXPECT_OUT_HAS(r, "\"ino\":9223372036854775809,");
	fuse_end(&fs);
}

/* A directory that never ends: who waits for its end is never done. */
Test(ls_fuse, first_lines_come_before_the_directory_ends)
{
	enum { READ_AT_MOST = 200000 };
	static const struct fuse_node endless = { "", 1,    S_IFDIR | 0755, 0,
		                                  0,  NULL, NULL,           UINT64_C(1) << 60 };
	static const struct {
		const char *call, *first;
	} cases[] = {
		{ "\"$0\" ls -U m | head -n 1", "n0000000\n" },
		{ "\"$0\" ls -fa m | head -n 1", ".\n" },
		{ "\"$0\" ls --zero --sort=none m | head -z -n 1 | tr '\\0' '\\n'", "n0000000\n" },
	};
	struct fuse_fs fs;

	enter_private_mounts();
	fuse_begin(&fs, "m", &endless);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run_request request = { .program = "sh",
			                       .words =
			                               WORDS("-c", cases[i].call, DUTYBOX_BINARY) };
		struct run r;

		fs.counts->handed = 0;
		r = run_argv(&request);
		EXPECT_RUN(r, 0, cases[i].first, "");
		cr_expect(fs.counts->handed > 0);
		cr_expect(fs.counts->handed < READ_AT_MOST, "%s: %ju entries were read",
		          cases[i].call, (uintmax_t)fs.counts->handed);
	}
	fuse_end(&fs);
}

Test(ls_fuse, a_million_entries_take_no_more_memory_than_few)
{
	enum { MANY = 1000000, LINE = sizeof("n0000000") };
	static const struct fuse_node many = { "", 1, S_IFDIR | 0755, 0, 0, NULL, NULL, MANY };
	struct run_request request = { .words = WORDS("ls", "-U", "m"),
		                       .limits = { { RLIMIT_DATA, 4U << 20 } } };
	struct fuse_fs fs;
	struct run r;

	need_no_sanitizer();
	enter_private_mounts();
	fuse_begin(&fs, "m", &many);
	r = run_argv(&request);
	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	cr_expect_eq(r.out_len, (size_t)MANY * LINE);
	cr_expect_eq(memcmp(r.out + r.out_len - LINE, "n0999999\n", LINE), 0);
	fuse_end(&fs);
}

/* The database is read once for each number, not once for each file. */
Test(ls_fuse, names_of_users_are_asked_for_once)
{
	static const struct fuse_node files[] = {
		{ "group", 11, S_IFREG | 0644, 0, 0, "staff:x:4242:\n", NULL, 0 },
		{ "passwd", 12, S_IFREG | 0644, 0, 0,
		  "someone:x:4242:4242::/:/bin/sh\nelse:x:4243:4242::/:/bin/sh\n", NULL, 0 },
		END,
	};
	static const struct fuse_node root = { "", 1, S_IFDIR | 0755, 0, 0, NULL, files, 0 };
	enum { FILES = 60, OWNERS = 3 };
	struct fuse_fs fs;
	char name[16];
	struct run r;

	enter_private_mounts();
	tree("d d");
	for (uid_t i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "d/%02u", i);
		tree_text(name, "");
		/* One of them has no name. */
		cr_assert_eq(chown(name, 4242 + i % OWNERS, 4242), 0);
	}
	fuse_begin(&fs, "m", &root);
	if (mount("m/passwd", "/etc/passwd", NULL, MS_BIND, NULL) < 0 ||
	    mount("m/group", "/etc/group", NULL, MS_BIND, NULL) < 0)
		skip("nothing can be mounted on /etc/passwd");
	fs.counts->opened = 0;
	r = RUN("ls", "-l", "--time-style=+", "d");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, " someone staff 0  00\n");
	EXPECT_OUT_HAS(r, " else    staff 0  01\n");
	EXPECT_OUT_HAS(r, "    4244 staff 0  02\n");
	EXPECT_OUT_HAS(r, "    4244 staff 0  59\n");
	cr_expect(fs.counts->opened >= 2, "nothing was read");
	cr_expect(fs.counts->opened <= OWNERS + 1, "%ju times", (uintmax_t)fs.counts->opened);
	fs.counts->opened = 0;
	r = RUN("ls", "-n", "d");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(fs.counts->opened, 0);
	(void)umount2("/etc/passwd", MNT_DETACH);
	(void)umount2("/etc/group", MNT_DETACH);
	fuse_end(&fs);
}
