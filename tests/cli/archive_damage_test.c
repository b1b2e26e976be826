/* SPDX-License-Identifier: MIT */
/* Archives that are cut, flipped or followed by something: never status 0 with other contents. */
#include "support/expect_call.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tar_bytes.h"
#include "support/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(archive_damage, .init = sandbox_enter, .fini = sandbox_leave);

enum { PLACES = 50 };

struct bytes {
	char *at;
	size_t len;
};

static struct bytes load(const char *path)
{
	struct bytes b = { NULL, 0 };
	FILE *f = fopen(path, "rb");
	struct stat st;

	cr_assert_not_null(f, "%s", path);
	cr_assert_eq(fstat(fileno(f), &st), 0);
	b.len = (size_t)st.st_size;
	b.at = malloc(b.len + 64);
	cr_assert_not_null(b.at);
	cr_assert_eq(fread(b.at, 1, b.len, f), b.len);
	fclose(f);
	return b;
}

/* A tree that takes some kilobytes when it is packed. */
static void make_source(void)
{
	tree("d d/sub", "f d/a 3000", "f d/sub/b 20000", "t d/c text", "l d/l -> a");
}

/* What is extracted with status 0 is what was there. */
static void check_extracted(const char *archive, const char *what, size_t place)
{
	struct run r = RUN("archive", "extract", "-q", "--no-fsync", "-C", "x", archive);
	struct run same;

	cr_expect(!r.timed_out && r.status < 128, "%s at %zu: status %d", what, place, r.status);
	if (r.status == 0) {
		same = RUN_PEER("diff", "-r", "--no-dereference", "d", "x/d");
		cr_expect_eq(same.status, 0, "%s at %zu: status 0, but %s", what, place, same.out);
	} else {
		cr_expect(r.err_len > 0, "%s at %zu: not a word", what, place);
		/* All or nothing, but for a zip with a damaged member. */
		if (strstr(archive, ".zip") == NULL && r.status == 6)
			cr_expect(access("x", F_OK) != 0, "%s at %zu: something was left", what,
			          place);
	}
	RUN_PEER("rm", "-rf", "x");
}

/* `proves`: the contents have a checksum. */
static void damage(const char *name, bool proves)
{
	struct bytes b;
	char what[64];

	make_source();
	CALL_STATUS(RUN("archive", "create", "--verify", name, "d"), 0);
	b = load(name);
	check_extracted(name, "whole", 0);
	for (size_t i = 0; i < PLACES; i++) {
		const size_t at = b.len * i / PLACES;

		if (proves) {
			b.at[at] = (char)(b.at[at] ^ 0x10);
			tree_file(name, b.at, b.len);
			(void)snprintf(what, sizeof(what), "%s, flipped", name);
			check_extracted(name, what, at);
			b.at[at] = (char)(b.at[at] ^ 0x10);
		}
		tree_file(name, b.at, at);
		(void)snprintf(what, sizeof(what), "%s, cut", name);
		cr_expect_neq(RUN("archive", "test", name).status, 0, "%s at %zu", what, at);
		check_extracted(name, what, at);
	}
	memcpy(b.at + b.len, "garbage that follows", 20);
	tree_file(name, b.at, b.len + 20);
	cr_expect_eq(RUN("archive", "test", name).status, 1, "%s with garbage", name);
}

Test(archive_damage, tar)
{
	damage("a.tar", false);
}

Test(archive_damage, gzip)
{
	damage("a.tar.gz", true);
}

Test(archive_damage, bzip2)
{
	damage("a.tar.bz2", true);
}

Test(archive_damage, xz)
{
	damage("a.tar.xz", true);
}

Test(archive_damage, zstd)
{
	damage("a.tar.zst", true);
}

Test(archive_damage, lz4)
{
	damage("a.tar.lz4", true);
}

Test(archive_damage, cpio)
{
	damage("a.cpio", false);
}

/* Names and times of a zip have no checksum: contents only. */
Test(archive_damage, zip_is_cut)
{
	damage("a.zip", false);
}

Test(archive_damage, zip_contents_are_proved)
{
	struct bytes b;
	char *at;
	struct run r;

	tree("d d");
	tree_text("d/one", "some contents that are stored, since there are few of them");
	tree_text("d/two", "fine");
	CALL_STATUS(RUN("archive", "create", "--level=0", "a.zip", "d"), 0);
	b = load("a.zip");
	at = memmem(b.at, b.len, "some contents", 13);
	cr_assert_not_null(at);
	*at = 'S';
	tree_file("a.zip", b.at, b.len);
	CALL_STATUS(RUN("archive", "test", "a.zip"), 6);
	r = RUN("archive", "extract", "-C", "x", "a.zip");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "d/one");
	expect_no_file("x/d/one");
	expect_file("x/d/two", "fine");
}

/* R24: the trailer of gzip, checksum and length. */
Test(archive_damage, gzip_trailer)
{
	struct bytes b;

	make_source();
	CALL_STATUS(RUN("archive", "create", "a.tar.gz", "d"), 0);
	b = load("a.tar.gz");
	for (size_t i = 1; i <= 8; i++) {
		b.at[b.len - i] ^= 1;
		tree_file("a.tar.gz", b.at, b.len);
		cr_expect_eq(RUN("archive", "test", "a.tar.gz").status, 6, "byte %zu", i);
		cr_expect_eq(RUN("archive", "list", "a.tar.gz").status, 6, "byte %zu", i);
		b.at[b.len - i] ^= 1;
	}
}

/* R28: nothing is no archive, and an archive that ends at a member is not whole. */
Test(archive_damage, what_is_no_archive)
{
	const struct tar_bytes nothing = { (char[1024]){ 0 }, 1024 };
	struct run r;

	tree("f empty.tar", "f empty.zip");
	tree_text("text.tar", "#mtree\n./a type=file contents=/etc/passwd size=10\n");
	tree_text("x.tar.gz", "not packed");
	static const char *const names[] = { "empty.tar", "empty.zip", "text.tar", "x.tar.gz" };

	for (size_t i = 0; i < 4; i++) {
		r = RUN("archive", "list", names[i]);
		cr_expect_eq(r.status, 3, "%s: %d", names[i], r.status);
		cr_expect(strstr(r.err, "no archive of a known format") != NULL, "%s", r.err);
		cr_expect_eq(RUN("archive", "test", names[i]).status, 3, "%s", names[i]);
		cr_expect_eq(RUN("archive", "extract", "-C", "y", names[i]).status, 3, "%s",
		             names[i]);
		expect_no_file("y");
	}
	tar_save(&nothing, "zeroes.tar");
	CALL_RUN(RUN("archive", "list", "zeroes.tar"), 0, "", "");
}

Test(archive_damage, the_end_is_missing)
{
	struct tar_bytes t = { NULL, 0 };
	struct run r;

	tar_add(&t, &(struct tar_entry){ "a", '0', NULL, "one", 0 });
	tar_save(&t, "a.tar");
	r = RUN("archive", "test", "a.tar");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "mark at its end is missing");
	r = RUN("archive", "extract", "-C", "x", "a.tar");
	EXPECT_STATUS(r, 1);
	expect_file("x/a", "one");
}

Test(archive_damage, gzip_of_several_members)
{
	struct run r;

	make_source();
	RUN_PEER(
		"sh", "-c",
		"tar cf - d | head -c 7000 | gzip > a.tar.gz; tar cf - d | tail -c +7001 | gzip >> a.tar.gz");
	r = RUN("archive", "test", "a.tar.gz");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "proved by crc32");
	check_extracted("a.tar.gz", "two members", 0);
}

Test(archive_damage, proofs_have_names)
{
	static const struct {
		const char *name, *proof;
	} proofs[] = {
		{ "a.tar", "no checksum" }, { "a.tar.gz", "crc32" }, { "a.tar.xz", "crc64" },
		{ "a.tar.zst", "xxh64" },   { "a.zip", "crc32" },    { "a.tar.lz4", "xxh32" },
	};

	make_source();
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		struct run r;

		RUN("archive", "create", proofs[i].name, "d");
		r = RUN("archive", "test", proofs[i].name);
		EXPECT_STATUS(r, 0);
		cr_expect(strstr(r.out, proofs[i].proof) != NULL, "%s: %s", proofs[i].name, r.out);
	}
}

/* A zstd without checksum, as bsdtar makes it, is read, and the answer says how weak it is. */
Test(archive_damage, a_stream_without_checksum)
{
	struct run r;

	need_program("zstd");
	make_source();
	RUN_PEER("sh", "-c", "tar cf - d | zstd -q --no-check > a.tar.zst");
	r = RUN("archive", "test", "--json", "a.tar.zst");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\"integrity\":\"none\"");
}

Test(archive_damage, nobody_is_asked_for_a_passphrase)
{
	struct run r;

	need_program("zip");
	make_source();
	RUN_PEER("zip", "-q", "-P", "sesame", "a.zip", "d/c");
	r = RUN("archive", "extract", "-C", "x", "a.zip");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "passphrase");
	expect_no_file("x");
	tree_text("wrong", "open");
	r = RUN("archive", "extract", "-C", "x", "--passphrase-file=wrong", "a.zip");
	EXPECT_STATUS(r, 3);
	expect_no_file("x");
	tree_text("right", "sesame\n");
	CALL_RUN(RUN("archive", "extract", "-C", "x", "--passphrase-file=right", "a.zip"), 0, "",
	         "");
	expect_file("x/d/c", "text");
}
