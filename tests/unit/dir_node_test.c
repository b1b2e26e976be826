/* SPDX-License-Identifier: MIT */
#include "fs/dir_node.h"
#include "fs/xattr.h"

#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/xattr.h>
#include <unistd.h>

TestSuite(dir_node, .init = sandbox_enter, .fini = sandbox_leave);

static size_t count(int fd)
{
	struct dir_reader r;
	size_t n = 0;

	dir_reader_init(&r, fd);
	while (dir_reader_next(&r) != NULL)
		n++;
	cr_expect_eq(r.err, 0);
	dir_reader_release(&r);
	return n;
}

Test(dir_node, opens_below_a_renamed_parent)
{
	struct dir_node *root, *child;
	int fd;

	tree("d a", "d a/b", "f a/b/c");
	root = dir_node_new(NULL, "a", 1, false);
	cr_assert_eq(dir_node_open(root, &fd), 0);
	child = dir_node_new(root, "b", 1, false);
	root = dir_node_free(root);
	cr_assert_eq(rename("a", "elsewhere"), 0);
	cr_assert_eq(dir_node_open(child, &fd), 0);
	cr_expect_eq(count(fd), 3);
	cr_expect_eq(dir_node_depth(child), 1);
	cr_expect_not(dir_node_is_loop(child));
	dir_node_free(child);
}

Test(dir_node, follows_only_when_told_to)
{
	struct dir_node *d;
	int fd = -1;

	tree("d a", "l l -> a");
	d = dir_node_new(NULL, "l", 1, false);
	cr_expect_lt(dir_node_open(d, &fd), 0);
	cr_expect_eq(fd, -1);
	dir_node_free(d);
	d = dir_node_new(NULL, "l", 1, true);
	cr_expect_eq(dir_node_open(d, &fd), 0);
	dir_node_free(d);
}

Test(dir_node, knows_loops)
{
	struct dir_node *a, *self;
	int fd;

	tree("d a", "l a/self -> ../a");
	a = dir_node_new(NULL, "a", 1, false);
	cr_assert_eq(dir_node_open(a, &fd), 0);
	self = dir_node_new(a, "self", 4, true);
	cr_assert_eq(dir_node_open(self, &fd), 0);
	cr_expect(dir_node_is_loop(self));
	dir_node_free(self);
	dir_node_free(a);
}

enum { DEEP = 200 };

/* Far more levels than descriptors, and each is needed again on the way up. */
Test(dir_node, few_descriptors_do)
{
	const struct rlimit limit = { 16, 16 };
	struct dir_node *nodes[DEEP];
	char path[3 * DEEP + 16] = "d";
	int fd;

	for (int i = 0; i < DEEP; i++) {
		tree_dir(path);
		memcpy(path + strlen(path), "/d", 3);
	}
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	nodes[0] = dir_node_new(NULL, "d", 1, false);
	for (int i = 0; i < DEEP; i++) {
		if (i > 0)
			nodes[i] = dir_node_new(nodes[i - 1], "d", 1, false);
		cr_assert_eq(dir_node_open(nodes[i], &fd), 0, "level %d", i);
	}
	for (int i = DEEP; i > 0; i--) {
		cr_assert_eq(dir_node_open(nodes[i - 1], &fd), 0, "level %d", i - 1);
		cr_expect_eq(count(fd), i == DEEP ? 2 : 3);
		dir_node_free(nodes[i - 1]);
	}
}

static void note(void *data)
{
	*(bool *)data = true;
}

Test(dir_node, what_is_attached_is_let_go_of_last)
{
	struct dir_node *a, *b;
	bool gone = false;

	a = dir_node_new(NULL, "a", 1, false);
	dir_node_attach(a, &gone, note);
	b = dir_node_new(a, "b", 1, false);
	dir_node_free(a);
	cr_expect_not(gone);
	cr_expect_eq(dir_node_data(dir_node_parent(b)), &gone);
	dir_node_free(b);
	cr_expect(gone);
}

Test(dir_node, attributes_by_both_ways)
{
	char list[256], value[16];

	tree("d d", "f d/f");
	if (setxattr("d/f", "user.test", "value", 5, 0) != 0)
		skip("no extended attributes here");
	for (int detour = 0; detour < 2; detour++) {
		struct xattr_way way = { .no_at_calls = detour == 1 };
		struct xattr_file file = { .dirfd = open("d", O_RDONLY | O_DIRECTORY),
			                   .name = "f" };
		ssize_t n = xattr_list_at(&way, &file, list, sizeof(list));

		cr_assert(n > 0);
		cr_expect(xattr_list_has(list, (size_t)n, "user.test"));
		cr_expect_not(xattr_list_has(list, (size_t)n, "user.tes"));
		n = xattr_get_at(&way, &file, "user.test", value, sizeof(value));
		cr_expect_eq(n, 5);
		cr_expect_eq(memcmp(value, "value", 5), 0);
		file.name = "missing";
		cr_expect_eq(xattr_list_at(&way, &file, list, sizeof(list)), -ENOENT);
		(void)close(file.dirfd);
	}
}
