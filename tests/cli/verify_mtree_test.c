/* SPDX-License-Identifier: MIT */
/* verify and lists of mtree. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of "hi\n". */
#define HI     "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"
#define HI_MD5 "764efa883dda1e11db47671c4a3bbd9e"

TestSuite(verify_mtree, .init = sandbox_enter, .fini = sandbox_leave);

static void files(void)
{
	tree("d d/s", "l d/link -> hi", "p d/fifo", "t d/s/x 1");
	tree_text("d/hi", "hi\n");
	tree("m d/hi 0644", "m d/s/x 0644", "m d/s 0755", "m d 0755");
}

Test(verify_mtree, what_is_written_is_checked)
{
	struct run r;

	files();
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "d/%s", hostile_names[i]);
		tree_text(path, "hostile");
	}
	r = RUN("verify", "--create=d/LIST", "--format=mtree", "d");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("verify", "-cq", "--strict", "d/LIST");
	EXPECT_RUN(r, 0, "", "");
	tree("f d/new 1", "l d/dangling -> nowhere", "d d/dir");
	r = RUN("verify", "-cq", "d/LIST");
	EXPECT_RUN(r, 6, "d/dangling: EXTRA\nd/dir: EXTRA\nd/new: EXTRA\n", "");
}

Test(verify_mtree, every_kind_of_difference)
{
	struct run r;

	files();
	r = RUN("verify", "--create=LIST", "--format=mtree", "d");
	EXPECT_RUN(r, 0, "", "");
	tree_text("d/s/x", "2\n");
	cr_assert_eq(unlink("d/fifo") + unlink("d/link"), 0);
	tree("m d/hi 0600", "m d/s 0700", "l d/link -> other", "f d/fifo 1");
	r = RUN("verify", "-cq", "--meta=none", "LIST");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT_HAS(r, "d/fifo: FAILED type fifo became file\n");
	EXPECT_OUT_HAS(r, "d/link: FAILED hi became other\n");
	EXPECT_OUT_LACKS(r, "mode");
	r = RUN("verify", "-cq", "LIST");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT_HAS(r, "d/hi: FAILED mode 0644 became mode 0600\n");
	EXPECT_OUT_HAS(r, "d/s: FAILED mode 0755 became mode 0700\n");
	EXPECT_ERR_HAS(r, "not as listed\n");
	tree("f d/hi 100");
	r = RUN("verify", "-cq", "--json", "LIST");
	struct json_lines lines = JSON_LINES(r);
	const struct json *item = json_find(&lines, "path", "d/hi");
	cr_expect_str_eq(json_string(item, "status"), "differ");
	cr_expect_str_eq(json_string(item, "expected"), "3 bytes");
	cr_expect_str_eq(json_string(item, "actual"), "100 bytes");
	cr_expect_str_eq(json_string(json_find(&lines, "path", "d/fifo"), "status"), "type");
}

Test(verify_mtree, keywords)
{
	static const struct {
		const char *text, *out;
		int status;
	} cases[] = {
		{ "#mtree\nhi type=file md5=" HI_MD5 "\n", "hi: OK\n", 0 },
		{ "/set type=file\nhi size=3 sha256=" HI "\n", "hi: OK\n", 0 },
		{ "#mtree\n./hi sha256digest=" HI " \\\n size=4\n",
		  "hi: FAILED 4 bytes became 3 bytes\n", 6 },
		{ "#mtree\n./gone type=file optional sha256=" HI "\n", "", 0 },
		{ "#mtree\n./gone type=file sha256=" HI "\n", "gone: FAILED open or read\n", 6 },
		{ "#mtree\n./hi type=dir nochange\n", "hi: OK\n", 0 },
		{ "#mtree\n./hi type=file sha256=" HI " time=1.0\n", NULL, 6 },
		{ "#mtree\n../hi type=file\n", "../hi: FAILED open or read\n", 1 },
		{ "#mtree\n/set what\n", "", 2 },
	};
	char text[1024];

	files();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		(void)snprintf(text, sizeof(text), "%s", cases[i].text);
		tree_text("LIST", text);
		r = RUN("verify", "-c", "--extra=ignore", "LIST", "d");
		cr_expect_eq(r.status, cases[i].status, "case %zu: %s", i, r.err);
		if (cases[i].out != NULL)
			cr_expect_str_eq(r.out, cases[i].out, "case %zu", i);
	}
}

Test(verify_mtree, what_a_list_does_not_say_is_told)
{
	struct run r;

	files();
	tree_text("LIST", "#mtree\n./hi type=file\n./link type=link what=1\n");
	r = RUN("verify", "-cw", "--extra=ignore", "LIST", "d");
	EXPECT_RUN(r, 0, "hi: OK\nlink: OK\n",
	           "verify: 'LIST': 3: improperly formatted mtree line\n"
	           "verify: WARNING: 1 line is improperly formatted\n"
	           "verify: WARNING: the contents of 1 file were not compared: the list has no "
	           "checksum of them\n");
	r = RUN("verify", "-c", "--extra=ignore", "--strict", "LIST", "d");
	EXPECT_STATUS(r, 1);
	/* Asked for one kind of checksum, a file without it is no entry. */
	r = RUN("verify", "-c", "--extra=ignore", "--algo=md5", "LIST", "d");
	EXPECT_OUT(r, "link: OK\n");
}

Test(verify_mtree, ignored_directories_and_those_on_the_way)
{
	struct run r;

	files();
	tree_text("LIST", "#mtree\n./d/s type=dir ignore\n./d/hi type=file sha256=" HI "\n");
	r = RUN("verify", "-cq", "--extra=error", "LIST", ".");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "d/fifo: EXTRA\nd/link: EXTRA\n");
}

Test(verify_mtree, a_sample_reads_some_and_looks_at_all)
{
	struct run r;
	struct json_lines lines;
	int64_t same;
	int64_t unread;

	for (int i = 0; i < 400; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "d/%03d", i);
		tree_text(path, "x");
	}
	cr_assert_eq(RUN_PEER("cp", "-a", "d", "e").status, 0);
	cr_assert_eq(RUN("verify", "--create=SUMS", "d").status, 0);
	for (size_t i = 0; i < 2; i++) {
		r = i == 0 ? RUN("verify", "-c", "--json", "--sample=50%", "SUMS")
		           : RUN("verify", "--json", "--sample=50", "d", "e");
		EXPECT_STATUS(r, 0);
		lines = JSON_LINES(r);
		same = json_int(json_record(&lines, "summary", 0), "same", -1);
		unread = json_int(json_record(&lines, "summary", 0), "unread", -1);
		cr_expect_eq(same + unread, i == 0 ? 400 : 401);
		cr_expect(unread > 50 && unread < 350, "%d", (int)unread);
	}
	cr_assert_eq(unlink("d/007"), 0);
	r = RUN("verify", "-cq", "--sample=0.0001%", "SUMS");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "d/007: FAILED open or read\n");
}

Test(verify_mtree, the_filter_is_about_listed_names)
{
	struct run r;

	files();
	tree_text("LIST", HI "  d/hi\n" HI "  d/s/x\n");
	r = RUN("verify", "-c", "--exclude=s", "LIST");
	EXPECT_RUN(r, 0, "d/hi: OK\n", "");
	r = RUN("verify", "-c", "--exclude=s", "--explain=d/s/x", "LIST");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "d/s/x: --exclude=");
	r = RUN("verify", "-c", "--exclude=s", "--explain=d/hi", "LIST");
	EXPECT_STATUS(r, 0);
	tree_file("NAMES", "d/hi\0d/s/x", 11);
	r = RUN("verify", "--create", "--files0-from=NAMES");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, HI "  d/hi\n");
	EXPECT_OUT_HAS(r, "  d/s/x\n");
}

Test(verify_mtree, beside_bsdtar_and_mtree)
{
	struct run r;

	need_program("bsdtar");
	files();
	r = RUN_PEER("bsdtar", "-cf", "LIST", "--format=mtree", "--options=mtree:sha256", "d");
	EXPECT_STATUS(r, 0);
	r = RUN("verify", "-cq", "--strict", "LIST");
	EXPECT_RUN(r, 0, "", "");
	r = RUN_PEER("bsdtar", "-cf", "LIST", "--format=mtree-classic", "d");
	EXPECT_STATUS(r, 0);
	r = RUN("verify", "-cq", "--strict", "LIST");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "");
	need_program("mtree");
	cr_assert_eq(RUN("verify", "--create=OURS", "--format=mtree", "d").status, 0);
	r = RUN_PEER("mtree", "-e", "-f", "OURS", "-p", ".");
	EXPECT_STATUS(r, 0);
}
