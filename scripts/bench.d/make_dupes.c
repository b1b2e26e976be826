/* SPDX-License-Identifier: MIT */
/*
 * make_dupes DIR PERCENT: the corpus of duplicates, the same one every time. At 100 percent, 110,000
 * files and 4 GB:
 *
 *     5 pairs of 120 MB, equal; 4 files of 100 MB, one byte different (two in the last, one in
 *     the middle); 2,000 files of 256 KiB, all different; 60 tens that share the first
 *     500 KB and differ behind it; 900 threes of 200 to 500 KB, equal; 20,000 threes of 100 to
 *     8,000 bytes, equal; 40,000 such files that are alone; 5,000 more names of the first ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, DIRS = 100 };

static unsigned char block[BLOCK];
static unsigned files;
static uint64_t state = 88172645463325252U;

/* xorshift64 (Marsaglia, 2003). */
static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void die(const char *what)
{
	fprintf(stderr, "make_dupes: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A file of `size` bytes that `seed` decides; `odd` is where a byte differs (or -1). */
struct content {
	uint64_t seed;
	uint64_t size;
	uint64_t same; /* bytes at the start that do not depend on `own` */
	uint64_t own;
	int64_t odd;
};

static void fill(uint64_t seed, size_t len)
{
	uint64_t saved = state;

	state = seed * 0x9e3779b97f4a7c15U + 1;
	for (size_t i = 0; i < (len + 7) / 8; i++) {
		uint64_t x = next();

		memcpy(block + i * 8, &x, 8);
	}
	state = saved;
}

static void name_file(char *room, size_t size, const char *kind)
{
	unsigned n = files++;

	snprintf(room, size, "%s/d%02u/%s%06u", kind, n % DIRS, kind, n);
}

static void make(const char *kind, const struct content *c)
{
	char name[64];
	int fd;

	name_file(name, sizeof(name), kind);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0)
		die(name);
	for (uint64_t at = 0; at < c->size;) {
		uint64_t own = at >= c->same ? c->own : 0;
		uint64_t end = at < c->same && c->same < c->size ? c->same : c->size;
		size_t len = end - at < BLOCK ? (size_t)(end - at) : BLOCK;

		fill(c->seed + own * 1000003 + at, len);
		if (c->odd >= 0 && (uint64_t)c->odd >= at && (uint64_t)c->odd < at + len)
			block[(uint64_t)c->odd - at] ^= 1;
		if (write(fd, block, len) != (ssize_t)len)
			die(name);
		at += len;
	}
	close(fd);
}

static void make_dirs(const char *kind)
{
	char name[64];

	if (mkdir(kind, 0755) != 0)
		die(kind);
	for (unsigned i = 0; i < DIRS; i++) {
		snprintf(name, sizeof(name), "%s/d%02u", kind, i);
		if (mkdir(name, 0755) != 0)
			die(name);
	}
}

static void copies(const char *kind, struct content c, unsigned n)
{
	c.odd = -1;
	while (n-- > 0)
		make(kind, &c);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "big", "odd", "same", "tail", "middle", "small", "link" };
	unsigned percent;

	if (argc != 3 || (percent = (unsigned)atoi(argv[2])) == 0)
		return 2;
	if (mkdir(argv[1], 0755) != 0 || chdir(argv[1]) != 0)
		die(argv[1]);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		make_dirs(kinds[i]);
	for (unsigned i = 0; i < 5; i++)
		copies("big", (struct content){ .seed = 1 + i, .size = 1200000ULL * percent }, 2);
	for (unsigned i = 0; i < 4; i++) {
		uint64_t size = 1000000ULL * percent;
		int64_t odd[] = { -1, (int64_t)size - 1, (int64_t)size - 2, (int64_t)size / 2 };

		make("odd", &(struct content){ .seed = 50, .size = size, .odd = odd[i] });
	}
	for (unsigned i = 0; i < 20 * percent; i++)
		copies("same", (struct content){ .seed = 1000 + i, .size = 256 << 10 }, 1);
	for (unsigned i = 0; i < 60 * percent / 100; i++)
		for (unsigned k = 0; k < 10; k++)
			copies("tail",
			       (struct content){ .seed = 5000 + i, .size = 600000, .same = 500000,
			                         .own = k + 1 },
			       1);
	for (unsigned i = 0; i < 9 * percent; i++)
		copies("middle",
		       (struct content){ .seed = 10000 + i, .size = 200000 + next() % 300000 }, 3);
	for (unsigned i = 0; i < 200 * percent; i++)
		copies("small", (struct content){ .seed = 100000 + i, .size = 100 + next() % 7900 },
		       3);
	for (unsigned i = 0; i < 400 * percent; i++)
		copies("small", (struct content){ .seed = 900000 + i, .size = 100 + next() % 7900 },
		       1);
	for (unsigned i = 0; i < 50 * percent; i++) {
		char old[64];
		char new[64];
		unsigned first = 14 + 20 * percent + 60 * percent / 100 * 10 + 27 * percent + i;

		snprintf(old, sizeof(old), "small/d%02u/small%06u", first % DIRS, first);
		name_file(new, sizeof(new), "link");
		if (link(old, new) != 0)
			die(new);
	}
	return 0;
}
