/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over the files of a directory, for compilers without libFuzzer. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An exact copy on the heap, so that a sanitizer sees one byte too far. */
static int replay(int dir, const char *name)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		perror(name);
		return 1;
	}
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size > 0 ? size : 1);
	if (data == NULL || read(fd, data, size) != st.st_size) {
		perror(name);
		return 1;
	}
	(void)close(fd);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int files = 0;
	int bad = 0;
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;

	if (dir == NULL) {
		(void)fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
		return 2;
	}
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (e->d_name[0] == '.')
			continue;
		files++;
		bad |= replay(dirfd(dir), e->d_name);
	}
	(void)closedir(dir);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	(void)printf("%d files\n", files);
	return files == 0 ? 1 : bad;
}
