/* SPDX-License-Identifier: MIT */
/* perms: by the modes that are there afterwards, and beside GNU's chmod. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

TestSuite(perms, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_perms, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 10 };

Test(perms, a1_14_one_mode_for_what_is_named)
{
	struct run r;

	tree("f file", "d dir", "f dir/f");
	r = RUN("perms", "0600", "file", "dir/f");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("file", 0600);
	expect_mode("dir/f", 0600);
	r = RUN("perms", "u=rwx,go=r", "dir");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("dir", 0744);
	expect_mode("dir/f", 0600);
	r = RUN("perms", "--show", "file", "dir");
	EXPECT_RUN(r, 0, "rw------- 0600 file\nrwxr--r-- 0744 dir\n", "");
	r = RUN("perms", "-R", "go-r", "dir");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("dir", 0700);
	r = RUN("perms", "--", "-x", "dir");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("dir", 0600);
}

Test(perms, a12_5_one_mode_for_files_one_for_directories)
{
	struct run r;

	tree("d t 0700", "f t/a", "m t/a 0600", "d t/s 0777", "f t/s/b", "m t/s/b 0777");
	r = RUN("perms", "-R", "--files", "0644", "--dirs", "0755", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 0755);
	expect_mode("t/a", 0644);
	expect_mode("t/s", 0755);
	expect_mode("t/s/b", 0644);
	tree("m t 0700", "m t/a 0600");
	r = RUN("perms", "--contents-only", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 0700);
	expect_mode("t/a", 0644);
}

Test(perms, r9_links_are_not_followed)
{
	struct run r;

	tree("d t", "f outside", "m outside 0600", "l t/link -> ../outside", "l t/gone -> nowhere",
	     "l t/loop -> loop", "f t/z", "m t/z 0600", "l named -> outside");
	r = RUN("perms", "--json", "t");
	EXPECT_STATUS(r, 0);
	expect_mode("outside", 0600);
	expect_mode("t/z", 0644);
	{
		struct json_lines lines = JSON_LINES(r);

		cr_expect_eq(json_int(json_record(&lines, "summary", 0), "links", -1), 3);
	}
	r = RUN("perms", "0644", "named");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "symbolic link");
	expect_mode("outside", 0600);
}

Test(perms, r36_a_mode_that_bars_the_way_comes_last)
{
	struct run r;

	sandbox_drop_root();
	tree("d t/a/b", "f t/a/b/f", "m t/a/b/f 0600", "d t/closed/x", "m t/closed 0");
	r = RUN("perms", "--files=0644", "--dirs=0644", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 0644);
	/* Back again, through what nobody may enter. */
	r = RUN("perms", "--files=0640", "--dirs=0700", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 0700);
	expect_mode("t/a", 0700);
	expect_mode("t/a/b", 0700);
	expect_mode("t/closed", 0700);
	expect_mode("t/closed/x", 0700);
	expect_mode("t/a/b/f", 0640);
	r = RUN("perms", "--dirs=0", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 0);
	r = RUN("perms", "--dirs=u+rwx", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/a/b", 0700);
}

Test(perms, only_what_differs_is_touched)
{
	struct stat before, after;
	struct run r;

	tree("d t", "f t/right", "f t/wrong", "m t/wrong 0600");
	cr_assert_eq(stat("t/right", &before), 0);
	r = RUN("perms", "-v", "t");
	EXPECT_RUN(r, 0, "0600 -> 0644 t/wrong\n", "");
	cr_assert_eq(stat("t/right", &after), 0);
	cr_expect(before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
	          before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
	r = RUN("perms", "-v", "t");
	EXPECT_RUN(r, 0, "", "");
}

Test(perms, execute_bits_as_asked)
{
	struct run r;

	tree("d t", "x t/script", "f t/plain", "m t/plain 0755", "t t/no #", "m t/script 0600");
	cr_assert_eq(RUN_PEER("cp", run_binary(), "t/program").status, 0);
	tree("m t/program 0600");
	r = RUN("perms", "--exec=keep", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/script", 0644);
	expect_mode("t/plain", 0755);
	r = RUN("perms", "--exec=auto", "--files=0640", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/script", 0750);
	expect_mode("t/program", 0750);
	expect_mode("t/plain", 0640);
	expect_mode("t/no", 0640);
	r = RUN("perms", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/program", 0644);
}

Test(perms, numbers_are_exact)
{
	struct run r;

	tree("d t 02770", "f t/f", "m t/f 04755");
	r = RUN("perms", "--files=755", "--dirs=775", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 02775);
	expect_mode("t/f", 04755);
	r = RUN("perms", "--files=0755", "--dirs=0775", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 0775);
	expect_mode("t/f", 0755);
	r = RUN("perms", "--dirs=+t", "--files=u=rwX,go=", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 01775);
	expect_mode("t/f", 0700);
}

Test(perms, guards_stop_it_before_the_first_change)
{
	struct run r;
	char home[4200];

	tree("f f", "m f 0600", "d home/below", "d t");
	(void)snprintf(home, sizeof(home), "HOME=%s/home", sandbox_path());
	r = RUN("perms", "4755", "f");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=suid");
	expect_mode("f", 0600);
	r = RUN("perms", "--allow=suid", "4755", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("f", 04755);
	r = RUN("perms", "-n", "f", "/");
	EXPECT_RUN(r, 4, "",
	           "perms: '/': is the root directory, or a file system mounted in it: "
	           "nothing was changed (--allow=root)\n");
	r = RUN("perms", "f", "/../.");
	EXPECT_STATUS(r, 4);
	r = run_argv(&(const struct run_request){ .words = WORDS("perms", "f", "home"),
	                                          .env = WORDS(home) });
	EXPECT_STATUS(r, 4);
	r = run_argv(&(const struct run_request){ .words = WORDS("perms", "f", "."),
	                                          .env = WORDS(home) });
	EXPECT_STATUS(r, 4);
	expect_mode("f", 04755);
	r = run_argv(&(const struct run_request){
		.words = WORDS("perms", "--json", "--allow=home,root", "--dirs=0700", "home"),
		.env = WORDS(home) });
	EXPECT_STATUS(r, 0);
	expect_mode("home", 0700);
	r = run_argv(&(const struct run_request){ .words = WORDS("perms", "--json", "home"),
	                                          .env = WORDS(home) });
	cr_expect_str_eq(json_string(JSON_LINES(r).items[0], "guard"), "home");
	/* Below it is fine, and so is the directory itself without what is below. */
	r = run_argv(&(const struct run_request){ .words = WORDS("perms", "home/below"),
	                                          .env = WORDS(home) });
	EXPECT_RUN(r, 0, "", "");
}

Test(perms, a_planted_link_is_left_alone)
{
	struct run r;

	need_root();
	tree("d t", "f secret", "m secret 0600", "h t/mine -> secret");
	cr_assert_eq(chown("t", RUN_NOBODY, RUN_NOBODY), 0);
	r = RUN("perms", "t");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "'t/mine': left alone");
	expect_mode("secret", 0600);
	r = RUN("perms", "--allow=hardlinks", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("secret", 0644);
}

Test(perms, special_files_are_changed_without_being_opened)
{
	struct run r;

	tree("d t", "p t/fifo", "m t/fifo 0600");
	if (geteuid() == 0)
		cr_assert_eq(mknod("t/tty", S_IFCHR | 0600, makedev(4, 1)), 0);
	r = RUN("perms", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/fifo", 0644);
	if (geteuid() == 0)
		expect_mode("t/tty", 0644);
	r = RUN("perms", "--exec=auto", "--files=0600", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/fifo", 0600);
}

Test(perms, what_is_not_ours_is_told)
{
	struct run r;

	need_root();
	tree("d t", "f t/ours", "f t/theirs", "m t/theirs 0600", "m t/ours 0600");
	cr_assert_eq(chown("t/ours", RUN_NOBODY, RUN_NOBODY), 0);
	cr_assert_eq(chown("t", RUN_NOBODY, RUN_NOBODY), 0);
	r = run_argv(
		&(const struct run_request){ .words = WORDS("perms", "t"), .uid = RUN_NOBODY });
	EXPECT_RUN(r, 1, "", "perms: cannot change 't/theirs': Operation not permitted\n");
	expect_mode("t/ours", 0644);
	expect_mode("t/theirs", 0600);
}

Test(perms, owners)
{
	struct stat st;
	struct run r;

	need_root();
	tree("d t", "f t/f", "m t/f 04711");
	r = RUN("perms", "--chown=12345:54321", "t");
	EXPECT_RUN(r, 0, "", "");
	cr_assert_eq(stat("t/f", &st), 0);
	cr_expect(st.st_uid == 12345 && st.st_gid == 54321);
	/* chown(2) clears it; modes stay unless asked for. */
	expect_mode("t/f", 04711);
	expect_mode("t", 0755);
	r = RUN("perms", "--chown=:7", "--files=0600", "t");
	EXPECT_RUN(r, 0, "", "");
	cr_assert_eq(stat("t/f", &st), 0);
	cr_expect(st.st_uid == 12345 && st.st_gid == 7);
	expect_mode("t/f", 0600);
	r = RUN("perms", "--chown=no-such-user", "t");
	EXPECT_STATUS(r, 2);
	r = RUN("perms", "--owner=12345", "--files=0640", "t");
	EXPECT_STATUS(r, 0);
	expect_mode("t/f", 0640);
}

Test(perms, what_was_saved_comes_back)
{
	static const char *const modes[] = { "t", "t/a", "t/a/f", "t/x y\n", "t/closed" };
	static const mode_t were[] = { 0750, 02700, 04711, 0604, 0500 };
	struct run r;

	tree("d t/a", "f t/a/f", "d t/closed", "l t/link -> a");
	tree_file("t/x y\n", "", 0);
	for (int i = 4; i >= 0; i--)
		cr_assert_eq(chmod(modes[i], were[i]), 0);
	r = RUN("perms", "--save=list", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t", 0750);
	r = RUN("perms", "--save=list2", "--allow=suid", "-R", "0777", "t");
	EXPECT_STATUS(r, 0);
	expect_mode("t/a/f", 0777);
	cr_assert_eq(rename("t", "moved"), 0);
	r = RUN("perms", "--restore=list", "moved");
	EXPECT_RUN(r, 0, "", "");
	cr_assert_eq(rename("moved", "t"), 0);
	for (int i = 0; i < 5; i++)
		expect_mode(modes[i], were[i]);
	r = RUN_PEER("cmp", "list", "list2");
	EXPECT_RUN(r, 0, "", "");
	/* Something is gone, something is new, something is another. */
	tree("f t/extra", "m t/extra 0600");
	cr_assert_eq(unlink("t/a/f"), 0);
	cr_assert_eq(rmdir("t/closed"), 0);
	tree("f t/closed", "m t/closed 0600");
	r = RUN("perms", "--restore=list", "t");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "'a/f'");
	EXPECT_ERR_HAS(r, "'closed': left alone");
	expect_mode("t/extra", 0600);
	expect_mode("t/closed", 0600);
}

Test(perms, a_user_gets_back_what_chmod_took)
{
	struct run r;

	sandbox_drop_root();
	tree("d t/a/b", "f t/a/b/f", "m t/a/b/f 0640");
	r = RUN("perms", "--save=list", "t");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("perms", "--dirs=0", "t");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("perms", "--restore=list", "t");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/a/b", 0755);
	expect_mode("t/a/b/f", 0640);
}

Test(perms, hostile_lists)
{
	static const char *const lists[] = {
		"#mtree\n../outside type=file mode=0777\n",
		"#mtree\n/etc/passwd type=file mode=0777\n",
		"#mtree\n./t/../../outside type=file mode=0777\n",
		"#mtree\nlink/outside type=file mode=0777\n",
		"#mtree\nf type=file mode=x\n",
		"#mtree\nf type=dir mode=0777\n",
		"#mtree\n\\q type=file mode=0777\n",
	};
	struct run r;

	tree("d t", "f t/f", "f outside", "l t/link -> ..");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		tree_text("list", lists[i]);
		r = RUN("perms", "--restore=list", "t");
		cr_expect_eq(r.status, 1, "list %zu: %d %s", i, r.status, r.err);
		expect_mode("outside", 0644);
		expect_mode("t/f", 0644);
	}
	tree_text("list", "no list\n");
	r = RUN("perms", "--restore=list", "t");
	EXPECT_STATUS(r, 3);
	tree_text("list", "");
	r = RUN("perms", "--restore=list", "t");
	EXPECT_STATUS(r, 3);
	r = RUN("perms", "--restore=none", "t");
	EXPECT_STATUS(r, 3);
	r = run_argv(&(const struct run_request){ .words = WORDS("perms", "--restore=-", "t"),
	                                          .input = "#mtree\nf type=file mode=0600\n" });
	EXPECT_RUN(r, 0, "", "");
	expect_mode("t/f", 0600);
}

Test(perms, filters_and_records)
{
	struct run r;
	struct json_lines lines;

	tree("d t/skip", "f t/a.sh", "f t/b.txt", "f t/skip/c.sh");
	tree_file("t/\xff", "", 0);
	r = RUN("perms", "--json", "-n", "--exclude=skip", "--include=*.sh", "--include=*/",
	        "--exclude=*.txt", "--files=0755", "t");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "plan"), 2);
	cr_expect_str_eq(json_string(json_find(&lines, "path", "t/a.sh"), "new_mode"), "0755");
	cr_expect_not_null(json_string(json_find(&lines, "path", "t/\xef\xbf\xbd"), "path_b64"));
	expect_mode("t/a.sh", 0644);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "changed", -1), 2);
	r = RUN("perms", "-n", "--type=d", "--dirs=0700", "t");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "0755 -> 0700 t/skip\n");
}

Test(perms, bad_words_are_refused)
{
	static const char *const cases[][WORDS_MAX] = {
		{ "perms" },
		{ "perms", "0644" },
		{ "perms", "8", "f" },
		{ "perms", "0999", "f" },
		{ "perms", "u+q", "f" },
		{ "perms", "77777", "f" },
		{ "perms", "--files=x", "f" },
		{ "perms", "--dirs=", "f" },
		{ "perms", "--exec=maybe", "f" },
		{ "perms", "" },
		{ "perms", "f", "" },
		{ "perms", "--allow=all", "f" },
		{ "perms", "--allow=cwd", "f" },
		{ "perms", "--save=l", "f", "f" },
		{ "perms", "--restore=l", "f", "f" },
		{ "perms", "--restore=l", "--files=0600", "f" },
		{ "perms", "--show", "--files=0600", "f" },
		{ "perms", "--chown=", "f" },
		{ "perms", "--chown=!0", "f" },
		{ "perms", "--nope", "f" },
	};

	tree("f f", "m f 0600");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 2, "case %zu: status %d", i, r.status);
		cr_expect(r.err_len > 0, "case %zu says nothing", i);
	}
	expect_mode("f", 0600);
	expect_names(".", "f");
	{
		struct run r = RUN("perms", "none");

		EXPECT_STATUS(r, 1);
		EXPECT_ERR_HAS(r, "'none'");
	}
}

Test(perms, a_list_that_cannot_be_written_changes_nothing)
{
	struct run r;

	tree("d t", "f t/f", "m t/f 0600");
	r = RUN("perms", "--save=none/list", "--files=0644", "t");
	EXPECT_STATUS(r, 3);
	expect_mode("t/f", 0600);
	r = RUN("perms", "--save=/dev/full", "--files=0644", "t");
	EXPECT_STATUS(r, 3);
	expect_mode("t/f", 0600);
	r = run_argv(&(const struct run_request){ .words = WORDS("perms", "-v", "t"),
	                                          .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
}

Test(perms, hostile_names_and_deep_trees)
{
	struct run r;

	cr_assert_eq(mkdir("t", 0755), 0);
	cr_assert_eq(chdir("t"), 0);
	for (size_t i = 0; hostile_names[i] != NULL; i++)
		tree_file(hostile_names[i], "", 0);
	for (int i = 0; i < 3000; i++) {
		cr_assert(mkdir("deep", 0700) == 0 || errno == EEXIST);
		cr_assert_eq(chdir("deep"), 0);
	}
	cr_assert_eq(chdir(sandbox_path()), 0);
	r = run_argv(&(const struct run_request){
		.words = WORDS("perms", "-v", "--files=0600", "--dirs=0711", "t"),
		.out_to = RUN_TO_TERMINAL });
	EXPECT_STATUS(r, 0);
	r = run_argv(&(const struct run_request){
		.words = WORDS("perms", "--json", "--files=0640", "--dirs=0750", "t"),
		.limits = { { RLIMIT_NOFILE, 16 } } });
	EXPECT_STATUS(r, 0);
	cr_expect_eq(json_int(json_record(&(struct json_lines){ .items = JSON_LINES(r).items,
	                                                        .len = JSON_LINES(r).len },
	                                  "summary", 0),
	                      "failed", -1),
	             0);
	expect_mode("t/deep/deep", 0750);
}

static const char *const peer_modes[] = {
	"644",     "0644", "755",       "u=rwX,go=", "u=rw,go=r", "+t",         "-x",
	"a=",      "g=u",  "o=g",       "u+s",       "g+s",       "-s",         "a-s",
	"u=g,o=u", "+X",   "u-w,+x",    "=r",        "a=rX",      "ug=rw,o-rw", "+w",
	"g=u-w",   "o=",   "u=rwx,g=s", "ug+s,o+t",  "=",         "a+rwxXst",
};

/* Numbers differ by design: only where no set-id bit is there. */
Test(peer_perms, symbolic_modes_are_chmod_s)
{
	static const mode_t starts[] = { 0, 0644, 0755, 0700, 0111, 04755, 02775, 01777, 06711 };
	static const mode_t masks[] = { 022, 077, 0 };

	(void)need_program("chmod");
	for (size_t i = 0; i < sizeof(peer_modes) / sizeof(peer_modes[0]); i++) {
		for (size_t k = 0; k < sizeof(starts) / sizeof(starts[0]); k++) {
			mode_t start = peer_modes[i][0] <= '9' && peer_modes[i][0] >= '0'
			                       ? starts[k] & 0777
			                       : starts[k];
			struct stat got[2][2];

			for (int ours = 0; ours < 2; ours++) {
				(void)rmdir("d");
				tree("f f", "d d");
				cr_assert_eq(chmod("f", start), 0);
				cr_assert_eq(chmod("d", start), 0);
				umask(masks[i % 3]);
				(void)run_argv(&(const struct run_request){
					.program = ours ? NULL : "chmod",
					.words = ours ? WORDS("perms", "--allow=suid", "--",
				                              peer_modes[i], "f", "d")
				                      : WORDS("--", peer_modes[i], "f", "d"),
					.keeps_umask = true });
				umask(022);
				cr_assert_eq(stat("f", &got[ours][0]), 0);
				cr_assert_eq(stat("d", &got[ours][1]), 0);
			}
			for (int d = 0; d < 2; d++)
				cr_expect_eq(got[0][d].st_mode, got[1][d].st_mode,
				             "%s on %o of %s: %o, chmod %o", peer_modes[i], start,
				             d ? "dir" : "file", got[1][d].st_mode,
				             got[0][d].st_mode);
		}
	}
}
