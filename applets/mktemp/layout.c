/* SPDX-License-Identifier: MIT */
/*
 * A directory filled by --layout: words divided by blanks, where "a/b/" is a directory, "a/b" an
 * empty file, and "a/b=FILE" one with the text of FILE, {KEY} in it replaced.
 */
#include "mktemp.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>

enum { TEMPLATE_MAX = 1 << 20, FILE_BITS = 0600, DIR_BITS = 0700 };

static const char workspace[] = "input/ output/ temp/";
static const char blanks[] = " \t\n";

/* One word of a layout, in pieces. */
struct entry {
	const char *path; /* not ended by NUL */
	size_t len;       /* without the slash at the end */
	bool is_dir;
	const char *from; /* the text's file; NULL: none */
	size_t from_len;
};

/* False: there are no more. */
static bool next_entry(const char **at, struct entry *ret)
{
	const char *word = *at + strspn(*at, blanks);
	size_t len = strcspn(word, blanks);
	const char *equals = memchr(word, '=', len);

	*at = word + len;
	if (len == 0)
		return false;
	*ret = (struct entry){ .path = word, .len = len };
	if (equals != NULL) {
		ret->len = (size_t)(equals - word);
		ret->from = equals + 1;
		ret->from_len = len - ret->len - 1;
	}
	while (ret->len > 0 && ret->path[ret->len - 1] == '/') {
		ret->is_dir = true;
		ret->len--;
	}
	return true;
}

/* A relative path that stays below. */
static bool is_inside(const struct entry *e)
{
	if (e->len == 0 || e->path[0] == '/')
		return false;
	for (size_t at = 0; at < e->len;) {
		const char *slash = memchr(e->path + at, '/', e->len - at);
		size_t len = slash != NULL ? (size_t)(slash - e->path) - at : e->len - at;

		if (len == 0 || (len <= 2 && strncmp(e->path + at, "..", len) == 0))
			return false;
		at += len + 1;
	}
	return true;
}

static bool is_key(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && (strchr(random_letters, text[i]) != NULL || strchr("_.-", text[i])))
		i++;
	return len > 0 && i == len;
}

int check_layout(const struct mktemp_run *m)
{
	const struct mktemp_opts *opts = m->opts;
	const char *at = opts->layout;
	struct entry e;

	while (at != NULL && next_entry(&at, &e)) {
		if (!is_inside(&e))
			return diag_usage(m->ctx->diag,
			                  "--layout: '%.*s' is no path below the new directory",
			                  (int)e.len, e.path);
		if (e.from != NULL && (e.is_dir || e.from_len == 0))
			return diag_usage(m->ctx->diag,
			                  "--layout: '%.*s=' needs a file on each side", (int)e.len,
			                  e.path);
	}
	for (size_t i = 0; i < opts->set.len; i++) {
		const char *text = opts->set.items[i];
		size_t len = strcspn(text, "=");

		if (text[len] != '=' || !is_key(text, len))
			return diag_usage(m->ctx->diag, "--set needs KEY=VALUE");
		if (strpbrk(text, "\n\r") != NULL)
			return diag_usage(m->ctx->diag, "--set %.*s: the value has two lines",
			                  (int)len, text);
	}
	return 0;
}

/* The value that --set gave last; NULL: none. */
static const char *find_value(const struct mktemp_run *m, const char *key, size_t len)
{
	const struct strv *set = &m->opts->set;

	for (size_t i = set->len; i > 0; i--) {
		const char *text = set->items[i - 1];

		if (strncmp(text, key, len) == 0 && text[len] == '=')
			return text + len + 1;
	}
	if (len == 3 && strncmp(key, "dir", len) == 0)
		return strbuf_str(&m->made.path);
	return NULL;
}

/* Braces around what is no key stand for themselves. */
static void add_filled(const struct mktemp_run *m, struct strbuf *out, const struct strbuf *text)
{
	const char *at = strbuf_str(text);
	const char *end = at + text->len;

	while (at < end) {
		const char *close = *at == '{' ? memchr(at, '}', (size_t)(end - at)) : NULL;
		const char *value =
			close != NULL ? find_value(m, at + 1, (size_t)(close - at) - 1) : NULL;

		if (value != NULL) {
			strbuf_add_str(out, value);
			at = close + 1;
		} else {
			strbuf_add_char(out, *at++);
		}
	}
}

/* The directory that `len` bytes of the path lead to, made where it is missing; or -errno. */
static int open_dirs(int dirfd, const char *path, size_t len)
{
	int fd = openat(dirfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t at = 0; fd >= 0 && at < len;) {
		const char *slash = memchr(path + at, '/', len - at);
		size_t name_len = slash != NULL ? (size_t)(slash - path) - at : len - at;
		AUTO_FREE_STR char *name = mem_strndup(path + at, name_len);
		int next = -1;

		if (mkdirat(fd, name, DIR_BITS) == 0 || errno == EEXIST)
			next = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0) {
			int err = errno;

			(void)close(fd);
			return -err;
		}
		(void)close(fd);
		fd = next;
		at += name_len + 1;
	}
	return fd < 0 ? -errno : fd;
}

static int write_file(int dirfd, const char *path, size_t len, const struct strbuf *text)
{
	const char *slash = memrchr(path, '/', len);
	size_t parent_len = slash != NULL ? (size_t)(slash - path) : 0;
	size_t start = slash != NULL ? parent_len + 1 : 0;
	AUTO_FREE_STR char *name = mem_strndup(path + start, len - start);
	AUTO_CLOSE int parent = open_dirs(dirfd, path, parent_len);
	int fd, r;

	if (parent < 0)
		return parent;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_BITS);
	if (fd < 0)
		return -errno;
	r = fdio_write_all(fd, strbuf_str(text), text->len);
	if (close(fd) != 0 && r == 0)
		r = -errno;
	return r;
}

static int fail(const struct mktemp_run *m, const char *path, size_t len, int err)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	strbuf_add(&text, path, len);
	return diag_fail(m->ctx->diag, -err, "make", strbuf_str(&text));
}

static int fill_entry(const struct mktemp_run *m, const struct entry *e)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf filled = { 0 };
	int r;

	if (e->is_dir) {
		AUTO_CLOSE int fd = open_dirs(m->made.fd, e->path, e->len);

		return fd < 0 ? fail(m, e->path, e->len, fd) : 0;
	}
	if (e->from != NULL) {
		AUTO_FREE_STR char *from = mem_strndup(e->from, e->from_len);

		r = fdio_read_file(AT_FDCWD, from, TEMPLATE_MAX, &text);
		if (r < 0)
			return diag_fail(m->ctx->diag, -r, "read", from);
		add_filled(m, &filled, &text);
	}
	r = write_file(m->made.fd, e->path, e->len, &filled);
	return r < 0 ? fail(m, e->path, e->len, r) : 0;
}

/* The settings of a workspace: three that are always there, and what --set adds. */
static int write_settings(const struct mktemp_run *m)
{
	static const char name[] = "config.ini";
	static const char *const places[][2] = { { "temp_dir", "/temp" },
		                                 { "output_dir", "/output" } };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const struct strv *set = &m->opts->set;
	int r;

	if (strpbrk(strbuf_str(&m->made.path), "\n\r") != NULL)
		return fail(m, name, sizeof(name) - 1, -EINVAL);
	strbuf_add_str(&text, "[settings]\n");
	if (find_value(m, "debug", strlen("debug")) == NULL)
		strbuf_add_str(&text, "debug = false\n");
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (find_value(m, places[i][0], strlen(places[i][0])) == NULL)
			strbuf_add_format(&text, "%s = %s%s\n", places[i][0],
			                  strbuf_str(&m->made.path), places[i][1]);
	}
	for (size_t i = 0; i < set->len; i++) {
		size_t len = strcspn(set->items[i], "=");
		const char *value = set->items[i] + len + 1;

		/* Of several with one key, the last. */
		if (find_value(m, set->items[i], len) == value)
			strbuf_add_format(&text, "%.*s = %s\n", (int)len, set->items[i], value);
	}
	r = write_file(m->made.fd, name, sizeof(name) - 1, &text);
	return r < 0 ? fail(m, name, sizeof(name) - 1, r) : 0;
}

static int fill_words(const struct mktemp_run *m, const char *words)
{
	struct entry e;
	int status = 0;

	while (status == 0 && next_entry(&words, &e))
		status = fill_entry(m, &e);
	return status;
}

int fill_layout(const struct mktemp_run *m)
{
	int status = 0;

	if (m->opts->workspace)
		status = fill_words(m, workspace);
	if (m->opts->workspace && status == 0)
		status = write_settings(m);
	if (m->opts->layout != NULL && status == 0)
		status = fill_words(m, m->opts->layout);
	return status;
}
