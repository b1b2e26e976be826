/* SPDX-License-Identifier: MIT */
/* path read: the bytes of files, as they are or in a form that is text. */
#include "path.h"

#include "base/fdio.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/utf8.h"
#include "fs/long_path.h"

#include <errno.h>
#include <fcntl.h>

enum {
	CHUNK = 3 << 16,       /* bytes read at once: whole groups of base64 */
	CONTENT_MAX = 64 << 20 /* bytes of a file that become one record */
};

/* One file on its way out. */
struct reader {
	struct path_run *run;
	const char *operand;
	uint64_t offset; /* of what comes next */
	char tail[4];    /* the beginning of a character whose end is in the next chunk */
	size_t tail_len;
	bool failed;
};

/* A descriptor of our own, or -errno. */
static int open_operand(const char *operand)
{
	AUTO_CLOSE int dirfd = -1;
	const char *name;
	int r;

	if (strcmp(operand, "-") == 0) {
		r = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		return r < 0 ? -errno : r;
	}
	r = long_path_open(operand, &dirfd, &name);
	if (r < 0)
		return r;
	r = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return r < 0 ? -errno : r;
}

/* How many bytes at the end may be the beginning of a character. */
static size_t unfinished(const char *text, size_t len)
{
	for (size_t n = 1; n < 4 && n <= len; n++) {
		const unsigned char c = (unsigned char)text[len - n];

		if (c >= 0xc0)
			return n < (c >= 0xf0 ? 4U : c >= 0xe0 ? 3U : 2U) ? n : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

/* Valid bytes at the start. */
static size_t valid_len(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t n;

		if (utf8_decode(text + at, len - at, &n) < 0)
			break;
		at += n;
	}
	return at;
}

static void write_text(struct reader *r, const char *bytes, size_t len, bool last)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	size_t keep, good;

	strbuf_add(&text, r->tail, r->tail_len);
	strbuf_add(&text, bytes, len);
	keep = last ? 0 : unfinished(strbuf_str(&text), text.len);
	good = text.len - keep;
	if (!utf8_is_valid(strbuf_str(&text), good)) {
		uint64_t at;

		good = valid_len(text.data, good);
		at = r->offset + good;
		(void)diag_fail_text(r->run->ctx->diag, r->operand,
		                     "not UTF-8 at byte %llu: 0x%02x", (unsigned long long)at,
		                     (unsigned)(unsigned char)text.data[good]);
		r->failed = true;
		keep = 0;
	}
	out_text(r->run->ctx->out, strbuf_str(&text), good);
	r->offset += good;
	r->tail_len = keep;
	if (keep > 0)
		memcpy(r->tail, text.data + good, keep);
}

static void write_chunk(struct reader *r, const char *bytes, size_t len, bool last)
{
	struct strbuf *line = &r->run->line;

	switch ((enum path_encode)r->run->opts->encode) {
	case ENCODE_NONE:
		out_text(r->run->ctx->out, bytes, len);
		return;
	case ENCODE_TEXT:
		write_text(r, bytes, len, last);
		return;
	case ENCODE_BASE64:
		json_add_base64(line, bytes, len);
		break;
	case ENCODE_HEX:
		hex_add(line, (const unsigned char *)bytes, len);
		break;
	}
	out_text(r->run->ctx->out, strbuf_str(line), line->len);
	strbuf_clear(line);
}

/* Bytes as they are go out as they come in; other forms need whole groups of them. */
static ssize_t read_some(const struct reader *r, int fd, char *chunk)
{
	ssize_t n;

	if (r->run->opts->encode != ENCODE_NONE)
		return fdio_read_full(fd, chunk, CHUNK);
	do {
		n = read(fd, chunk, CHUNK);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void copy_out(struct reader *r, int fd)
{
	AUTO_FREE_STR char *chunk = mem_alloc(CHUNK);
	struct out *out = r->run->ctx->out;
	ssize_t n;

	do {
		n = read_some(r, fd, chunk);
		if (n < 0) {
			(void)diag_fail(r->run->ctx->diag, (int)-n, "read", r->operand);
			return;
		}
		write_chunk(r, chunk, (size_t)n, n < CHUNK);
		out_flush(out);
	} while (n > 0 && !r->failed && !out_failed(out));
	/* Contents of several files are told apart by NULs; an encoded one is a line. */
	if (!r->failed && (r->run->opts->out.zero || r->run->opts->encode == ENCODE_BASE64 ||
	                   r->run->opts->encode == ENCODE_HEX))
		out_line(out, &r->run->line);
}

static void emit(struct path_run *run, const char *operand, int fd)
{
	AUTO_RELEASE_STRBUF struct strbuf content = { 0 };
	int r = fdio_read_all(fd, CONTENT_MAX, &content);

	if (r == -EFBIG)
		(void)diag_fail_text(run->ctx->diag, operand,
		                     "more than %d bytes, too much for one record", CONTENT_MAX);
	else if (r < 0)
		(void)diag_fail(run->ctx->diag, -r, "read", operand);
	else
		path_print_content(run, operand, &content);
}

void path_read_act(struct path_run *run, const char *operand)
{
	struct reader r = { .run = run, .operand = operand };
	AUTO_CLOSE int fd = open_operand(operand);

	if (fd < 0) {
		(void)diag_fail(run->ctx->diag, -fd, "open", operand);
		return;
	}
	if (run->opts->out.json)
		emit(run, operand, fd);
	else
		copy_out(&r, fd);
}
