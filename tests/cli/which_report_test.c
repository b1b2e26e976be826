/* SPDX-License-Identifier: MIT */
/* which: records, --why and --shadowed. */
#include "which_run.h"

TestSuite(which_report, .init = sandbox_enter, .fini = sandbox_leave);

Test(which_report, records)
{
	static const char *const keys[] = {
		"record",    "name",      "found", "path",        "index",   "dir",
		"dir_index", "real_path", "type",  "mode",        "uid",     "gid",
		"size",      "ino",       "dev",   "shadowed_by", "dutybox",
	};
	struct stat st;
	struct run r;
	struct json_lines lines;

	tree("x a/c", "x b/c", "l d/c -> ../a/c", "m a/c 4751");
	cr_assert_eq(stat("a/c", &st), 0);
	r = WHICH("nowhere:a:b:d", "-a", "--json", "c", "nope");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR(r, "");
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 4);
	for (size_t i = 0; i < lines.len; i++) {
		cr_assert_eq(lines.items[i]->len, LEN(keys), "line %zu", i);
		for (size_t k = 0; k < LEN(keys); k++)
			cr_expect_str_eq(lines.items[i]->keys[k], keys[k]);
		cr_expect_str_eq(json_string(lines.items[i], "record"), "entry");
	}
	cr_expect_str_eq(json_string(lines.items[0], "path"), "a/c");
	cr_expect_eq(json_int(lines.items[0], "index", -1), 0);
	cr_expect_str_eq(json_string(lines.items[0], "dir"), "a");
	cr_expect_eq(json_int(lines.items[0], "dir_index", -1), 1);
	cr_expect_str_eq(json_string(lines.items[0], "real_path"), below_sandbox("/a/c"));
	cr_expect_str_eq(json_string(lines.items[0], "type"), "file");
	cr_expect_str_eq(json_string(lines.items[0], "mode"), "4751");
	cr_expect_eq(json_int(lines.items[0], "uid", -1), st.st_uid);
	cr_expect_eq(json_int(lines.items[0], "gid", -1), st.st_gid);
	cr_expect_eq(json_int(lines.items[0], "size", -1), st.st_size);
	cr_expect_eq(json_int(lines.items[0], "ino", -1), (int64_t)st.st_ino);
	cr_expect_eq(json_int(lines.items[0], "dev", -1), (int64_t)st.st_dev);
	cr_expect(json_is_null(lines.items[0], "shadowed_by"));
	cr_expect(json_is_false(lines.items[0], "dutybox"));
	cr_expect_str_eq(json_string(lines.items[1], "shadowed_by"), "a/c");
	cr_expect(json_is_null(lines.items[2], "shadowed_by"));
	cr_expect_str_eq(json_string(lines.items[2], "real_path"), below_sandbox("/a/c"));
	cr_expect(json_is_false(lines.items[3], "found"));
	for (size_t k = 3; k < LEN(keys); k++)
		cr_expect(json_is_null(lines.items[3], keys[k]), "%s", keys[k]);
}

Test(which_report, knows_itself)
{
	struct run r;
	struct json_lines lines;

	tree("d a");
	tree_symlink("a/which", run_binary());
	r = WHICH("a", "--json", "which", "a/which");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 2);
	cr_expect(json_is_true(lines.items[0], "dutybox"));
	cr_expect(json_is_true(lines.items[1], "dutybox"));
	cr_expect(json_is_null(lines.items[1], "dir"));
	cr_expect(json_is_null(lines.items[1], "dir_index"));
}

Test(which_report, says_why)
{
	struct run r;

	tree("x 0/c", "d 1/c", "f 2/c 5", "p 3/c", "l 4/c -> nowhere", "l 5/c -> d", "l 5/d -> c",
	     "d 6", "l 7/c -> ../0/c", "x 8/c", "f file 1");
	r = WHICH("none:file:1:2:3:4:5:6:0:7:8:", "--why", "c");
	EXPECT_RUN(r, 0,
	           "c: 0/c\n"
	           "  none: missing directory\n"
	           "  file: not a directory\n"
	           "  1: is a directory\n"
	           "  2: not executable\n"
	           "  3: not a regular file\n"
	           "  4: dangling link\n"
	           "  5: link loop\n"
	           "  6: no such file\n"
	           "  0: found\n"
	           "  7: found, the same file as 0/c\n"
	           "  8: found, shadowed by 0/c\n"
	           "  (empty: the working directory): no such file\n",
	           "");
}

Test(which_report, says_what_a_shell_has)
{
	struct run r;

	tree("x a/echo");
	r = WHICH("a", "--why", "cd", "if", "echo", "./nope", "");
	EXPECT_RUN(r, 1,
	           "cd: not found; a shell builtin\n  a: no such file\n"
	           "if: not found; a shell keyword\n  a: no such file\n"
	           "echo: a/echo; also a shell builtin\n  a: found\n"
	           "./nope: not found; a name with a slash is not searched for in PATH\n"
	           "  ./nope: no such file\n"
	           ": not found; the name is empty\n  a: no such file\n",
	           "");
	r = WHICH("a", "cd", "export", "if");
	EXPECT_RUN(r, 1, "", "");
	r = WHICH(NULL, "--why", "no-such-command");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "not found; PATH is not set, this is the system's default\n");
}

Test(which_report, says_why_in_records)
{
	struct run r;
	struct json_lines lines;

	tree("x a/cd");
	r = WHICH("none:a", "--why", "--json", "cd", "./x");
	EXPECT_STATUS(r, 1);
	lines = JSON_LINES(r);
	cr_assert_eq(json_count(&lines, "verdict"), 3);
	cr_assert_eq(lines.len, 3);
	cr_expect_str_eq(json_string(lines.items[0], "verdict"), "missing directory");
	cr_expect_str_eq(json_string(lines.items[0], "errno"), "ENOENT");
	cr_expect_str_eq(json_string(lines.items[0], "path"), "none/cd");
	cr_expect_str_eq(json_string(lines.items[0], "shell"), "builtin");
	cr_expect(json_is_false(lines.items[0], "found"));
	cr_expect(json_is_true(lines.items[1], "found"));
	cr_expect_eq(json_int(lines.items[1], "dir_index", -1), 1);
	cr_expect(json_is_null(lines.items[1], "errno"));
	cr_expect(json_is_null(lines.items[2], "dir"));
	cr_expect(json_is_null(lines.items[2], "shell"));
}

Test(which_report, sees_no_exec_mounts)
{
	struct run r;

	need_root();
	need_program("unshare");
	tree("x a/c", "d m");
	r = RUN_PEER("unshare", "-m", "sh", "-c",
	             "mount -t tmpfs -o noexec,mode=755 none m 2>/dev/null || exit 77; cp a/c m/c; "
	             "PATH=m \"$0\" which c; PATH=m exec \"$0\" which --why c",
	             run_binary());
	if (r.status == 77 || strstr(r.err, "unshare") != NULL)
		skip("no mount namespace here");
	EXPECT_RUN(r, 1, "c: not found\n  m: on a no-exec mount\n", "");
}

Test(which_report, lists_shadowed_commands)
{
	struct run r;
	struct json_lines lines;

	tree("x a/c", "x b/c", "x d/c", "x a/z", "f b/z 1", "l a/same -> ../b/same", "x b/same",
	     "x b/b", "x d/b", "x a/only", "l merged -> b", "f a/late 1", "x b/late");
	r = WHICH("a:none:b:merged:d", "--shadowed");
	EXPECT_RUN(r, 1, "d/b is shadowed by b/b\nb/c is shadowed by a/c\nd/c is shadowed by a/c\n",
	           "");
	r = WHICH("a:b:merged:d", "--shadowed", "c", "nope", "z");
	EXPECT_RUN(r, 1, "b/c is shadowed by a/c\nd/c is shadowed by a/c\n", "");
	r = WHICH("a:b:merged:d", "--shadowed", "z", "same", "late", "nope", "./a/c");
	EXPECT_RUN(r, 0, "", "");
	r = WHICH("a:a:none", "--shadowed");
	EXPECT_RUN(r, 0, "", "");
	r = WHICH("a:b:d", "-s", "--shadowed");
	EXPECT_RUN(r, 1, "", "");
	r = WHICH("a:b", "-0", "--shadowed");
	EXPECT_OUT_BYTES(r, "b/c", 4);
	r = WHICH("a:b", "--json", "--shadowed");
	EXPECT_STATUS(r, 1);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 1);
	cr_expect_str_eq(json_string(lines.items[0], "path"), "b/c");
	cr_expect_str_eq(json_string(lines.items[0], "shadowed_by"), "a/c");
	cr_expect_eq(json_int(lines.items[0], "index", -1), 1);
}

Test(which_report, lists_shadowed_among_20000)
{
	struct run r;

	tree("x a/seed", "d b");
	for (int i = 0; i < 20000; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%s/n%05d", i % 2 == 0 ? "a" : "b", i);
		/* One inode has no room for so many links on every file system. */
		cr_assert_eq(symlink("seed", name), 0);
	}
	tree("x b/seed");
	r = WHICH("a:b", "--shadowed");
	EXPECT_RUN(r, 1, "b/seed is shadowed by a/seed\n", "");
}
