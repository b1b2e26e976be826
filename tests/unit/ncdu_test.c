/* SPDX-License-Identifier: MIT */
#include "fs/ncdu.h"

#include "base/fdio.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <sys/mman.h>

/* A text that is read in pieces of `piece` bytes. */
struct text {
	const char *at;
	size_t left;
	size_t piece;
};

static ssize_t read_text(void *user, void *buffer, size_t size)
{
	struct text *t = user;
	size_t n = size < t->piece ? size : t->piece;

	n = n < t->left ? n : t->left;
	memcpy(buffer, t->at, n);
	t->at += n;
	t->left -= n;
	return (ssize_t)n;
}

/* Every event as a line. */
struct log {
	struct strbuf lines;
	struct usage_sum root;
	uint64_t reclaim;
};

static void log_entry(struct log *log, const char *what, const struct usage_entry *e)
{
	size_t len;
	const char *path = usage_path(e, &len);

	strbuf_add_format(&log->lines, "%s %.*s %llu %llu%s%s\n", what, (int)len, path,
	                  (unsigned long long)e->disk, (unsigned long long)e->apparent,
	                  e->counted ? "" : " again", e->mount ? " mount" : "");
}

static bool log_enter(const struct usage_entry *e, void *user)
{
	log_entry(user, "enter", e);
	return true;
}

static bool log_item(const struct usage_entry *e, void *user)
{
	log_entry(user, "item", e);
	return true;
}

static bool log_leave(const struct usage_entry *e, const struct usage_totals *totals, void *user)
{
	struct log *log = user;

	log_entry(log, "leave", e);
	usage_totals_sum(totals, false, &log->root);
	log->reclaim = totals->reclaim;
	return true;
}

static bool log_error(const struct usage_trouble *t, void *user)
{
	struct log *log = user;

	strbuf_add_format(&log->lines, "error %s %s\n", t->verb, t->path);
	return true;
}

static int read_export(const char *text, size_t piece, bool reclaim, struct log *log,
                       struct ncdu_error *error)
{
	struct text t = { text, strlen(text), piece };
	const struct usage_opts opts = { .all_sizes = true, .reclaim = reclaim };
	const struct ncdu_source source = { read_text, &t, &opts };
	const struct usage_sink sink = { .enter = log_enter,
		                         .item = log_item,
		                         .leave = log_leave,
		                         .error = log_error,
		                         .user = log };

	*log = (struct log){ 0 };
	return ncdu_read(&source, &sink, error);
}

#define HEADER "[1,2,{\"progname\":\"x\",\"timestamp\":0},"

Test(ncdu, reads_what_ncdu_writes)
{
	static const char text[] =
		"[1,1,{\"progname\":\"ncdu\",\"progver\":\"1.18\",\"timestamp\":1700000000},\n"
		"[{\"name\":\"/r\",\"asize\":4096,\"dsize\":4096,\"dev\":7},\n"
		"{\"name\":\"a\\u0001\\\"\\\\\xff\",\"asize\":5,\"dsize\":4096},\n"
		"[{\"name\":\"sub\",\"asize\":10,\"dsize\":20,\"dev\":8},\n"
		"{\"name\":\"l\",\"asize\":1,\"dsize\":2,\"ino\":5,\"hlnkc\":true},\n"
		"{\"name\":\"m\",\"asize\":1,\"dsize\":2,\"ino\":5,\"hlnkc\":true}],\n"
		"{\"name\":\"fifo\",\"notreg\":true},\n"
		"{\"name\":\"gone\",\"excluded\":\"pattern\"}]]";
	static const char expected[] = "enter /r 4096 4096\n"
				       "item /r/a\001\"\\\xff 4096 5\n"
				       "enter /r/sub 20 10 mount\n"
				       "item /r/sub/l 2 1\n"
				       "item /r/sub/m 2 1 again\n"
				       "leave /r/sub 20 10 mount\n"
				       "item /r/fifo 0 0\n"
				       "leave /r 4096 4096\n";

	for (size_t piece = 1; piece < 600; piece = piece * 3 + 1) {
		struct log log;
		struct ncdu_error error = { 0 };

		cr_assert_eq(read_export(text, piece, false, &log, &error), 0, "%zu: %s at %llu",
		             piece, error.reason, (unsigned long long)error.offset);
		cr_expect_str_eq(strbuf_str(&log.lines), expected, "%zu", piece);
		cr_expect_eq(log.root.disk, 4096 + 4096 + 20 + 2);
		cr_expect_eq(log.root.apparent, 4096 + 5 + 10 + 1);
		cr_expect_eq(log.root.dirs, 2);
		strbuf_release(&log.lines);
	}
}

Test(ncdu, unreadable_directories_and_files_are_told)
{
	struct log log;
	struct ncdu_error error;

	cr_assert_eq(read_export(HEADER "[{\"name\":\"r\"},[{\"name\":\"d\",\"read_error\":true}],"
	                                "{\"name\":\"f\",\"read_error\":true}]]",
	                         9, false, &log, &error),
	             0);
	cr_expect_str_eq(strbuf_str(&log.lines), "enter r 0 0\n"
	                                         "enter r/d 0 0\n"
	                                         "error read directory r/d\n"
	                                         "leave r/d 0 0\n"
	                                         "error access r/f\n"
	                                         "leave r 0 0\n");
	cr_expect_eq(log.root.errors, 2);
	strbuf_release(&log.lines);
}

Test(ncdu, links_outside_the_tree_are_not_reclaimed)
{
	struct log log;
	struct ncdu_error error;

	cr_assert_eq(read_export(HEADER "[{\"name\":\"r\",\"dsize\":1},"
	                                "{\"name\":\"a\",\"dsize\":10,\"ino\":1,\"nlink\":2},"
	                                "{\"name\":\"b\",\"dsize\":10,\"ino\":1,\"nlink\":2},"
	                                "{\"name\":\"c\",\"dsize\":100,\"ino\":2,\"nlink\":2}]]",
	                         64, true, &log, &error),
	             0);
	cr_expect_eq(log.root.disk, 111);
	cr_expect_eq(log.reclaim, 11);
	strbuf_release(&log.lines);
}

Test(ncdu, sums_stop_at_the_top)
{
	struct log log;
	struct ncdu_error error;

	cr_assert_eq(read_export(HEADER "[{\"name\":\"r\"},{\"name\":\"a\",\"dsize\":"
	                                "18446744073709551615},{\"name\":\"b\",\"dsize\":1}]]",
	                         64, false, &log, &error),
	             0);
	cr_expect_eq(log.root.disk, UINT64_MAX);
	cr_expect(log.root.saturated);
	strbuf_release(&log.lines);
}

Test(ncdu, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *text;
		uint64_t offset;
		const char *reason;
	} cases[] = {
		{ "{}", 0, "does not begin with" },
		{ "[\"x\"]", 1, "no version" },
		{ "[2,0,{},[{\"name\":\"r\"}]]", 1, "major version" },
		{ "[1,0,[]]", 5, "no header" },
		{ "[1,0,{},{}]", 8, "root directory" },
		{ "[1,0,{},[{}]]", 9, "without a name" },
		{ "[1,0,{},[{\"name\":\"\"}]]", 17, "empty name" },
		{ "[1,0,{},[{\"name\":\"a\\u0000\"}]]", 17, "NUL" },
		{ "[1,0,{},[{\"name\":\"/r\"},{\"name\":\"a/b\"}]]", 31, "slash" },
		{ "[1,0,{},[{\"name\":\"/r\"},{\"name\":\"..\"}]]", 31, "no name of a file" },
		{ "[1,0,{},[{\"name\":\"/r\",\"asize\":-1}]]", 30, "negative" },
		{ "[1,0,{},[{\"name\":\"/r\",\"asize\":1.5}]]", 30, "whole number" },
		{ "[1,0,{},[{\"name\":\"/r\",\"dsize\":\"9\"}]]", 30, "number is expected" },
		{ "[1,0,{},[{\"name\":\"/r\",\"uid\":4294967296}]]", 28, "32 bits" },
		{ "[1,0,{},[{\"name\":\"/r\",\"hlnkc\":1}]]", 30, "true or false" },
		{ "[1,0,{},[{\"name\":\"/r\"},7]]", 23, "object or an array" },
		{ "[1,0,{},[{\"name\":\"/r\"},[7]]]", 24, "its own object" },
		{ "[1,0,{},[{\"name\":\"/r\"}]] x", 25, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct log log;
		struct ncdu_error error = { 0 };

		cr_assert_eq(read_export(cases[i].text, 7, false, &log, &error), -EINVAL, "%s",
		             cases[i].text);
		cr_expect_eq(error.offset, cases[i].offset, "%s: %llu: %s", cases[i].text,
		             (unsigned long long)error.offset, error.reason);
		if (cases[i].reason != NULL)
			cr_expect_not_null(strstr(error.reason, cases[i].reason), "%s: %s",
			                   cases[i].text, error.reason);
		strbuf_release(&log.lines);
	}
}

Test(ncdu, every_truncation_is_noticed)
{
	static const char text[] = HEADER "[{\"name\":\"r\",\"dsize\":4096},{\"name\":\"a\"},"
					  "[{\"name\":\"d\"}]]]";

	for (size_t len = 0; len + 1 < sizeof(text); len++) {
		AUTO_FREE_STR char *part = strndup(text, len);
		struct log log;
		struct ncdu_error error = { 0 };

		cr_expect_eq(read_export(part, 64, false, &log, &error), -EINVAL, "%zu", len);
		cr_expect(error.offset <= len, "%zu", len);
		cr_expect_not_null(error.reason);
		strbuf_release(&log.lines);
	}
}

Test(ncdu, depth_has_a_limit)
{
	struct strbuf text = { 0 };
	struct log log;
	struct ncdu_error error = { 0 };

	strbuf_add_str(&text, HEADER);
	for (int i = 0; i < 10000; i++)
		strbuf_add_str(&text, i == 0 ? "[{\"name\":\"d\"}" : ",[{\"name\":\"d\"}");
	cr_assert_eq(read_export(text.data, 4096, false, &log, &error), -EINVAL);
	cr_expect_str_eq(error.reason, "too many directories in each other");
	strbuf_release(&text);
	strbuf_release(&log.lines);
}

static struct usage_entry entry_at(struct strbuf *path, unsigned depth, const char *name,
                                   unsigned char type)
{
	return (struct usage_entry){ .name = name,
		                     .name_len = strlen(name),
		                     .depth = depth,
		                     .type = type,
		                     .counted = true,
		                     .dev = 7,
		                     .nlink = 1,
		                     .disk = 4096,
		                     .apparent = 100,
		                     .path = path,
		                     .mtime = { .tv_sec = 1000 },
		                     .uid = 5,
		                     .gid = 6,
		                     .mode = 0100644 };
}

Test(ncdu, writes_what_it_reads)
{
	int fd = memfd_create("export", MFD_CLOEXEC);
	const struct ncdu_header header = { .program = "dutybox",
		                            .version = "1",
		                            .timestamp = 1700000000 };
	struct ncdu_writer *w = ncdu_writer_new(fd, &header);
	const struct usage_sink *sink = ncdu_writer_sink(w);
	struct strbuf path = { 0 };
	struct strbuf got = { 0 };
	struct log log;
	struct ncdu_error error = { 0 };
	struct usage_entry root = entry_at(&path, 0, "/r", DT_DIR);
	struct usage_entry sub = entry_at(&path, 1, "s\n\x7f\"\\\xff", DT_DIR);
	struct usage_entry file = entry_at(&path, 2, "f", DT_REG);
	struct usage_entry pipe = entry_at(&path, 1, "p", DT_FIFO);
	struct usage_trouble trouble = { "/r/s", "read directory", EACCES, 1, true };

	sub.dev = 8;
	file.dev = 8;
	file.nlink = 2;
	file.ino = 33;
	cr_assert(sink->enter(&root, sink->user));
	cr_assert(sink->enter(&sub, sink->user));
	cr_assert(sink->error(&trouble, sink->user));
	cr_assert(sink->item(&file, sink->user));
	cr_assert(sink->leave(&sub, NULL, sink->user));
	cr_assert(sink->item(&pipe, sink->user));
	trouble = (struct usage_trouble){ "/r/x", "access", EACCES, 1, false };
	cr_assert(sink->error(&trouble, sink->user));
	cr_assert(sink->leave(&root, NULL, sink->user));
	cr_assert_eq(ncdu_writer_finish(w), 0);
	ncdu_writer_free(w);

	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	cr_assert_eq(fdio_read_all(fd, 1 << 20, &got), 0);
	cr_expect_str_eq(
		got.data,
		"[1,2,{\"progname\":\"dutybox\",\"progver\":\"1\",\"timestamp\":1700000000},\n"
		"[{\"name\":\"/r\",\"asize\":100,\"dsize\":4096,\"dev\":7},\n"
		"[{\"name\":\"s\\u000a\\u007f\\\"\\\\\xff\",\"asize\":100,\"dsize\":4096,\"dev\":8,"
		"\"read_error\":true},\n"
		"{\"name\":\"f\",\"asize\":100,\"dsize\":4096,\"ino\":33,\"hlnkc\":true,\"nlink\":2}],\n"
		"{\"name\":\"p\",\"asize\":100,\"dsize\":4096,\"notreg\":true},\n"
		"{\"name\":\"x\",\"read_error\":true}]]\n");
	cr_assert_eq(read_export(got.data, 100, false, &log, &error), 0, "%s", error.reason);
	cr_expect_eq(log.root.disk, 4 * 4096);
	cr_expect_eq(log.root.errors, 2);
	strbuf_release(&got);
	strbuf_release(&log.lines);
}

Test(ncdu, a_failed_write_ends_the_run)
{
	const struct ncdu_header header = { .program = "dutybox",
		                            .version = "1",
		                            .extended = true };
	struct ncdu_writer *w = ncdu_writer_new(-1, &header);
	const struct usage_sink *sink = ncdu_writer_sink(w);
	struct strbuf path = { 0 };
	struct usage_entry root = entry_at(&path, 0, "/r", DT_DIR);
	struct usage_entry file = entry_at(&path, 1, "f", DT_REG);
	bool more = sink->enter(&root, sink->user);

	for (int i = 0; i < 10000 && more; i++)
		more = sink->item(&file, sink->user);
	cr_expect_not(more);
	cr_expect_eq(ncdu_writer_finish(w), -EBADF);
	ncdu_writer_free(w);
}

Test(ncdu, an_export_of_nothing_is_refused)
{
	const struct ncdu_header header = { .program = "dutybox", .version = "1" };
	struct ncdu_writer *w = ncdu_writer_new(-1, &header);

	cr_expect_eq(ncdu_writer_finish(w), -ENODATA);
	ncdu_writer_free(w);
}
