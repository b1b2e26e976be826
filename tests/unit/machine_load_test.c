/* SPDX-License-Identifier: MIT */
#include "sys/machine_load.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "sys/procfs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(machine_load);

/* A procfs directory with one file in it. */
static int procfs_of(const char *name, const char *text)
{
	char path[] = "/tmp/machine_load.XXXXXX";
	int dir, fd;

	cr_assert_not_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(dir >= 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	/* The directory goes with the file: only the descriptor is needed. */
	(void)rmdir(path);
	return dir;
}

static void remove_procfs(int dir, const char *name)
{
	char link[64], path[128];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	n = readlink(link, path, sizeof(path) - 1);
	cr_assert(n > 0);
	path[n] = '\0';
	(void)unlinkat(dir, name, 0);
	(void)close(dir);
	(void)rmdir(path);
}

Test(machine_load, takes_the_greater_one)
{
	static const struct {
		const char *text;
		int r;
		uint64_t value;
	} cases[] = {
		{ "0.31 0.20 0.10 1/512 4711\n", 0, 31 },
		{ "0.31 0.20 0.10 3/512 4711\n", 0, 200 },
		{ "12.05 0.20 0.10 3/512 4711\n", 0, 1205 },
		{ "0.00 0.00 0.00 0/1 1\n", 0, 0 },
		{ "", -EINVAL, 7 },
		{ "0.31", -EINVAL, 7 },
		{ "0,31 0.20 0.10 1/512 4711\n", -EINVAL, 7 },
		{ "x.31 0.20 0.10 1/512 4711\n", -EINVAL, 7 },
		{ "0.31 0.20 0.10 x/512\n", -EINVAL, 7 },
		{ "99999999999999999999999999999.31 0.20 0.10 1/5\n", -EINVAL, 7 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int dir = procfs_of("loadavg", cases[i].text);
		uint64_t value = 7;

		cr_expect_eq(machine_load(dir, &value), cases[i].r, "%s", cases[i].text);
		cr_expect_eq(value, cases[i].value, "%s: %llu", cases[i].text,
		             (unsigned long long)value);
		remove_procfs(dir, "loadavg");
	}
}

Test(machine_load, finds_the_memory)
{
	static const struct {
		const char *text;
		int r;
		uint64_t value;
	} cases[] = {
		{ "MemTotal: 9000 kB\nMemAvailable:    4096 kB\n", 0, 4194304 },
		{ "MemAvailable:\t1 kB\n", 0, 1024 },
		{ "MemTotal: 9 kB\n", -EINVAL, 7 },
		{ "MemAvailable: x kB\n", -EINVAL, 7 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int dir = procfs_of("meminfo", cases[i].text);
		uint64_t value = 7;

		cr_expect_eq(machine_available(dir, &value), cases[i].r, "%s", cases[i].text);
		cr_expect_eq(value, cases[i].value, "%s", cases[i].text);
		remove_procfs(dir, "meminfo");
	}
}

Test(machine_load, reads_the_running_kernel)
{
	int proc = procfs_open();
	uint64_t value;

	cr_assert(proc >= 0);
	cr_expect_eq(machine_load(proc, &value), 0);
	cr_expect_eq(machine_available(proc, &value), 0);
	cr_expect(value > 0);
	(void)close(proc);
	cr_expect(machine_load(-1, &value) < 0);
}
