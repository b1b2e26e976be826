/* SPDX-License-Identifier: MIT */
/* archive create, list, extract, info and formats; and tar's letters. */
#include "support/expect_call.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tar_bytes.h"
#include "support/tree.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

TestSuite(archive, .init = sandbox_enter, .fini = sandbox_leave);

static const char *const formats[] = { "a.tar",     "a.tar.gz",  "a.tar.bz2", "a.tar.xz",
	                               "a.tar.zst", "a.tar.lz4", "a.zip",     "a.cpio" };

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static void make_source(void)
{
	tree("d d/sub/empty", "f d/a 3000", "f d/sub/b 200000", "t d/c text", "l d/l -> sub/b",
	     "f d/none", "h d/hard -> d/a", "m d/c 600");
	tree_time("d/a", (struct timespec){ 1000000000, 123456789 });
	tree_time("d", (struct timespec){ 1000000001, 0 });
}

static void expect_same(const char *a, const char *b)
{
	struct run r = RUN_PEER("diff", "-r", "--no-dereference", a, b);

	cr_expect_eq(r.status, 0, "%s %s: %s", a, b, r.out);
}

Test(archive, round_trips)
{
	make_source();
	for (size_t i = 0; i < FORMATS; i++) {
		CALL_RUN(RUN("archive", "create", "--verify", formats[i], "d"), 0, "", "");
		CALL_RUN(RUN("archive", "extract", "-C", "x", formats[i]), 0, "", "");
		expect_same("d", "x/d");
		expect_mode("x/d/c", 0600);
		expect_link("x/d/l", "sub/b");
		if (strncmp(formats[i], "a.tar", 5) == 0) {
			expect_same_file("x/d/a", "x/d/hard");
			expect_mtime("x/d/a", ((struct timespec){ 1000000000, 123456789 }));
		}
		expect_mtime("x/d", ((struct timespec){ 1000000001, 0 }));
		RUN_PEER("rm", "-rf", "x");
	}
}

Test(archive, the_same_bytes_whatever_the_threads)
{
	make_source();
	RUN_PEER("sh", "-c", "seq 1 900000 > d/large");
	for (size_t i = 0; i < FORMATS; i++) {
		char other[64];

		(void)snprintf(other, sizeof(other), "b%s", formats[i] + 1);
		CALL_STATUS(RUN("archive", "create", "-T1", formats[i], "d"), 0);
		RUN_PEER("sh", "-c", "cat d/* >/dev/null 2>&1; umask 077");
		CALL_STATUS(RUN("archive", "create", "-T8", other, "d"), 0);
		CALL_STATUS(RUN_PEER("cmp", formats[i], other), 0);
	}
}

Test(archive, members_are_sorted)
{
	tree("f d/b", "f d/a/z", "f d/a.x", "f d/B");
	CALL_STATUS(RUN("archive", "create", "a.tar", "d"), 0);
	CALL_RUN(RUN("archive", "list", "a.tar"), 0, "d/\nd/B\nd/a/\nd/a/z\nd/a.x\nd/b\n", "");
}

Test(archive, hostile_names_come_back)
{
	tree("d d");
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		char path[512];

		(void)snprintf(path, sizeof(path), "d/%s", hostile_names[i]);
		tree_text(path, hostile_names[i]);
	}
	/* Composed and decomposed, and bytes that are no UTF-8. */
	tree_text("d/caf\xc3\xa9", "nfc");
	tree_text("d/cafe\xcc\x81", "nfd");
	tree_text("d/\xff\xfe", "latin");
	for (size_t i = 0; i < 6; i++) {
		static const char *const locales[] = { "LC_ALL=C", "LC_ALL=C.UTF-8" };
		const char *env[] = { locales[i % 2], NULL };
		struct run_request create = { .words = WORDS("archive", "create", formats[i], "d"),
			                      .env = env };
		struct run_request extract = {
			.words = WORDS("archive", "extract", "-C", "x", formats[i]), .env = env
		};

		CALL_STATUS(run_argv(&create), 0);
		CALL_STATUS(run_argv(&extract), 0);
		expect_same("d", "x/d");
		RUN_PEER("rm", "-rf", "x");
	}
}

/* R27: what a zip cannot hold is told, not renamed. */
Test(archive, zip_refuses_what_it_cannot_hold)
{
	struct run r;

	tree("d d", "p d/fifo");
	tree_text("d/\xff", "x");
	tree_text("d/caf\xc3\xa9", "nfc");
	tree_text("d/cafe\xcc\x81", "nfd");
	r = RUN("archive", "create", "a.zip", "d");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "not UTF-8");
	EXPECT_ERR_HAS(r, "this type of file");
	CALL_RUN(RUN("archive", "list", "a.zip"), 0, "d/\nd/cafe\xcc\x81\nd/caf\xc3\xa9\n", "");
}

Test(archive, attributes_and_holes)
{
	struct stat st;
	char value[16] = "";

	tree("d d", "s d/sparse 5000000", "s d/tail 1000000");
	RUN_PEER("sh", "-c", "echo data | dd of=d/tail conv=notrunc status=none");
	tree_text("d/x", "x");
	if (setxattr("d/x", "user.note", "hello", 5, 0) != 0)
		skip("the file system has no attributes");
	CALL_STATUS(RUN("archive", "create", "a.tar.gz", "d"), 0);
	CALL_RUN(RUN("archive", "extract", "-C", "x", "a.tar.gz"), 0, "", "");
	expect_same("d", "x/d");
	cr_expect_eq(getxattr("x/d/x", "user.note", value, sizeof(value)), 5);
	cr_expect_str_eq(value, "hello");
	cr_assert_eq(stat("x/d/sparse", &st), 0);
	cr_expect(st.st_blocks < 100, "%ld blocks", (long)st.st_blocks);
	cr_expect(RUN_PEER("tar", "-tf", "a.tar.gz").status == 0);
}

Test(archive, an_existing_file_is_not_replaced)
{
	struct run r;

	make_source();
	tree_text("a.tar", "mine");
	r = RUN("archive", "create", "a.tar", "d");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--overwrite");
	expect_file("a.tar", "mine");
	/* The slip of "tar cf FILE DIR" with the words swapped. */
	r = RUN("archive", "cf", "a.tar", "d");
	EXPECT_STATUS(r, 4);
	expect_file("a.tar", "mine");
	CALL_STATUS(RUN("archive", "create", "--overwrite", "a.tar", "d"), 0);
	CALL_STATUS(RUN("archive", "cf", "a.tar", "d/c"), 0);
	CALL_RUN(RUN("archive", "list", "a.tar"), 0, "d/c\n", "");
	tree("d e.tar", "p f.tar", "l l.tar -> a.tar");
	CALL_STATUS(RUN("archive", "create", "--overwrite", "e.tar", "d"), 4);
	CALL_STATUS(RUN("archive", "create", "--overwrite", "f.tar", "d"), 4);
	CALL_STATUS(RUN("archive", "create", "--overwrite", "l.tar", "d"), 4);
}

Test(archive, it_does_not_swallow_itself)
{
	make_source();
	CALL_STATUS(RUN("archive", "create", "d/a.tar", "d"), 0);
	CALL_STATUS(RUN("archive", "create", "--overwrite", "d/a.tar", "d"), 0);
	CALL_OUT_LACKS(RUN("archive", "list", "d/a.tar"), "a.tar");
	CALL_OUT_LACKS(RUN("archive", "list", "d/a.tar"), ".dutybox");
}

Test(archive, names_of_shutil)
{
	make_source();
	CALL_RUN(RUN("archive", "create", "--format=gztar", "backup", "d"), 0, "backup.tar.gz\n",
	         "");
	CALL_RUN(RUN("archive", "create", "--format=zip", "--root=d", "--contents", "z", "."), 0,
	         "z.zip\n", "");
	CALL_RUN(RUN("archive", "list", "z.zip"), 0,
	         "a\nc\nhard\nl\nnone\nsub/\nsub/b\nsub/empty/\n", "");
	CALL_STATUS(RUN("archive", "create", "backup", "d"), 2);
	CALL_STATUS(RUN("archive", "create", "--format=7z", "x", "d"), 2);
	expect_no_file("backup");
}

Test(archive, prefixes_are_cut)
{
	char path[4200];
	struct run r;

	make_source();
	(void)snprintf(path, sizeof(path), "%s/d/c", sandbox_path());
	CALL_STATUS(RUN("archive", "create", "a.tar", path), 0);
	r = RUN("archive", "list", "a.tar");
	cr_expect_str_eq(r.out + strlen(r.out) - 5, "/d/c\n");
	cr_expect(r.out[0] != '/', "%s", r.out);
	CALL_STATUS(RUN("archive", "create", "b.tar", "d/../d/c"), 0);
	CALL_RUN(RUN("archive", "list", "b.tar"), 0, "d/c\n", "");
}

Test(archive, source_date_epoch_and_reproducible)
{
	const char *const env[] = { "SOURCE_DATE_EPOCH=1500000000", NULL };
	struct run_request request = {
		.words = WORDS("archive", "create", "--reproducible", "a.tar", "d"), .env = env
	};
	struct run r;

	tree("d d");
	tree_text("d/new", "x");
	tree_text("d/old", "x");
	tree_time("d/old", (struct timespec){ 1000000000, 0 });
	CALL_STATUS(run_argv(&request), 0);
	r = RUN("archive", "list", "--json", "a.tar");
	EXPECT_OUT_HAS(
		r, "\"path\":\"d/new\",\"type\":\"file\",\"size\":1,\"mode\":\"0644\",\"uid\":0,"
		   "\"gid\":0,\"user\":null,\"group\":null,\"mtime\":1500000000,");
	EXPECT_OUT_HAS(r, "\"path\":\"d/old\"");
	EXPECT_OUT_HAS(r, "\"mtime\":1000000000,");
}

Test(archive, bundles_of_letters)
{
	make_source();
	CALL_STATUS(RUN("archive", "czf", "a.tgz", "d"), 0);
	CALL_RUN(RUN("archive", "tf", "a.tgz", "d/c"), 0, "d/c\n", "");
	CALL_RUN(RUN("archive", "-tf", "a.tgz", "d/c"), 0, "d/c\n", "");
	tree("d x");
	CALL_RUN(RUN("archive", "xvf", "a.tgz", "-C", "x", "d/c"), 0, "d/c\n", "");
	expect_file("x/d/c", "text");
	CALL_RUN(RUN("archive", "xOf", "a.tgz", "d/c"), 0, "text", "");
	CALL_STATUS(RUN("archive", "xq", "a.tgz"), 2);
	CALL_STATUS(RUN("archive", "tf", "a.tgz", "--strip-components=1"), 2);
	CALL_STATUS(RUN("archive", "xf", "a.tgz", "--level=3"), 2);
	CALL_STATUS(RUN("archive", "cf", "b.tar", "--existing=skip", "d"), 2);
	CALL_STATUS(RUN("archive", "xf"), 2);
	CALL_STATUS(RUN("archive"), 2);
	expect_no_file("b.tar");
}

Test(archive, where_it_is_extracted)
{
	make_source();
	tree_text("one", "1");
	tree_text("two", "2");
	CALL_STATUS(RUN("archive", "create", "many.tar.gz", "one", "two"), 0);
	CALL_STATUS(RUN("archive", "create", "single.tar", "one"), 0);
	tree("d w", "d v");
	struct run_request many = { .words = WORDS("archive", "extract", "../many.tar.gz"),
		                    .cwd = "w" };
	struct run_request single = { .words = WORDS("archive", "extract", "../single.tar"),
		                      .cwd = "w" };
	struct run_request here = { .words =
		                            WORDS("archive", "extract", "--here", "../many.tar.gz"),
		                    .cwd = "v" };

	CALL_STATUS(run_argv(&many), 0);
	CALL_STATUS(run_argv(&many), 0);
	CALL_STATUS(run_argv(&single), 0);
	expect_names("w", "many", "many.1", "one");
	expect_names("w/many", "one", "two");
	CALL_STATUS(run_argv(&here), 0);
	expect_names("v", "one", "two");
}

Test(archive, existing_files)
{
	tree("d d", "d x");
	tree_text("d/f", "new");
	CALL_STATUS(RUN("archive", "create", "a.tar", "d"), 0);
	tree_text("x/d/f", "old");
	tree_text("x/d/other", "stays");
	CALL_STATUS(RUN("archive", "extract", "-C", "x", "a.tar"), 1);
	expect_file("x/d/f", "old");
	CALL_STATUS(RUN("archive", "extract", "-C", "x", "--existing=skip", "a.tar"), 0);
	expect_file("x/d/f", "old");
	CALL_STATUS(RUN("archive", "extract", "-C", "x", "--existing=newer", "a.tar"), 0);
	expect_file("x/d/f", "old");
	CALL_STATUS(RUN("archive", "extract", "-C", "x", "--existing=rename", "a.tar"), 0);
	expect_file("x/d/f.1", "new");
	CALL_STATUS(RUN("archive", "extract", "-C", "x", "--existing=overwrite", "a.tar"), 0);
	expect_file("x/d/f", "new");
	expect_file("x/d/other", "stays");
	expect_names("x/d", "f", "f.1", "other");
}

Test(archive, members_filters_and_strip)
{
	struct run r;

	make_source();
	CALL_STATUS(RUN("archive", "create", "--exclude=none", "a.tar", "d"), 0);
	CALL_OUT_LACKS(RUN("archive", "list", "a.tar"), "none");
	CALL_RUN(RUN("archive", "list", "a.tar", "d/sub"), 0, "d/sub/\nd/sub/b\nd/sub/empty/\n",
	         "");
	CALL_RUN(RUN("archive", "list", "--exclude=sub", "--type=f", "a.tar"), 0,
	         "d/a\nd/c\nd/hard\n", "");
	r = RUN("archive", "extract", "-C", "x", "--strip-components=1", "a.tar", "d/c", "nothing");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "'nothing': is not in the archive");
	expect_names("x", "c");
}

Test(archive, records)
{
	struct run r;
	struct json_lines lines;

	make_source();
	r = RUN("archive", "create", "--json", "a.tar.gz", "d");
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "entry"), 9);
	cr_expect_str_eq(json_string(json_record(&lines, "summary", 0), "format"), "gztar");
	r = RUN("archive", "list", "--json", "a.tar.gz");
	lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "entries", -1), 9);
	cr_expect_str_eq(json_string(json_find(&lines, "path", "d/hard"), "hardlink"), "d/a");
	r = RUN("archive", "test", "--json", "a.tar.gz");
	lines = JSON_LINES(r);
	cr_expect(json_is_true(json_record(&lines, "verdict", 0), "eof_marker"));
	cr_expect_str_eq(json_string(json_record(&lines, "verdict", 0), "integrity"), "crc32");
	r = RUN("archive", "extract", "--json", "-C", "x", "a.tar.gz");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(json_record(&lines, "summary", 0), "directory"), "x");
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "exit_code", -1), 0);
	r = RUN("archive", "info", "--json", "a.tar.gz");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(lines.items[0], "packing"), "gzip");
	r = RUN("archive", "formats", "--json");
	lines = JSON_LINES(r);
	cr_expect(json_is_true(json_find(&lines, "name", "zip"), "write"));
	cr_expect(json_is_false(json_find(&lines, "name", "rar"), "write"));
}

Test(archive, standard_streams)
{
	struct run made;
	struct run_request list = { .words = WORDS("archive", "list", "-"), .from = RUN_FROM_PIPE };

	make_source();
	for (size_t i = 0; i < 2; i++) {
		made = i == 0 ? RUN("archive", "create", "--format=gztar", "-", "d")
		              : RUN("archive", "create", "--format=zip", "-", "d");
		EXPECT_STATUS(made, 0);
		list.input = made.out;
		list.input_len = made.out_len;
		CALL_STATUS(run_argv(&list), 0);
		CALL_OUT_HAS(run_argv(&list), "d/sub/b\n");
	}
	CALL_STATUS(RUN("archive", "create", "--json", "--format=tar", "-", "d"), 2);
}

Test(archive, failures_leave_nothing)
{
	struct run_request full = { .words = WORDS("archive", "create", "--format=tar", "-", "d"),
		                    .out_to = RUN_TO_FULL };
	struct run r;

	make_source();
	CALL_STATUS(run_argv(&full), 3);
	r = RUN("archive", "create", "a.tar", "missing");
	EXPECT_STATUS(r, 3);
	expect_no_file("a.tar");
	r = RUN("archive", "create", "a.tar", "missing", "d/c");
	EXPECT_STATUS(r, 1);
	CALL_RUN(RUN("archive", "list", "a.tar"), 0, "d/c\n", "");
	r = RUN("archive", "create", "no/such/a.tar", "d");
	EXPECT_STATUS(r, 3);
	expect_names(".", "a.tar", "d");
}

/* Ends as soon as a temporary file is there. */
static void wait_for_temporary(int watch)
{
	_Alignas(struct inotify_event) char events[4096];

	for (;;) {
		const ssize_t n = read(watch, events, sizeof(events));

		cr_assert(n > 0);
		for (const char *at = events; at < events + n;) {
			const struct inotify_event *e = (const void *)at;

			if (e->len > 0 && strncmp(e->name, ".dutybox.", 9) == 0)
				return;
			at += sizeof(*e) + e->len;
		}
	}
}

Test(archive, a_signal_leaves_nothing)
{
	struct run_request create = { .words = WORDS("archive", "create", "a.tar.xz", "d") };
	struct run_request extract = { .words = WORDS("archive", "extract", "-C", "x", "b.tar") };
	struct run_child child;
	struct run r;
	int watch = inotify_init1(IN_CLOEXEC);

	tree("d d");
	RUN_PEER("sh", "-c", "for i in $(seq 1 20); do head -c 3000000 /dev/urandom > d/f$i; done");
	CALL_STATUS(RUN("archive", "create", "b.tar", "d"), 0);
	cr_assert(inotify_add_watch(watch, ".", IN_CREATE) >= 0);
	run_start(&create, &child);
	wait_for_temporary(watch);
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	cr_expect_eq(r.status, 128 + SIGTERM, "%d", r.status);
	expect_names(".", "b.tar", "d");
	run_start(&extract, &child);
	wait_for_temporary(watch);
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	cr_expect_eq(r.status, 128 + SIGTERM, "%d", r.status);
	expect_names(".", "b.tar", "d");
	close(watch);
}

Test(archive, unreadable_files_are_left_out)
{
	struct run r;

	sandbox_drop_root();
	make_source();
	tree("m d/a 0");
	r = RUN("archive", "create", "a.tar", "d");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "d/a");
	CALL_OUT_LACKS(RUN("archive", "list", "a.tar"), "d/a\n");
}

/* Round trips with those who have done this for long. */
Test(archive, peers_read_what_we_write)
{
	make_source();
	for (size_t i = 0; i < FORMATS; i++) {
		const char *peer = strstr(formats[i], ".zip") != NULL ? "unzip" : "tar";

		if (strstr(formats[i], ".cpio") != NULL || strstr(formats[i], ".lz4") != NULL)
			continue;
		need_program(peer);
		CALL_STATUS(RUN("archive", "create", formats[i], "d"), 0);
		tree("d x");
		if (strcmp(peer, "tar") == 0)
			CALL_STATUS(RUN_PEER("tar", "-C", "x", "-xf", formats[i]), 0);
		else
			CALL_STATUS(RUN_PEER("unzip", "-q", "-d", "x", formats[i]), 0);
		expect_same("d", "x/d");
		RUN_PEER("rm", "-rf", "x");
	}
}

Test(archive, we_read_what_peers_write)
{
	make_source();
	static const char *const commands[] = {
		"tar czf a.tar.gz d",
		"tar --format=v7 -cf a.tar d",
		"tar --format=pax -cf a.tar d",
		"bsdtar -cJf a.tar.xz d",
		"bsdtar --format=zip -cf a.zip d",
		"zip -qry a.zip d",
		"7z a -bso0 -snl a.7z d",
		"tar --zstd -cSf a.tar.zst d",
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char program[16];
		struct run r;

		(void)snprintf(program, sizeof(program), "%.*s", (int)strcspn(commands[i], " "),
		               commands[i]);
		if (run_find(program) == NULL)
			continue;
		r = RUN_PEER("sh", "-c", commands[i]);
		cr_assert_eq(r.status, 0, "%s: %s", commands[i], r.err);
		r = RUN_PEER("sh", "-c", "ls a.*");
		r.out[strcspn(r.out, "\n")] = '\0';
		CALL_RUN(RUN("archive", "extract", "-C", "x", r.out), 0, "", "");
		expect_same("d", "x/d");
		RUN_PEER("sh", "-c", "rm -rf x a.*");
	}
}
