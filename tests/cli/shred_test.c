/* SPDX-License-Identifier: MIT */
/* shred: by what the files hold afterwards, and beside GNU's where that is installed. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(shred, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_shred, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 10, BLOCK = 4096 };

static const char secret[] = "the secret of the house";

/* Is the text anywhere in the file? */
static bool holds(const char *path, const char *text)
{
	static char bytes[1 << 16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)close(fd);
	cr_assert(n >= 0, "%s", path);
	return memmem(bytes, (size_t)n, text, strlen(text)) != NULL;
}

Test(shred, a12_1_overwrites_then_removes)
{
	struct run r;

	tree_text("f", secret);
	tree_link("keep", "f");
	r = RUN("shred", "-u", "-n", "3", "--allow=hardlinks", "f");
	EXPECT_STATUS(r, 0);
	/* The other name shows what was done to the blocks: cut at the end. */
	expect_names(".", "keep");
	expect_size("keep", 0);
	tree_text("g", secret);
	r = RUN("shred", "g");
	EXPECT_STATUS(r, 0);
	expect_size("g", BLOCK);
	cr_expect(!holds("g", secret));
	r = RUN("shred", "-u", "none");
	EXPECT_RUN(r, 1, "", "shred: cannot open 'none': No such file or directory\n");
}

Test(shred, r7_r33_a_link_is_refused)
{
	struct run r;

	tree_text("f", secret);
	tree("l link -> f", "p fifo", "d dir", "l gone -> nowhere");
	r = RUN("shred", "-u", "link", "gone");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "symbolic link");
	expect_file("f", secret);
	expect_link("link", "f");
	/* A FIFO is not waited for. */
	r = RUN("shred", "-u", "fifo");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "invalid file type");
	r = RUN("shred", "-u", "dir");
	EXPECT_STATUS(r, 1);
	r = RUN("shred", "/dev/null", "/dev/stdout");
	EXPECT_STATUS(r, 1);
	expect_names(".", "f", "link", "fifo", "dir", "gone");
	r = RUN("shred", "--follow", "-u", "link");
	EXPECT_STATUS(r, 0);
	expect_names(".", "link", "fifo", "dir", "gone");
}

Test(shred, r8_other_names_keep_their_content)
{
	struct run r;

	tree_text("f", secret);
	tree("h other -> f", "t g plain");
	r = RUN("shred", "-u", "f", "g");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow=hardlinks");
	expect_file("f", secret);
	expect_file("other", secret);
	/* The others are done. */
	expect_names(".", "f", "other");
	r = RUN("shred", "--json", "f");
	EXPECT_STATUS(r, 4);
	cr_expect_str_eq(json_string(JSON_LINES(r).items[0], "guard"), "hardlinks");
}

Test(shred, sizes)
{
	static const struct {
		const char *words[5];
		uint64_t size;
	} cases[] = {
		{ { "shred", "f" }, BLOCK },          { { "shred", "-x", "f" }, 23 },
		{ { "shred", "-s", "10", "f" }, 23 }, { { "shred", "-s10K", "f" }, 10240 },
		{ { "shred", "-n0", "f" }, 23 },      { { "shred", "-n0", "-z", "f" }, BLOCK },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		tree_text("f", secret);
		r = run_words(cases[i].words);
		cr_expect_eq(r.status, 0, "case %zu", i);
		expect_size("f", cases[i].size);
	}
	tree("f empty");
	{
		struct run r = RUN("shred", "-u", "empty");

		EXPECT_STATUS(r, 0);
		expect_names(".", "f");
	}
}

Test(shred, zeros_come_last)
{
	static const char zeros[BLOCK];
	struct run r;

	tree_text("f", secret);
	r = RUN("shred", "-z", "-n1", "--check", "f");
	EXPECT_STATUS(r, 0);
	expect_content("f", zeros, BLOCK);
	tree_text("f", secret);
	tree_text("source", "0123456789");
	r = RUN("shred", "-x", "-n1", "-s5", "--random-source=source", "f");
	EXPECT_STATUS(r, 0);
	expect_file("f", "01234ecret of the house");
	r = RUN("shred", "-n3", "--random-source=source", "f");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "end of file");
}

Test(shred, a_sparse_file_stays_sparse)
{
	struct stat st;
	struct run r;
	int fd;

	tree("s big 1099511627776");
	fd = open("big", O_WRONLY | O_CLOEXEC);
	cr_assert_eq(pwrite(fd, secret, sizeof(secret), 1 << 20), (ssize_t)sizeof(secret));
	(void)close(fd);
	r = RUN("shred", "-n1", "--check", "big");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "holes");
	cr_assert_eq(stat("big", &st), 0);
	cr_expect(st.st_blocks * 512 < 1 << 20);
	{
		char seen[sizeof(secret)];

		fd = open("big", O_RDONLY | O_CLOEXEC);
		cr_assert_eq(pread(fd, seen, sizeof(seen), 1 << 20), (ssize_t)sizeof(seen));
		(void)close(fd);
		cr_expect(memcmp(seen, secret, sizeof(secret)) != 0);
	}
	r = RUN("shred", "-u", "-n1", "big");
	EXPECT_STATUS(r, 0);
	expect_empty_dir(".");
}

Test(shred, assurance_is_told_and_asked_for)
{
	struct run r;
	struct json_lines lines;
	const char *word;

	tree_text("f", secret);
	r = RUN("shred", "--json", "--dry-run", "f");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	word = json_string(lines.items[0], "assurance");
	cr_assert_not_null(word);
	cr_expect(strcmp(word, "in-place") == 0 || strcmp(word, "best-effort") == 0 ||
	          strcmp(word, "none") == 0);
	cr_expect_str_eq(json_string(lines.items[0], "record"), "plan");
	cr_expect_str_eq(json_string(lines.items[0], "status"), "planned");
	expect_file("f", secret);
	r = RUN("shred", "--require=in-place", "-u", "f");
	EXPECT_STATUS(r, strcmp(word, "in-place") == 0 ? 0 : 4);
	if (r.status == 4)
		expect_file("f", secret);
}

Test(shred, in_memory_it_is_best_effort)
{
	struct run r;

	if (access("/dev/shm", W_OK) != 0)
		skip("/dev/shm cannot be written to");
	r = run_argv(&(const struct run_request){
		.program = "sh",
		.words = WORDS("-c",
	                       "f=$(mktemp /dev/shm/shredXXXXXX) && echo x > $f && \"$1\" shred "
	                       "--require=in-place $f; echo $?; \"$1\" shred --require=best-effort "
	                       "-u $f; echo $?; test -e $f || echo gone",
	                       "sh", run_binary()) });
	EXPECT_OUT(r, "4\n0\ngone\n");
	EXPECT_ERR_HAS(r, "in memory");
}

Test(shred, directories)
{
	struct run r;

	tree("d t/a/b", "l t/link -> ../out", "d t/e");
	tree_text("out", secret);
	tree_text("t/f", secret);
	tree_text("t/a/b/g", secret);
	r = RUN("shred", "-r", "t");
	EXPECT_STATUS(r, 0);
	cr_expect(!holds("t/a/b/g", secret));
	expect_file("out", secret);
	/* What was left alone keeps its directory. */
	r = RUN("shred", "-r", "-u", "t");
	EXPECT_STATUS(r, 0);
	expect_names("t", "link");
	cr_assert_eq(unlink("t/link"), 0);
	tree_text("t/x/y", secret);
	r = RUN("shred", "-ru", "t/");
	EXPECT_STATUS(r, 0);
	expect_names(".", "out");
}

Test(shred, read_only_files)
{
	struct run r;

	sandbox_drop_root();
	tree_text("f", secret);
	tree("m f 0400");
	r = RUN("shred", "-u", "f");
	EXPECT_RUN(r, 1, "", "shred: cannot open 'f': Permission denied\n");
	expect_file("f", secret);
	r = RUN("shred", "-f", "-u", "f");
	EXPECT_STATUS(r, 0);
	expect_empty_dir(".");
	tree_text("g", secret);
	tree("m g 0200");
	r = RUN("shred", "-x", "g");
	EXPECT_STATUS(r, 0);
	tree("m g 0600");
	cr_expect(!holds("g", secret));
}

Test(shred, a_program_that_runs_is_busy)
{
	struct run r;
	char byte;
	pid_t pid;
	int status[2];

	cr_assert_eq(RUN_PEER("cp", need_program("sleep"), "copy").status, 0);
	cr_assert_eq(pipe(status), 0);
	pid = fork();
	if (pid == 0) {
		/* Its end is closed by the exec. */
		(void)fcntl(status[1], F_SETFD, FD_CLOEXEC);
		(void)execl("./copy", "sleep", "60", (char *)NULL);
		_exit(1);
	}
	(void)close(status[1]);
	cr_assert_eq(read(status[0], &byte, 1), 0);
	r = RUN("shred", "-u", "copy");
	EXPECT_RUN(r, 1, "", "shred: cannot open 'copy': Text file busy\n");
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	expect_is_file("copy");
}

Test(shred, open_elsewhere_is_said)
{
	struct run r;
	int fd;

	tree_text("f", secret);
	fd = open("f", O_RDONLY | O_CLOEXEC);
	r = RUN("shred", "f");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "open elsewhere");
	(void)close(fd);
	r = RUN("shred", "f");
	EXPECT_ERR_LACKS(r, "open elsewhere");
}

Test(shred, long_names_are_wiped)
{
	char name[256];
	struct run r;

	memset(name, 'n', 255);
	name[255] = '\0';
	tree_text(name, secret);
	r = RUN("shred", "-u", "-n1", name);
	EXPECT_STATUS(r, 0);
	expect_empty_dir(".");
	/* Shorter names that are taken are left alone. */
	tree("t 0 zero", "t 00 two", "t ab text");
	r = RUN("shred", "-v", "-u", "-n1", "ab");
	EXPECT_STATUS(r, 0);
	expect_names(".", "0", "00");
	expect_file("0", "zero");
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		tree_text(hostile_names[i], secret);
		r = RUN("shred", "-v", "-n1", "--remove=unlink", "--", hostile_names[i]);
		EXPECT_STATUS(r, 0);
		EXPECT_ERR_HARMLESS(r);
		expect_no_file(hostile_names[i]);
	}
}

Test(shred, what_may_not_be_written_is_kept)
{
	struct run r;

	tree_text("f", secret);
	r = run_argv(&(const struct run_request){ .words = WORDS("shred", "-u", "-s1M", "f"),
	                                          .limits = { { RLIMIT_FSIZE, 100 } } });
	cr_expect(r.status != 0);
	expect_is_file("f");
}

Test(shred, a_signal_keeps_the_file)
{
	struct run_request q = { .words = WORDS("shred", "-v", "-u", "-n", "1000000", "f") };
	struct run_child child;
	struct run r;

	tree_text("f", secret);
	run_start(&q, &child);
	run_wait_for(&child, "pass 2/");
	cr_assert_eq(kill(child.pid, SIGINT), 0);
	r = run_finish(&child);
	cr_expect_eq(r.status, 128 + SIGINT);
	expect_names(".", "f");
	expect_size("f", BLOCK);
}

Test(shred, standard_output)
{
	struct run r = run_argv(&(const struct run_request){
		.program = "sh",
		.words = WORDS("-c",
	                       "echo secret > o; \"$1\" shred -x - 1<>o; grep -q secret o || echo "
	                       "done; \"$1\" shred - >>o; \"$1\" shred - | cat",
	                       "sh", run_binary()) });

	EXPECT_OUT(r, "done\n");
	EXPECT_ERR_HAS(r, "append-only");
	EXPECT_ERR_HAS(r, "invalid file type");
}

Test(shred, records)
{
	struct run r;
	struct json_lines lines;

	tree_text("\xff", secret);
	r = RUN("shred", "--json", "-u", "-z", "-x", "--check", "\xff", "none");
	EXPECT_STATUS(r, 1);
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "item"), 2);
	cr_expect_eq(json_int(lines.items[0], "passes", 0), 4);
	cr_expect_eq(json_int(lines.items[0], "bytes", 0), 23);
	cr_expect(json_is_true(lines.items[0], "removed"));
	cr_expect(json_is_true(lines.items[0], "checked"));
	cr_expect_not_null(json_string(lines.items[0], "path_b64"));
	cr_expect_str_eq(json_string(json_record(&lines, "item", 1), "status"), "refused");
}

Test(shred, bad_words_are_refused)
{
	static const char *const cases[][WORDS_MAX] = {
		{ "shred" },
		{ "shred", "-n", "x", "f" },
		{ "shred", "-n", "-1", "f" },
		{ "shred", "-s", "x", "f" },
		{ "shred", "--remove=burn", "f" },
		{ "shred", "--require=magic", "f" },
		{ "shred", "--allow=root", "f" },
		{ "shred", "--random-source=none", "f" },
		{ "shred", "--nope", "f" },
		{ "shred", "" },
	};

	tree_text("f", secret);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 1, "case %zu: status %d", i, r.status);
		cr_expect(r.err_len > 0, "case %zu says nothing", i);
	}
	expect_file("f", secret);
}

static const char *const peer_cases[][WORDS_MAX] = {
	{ "f" },
	{ "-x", "f" },
	{ "-n1", "f" },
	{ "-z", "-n0", "f" },
	{ "-s", "7", "f" },
	{ "-s9K", "f" },
	{ "-u", "f" },
	{ "--remove", "f" },
	{ "-vu", "f" },
	{ "empty" },
	{ "-u", "empty", "f" },
	{ "none" },
	{ "none", "f" },
	{ "dir" },
	{ "--remove=wipe", "f" },
	{ "-zx", "f" },
	{ "-n", "x", "f" },
	{ "--random-source=none", "f" },
	{ "-u", "--remove=unlink", "f" },
};

Test(peer_shred, leaves_files_of_the_same_size)
{
	const char *peer = need_program("shred");

	for (size_t i = 0; i < sizeof(peer_cases) / sizeof(peer_cases[0]); i++) {
		struct run got[2], left[2];

		for (int ours = 0; ours < 2; ours++) {
			tree_text("f", secret);
			tree("f empty", "d dir");
			got[ours] =
				run_argv(&(const struct run_request){ .program = ours ? NULL : peer,
			                                              .argv0 = "shred",
			                                              .words = peer_cases[i] });
			left[ours] = RUN_PEER("find", ".", "-type", "f", "-printf", "%p %s\n");
		}
		cr_expect_eq(got[0].status, got[1].status, "case %zu: %d, GNU %d: %s", i,
		             got[1].status, got[0].status, got[1].err);
		cr_expect_str_eq(left[1].out, left[0].out, "case %zu: %s, GNU %s", i, left[1].out,
		                 left[0].out);
	}
}
