/* SPDX-License-Identifier: MIT */
/* verify --check of bags (BagIt, RFC 8493). */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

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
	tree_text("bag/bagit.txt", "BagIt-Version: 0.97\n");
	tree_text("bag/manifest-sha256.txt", HI " ../hi\n");
	tree_text("hi", "hi\n");
	r = RUN("verify", "-cq", "--extra=ignore", "bag");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "../hi: FAILED open or read\n");
}
