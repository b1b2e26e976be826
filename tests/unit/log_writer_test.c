/* SPDX-License-Identifier: MIT */
#include "sys/log_writer.h"

#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

TestSuite(log_writer, .init = sandbox_enter, .fini = sandbox_leave);

static void add(struct log_writer *w, const char *text)
{
	cr_assert_eq(log_writer_add(w, text, strlen(text)), 0);
}

Test(log_writer, appends)
{
	const struct log_rotation never = { 0 };
	struct log_writer *w;

	tree("t log old");
	cr_assert_eq(log_writer_open("log", &never, &w), 0);
	add(w, "new\nlines");
	add(w, "\n");
	log_writer_free(w);
	expect_file("log", "oldnew\nlines\n");
}

Test(log_writer, puts_aside_between_lines)
{
	const struct log_rotation rotation = { .bytes = 8, .keep = 2 };
	struct log_writer *w;

	cr_assert_eq(log_writer_open("log", &rotation, &w), 0);
	add(w, "aaaa\nbbb\ncccc\n");
	/* A line that comes in pieces stays whole. */
	add(w, "ddd");
	add(w, "DDDDDDDDDDDD");
	add(w, "ddd\ne\n");
	log_writer_free(w);
	expect_names(".", "log", "log.1", "log.2");
	expect_file("log", "e\n");
	expect_file("log.1", "cccc\ndddDDDDDDDDDDDDddd\n");
	expect_file("log.2", "bbb\n");
}

Test(log_writer, two_writers_lose_nothing)
{
	const struct log_rotation rotation = { .bytes = 4, .keep = 9 };
	struct log_writer *a, *b;

	cr_assert_eq(log_writer_open("log", &rotation, &a), 0);
	cr_assert_eq(log_writer_open("log", &rotation, &b), 0);
	add(a, "1aa\n");
	add(b, "2bb\n");
	add(a, "3aa\n");
	add(b, "4bb\n");
	log_writer_free(a);
	log_writer_free(b);
	expect_file("log", "4bb\n");
	expect_file("log.1", "3aa\n");
	expect_file("log.2", "2bb\n");
	expect_file("log.3", "1aa\n");
}

Test(log_writer, never_puts_a_link_or_a_device_aside)
{
	const struct log_rotation rotation = { .bytes = 2, .keep = 2 };
	struct log_writer *w;

	tree("t real old", "l log -> real");
	cr_assert_eq(log_writer_open("log", &rotation, &w), 0);
	add(w, "x\ny\n");
	log_writer_free(w);
	expect_link("log", "real");
	expect_file("real", "oldx\ny\n");
	cr_assert_eq(log_writer_open("/dev/full", &rotation, &w), 0);
	cr_expect_eq(log_writer_add(w, "x\n", 2), -ENOSPC);
	log_writer_free(w);
	cr_expect_eq(log_writer_open("none/log", &rotation, &w), -ENOENT);
	cr_expect_eq(log_writer_open("", &rotation, &w), -ENOENT);
	cr_expect_eq(log_writer_open("./", &rotation, &w), -EISDIR);
}
