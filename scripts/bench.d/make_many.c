/* SPDX-License-Identifier: MIT */
/*
 * make_many DIR FILES: small files of one and the same size, a thousand in each directory; the same
 * every time. Every tenth is equal to the one before it, all others are different.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IN_A_DIRECTORY = 1000, EQUAL_EVERY = 10 };

static void die(const char *what)
{
	fprintf(stderr, "make_many: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_file(const char *top, unsigned long i)
{
	char path[4096];
	char text[32];
	unsigned long content = i % EQUAL_EVERY == 1 ? i - 1 : i;
	int len = snprintf(text, sizeof(text), "content %010lu\n", content);
	int fd;

	snprintf(path, sizeof(path), "%s/%lu", top, i / IN_A_DIRECTORY);
	if (i % IN_A_DIRECTORY == 0 && mkdir(path, 0755) != 0)
		die(path);
	snprintf(path, sizeof(path), "%s/%lu/file%lu", top, i / IN_A_DIRECTORY, i);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0 || write(fd, text, (size_t)len) != len || close(fd) != 0)
		die(path);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: make_many DIR FILES\n");
		return 2;
	}
	if (mkdir(argv[1], 0755) != 0)
		die(argv[1]);
	for (unsigned long i = 0; i < strtoul(argv[2], NULL, 10); i++)
		make_file(argv[1], i);
	return 0;
}
