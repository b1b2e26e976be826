/* SPDX-License-Identifier: MIT */
/* verify --check and --create, run as a user would. */
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
#include <sys/stat.h>
#include <unistd.h>

TestSuite(verify, .init = sandbox_enter, .fini = sandbox_leave);

/* Of "hi\n" and "yo\n". */
#define HI        "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"
#define YO        "ebe95d10cc11e27bd8d4d1ce91bc725665ddbaa6ca2498ef38a88a58ad48cdb4"
#define HI_MD5    "764efa883dda1e11db47671c4a3bbd9e"
#define HI_SHA1   "55ca6286e3e4f4fba5d0448333fa99fc5a404a73"
#define NUMBER(n) "verify: WARNING: " n "\n"
#define NOTE                                                                       \
	"verify: note: MD5 and SHA-1 find accidents, but no change that was made " \
	"on purpose\n"

static void files(void)
{
	tree_text("hi", "hi\n");
	tree_text("yo", "yo\n");
}

/* What a run of this moment is expected to do. */
#define THEN(now, code, out_text, err_text)                 \
	do {                                                \
		struct run then = (now);                    \
		EXPECT_RUN(then, code, out_text, err_text); \
	} while (0)
#define THEN_STATUS(now, code)             \
	do {                               \
		struct run then = (now);   \
		EXPECT_STATUS(then, code); \
	} while (0)

/* The list `text` through standard input. */
static struct run check_text(const char *text, const char *option)
{
	return run_argv(&(struct run_request){
		.words = option != NULL ? WORDS("verify", "-c", option) : WORDS("verify", "-c"),
		.from = RUN_FROM_PIPE,
		.input = text,
		.input_len = strlen(text) });
}

Test(verify, answers_in_the_words_of_sha256sum)
{
	struct run r;

	files();
	tree_text("LIST", HI "  hi\n" HI "  yo\n" HI "  gone\n" YO " *yo\nbad\n");
	r = RUN("verify", "--check", "LIST");
	EXPECT_RUN(r, 6, "hi: OK\nyo: FAILED\ngone: FAILED open or read\nyo: OK\n",
	           "verify: 'yo': line 4 gives it another checksum than a line before\n"
	           "verify: 'gone': No such file or directory\n" NUMBER(
			   "1 line is improperly formatted")
	                   NUMBER("1 listed file could not be read")
	                           NUMBER("1 computed checksum did NOT match"));
	r = RUN("verify", "-c", "--quiet", "LIST");
	EXPECT_OUT(r, "yo: FAILED\ngone: FAILED open or read\n");
	EXPECT_STATUS(r, 6);
	r = RUN("verify", "-c", "--status", "LIST");
	EXPECT_OUT(r, "");
	EXPECT_ERR_LACKS(r, "WARNING");
	EXPECT_STATUS(r, 6);
	tree_text("GOOD", HI "  hi\n# a comment\n" YO "  yo\n");
	THEN(RUN("verify", "-c", "GOOD"), 0, "hi: OK\nyo: OK\n", "");
	THEN(RUN("verify", "-c", "--quiet", "GOOD"), 0, "", "");
}

Test(verify, lines_that_are_none)
{
	files();
	tree_text("LIST", HI "  hi\nbad\n\n  \n" HI "x hi\n");
	THEN(RUN("verify", "-c", "LIST"), 0, "hi: OK\n",
	     NUMBER("3 lines are improperly formatted"));
	THEN(RUN("verify", "-c", "--strict", "LIST"), 1, "hi: OK\n",
	     NUMBER("3 lines are improperly formatted"));
	THEN(RUN("verify", "-cw", "--algo=sha256", "LIST"), 0, "hi: OK\n",
	     "verify: 'LIST': 2: improperly formatted SHA256 checksum line\n"
	     "verify: 'LIST': 4: improperly formatted SHA256 checksum line\n"
	     "verify: 'LIST': 5: improperly formatted SHA256 checksum line\n" NUMBER(
		     "3 lines are improperly formatted"));
}

Test(verify, lines_of_any_length)
{
	const size_t size = 3 << 20;
	char *list = malloc(size + 400);
	size_t n = (size_t)snprintf(list, 200, "%s", HI "  hi\n" HI "  ");
	struct run r;

	files();
	memset(list + n, 'x', size);
	n += size;
	n += (size_t)snprintf(list + n, 100, "\n%s", YO "  yo");
	tree_file("LIST", list, n);
	r = RUN("verify", "-c", "LIST");
	EXPECT_RUN(r, 0, "hi: OK\nyo: OK\n", NUMBER("1 line is improperly formatted"));
	tree_file("CUT", list, n - 20);
	r = RUN("verify", "-c", "CUT");
	EXPECT_RUN(r, 0, "hi: OK\n", NUMBER("2 lines are improperly formatted"));
	free(list);
}

Test(verify, a_list_without_lines_is_no_success)
{
	files();
	tree("f EMPTY", "t COMMENT # nothing");
	THEN(RUN("verify", "-c", "EMPTY"), 2, "",
	     "verify: 'EMPTY': no properly formatted checksum lines found\n");
	THEN(RUN("verify", "-c", "COMMENT"), 2, "",
	     "verify: 'COMMENT': no properly formatted checksum lines found\n");
	tree_text("LIST", HI "  hi\n");
	THEN_STATUS(RUN("verify", "-c", "LIST", "EMPTY"), 2);
	THEN(RUN("verify", "-c", "--algo=md5", "LIST"), 2, "",
	     "verify: 'LIST': no properly formatted checksum lines found\n" NUMBER(
		     "1 line is improperly formatted"));
	THEN_STATUS(RUN("verify", "-c", "nowhere"), 3);
	tree("d dir");
	THEN(RUN("verify", "-c", "dir"), 3, "",
	     "verify: 'dir': is a directory, but no bag: its bagit.txt cannot be read\n");
}

/* Trouble leaves the answer open; a difference is one. */
Test(verify, differences_hide_no_trouble)
{
	files();
	tree_text("BAD", YO "  hi\n");
	tree_text("ABSENT", HI "  d/x\n" YO "  hi\n");
	tree("f EMPTY", "d d");
	THEN_STATUS(RUN("verify", "-c", "BAD"), 6);
	THEN_STATUS(RUN("verify", "-c", "BAD", "nowhere"), 3);
	THEN_STATUS(RUN("verify", "-c", "nowhere", "BAD"), 3);
	THEN_STATUS(RUN("verify", "-c", "BAD", "EMPTY"), 2);
	THEN_STATUS(RUN("verify", "-c", "EMPTY", "BAD", "nowhere"), 3);
	/* What could not be read does not hide a difference. */
	tree_text("LIST", HI "  d\n" YO "  hi\n");
	THEN_STATUS(RUN("verify", "-c", "LIST"), 6);
	THEN_STATUS(RUN("verify", "-c", "--strict", "BAD", "LIST"), 6);
	struct run r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c", "BAD"),
	                                               .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
}

Test(verify, missing_files_may_be_ignored)
{
	files();
	tree_text("LIST", HI "  hi\n" HI "  gone\n");
	tree_text("ABSENT", HI "  gone\n");
	THEN(RUN("verify", "-c", "--ignore-missing", "LIST"), 0, "hi: OK\n", "");
	THEN(RUN("verify", "-c", "--ignore-missing", "ABSENT"), 1, "",
	     "verify: 'ABSENT': no file was verified\n");
	THEN_STATUS(RUN("verify", "-c", "ABSENT"), 6);
}

Test(verify, every_kind_of_list)
{
	static const char *const lists[] = {
		HI "  hi\r\n",
		HI " *hi\n",
		HI " hi\n",
		"  " HI "  hi",
		"SHA256 (hi) = " HI "\n",
		"SHA256(hi)= " HI "\r\n",
		("d78abb0542736865f94704521609c230dac03a2f369d043ac212d6933b91410e"
		 "06399e37f9c5cc88436a31737330c1c8eccb2c2f9f374d62f716432a32d50fac  hi\n"),
	};

	files();
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		THEN(check_text(lists[i], NULL), 0, "hi: OK\n", "");
	THEN(check_text("SHA256 (hi) = " YO "\n", NULL), 6, "hi: FAILED\n",
	     NUMBER("1 computed checksum did NOT match"));
	THEN(check_text(HI_MD5 "  hi\n", NULL), 0, "hi: OK\n", NOTE);
	THEN(check_text(HI_SHA1 "  hi\n", "--quiet"), 0, "", "");
}

Test(verify, hostile_names_go_both_ways)
{
	struct run r;

	tree("d d");
	tree_text("d/two  spaces *", "1");
	tree_text("d/line\nbreak", "2");
	tree_text("d/back\\slash\r", "3");
	tree_text("d/-dash", "4");
	tree_text("d/\xff\x1b[31m", "5");
	tree_text("d/) = x", "6");
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "d/%s", hostile_names[i]);
		tree_text(path, "hostile");
	}
	for (size_t i = 0; i < 4; i++) {
		static const char *const ways[] = { "-t", "-b", "--tag", "-z" };

		THEN(RUN("verify", "--create=LIST", ways[i], "d"), 0, "", "");
		r = RUN("verify", "-c", "-q", i == 3 ? "-z" : "-q", "LIST");
		EXPECT_RUN(r, 0, "", "");
	}
	tree_text("d/line\nbreak", "x");
	THEN(RUN("verify", "--create=LIST", "d"), 0, "", "");
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c", "LIST"),
	                                    .out_to = RUN_TO_TERMINAL });
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "d/line'$'\\n''break': OK");
	EXPECT_OUT_HARMLESS(r);
	tree_text("d/line\nbreak", "y");
	r = RUN("verify", "-c", "-q", "LIST");
	EXPECT_RUN(r, 6, "\\d/line\\nbreak: FAILED\n", NUMBER("1 computed checksum did NOT match"));
}

Test(verify, names_that_lead_outside_are_refused)
{
	struct run r;

	files();
	tree("d in", "l in/link -> ../hi", "l in/absolute -> /etc/passwd", "t in/own hi",
	     "l in/near -> own");
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c"),
	                                    .input = HI "  ../hi\n" HI "  /etc/passwd\n" HI
	                                                "  a/../../hi\n" HI "  link\n" HI
	                                                "  absolute\n" HI "  near\n",
	                                    .cwd = "in" });
	EXPECT_STATUS(r, 6); /* `near` has another newline */
	EXPECT_OUT(r, "../hi: FAILED open or read\n/etc/passwd: FAILED open or read\n"
	              "a/../../hi: FAILED open or read\nlink: FAILED open or read\n"
	              "absolute: FAILED open or read\nnear: FAILED\n");
	EXPECT_ERR_HAS(r, "verify: '../hi': is outside the directory; --allow-outside reads it\n");
	EXPECT_ERR_HAS(r, "verify: 'link': a link leads outside the directory;");
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c", "--allow-outside"),
	                                    .input = HI "  ../hi\n" HI "  link\n",
	                                    .cwd = "in" });
	EXPECT_RUN(r, 0, "../hi: OK\nlink: OK\n", "");
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c", "--json"),
	                                    .input = HI "  absolute\n",
	                                    .cwd = "in" });
	EXPECT_STATUS(r, 1);
	struct json_lines lines = JSON_LINES(r);
	cr_expect(json_is_null(json_record(&lines, "item", 0), "actual"));
}

Test(verify, only_regular_files_are_opened)
{
	struct run r;
	int end;

	tree("d d", "p d/fifo", "t d/f x");
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c"),
	                                    .input = HI "  d/fifo\n" HI "  d\n" HI "  d/fifo/x\n",
	                                    .seconds = 20 });
	EXPECT_RUN(
		r, 6,
		"d/fifo: FAILED open or read\nd: FAILED open or read\n"
		"d/fifo/x: FAILED open or read\n",
		"verify: 'd/fifo': is not a regular file\nverify: 'd': Is a directory\n"
		"verify: 'd/fifo/x': Not a directory\n" NUMBER("3 listed files could not be read"));
	end = open("d/fifo", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	cr_expect(end < 0 && errno == ENXIO);
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c", "--allow-outside"),
	                                    .input = HI "  /dev/zero\n",
	                                    .seconds = 20 });
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "verify: '/dev/zero': is not a regular file\n");
	r = RUN("verify", "--create", "d");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_LACKS(r, "fifo");
	THEN(RUN("verify", "--create", "d/fifo"), 1, "",
	     "verify: 'd/fifo': is not a regular file\n");
}

Test(verify, unreadable_files_are_told_from_damaged_ones)
{
	struct run r;

	files();
	tree_text("LIST", HI "  hi\n" YO "  yo\n");
	tree_mode("yo", 0);
	sandbox_drop_root();
	r = RUN("verify", "-c", "LIST");
	EXPECT_RUN(r, 1, "hi: OK\nyo: FAILED open or read\n",
	           "verify: 'yo': Permission denied\n" NUMBER("1 listed file could not be read"));
	r = RUN("verify", "--create", "hi", "yo");
	EXPECT_RUN(r, 1, HI "  hi\n", "verify: 'yo': Permission denied\n");
	r = RUN("verify", "hi", "yo");
	EXPECT_RUN(r, 3, "", "verify: cannot open 'yo': Permission denied\n");
}

Test(verify, several_lists_and_their_directory)
{
	struct run r;

	tree("d in");
	tree_text("in/hi", "hi\n");
	tree_text("in/yo", "yo\n");
	tree_text("A", HI "  hi\n");
	tree_text("B", YO "  ./yo\n");
	THEN(RUN("verify", "-c", "A", "B", "in"), 0, "hi: OK\n./yo: OK\n", "");
	r = RUN("verify", "-c", "A", "in");
	EXPECT_RUN(r, 0, "hi: OK\nyo: EXTRA\n", "");
	r = RUN("verify", "-c", "--extra=error", "A", "in/");
	EXPECT_RUN(r, 6, "hi: OK\nyo: EXTRA\n", "");
	THEN(RUN("verify", "-c", "--extra=ignore", "A", "in"), 0, "hi: OK\n", "");
	THEN(RUN("verify", "-c", "--exclude=y*", "--extra=error", "A", "in"), 0, "hi: OK\n", "");
	r = run_argv(
		&(struct run_request){ .words = WORDS("verify", "-c", "-", "in", "--extra=ignore"),
	                               .input = HI "  hi\n" });
	EXPECT_RUN(r, 0, "hi: OK\n", "");
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "-c", "--extra=warn", "../A"),
	                                    .cwd = "in" });
	EXPECT_RUN(r, 0, "hi: OK\nyo: EXTRA\n", "");
}

Test(verify, a_list_knows_what_it_covers)
{
	struct run r;

	tree("d d/s", "t d/s/a 1", "t d/b 2");
	THEN(RUN("verify", "--create=d/SUMS", "d"), 0, "", "");
	THEN(RUN("verify", "-c", "d/SUMS"), 0, "d/b: OK\nd/s/a: OK\n", "");
	/* Written anew it is not in itself, either. */
	THEN(RUN("verify", "--create=d/SUMS", "d"), 0, "", "");
	THEN(RUN("verify", "-c", "-q", "d/SUMS"), 0, "", "");
	tree("t d/s/new 3");
	r = RUN("verify", "-c", "-q", "d/SUMS");
	EXPECT_RUN(r, 6, "d/s/new: EXTRA\n", "");
	THEN_STATUS(RUN("verify", "-c", "--extra=warn", "d/SUMS"), 0);
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "--create=SUMS", "."),
	                                    .cwd = "d" });
	EXPECT_RUN(r, 0, "", "");
	r = RUN("verify", "-c", "d/SUMS", "d");
	EXPECT_RUN(r, 0, "b: OK\ns/a: OK\ns/new: OK\n", "");
	/* Left out on purpose is no promise. */
	THEN(RUN("verify", "--create=LIST", "--exclude=b", "d"), 0, "", "");
	THEN_STATUS(RUN("verify", "-c", "LIST"), 0);
}

Test(verify, moved_files_are_found)
{
	struct run r;

	tree("d d", "t d/a first", "t d/b second", "t d/c third");
	THEN(RUN("verify", "--create=SUMS", "d"), 0, "", "");
	cr_assert_eq(rename("d/a", "d/z"), 0);
	cr_assert_eq(unlink("d/b"), 0);
	tree("t d/new fourth");
	r = RUN("verify", "-c", "--moved", "SUMS");
	EXPECT_RUN(r, 6, "d/c: OK\nd/new: EXTRA\nd/a: MOVED to d/z\nd/b: FAILED open or read\n",
	           "verify: 'd/b': No such file or directory\n" NUMBER(
			   "1 listed file could not be read"));
}

Test(verify, lists_are_sorted_and_whole)
{
	struct run r;

	tree("d d/a", "d d/a.b");
	tree_text("d/a/hi", "hi\n");
	tree_text("d/a.b/hi", "hi\n");
	tree_text("d/B", "yo\n");
	r = RUN("verify", "--create", "d/a", "d", "d/B");
	EXPECT_RUN(r, 0,
	           "# dutybox verify: all of d/a\n# dutybox verify: all of d\n" YO "  d/B\n" HI
	           "  d/a.b/hi\n" HI "  d/a/hi\n",
	           "");
	THEN(RUN("verify", "--create", "--tag", "--algo=md5", "./d/a/hi"), 0,
	     "MD5 (d/a/hi) = " HI_MD5 "\n", "");
	THEN(RUN("verify", "--create", "-b", "--algo=sha1", "d/a/hi"), 0, HI_SHA1 " *d/a/hi\n", "");
	tree_text("LIST", "old");
	tree_mode("LIST", 0640);
	THEN_STATUS(RUN("verify", "--create=LIST", "nowhere"), 1);
	THEN_STATUS(RUN("verify", "--create=LIST", "d/B"), 0);
	expect_file("LIST", YO "  d/B\n");
	expect_mode("LIST", 0640);
	expect_names(".", "LIST", "d");
	THEN_STATUS(RUN("verify", "--create=nowhere/LIST", "d"), 3);
	r = run_argv(&(struct run_request){ .words = WORDS("verify", "--create", "d"),
	                                    .out_to = RUN_TO_FULL });
	EXPECT_STATUS(r, 3);
}

Test(verify, every_algorithm_goes_both_ways)
{
	static const char *const algos[] = { "--algo=sha256", "--algo=sha512", "--algo=blake2b",
		                             "--algo=md5",    "--algo=sha1",   "--algo=crc32",
		                             "--algo=xxh128" };
	struct run r;

	files();
	for (size_t i = 0; i < sizeof(algos) / sizeof(algos[0]); i++) {
		THEN(RUN("verify", "--create=LIST", algos[i], "hi"), 0, "", "");
		THEN_STATUS(RUN("verify", "-c", algos[i], "LIST"), 0);
		THEN(RUN("verify", "--create=LIST", "--tag", algos[i], "hi"), 0, "", "");
		r = RUN("verify", "-c", "LIST");
		EXPECT_OUT(r, "hi: OK\n");
		THEN_STATUS(RUN("verify", "--create=LIST", "--tag", algos[i], "hi"), 0);
		tree_text("hi", "hj\n");
		THEN_STATUS(RUN("verify", "-c", algos[i], "LIST"), 6);
		tree_text("hi", "hi\n");
	}
	/* Of 128 digits the name of the list tells. */
	THEN_STATUS(RUN("verify", "--create=B2SUMS", "--algo=blake2b", "hi"), 0);
	THEN(RUN("verify", "-c", "B2SUMS"), 0, "hi: OK\n", "");
}

Test(verify, many_files_stay_in_order)
{
	struct run one;
	struct run many;

	for (int i = 0; i < 1200; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "d/%04d", i);
		tree_size(path, (uint64_t)(i % 7) * 1000);
	}
	one = RUN("verify", "--create", "-j1", "d");
	many = RUN("verify", "--create", "-j8", "d");
	cr_expect_str_eq(one.out, many.out);
	tree_text("LIST", one.out);
	one = RUN("verify", "-c", "-j1", "LIST");
	many = RUN("verify", "-c", "-j8", "--direct", "LIST");
	EXPECT_STATUS(one, 0);
	EXPECT_STATUS(many, 0);
	cr_expect_str_eq(one.out, many.out);
}

Test(verify, records)
{
	struct json_lines lines;
	struct run r;

	tree("d d", "t d/new x");
	tree_text("d/hi", "hi\n");
	tree_text("d/\xff", "yo\n");
	tree_text("LIST", HI "  hi\n" HI "  \xff\n" HI "  gone\nbad\n");
	r = RUN("verify", "-c", "--json", "LIST", "d");
	EXPECT_STATUS(r, 6);
	lines = JSON_LINES(r);
	cr_assert_eq(json_count(&lines, "item"), 4);
	cr_expect_str_eq(json_string(json_record(&lines, "item", 0), "status"), "same");
	cr_expect_str_eq(json_string(json_record(&lines, "item", 0), "actual"), HI);
	cr_expect_str_eq(json_string(json_record(&lines, "item", 1), "status"), "differ");
	cr_expect_str_eq(json_string(json_record(&lines, "item", 1), "path_b64"), "/w==");
	cr_expect_str_eq(json_string(json_record(&lines, "item", 1), "expected"), HI);
	cr_expect_str_eq(json_string(json_record(&lines, "item", 1), "actual"), YO);
	cr_expect_str_eq(json_string(json_record(&lines, "item", 2), "status"), "missing");
	cr_expect(json_is_null(json_record(&lines, "item", 2), "actual"));
	cr_expect_str_eq(json_string(json_record(&lines, "item", 3), "status"), "extra");
	cr_assert_eq(json_count(&lines, "summary"), 1);
	const struct json *summary = json_record(&lines, "summary", 0);
	cr_expect_eq(json_int(summary, "same", -1), 1);
	cr_expect_eq(json_int(summary, "differ", -1), 1);
	cr_expect_eq(json_int(summary, "missing", -1), 1);
	cr_expect_eq(json_int(summary, "extra", -1), 1);
	cr_expect_eq(json_int(summary, "improper_lines", -1), 1);
	cr_expect_eq(json_int(summary, "read_bytes", -1), 6);
	cr_expect(json_is_false(summary, "interrupted"));

	r = RUN("verify", "--create", "--json", "d/hi");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_record(&lines, "entry", 0), "digest"), HI);
	cr_expect_eq(json_int(json_record(&lines, "entry", 0), "size", -1), 3);
}

Test(verify, a_file_that_changes_is_no_difference)
{
	struct run_request request = { .words = WORDS("verify", "-c", "--progress=always", "-"),
		                       .from = RUN_FROM_FILE,
		                       .input_file = "LIST" };
	struct run_child child;
	struct run r;

	/* Hashing so large a hole takes seconds; it is changed once that has begun. */
	tree_sparse("big", UINT64_C(3) << 30);
	tree_text("LIST", HI "  big\n");
	run_start(&request, &child);
	run_wait_for(&child, "/s\n");
	cr_assert_eq(truncate("big", 1000), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "big: CHANGED while it was read\n");
	EXPECT_ERR_HAS(r, "verify: 'big': changed while it was read\n");
}

/* Starts on a file that takes seconds, and stops it by a signal. */
static struct run interrupt(const char *const *words)
{
	struct run_request request = { .words = words };
	struct run_child child;

	run_start(&request, &child);
	run_wait_for(&child, "/s\n");
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	return run_finish(&child);
}

Test(verify, a_signal_leaves_nothing_half_done)
{
	struct run r;

	tree("d d");
	tree_sparse("d/big", UINT64_C(20) << 30);
	tree_text("LIST", HI "  d/big\n");
	r = interrupt(WORDS("verify", "-c", "--json", "--progress=always", "LIST"));
	EXPECT_STATUS(r, 128 + SIGTERM);
	struct json_lines lines = JSON_LINES(r);
	cr_assert_eq(json_count(&lines, "summary"), 1);
	cr_expect(json_is_true(json_record(&lines, "summary", 0), "interrupted"));
	cr_expect_eq(json_count(&lines, "item"), 0);

	r = interrupt(WORDS("verify", "--create=LIST", "--progress=always", "d"));
	EXPECT_STATUS(r, 128 + SIGTERM);
	expect_file("LIST", HI "  d/big\n");
	expect_names(".", "LIST", "d");
}

Test(verify, options_that_make_no_sense_together)
{
	static const char *const wrong[][5] = {
		{ "-c", "--create", "x", NULL },
		{ "--algo=md5", "a", "b", NULL },
		{ "--tag", "-c", "x", NULL },
		{ "--create", NULL },
		{ "a", NULL },
		{ "a", "b", "c", NULL },
		{ "--strict", "a", "b", NULL },
		{ "-c", "--verbose", "x", NULL },
		{ "--create", "--meta=all", "x", NULL },
		{ "--create", "--format=mtree", "/tmp", NULL },
		{ "--create", "--format=mtree", "a/../b", NULL },
		{ "--create", "--format=mtree", "--algo=blake2b", "x" },
		{ "--create", "--format=mtree", "-z", "x" },
		{ "--create", "--format=bagit", "a", "b" },
		{ "--create=LIST", "--format=bagit", "a", NULL },
		{ "--create", "--format=bagit", "--exclude=x", "a" },
		{ "--create", "--format=bagit", "-x", "a" },
		{ "--create", "--format=bagit", "--algo=crc32", "a" },
		{ "-c", "--format=mtree", "x", NULL },
		{ "--create", "--sample=50%", "x", NULL },
		{ "-c", "--sample=0", "x", NULL },
		{ "-c", "--sample=0.0000%", "x", NULL },
		{ "-c", "--sample=100.1%", "x", NULL },
		{ "-c", "--sample=1000", "x", NULL },
		{ "-c", "--sample=1.00001", "x", NULL },
		{ "-c", "--sample=1.", "x", NULL },
		{ "-c", "--sample=5 %", "x", NULL },
		{ "-c", "--sample=", "x", NULL },
		{ "--sample=5", "/dev/null", "/dev/null", NULL },
		{ "-c", "--files0-from=-", "x", NULL },
		{ "--explain=x", "a", NULL },
		{ "--create", "--explain=x", "a", "b" },
		{ "-c", "--explain=/x", NULL },
		{ "--create", "-q", "x", NULL },
		{ "--algo=none", "-c", "x", NULL },
		{ NULL },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *words[8] = { "verify" };

		for (size_t k = 0; k < 4 && wrong[i][k] != NULL; k++)
			words[k + 1] = wrong[i][k];
		struct run r = run_words(words);

		cr_expect_eq(r.status, 2, "case %zu: %s", i, r.err);
		EXPECT_OUT(r, "");
	}
}
