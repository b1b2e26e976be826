/* SPDX-License-Identifier: MIT */
#include "expect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char why[16384];

const char *check_why(void)
{
	return why;
}

/* Sets the reason; always false. */
__attribute__((format(printf, 1, 2))) static bool no(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return false;
}

/* Bytes as C would write them, cut at some length; one of four rotating buffers. */
static const char *shown(const char *bytes, size_t len)
{
	static char buffers[4][3000];
	static unsigned next;
	char *out = buffers[next++ % 4];
	size_t at = 0;

	for (size_t i = 0; i < len && at < sizeof(buffers[0]) - 16; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\n')
			at += (size_t)sprintf(out + at, "\\n\n    ");
		else if (c < 0x20 || c >= 0x7f)
			at += (size_t)sprintf(out + at, "\\%03o", c);
		else
			out[at++] = (char)c;
	}
	out[at] = '\0';
	return out;
}

static const char *shown_name(const char *path)
{
	return shown(path, strlen(path));
}

static bool look(const char *path, struct stat *ret)
{
	if (lstat(path, ret) < 0)
		return no("%s: %s", shown_name(path), strerror(errno));
	return true;
}

bool check_type(const char *path, char type)
{
	struct stat st;

	if (!look(path, &st))
		return false;
	mode_t want = type == 'd' ? S_IFDIR : S_IFREG;
	return (st.st_mode & S_IFMT) == want ||
	       no("%s: has mode %o", shown_name(path), (unsigned)st.st_mode);
}

bool check_absent(const char *path)
{
	struct stat st;

	return (lstat(path, &st) < 0 && errno == ENOENT) || no("%s: exists", shown_name(path));
}

bool check_link(const char *path, const char *target)
{
	char have[PATH_MAX];
	ssize_t len = readlink(path, have, sizeof(have));

	if (len < 0)
		return no("%s: %s", shown_name(path), strerror(errno));
	return ((size_t)len == strlen(target) && memcmp(have, target, (size_t)len) == 0) ||
	       no("%s: points to %s", shown_name(path), shown(have, (size_t)len));
}

bool check_size(const char *path, uint64_t size)
{
	struct stat st;

	if (!look(path, &st))
		return false;
	return (uint64_t)st.st_size == size ||
	       no("%s: has %lld bytes", shown_name(path), (long long)st.st_size);
}

bool check_mode(const char *path, mode_t mode)
{
	struct stat st;

	if (!look(path, &st))
		return false;
	return (st.st_mode & 07777) == mode ||
	       no("%s: has mode %04o", shown_name(path), (unsigned)st.st_mode & 07777);
}

bool check_links(const char *path, uint64_t links)
{
	struct stat st;

	if (!look(path, &st))
		return false;
	return (uint64_t)st.st_nlink == links ||
	       no("%s: has %llu links", shown_name(path), (unsigned long long)st.st_nlink);
}

bool check_mtime(const char *path, struct timespec t)
{
	struct stat st;

	if (!look(path, &st))
		return false;
	return (st.st_mtim.tv_sec == t.tv_sec && st.st_mtim.tv_nsec == t.tv_nsec) ||
	       no("%s: was modified at %lld.%09ld", shown_name(path), (long long)st.st_mtim.tv_sec,
	          st.st_mtim.tv_nsec);
}

bool check_same_file(const char *a, const char *b, bool same)
{
	struct stat sa, sb;

	if (!look(a, &sa) || !look(b, &sb))
		return false;
	bool are = sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
	return are == same ||
	       no("%s and %s: %s", shown_name(a), shown_name(b), are ? "one file" : "two files");
}

/* The whole file, up to what tests make; NULL with the reason set. */
static char *slurp(const char *path, size_t *ret_len)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		no("%s: not a readable regular file (%s)", shown_name(path), strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	char *bytes = malloc((size_t)st.st_size + 1);
	size_t len = 0;
	ssize_t n = 1;

	cr_assert(bytes != NULL);
	while (len < (size_t)st.st_size && n > 0) {
		n = read(fd, bytes + len, (size_t)st.st_size - len);
		len += n > 0 ? (size_t)n : 0;
	}
	(void)close(fd);
	*ret_len = len;
	return bytes;
}

bool check_content(const char *path, const void *bytes, size_t len)
{
	size_t have_len = 0;
	char *have = slurp(path, &have_len);

	if (have == NULL)
		return false;
	if (len == SIZE_MAX)
		len = strlen(bytes);
	bool same = have_len == len && memcmp(have, bytes, len) == 0;
	if (!same)
		no("%s: holds %zu bytes:\n    %s", shown_name(path), have_len,
		   shown(have, have_len));
	free(have);
	return same;
}

static bool is_among(const char *name, const char *const *names)
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool check_names(const char *path, const char *const *names)
{
	DIR *dir = opendir(path);
	size_t want = 0, found = 0;
	bool good = true;

	if (dir == NULL)
		return no("%s: %s", shown_name(path), strerror(errno));
	while (names[want] != NULL)
		want++;
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		found++;
		if (!is_among(e->d_name, names))
			good = no("%s: also holds %s", shown_name(path), shown_name(e->d_name));
	}
	(void)closedir(dir);
	return good && (found == want || no("%s: holds %zu names", shown_name(path), found));
}

static bool bad_run(const struct run *r, const char *what)
{
	return no("%s\n  status %d\n  out (%zu bytes):\n    %s\n  err (%zu bytes):\n    %s", what,
	          r->status, r->out_len, shown(r->out, r->out_len), r->err_len,
	          shown(r->err, r->err_len));
}

bool check_status(const struct run *r, int status)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "status %d was expected", status);
	return r->status == status || bad_run(r, what);
}

bool check_stream(const struct run *r, bool err, const char *text)
{
	char what[4096];
	const char *have = err ? r->err : r->out;
	size_t len = err ? r->err_len : r->out_len;

	(void)snprintf(what, sizeof(what), "on standard %s was expected:\n    %s",
	               err ? "error" : "output", shown(text, strlen(text)));
	return (len == strlen(text) && memcmp(have, text, len) == 0) || bad_run(r, what);
}

bool check_bytes(const struct run *r, const void *bytes, size_t len)
{
	char what[4096];

	(void)snprintf(what, sizeof(what), "%zu other bytes were expected:\n    %s", len,
	               shown(bytes, len));
	return (r->out_len == len && memcmp(r->out, bytes, len) == 0) || bad_run(r, what);
}

bool check_has(const struct run *r, char how, const char *text)
{
	bool err = how == 'e' || how == 'E';
	bool want = how == 'e' || how == 'o';
	char what[4096];
	const char *have = err ? r->err : r->out;
	size_t len = err ? r->err_len : r->out_len;

	(void)snprintf(what, sizeof(what), "standard %s should %shave:\n    %s",
	               err ? "error" : "output", want ? "" : "not ", shown(text, strlen(text)));
	return (memmem(have, len, text, strlen(text)) != NULL) == want || bad_run(r, what);
}

/* Length of a UTF-8 sequence that is printable beyond ASCII, or 0; C1 and bidi controls are not. */
static size_t printable(const unsigned char *s, size_t len)
{
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;

	if (n == 0 || n > len || (s[0] == 0xc2 && s[1] < 0xa0))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* U+200B..U+200F, U+2028..U+202E, U+2066..U+2069 */
	if (n == 3 && s[0] == 0xe2 && s[1] == 0x80 &&
	    ((s[2] >= 0x8b && s[2] <= 0x8f) || (s[2] >= 0xa8 && s[2] <= 0xae)))
		return 0;
	if (n == 3 && s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
		return 0;
	return n;
}

bool check_harmless(const struct run *r, bool err)
{
	const unsigned char *s = (const unsigned char *)(err ? r->err : r->out);
	size_t len = err ? r->err_len : r->out_len;

	for (size_t i = 0; i < len;) {
		size_t n = s[i] == '\n' || s[i] == '\t' || (s[i] >= 0x20 && s[i] < 0x7f);

		if (s[i] >= 0x80)
			n = printable(s + i, len - i);
		if (n == 0)
			return bad_run(r, err ? "standard error can act on a terminal"
			                      : "standard output can act on a terminal");
		i += n;
	}
	return true;
}

struct json_lines json_lines_of(const struct run *run, const char *file, int line)
{
	struct json_lines lines = { 0 };
	const char *error = NULL;
	size_t at = 0;

	if (!json_parse_lines(run->out, run->out_len, &lines, &error, &at))
		cr_assert_fail("%s:%d: not NDJSON at byte %zu: %s\n    %s", file, line, at, error,
		               shown(run->out, run->out_len));
	return lines;
}
