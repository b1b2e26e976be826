/* SPDX-License-Identifier: MIT */
#include "base/item_reader.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

TestSuite(item_reader);

static int file_of(const char *bytes, size_t len)
{
	int fd = memfd_create("list", MFD_CLOEXEC);

	cr_assert(fd >= 0);
	cr_assert_eq(fdio_write_all(fd, bytes, len), 0);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Reads until there is an answer. */
static int next(struct item_reader *r, const char **ret, size_t *ret_len)
{
	int n;

	while ((n = item_reader_next(r, ret, ret_len)) == -EAGAIN)
		cr_assert_eq(item_reader_fill(r), 0);
	return n;
}

Test(item_reader, finds_items)
{
	/* Items with | behind each. */
	static const struct {
		const char *text;
		size_t len;
		char delimiter;
		const char *items;
	} cases[] = {
		{ "", 0, '\n', "" },
		{ "a", 1, '\n', "a|" },
		{ "a\n", 2, '\n', "a|" },
		{ "a\n\nb\n", 5, '\n', "a||b|" },
		{ "\n", 1, '\n', "|" },
		{ "a b\r\nc", 6, '\n', "a b\r|c|" },
		{ "a\nb\0c\0\0", 7, '\0', "a\nb|c||" },
		{ "a,b,", 4, ',', "a|b|" },
		{ "\xff\n", 2, '\n', "\xff|" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int fd = file_of(cases[i].text, cases[i].len), n;
		struct strbuf all = { 0 };
		struct item_reader r;
		const char *item;
		size_t len;

		item_reader_init(&r, fd, cases[i].delimiter);
		while ((n = next(&r, &item, &len)) == 1) {
			cr_expect_eq(strlen(item), len);
			strbuf_add_str(&all, item);
			strbuf_add_char(&all, '|');
		}
		cr_expect_eq(n, 0);
		cr_expect_eq(next(&r, &item, &len), 0, "the end stays");
		cr_expect_str_eq(strbuf_str(&all), cases[i].items, "%zu", i);
		item_reader_release(&r);
		strbuf_release(&all);
		(void)close(fd);
	}
}

Test(item_reader, puts_pieces_together)
{
	int ends[2];
	struct item_reader r;
	const char *item;
	size_t len;

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	item_reader_init(&r, ends[0], '\n');
	cr_expect_eq(item_reader_next(&r, &item, &len), -EAGAIN);
	cr_assert_eq(write(ends[1], "ab", 2), 2);
	cr_assert_eq(item_reader_fill(&r), 0);
	cr_expect_eq(item_reader_next(&r, &item, &len), -EAGAIN);
	cr_assert_eq(write(ends[1], "c\nd", 3), 3);
	cr_assert_eq(item_reader_fill(&r), 0);
	cr_assert_eq(item_reader_next(&r, &item, &len), 1);
	cr_expect_str_eq(item, "abc");
	cr_expect_eq(item_reader_next(&r, &item, &len), -EAGAIN);
	(void)close(ends[1]);
	cr_assert_eq(item_reader_fill(&r), 0);
	cr_assert_eq(item_reader_next(&r, &item, &len), 1);
	cr_expect_str_eq(item, "d");
	cr_expect_eq(item_reader_next(&r, &item, &len), 0);
	item_reader_release(&r);
	(void)close(ends[0]);
}

Test(item_reader, reads_many)
{
	enum { N = 50000 };
	struct strbuf text = { 0 };
	struct item_reader r;
	const char *item;
	size_t len, n = 0;
	int fd;

	for (int i = 0; i < N; i++)
		strbuf_add_format(&text, "item %d\n", i);
	fd = file_of(text.data, text.len);
	item_reader_init(&r, fd, '\n');
	while (next(&r, &item, &len) == 1) {
		char expected[32];

		(void)snprintf(expected, sizeof(expected), "item %zu", n++);
		cr_assert_str_eq(item, expected);
	}
	cr_expect_eq(n, N);
	/* What was taken is not kept. */
	cr_expect(r.buffer.cap < text.len, "%zu", r.buffer.cap);
	item_reader_release(&r);
	strbuf_release(&text);
	(void)close(fd);
}

Test(item_reader, refuses_what_no_word_can_be)
{
	char *large = mem_alloc(ITEM_SIZE_MAX + 2);
	struct item_reader r;
	const char *item;
	size_t len;
	int fd = file_of("a\0b\nc\n", 6);

	item_reader_init(&r, fd, '\n');
	cr_expect_eq(next(&r, &item, &len), -EILSEQ);
	item_reader_release(&r);
	(void)close(fd);

	memset(large, 'x', ITEM_SIZE_MAX + 2);
	fd = file_of(large, ITEM_SIZE_MAX + 2);
	item_reader_init(&r, fd, '\n');
	cr_expect_eq(next(&r, &item, &len), -E2BIG);
	item_reader_release(&r);
	(void)close(fd);

	large[ITEM_SIZE_MAX] = '\n';
	fd = file_of(large, ITEM_SIZE_MAX + 1);
	item_reader_init(&r, fd, '\n');
	cr_expect_eq(next(&r, &item, &len), 1);
	cr_expect_eq(len, ITEM_SIZE_MAX);
	item_reader_release(&r);
	(void)close(fd);
	free(large);
}

Test(item_reader, says_what_cannot_be_read)
{
	struct item_reader r;

	item_reader_init(&r, -1, '\n');
	cr_expect_eq(item_reader_fill(&r), -EBADF);
	item_reader_release(&r);
}
