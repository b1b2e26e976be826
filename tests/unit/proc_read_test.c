/* SPDX-License-Identifier: MIT */
#include "sys/proc_read.h"

#include "base/mem.h"

#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The working directory stands for /proc. */
TestSuite(proc_read, .init = sandbox_enter, .fini = sandbox_leave);

static struct proc_reader start_reader(void)
{
	struct proc_reader r;
	int proc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert(proc >= 0);
	proc_reader_init(&r, proc);
	return r;
}

static void end_reader(struct proc_reader *r)
{
	(void)close(r->proc);
	proc_reader_release(r);
}

Test(proc_read, lists_processes_in_order_and_nothing_else)
{
	static const pid_t expected[] = { 1, 7, 42, 1000, 2147483647 };
	struct proc_reader r;
	struct pid_list pids = { 0 };

	tree("d 1000", "d 42", "d 7", "d 1", "d 0", "d 007", "d 2147483647", "d 2147483648",
	     "d 99999999999999999999", "d self", "d 12x", "d -5", "f uptime");
	r = start_reader();
	for (int again = 0; again < 2; again++) {
		cr_assert_eq(proc_list(&r, &pids), 0);
		cr_assert_eq(pids.len, ARRAY_LEN(expected), "%zu", pids.len);
		for (size_t i = 0; i < pids.len; i++)
			cr_expect_eq(pids.items[i], expected[i]);
	}
	vec_release(&pids);
	end_reader(&r);
}

Test(proc_read, lists_more_than_fits_into_one_read)
{
	struct proc_reader r;
	struct pid_list pids = { 0 };
	char name[16];

	for (int i = 1; i <= 3000; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		cr_assert_eq(mkdir(name, 0755), 0);
	}
	r = start_reader();
	cr_assert_eq(proc_list(&r, &pids), 0);
	cr_assert_eq(pids.len, 3000);
	for (size_t i = 0; i < pids.len; i++)
		cr_assert_eq(pids.items[i], (pid_t)i + 1);
	vec_release(&pids);
	end_reader(&r);
}

Test(proc_read, who_is_gone_is_told_from_what_is_not_there)
{
	struct proc_reader r;
	struct pid_list pids = { 0 };
	struct proc_text text;
	struct proc_stat stat;
	uint64_t device;
	uint64_t inode;

	tree("d 5", "t 5/stat no process");
	r = start_reader();
	cr_expect_eq(proc_read(&r, 6, 0, "comm", &text), -ESRCH);
	cr_expect_eq(proc_read(&r, 5, 9, "comm", &text), -ESRCH);
	cr_expect_eq(proc_read_link(&r, 6, "exe", &text), -ESRCH);
	cr_expect_eq(proc_list_threads(&r, 6, &pids), -ESRCH);
	cr_expect_eq(proc_list_fds(&r, 6, &pids), -ESRCH);
	cr_expect_eq(proc_stat_link(&r, 6, "cwd", &device, &inode), -ESRCH);
	cr_expect_eq(proc_read_stat(&r, 5, 0, &stat), -EBADMSG);
	vec_release(&pids);
	end_reader(&r);
}

Test(proc_read, files_are_read_whole_whatever_their_size)
{
	static const size_t sizes[] = { 0, 1, (32 << 10) - 1, 32 << 10, (32 << 10) + 1, 2 << 20 };
	struct proc_reader r;
	char *bytes = mem_alloc(2 << 20);

	for (size_t i = 0; i < 2 << 20; i++)
		bytes[i] = (char)('a' + i % 26);
	tree("d 5");
	r = start_reader();
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct proc_text text = { 0 };

		tree_file("5/cmdline", bytes, sizes[i]);
		cr_assert_eq(proc_read(&r, 5, 0, "cmdline", &text), 0);
		cr_assert_eq(text.len, sizes[i]);
		cr_expect_eq(memcmp(text.data, bytes, sizes[i]), 0);
		cr_expect_eq(text.data[text.len], '\0');
	}
	free(bytes);
	end_reader(&r);
}

Test(proc_read, names_may_hold_anything)
{
	static const struct {
		char content[24];
		size_t len;
		char expected[24];
	} cases[] = {
		{ "sh\n", 3, "sh" },
		{ "a\nb\n", 4, "a\nb" },
		{ "\n", 1, "" },
		{ "", 0, "" },
		{ "a\n\n", 3, "a\n" },
		{ "x\0y\n", 4, "x" },
		{ ") R 1 (\n", 8, ") R 1 (" },
		{ "\xff\xc3\n", 3, "\xff\xc3" },
	};
	struct proc_reader r;

	tree("d 5");
	r = start_reader();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct proc_text text = { 0 };

		tree_file("5/comm", cases[i].content, cases[i].len);
		cr_assert_eq(proc_read_comm(&r, 5, 0, &text), 0);
		cr_expect_str_eq(text.data, cases[i].expected, "case %zu", i);
		cr_expect_eq(text.len, strlen(cases[i].expected));
	}
	end_reader(&r);
}

Test(proc_read, threads_descriptors_and_links)
{
	struct proc_reader r;
	struct pid_list pids = { 0 };
	struct proc_text text = { 0 };
	struct stat st;
	uint64_t device;
	uint64_t inode;

	tree("d 5/task/5", "d 5/task/9", "t 5/task/9/comm worker", "d 5/fd", "d place",
	     "l 5/fd/0 -> /dev/null", "l 5/fd/11 -> socket:[77]", "l 5/cwd -> ../place");
	r = start_reader();
	cr_assert_eq(proc_list_threads(&r, 5, &pids), 0);
	cr_assert_eq(pids.len, 2);
	cr_expect_eq(pids.items[1], 9);
	cr_assert_eq(proc_read_comm(&r, 5, 9, &text), 0);
	cr_expect_str_eq(text.data, "worker");
	cr_assert_eq(proc_list_fds(&r, 5, &pids), 0);
	cr_assert_eq(pids.len, 2);
	cr_expect_eq(pids.items[0], 0);
	cr_expect_eq(pids.items[1], 11);
	cr_assert_eq(proc_read_link(&r, 5, "fd/11", &text), 0);
	cr_expect_str_eq(text.data, "socket:[77]");
	cr_expect_eq(text.len, 11);
	cr_assert_eq(proc_stat_link(&r, 5, "cwd", &device, &inode), 0);
	cr_assert_eq(stat("place", &st), 0);
	cr_expect_eq(device, st.st_dev);
	cr_expect_eq(inode, st.st_ino);
	vec_release(&pids);
	end_reader(&r);
}

Test(proc_read, a_root_owned_directory_is_asked_twice)
{
	struct proc_reader r;
	uid_t euid = 1;

	tree("d 5", "d 6", "t 5/status Uid:\t1000\t1001\t1002\t1003");
	tree_text("5/status", "Name:\tx\nUid:\t1000\t1001\t1\t1\nGid:\t7\t8\t9\t9\n");
	r = start_reader();
	cr_assert_eq(proc_read_euid(&r, 5, &euid), 0);
	cr_expect_eq(euid, getuid() == 0 ? 1001 : getuid());
	if (getuid() == 0) {
		cr_assert_eq(chown("6", 4711, 0), 0);
		cr_assert_eq(proc_read_euid(&r, 6, &euid), 0);
		cr_expect_eq(euid, 4711);
	}
	end_reader(&r);
}

Test(proc_read, knows_which_process_this_is)
{
	struct proc_reader r = start_reader();
	pid_t pid = 7;

	cr_expect_eq(proc_self(&r, &pid), -ENOENT);
	tree("l self -> 4711");
	cr_expect_eq(proc_self(&r, &pid), 0);
	cr_expect_eq(pid, 4711);
	cr_assert_eq(unlink("self"), 0);
	tree("l self -> nobody");
	cr_expect_eq(proc_self(&r, &pid), -EBADMSG);
	cr_expect_eq(pid, 4711);
	end_reader(&r);
}
