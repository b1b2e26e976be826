/* SPDX-License-Identifier: MIT */
#include "sys/open_files.h"

#include "base/strbuf.h"
#include "sys/procfs.h"

#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(open_files, .init = sandbox_enter, .fini = sandbox_leave);

/* What was found of one inode. */
struct found {
	uint64_t device, inode;
	size_t n;     /* reports of this process */
	size_t first; /* of them, ones to be summed */
	size_t mapped;
	uint64_t disk_bytes, apparent_bytes;
	struct strbuf path, comm;
	uid_t uid;
	size_t of_us; /* reports of this process about anything */
};

static bool look(const struct open_file *file, void *user)
{
	struct found *found = user;

	cr_expect_eq(file->path[0], '/');
	if (file->pid != getpid())
		return true;
	found->of_us++;
	if (file->device != found->device || file->inode != found->inode)
		return true;
	found->n++;
	found->first += !file->again;
	found->mapped += file->fd == OPEN_FILE_MAPPED;
	found->disk_bytes = file->disk_bytes;
	found->apparent_bytes = file->apparent_bytes;
	found->uid = file->uid;
	strbuf_clear(&found->path);
	strbuf_add_str(&found->path, file->path);
	strbuf_clear(&found->comm);
	strbuf_add_str(&found->comm, file->comm);
	return true;
}

static void forget(struct found *found)
{
	strbuf_release(&found->path);
	strbuf_release(&found->comm);
}

static struct open_files_result search(struct found *found)
{
	AUTO_CLOSE int proc = procfs_open();
	struct open_files_result result = { 0 };

	cr_assert(proc >= 0);
	cr_assert_eq(open_files_deleted(proc, look, found, &result), 0);
	cr_expect(result.processes >= 1);
	cr_expect(result.denied <= result.processes);
	return result;
}

static int open_new(const char *name, size_t bytes, struct found *found)
{
	struct stat st;
	int fd;

	tree_size(name, bytes);
	fd = open(name, O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0);
	cr_assert_eq(fstat(fd, &st), 0);
	found->device = st.st_dev;
	found->inode = st.st_ino;
	return fd;
}

Test(open_files, finds_an_unlinked_one)
{
	struct found found = { 0 };
	struct strbuf path = { 0 };
	AUTO_CLOSE int fd = open_new("log", 100000, &found);
	struct stat st;

	(void)search(&found);
	cr_expect_eq(found.n, 0, "it still has a name");
	cr_assert_eq(unlink("log"), 0);
	cr_assert_eq(fstat(fd, &st), 0);
	(void)search(&found);
	cr_expect_eq(found.n, 1);
	cr_expect_eq(found.first, 1);
	cr_expect_eq(found.apparent_bytes, 100000);
	cr_expect_eq(found.disk_bytes, (uint64_t)st.st_blocks * 512);
	cr_expect_eq(found.uid, geteuid());
	cr_expect(found.comm.len > 0);
	strbuf_add_format(&path, "%s/log", sandbox_path());
	cr_expect_str_eq(strbuf_str(&found.path), strbuf_str(&path));
	strbuf_release(&path);
	forget(&found);
}

Test(open_files, sums_an_inode_once)
{
	struct found found = { 0 };
	AUTO_CLOSE int fd = open_new("log", 5000, &found);
	AUTO_CLOSE int other = open("log", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int copy = dup(fd);

	cr_assert(other >= 0 && copy >= 0);
	cr_assert_eq(unlink("log"), 0);
	(void)search(&found);
	cr_expect_eq(found.n, 3);
	cr_expect_eq(found.first, 1);
	forget(&found);
}

Test(open_files, a_name_that_only_looks_deleted_is_none)
{
	struct found found = { 0 };
	AUTO_CLOSE int fd = open_new("log (deleted)", 5000, &found);
	AUTO_CLOSE int linked = -1;

	cr_assert(fd >= 0);
	(void)search(&found);
	cr_expect_eq(found.n, 0);

	/* One of two names is gone: the space is not. */
	linked = open_new("a", 5000, &found);
	cr_assert(linked >= 0);
	tree_link("b", "a");
	cr_assert_eq(unlink("a"), 0);
	(void)search(&found);
	cr_expect_eq(found.n, 0);
}

Test(open_files, memory_and_special_files_are_left_out)
{
	struct found found = { 0 };
	AUTO_CLOSE int memory = memfd_create("log", MFD_CLOEXEC);
	void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	AUTO_CLOSE int fifo = -1;
	AUTO_CLOSE int dir = -1;
	size_t before;

	(void)search(&found);
	before = found.of_us;
	cr_assert(memory >= 0 && shared != MAP_FAILED);
	tree("p fifo", "d dir");
	fifo = open("fifo", O_RDWR | O_CLOEXEC);
	dir = open("dir", O_RDONLY | O_CLOEXEC);
	cr_assert(fifo >= 0 && dir >= 0);
	cr_assert_eq(unlink("fifo"), 0);
	cr_assert_eq(rmdir("dir"), 0);
	found.of_us = 0;
	(void)search(&found);
	cr_expect_eq(found.of_us, before);
	(void)munmap(shared, 4096);
}

Test(open_files, finds_one_that_is_only_mapped)
{
	struct found found = { 0 };
	int fd = open_new("lib", 8192, &found);
	char *map = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
	char *again = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	if (geteuid() != 0)
		skip("mapped files are for root to see");
	cr_assert(map != MAP_FAILED && again != MAP_FAILED);
	cr_assert_eq(close(fd), 0);
	cr_assert_eq(unlink("lib"), 0);
	(void)search(&found);
	cr_expect_eq(found.n, 1, "once a process, however often it is mapped");
	cr_expect_eq(found.mapped, 1);
	cr_expect_eq(found.apparent_bytes, 8192);
	(void)munmap(map, 8192);
	(void)munmap(again, 4096);
	forget(&found);
}

static bool stop_at_once(const struct open_file *file, void *user)
{
	(void)file;
	(*(size_t *)user)++;
	return false;
}

Test(open_files, stops_when_told)
{
	struct found found = { 0 };
	AUTO_CLOSE int fd = open_new("log", 10, &found);
	AUTO_CLOSE int copy = dup(fd);
	AUTO_CLOSE int proc = procfs_open();
	struct open_files_result result;
	size_t n = 0;

	cr_assert(copy >= 0);
	cr_assert_eq(unlink("log"), 0);
	cr_assert_eq(open_files_deleted(proc, stop_at_once, &n, &result), 0);
	cr_expect_eq(n, 1);
}

Test(open_files, survives_odd_trees)
{
	AUTO_CLOSE int proc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct open_files_result result = { 99, 99 };
	size_t n = 0;

	tree("d 1", "d 2/fd", "f 3", "d 4/fd", "l 4/fd/0 -> /x (deleted)", "l 4/fd/1 -> /x",
	     "l 4/fd/a -> /y (deleted)", "l 4/fd/2 ->  (deleted)", "t 4/maps 0-1 x /z (deleted)",
	     "d 5", "l 5/fd -> ../4/fd", "d self/fd", "d 06/fd");
	cr_assert_eq(open_files_deleted(proc, stop_at_once, &n, &result), 0);
	cr_expect_eq(n, 0);
	cr_expect_eq(result.processes, 4, "1 has vanished: %lu", (unsigned long)result.processes);
	cr_expect_eq(open_files_deleted(-1, stop_at_once, &n, &result), -EBADF);
}

Test(open_files, counts_what_is_denied)
{
	AUTO_CLOSE int proc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct open_files_result result = { 0 };
	size_t n = 0;

	sandbox_drop_root();
	tree("d 1/fd 0000", "d 2/fd");
	cr_assert_eq(open_files_deleted(proc, stop_at_once, &n, &result), 0);
	cr_expect_eq(result.processes, 2);
	cr_expect_eq(result.denied, 1);
}
