/* SPDX-License-Identifier: MIT */
#include "fs/archive.h"

#include "base/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

TestSuite(archive);

typedef int add_filter(struct archive *a);

static const struct {
	const char *name;
	add_filter *add;
} filters[] = {
	{ "none", archive_write_add_filter_none },   { "gzip", archive_write_add_filter_gzip },
	{ "bzip2", archive_write_add_filter_bzip2 }, { "xz", archive_write_add_filter_xz },
	{ "lzma", archive_write_add_filter_lzma },   { "zstd", archive_write_add_filter_zstd },
	{ "lz4", archive_write_add_filter_lz4 },
};

enum { GZIP = 1 };

/* Text that packs well but not to nothing. */
static char *make_text(size_t len)
{
	char *text = mem_alloc(len);
	uint32_t x = 12345;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = (char)('a' + (x >> 24) % 16);
	}
	return text;
}

/* An in-memory file that holds `len` bytes of text packed by filters[which], twice if asked to. */
static int pack(size_t which, const char *text, size_t len)
{
	int fd = memfd_create("packed", MFD_CLOEXEC);
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	cr_assert(fd >= 0 && a != NULL && entry != NULL);
	cr_assert_eq(archive_write_set_format_raw(a), ARCHIVE_OK);
	cr_assert_eq(filters[which].add(a), ARCHIVE_OK, "%s", filters[which].name);
	cr_assert_eq(archive_write_set_bytes_in_last_block(a, 1), ARCHIVE_OK);
	cr_assert_eq(archive_write_open_fd(a, fd), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "data");
	cr_assert_eq(archive_write_header(a, entry), ARCHIVE_OK);
	if (len > 0)
		cr_assert_eq(archive_write_data(a, text, len), (la_ssize_t)len);
	cr_assert_eq(archive_write_close(a), ARCHIVE_OK);
	(void)archive_write_free(a);
	archive_entry_free(entry);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Reads all in odd pieces. 0 or -errno. */
static int unpack(struct packed_reader *r, struct strbuf *ret)
{
	char piece[997];
	ssize_t n;

	while ((n = packed_reader_read(r, piece, sizeof(piece))) > 0)
		strbuf_add(ret, piece, (size_t)n);
	return (int)n;
}

Test(archive, every_filter_gives_the_bytes_back)
{
	enum { LEN = 300000 };
	AUTO_FREE_STR char *text = make_text(LEN);

	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		AUTO_CLOSE int fd = pack(i, text, LEN);
		AUTO_FREE(packed_reader) struct packed_reader *r = NULL;
		AUTO_RELEASE_STRBUF struct strbuf out = { 0 };

		cr_assert_eq(packed_reader_open(fd, &r), 0, "%s: %s", filters[i].name,
		             packed_reader_error(r));
		cr_assert_eq(unpack(r, &out), 0, "%s", filters[i].name);
		cr_assert_eq(out.len, LEN, "%s: %zu", filters[i].name, out.len);
		cr_assert_eq(memcmp(out.data, text, LEN), 0, "%s", filters[i].name);
		cr_assert_str_eq(packed_reader_filter(r), filters[i].name);
		cr_assert_str_eq(packed_reader_error(r), "");
		cr_assert_eq(packed_reader_read(r, text, 1), 0, "the end stays the end");
	}
}

Test(archive, nothing_packed_is_nothing)
{
	/* Without lz4: libarchive 3.6 cannot write an empty one (it reads a null pointer). */
	for (size_t i = 0; i + 1 < ARRAY_LEN(filters); i++) {
		AUTO_CLOSE int fd = pack(i, "", 0);
		AUTO_FREE(packed_reader) struct packed_reader *r = NULL;
		AUTO_RELEASE_STRBUF struct strbuf out = { 0 };

		cr_assert_eq(packed_reader_open(fd, &r), 0, "%s: %s", filters[i].name,
		             packed_reader_error(r));
		cr_assert_eq(unpack(r, &out), 0, "%s", filters[i].name);
		cr_assert_eq(out.len, 0, "%s", filters[i].name);
	}
}

Test(archive, two_members_are_one_text)
{
	AUTO_CLOSE int first = pack(GZIP, "one ", 4);
	AUTO_CLOSE int second = pack(GZIP, "two", 3);
	AUTO_FREE(packed_reader) struct packed_reader *r = NULL;
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
	char bytes[256];
	ssize_t n = read(second, bytes, sizeof(bytes));

	cr_assert(n > 0 && lseek(first, 0, SEEK_END) > 0);
	cr_assert_eq(write(first, bytes, (size_t)n), n);
	cr_assert_eq(lseek(first, 0, SEEK_SET), 0);
	cr_assert_eq(packed_reader_open(first, &r), 0);
	cr_assert_eq(unpack(r, &out), 0);
	cr_assert_str_eq(strbuf_str(&out), "one two");
}

Test(archive, a_short_file_is_damaged)
{
	enum { LEN = 100000 };
	AUTO_FREE_STR char *text = make_text(LEN);

	for (size_t i = 1; i < ARRAY_LEN(filters); i++) {
		AUTO_CLOSE int fd = pack(i, text, LEN);
		AUTO_FREE(packed_reader) struct packed_reader *r = NULL;
		AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
		off_t size = lseek(fd, 0, SEEK_END);

		cr_assert_eq(ftruncate(fd, size / 2), 0);
		cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
		int status = packed_reader_open(fd, &r);
		if (status == 0)
			status = unpack(r, &out);
		cr_assert_eq(status, -EBADMSG, "%s: %d", filters[i].name, status);
		cr_assert_str_neq(packed_reader_error(r), "", "%s", filters[i].name);
		cr_assert_eq(packed_reader_read(r, text, 1), -EBADMSG, "an error stays");
	}
}

Test(archive, failed_reads_keep_their_errno)
{
	AUTO_CLOSE int fd = open("/", O_RDONLY | O_CLOEXEC);
	AUTO_FREE(packed_reader) struct packed_reader *r = NULL;

	cr_assert_eq(packed_reader_open(fd, &r), -EISDIR);
	cr_assert_str_eq(packed_reader_error(r), "Is a directory");
}

Test(archive, other_formats_come_through_as_they_are)
{
	/* The beginnings of a tar-like, a zip and a JSON file. */
	static const char *const texts[] = { "PK\003\004 not really a zip", "[1,2,{\"a\":[]}]",
		                             "begin 644 name\n", "\037", "#!/bin/sh\n" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO_CLOSE int fd = pack(0, texts[i], strlen(texts[i]));
		AUTO_FREE(packed_reader) struct packed_reader *r = NULL;
		AUTO_RELEASE_STRBUF struct strbuf out = { 0 };

		cr_assert_eq(packed_reader_open(fd, &r), 0, "case %zu", i);
		cr_assert_eq(unpack(r, &out), 0, "case %zu", i);
		cr_assert_str_eq(strbuf_str(&out), texts[i]);
		cr_assert_str_eq(packed_reader_filter(r), "none");
	}
}

struct drip {
	int from, to;
};

/* Hands a file on a few bytes at a time. */
static void *drip(void *user)
{
	struct drip *d = user;
	char bytes[37];
	ssize_t n;

	while ((n = read(d->from, bytes, sizeof(bytes))) > 0)
		if (write(d->to, bytes, (size_t)n) != n)
			break;
	(void)close(d->to);
	return NULL;
}

Test(archive, a_slow_pipe_is_as_good_as_a_file)
{
	enum { LEN = 20000 };
	AUTO_FREE_STR char *text = make_text(LEN);

	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		AUTO_CLOSE int fd = pack(i, text, LEN);
		AUTO_FREE(packed_reader) struct packed_reader *r = NULL;
		AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
		pthread_t thread;
		int ends[2];

		cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
		struct drip d = { fd, ends[1] };
		cr_assert_eq(pthread_create(&thread, NULL, drip, &d), 0);
		int status = packed_reader_open(ends[0], &r);
		if (status == 0)
			status = unpack(r, &out);
		cr_assert_eq(pthread_join(thread, NULL), 0);
		cr_assert_eq(status, 0, "%s: %s", filters[i].name, packed_reader_error(r));
		cr_assert(out.len == LEN && memcmp(out.data, text, LEN) == 0, "%s",
		          filters[i].name);
		(void)close(ends[0]);
	}
}

Test(archive, no_program_is_started)
{
	/* With no processes left to start, lrzip's magic must still come through as data. */
	static const char lrzip[] = "LRZI\0\6 and more";
	struct rlimit none = { 0, 0 };
	AUTO_CLOSE int fd = pack(0, lrzip, sizeof(lrzip));
	AUTO_FREE(packed_reader) struct packed_reader *r = NULL;
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };

	cr_assert_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	cr_assert_eq(packed_reader_open(fd, &r), 0);
	cr_assert_eq(unpack(r, &out), 0);
	cr_assert(out.len == sizeof(lrzip) && memcmp(out.data, lrzip, out.len) == 0);
}

Test(archive, versions_name_the_codecs_and_what_is_left_out)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	archive_add_versions(&text);
	for (const char *const *word = (const char *const[]){ "libarchive ", "zlib/", "liblzma/",
	                                                      "libzstd/", "xar", NULL };
	     *word != NULL; word++)
		cr_expect(strstr(strbuf_str(&text), *word) != NULL, "%s: %s", *word,
		          strbuf_str(&text));
}

Test(archive, left_out_writers_fail_with_a_message)
{
	struct archive *a = archive_write_new();

	cr_assert_eq(archive_write_set_format_xar(a), ARCHIVE_FATAL);
	cr_assert_str_eq(archive_error_string(a), "xar cannot be written");
	(void)archive_write_free(a);
}
