/* SPDX-License-Identifier: MIT */
/* sync: what goes wrong outside, and what must not go wrong for it. */
#include "private_mounts.h"
#include "sync_run.h"

#include "support/sandbox.h"

#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>

TestSuite(sync_hard, .init = sandbox_enter, .fini = sandbox_leave);

static const struct timespec old = { 1000000000, 1 };

/* The peer compares whole seconds and does not see it (R13). */
Test(sync_hard, a_change_within_the_same_second)
{
	tree("t src/f old");
	tree_time("src/f", old);
	EXPECT_SYNC(0, "src", "dst");
	tree("t src/f new");
	tree_time("src/f", (struct timespec){ old.tv_sec, 999999999 });
	EXPECT_SYNC(0, "src", "dst");
	expect_file("dst/f", "new");
}

/* Two writes in one tick of the clock: size and time are the same, the content is not. */
Test(sync_hard, a_change_within_the_same_tick)
{
	struct stat st;

	tree("t src/f old");
	EXPECT_SYNC(0, "src", "dst");
	cr_assert_eq(stat("dst/f", &st), 0);
	/* The source is changed behind the copy's back, at its own time. */
	tree("t src/f new");
	tree_time("src/f", st.st_mtim);
	if (st.st_ctim.tv_sec != st.st_mtim.tv_sec ||
	    st.st_ctim.tv_nsec - st.st_mtim.tv_nsec >= 10000000)
		skip("the copy was made too late to be doubtful");
	EXPECT_SYNC(0, "src", "dst");
	expect_file("dst/f", "new");
}

/* The peer turns off all removing (R16). */
Test(sync_hard, an_unreadable_directory_protects_only_what_is_below_it)
{
	struct run r;

	sandbox_drop_root();
	tree("d src/shut", "d src/open", "t dst/shut/mine x", "t dst/open/extra y", "t dst/gone z",
	     "t src/new n", "m src/shut 0");
	r = RUN("sync", "--delete", "src", "dst");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "src/shut");
	expect_file("dst/shut/mine", "x");
	expect_empty_dir("dst/open");
	expect_names("dst", "new", "open", "shut");
	r = RUN("sync", "--delete", "--json", "src", "dst");
	EXPECT_OUT_HAS(r, "\"deletes_suppressed\":1,");
	EXPECT_OUT_HAS(r, "{\"record\":\"error\",\"op\":\"open directory\",\"path\":\"src/shut\"");
}

Test(sync_hard, a_source_that_may_not_be_read_at_all)
{
	struct run r;

	sandbox_drop_root();
	tree("t src/f x", "t dst/mine y", "m src 0");
	EXPECT_SYNC(3, "--delete", "src", "dst");
	tree("m src 300");
	r = RUN("sync", "--delete", "src", "dst");
	EXPECT_STATUS(r, 3);
	expect_names("dst", "mine");
}

Test(sync_hard, an_unreadable_file_keeps_its_old_copy)
{
	struct run r;

	sandbox_drop_root();
	tree("t src/f newer", "t src/g fine", "t dst/f old", "t dst/extra x", "m src/f 0");
	r = RUN("sync", "--delete", "--json", "src", "dst");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "\"action\":\"skip\",\"type\":\"file\",\"path\":\"f\",\"from\":null,"
	                  "\"size\":null,\"reason\":\"unreadable\"");
	expect_file("dst/f", "old");
	expect_file("dst/g", "fine");
	expect_names("dst", "f", "g");
}

Test(sync_hard, a_target_without_write_permission_is_told)
{
	struct run r;

	sandbox_drop_root();
	tree("t src/f x", "d dst 555", "d above 555");
	/* Our own directory: it is made writable, and again what it was, by what SRC says. */
	tree("m src 555");
	EXPECT_SYNC(0, "src", "dst");
	expect_file("dst/f", "x");
	expect_mode("dst", 0555);
	r = RUN("sync", "src", "above/new");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "above/new");
}

/* Nothing half stays under the name, nothing is removed, the old versions are there. */
Test(sync_hard, a_disk_that_becomes_full)
{
	struct run r;

	enter_private_mounts();
	mount_tmpfs("dst", "size=256k");
	tree("t dst/a old", "t dst/extra x", "t src/a new version", "f src/b 100000",
	     "f src/c 400000", "t src/z last");
	r = RUN("sync", "--delete", "--allow=space", "-j1", "src", "dst");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "No space left on device");
	expect_file("dst/extra", "x");
	expect_file("dst/a", "new version");
	expect_no_file("dst/c");
	expect_names("dst", "a", "b", "extra");
	cr_assert_eq(umount("dst"), 0);
}

Test(sync_hard, a_read_only_target)
{
	struct run r;

	enter_private_mounts();
	mount_tmpfs("dst", "size=256k");
	tree("t dst/a old", "t dst/extra x", "t src/a new");
	cr_assert_eq(mount(NULL, "dst", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	r = RUN("sync", "--delete", "src", "dst");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "Read-only file system");
	expect_names("dst", "a", "extra");
	cr_assert_eq(umount("dst"), 0);
}

static bool set_flag(const char *path, int flag, bool on)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int flags = 0;
	bool done = fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;

	flags = on ? flags | flag : flags & ~flag;
	done = done && ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
	if (fd >= 0)
		(void)close(fd);
	return done;
}

Test(sync_hard, an_immutable_file_is_named_as_such)
{
	struct run r;

	tree("t src/f newer", "t dst/f old", "t src/g x");
	if (!set_flag("dst/f", FS_IMMUTABLE_FL, true))
		skip("no immutable files here, or not as this user");
	r = RUN("sync", "src", "dst");
	cr_assert(set_flag("dst/f", FS_IMMUTABLE_FL, false));
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "immutable");
	expect_file("dst/f", "old");
	expect_names("dst", "f", "g");
}

Test(sync_hard, devices_are_for_root)
{
	struct run_request user = { .words = WORDS("sync", "src", "mine"), .uid = RUN_NOBODY };
	struct run r;

	need_root();
	tree("d src", "d mine", "t src/f x");
	if (mknod("src/null", S_IFCHR | 0666, makedev(1, 3)) != 0)
		skip("no devices here");
	cr_assert_eq(chown("mine", RUN_NOBODY, RUN_NOBODY), 0);
	r = run_argv(&user);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "1 device files were left out");
	expect_names("mine", "f");
	EXPECT_SYNC(0, "src", "dst");
	expect_names("dst", "f", "null");
	EXPECT_SYNC(0, "--no-devices", "src", "less");
	expect_names("less", "f");
}

/* A link in the target is never followed, the operand itself is. */
Test(sync_hard, links_in_the_target)
{
	tree("t src/d/f x", "t src/g new", "t out/f mine", "t out/keep mine", "d real",
	     "l real/d -> ../out", "l real/g -> ../out/f", "l dst -> real");
	EXPECT_SYNC(0, "--delete", "src", "dst");
	expect_link("dst", "real");
	expect_is_dir("real/d");
	expect_file("real/d/f", "x");
	expect_file("real/g", "new");
	expect_names("out", "f", "keep");
	expect_file("out/f", "mine");
}

Test(sync_hard, every_kind_in_the_place_of_every_other)
{
	static const char *const makers[][2] = { { "t ", "/x file" },
		                                 { "t ", "/x/in deep" },
		                                 { "d ", "/x" },
		                                 { "l ", "/x -> to" },
		                                 { "p ", "/x" } };
	enum { KINDS = sizeof(makers) / sizeof(makers[0]) };
	char line[2][64];

	for (int from = 0; from < KINDS; from++) {
		for (int to = 0; to < KINDS; to++) {
			struct run r;

			(void)snprintf(line[0], sizeof(line[0]), "%ssrc%s", makers[from][0],
			               makers[from][1]);
			(void)snprintf(line[1], sizeof(line[1]), "%sdst%s", makers[to][0],
			               makers[to][1]);
			tree("d src", "d dst", line[0], line[1]);
			r = RUN("sync", "--delete", "src", "dst");
			cr_expect_eq(r.status, 0, "%s over %s: %s", line[0], line[1], r.err);
			r = RUN("sync", "-ni", "--delete", "src", "dst");
			cr_expect_not_null(strstr(r.out, "unchanged; nothing was changed"),
			                   "%s over %s: %s", line[0], line[1], r.out);
			cr_expect(r.out[0] == '1' || r.out[0] == '2', "%s over %s: %s", line[0],
			          line[1], r.out);
			r = RUN_PEER("rm", "-r", "src", "dst");
		}
	}
}

Test(sync_hard, deep_trees)
{
	struct run r =
		RUN_PEER("sh", "-c",
	                 "n=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; mkdir src; cd src;"
	                 "i=0; while [ $i -lt 300 ]; do mkdir $n && cd -P $n || exit 1;"
	                 "i=$((i+1)); done; echo deep >f");

	cr_assert_eq(r.status, 0);
	EXPECT_SYNC(0, "src", "dst");
	r = RUN("sync", "-v", "--delete", "src", "dst");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "301 unchanged");
	tree("d none", "t none/f x");
	EXPECT_SYNC(0, "--delete", "--allow=max-delete", "none", "dst");
	expect_names("dst", "f");
}

Test(sync_hard, holes_stay_holes)
{
	struct stat st;

	tree("s src/only 10000000", "s src/tail 10000000");
	cr_assert_eq(truncate("src/tail", 0), 0);
	tree("f src/tail 5000");
	cr_assert_eq(truncate("src/tail", 10000000), 0);
	EXPECT_SYNC(0, "src", "dst");
	expect_size("dst/only", 10000000);
	expect_size("dst/tail", 10000000);
	cr_assert_eq(stat("dst/only", &st), 0);
	cr_expect(st.st_blocks * 512 < 100000, "%lld", (long long)st.st_blocks);
	cr_assert_eq(stat("dst/tail", &st), 0);
	cr_expect(st.st_blocks * 512 < 100000, "%lld", (long long)st.st_blocks);
	EXPECT_SYNC(0, "-c", "src", "dst");
}

Test(sync_hard, attributes_and_owners)
{
	char value[8];

	need_root();
	tree("t src/f x", "d src/d", "m src/f 4755");
	cr_assert_eq(chown("src/f", 1234, 5678), 0);
	cr_assert_eq(chmod("src/f", 04755), 0);
	EXPECT_SYNC(0, "src", "dst");
	expect_mode("dst/f", 04755);
	EXPECT_SYNC(0, "--no-owner", "--no-group", "src", "plain");
	expect_mode("plain/f", 0755);
	if (setxattr("src/f", "user.note", "one", 3, 0) != 0 ||
	    setxattr("src/d", "user.note", "two", 3, 0) != 0)
		skip("no attributes on this file system");
	EXPECT_SYNC(0, "src", "dst");
	cr_expect_eq(getxattr("dst/f", "user.note", value, sizeof(value)), 3);
	cr_expect_eq(getxattr("dst/d", "user.note", value, sizeof(value)), 3);
	cr_assert_eq(removexattr("src/f", "user.note"), 0);
	EXPECT_SYNC(0, "-X", "src", "dst");
	cr_expect(getxattr("dst/f", "user.note", value, sizeof(value)) < 0);
	expect_mode("dst/f", 04755);
}

/* So much to print that it waits for its reader, who sends a signal instead. */
static void make_wordy_tree(void)
{
	char path[256];

	for (int i = 0; i < 2000; i++) {
		(void)snprintf(path, sizeof(path), "src/%0200d", i);
		tree_text(path, "x");
	}
	tree("t dst/extra x");
}

static bool has_leftover(void)
{
	return RUN_PEER("sh", "-c", "ls -A dst | grep -q '^[.]dutybox'").status == 0;
}

Test(sync_hard, interrupted_it_leaves_nothing_half_and_removes_nothing)
{
	struct run_request request = { .words =
		                               WORDS("sync", "-v", "--delete", "-j1", "src", "dst"),
		                       .out_to = RUN_TO_PIPE };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	make_wordy_tree();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct run_child child;
		struct run r;

		run_start(&request, &child);
		run_wait_for(&child, "copied");
		cr_assert_eq(kill(child.pid, signals[i]), 0);
		r = run_finish(&child);
		EXPECT_STATUS(r, 128 + signals[i]);
		cr_expect(!has_leftover());
		expect_file("dst/extra", "x");
	}
	EXPECT_SYNC(0, "--delete", "src", "dst");
	expect_no_file("dst/extra");
}

Test(sync_hard, killed_the_next_run_finishes)
{
	struct run_request request = { .words =
		                               WORDS("sync", "-v", "--delete", "-j1", "src", "dst"),
		                       .out_to = RUN_TO_PIPE };
	struct run_child child;
	struct run r;

	make_wordy_tree();
	run_start(&request, &child);
	run_wait_for(&child, "copied");
	cr_assert_eq(kill(child.pid, SIGKILL), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 128 + SIGKILL);
	expect_file("dst/extra", "x");
	tree("t dst/.dutybox.0123abcd.part half");
	EXPECT_SYNC(0, "--delete", "src", "dst");
	cr_expect(!has_leftover());
	r = RUN("sync", "-nv", "--delete", "src", "dst");
	EXPECT_OUT(r, "2000 unchanged; nothing was changed (dry run)\n");
}

/* Directories are replaced by links to outside, all the time, on both sides. */
Test(sync_hard, races_never_leave_the_trees)
{
	pid_t child;

	tree("t src/d/f x", "t out/secret s", "t dst/d/f y", "t dst/d/extra z", "t out2/keep k");
	child = fork();
	if (child == 0) {
		/* Not longer than the test, however that ends. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() != 1) {
			int failed = rename("src/d", "src_d");

			failed += symlink("../out", "src/d");
			failed += rename("dst/d", "dst_d");
			failed += symlink("../out2", "dst/d");
			(void)failed;
			(void)unlink("src/d");
			(void)rename("src_d", "src/d");
			(void)unlink("dst/d");
			(void)rename("dst_d", "dst/d");
		}
		_exit(0);
	}
	for (int i = 0; i < 60; i++) {
		struct run r = RUN("sync", "-q", "--no-lock", "--delete", "--allow=empty-source",
		                   "src", "dst");

		cr_expect(r.status == 0 || r.status == 1, "%d", r.status);
	}
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	expect_names("out", "secret");
	expect_names("out2", "keep");
	expect_file("out2/keep", "k");
}
