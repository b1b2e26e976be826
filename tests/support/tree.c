/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const hostile_names[] = {
	"-n",
	"--help",
	"with space",
	" leading",
	"new\nline",
	"tab\there",
	"esc\033[31mred",
	"it's",
	"back\\slash",
	"star*[a-z]?",
	"bad\377utf8",
	"cut\303",
	"over\300\257long",
	"bidi\342\200\256gpj",
	"c1\302\233m",
	"zero\342\200\213width",
	"separator\342\200\250line",
	"\303\251t\303\251",
	"quote\"d",
	"dollar$(touch oops)",
	"$'x'",
	"#hash",
	"~",
	NULL,
};

#define MUST(condition, path) \
	cr_assert((condition), "tree: %s: %s (%s)", (path), strerror(errno), #condition)

static void make_parents(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	cr_assert(len < sizeof(part), "tree: path too long");
	memcpy(part, path, len + 1);
	for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		MUST(mkdir(part, 0755) == 0 || errno == EEXIST, part);
		*slash = '/';
	}
}

void tree_dir(const char *path)
{
	make_parents(path);
	MUST(mkdir(path, 0755) == 0 || errno == EEXIST, path);
}

static int create(const char *path)
{
	make_parents(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	MUST(fd >= 0, path);
	return fd;
}

static void fill(int fd, const char *path, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		MUST(n > 0, path);
		bytes += n;
		len -= (size_t)n;
	}
}

void tree_file(const char *path, const void *bytes, size_t len)
{
	int fd = create(path);

	fill(fd, path, bytes, len);
	MUST(close(fd) == 0, path);
}

void tree_text(const char *path, const char *text)
{
	tree_file(path, text, strlen(text));
}

void tree_size(const char *path, uint64_t size)
{
	char block[4096];
	int fd = create(path);

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)('a' + i % 26);
	while (size > 0) {
		size_t n = size < sizeof(block) ? (size_t)size : sizeof(block);

		fill(fd, path, block, n);
		size -= n;
	}
	MUST(close(fd) == 0, path);
}

void tree_sparse(const char *path, uint64_t size)
{
	int fd = create(path);

	MUST(ftruncate(fd, (off_t)size) == 0, path);
	MUST(close(fd) == 0, path);
}

void tree_symlink(const char *path, const char *target)
{
	make_parents(path);
	MUST(symlink(target, path) == 0, path);
}

void tree_link(const char *path, const char *old)
{
	make_parents(path);
	MUST(linkat(AT_FDCWD, old, AT_FDCWD, path, 0) == 0, path);
}

void tree_fifo(const char *path)
{
	make_parents(path);
	MUST(mkfifo(path, 0644) == 0, path);
}

void tree_script(const char *path, const char *text)
{
	tree_text(path, text);
	tree_mode(path, 0755);
}

void tree_mode(const char *path, mode_t mode)
{
	MUST(chmod(path, mode) == 0, path);
}

void tree_time(const char *path, struct timespec mtime)
{
	struct timespec times[2] = { mtime, mtime };

	MUST(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0, path);
}

/* One line of the little language, cut into its words. */
struct line {
	char kind;
	char path[PATH_MAX];
	const char *rest; /* behind the path and its space, or NULL */
};

static struct line cut(const char *text)
{
	struct line line = { .kind = text[0] };

	cr_assert(text[0] != '\0' && text[1] == ' ', "tree: not KIND PATH: %s", text);
	const char *path = text + 2;
	size_t len = strcspn(path, " ");
	cr_assert(len > 0 && len < sizeof(line.path), "tree: no path: %s", text);
	memcpy(line.path, path, len);
	line.path[len] = '\0';
	if (path[len] == ' ')
		line.rest = path + len + 1;
	return line;
}

static uint64_t number(const char *text, int base, uint64_t otherwise)
{
	char *end;

	if (text == NULL)
		return otherwise;
	uint64_t value = strtoull(text, &end, base);
	cr_assert(end != text && *end == '\0', "tree: not a number: %s", text);
	return value;
}

static const char *arrow(const struct line *line)
{
	cr_assert(line->rest != NULL && strncmp(line->rest, "-> ", 3) == 0,
	          "tree: %s: no -> target", line->path);
	return line->rest + 3;
}

static void build(const char *text)
{
	struct line line = cut(text);

	switch (line.kind) {
	case 'd':
		tree_dir(line.path);
		if (line.rest != NULL)
			tree_mode(line.path, (mode_t)number(line.rest, 8, 0));
		break;
	case 'f':
		tree_size(line.path, number(line.rest, 10, 0));
		break;
	case 't':
		tree_text(line.path, line.rest != NULL ? line.rest : "");
		break;
	case 'x':
		tree_script(line.path, "#!/bin/sh\nexit 0\n");
		break;
	case 's':
		tree_sparse(line.path, number(line.rest, 10, 0));
		break;
	case 'l':
		tree_symlink(line.path, arrow(&line));
		break;
	case 'h':
		tree_link(line.path, arrow(&line));
		break;
	case 'p':
		tree_fifo(line.path);
		break;
	case 'm':
		tree_mode(line.path, (mode_t)number(line.rest, 8, 0));
		break;
	default:
		cr_assert_fail("tree: unknown kind: %s", text);
	}
}

void tree_build(const char *const *lines)
{
	for (size_t i = 0; lines[i] != NULL; i++)
		build(lines[i]);
}
