/* SPDX-License-Identifier: MIT */
/* atomic-write and sponge: by the files that are there afterwards. */
#include "support/expect.h"
#include "support/kill_at.h"
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
#include <sys/xattr.h>
#include <unistd.h>

TestSuite(atomic_write, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(sponge, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_sponge, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 10 };

static struct run feed(const char *input, const char *const *words)
{
	return run_argv(&(const struct run_request){ .words = words, .input = input });
}

#define FEED(input, ...) feed((input), WORDS(__VA_ARGS__))

Test(atomic_write, a13_9_makes_and_replaces)
{
	struct run r = FEED("one\n", "atomic-write", "f");

	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "one\n");
	expect_mode("f", 0644);
	r = FEED("two\n", "atomic-write", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "two\n");
	expect_names(".", "f");
}

Test(atomic_write, a1_8_a9_8_text_and_bytes)
{
	static const char bytes[] = "a\0b\xff\n";
	struct run r = RUN("atomic-write", "--text", "hello", "f");

	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "hello");
	r = run_argv(&(const struct run_request){
		.words = WORDS("atomic-write", "g"), .input = bytes, .input_len = 5 });
	EXPECT_STATUS(r, 0);
	expect_content("g", bytes, 5);
}

Test(atomic_write, r10_mode_owner_and_attributes_stay)
{
	char value[8];
	struct run r;

	tree("t f old", "m f 0751", "l link -> f");
	if (geteuid() == 0)
		cr_assert_eq(chown("f", 1234, 4321), 0);
	(void)setxattr("f", "user.note", "kept", 4, 0);
	r = FEED("new\n", "atomic-write", "link");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "new\n");
	expect_mode("f", 0751);
	expect_link("link", "f");
	if (geteuid() == 0) {
		struct stat st;

		cr_assert_eq(stat("f", &st), 0);
		cr_expect(st.st_uid == 1234 && st.st_gid == 4321);
	}
	if (getxattr("f", "user.note", value, sizeof(value)) >= 0)
		cr_expect(strncmp(value, "kept", 4) == 0);
	/* The link itself. */
	r = FEED("x", "atomic-write", "-P", "link");
	EXPECT_RUN(r, 0, "", "");
	expect_is_file("link");
	expect_file("f", "new\n");
}

Test(atomic_write, r10_set_id_bits_stay_with_the_owner)
{
	struct run r;

	tree("t f old", "m f 04755");
	r = FEED("new\n", "atomic-write", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_mode("f", 04755);
}

Test(atomic_write, r32_a_producer_that_fails_changes_nothing)
{
	struct run r;

	tree("t f old");
	r = RUN("atomic-write", "f", "--", "sh", "-c", "echo half; exit 7");
	EXPECT_STATUS(r, 7);
	EXPECT_ERR(r, "atomic-write: 'f': not changed: the command ended with status 7\n");
	expect_file("f", "old");
	r = RUN("atomic-write", "f", "--", "no-such-command");
	EXPECT_STATUS(r, 127);
	r = RUN("atomic-write", "f", "--", "sh", "-c", "kill -9 $$");
	EXPECT_STATUS(r, 137);
	r = FEED("", "atomic-write", "f");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--allow-empty");
	r = RUN("atomic-write", "f", "--", "true");
	EXPECT_STATUS(r, 4);
	expect_file("f", "old");
	expect_names(".", "f");
	r = FEED("", "atomic-write", "--allow-empty", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_size("f", 0);
}

Test(atomic_write, a_command_may_read_the_file)
{
	struct run r;

	tree_text("f", "b\na\n");
	r = RUN("atomic-write", "f", "--", "sort", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "a\nb\n");
	/* Options of the command are its own. */
	r = RUN("atomic-write", "f", "--", "sort", "-r", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "b\na\n");
	r = RUN("atomic-write", "f", "--", "sh", "-c", "echo x; exec >&-; exit 0");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "x\n");
}

Test(atomic_write, a_check_decides)
{
	struct run r;

	tree("t f old");
	r = FEED("bad\n", "atomic-write", "--check=grep -q good", "f");
	EXPECT_STATUS(r, 6);
	expect_file("f", "old");
	r = FEED("good\n", "atomic-write", "--check", "grep good", "f");
	EXPECT_RUN(r, 0, "", "good\n");
	expect_file("f", "good\n");
	/* It sees the mode the file will have, in the directory it will be in. */
	tree("d dir", "t dir/g x", "m dir/g 0711", "l g -> dir/g");
	tree_script("check", "#!/bin/sh\nstat -c '%a %n' \"$1\" >&2\n");
	r = FEED("y", "atomic-write", "--check", "./check", "g");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "/dir/.dutybox.");
	EXPECT_ERR_HAS(r, "711 ");
	expect_names(".", "f", "g", "dir", "check");
	expect_names("dir", "g");
}

Test(atomic_write, a_backup_is_the_old_file)
{
	struct run r;

	tree("t f old", "t f~ older", "m f 0600");
	r = FEED("new", "atomic-write", "--backup", "f");
	EXPECT_STATUS(r, 0);
	expect_file("f", "new");
	expect_file("f~", "old");
	expect_mode("f~", 0600);
	r = FEED("newer", "atomic-write", "--backup=.bak", "f");
	EXPECT_STATUS(r, 0);
	expect_file("f.bak", "new");
	r = FEED("x", "atomic-write", "--backup", "fresh");
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "f", "f~", "f.bak", "fresh");
}

Test(atomic_write, the_same_content_leaves_the_time)
{
	static const struct timespec then = { 1000000000, 5 };
	struct run r;

	tree("t f same");
	tree_time("f", then);
	r = FEED("same", "atomic-write", "--if-changed", "--json", "f");
	EXPECT_STATUS(r, 0);
	expect_mtime("f", then);
	cr_expect_str_eq(json_string(JSON_LINES(r).items[0], "status"), "unchanged");
	r = FEED("othr", "atomic-write", "--if-changed", "f");
	EXPECT_STATUS(r, 0);
	expect_file("f", "othr");
	r = FEED("longer", "atomic-write", "--if-changed", "f");
	EXPECT_STATUS(r, 0);
	expect_file("f", "longer");
}

Test(atomic_write, appending_is_atomic_too)
{
	struct run r = FEED("a", "atomic-write", "-a", "f");

	EXPECT_RUN(r, 0, "", "");
	r = FEED("b", "atomic-write", "--append", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "ab");
	r = FEED("", "atomic-write", "-a", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "ab");
	r = RUN("atomic-write", "-a", "f", "--", "sh", "-c", "echo c; false");
	EXPECT_STATUS(r, 1);
	expect_file("f", "ab");
}

Test(atomic_write, sizes_modes_and_new_files)
{
	struct run r;

	tree("t f old");
	r = FEED("12345", "atomic-write", "--max-size=4", "f");
	EXPECT_STATUS(r, 4);
	expect_file("f", "old");
	r = FEED("1234", "atomic-write", "--max-size=4", "f");
	EXPECT_STATUS(r, 0);
	expect_file("f", "1234");
	/* A producer without end is stopped by the limit. */
	r = RUN("atomic-write", "--max-size=1M", "f", "--", "yes");
	EXPECT_STATUS(r, 4);
	r = FEED("x", "atomic-write", "--new", "f");
	EXPECT_STATUS(r, 3);
	expect_file("f", "1234");
	r = FEED("x", "atomic-write", "--new", "--mode=0640", "g");
	EXPECT_STATUS(r, 0);
	expect_mode("g", 0640);
	r = FEED("y", "atomic-write", "--mode=o+r,g-r", "g");
	EXPECT_STATUS(r, 0);
	expect_mode("g", 0604);
	r = FEED("to both\n", "atomic-write", "--tee", "--no-fsync", "g");
	EXPECT_RUN(r, 0, "to both\n", "");
	expect_file("g", "to both\n");
}

Test(atomic_write, what_is_no_file_is_written_to)
{
	struct run r = FEED("through\n", "atomic-write", "/dev/stdout");
	struct stat before, after;

	EXPECT_RUN(r, 0, "through\n", "");
	cr_assert_eq(stat("/dev/null", &before), 0);
	r = FEED("x", "atomic-write", "/dev/null");
	EXPECT_RUN(r, 0, "", "");
	cr_assert_eq(lstat("/dev/null", &after), 0);
	cr_expect(S_ISCHR(after.st_mode) && before.st_ino == after.st_ino);
	r = FEED("x", "atomic-write", "/dev/full");
	EXPECT_STATUS(r, 3);
	/* Nothing is written before the producer has succeeded. */
	r = RUN("atomic-write", "/dev/stdout", "--", "sh", "-c", "echo half; false");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "");
	tree_fifo("p");
	r = run_argv(&(const struct run_request){ .program = "sh",
	                                          .words = WORDS("-c",
	                                                         "cat p & echo x | \"$1\" "
	                                                         "atomic-write p && wait",
	                                                         "sh", run_binary()) });
	EXPECT_RUN(r, 0, "x\n", "");
}

Test(atomic_write, hard_cases_of_the_target)
{
	struct run r;

	tree("d dir", "l loop -> loop", "l gone -> dir/new", "t f old", "h other -> f",
	     "l far -> none/x");
	r = FEED("x", "atomic-write", "dir");
	EXPECT_RUN(r, 3, "", "atomic-write: cannot write 'dir': Is a directory\n");
	r = FEED("x", "atomic-write", "dir/");
	EXPECT_STATUS(r, 3);
	r = FEED("x", "atomic-write", "");
	EXPECT_STATUS(r, 3);
	r = FEED("x", "atomic-write", "loop");
	EXPECT_STATUS(r, 3);
	r = FEED("x", "atomic-write", "far");
	EXPECT_STATUS(r, 3);
	r = FEED("x", "atomic-write", "f/x");
	EXPECT_STATUS(r, 3);
	r = FEED("x", "atomic-write", "gone");
	EXPECT_RUN(r, 0, "", "");
	expect_file("dir/new", "x");
	expect_link("gone", "dir/new");
	r = FEED("new", "atomic-write", "f");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "other names");
	expect_file("other", "old");
	expect_file("f", "new");
}

Test(atomic_write, a_directory_that_takes_no_files)
{
	struct run r;

	sandbox_drop_root();
	tree("d dir", "t dir/f old", "m dir 0555");
	r = FEED("new", "atomic-write", "dir/f");
	EXPECT_RUN(r, 3, "",
	           "atomic-write: cannot make a file in directory 'dir/': Permission denied\n");
	expect_file("dir/f", "old");
	r = FEED("new", "atomic-write", "--in-place", "dir/f");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "in place");
	expect_file("dir/f", "new");
	r = FEED("bad", "atomic-write", "--in-place", "--check", "grep -q good", "dir/f");
	EXPECT_STATUS(r, 6);
	expect_file("dir/f", "new");
	r = FEED("newer", "atomic-write", "--in-place", "--if-changed", "--mode=0600", "dir/f");
	EXPECT_STATUS(r, 0);
	expect_file("dir/f", "newer");
	expect_mode("dir/f", 0600);
	expect_names("dir", "f");
}

Test(atomic_write, an_owner_that_cannot_be_kept_is_said)
{
	struct run_request q = { .words = WORDS("atomic-write", "f"), .input = "new" };
	struct run r;

	need_root();
	tree("t f old", "m f 0666", "m . 0777");
	q.uid = RUN_NOBODY;
	r = run_argv(&q);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "owner");
	expect_file("f", "new");
	expect_mode("f", 0666);
	cr_assert_eq(chown("f", 0, 0), 0);
	q.words = WORDS("atomic-write", "--no-owner", "f");
	r = run_argv(&q);
	EXPECT_RUN(r, 0, "", "");
	/* And no link of somebody else's leads root elsewhere. */
	tree("l link -> f");
	cr_assert_eq(lchown("link", RUN_NOBODY, RUN_NOBODY), 0);
	r = FEED("evil", "atomic-write", "link");
	EXPECT_STATUS(r, 3);
	expect_file("f", "new");
}

Test(atomic_write, bad_words_are_refused)
{
	static const char *const cases[][WORDS_MAX] = {
		{ "atomic-write" },
		{ "atomic-write", "f", "g" },
		{ "atomic-write", "f", "--new" },
		{ "atomic-write", "f", "--" },
		{ "atomic-write", "--text=x", "f", "--", "true" },
		{ "atomic-write", "--mode=8", "f" },
		{ "atomic-write", "--max-size=x", "f" },
		{ "atomic-write", "--backup=", "f" },
		{ "atomic-write", "--backup=a/b", "f" },
		{ "atomic-write", "--new", "-a", "f" },
		{ "atomic-write", "--tee", "--json", "f" },
		{ "atomic-write", "--nope", "f" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = feed("x", cases[i]);

		cr_expect_eq(r.status, 2, "case %zu: status %d", i, r.status);
		cr_expect(r.err_len > 0, "case %zu says nothing", i);
	}
	expect_empty_dir(".");
}

Test(atomic_write, bad_ends_of_descriptors)
{
	struct run r;

	tree("t f old");
	r = run_argv(&(const struct run_request){ .words = WORDS("atomic-write", "f"),
	                                          .from = RUN_FROM_NOTHING });
	EXPECT_STATUS(r, 3);
	r = run_argv(&(const struct run_request){
		.words = WORDS("atomic-write", "f"), .from = RUN_FROM_FILE, .input_file = "." });
	EXPECT_STATUS(r, 3);
	r = run_argv(&(const struct run_request){ .words = WORDS("atomic-write", "--tee", "f"),
	                                          .input = "x",
	                                          .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
	expect_file("f", "old");
	r = run_argv(&(const struct run_request){ .words = WORDS("atomic-write", "--json", "f"),
	                                          .input = "x",
	                                          .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
	expect_file("f", "x");
	expect_names(".", "f");
}

Test(atomic_write, a_file_that_may_not_grow_leaves_the_old_one)
{
	static char input[100000];
	struct run r;

	memset(input, 'x', sizeof(input) - 1);
	tree("t f old");
	r = run_argv(&(const struct run_request){ .words = WORDS("atomic-write", "f"),
	                                          .input = input,
	                                          .limits = { { RLIMIT_FSIZE, 1000 } } });
	cr_expect(r.status != 0);
	expect_file("f", "old");
	/* XFSZ ends the program at once; the next run takes away what it left. */
	r = FEED("new", "atomic-write", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_names(".", "f");
}

Test(atomic_write, a_signal_discards)
{
	struct run_request q = { .words = WORDS("atomic-write", "f", "--", "sh", "-c",
		                                "echo half; echo up >&2; exec sleep 60") };
	struct run_child child;
	struct run r;

	tree("t f old");
	run_start(&q, &child);
	run_wait_for(&child, "up\n");
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	cr_expect_eq(r.status, 128 + SIGTERM);
	expect_file("f", "old");
	expect_names(".", "f");
}

Test(atomic_write, long_and_hostile_names)
{
	char name[256];
	struct run r;

	memset(name, 'n', 255);
	name[255] = '\0';
	r = FEED("x", "atomic-write", name);
	EXPECT_RUN(r, 0, "", "");
	expect_file(name, "x");
	r = FEED("y", "atomic-write", "--backup", name);
	EXPECT_STATUS(r, 3);
	expect_file(name, "x");
	expect_names(".", name);
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		r = FEED("x", "atomic-write", "--", hostile_names[i]);
		EXPECT_RUN(r, 0, "", "");
		expect_file(hostile_names[i], "x");
		r = FEED("", "atomic-write", "-v", "--", hostile_names[i]);
		EXPECT_STATUS(r, 4);
		EXPECT_ERR_HARMLESS(r);
	}
}

Test(atomic_write, the_record_tells_the_end)
{
	struct run r = FEED("12", "atomic-write", "--json", "\xff");
	struct json_lines lines = JSON_LINES(r);

	EXPECT_STATUS(r, 0);
	cr_assert_eq(lines.len, 1);
	cr_expect_str_eq(json_string(lines.items[0], "record"), "summary");
	cr_expect_str_eq(json_string(lines.items[0], "status"), "written");
	cr_expect_eq(json_int(lines.items[0], "bytes", -1), 2);
	cr_expect(json_is_false(lines.items[0], "in_place"));
	cr_expect_str_eq(json_string(lines.items[0], "path_b64"), "/w==");
	r = FEED("1", "atomic-write", "--json", "none/x");
	EXPECT_STATUS(r, 3);
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_record(&lines, "summary", 0), "status"), "discarded");
	cr_expect_str_eq(json_string(json_record(&lines, "error", 0), "errno"), "ENOENT");
}

/* The old or the new content, whole; and after the next run nothing else beside it. */
static void kill_everywhere(const char *const *words, const char *old, const char *new)
{
	enum { CALLS_MAX = 2000 };
	unsigned n = 1;
	unsigned killed_new = 0;
	int status = -1;

	for (; n < CALLS_MAX; n++) {
		struct run r;
		bool killed;

		tree_text("f", old);
		killed = kill_at_call(&(const struct kill_at){ words, "input", n }, &status);
		r = RUN_PEER("cat", "f");
		cr_expect(strcmp(r.out, old) == 0 || strcmp(r.out, new) == 0,
		          "killed at call %u: '%s'", n, r.out);
		killed_new += killed && strcmp(r.out, new) == 0;
		if (!killed)
			break;
		r = FEED("again", "atomic-write", "f");
		cr_expect_eq(r.status, 0, "after call %u: %s", n, r.err);
		expect_file("f", "again");
		expect_names(".", "f", "input");
	}
	cr_expect_eq(status, 0);
	cr_expect(n > 20 && n < CALLS_MAX, "%u calls", n);
	/* There were calls behind the renaming: the directory's sync at least. */
	cr_expect(killed_new > 0);
}

Test(atomic_write, killed_at_each_call_it_is_old_or_new)
{
	need_no_sanitizer();
	tree_text("input", "the new content\n");
	kill_everywhere(WORDS("atomic-write", "f"), "the old content\n", "the new content\n");
}

Test(atomic_write, killed_at_each_call_while_it_appends)
{
	need_no_sanitizer();
	tree_text("input", "more\n");
	kill_everywhere(WORDS("atomic-write", "--append", "f"), "old\n", "old\nmore\n");
}

Test(atomic_write, a_reader_never_sees_a_part)
{
	enum { SIZE = 300000, ROUNDS = 60 };
	static char a[SIZE + 1], b[SIZE + 1];
	pid_t writer;
	int status = 0;
	unsigned reads = 0;

	memset(a, 'a', SIZE);
	memset(b, 'b', SIZE);
	tree_text("f", a);
	writer = fork();
	if (writer == 0) {
		for (int i = 0; i < ROUNDS; i++) {
			struct run r = FEED(i % 2 ? a : b, "atomic-write", "--no-fsync", "f");

			if (r.status != 0)
				_exit(1);
		}
		_exit(0);
	}
	while (waitpid(writer, &status, WNOHANG) == 0) {
		static char seen[SIZE + 10];
		int fd = open("f", O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, seen, sizeof(seen));

		cr_assert_eq(n, SIZE, "%zd bytes", n);
		cr_assert(memcmp(seen, seen[0] == 'a' ? a : b, SIZE) == 0);
		(void)close(fd);
		reads++;
	}
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0 && reads > 0);
	expect_names(".", "f");
}

Test(atomic_write, two_writers_at_once_the_last_wins)
{
	struct run_request q[2] = { { .words = WORDS("atomic-write", "f", "--", "sh", "-c",
		                                     "echo up >&2; cat; cat go"),
		                      .input = "first" },
		                    { .words = WORDS("atomic-write", "f"), .input = "second" } };
	struct run_child child;
	struct run r;
	int go;

	tree_fifo("go");
	run_start(&q[0], &child);
	run_wait_for(&child, "up\n");
	r = run_argv(&q[1]);
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "second");
	go = open("go", O_WRONLY | O_CLOEXEC);
	cr_assert(go >= 0);
	(void)close(go);
	r = run_finish(&child);
	EXPECT_STATUS(r, 0);
	expect_file("f", "first");
	expect_names(".", "f", "go");
}

Test(sponge, soaks_up_then_writes)
{
	struct run r = FEED("x\n", "sponge", "f");

	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "x\n");
	r = FEED("y\n", "sponge", "-a", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "x\ny\n");
	r = FEED("", "sponge", "f");
	EXPECT_RUN(r, 0, "", "");
	expect_size("f", 0);
	r = FEED("out\n", "sponge");
	EXPECT_RUN(r, 0, "out\n", "");
	r = FEED("x", "sponge", "a", "b");
	EXPECT_STATUS(r, 1);
	r = FEED("x", "sponge", "none/f");
	EXPECT_STATUS(r, 1);
	expect_names(".", "f");
}

Test(sponge, r32_the_temporary_file_is_beside_the_target)
{
	static const char *const tmpdir[] = { "TMPDIR=/nonexistent", NULL };
	struct run r;

	tree("t f old", "m f 0640");
	r = run_argv(&(const struct run_request){
		.words = WORDS("sponge", "f"), .input = "new", .env = tmpdir });
	EXPECT_RUN(r, 0, "", "");
	expect_file("f", "new");
	expect_mode("f", 0640);
}

Test(sponge, a_full_output_is_an_error)
{
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("sponge"), .input = "x", .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 1);
}

static const struct {
	const char *words[4];
	const char *input;
} peer_cases[] = {
	{ { "new" }, "x\n" },   { { "f" }, "x\n" },       { { "f" }, "" },
	{ { "-a", "f" }, "x" }, { { "-a", "new" }, "x" }, { { "link" }, "x" },
	{ { "gone" }, "x" },    { { "exec" }, "x" },      { { "dir" }, "x" },
	{ { NULL }, "out\n" },  { { "none/f" }, "x" },    { { "/dev/stdout" }, "x" },
};

Test(peer_sponge, leaves_the_same_files)
{
	const char *peer = need_program("sponge");

	for (size_t i = 0; i < sizeof(peer_cases) / sizeof(peer_cases[0]); i++) {
		struct run got[2], left[2];

		for (int ours = 0; ours < 2; ours++) {
			cr_assert_eq(RUN_PEER("sh", "-c", "rm -rf ./*").status, 0);
			tree("t f old", "x exec", "l link -> f", "l gone -> made", "d dir");
			got[ours] = run_argv(
				&(const struct run_request){ .program = ours ? NULL : peer,
			                                     .argv0 = "sponge",
			                                     .words = peer_cases[i].words,
			                                     .input = peer_cases[i].input });
			left[ours] = RUN_PEER("sh", "-c",
			                      "for f in *; do echo \"$f $(stat -c %a \"$f\")\"; "
			                      "test -f \"$f\" && cat \"$f\"; done");
		}
		cr_expect_eq(got[0].status == 0, got[1].status == 0, "case %zu: %s", i, got[1].err);
		cr_expect_str_eq(got[1].out, got[0].out, "case %zu", i);
		cr_expect_str_eq(left[1].out, left[0].out, "case %zu", i);
	}
}
