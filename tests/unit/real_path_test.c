/* SPDX-License-Identifier: MIT */
/* Links, loops, and paths of any length: real_path and long_path. */
#include "fs/long_path.h"
#include "fs/real_path.h"

#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

TestSuite(real_path, .init = sandbox_enter, .fini = sandbox_leave);

/* `want` begins in the sandbox unless it is absolute. */
static void expect_real(const char *path, const char *want)
{
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf whole = { 0 };

	if (want[0] != '/')
		strbuf_add_format(&whole, "%s%s", sandbox_path(), want[0] != '\0' ? "/" : "");
	strbuf_add_str(&whole, want);
	cr_expect_eq(real_path(&got, path, sandbox_path(), false), 0, "%s", path);
	cr_expect_str_eq(strbuf_str(&got), whole.data, "%s: %s", path, strbuf_str(&got));
}

static int strictly(const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	int r = real_path(&got, path, sandbox_path(), true);

	cr_expect((r < 0) == (got.len == 0), "%s: nothing is added on failure", path);
	return r;
}

Test(real_path, follows_links)
{
	tree("d a/b", "f a/file", "l to-b -> a/b", "l up -> a/b/..", "l abs -> /", "l no -> gone/x",
	     "l chain -> to-b/../file");
	expect_real("", "");
	expect_real(".", "");
	expect_real("to-b", "a/b");
	expect_real("to-b/..", "a");
	expect_real("to-b/../../to-b/new", "a/b/new");
	expect_real("up", "a");
	expect_real("chain", "a/file");
	expect_real("abs/../usr", "/usr");
	expect_real("//", "/");
	expect_real("no", "gone/x");
	expect_real("no/../to-b", "gone/to-b");
	expect_real("missing/../to-b", "a/b");
	expect_real("a/file/x/../y", "a/file/y");
	expect_real("a/file/", "a/file");
}

Test(real_path, strictly_all_must_exist)
{
	tree("f a/file", "l no -> gone", "l self -> self", "l ok -> a/file");
	cr_expect_eq(strictly("ok"), 0);
	cr_expect_eq(strictly("a/missing"), -ENOENT);
	cr_expect_eq(strictly("no"), -ENOENT);
	cr_expect_eq(strictly("a/file/x"), -ENOTDIR);
	cr_expect_eq(strictly("self"), -ELOOP);
}

Test(real_path, loops_end)
{
	tree("d d", "l self -> self", "l one -> two", "l two -> one", "l d/in -> ../out",
	     "l out -> d/in/x", "l twice -> d/../d/.");
	expect_real("self", "self");
	expect_real("self/a/../b", "self/b");
	expect_real("one", "one");
	expect_real("two/x", "two/x");
	expect_real("out/y", "out/x/y");
	/* The same link twice is no loop. */
	expect_real("twice/../twice", "d");
}

/* Each link leads through the next one twice: 2^30 steps for who reads links again. */
Test(real_path, each_link_is_read_once)
{
	enum { LINKS = 30 };

	tree("d end/up");
	for (int i = 0; i < LINKS; i++) {
		char name[16], target[40];

		(void)snprintf(name, sizeof(name), "l%d", i);
		if (i + 1 < LINKS)
			(void)snprintf(target, sizeof(target), "l%d/../l%d", i + 1, i + 1);
		else
			(void)snprintf(target, sizeof(target), "end");
		tree_symlink(name, target);
	}
	expect_real("l0", "end");
}

Test(real_path, more_links_than_the_kernel_follows)
{
	enum { LINKS = 100 };

	tree("f end");
	tree_symlink("l0", "end");
	for (int i = 1; i <= LINKS; i++) {
		char name[16], target[16];

		(void)snprintf(name, sizeof(name), "l%d", i);
		(void)snprintf(target, sizeof(target), "l%d", i - 1);
		tree_symlink(name, target);
	}
	expect_real("l100", "end");
	cr_expect_eq(strictly("l100"), 0);
}

/* Directories, one in the other, till the path is about `len` bytes long. */
static void make_deep(struct strbuf *ret, size_t len)
{
	enum { NAME_LEN = 200 };
	char name[NAME_LEN + 1];
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	memset(name, 'n', NAME_LEN);
	name[NAME_LEN] = '\0';
	while (ret->len < len) {
		int next;

		cr_assert_eq(mkdirat(dir, name, 0755), 0);
		next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		cr_assert(next >= 0);
		(void)close(dir);
		dir = next;
		strbuf_add_format(ret, "%s%s", ret->len > 0 ? "/" : "", name);
	}
	cr_assert_eq(symlinkat("..", dir, "link"), 0);
	(void)close(dir);
}

Test(real_path, a_path_may_be_of_any_length)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf parent = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf missing = { 0 };

	make_deep(&path, 3 * PATH_MAX);
	strbuf_add(&parent, path.data, path.len - 201);
	strbuf_add_format(&missing, "%s/gone/x", path.data);
	expect_real(missing.data, missing.data);
	strbuf_add_str(&path, "/link");
	expect_real(path.data, parent.data);
	cr_expect_eq(strictly(path.data), 0);
}

Test(real_path, long_path_opens_the_way)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf slashes = { 0 };
	AUTO_CLOSE int dirfd = -1;
	const char *name = NULL;
	struct stat st;

	cr_expect_eq(long_path_open("a/b", &dirfd, &name), 0);
	cr_expect_eq(dirfd, AT_FDCWD);
	cr_expect_str_eq(name, "a/b");

	make_deep(&path, 2 * PATH_MAX);
	strbuf_add_str(&path, "/link");
	cr_assert_eq(long_path_open(path.data, &dirfd, &name), 0);
	cr_assert(dirfd >= 0);
	cr_expect_eq(fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	cr_expect(S_ISLNK(st.st_mode));
	fd_auto_close(&dirfd);

	strbuf_add_str(&slashes, "/");
	strbuf_add_fill(&slashes, '/', 2 * PATH_MAX);
	cr_assert_eq(long_path_open(slashes.data, &dirfd, &name), 0);
	cr_expect_eq(fstatat(dirfd, name, &st, 0), 0);
	cr_expect(S_ISDIR(st.st_mode));
}

Test(real_path, long_path_says_why_not)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	int dirfd = -4711;
	const char *name = NULL;

	strbuf_add_fill(&path, 'n', PATH_MAX + 1);
	cr_expect_eq(long_path_open(path.data, &dirfd, &name), -ENAMETOOLONG);
	strbuf_clear(&path);
	for (int i = 0; i < PATH_MAX; i++)
		strbuf_add_str(&path, "gone/");
	cr_expect_eq(long_path_open(path.data, &dirfd, &name), -ENOENT);
	cr_expect_eq(dirfd, -4711);
	cr_expect_null(name);
}
