/* SPDX-License-Identifier: MIT */
/* verify --check of bags (BagIt, RFC 8493). */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <stdio.h>
#include <unistd.h>

/* Of "hi\n" and "yo\n". */
#define HI     "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"
#define YO     "ebe95d10cc11e27bd8d4d1ce91bc725665ddbaa6ca2498ef38a88a58ad48cdb4"
#define HI_MD5 "764efa883dda1e11db47671c4a3bbd9e"

/* A bag of two files, one with a name that is percent-encoded. */
static void bag(void)
{
	sandbox_enter();
	tree_text("bag/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
	tree_text("bag/bag-info.txt", "Source: none\npayload-oxum: 6.2 \nX: y\n");
	tree_text("bag/manifest-sha256.txt", HI "  data/hi\n" YO " data/s/50%25%0Aoff\n");
	tree_text("bag/data/hi", "hi\n");
	tree_text("bag/data/s/50%\noff", "yo\n");
}

TestSuite(verify_bag, .init = bag, .fini = sandbox_leave);

Test(verify_bag, a_valid_one)
{
	struct run r = RUN("verify", "-c", "bag");

	EXPECT_RUN(r, 0, "data/hi: OK\n\\data/s/50%\\noff: OK\n", "");
	r = RUN("verify", "-c", "-q", "bag/");
	EXPECT_RUN(r, 0, "", "");
}

Test(verify_bag, payload_that_is_damaged_missing_or_extra)
{
	struct run r;

	tree_text("bag/data/hi", "ha\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "data/hi: FAILED\n");
	cr_assert_eq(unlink("bag/data/hi"), 0);
	tree_text("bag/data/new", "new");
	tree_text("bag/fetch.txt", "http://example.org/hi 3 data/hi\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "data/hi: FAILED open or read\ndata/new: EXTRA\n");
	EXPECT_ERR_HAS(r,
	               "verify: 'bag': its fetch.txt names files that are still to be fetched\n");
}

Test(verify_bag, a_wrong_number_of_bytes)
{
	struct run r;

	tree_text("bag/bag-info.txt", "Payload-Oxum: 6.3\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_RUN(r, 6, "bag-info.txt: FAILED Payload-Oxum, is 6.2\n", "");
}

Test(verify_bag, every_manifest_names_all_of_the_payload)
{
	struct run r;

	tree_text("bag/manifest-md5.txt", HI_MD5 "  data/hi\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "\\manifest-md5.txt: FAILED, does not name data/s/50%\\noff\n");
	tree_text("bag/manifest-md5.txt", HI_MD5 "  data/hi\n" HI_MD5 "  data/more\n");
	tree_text("bag/data/more", "hi\n");
	tree_text("bag/bag-info.txt", "");
	r = RUN("verify", "-cq", "--json", "bag");
	EXPECT_STATUS(r, 6);
	struct json_lines lines = JSON_LINES(r);
	cr_assert_eq(json_count(&lines, "item"), 2);
	cr_expect_str_eq(json_string(json_record(&lines, "item", 0), "path"),
	                 "manifest-sha256.txt");
	cr_expect_str_eq(json_string(json_record(&lines, "item", 0), "other"), "data/more");
	cr_expect_str_eq(json_string(json_record(&lines, "item", 1), "path"), "manifest-md5.txt");
	/* Before version 1.0 one of them was enough. */
	tree_text("bag/bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "");
}

Test(verify_bag, files_that_are_to_be_fetched)
{
	static const struct {
		const char *text, *out;
	} cases[] = {
		{ "http://example.org/hi 3 data/hi\n", "" },
		{ "http://example.org/x - data/s/50%25%0Aoff\r\n\n", "" },
		{ "http://example.org/hi 3 data/other\n",
		  "fetch.txt: FAILED, no manifest of the payload names its data/other\n" },
		{ "http://example.org/hi 3 bagit.txt\n",
		  "fetch.txt: FAILED, no manifest of the payload names its bagit.txt\n" },
		{ "http://example.org/hi 3 ../hi\n",
		  "fetch.txt: FAILED, no manifest of the payload names its ../hi\n" },
		{ "http://example.org/hi x data/hi\n",
		  "fetch.txt: FAILED, has lines that are improperly formatted\n" },
		{ "http://example.org/hi data/hi\n",
		  "fetch.txt: FAILED, has lines that are improperly formatted\n" },
		{ "http://example.org/hi 3\n",
		  "fetch.txt: FAILED, has lines that are improperly formatted\n" },
	};
	struct run r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_text("bag/fetch.txt", cases[i].text);
		r = RUN("verify", "-cq", "bag");
		EXPECT_RUN(r, cases[i].out[0] == '\0' ? 0 : 6, cases[i].out, "");
	}
}

Test(verify_bag, manifests_that_are_none)
{
	static const char *const bad[] = {
		HI "  bag-info.txt\n", /* no payload */
		HI "  data\n",
		HI "  data/../hi\n",
		"98ea  data/hi\n",
		"# comment\n",
		HI "\n",
	};
	struct run r;
	char text[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), HI "  data/hi\n" YO "  data/s/50%%25%%0Aoff\n%s",
		               bad[i]);
		tree_text("bag/manifest-sha256.txt", text);
		r = RUN("verify", "-cq", "bag");
		if (i == 2) { /* the name may lead outside: it is refused as any other */
			EXPECT_STATUS(r, 1);
			continue;
		}
		EXPECT_STATUS(r, 6);
		EXPECT_OUT(r, "manifest-sha256.txt: FAILED, has lines that are improperly "
		              "formatted\n");
	}
	tree_text("bag/manifest-sha256.txt", HI "  data/hi\n" YO "  data/s/50%25%0Aoff\n");
	tree_text("bag/tagmanifest-sha256.txt", HI "  data/hi\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "tagmanifest-sha256.txt: FAILED, has lines that are improperly formatted\n");
}

Test(verify_bag, declarations)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ "BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n", 0 },
		{ "BagIt-Version: 0.96\nTag-File-Character-Encoding: utf-8", 0 },
		{ "BagIt-Version: 1\nTag-File-Character-Encoding: UTF-8\n", 3 },
		{ "BagIt-Version: 1.x\nTag-File-Character-Encoding: UTF-8\n", 3 },
		{ "BagIt-Version: .1\nTag-File-Character-Encoding: UTF-8\n", 3 },
		{ "BagIt-Version:\nTag-File-Character-Encoding: UTF-8\n", 3 },
		{ "\xef\xbb\xbf"
		  "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
		  3 },
		{ "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n", 3 },
		{ "BagIt-Version: 1.0\n", 3 },
		{ "", 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		tree_text("bag/bagit.txt", cases[i].text);
		r = RUN("verify", "-cq", "bag");
		cr_expect_eq(r.status, cases[i].status, "case %zu: %s", i, r.err);
	}
}

Test(verify_bag, its_own_files_may_be_traps)
{
	struct run r;

	/* A FIFO is not waited for, and a link does not lead outside. */
	tree("d trap", "p trap/bagit.txt");
	r = run_argv(
		&(struct run_request){ .words = WORDS("verify", "-c", "trap"), .seconds = 20 });
	EXPECT_STATUS(r, 3);
	tree("p bag/fetch.txt", "p bag/tagmanifest-md5.txt");
	r = run_argv(
		&(struct run_request){ .words = WORDS("verify", "-cq", "bag"), .seconds = 20 });
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "fetch.txt': is not a regular file");
	cr_assert_eq(unlink("bag/fetch.txt") + unlink("bag/tagmanifest-md5.txt"), 0);
	tree_text("outside", "http://example.org/hi 3 data/hi\n");
	tree("l bag/fetch.txt -> ../outside");
	r = RUN("verify", "-cq", "bag");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "leads outside");
}

Test(verify_bag, without_a_payload_directory)
{
	struct run r;

	tree("d empty");
	tree_text("empty/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
	tree_text("empty/manifest-sha256.txt", "");
	r = RUN("verify", "-c", "empty");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "data: FAILED, a bag has this directory\n");
	tree("d empty/data");
	r = RUN("verify", "-c", "--algo=md5", "empty");
	EXPECT_STATUS(r, 2);
	tree_text("empty/manifest-md5.txt", "");
	r = RUN("verify", "-cq", "empty");
	EXPECT_RUN(r, 0, "", "");
}

Test(verify_bag, is_made_of_a_directory_with_a_payload)
{
	struct run r;

	tree("d new/data/s", "d new/meta");
	tree_text("new/data/hi", "hi\n");
	tree_text("new/data/s/50%\r\noff", "yo\n");
	tree_text("new/meta/note", "hi\n");
	tree_text("new/bag-info.txt",
	          "Source: me\nPayload-Oxum: 9.9\n  and more\nNote: two\n  lines");
	r = RUN("verify", "--create", "--format=bagit", "new/");
	EXPECT_RUN(r, 0, "", "");
	expect_names("new", "bag-info.txt", "bagit.txt", "data", "manifest-sha256.txt", "meta",
	             "tagmanifest-sha256.txt");
	expect_file("new/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
	expect_file("new/bag-info.txt", "Source: me\nNote: two\n  lines\nPayload-Oxum: 6.2\n");
	expect_file("new/manifest-sha256.txt", HI "  data/hi\n" YO "  data/s/50%25%0D%0Aoff\n");
	r = RUN("verify", "-c", "new");
	EXPECT_RUN(r, 0,
	           "data/hi: OK\n\\data/s/50%\\r\\noff: OK\nbag-info.txt: OK\nbagit.txt: OK\n"
	           "manifest-sha256.txt: OK\nmeta/note: OK\n",
	           "");
	/* Anew after a change, from within. */
	tree_text("new/data/hi", "yo\n");
	r = RUN("verify", "-cq", "new");
	EXPECT_STATUS(r, 6);
	r = run_argv(&(struct run_request){
		.words = WORDS("verify", "--create", "--format=bagit", "--json", "."),
		.cwd = "new" });
	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "entry"), 6);
	cr_expect_str_eq(json_string(json_record(&lines, "entry", 0), "path"), "data/hi");
	cr_expect_str_eq(json_string(json_record(&lines, "entry", 0), "digest"), YO);
	r = RUN("verify", "-cq", "new");
	EXPECT_RUN(r, 0, "", "");
}

Test(verify_bag, is_not_made_of_what_it_cannot_hold)
{
	struct run r;

	tree("d new");
	r = RUN("verify", "--create", "--format=bagit", "new");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "has no directory 'data'");
	tree("d other", "l new/data -> ../other");
	r = RUN("verify", "--create", "--format=bagit", "new");
	EXPECT_STATUS(r, 3);
	expect_names("new", "data");
	cr_assert_eq(unlink("new/data"), 0);
	tree("f new/data/f 5", "l new/data/link -> f", "p new/data/fifo");
	r = RUN("verify", "--create", "--format=bagit", "new");
	EXPECT_RUN(r, 1, "",
	           "verify: 'new/data/fifo': is not a regular file; a bag cannot hold it\n"
	           "verify: 'new/data/link': is not a regular file; a bag cannot hold it\n"
	           "verify: 'new': not all of the payload could be listed: no bag was made\n");
	expect_names("new", "data");
	/* What was listed with another algorithm would be wrong then. */
	r = RUN("verify", "--create", "--format=bagit", "--algo=md5", "bag");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "already has a 'manifest-sha256.txt'");
	tree("f bag/fetch.txt 1");
	r = RUN("verify", "--create", "--format=bagit", "bag");
	EXPECT_STATUS(r, 3);
	expect_names("bag", "bag-info.txt", "bagit.txt", "data", "fetch.txt",
	             "manifest-sha256.txt");
}

Test(verify_bag, manifests_of_tag_files)
{
	struct run r;

	tree_text("bag/tagmanifest-md5.txt", HI_MD5 "  note.txt\n");
	tree_text("bag/note.txt", "hi\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_RUN(r, 0, "", "");
	tree_text("bag/note.txt", "ho\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_STATUS(r, 6);
	EXPECT_OUT(r, "note.txt: FAILED\n");
}

Test(verify_bag, what_is_no_bag)
{
	struct run r;

	tree_text("bag/manifest-sha3.txt", HI "  data/hi\n");
	r = RUN("verify", "-cq", "bag");
	EXPECT_RUN(r, 1, "",
	           "verify: 'bag/manifest-sha3.txt': its algorithm is not known here; not "
	           "checked\n");
	cr_assert_eq(unlink("bag/manifest-sha256.txt") + unlink("bag/manifest-sha3.txt"), 0);
	r = RUN("verify", "-cq", "--extra=ignore", "bag");
	EXPECT_RUN(r, 2, "", "verify: 'bag': no manifest of the payload that could be checked\n");
	tree_text("bag/bagit.txt", "nothing\n");
	r = RUN("verify", "-c", "bag");
	EXPECT_RUN(r, 3, "",
	           "verify: 'bag': is a directory, but no bag: its bagit.txt has no version\n");
	/* Names outside are refused here as well. */
	tree_text("bag/bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: utf-8\n");
	tree_text("bag/manifest-sha256.txt", HI " ../hi\n");
	tree_text("hi", "hi\n");
	r = RUN("verify", "-cq", "--extra=ignore", "bag");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "../hi: FAILED open or read\n");
}
