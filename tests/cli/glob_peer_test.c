/* SPDX-License-Identifier: MIT */
/* glob beside Python's glob and bash, on trees and patterns that are drawn; and git's ignore files.
 */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

TestSuite(peer_glob, .init = sandbox_enter, .fini = sandbox_leave, .timeout = 300);

static void agree(const char *seed)
{
	tree_dir("in");
	const char *const words[] = { GLOB_PEERS, run_binary(), seed, "400", NULL };
	struct run r = run_argv(&(struct run_request){
		.program = need_program("python3"), .words = words, .cwd = "in", .seconds = 250 });

	EXPECT_RUN(r, 0, "", "");
}

Test(peer_glob, python_and_bash_find_the_same)
{
	agree("11");
}

Test(peer_glob, python_and_bash_find_the_same_elsewhere)
{
	agree("12");
}

/* What git lists as not ignored, and what glob --gitignore finds, without directories. */
static void compare_with_git(const char *dir)
{
	struct run git = run_argv(&(struct run_request){
		.program = "git",
		.words = WORDS("ls-files", "--others", "--exclude-standard", "-z"),
		.cwd = dir });
	struct run ours = RUN("glob", "-C", dir, "-H", "-0", "--gitignore", "--type=f,l", "-E",
	                      "/.git", "**");
	struct run sorted =
		run_argv(&(struct run_request){ .program = "sort",
	                                        .words = WORDS("-z"),
	                                        .input = git.out,
	                                        .input_len = git.out_len,
	                                        .env = (const char *const[]){ "LC_ALL=C", NULL } });

	EXPECT_STATUS(git, 0);
	EXPECT_STATUS(ours, 0);
	EXPECT_STATUS(sorted, 0);
	cr_expect(ours.out_len == sorted.out_len && memcmp(ours.out, sorted.out, ours.out_len) == 0,
	          "in %s ours has %zu bytes, git %zu", dir, ours.out_len, sorted.out_len);
}

Test(peer_glob, ignore_files_mean_what_they_mean_to_git)
{
	need_program("git");
	cr_assert_eq(RUN_PEER("git", "init", "-q", ".").status, 0);
	tree("f a.o", "f a.c", "f build/x.c", "f src/build/y.c", "f src/a.o", "f src/keep.o",
	     "f doc/a.txt", "f doc/frotz/a.txt", "f doc/frotz/b", "f a/frotz/c", "f foo/bar/x",
	     "f foo/y", "f deep/1/2/3/z.tmp", "f deep/1/2/3/keep", "f #hash", "f !bang", "f trail",
	     "f logs/a.log", "f logs/important.log", "f .hid/x.o", "l lnk -> build");
	tree_text("has space ", "");
	tree_text(".gitignore", "# comment\n*.o\n!keep.o\n/build/\ndoc/frotz\nfoo/*\n!foo/bar\n"
	                        "**/3/*.tmp\n\\#hash\n\\!bang\nhas space\\ \ntrail   \nlnk/\n");
	tree_text("logs/.gitignore", "*.log\n!important.log\n");
	tree_text("src/.gitignore", "!a.o\nbuild\n");
	tree_text(".git/info/exclude", "a/\n");
	for (const char *const *dir = WORDS(".", "src", "logs", "doc", "deep/1/2"); *dir; dir++)
		compare_with_git(*dir);
}
