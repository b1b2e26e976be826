/* SPDX-License-Identifier: MIT */
/* A B: two files, byte by byte. */
#include "verify.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>

enum { PIECE = 64 << 10 };

/* How many newlines there are in front of a byte, and whether one is just before it. */
static uint64_t count_lines(int fd, uint64_t end, bool *ret_complete)
{
	unsigned char *piece = mem_alloc(PIECE);
	uint64_t lines = 0;
	uint64_t at = 0;

	*ret_complete = true;
	while (at < end) {
		size_t want = end - at < PIECE ? (size_t)(end - at) : PIECE;
		ssize_t n = pread(fd, piece, want, (off_t)at);

		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			lines += piece[i] == '\n';
		*ret_complete = piece[n - 1] == '\n';
		at += (uint64_t)n;
	}
	free(piece);
	return lines;
}

/* What was opened, or the exit status. */
struct side {
	const char *path;
	int fd;
	struct stat st;
};

static int open_side(struct verify_run *run, struct side *s)
{
	const struct verify_place place = { .dirfd = AT_FDCWD, .outside = true };
	int fd = verify_open(&place, s->path);

	if (fd == -ENXIO)
		return diag_fail_text(run->ctx->diag, s->path, "%s", verify_why(ENXIO));
	if (fd < 0)
		return diag_fail(run->ctx->diag, -fd, "open", s->path);
	s->fd = fd;
	if (fstat(fd, &s->st) != 0)
		return diag_fail(run->ctx->diag, errno, "access", s->path);
	return 0;
}

/* In the words of cmp, which does not say the end of a file on standard output. */
static void tell_difference(struct verify_run *run, const struct side *a, const struct side *b,
                            uint64_t offset)
{
	const uint64_t a_size = (uint64_t)a->st.st_size;
	const uint64_t b_size = (uint64_t)b->st.st_size;
	const struct side *shorter = a_size < b_size ? a : b;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct out *out = run->ctx->out;
	bool is_complete;
	uint64_t lines;

	if (run->opts->out.json || run->opts->status)
		return;
	lines = count_lines(a->fd, offset, &is_complete);
	if (a_size != b_size && offset == (uint64_t)shorter->st.st_size) {
		strbuf_add_str(&line, "EOF on ");
		out_add_name(out, &line, shorter->path, strlen(shorter->path));
		if (offset == 0)
			strbuf_add_str(&line, " which is empty");
		else
			strbuf_add_format(&line, " after byte %ju, %s %ju", (uintmax_t)offset,
			                  is_complete ? "line" : "in line",
			                  (uintmax_t)lines + (is_complete ? 0 : 1));
	} else {
		out_add_name(out, &line, a->path, strlen(a->path));
		strbuf_add_char(&line, ' ');
		out_add_name(out, &line, b->path, strlen(b->path));
		strbuf_add_format(&line, " differ: byte %ju, line %ju", (uintmax_t)offset + 1,
		                  (uintmax_t)lines + 1);
	}
	out_line(out, &line);
}

static void compare(struct verify_run *run, const struct side *a, const struct side *b)
{
	const struct read_opts opts = verify_read_opts(run);
	struct verify_item item = { .path = a->path, .other = b->path };
	uint64_t offset = 0;
	int r = 0;

	if (a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino) {
		if (!run->opts->quiet && !run->opts->status)
			diag_warn(run->ctx->diag, b->path, "is the same file as the first");
	} else {
		r = compare_fds(a->fd, b->fd, &opts, &offset);
	}
	if (r == -ECANCELED)
		return;
	if (r < 0) {
		item.status = r == -ESTALE ? VERIFY_CHANGED : VERIFY_UNREADABLE;
		(void)diag_partial_text(run->ctx->diag, a->path, "%s", verify_why(-r));
	} else if (r > 0) {
		item.status = VERIFY_DIFFER;
		item.has_offset = true;
		item.offset = offset;
		tell_difference(run, a, b, offset);
	}
	verify_report(run, &item);
}

int verify_pair(struct verify_run *run, const char *a, const char *b)
{
	struct side first = { .path = a, .fd = -1 };
	struct side second = { .path = b, .fd = -1 };
	int status = open_side(run, &first);

	if (status == 0)
		status = open_side(run, &second);
	if (status == 0) {
		compare(run, &first, &second);
		status = verify_finish(run);
	}
	if (first.fd >= 0)
		(void)close(first.fd);
	if (second.fd >= 0)
		(void)close(second.fd);
	return status;
}
