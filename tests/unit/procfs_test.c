/* SPDX-License-Identifier: MIT */
#include "sys/procfs.h"

#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/stat.h>

TestSuite(procfs, .init = sandbox_enter, .fini = sandbox_leave);

Test(procfs, knows_itself)
{
	AUTO_CLOSE int proc = procfs_open();
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	uid_t uid = 12345;

	cr_assert(proc >= 0);
	cr_assert_eq(prctl(PR_SET_NAME, "a\nb\xff c"), 0);
	strbuf_add_str(&text, "left over");
	cr_assert_eq(procfs_comm(proc, getpid(), &text), 0);
	cr_expect_str_eq(strbuf_str(&text), "a\nb\xff c");
	cr_expect_eq(procfs_uid(proc, getpid(), &uid), 0);
	cr_expect_eq(uid, geteuid());
	strbuf_clear(&text);
	cr_expect_eq(procfs_read(proc, "self/cmdline", 1 << 20, &text), 0);
	cr_expect(text.len > 0);
}

Test(procfs, a_missing_process_is_esrch)
{
	AUTO_CLOSE int proc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	uid_t uid = 12345;

	cr_expect_eq(procfs_comm(proc, 17, &text), -ESRCH);
	cr_expect_eq(procfs_read_of(proc, 17, "stat", 100, &text), -ESRCH);
	cr_expect_eq(procfs_uid(proc, 17, &uid), -ESRCH);
	cr_expect_eq(uid, 12345);
	cr_expect_eq(procfs_read(proc, "nothing", 100, &text), -ENOENT);
	cr_expect_eq(text.len, 0);
}

Test(procfs, reads_recorded_trees_within_bounds)
{
	AUTO_CLOSE int proc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct stat st;
	uid_t uid = 12345;

	tree_file("1/comm", "", 0);
	tree_file("2/comm", "no newline", 10);
	tree_file("3/comm", "two\n\n", 5);
	tree_file("4/comm", "nul\0behind\n", 11);
	tree_size("5/comm", 5000);
	cr_expect_eq(procfs_comm(proc, 1, &text), 0);
	cr_expect_str_eq(strbuf_str(&text), "");
	cr_expect_eq(procfs_comm(proc, 2, &text), 0);
	cr_expect_str_eq(strbuf_str(&text), "no newline");
	cr_expect_eq(procfs_comm(proc, 3, &text), 0);
	cr_expect_str_eq(strbuf_str(&text), "two\n");
	cr_expect_eq(procfs_comm(proc, 4, &text), 0);
	cr_expect_str_eq(strbuf_str(&text), "nul");
	cr_expect_eq(procfs_comm(proc, 5, &text), 0);
	cr_expect(text.len <= 64);
	strbuf_clear(&text);
	cr_expect_eq(procfs_read_of(proc, 5, "comm", 100, &text), -EFBIG);
	cr_expect_eq(text.len, 100);
	cr_assert_eq(stat("5", &st), 0);
	cr_expect_eq(procfs_uid(proc, 5, &uid), 0);
	cr_expect_eq(uid, st.st_uid);
}

Test(procfs, names_of_processes)
{
	static const struct {
		const char *name;
		pid_t pid;
	} cases[] = {
		{ "1", 1 },  { "4194304", 4194304 }, { "2147483647", INT_MAX }, { "2147483648", 0 },
		{ "0", 0 },  { "01", 0 },            { "", 0 },                 { "self", 0 },
		{ "1a", 0 }, { "-1", 0 },            { "+1", 0 },               { "1 ", 0 },
		{ "18446744073709551617", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		pid_t pid = 0;

		cr_expect_eq(procfs_is_pid(cases[i].name, &pid), cases[i].pid != 0, "case %zu", i);
		cr_expect_eq(pid, cases[i].pid, "case %zu", i);
	}
}
