/* SPDX-License-Identifier: MIT */
/*
 * limit_which NAME...: the least work that answers `which`. Each directory of PATH is opened
 * once, each name costs one faccessat() a directory until it is found and one fstatat() then,
 * and everything is written at once. No messages and no rules for odd names: a lower bound.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRS_MAX = 64, OUT_MAX = 65536 };

static struct {
	const char *name;
	size_t len;
	int fd;
} dirs[DIRS_MAX];

static size_t n_dirs;
static char out[OUT_MAX];
static size_t out_len;

static void open_path(char *path)
{
	char *rest = path;
	char *name;

	while (n_dirs < DIRS_MAX && (name = strsep(&rest, ":")) != NULL) {
		const int fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		dirs[n_dirs].name = name;
		dirs[n_dirs].len = strlen(name);
		dirs[n_dirs].fd = fd;
		n_dirs++;
	}
}

static bool flush(void)
{
	const bool ok = write(STDOUT_FILENO, out, out_len) == (ssize_t)out_len;

	out_len = 0;
	return ok;
}

static bool put(size_t dir, const char *name)
{
	const size_t name_len = strlen(name);
	const size_t need = dirs[dir].len + name_len + 2;

	if (need > OUT_MAX || (out_len + need > OUT_MAX && !flush()))
		return false;
	memcpy(out + out_len, dirs[dir].name, dirs[dir].len);
	out_len += dirs[dir].len;
	out[out_len++] = '/';
	memcpy(out + out_len, name, name_len);
	out_len += name_len;
	out[out_len++] = '\n';
	return true;
}

static bool find(const char *name)
{
	struct stat st;

	for (size_t i = 0; i < n_dirs; i++) {
		if (faccessat(dirs[i].fd, name, X_OK, 0) == 0 &&
		    fstatat(dirs[i].fd, name, &st, 0) == 0 && S_ISREG(st.st_mode))
			return put(i, name);
	}
	return false;
}

int main(int argc, char **argv)
{
	char *path = getenv("PATH");
	int status = 0;

	if (path != NULL)
		open_path(path);
	for (int i = 1; i < argc; i++) {
		if (!find(argv[i]))
			status = 1;
	}
	return flush() ? status : 1;
}
