/* SPDX-License-Identifier: MIT */
/* ls --gitignore beside git check-ignore, in the whole of a repository and in parts of it. */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>

TestSuite(ls_gitignore, .init = sandbox_enter, .fini = sandbox_leave);

/* A repository below a directory whose ignore file is none of git's business. */
static void build(void)
{
	tree("d r", "d r/a", "d r/a/b", "d r/a/b/out", "d r/a/keep", "d r/x", "f r/a/one.o",
	     "f r/a/b/two.o", "f r/a/b/keep.o", "f r/a/b/c.txt", "f r/a/b/out/o", "f r/a/keep/k.o",
	     "f r/x/top", "f r/a/b/top", "f r/a/b/secret", "f r/a/b/stray", "f r/a/b/local",
	     "l link -> r/a/b");
	tree_text(".gitignore", "stray\n");
	tree_text("r/.gitignore", "*.o\n/x/top\n/a/b/top\na/*/out/\n");
	tree_text("r/a/.gitignore", "!keep.o\nb/secret\n!keep/*.o\n");
}

/* Each entry is listed exactly when git does not ignore it. */
static void compare_dir(const char *dir, const char *inside)
{
	struct run all = RUN("ls", "-A", "--zero", dir);
	struct run left = RUN("ls", "-A", "--zero", "--gitignore", dir);

	EXPECT_STATUS(all, 0);
	EXPECT_STATUS(left, 0);
	for (const char *name = all.out; name < all.out + all.out_len; name += strlen(name) + 1) {
		struct run git;
		bool listed = false;

		for (const char *n = left.out; n < left.out + left.out_len; n += strlen(n) + 1)
			listed = listed || strcmp(n, name) == 0;
		if (strcmp(name, ".git") == 0)
			continue;
		git = RUN_PEER("git", "-C", inside, "check-ignore", "-q", name);
		cr_assert(git.status == 0 || git.status == 1, "git: %s", git.err);
		cr_expect_eq(listed, git.status == 1, "%s/%s: listed %d, git's status %d", dir,
		             name, listed, git.status);
	}
}

static void need_repository(void)
{
	struct run git;

	need_program("git");
	build();
	git = RUN_PEER("git", "init", "-q", "r");
	cr_assert_eq(git.status, 0, "%s", git.err);
	tree_text("r/.git/info/exclude", "local\n");
}

Test(ls_gitignore, as_git_check_ignore)
{
	need_repository();
	compare_dir("r", "r");
	compare_dir("r/a", "r/a");
	compare_dir("r/x", "r/x");
	compare_dir("r/a/b", "r/a/b");
	compare_dir("r/a/keep", "r/a/keep");
	compare_dir("link/", "r/a/b");
}

Test(ls_gitignore, rules_above_an_operand_count_to_the_root_of_the_repository)
{
	struct run r;

	build();
	tree("d r/.git", "d r/.git/info");
	tree_text("r/.git/info/exclude", "local\n");
	r = RUN("ls", "--gitignore", "r/a/b");
	EXPECT_RUN(r, 0, "c.txt\nkeep.o\nstray\n", "");
	r = RUN("ls", "-R", "--gitignore", "r/a");
	EXPECT_RUN(r, 0, "r/a:\nb\nkeep\n\nr/a/b:\nc.txt\nkeep.o\nstray\n\nr/a/keep:\nk.o\n", "");
	r = RUN("disk-usage", "-a", "--gitignore", "r/x");
	cr_expect(strstr(r.out, "top") == NULL, "%s", r.out);
	EXPECT_STATUS(r, 0);
	r = RUN("disk-usage", "--gitignore", "--explain=r/a/b/top", "r/a/b");
	EXPECT_OUT_HAS(r, "/r/.gitignore:3: ");
	EXPECT_OUT_HAS(r, ": excluded");
}

Test(ls_gitignore, without_a_repository_nothing_above_counts)
{
	struct run r;

	build();
	r = RUN("ls", "--gitignore", "r/a/b");
	EXPECT_RUN(r, 0, "c.txt\nkeep.o\nlocal\nout\nsecret\nstray\ntop\ntwo.o\n", "");
}
