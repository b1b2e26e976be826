/* SPDX-License-Identifier: MIT */
/* remove: by what is left afterwards. */
#include "private_mounts.h"
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

TestSuite(remove, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 10 };

Test(remove, a1_12_a_file)
{
	struct run r;

	tree("f f", "l link -> f", "p fifo", "f -rf", "d d");
	r = RUN("remove", "f", "link", "fifo", "--", "-rf");
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "d");
	r = RUN("remove", "d");
	EXPECT_RUN(r, 1, "", "remove: cannot remove without -r 'd': Is a directory\n");
	r = RUN("remove", "none");
	EXPECT_RUN(r, 1, "", "remove: cannot remove 'none': No such file or directory\n");
	r = RUN("remove", "-f", "none", "none/below");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("remove", "-f");
	EXPECT_RUN(r, 0, "", "");
	expect_is_dir("d");
}

Test(remove, a1_6_a9_12_only_when_empty)
{
	struct run r;

	tree("d empty", "d full/x", "f f");
	r = RUN("remove", "-d", "empty", "full", "f");
	EXPECT_RUN(r, 1, "", "remove: cannot remove 'full': Directory not empty\n");
	expect_names(".", "full");
}

Test(remove, a1_7_parents_as_long_as_they_are_empty)
{
	struct run r;

	tree("d a/b/c/d", "f a/stop");
	r = RUN("remove", "-dpv", "a/b/c/d/");
	EXPECT_RUN(r, 0, "a/b/c/d/\na/b/c\na/b\n", "");
	expect_names("a", "stop");
}

Test(remove, a11_9_a_tree)
{
	struct run r;

	tree("d t/a/b", "f t/a/b/f", "l t/out -> ../keep", "f keep/f", "l t/a/gone -> x", "p t/p",
	     "d t/closed/x", "m t/closed 0");
	r = RUN("remove", "-r", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "keep");
	expect_names("keep", "f");
}

Test(remove, a11_10_errors_can_be_ignored)
{
	struct run_request q = { .words = WORDS("remove", "-r", "t"), .uid = RUN_NOBODY };
	struct run r;

	need_root();
	tree("d t/a", "f t/a/f", "d t/theirs", "f t/theirs/f", "d t/z/z", "m . 0777", "m t 0777",
	     "m t/a 0777", "m t/z 0777", "m t/z/z 0777");
	r = run_argv(&q);
	/* All others are gone, and what stays has its own name. */
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "'t/theirs/f'");
	EXPECT_ERR_LACKS(r, "'t/a");
	expect_names(".", "t");
	expect_names("t", "theirs");
	q.words = WORDS("remove", "-r", "--ignore-errors", "t");
	r = run_argv(&q);
	EXPECT_RUN(r, 0, "", "");
	expect_names("t", "theirs");
}

Test(remove, r34_a_slash_behind_a_link)
{
	struct run r;

	tree("d dir", "f dir/f", "l link -> dir", "f other");
	r = RUN("remove", "-rf", "other", "link/");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=link-slash");
	expect_names("dir", "f");
	expect_is_file("other");
	r = RUN("remove", "-rf", "link");
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "dir", "other");
	tree("l link -> dir");
	r = RUN("remove", "-r", "--allow=link-slash", "link/");
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "link", "other");
	r = RUN("remove", "other/");
	EXPECT_STATUS(r, 1);
	expect_is_file("other");
}

Test(remove, guards_stop_it_before_anything_is_gone)
{
	static const char *const guarded[][WORDS_MAX] = {
		{ "remove", "-rf", "f", "/" },
		{ "remove", "-rf", "f", "//" },
		{ "remove", "-rf", "f", "home" },
		{ "remove", "-rf", "f", "home//" },
		{ "remove", "-rf", "--json", "f", "home" },
	};
	char home[4200], here[4200];
	struct run r;

	tree("f f", "d home/cwd/below", "f home/f");
	(void)snprintf(home, sizeof(home), "HOME=%s/home/cwd", sandbox_path());
	for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
		r = run_argv(
			&(const struct run_request){ .words = guarded[i], .env = WORDS(home) });
		cr_expect_eq(r.status, 4, "case %zu: %d %s", i, r.status, r.err);
		expect_is_file("f");
		expect_is_file("home/f");
	}
	(void)snprintf(here, sizeof(here), "%s/home", sandbox_path());
	r = run_argv(&(const struct run_request){ .words = WORDS("remove", "-rf", here),
	                                          .cwd = "home/cwd/below" });
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=cwd");
	r = run_argv(&(const struct run_request){
		.words = WORDS("remove", "-rf", "--allow=cwd,home", here),
		.cwd = "home/cwd/below",
		.env = WORDS(home) });
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "f");
}

Test(remove, bad_words_are_refused)
{
	static const char *const cases[][WORDS_MAX] = {
		{ "remove" },
		{ "remove", "f", "" },
		{ "remove", "-rf", "f", "." },
		{ "remove", "-rf", "f", ".." },
		{ "remove", "-rf", "f", "d/.." },
		{ "remove", "-rf", "f", "./" },
		{ "remove", "-p", "d" },
		{ "remove", "-dr", "d" },
		{ "remove", "-dt", "d" },
		{ "remove", "--max=x", "f" },
		{ "remove", "--allow=all", "f" },
		{ "remove", "--older=never", "f" },
		{ "remove", "--trash", "--older=1d", "f" },
		{ "remove", "--nope", "f" },
	};

	tree("f f", "d d");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 2, "case %zu: status %d", i, r.status);
		cr_expect(r.err_len > 0, "case %zu says nothing", i);
	}
	expect_names(".", "f", "d");
}

Test(remove, a_limit_is_asked_for_first)
{
	struct run r;

	tree("d t", "f t/a", "f t/b", "f t/c", "f f");
	r = RUN("remove", "-r", "--max=4", "f", "t");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=many");
	expect_names(".", "t", "f");
	r = RUN("remove", "-rf", "--max=3", "t");
	EXPECT_STATUS(r, 4);
	expect_names("t", "a", "b", "c");
	r = RUN("remove", "-r", "--max=5", "f", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_empty_dir(".");
}

Test(remove, filters_keep)
{
	struct run r;
	static const struct timespec old = { 1000000000, 0 };

	tree("d t/a", "f t/a/x.c", "f t/a/x.o", "d t/b", "f t/b/y.o", "f new", "f old");
	tree_time("old", old);
	r = RUN("remove", "-r", "--exclude=*.c", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_names("t", "a");
	expect_names("t/a", "x.c");
	r = RUN("remove", "--older=2010-01-01", "-v", "new", "old");
	EXPECT_STATUS(r, 0);
	expect_names(".", "t", "new");
	r = RUN("remove", "-r", "--json", "--min-size=1", "t");
	EXPECT_STATUS(r, 0);
	expect_names("t/a", "x.c");
}

Test(remove, a_dry_run_prints_the_same)
{
	struct run plan, real;

	tree("d t/a", "f t/a/f", "f f");
	plan = RUN("remove", "-rn", "-j1", "t", "f");
	EXPECT_STATUS(plan, 0);
	expect_is_file("t/a/f");
	real = RUN("remove", "-rv", "-j1", "t", "f");
	EXPECT_STATUS(real, 0);
	cr_expect_str_eq(plan.out, real.out);
	EXPECT_OUT(real, "t/a/f\nt/a\nt\nf\n");
}

Test(remove, the_trash)
{
	char home[4200], data[4200];
	struct run r;

	(void)snprintf(home, sizeof(home), "HOME=%s/h", sandbox_path());
	(void)snprintf(data, sizeof(data), "XDG_DATA_HOME=%s/data", sandbox_path());
	tree("d h", "d t/a", "f t/a/f");
	tree_text("f %\n\xff", "text");
	r = run_argv(&(const struct run_request){
		.words = WORDS("remove", "-t", "-r", "t", "f %\n\xff"), .env = WORDS(home) });
	EXPECT_RUN(r, 0, "", "");
	expect_is_file("h/.local/share/Trash/files/t/a/f");
	expect_file("h/.local/share/Trash/files/f %\n\xff", "text");
	expect_mode("h/.local/share/Trash", 0700);
	r = RUN_PEER("grep", "-c", "^Path=/.*/f%20%25%0A%FF$",
	             "h/.local/share/Trash/info/f %\n\xff.trashinfo");
	EXPECT_RUN(r, 0, "1\n", "");
	r = RUN_PEER("sed", "s/=2[0-9T:-]*$/=TIME/; s,=/.*/,=/,",
	             "h/.local/share/Trash/info/t.trashinfo");
	EXPECT_OUT(r, "[Trash Info]\nPath=/t\nDeletionDate=TIME\n");
	/* The same name again, and a link as itself. */
	tree("l t -> h");
	r = run_argv(&(const struct run_request){ .words = WORDS("remove", "-t", "t"),
	                                          .env = WORDS(home) });
	EXPECT_RUN(r, 0, "", "");
	expect_link("h/.local/share/Trash/files/t.2", "h");
	expect_is_file("h/.local/share/Trash/info/t.2.trashinfo");
	tree("f g");
	r = run_argv(&(const struct run_request){
		.words = WORDS("remove", "--trash", "--json", "g"), .env = WORDS(home, data) });
	EXPECT_STATUS(r, 0);
	expect_is_file("data/Trash/files/g");
	cr_expect_eq(
		json_int(json_record(&(struct json_lines){ JSON_LINES(r).items, JSON_LINES(r).len },
	                             "summary", 0),
	                 "trashed", 0),
		1);
}

Test(remove, the_trash_of_another_file_system)
{
	char name[64], home[4200];
	struct run r;

	enter_private_mounts();
	(void)snprintf(home, sizeof(home), "HOME=%s/h", sandbox_path());
	tree("d h", "d m");
	mount_tmpfs("m", NULL);
	tree("d m/sub", "f m/sub/f", "f m/g");
	r = run_argv(&(const struct run_request){ .words = WORDS("remove", "-t", "m/sub/f"),
	                                          .env = WORDS(home) });
	EXPECT_RUN(r, 0, "", "");
	(void)snprintf(name, sizeof(name), "m/.Trash-%u/files/f", (unsigned)geteuid());
	expect_is_file(name);
	(void)snprintf(name, sizeof(name), "m/.Trash-%u/info/f.trashinfo", (unsigned)geteuid());
	r = RUN_PEER("grep", "-x", "Path=sub/f", name);
	EXPECT_STATUS(r, 0);
	tree("d m/.Trash 01777");
	cr_assert_eq(chmod("m/.Trash", 01777), 0);
	r = run_argv(&(const struct run_request){ .words = WORDS("remove", "-t", "m/g"),
	                                          .env = WORDS(home) });
	EXPECT_RUN(r, 0, "", "");
	(void)snprintf(name, sizeof(name), "m/.Trash/%u/files/g", (unsigned)geteuid());
	expect_is_file(name);
	cr_assert_eq(umount("m"), 0);
}

Test(remove, what_is_mounted_below_is_never_emptied)
{
	struct run r;

	enter_private_mounts();
	tree("d t/a/m", "f t/a/f", "d t/b", "f t/b/f");
	mount_tmpfs("t/a/m", NULL);
	tree("d t/a/m/sub", "f t/a/m/sub/f", "d t/a/m/sub2");
	r = RUN("remove", "-rf", "t");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=mount");
	expect_is_file("t/b/f");
	r = RUN("remove", "-rfx", "t");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "mount point");
	expect_names("t", "a");
	expect_names("t/a", "m");
	expect_names("t/a/m", "sub", "sub2");
	expect_is_file("t/a/m/sub/f");
	/* Nor the mount point itself. */
	r = RUN("remove", "-rf", "t/a/m");
	EXPECT_STATUS(r, 1);
	expect_is_file("t/a/m/sub/f");
	cr_assert_eq(umount("t/a/m"), 0);
}

Test(remove, wide_and_deep)
{
	enum { DEPTH = 4000, WIDTH = 3000 };
	char name[32];
	struct run r;

	cr_assert_eq(mkdir("t", 0755), 0);
	cr_assert_eq(chdir("t"), 0);
	for (int i = 0; i < WIDTH; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		tree_file(name, "", 0);
	}
	for (int i = 0; i < DEPTH; i++) {
		cr_assert(mkdir("deep", 0700) == 0);
		cr_assert_eq(chdir("deep"), 0);
		cr_assert(mkdir("beside", 0700) == 0);
	}
	cr_assert_eq(chdir(sandbox_path()), 0);
	r = run_argv(&(const struct run_request){ .words = WORDS("remove", "-r", "--json", "t"),
	                                          .limits = { { RLIMIT_NOFILE, 16 } } });
	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	expect_empty_dir(".");
	cr_expect_eq(
		json_int(json_record(&(struct json_lines){ JSON_LINES(r).items, JSON_LINES(r).len },
	                             "summary", 0),
	                 "removed", 0),
		WIDTH + 2 * DEPTH + 1);
}

Test(remove, several_threads_remove_the_same)
{
	char name[64];
	struct run r;

	for (int k = 0; k < 2; k++) {
		for (int i = 0; i < 20; i++) {
			for (int j = 0; j < 20; j++) {
				(void)snprintf(name, sizeof(name), "d t/%d/%d/x", i, j);
				tree(name);
				(void)snprintf(name, sizeof(name), "f t/%d/%d/f", i, j);
				tree(name);
			}
		}
		r = RUN("remove", "-rf", "--json", k ? "-j4" : "-j1", "t");
		EXPECT_STATUS(r, 0);
		expect_empty_dir(".");
		cr_expect_eq(json_int(json_record(&(struct json_lines){ JSON_LINES(r).items,
		                                                        JSON_LINES(r).len },
		                                  "summary", 0),
		                      "removed", 0),
		             1 + 20 + 400 * 3);
	}
}

Test(remove, hostile_names)
{
	struct run r;

	cr_assert_eq(mkdir("t", 0755), 0);
	cr_assert_eq(chdir("t"), 0);
	for (size_t i = 0; hostile_names[i] != NULL; i++)
		tree_file(hostile_names[i], "", 0);
	cr_assert_eq(chdir(".."), 0);
	r = run_argv(&(const struct run_request){ .words = WORDS("remove", "-rn", "t"),
	                                          .out_to = RUN_TO_TERMINAL });
	EXPECT_STATUS(r, 0);
	for (const char *at = r.out; *at != '\0'; at++)
		cr_expect(*at != '\033');
	r = RUN("remove", "-r", "--json", "t");
	EXPECT_STATUS(r, 0);
	cr_expect(JSON_LINES(r).len > 2);
	expect_empty_dir(".");
}

Test(remove, an_output_that_fails_is_told)
{
	struct run r;

	tree("d t", "f t/f");
	r = run_argv(&(const struct run_request){ .words = WORDS("remove", "-rv", "t"),
	                                          .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
}
