/* SPDX-License-Identifier: MIT */
/* mktemp: by what is there afterwards, and beside GNU's where that is installed. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(mktemp, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_mktemp, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 10 };

/* The printed path without its newline. */
static const char *path_of(const struct run *r)
{
	static char path[4096];

	(void)snprintf(path, sizeof(path), "%.*s", (int)(r->out_len > 0 ? r->out_len - 1 : 0),
	               r->out);
	return path;
}

static struct run run_in(const char *tmpdir, const char *const *words)
{
	static char env[4200];
	const char *list[] = { env, NULL };

	(void)snprintf(env, sizeof(env), "TMPDIR=%s", tmpdir);
	return run_argv(&(const struct run_request){ .words = words, .env = list });
}

#define RUN_HERE(...) run_in(sandbox_path(), WORDS(__VA_ARGS__))

Test(mktemp, a13_2_makes_a_file_that_is_kept)
{
	struct run r = RUN_HERE("mktemp", "--suffix", ".log");
	const char *path = path_of(&r);

	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	expect_is_file(path);
	expect_mode(path, 0600);
	expect_size(path, 0);
	cr_expect(strcmp(path + strlen(path) - 4, ".log") == 0);
}

Test(mktemp, a13_3_prefix_suffix_place_and_an_open_descriptor)
{
	struct run r;

	tree("d dir");
	r = RUN("mktemp", "-p", "dir", "--prefix", "myapp_", "--suffix", ".tmp");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(strlen(path_of(&r)), strlen("dir/myapp_.tmp") + 12);
	expect_is_file(path_of(&r));
	cr_assert_eq(unlink(path_of(&r)), 0);
	r = RUN_HERE(
		"mktemp", "--fd", "7", "--", "sh", "-c",
		"echo hello >&7 && cat \"$DUTYBOX_TMP\" && [ \"$(readlink /proc/self/fd/7)\" = "
		"\"$DUTYBOX_TMP\" ]");
	EXPECT_RUN(r, 0, "hello\n", "");
	/* Descriptor 3 is one that the box would use itself. */
	r = RUN_HERE("mktemp", "--fd=3", "sh", "-c", "echo x >&3; cat <&3; cat {}");
	EXPECT_RUN(r, 0, "x\n", "");
	expect_names(".", "dir");
	expect_empty_dir("dir");
}

Test(mktemp, a13_1_gone_when_the_command_has_ended)
{
	struct run r = RUN_HERE("mktemp", "--suffix", ".txt", "--run", "--", "sh", "-c",
	                        "test -f \"$1\" && echo \"${1##*.}\" && exit 3", "sh", "{}");

	EXPECT_RUN(r, 3, "txt\n", "");
	expect_empty_dir(".");
	r = RUN_HERE("mktemp", "--run", "no-such-command");
	EXPECT_STATUS(r, 127);
	r = RUN_HERE("mktemp", "--run", "/");
	EXPECT_STATUS(r, 126);
	r = RUN_HERE("mktemp", "--run", "sh", "-c", "kill -9 $$");
	EXPECT_STATUS(r, 137);
	expect_empty_dir(".");
	r = RUN_HERE("mktemp", "-k", "--run", "true");
	EXPECT_RUN(r, 0, "", "");
	expect_empty_dir(".");
	r = RUN_HERE("mktemp", "-k", "--run", "false");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "kept");
	cr_expect_eq(RUN_PEER("sh", "-c", "test -f dutybox.*").status, 0);
}

Test(mktemp, a13_4_a_directory_is_gone_with_what_is_in_it)
{
	struct run r = RUN_HERE("mktemp", "-d", "--run", "--", "sh", "-c",
	                        "mkdir -p \"$TMPDIR/a/b\" && touch \"$TMPDIR/a/f\" && "
	                        "chmod 0 \"$TMPDIR/a/b\" && test \"$TMPDIR\" = {}");

	EXPECT_RUN(r, 0, "", "");
	expect_empty_dir(".");
	/* Where the command goes must not matter. */
	r = RUN("mktemp", "-d", "-p", ".", "--run", "sh", "-c", "cd / && test -d {}");
	EXPECT_RUN(r, 0, "", "");
	expect_empty_dir(".");
}

Test(mktemp, a13_5_a_directory_with_prefix_and_suffix)
{
	struct run r = RUN_HERE("mktemp", "-d", "--prefix", "a b", "--suffix", ".d");

	EXPECT_STATUS(r, 0);
	expect_mode(path_of(&r), 0700);
	expect_is_dir(path_of(&r));
}

Test(mktemp, a13_6_the_place_is_tmpdir)
{
	struct run r;

	tree("d place");
	r = run_in("place", WORDS("mktemp"));
	EXPECT_STATUS(r, 0);
	cr_expect(strncmp(path_of(&r), "place/tmp.", 10) == 0, "%s", r.out);
	r = run_in("none", WORDS("mktemp"));
	EXPECT_RUN(r, 1, "",
	           "mktemp: cannot create file via template 'none/tmp.XXXXXXXXXX': "
	           "No such file or directory\n");
	r = run_in("none", WORDS("mktemp", "-q"));
	EXPECT_RUN(r, 1, "", "");
}

Test(mktemp, a13_7_content_and_mode)
{
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("mktemp", "-p", ".", "--mode", "0640", "--content", "-"),
		.input = "secret\n" });

	EXPECT_STATUS(r, 0);
	expect_file(path_of(&r), "secret\n");
	expect_mode(path_of(&r), 0640);
	r = RUN("mktemp", "-p", ".", "--content", path_of(&r), "--run", "cat", "{}");
	EXPECT_RUN(r, 0, "secret\n", "");
	r = RUN("mktemp", "-p", ".", "--content", "none");
	EXPECT_STATUS(r, 1);
	r = RUN("mktemp", "-p", ".", "--content", ".");
	EXPECT_STATUS(r, 1);
	r = run_argv(&(const struct run_request){
		.words = WORDS("mktemp", "-p", ".", "--content", "-"), .from = RUN_FROM_NOTHING });
	EXPECT_STATUS(r, 1);
	/* Only the first one is left. */
	cr_expect_eq(RUN_PEER("sh", "-c", "test $(ls | wc -l) -eq 1").status, 0);
}

Test(mktemp, a13_8_a_directory_s_mode)
{
	struct run r = RUN("mktemp", "-d", "-p", ".", "--mode", "0750");

	EXPECT_STATUS(r, 0);
	expect_mode(path_of(&r), 0750);
	r = RUN("mktemp", "-d", "-p", ".", "--mode", "g+rx,+t");
	EXPECT_STATUS(r, 0);
	expect_mode(path_of(&r), 01750);
}

Test(mktemp, a13_10_a_workspace)
{
	struct run r;

	tree("t template name={name} at={dir} {other} {");
	r = RUN("mktemp", "-p", ".", "--prefix", "w", "--workspace", "--set", "debug=true", "--set",
	        "extra={}", "--set", "extra=a = {b}");
	EXPECT_STATUS(r, 0);
	cr_assert_eq(chdir(path_of(&r)), 0);
	expect_names(".", "input", "output", "temp", "config.ini");
	r = RUN_PEER("sed", "s/ = .*temp$/ = T/; s/ = .*output$/ = O/", "config.ini");
	EXPECT_OUT(r, "[settings]\ntemp_dir = T\noutput_dir = O\ndebug = true\nextra = a = {b}\n");
	cr_assert_eq(chdir(".."), 0);
	r = RUN("mktemp", "-p", ".", "--layout", "in/ a/b/c.txt  a/e/ conf/x.ini=template", "--set",
	        "name=N", "--run", "sh", "-c",
	        "cd \"$TMPDIR\" && find . | sort && sed 's,at=/.*/,at=,' conf/x.ini");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, ".\n./a\n./a/b\n./a/b/c.txt\n./a/e\n./conf\n./conf/x.ini\n./in\n"
	                  "name=N at=");
	EXPECT_OUT_HAS(r, " {other} {");
}

Test(mktemp, a_layout_that_cannot_be_made_leaves_nothing)
{
	static const char *const layouts[] = { "../x",  "/x",          "a/../../x", "a//b",
		                               ".",     "a/=template", "a=",        "a=none",
		                               "a a/b", "a a",         "=x" };

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct run r = RUN("mktemp", "-p", ".", "--layout", layouts[i]);

		cr_expect_eq(r.status, 1, "%s: %d", layouts[i], r.status);
		cr_expect(r.err_len > 0 && r.out_len == 0, "%s", layouts[i]);
		expect_empty_dir(".");
	}
}

Test(mktemp, the_umask_takes_bits_and_adds_none)
{
	static const struct {
		mode_t mask, file, dir;
	} cases[] = { { 0, 0600, 0700 }, { 0777, 0, 0 }, { 0200, 0400, 0500 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		umask(cases[i].mask);
		r = run_argv(&(const struct run_request){ .words = WORDS("mktemp", "./XXXX"),
		                                          .keeps_umask = true });
		expect_mode(path_of(&r), cases[i].file);
		r = run_argv(&(const struct run_request){ .words = WORDS("mktemp", "-d", "./XXXX"),
		                                          .keeps_umask = true });
		expect_mode(path_of(&r), cases[i].dir);
		umask(022);
	}
}

Test(mktemp, bad_words_are_refused)
{
	static const char *const cases[][WORDS_MAX] = {
		{ "mktemp", "a", "b" },
		{ "mktemp", "--run" },
		{ "mktemp", "--run", "--json", "true" },
		{ "mktemp", "-u", "--run", "true" },
		{ "mktemp", "-k" },
		{ "mktemp", "--fd", "2", "true" },
		{ "mktemp", "--fd", "x", "true" },
		{ "mktemp", "--prefix", "a/b" },
		{ "mktemp", "--prefix", "a", "XXXX" },
		{ "mktemp", "--prefix", "a", "--suffix", "/b" },
		{ "mktemp", "--mode", "9", "XXXX" },
		{ "mktemp", "--set", "a=b" },
		{ "mktemp", "--workspace", "--set", "a" },
		{ "mktemp", "--workspace", "--set", "=b" },
		{ "mktemp", "--workspace", "--set", "a b=c" },
		{ "mktemp", "--workspace", "--set", "a=b\nc" },
		{ "mktemp", "-d", "--content", "-" },
		{ "mktemp", "--gc", "x" },
		{ "mktemp", "--gc", "--older", "x" },
		{ "mktemp", "--nope" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_in(sandbox_path(), cases[i]);

		cr_expect_eq(r.status, 1, "case %zu: status %d", i, r.status);
		cr_expect(r.err_len > 0 && (r.out_len == 0 || r.out[0] == '{'), "case %zu: %s", i,
		          r.out);
	}
	expect_empty_dir(".");
}

Test(mktemp, what_could_not_be_told_is_removed)
{
	static const enum run_to places[] = { RUN_TO_FULL, RUN_TO_NOTHING };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct run r = run_argv(&(const struct run_request){
			.words = WORDS("mktemp", "./XXXX"), .out_to = places[i] });

		EXPECT_STATUS(r, 1);
		EXPECT_ERR_HAS(r, "write error");
		expect_empty_dir(".");
	}
}

Test(mktemp, a_directory_without_sticky_bit_is_warned_about)
{
	struct run r;

	tree("d open", "m open 0777", "d sticky", "m sticky 1777");
	r = RUN("mktemp", "open/XXXX");
	EXPECT_STATUS(r, 0);
	EXPECT_ERR_HAS(r, "'open/'");
	r = RUN("mktemp", "sticky/XXXX");
	EXPECT_ERR(r, "");
	r = RUN("mktemp", "-q", "open/XXXX");
	EXPECT_ERR(r, "");
}

Test(mktemp, names_differ_and_use_all_letters)
{
	static char seen[256];
	struct run r;
	int letters = 0;

	for (int i = 0; i < 50; i++) {
		r = RUN("mktemp", "-u", "XXXXXXXXXXXXXXXXXXXX");
		EXPECT_STATUS(r, 0);
		cr_expect_eq(r.out_len, 21);
		for (size_t k = 0; k + 1 < r.out_len; k++)
			seen[(unsigned char)r.out[k]] = 1;
	}
	for (int c = 0; c < 256; c++)
		letters += seen[c];
	/* 1000 draws of 62: to miss three of them happens once in 10^15 times. */
	cr_expect(letters > 58 && letters <= 62, "%d", letters);
	expect_empty_dir(".");
}

Test(mktemp, a_signal_while_it_waits_removes_everything)
{
	static const int signals[] = { SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct run_request q = { .words = WORDS("mktemp", "-d", "-p", ".", "--run", "sh",
			                                "-c", "echo up; exec sleep 60") };
		struct run_child child;
		struct run r;

		run_start(&q, &child);
		run_wait_for(&child, "up\n");
		cr_assert_eq(kill(child.pid, signals[i]), 0);
		r = run_finish(&child);
		cr_expect_eq(r.status, 128 + signals[i]);
		expect_empty_dir(".");
	}
}

Test(mktemp, gc_takes_what_nobody_holds)
{
	struct run_request q = { .words = WORDS("mktemp", "-d", "-p", ".", "--run", "sh", "-c",
		                                "echo up; exec sleep 60") };
	struct run_child child;
	struct run r;

	tree("d dutybox.abcdefghijkl/sub", "f dutybox.ABCDEFGHIJ12", "f dutybox.short",
	     "f dutybox.abcdefghijkl.txt", "f tmp.abcdefghijkl", "l dutybox.linklinkline -> x",
	     "p dutybox.fifofifofifo");
	r = RUN("mktemp", "--gc", "-p", ".");
	EXPECT_RUN(r, 0, "", "");
	run_start(&q, &child);
	run_wait_for(&child, "up\n");
	r = RUN("mktemp", "--gc", "-u", "-p", ".", "--older=0");
	EXPECT_RUN(r, 0, "./dutybox.ABCDEFGHIJ12\n./dutybox.abcdefghijkl\n", "");
	r = RUN("mktemp", "--gc", "-p", ".", "--older=0", "--json");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(JSON_LINES(r).len, 2);
	r = RUN("mktemp", "--gc", "-p", ".", "--older=0", "--suffix=.txt");
	EXPECT_RUN(r, 0, "./dutybox.abcdefghijkl.txt\n", "");
	/* Killed, the run leaves its directory; the lock goes with the process. */
	cr_assert_eq(kill(child.pid, SIGKILL), 0);
	(void)run_finish(&child);
	r = RUN("mktemp", "--gc", "-p", ".", "--older=0");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out_len, strlen("./dutybox.abcdefghijkl\n"));
	expect_names(".", "dutybox.short", "tmp.abcdefghijkl", "dutybox.linklinkline",
	             "dutybox.fifofifofifo");
}

Test(mktemp, what_it_holds_is_locked)
{
	struct run r = RUN("mktemp", "-d", "-p", ".", "--run", "sh", "-c",
	                   "flock -n \"$TMPDIR\" true && echo free || echo held");

	(void)need_program("flock");
	EXPECT_RUN(r, 0, "held\n", "");
}

Test(mktemp, records_tell_what_was_made)
{
	struct run r = RUN("mktemp", "--json", "-d", "./\xffXXXX");
	struct json_lines lines = JSON_LINES(r);

	EXPECT_STATUS(r, 0);
	cr_assert_eq(lines.len, 1);
	cr_expect_str_eq(json_string(lines.items[0], "record"), "entry");
	cr_expect_str_eq(json_string(lines.items[0], "type"), "dir");
	cr_expect_str_eq(json_string(lines.items[0], "mode"), "0700");
	cr_expect_not_null(json_string(lines.items[0], "path_b64"));
	r = RUN("mktemp", "--json", "none/XXXX");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_record(&lines, "error", 0), "errno"), "ENOENT");
}

static const char *const peer_cases[][WORDS_MAX] = {
	{ "./XXXX" },
	{ "aXXXXb" },
	{ "aXXXXb.XXXXc" },
	{ "XXaXX" },
	{ "a" },
	{ "" },
	{ "dir/XXXX" },
	{ "XXXX/a" },
	{ "XXXX/" },
	{ "none/XXXX" },
	{ "-d", "XXXX" },
	{ "-d", "none/XXXX" },
	{ "-u", "XXXX" },
	{ "-du", "dir/XXXX" },
	{ "-u", "none/XXXX" },
	{ "-q", "none/XXXX" },
	{ "-p", "dir" },
	{ "-pdir", "XXXX" },
	{ "-p", "dir", "/tmp/XXXX" },
	{ "-p", "dir", "sub/XXXX" },
	{ "-p", "", "XXXX" },
	{ "--tmpdir" },
	{ "--tmpdir=dir", "XXXX" },
	{ "--tmpdir", "XXXX" },
	{ "-t", "XXXX" },
	{ "-t", "dir/XXXX" },
	{ "-t", "-p", "dir", "XXXX" },
	{ "--suffix=b", "aXXXX" },
	{ "--suffix=b", "aXXXXc" },
	{ "--suffix=/b", "aXXXX" },
	{ "--suffix=XXXX", "aXXXX" },
	{ "--suffix=", "aXXXX" },
	{ "--suffix=.c" },
	{ "--suffix=b", "" },
	{ "file/XXXX" },
	{ "XXXX", "-d" },
};

/* The bytes of a name that are not drawn: those around the last X's of its template. */
static void expect_fixed(size_t number, const char *name, const char *template)
{
	const char *last = strrchr(template, 'X');
	size_t len = strlen(name), before, after;

	if (last == NULL || len == 0)
		return;
	before = (size_t)(last - template);
	while (before > 0 && template[before - 1] == 'X')
		before--;
	after = strlen(last + 1);
	cr_expect(strncmp(name, template, before) == 0, "case %zu: %s", number, name);
	cr_expect(len >= after && strncmp(name + len - after, last + 1, after) == 0, "case %zu: %s",
	          number, name);
}

/* Lengths, directories and the fixed parts are the same; and words, but for GNU's "failed to". */
static void compare(size_t number, const char *tmpdir)
{
	const char *const *words = peer_cases[number];
	struct run got[2];
	size_t dir_len;

	for (int ours = 0; ours < 2; ours++) {
		const char *env[] = { "LC_ALL=C", tmpdir, NULL };

		tree("d dir", "d dir/sub", "f file");
		got[ours] = run_argv(&(const struct run_request){
			.program = ours ? NULL : need_program("mktemp"),
			.argv0 = "mktemp",
			.words = words,
			.env = env });
	}
	cr_expect_eq(got[0].status, got[1].status, "case %zu: %d, GNU %d: %s", number,
	             got[1].status, got[0].status, got[1].err);
	cr_expect_eq(got[0].out_len, got[1].out_len, "case %zu: %s, GNU %s", number, got[1].out,
	             got[0].out);
	cr_expect_eq(got[0].err_len == 0, got[1].err_len == 0, "case %zu: %s, GNU %s", number,
	             got[1].err, got[0].err);
	dir_len = strrchr(got[0].out, '/') != NULL
	                  ? (size_t)(strrchr(got[0].out, '/') - got[0].out) + 1
	                  : 0;
	cr_expect(strncmp(got[0].out, got[1].out, dir_len) == 0, "case %zu: %s, GNU %s", number,
	          got[1].out, got[0].out);
	for (size_t k = 0; words[k] != NULL && words[k][0] != '-'; k++)
		expect_fixed(number, path_of(&got[1]) + dir_len,
		             strrchr(words[k], '/') != NULL ? strrchr(words[k], '/') + 1
		                                            : words[k]);
}

Test(peer_mktemp, takes_the_same_templates)
{
	static char tmpdir[4200];

	(void)snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s/dir", sandbox_path());
	for (size_t i = 0; i < sizeof(peer_cases) / sizeof(peer_cases[0]); i++) {
		compare(i, "TMPDIR");
		compare(i, "TMPDIR=");
		compare(i, "TMPDIR=dir");
		compare(i, tmpdir);
	}
}
