/* SPDX-License-Identifier: MIT */
/*
 * make_tree tree DIR DIRECTORIES FILES_EACH SEED
 * make_tree flat DIR FILES SEED
 *
 * The corpora of scripts/bench; the same arguments give the same tree everywhere. DIR must not
 * exist. `tree` is a random recursive tree at most 14 deep whose files are empty (30 %) or hold
 * 16 to 600 bytes; `flat` is one directory of empty files. Random numbers: splitmix64
 * (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 14, NEWEST = 200, EMPTY_PERCENT = 30, SIZE_SMALLEST = 16, SIZE_LARGEST = 600 };

struct dir {
	char *path;
	unsigned depth;
};

static const char *const stems[] = { "index", "parser", "Report", "photo", "backup", "notes" };
static const char *const suffixes[] = {
	".c", ".h", ".txt", ".md", ".json", ".py", ".so", ".log", ""
};

static uint64_t state;
static unsigned char content[SIZE_LARGEST];

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...)
{
	const int err = errno;
	va_list args;

	(void)fputs("make_tree: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

static uint64_t next_random(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t below(size_t bound)
{
	return (size_t)(next_random() % bound);
}

static size_t number(const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value > 100000000) {
		errno = EINVAL;
		die("'%s'", text);
	}
	return value;
}

static void make_file(int dir_fd, const char *name, size_t size)
{
	const int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		die("cannot create '%s'", name);
	if (size > 0 && write(fd, content, size) != (ssize_t)size)
		die("cannot write '%s'", name);
	if (close(fd) < 0)
		die("cannot close '%s'", name);
}

static int open_dir(const char *path)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		die("cannot open '%s'", path);
	return fd;
}

static void make_files(const char *dir, size_t first, size_t count)
{
	const int fd = open_dir(dir);
	char name[64];

	for (size_t i = first; i < first + count; i++) {
		const char *stem = stems[below(COUNT(stems))];
		const char *suffix = suffixes[below(COUNT(suffixes))];
		size_t size = 0;

		if (below(100) >= EMPTY_PERCENT)
			size = SIZE_SMALLEST + below(SIZE_LARGEST - SIZE_SMALLEST + 1);
		(void)snprintf(name, sizeof(name), "%s_%06zu%s", stem, i, suffix);
		make_file(fd, name, size);
	}
	(void)close(fd);
}

static void make_dir(struct dir *dir)
{
	if (mkdir(dir->path, 0755) < 0)
		die("cannot create '%s'", dir->path);
}

/* Half of the parents are among the newest directories, which makes deep branches. */
static const struct dir *pick_parent(const struct dir *dirs, size_t made)
{
	const struct dir *parent;

	do {
		const size_t span = made > NEWEST && below(2) == 0 ? NEWEST : made;

		parent = &dirs[made - span + below(span)];
	} while (parent->depth >= DEPTH_MAX);
	return parent;
}

static void make_tree(const char *root, size_t n_dirs, size_t files_each)
{
	struct dir *dirs = calloc(n_dirs, sizeof(*dirs));

	if (dirs == NULL)
		die("%zu directories", n_dirs);
	for (size_t i = 0; i < n_dirs; i++) {
		const struct dir *parent = i > 0 ? pick_parent(dirs, i) : NULL;
		int len;

		if (parent != NULL)
			len = asprintf(&dirs[i].path, "%s/d%05zu", parent->path, i);
		else
			len = asprintf(&dirs[i].path, "%s", root);
		if (len < 0)
			die("a path");
		dirs[i].depth = parent != NULL ? parent->depth + 1 : 0;
		make_dir(&dirs[i]);
	}
	for (size_t i = 0; i < n_dirs; i++) {
		make_files(dirs[i].path, i * files_each, files_each);
		free(dirs[i].path);
	}
	free(dirs);
}

static void make_flat(const char *root, size_t files)
{
	char name[64];
	int fd;

	if (mkdir(root, 0755) < 0)
		die("cannot create '%s'", root);
	fd = open_dir(root);
	for (size_t i = 0; i < files; i++) {
		const unsigned salt = (unsigned)(next_random() & 0xffffffff);
		const char *stem = stems[below(COUNT(stems))];

		(void)snprintf(name, sizeof(name), "%s-%08x-%zu%s", stem, salt, i,
		               suffixes[below(COUNT(suffixes))]);
		make_file(fd, name, 0);
	}
	(void)close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "tree") == 0) {
		state = number(argv[5]);
	} else if (argc == 5 && strcmp(argv[1], "flat") == 0) {
		state = number(argv[4]);
	} else {
		(void)fputs("usage: make_tree tree DIR DIRECTORIES FILES_EACH SEED\n"
		            "       make_tree flat DIR FILES SEED\n",
		            stderr);
		return 2;
	}
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (unsigned char)(next_random() & 0xff);
	if (argc == 6)
		make_tree(argv[2], number(argv[3]), number(argv[4]));
	else
		make_flat(argv[2], number(argv[3]));
	return 0;
}
